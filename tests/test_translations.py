"""Catalogues are complete, keep placeholders, and leave no English sentence in the Chinese terminal."""

import re
from pathlib import Path

import pytest

from checker.app.audit import shipped_rulebook
from checker.app.translations import missing, names, texts
from checker.cli.main import main
from checker.model.document import read_document
from checker.model.errors import PackError
from checker.outputs import words
from checker.outputs.language import LANGUAGES, VALUE, catalogue, from_locale, read_po, speaking, tr, tr_name, tr_value
from checker.resources import data_path

TRANSLATED = [language for language in LANGUAGES if language != "en"]
PLACEHOLDER = re.compile(r"\{[^{}]*\}")
ENGLISH_SENTENCE = re.compile(r"(?:\b[A-Za-z][a-z']+\b[ ,]+){3,}")
NO_NAME = re.compile(  # parts of ids and shorthand of the trade, which stand in no name for a reader
    r"_|\b\d+(?:m|d|q|y|bps)\b"
    r"|\b(?:ltv|oc|apy|apr|tvl|aum|nav|lcr|wal|wavg|adv|usd|btc|eth|bps|pct|otc|opex|eoa|vasp|lpr|cefi|defi|p2p|avg)\b"
)
ALLOWED = re.compile(r"ddcheck|--\w+|[a-z]+\.yaml")
SEVERAL_MEANINGS = {  # in English; Chinese has a word for each
    *("deposit", "lender", "liquidation", "title", "notice", "illiquid", "leverage", "loop", "runway", "register"),
    *("guarantee", "principal", "referral", "finding", "rule", "threshold", "grade", "trait", "pattern", "scenario"),
    *("missed", "equity", "loan book", "forced sale", "run", "portfolio", "insolvency", "withdrawal", "haircut"),
}
CUTS = [
    ("celsius", "2022-05-31"),
    ("celsius", "2023-12-31"),
    ("nexo", "2022-09-30"),
    ("aave", "2025-10-31"),
    ("ally-bank", "2023-07-31"),
]


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_a_reader_meets_is_translated(language: str) -> None:
    assert missing(shipped_rulebook(), language) == {}


@pytest.mark.parametrize("language", TRANSLATED)
def test_catalogues_hold_nothing_that_no_longer_exists(language: str) -> None:
    known = {text for group in texts(shipped_rulebook()).values() for text in group}
    assert set(catalogue(language)) - known == set()


def test_english_names_every_fact_column_figure_threshold_and_value_and_nothing_else() -> None:
    assert missing(shipped_rulebook(), "en") == {}
    assert set(catalogue("en")) == set(names(shipped_rulebook()))


def test_english_names_are_words_for_a_reader() -> None:
    rulebook = shipped_rulebook()
    facts = [fact for section in rulebook.dictionary.sections for fact in rulebook.dictionary.of_section(section)]
    ids = [*(name for fact in facts for name in (fact.id, *fact.columns)), *rulebook.metrics, *rulebook.parameters]
    told = {id: words.item_name(id) for id in ids}
    told |= {
        value: words.amount(value)
        for fact in facts
        for column in (fact, *fact.columns.values())
        for value in column.values
    }
    assert len(told) > 900
    assert {
        id: name for id, name in told.items() if NO_NAME.search(name) or len(name) > 66 or name != name.strip()
    } == {}
    assert {
        id: name for id, name in told.items() if name[:1].isupper() and not name.startswith(("Pillar", "P2P", "DeFi"))
    } == {}


def test_a_name_is_no_translation_of_a_sentence_and_a_value_no_name() -> None:
    assert tr_name("terms.product") == "product"
    assert tr("ltv") == "ltv"
    assert (tr_value("margin"), tr_value("apy")) == (catalogue("en")[VALUE + "margin"], "apy")
    assert tr_name("a.pack.of_somebody_else") == "of somebody else"


def test_where_packs_end_an_id_alike_english_goes_by_the_whole_id() -> None:
    assert words.item_name("d.gap_fail") != words.item_name("t3.gap_fail")


@pytest.mark.parametrize("language", TRANSLATED)
def test_placeholders_are_the_same(language: str) -> None:
    wrong = [
        text
        for text, translation in catalogue(language).items()
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(translation))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_an_english_sentence(language: str) -> None:
    """Titles of works and the names of who issued them may be kept."""
    works = set(texts(shipped_rulebook())["works"])
    wrong = [
        chinese
        for text, chinese in catalogue(language).items()
        if text not in works and ENGLISH_SENTENCE.search(ALLOWED.sub("", PLACEHOLDER.sub("", chinese)))
    ]
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_laws_of_china_are_named_in_chinese(language: str) -> None:
    sources = [source for source in shipped_rulebook().sources.values() if source.id.startswith("CN-")]
    assert len(sources) > 10
    assert [s.id for s in sources if re.search("[a-z]{3}", catalogue(language)[s.title])] == []


