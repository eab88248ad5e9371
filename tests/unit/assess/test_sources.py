"""Sources at a past cut: what carries a shown fact is named as far as it can be, what came later is not."""

import json
from datetime import date

import pytest

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.model.days import span, tells_later
from checker.outputs import words
from checker.resources import data_path

CUT = date(2022, 5, 31)
SOURCES = {
    "day": {"title": "On a day", "date": "2022-05-31"},
    "month": {"title": "In a month", "date": "2022-05"},
    "year": {"title": "In the year of the cut", "date": "2022"},
    "next": {"title": "In the next month", "date": "2022-06"},
    "undated": {"title": "Questions", "url": "https://example.org/faq"},
    "hindsight": {"title": "How it failed in 2023"},
    "address": {"title": "Terms", "url": "https://example.org/2022/07/01/terms"},
}


def noted(source, known_on="2022-02-08", **more):
    return {"text": f"From {source}", "known_on": known_on, "evidence": "press", "source": source, **more}


@pytest.fixture
def of(tmp_path):
    def build(*notes, cut=CUT, platform="cefi_lender"):
        path = tmp_path / "p.json"
        document = {
            "ddcheck": 1,
            "platform": {"name": "Test", "kind": platform},
            "notes": [*notes, noted("day", "2022-06-01")],  # something later: the cut does not show the whole profile
            "sources": SOURCES,
        }
        path.write_text(json.dumps(document), encoding="utf-8")
        return audit_one(path, Settings(date(2026, 11, 22), cut, cut), shipped_rulebook())

    return build


@pytest.mark.parametrize("source", ["day", "month", "year", "undated"])
def test_a_source_that_may_be_early_is_named(of, source):
    (found,) = of(noted(source)).sources
    assert (found.id, found.title) == (source, SOURCES[source]["title"])
    assert found.date == SOURCES[source].get("date", "")


@pytest.mark.parametrize("source", ["next", "hindsight", "address"])
def test_one_that_is_later_or_tells_a_later_day_is_not(of, source):
    (found,) = of(noted(source)).sources
    assert found.id.startswith("#")
    assert found.title in words.WITHHELD
    assert (found.date, found.url, found.public) == ("", "", "")


def test_an_undated_source_bears_the_first_day_of_what_rests_on_it(of):
    (found,) = of(noted("undated", "2022-03-01"), noted("undated")).sources
    assert found.public == "2022-02-08"
    assert words.published(found) == "undated, what it tells was public on 2022-02-08"
    (dated,) = of(noted("month")).sources
    assert (dated.public, words.published(dated)) == ("", "2022-05")


def test_a_note_says_that_its_publication_was_inferred(of):
    (note,) = of(noted("month", inferred=["known_on"])).notes
    assert note.inferred == ("known_on",)


# ---------------------------------------------------------------------------------------------------- bibliography


@pytest.mark.parametrize("cut", ["2018-06-30", "2022-05-31", "2025-10-01", "2026-11-22"])
def test_no_work_in_the_bibliography_tells_of_a_day_after_the_cut(of, cut):
    """Even where the cut shows the whole profile: the rulebook is written today."""
    day = date.fromisoformat(cut)
    for work in of(cut=day).bibliography:
        if work["title"] in words.WITHHELD:
            assert not work["issuer"] + work["date"] + work["article"] + work["url"] + work["unverified"]
        else:
            assert not work["date"] or span(work["date"])[1] <= day, work
            assert not tells_later(" ".join([work["title"], work["article"], work["url"]]), day), work


def test_a_work_known_by_its_month_counts_from_its_last_day(of):
    titles = {work["id"]: work["title"] for work in of(cut=date(2025, 10, 30)).bibliography}
    assert titles["EM-16"] in words.WITHHELD
    titles = {work["id"]: work["title"] for work in of(cut=date(2025, 10, 31)).bibliography}
    assert titles["EM-16"] not in words.WITHHELD


def test_a_remark_is_told_from_its_day_on(of):
    def article(cut):
        return next(work["article"] for work in of(cut=cut).bibliography if work["id"] == "US-09")

    assert article(date(2025, 9, 29)) == ""
    assert "2025-09-30" in article(date(2025, 9, 30))


def test_texts_of_the_rulebook_name_nothing_later_than_the_work():
    for source in shipped_rulebook().sources.values():
        if source.date:
            written = f"{source.title} {source.article} {source.unverified}"
            assert not tells_later(written, span(source.date)[1]), source.id
        for day, text in source.remarks:
            assert not tells_later(text, span(day)[1]), source.id


# -------------------------------------------------------------------------------------- thresholds, scenarios, rates


def test_a_threshold_set_after_the_cut_bears_no_day(of):
    found = of()
    assert any(not parameter.since for parameter in found.parameters)
    assert all(parameter.since <= CUT.isoformat() for parameter in found.parameters)


def test_no_platform_is_put_first_through_its_own_run_to_come(of):
    early = of(cut=date(2022, 5, 6), platform="defi_market")
    assert dict(early.headline)["t3.run_days"] == "crypto_run"
    assert all(use.later for use in early.scenarios if use.kind == "run")
    assert "measured on a later event" in " ".join(words.headline(early))
    withheld = {work["id"] for work in early.bibliography if work["title"] in words.WITHHELD}
    assert all(not locator for use in early.scenarios for id, locator in use.references if id in withheld)
    late = of(cut=date(2025, 10, 1), platform="defi_market")
    assert dict(late.headline)["t3.run_days"] == "depeg_run"
    assert "later event" not in " ".join(words.headline(late))


def test_a_rate_from_a_later_compilation_says_only_that():
    def rates(cut):
        settings = Settings(date(2026, 11, 22), date.fromisoformat(cut), date.fromisoformat(cut))
        return audit_one(data_path("profiles", "celsius.json"), settings, shipped_rulebook()).rates

    past = rates("2022-05-31")
    assert past
    assert all(rate.later and not rate.date and not rate.url for rate in past if "FRED" in rate.source)
    assert any("FRED" in rate.source for rate in past)
    assert not any(tells_later(f"{rate.source} {rate.date} {rate.url}", CUT) for rate in past)


# ----------------------------------------------------------------------------------------------------- the profiles

LAG = 7  # days in which the press reports what a court, an authority or a company made public


@pytest.mark.parametrize("path", sorted(data_path("profiles").glob("*.json")), ids=lambda path: path.stem)
def test_what_is_public_before_its_source_appeared_says_so(path):
    """`known_on` lies before the source's day only for news of the week, or where `inferred` says so."""
    profile = json.loads(path.read_text(encoding="utf-8"))
    sources = profile["sources"]

    def entries(part):
        if isinstance(part, dict):
            if "known_on" in part and isinstance(part.get("source"), str):
                yield part
            part = list(part.values())
        if isinstance(part, list):
            for member in part:
                yield from entries(member)

    found = list(entries({key: part for key, part in profile.items() if key not in ("sources", "examined")}))
    assert found
    for entry in found:
        day = sources[entry["source"]].get("date")
        if day and "known_on" not in entry.get("inferred", ()):
            assert (span(day)[0] - date.fromisoformat(entry["known_on"])).days <= LAG, entry
