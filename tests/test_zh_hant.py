"""The 繁體中文 catalogues: Traditional characters, the words of Taiwan and Hong Kong, punctuation, terms.

What every language has to keep (completeness, placeholders, no English sentence) stands in `test_translations.py`.
"""

import re
from collections.abc import Iterator

import pytest

from checker.cli.main import main
from checker.model.document import read_document
from checker.outputs.charts.draw import Drawing
from checker.outputs.language import LANGUAGES, catalogue, from_locale, speaking
from checker.outputs.words import day, number
from checker.resources import data_path

HAN = re.compile(r"[\u3400-\u9fff]")
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
SIMPLIFIED_IN_BIG5 = frozenset(
    "与么优体儿凄吨听坏复宁岭并庄异忏怀怜惊扑扰昵晒机构气泞洁洼灶炖痒离篱粽网肮肴苧茧虮虱蚕触"
    "万个几据担无术礼价种适后余冲征云丑范仆"
)
"""Forms that Simplified text uses and that the Big5 character set happens to hold as rare characters of their own."""
WORDS = """
    信息=資訊 網絡=網路 軟件=軟體 程序庫=程式庫 默認=預設 數據=資料 質量=品質 鏈接=連結 打印=列印
    屏幕=螢幕 字節=位元組 文檔=文件 視頻=影片 字段=欄位 單元格=儲存格 智能合約=智慧合約 算法=演算法
    密鑰=金鑰 用戶=使用者 實時=即時 披露=揭露 監管=監理 牌照=執照 持牌=領有執照 註冊=登記 合同=契約
    欺詐=詐欺 槓杆=槓桿 敞口=暴險 風險暴露=暴險 頭寸=部位 對沖=避險 衍生品=衍生性商品 做市=造市
    託管=保管 存管=專戶保管 抵押品=擔保品 抵押率=貸放比率 設押=設定擔保 閾值=門檻值 情景=情境 概率=機率
    口徑=基準 水平=水準 渠道=管道 營銷=行銷 賬=帳 提取=提領 提現=提領 儲戶=存戶 通脹=通膨 國債=公債
    法幣=法定貨幣 脫錨=脫鉤 類現金=約當現金 資本充足率=資本適足率 風險加權=加權風險性 減值=減損
    審計師=查核會計師 鑑證=確信報告 鑒證=確信報告 持續經營=繼續經營 招股說明書=公開說明書 關聯方=關係人
    關聯公司=關係企業 高管=高階主管 投資者=投資人 創始人=創辦人 批准=核准 兜底=擔保 網貸=網路借貸
    眾籌=群眾募資 計提=提撥 增長=成長 迪拜=杜拜 硅谷=矽谷 得克薩斯=德州 新澤西=紐澤西 公佈=公布
    宣佈=宣布 文件夾=資料夾 字符=字元 文本=文字 磁盤=磁碟 創建=建立 縮進=縮排 註釋=註解
    電子表格=試算表 服務器=伺服器 導入=匯入 二進制=二進位
"""
MAINLAND = dict(pair.split("=") for pair in WORDS.split())
"""Mainland words written in Traditional characters, with what Taiwan says (misspellings of a conversion included)."""
NAMED = re.compile("《[^》]*》")
"""Titles of laws and books; the rules of the mainland keep their own words."""
TOO_FEW = 5


def in_set(text: str, charset: str) -> Iterator[str]:
    """The Han characters of a text that a national character set lacks."""
    for char in HAN.findall(text):
        try:
            char.encode(charset)
        except UnicodeEncodeError:
            yield char


@pytest.mark.parametrize(("language", "charset"), [("zh-Hant", "big5"), ("zh-Hans", "gb2312")])
def test_each_script_keeps_to_its_own_characters(language: str, charset: str) -> None:
    """Big5 lacks the simplified characters, GB 2312 the traditional ones."""
    wrong = {text: found for text in catalogue(language).values() if (found := "".join(in_set(text, charset)))}
    assert wrong == {}


def test_no_simplified_form_that_big5_holds_too() -> None:
    wrong = [(char, text) for text in catalogue("zh-Hant").values() for char in SIMPLIFIED_IN_BIG5.intersection(text)]
    assert wrong == []


def test_the_words_are_those_of_taiwan_and_not_converted_mainland_words() -> None:
    wrong = [
        f"{bad} -> {good}: {text}"
        for text in catalogue("zh-Hant").values()
        for bad, good in MAINLAND.items()
        if bad in NAMED.sub("", text)
    ]
    assert wrong == []


def test_the_list_of_mainland_words_meets_such_words_in_simplified_texts() -> None:
    """The list would be idle if no text offered an occasion: the same ideas stand in the other catalogue."""
    simplified = " ".join(catalogue("zh-Hans").values())
    assert [word for word in ("信息", "披露", "敞口", "杠杆", "阈值", "情景", "头寸") if word not in simplified] == []


@pytest.mark.parametrize("language", ["zh-Hans", "zh-Hant"])
def test_punctuation_is_full_width(language: str) -> None:
    half = re.compile(r"[\u3400-\u9fff][,;?!]|[\u3400-\u9fff]:(?!/)|[\u3400-\u9fff]\.(?!\w)|[,;!][\u3400-\u9fff]")
    assert [text for text in catalogue(language).values() if half.search(text)] == []