def test_everything_a_reader_meets_is_collected() -> None:
    """Grounds, meanings, names, scenarios, outcomes and messages, each in one catalogue."""
    rulebook = shipped_rulebook()
    groups = texts(rulebook)
    collected = [text for group in groups.values() for text in group]
    assert len(collected) == len(set(collected))
    told = {text for rule in rulebook.rules.values() for text in (rule.rationale, rule.case, rule.false_alarms)}
    told |= {metric.meaning for metric in rulebook.metrics.values()}
    told |= {parameter.meaning for parameter in rulebook.parameters.values()}
    told |= {scenario.meaning for scenario in rulebook.scenarios.all.values()}
    told |= {series.meaning for series in rulebook.reference.series.values()}
    told |= {rulebook.dictionary[fact].where for fact in rulebook.dictionary}
    told |= {"Runs on American banks", "there is no such file", "{0} of {1} questions written to {2}"}
    assert {text for text in told if text} - set(collected) == set()


def test_a_value_is_not_taken_for_the_same_word_in_a_sentence() -> None:
    """Withdrawals that are open are no open question."""
    assert "value|open" in texts(shipped_rulebook())["facts-governance"]
    with speaking("zh-Hans"):
        assert tr("open") == "未决"
        assert words.amount("open") == tr_value("open") != tr("open")
        assert words.amount("rolling") == tr("rolling")
    assert words.amount("open") == "open"


@pytest.mark.parametrize("language", TRANSLATED)
def test_days_and_amounts_are_written_as_the_language_writes_them(language: str) -> None:
    with speaking(language):
        assert words.day("2022-05-31") == "2022年5月31日"
        assert [words.day(part) for part in ("2022-05", "2022", "undated")] == ["2022年5月", "2022年", "undated"]
        assert words.amount(["2022-05-01", "2022-05-31"]).startswith("2022年5月1日")
        assert "2022年5月31日" in words.amount("2022-05-31")
        assert words.period("2022-05-31", None) == "2022年5月31日"
    assert words.day("2022-05-31") == "2022-05-31"
    assert words.amount(["2022-05-01", "2022-05-31"]) == "2022-05-01 to 2022-05-31"


def test_the_term_table_is_kept() -> None:
    """The four traits and the words of the verdict are the regulators' own."""
    terms = read_document(data_path("reports", "locales", "zh-Hans", "terms.yaml")).value
    chinese = catalogue("zh-Hans")
    for trait in shipped_rulebook().scheme.traits.values():
        assert chinese[trait.name] == trait.zh
    for english, word in (
        ("Maturity mismatch", "maturity mismatch"),
        ("Pooled operation", "pooled operation"),
        ("Decoupled pricing", "decoupled pricing"),
    ):
        assert terms[word] in chinese[english]
    assert terms["not disclosed"] in chinese["not disclosed"]


def test_texts_use_the_terms_of_the_table() -> None:
    """Nine in ten of the texts that use an English term use the Chinese one; the rest need another word there."""
    chinese = catalogue("zh-Hans")
    terms = read_document(data_path("reports", "locales", "zh-Hans", "terms.yaml")).value
    wrong = {}
    for english, word in terms.items():
        pattern = re.compile(rf"\b{re.escape(english)}\b", re.IGNORECASE)
        using = [text for text in chinese if pattern.search(text)]
        strays = [text for text in using if word.partition("（")[0] not in chinese[text]]
        if english not in SEVERAL_MEANINGS and len(strays) > max(1, len(using) / 10):
            wrong[english] = strays
    assert wrong == {}


@pytest.mark.parametrize(("platform", "day"), CUTS)
def test_no_english_sentence_remains_in_the_chinese_terminal(
    platform: str, day: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert main([str(data_path("profiles", f"{platform}.json")), "--known-by", day, "--lang", "zh-Hans"]) == 0
    out = capsys.readouterr().out
    assert "特征" in out or "等级" in out
    name = read_document(data_path("profiles", f"{platform}.json")).value["platform"]["name"]
    found = ENGLISH_SENTENCE.findall(ALLOWED.sub("", out.replace(name, "")))
    assert found == []


def test_the_locale_chooses_the_language(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    profile = str(data_path("profiles", "celsius.json"))
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    main([profile, "--known-by", "2022-05-31"])
    assert "集合运作" in capsys.readouterr().out
    main([profile, "--known-by", "2022-05-31", "--format", "json"])
    assert '"Pooled operation"' in capsys.readouterr().out
    assert from_locale("zh_CN.UTF-8") == "zh-Hans"
    assert from_locale("en_GB") == "en"


def test_a_text_without_translation_stays_english() -> None:
    with speaking("zh-Hans"):
        assert tr("a text that no catalogue holds") == "a text that no catalogue holds"
        assert tr("pass") == "通过"
    assert tr("pass") == "pass"


def test_malformed_catalogues_are_refused_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "x.po"
    path.write_text('msgid "a"\nmsgstr "b"\n\nmsgid "a"\nmsgstr "c"\n', encoding="utf-8")
    with pytest.raises(PackError, match="translated twice"):
        read_po(path)
    path.write_text('msgid "a"\nmsgstr oops\n', encoding="utf-8")
    with pytest.raises(PackError, match=":2:1"):
        read_po(path)
    path.write_text('msgid "a \\"quoted\\"\\n"\n"line"\nmsgstr "b"\n', encoding="utf-8")
    assert read_po(path) == {'a "quoted"\nline': "b"}
