"""Who asks: `--for` is read or refused, shown in every output, and decides the rules that need it."""

import json
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.reader import reader_of, written
from checker.assess.assessment import Assessment
from checker.engine.cut import reader_state
from checker.model.errors import ProfileError, UsageError
from checker.model.finding import Outcome
from checker.model.interval import Interval, point
from checker.model.state import CERTAIN
from checker.outputs import words
from checker.outputs.json import assessment_dict

DAY = date(2026, 1, 31)
BANK = {
    "ddcheck": 1,
    "platform": {"name": "A Bank", "kind": "bank", "country": "US"},
    "defaults": {"from": "2026-01-01", "known_on": "2026-01-01", "evidence": "register", "source": "r"},
    "governance": {
        "licence_scope": "deposit",
        "register_verified": True,
        "protection_scheme": "A scheme",
        "scheme_covers_product": True,
        "scheme_limit": 100000,
    },
    "sources": {"r": {"title": "Register"}},
}


def judged(folder: Path, reader: str = "", profile: dict[str, object] = BANK) -> Assessment:
    path = folder / "bank.json"
    path.write_text(json.dumps(profile))
    return audit_one(path, Settings(DAY, DAY, DAY, reader=reader_of(reader) if reader else {}))


@pytest.mark.parametrize(
    ("text", "reader"),
    [
        ("country=DE,amount=20000", {"country": "DE", "amount": 20000.0}),
        (" amount = 1.5m , country = de ", {"country": "DE", "amount": 1_500_000.0}),
        ("country=GB", {"country": "GB"}),
        ("amount=0", {"amount": 0.0}),
    ],
)
def test_what_the_reader_says_is_read_and_written_again(text: str, reader: dict[str, object]) -> None:
    assert reader_of(text) == reader
    assert reader_of(written(reader_of(text))) == reader


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "--for takes country=DE,amount=20000"),
        ("DE", "--for takes"),
        ("country=", "--for takes"),
        ("contry=DE", "Did you mean 'country'?"),
        ("country=DE,country=FR", "names 'country' twice"),
        ("country=Germany", "two letters such as DE"),
        ("country=UK", "the ISO 3166 code is GB"),
        ("amount=-1", "outside the range"),
        ("amount=nan", "expected a number in US dollars"),
        ("amount=20,000", "--for takes"),
    ],
)
def test_what_says_nothing_is_refused(text: str, expected: str) -> None:
    with pytest.raises(UsageError, match=expected.replace("?", r"\?")):
        reader_of(text)


def test_unsaid_may_be_anything_and_is_no_lack_of_evidence() -> None:
    assert reader_state("reader.country", {}).value is None
    assert reader_state("reader.amount", {}).value == Interval(0.0, float("inf"))
    assert reader_state("reader.amount", {"amount": 5.0}).value == point(5.0)
    assert {reader_state(id, {}).support for id in ("reader.country", "reader.amount")} == {CERTAIN}


def test_the_country_decides_the_licence(tmp_path: Path) -> None:
    assert judged(tmp_path, "country=US").finding("G-01").possible == (Outcome.PASS,)
    unsaid = judged(tmp_path).finding("G-01")
    assert unsaid.possible == (Outcome.PASS, Outcome.WARN, Outcome.FAIL)
    assert "reader.country" in unsaid.open
    assert Outcome.FAIL in judged(tmp_path, "country=DE").finding("G-01").possible


def test_the_amount_decides_the_cover(tmp_path: Path) -> None:
    assert judged(tmp_path, "amount=100k").finding("G-03").possible == (Outcome.PASS,)
    assert judged(tmp_path, "amount=100001").finding("G-03").possible == (Outcome.WARN,)
    assert judged(tmp_path).finding("G-03").possible == (Outcome.PASS, Outcome.WARN)


def test_the_reader_is_shown_and_is_no_fact_of_the_platform(tmp_path: Path) -> None:
    said, unsaid = judged(tmp_path, "country=US,amount=20000"), judged(tmp_path)
    assert words.cut_text(said).endswith("for a deposit of $20,000 from US")
    assert words.cut_text(unsaid) == "as known by 2026-01-31"
    page = assessment_dict(said, shipped_rulebook())
    assert page["options"]["reader"] == {"country": "US", "amount": 20000.0}
    assert said.verdict.coverage.asked == unsaid.verdict.coverage.asked
    assert not [question for question in unsaid.questions if question.fact.startswith("reader.")]
    assert not [fact for fact in unsaid.facts if fact.id.startswith("reader.")]


def test_an_open_finding_says_how_to_tell(tmp_path: Path) -> None:
    unsaid = judged(tmp_path)
    templates = {rule.id: rule.message for rule in shipped_rulebook().rules.values()}
    text = words.message(unsaid.finding("G-03"), templates[unsaid.finding("G-03").rule])
    assert "your amount (give it when you ask for the report)" in text


def test_saying_more_only_narrows(tmp_path: Path) -> None:
    unsaid = judged(tmp_path)
    for reader in ("country=US", "country=DE", "amount=5k", "country=US,amount=1m"):
        said = judged(tmp_path, reader)
        assert all(set(f.possible) <= set(unsaid.finding(f.rule).possible) for f in said.findings)


def test_a_profile_cannot_speak_for_the_reader(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="reader"):
        judged(tmp_path, profile=BANK | {"reader": {"country": "US"}})
