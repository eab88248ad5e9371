"""Places in works, works and countries are told in the language being spoken; what a profile writes is kept."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from checker.app.audit import shipped_rulebook
from checker.assess.assessment import RateUse
from checker.cli.main import main
from checker.model.document import read_document
from checker.outputs import places, words
from checker.outputs.language import COUNTRIES, speaking, tr_country
from checker.resources import data_path

CHINESE = ("zh-Hans", "zh-Hant")


@pytest.mark.parametrize("language", CHINESE)
def test_every_place_of_the_rulebook_is_told_in_chinese(language: str) -> None:
    rulebook = shipped_rulebook()
    cited = [(r.source, r.locator) for rule in rulebook.rules.values() for r in rule.references]
    values = [value for parameter in rulebook.parameters.values() for value in parameter.values]
    cited += [(value.citation.source, value.citation.locator or value.note) for value in values]
    cited += [(source.id, source.article) for source in rulebook.sources.values()]
    with speaking(language):
        told = {text: places.place(text, work) for work, text in cited if text}
    assert len(told) > 150
    english = re.compile(r"(?:\b[a-z]{3,} ){2,}|\b(?:Arts?|paras?|ss?)\.")
    assert [text for text in told.values() if english.search(text)] == []


def test_articles_of_chinese_laws_are_counted_in_words() -> None:
    with speaking("zh-Hans"):
        assert places.place("Art. 15", "CN-01") == "第十五条"
        assert places.place("Arts. 2 and 19", "CN-11") == "第二条和第十九条"
        assert [places.place(f"Art. {n}", "CN-01") for n in (2, 10, 20, 99, 100)] == [
            *("第二条", "第十条", "第二十条", "第九十九条", "第100条"),
        ]
        assert places.place("Art. 20", "EU-05") == "第20条"
    with speaking("zh-Hant"):
        assert places.place("Art. 20", "CN-04") == "第二十條"


def test_plain_places_of_a_profile_are_told_and_its_own_words_are_kept() -> None:
    with speaking("zh-Hans"):
        assert places.place("Section 4") == "第4节"
        assert places.place("paras 8-20; p. 3") == "第8段至第20段；第3页"
        assert places.place("Head of the page") == "页面顶部"
        assert places.place("aTokens; Borrow Cap") == "aTokens；Borrow Cap"
        assert places.place("Section of horrors") == "Section of horrors"
    assert places.place("paras 8-20; p. 3") == "paras 8-20; p. 3"


@pytest.mark.parametrize("language", CHINESE)
def test_countries_have_names(language: str) -> None:
    """Every code that a shipped profile uses is among them."""
    used: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, dict):
            used.update(code for code in [value.get("country")] if isinstance(code, str))
            list(map(collect, value.values()))
        elif isinstance(value, list):
            list(map(collect, value))

    for path in sorted(Path(data_path("profiles")).glob("*.json")):
        collect(read_document(path).value)
    assert len(used) > 8
    assert used - set(COUNTRIES) == set()
    with speaking(language):
        assert [code for code in COUNTRIES if tr_country(code) == code] == []
        assert tr_country("XX") == "XX"
        assert places.value("governance.licences.country", "US") in ("美国", "美國")
        assert places.value("terms.offered_asset", "US") == "US"


def test_a_work_is_one_line_with_one_stop() -> None:
    cited = {"id": "CN-01", "title": "Is it safe?", "issuer": "", "date": "", "article": ""}
    assert places.work({**cited, "date": "2016-08", "article": "Art. 15"}) == "Is it safe?, 2016-08, Art. 15."
    assert places.work(cited) == "Is it safe?, year not stated."
    assert places.closed("Is it safe?") == "Is it safe?"
    with speaking("zh-Hans"):
        assert places.closed("触发币圈崩盘？") == "触发币圈崩盘？"
        assert places.work({**cited, "date": "2016-08", "article": "Art. 15"}) == "Is it safe?，2016年8月，第十五条。"


def test_the_document_behind_a_rate_keeps_its_title_and_what_is_no_document_is_told() -> None:
    rate = RateUse("us@2025-10-01", "", 0.04, 0.04, "Effective Rate (DFF)", "", "high", False, "2025-10")
    bitcoin = replace(rate, source="By definition: bitcoin has no protocol yield", url="", date="")
    assert places.series(rate) == "Effective Rate (DFF), 2025-10"
    with speaking("zh-Hans"):
        assert places.series(rate) == "Effective Rate (DFF)，2025年10月"
        assert places.series(bitcoin) == "按定义：比特币没有协议收益"


def test_a_difference_of_rates_is_told_in_points_where_the_translation_says_so() -> None:
    template = "高出{x}个百分点"
    assert words.filled(template, {"x": {"value": [0.07, None], "unit": "rate"}}) == "高出at least 7个百分点"
    assert "%" not in words.filled(template, {"x": {"value": [0.07, 0.09], "unit": "rate"}})
    assert words.filled(template, {"x": {"value": None, "unit": "rate"}}) == "高出unknown"


def test_the_report_names_the_country_of_the_reader(capsys: pytest.CaptureFixture[str]) -> None:
    profile = str(data_path("profiles", "celsius.json"))
    main([profile, "--known-by", "2022-05-31", "--lang", "zh-Hans", "--for", "country=DE"])
    out = capsys.readouterr().out
    assert "德国" in out
    assert "DE" not in out.replace("--for country=DE", "").split("德国")[0]
