"""The strict reading of a profile drops what rests on inferred days."""

import json
from datetime import date
from pathlib import Path

import pytest

from checker.app.audit import shipped_rulebook
from checker.model.profile import Profile, load_profile
from checker.model.strict import knowledge_days, strict

SOURCES = {
    "early": {"title": "Early", "date": "2020-01-01"},
    "late": {"title": "Late", "date": "2023-01-01"},
    "undated": {"title": "Undated"},
    "month": {"title": "Month", "date": "2021-01"},
    "year": {"title": "Year", "date": "2022"},
}


@pytest.fixture
def profile(tmp_path: Path) -> Profile:
    def entry(value: float, source: str, **more: object) -> dict[str, object]:
        return {"value": value, "known_on": "2021-01-01", "source": source, "evidence": "advertised", **more}

    path = tmp_path / "p.json"
    apy = [
        entry(0.1, "early"),
        entry(0.2, "late"),
        entry(0.3, "early", inferred=["known_on"]),
        entry(0.4, "undated"),
        entry(0.5, "early", inferred=["from"], **{"from": "2020-12-01"}),
        entry(0.6, "month"),
        entry(0.7, "year"),
    ]
    row = {"asset": "BTC", "product": "x", "rate": 0.05, "source": "late", "known_on": "2021-05-05"}
    written = {
        "ddcheck": 1,
        "platform": {"name": "P", "kind": "cefi_lender"},
        "terms": {"offered_apy": apy, "products": [row], "notice_days": 3},
        "examined": {"terms": [{"on": "2021-02-02", "known_on": "2021-02-02", "sources": ["early", "late"]}]},
        "sources": SOURCES,
    }
    path.write_text(json.dumps(written))
    return load_profile(path, shipped_rulebook().dictionary, today=date(2026, 1, 1))


def test_dropped_and_moved(profile: Profile) -> None:
    careful, dropped, later = strict(profile)
    known = [(entry.value, entry.known_on) for entry in careful.facts["terms.offered_apy"]]
    assert known == [
        ((0.1, 0.1), date(2021, 1, 1)),
        ((0.2, 0.2), date(2023, 1, 1)),
        ((0.4, 0.4), date(2021, 1, 1)),
        ((0.5, 0.5), date(2021, 1, 1)),
        ((0.6, 0.6), date(2021, 1, 1)),
        ((0.7, 0.7), date(2022, 1, 1)),
    ]
    assert careful.facts["terms.notice_days"] == ()
    assert careful.tables["terms.products"].rows[0].known_on == date(2023, 1, 1)
    assert careful.examined["terms"][0].known_on == date(2023, 1, 1)
    assert (dropped, later) == (2, 3)
    assert careful.facts["platform.name"] == profile.facts["platform.name"]


def test_strict_twice_is_strict_once(profile: Profile) -> None:
    careful = strict(profile)[0]
    assert strict(careful) == (careful, 0, 0)


def test_days_on_which_something_became_known(profile: Profile) -> None:
    assert knowledge_days(profile) == [date(2021, 1, 1), date(2021, 2, 2), date(2021, 5, 5)]