def test_quotation_marks_are_corner_brackets() -> None:
    assert [text for text in catalogue("zh-Hant").values() if re.search("[“”‘’]", text)] == []
    wrong = [text for text in catalogue("zh-Hant").values() if text.count("「") != text.count("」")]
    assert wrong == []


def test_the_marks_of_sources_and_percentages_are_kept() -> None:
    """A translation cites the same sources and the same percentages as its English text."""
    code, share = re.compile(r"(?<![A-Za-z])[A-Z][A-Z0-9]{1,4}-\d+"), re.compile(r"\d[\d.,]*(?= ?%)")
    wrong = [
        text
        for text, chinese in catalogue("zh-Hant").items()
        if set(code.findall(text)) != set(code.findall(chinese))
        or set(share.findall(text)) - set(share.findall(chinese))
    ]
    assert wrong == []


def terms() -> dict[str, str]:
    """The table of terms by English term."""
    value = read_document(data_path("reports", "locales", "zh-Hant", "terms.yaml")).value
    assert isinstance(value, dict)
    return {english: str(chinese).removesuffix("（LTV）") for english, chinese in value.items()}


def test_a_label_that_is_a_term_is_translated_by_it() -> None:
    table = terms()
    labels = {text.lower(): chinese for text, chinese in catalogue("zh-Hant").items() if text.lower() in table}
    assert len(labels) > 30
    assert {text: chinese for text, chinese in labels.items() if table[text] not in chinese} == {}


def test_most_texts_that_hold_a_term_hold_its_translation() -> None:
    texts = [(PLACEHOLDER.sub("", text).lower(), chinese) for text, chinese in catalogue("zh-Hant").items()]
    weak, checked = {}, 0
    for english, chinese in terms().items():
        word = re.compile(rf"\b{re.escape(english)}s?\b")
        longer = re.compile(
            "|".join(re.escape(term) for term in terms() if english in term and term != english) or "$^"
        )
        found = [chinese in translation for text, translation in texts if word.search(longer.sub("", text))]
        if len(found) >= TOO_FEW:
            checked += 1
            if sum(found) * 2 <= len(found):
                weak[english] = f"{sum(found)} of {len(found)}"
    assert weak == {}
    assert checked > 60


def test_the_terms_are_traditional_and_not_the_mainland_ones() -> None:
    page = data_path("reports", "locales", "zh-Hant", "terms.yaml").read_text(encoding="utf-8")
    assert list(in_set(" ".join(terms().values()), "big5")) == []
    used = [line.partition("#")[0].partition(":")[2].strip() for line in page.splitlines() if not line.startswith("#")]
    assert [term for term in used if any(bad in term for bad in MAINLAND)] == []


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh_TW.UTF-8", "zh-Hant"),
        ("zh_HK", "zh-Hant"),
        ("zh_MO.UTF-8", "zh-Hant"),
        ("zh-Hant", "zh-Hant"),
        ("zh_Hant_TW.UTF-8", "zh-Hant"),
        ("zh_Hans_HK", "zh-Hans"),
        ("zh_SG", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("tw", "en"),
        ("zht", "en"),
    ],
)
def test_locales_of_the_two_scripts(locale: str, language: str) -> None:
    assert from_locale(locale) == language
    assert language in LANGUAGES


def test_money_and_days_as_taiwan_writes_them() -> None:
    with speaking("zh-Hant"):
        assert [number(value, "money") for value in (6.33e12, 4.2e9, 5e7, -3e4, 99)] == [
            "6.33兆美元",
            "42億美元",
            "5,000萬美元",
            "−3萬美元",
            "99美元",
        ]
        assert day("2022-05-31") == "2022年5月31日"
    with speaking("zh-Hans"):
        assert number(6.33e12, "money") == "6.33万亿美元"


@pytest.mark.parametrize(("platform", "cut"), [("celsius", "2022-05-31"), ("aave", "2025-10-31")])
def test_the_terminal_speaks_traditional_chinese(
    platform: str, cut: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_TW.UTF-8")
    profile = str(data_path("profiles", f"{platform}.json"))
    assert main([profile, "--known-by", cut]) == 0
    by_locale = capsys.readouterr().out
    assert main([profile, "--known-by", cut, "--lang", "zh-Hant"]) == 0
    assert capsys.readouterr().out == by_locale
    assert list(in_set(by_locale, "big5")) == []
    assert all(word in by_locale for word in ("持續募集及高息吸收資金", "集合運用", "期限錯配", "分離定價"))
    assert [bad for bad in MAINLAND if bad in by_locale] == []


@pytest.mark.parametrize(("language", "face"), [("zh-Hans", "Noto Sans CJK SC"), ("zh-Hant", "Noto Sans CJK TC")])
def test_drawings_name_the_faces_of_the_place_as_the_renderer_reads_them(language: str, face: str) -> None:
    """WeasyPrint takes all between two commas for the name, a leading space and inner quotes included."""
    with speaking(language):
        svg = str(Drawing("x").svg("t", "d"))
    found = re.search(r'font-family="([^"]*)"', svg)
    assert found is not None
    names = found[1].split(",")
    assert names[:2] == ["Inter", face]
    assert [name for name in names if name != name.strip(" '\"")] == []
