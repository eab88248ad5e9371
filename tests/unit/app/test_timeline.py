"""The verdict over time: exact on a small history, sane on real ones, and nothing known later leaks into a day."""

import json
import re
from copy import deepcopy
from dataclasses import replace
from datetime import date
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from checker.app.audit import shipped_rulebook
from checker.app.timeline import timeline_of
from checker.assess.assess import assess
from checker.assess.assessment import Options
from checker.assess.timeline import timeline
from checker.model.document import Document
from checker.model.errors import UsageError
from checker.model.finding import Grade
from checker.model.profile import load_profile, parse_profile
from checker.outputs.timeline import render_json, render_svg, render_text
from checker.resources import data_path

TODAY = date(2026, 11, 22)
ANY = Options("", "", reader={})


def said(value, day, **more):
    return {"value": value, "from": day, "known_on": day, "evidence": "audit", "source": "s", **more}


HISTORY = {
    "ddcheck": 1,
    "platform": {"name": "A small fund", "kind": "fund"},
    "structure": {"pooled": said(True, "2022-01-10"), "passes_result_through": said(True, "2022-01-10")},
    "disclosure": {"audited_accounts": [said(False, "2022-02-01"), said(True, "2022-04-01")]},
    "marketing": {"licence_claim": said(False, "2022-03-01")},
    "governance": {"withdrawals_status": said("suspended", "2022-05-01"), "insolvency": said(True, "2022-05-01")},
    "sources": {"s": {"title": "A source"}},
}


def read(raw):
    return parse_profile(Document(raw, "small", "", lambda spots: {}), shipped_rulebook().dictionary, today=TODAY)


def real(name):
    return load_profile(data_path("profiles", f"{name}.json"), shipped_rulebook().dictionary, today=TODAY)


@pytest.fixture(scope="module")
def small():
    profile = read(HISTORY)
    return profile, timeline(profile, shipped_rulebook(), ANY)


@pytest.fixture(scope="module")
def anchor():
    profile = real("anchor")
    return profile, timeline(profile, shipped_rulebook(), ANY)


class TestSmall:
    def test_every_day_is_judged_and_only_moves_are_told(self, small):
        _, told = small
        assert [str(day) for day in told.days] == ["2022-01-10", "2022-02-01", "2022-03-01", "2022-04-01", "2022-05-01"]
        assert [str(moment.day) for moment in told.moments] == ["2022-01-10", "2022-02-01", "2022-04-01", "2022-05-01"]

    def test_the_grade_and_the_fact_that_moved_it(self, small):
        _, told = small
        assert [(m.best.name, m.moved_by, m.jointly, m.by_time) for m in told.moments[1:3]] == [
            ("D", ("disclosure.audited_accounts",), False, False),
            ("A", ("disclosure.audited_accounts",), False, False),
        ]

    def test_facts_of_which_each_would_do_are_told_as_such(self, small):
        """A suspension and an insolvency on one day both stop the grade."""
        last = small[1].moments[-1]
        assert last.best is Grade.F
        assert last.status == ("withdrawals_suspended", "insolvent")
        assert last.new == ("governance.withdrawals_status", "governance.insolvency")
        assert last.moved_by
        assert set(last.moved_by) <= set(last.new)

    def test_what_moved_the_grade_is_told_also_where_something_else_alone_moved_a_trait(self):
        """The fund's evidence and its offering became known on one day: the offering moves a trait, not the grade."""
        told = timeline(real("fidelity-spaxx"), shipped_rulebook(), ANY, until=date(2025, 4, 30))
        before, moment = next(
            (one, other) for one, other in pairwise(told.moments) if (one.best, one.worst) != (other.best, other.worst)
        )
        assert before.day < moment.day
        assert moment.graded_by
        assert "terms.offering_mode" not in moment.graded_by
        assert set(moment.graded_by) <= set(moment.moved_by) <= set(moment.new)

    def test_each_moment_is_the_assessment_of_its_day(self, small):
        profile, told = small
        for moment in told.moments:
            day = str(moment.day)
            verdict = assess(profile, shipped_rulebook(), Options(day, day), version="test").verdict
            assert (moment.best, moment.worst, moment.assessable) == (verdict.best, verdict.worst, verdict.assessable)
            assert moment.traits == tuple((trait.id, trait.best, trait.worst) for trait in verdict.traits)

    def test_a_statement_that_ended_moves_it_by_time(self):
        """The suspension is over by the day on which something else becomes known."""
        raw = deepcopy(HISTORY)
        raw["governance"] = {"withdrawals_status": said("suspended", "2022-02-01", until="2022-02-20")}
        del raw["disclosure"]
        moments = {str(m.day): m for m in timeline(read(raw), shipped_rulebook(), ANY).moments}
        assert moments["2022-02-01"].best is Grade.F
        assert moments["2022-02-01"].moved_by == ("governance.withdrawals_status",)
        march = moments["2022-03-01"]
        assert (march.best < Grade.F, march.new) == (True, ("marketing.licence_claim",))
        assert (march.moved_by, march.by_time) == ((), True)

    def test_only_days_between_from_and_until(self, small):
        profile, _ = small
        told = timeline(profile, shipped_rulebook(), ANY, since=date(2022, 2, 2), until=date(2022, 4, 30))
        assert [str(day) for day in told.days] == ["2022-03-01", "2022-04-01"]
        assert told.moments[0].day == told.days[0]

    def test_progress_counts_every_day_to_the_end(self, small):
        seen = []
        timeline(small[0], shipped_rulebook(), ANY, progress=lambda done, of: seen.append((done, of)))
        assert seen == [(done, 5) for done in range(6)]

    def test_what_becomes_known_later_changes_no_earlier_day(self, small):
        profile, told = small
        later = replace(profile, facts={**profile.facts, "governance.fraud_charge": read({
            **HISTORY, "governance": {"fraud_charge": said("found", "2022-04-15")},
        }).facts["governance.fraud_charge"]})  # fmt: skip
        after = timeline(later, shipped_rulebook(), ANY)
        before = [moment for moment in told.moments if moment.day < date(2022, 4, 15)]
        assert [moment for moment in after.moments if moment.day < date(2022, 4, 15)] == before

    def test_a_profile_without_dates_is_refused_with_what_to_do(self, tmp_path, small):
        path = tmp_path / "p.json"
        path.write_text(json.dumps({"ddcheck": 1, "platform": {"name": "X", "kind": "fund"}}), encoding="utf-8")
        from checker.app.audit import Settings

        settings = Settings(TODAY, TODAY, TODAY)
        with pytest.raises(UsageError, match="known_on"):
            timeline_of(path, settings, shipped_rulebook(), since=None, until=TODAY)


class TestReal:
    def test_anchor(self, anchor):
        _, told = anchor
        grades = [(str(m.day), f"{m.best.name}..{m.worst.name}") for m in told.moments]
        assert grades[0] == ("2021-03-17", "C..F")
        assert ("2022-01-28", "D..F") in grades
        january = next(m for m in told.moments if str(m.day) == "2022-01-28")
        assert "yield_source.monthly_shortfall" in january.moved_by

    def test_taking_away_what_moved_it_gives_another_verdict(self, anchor):
        profile, told = anchor
        for moment in told.moments:
            day = str(moment.day)
            for fact in moment.moved_by:
                if moment.jointly or fact not in profile.facts:
                    continue
                kept = tuple(entry for entry in profile.facts[fact] if entry.known_on != moment.day)
                fewer = replace(profile, facts={**profile.facts, fact: kept})
                verdict = assess(fewer, shipped_rulebook(), Options(day, day), version="test").verdict
                traits = tuple((trait.id, trait.best, trait.worst) for trait in verdict.traits)
                assert (verdict.best, verdict.worst, traits) != (moment.best, moment.worst, moment.traits), fact

    def test_voyager_ends_suspended_and_insolvent(self):
        told = timeline(real("voyager"), shipped_rulebook(), ANY, since=date(2022, 6, 1), until=date(2022, 7, 31))
        moves = {str(m.day): m for m in told.moments}
        assert moves["2022-07-01"].moved_by == ("governance.withdrawals_status",)
        assert moves["2022-07-06"].moved_by == ("governance.insolvency",)
        assert moves["2022-07-06"].best is Grade.F


class TestOutputs:
    def test_text_names_day_grade_and_what_moved_it(self, small):
        text = render_text(*small, shipped_rulebook(), colour=False, width=100)
        assert re.search(r"2022-02-01 +D\.\.F.*audited accounts", text)
        assert "5 days" in text
        assert "Withdrawals are suspended" in text

    def test_json_is_whole_and_stable(self, small):
        text = render_json(*small, shipped_rulebook(), "test")
        page = json.loads(text)
        assert text == render_json(*small, shipped_rulebook(), "test")
        assert page["schema"] == "ddcheck/timeline/1"
        assert len(page["days"]) == 5
        assert page["moments"][1]["moved_by"] == ["disclosure.audited_accounts"]
        assert page["moments"][1]["grade_moved_by"] == ["disclosure.audited_accounts"]
        assert page["moments"][1]["traits"].keys() == {"T1", "T2", "T3", "T4"}

    def test_the_chart_is_a_picture_with_text_title_and_description(self, small):
        svg = render_svg(*small)
        root = ElementTree.fromstring(svg)
        name = "{http://www.w3.org/2000/svg}"
        assert root.get("role") == "img"
        assert root.find(f"{name}title").text == "A small fund: the grade over time"
        assert "2022-02-01: D..F" in root.find(f"{name}desc").text
        texts = [element.text for element in root.iter(f"{name}text")]
        assert {"A", "B", "C", "D", "E", "F", "2022-01-10", "2022-05-01"} <= set(texts)
        assert len(list(root.iter(f"{name}circle"))) == 4

    def test_the_chart_is_grey(self, anchor):
        colours = set(re.findall(r'(?:fill|stroke)="(#[0-9a-f]+)"', render_svg(*anchor)))
        assert colours
        for colour in colours:
            digits = colour[1:]
            parts = (
                [digits] * 3
                if len(digits) == 1
                else [digits[i::3] if len(digits) == 3 else digits[2 * i : 2 * i + 2] for i in range(3)]
            )
            assert len(set(parts)) == 1, colour

    def test_a_hostile_name_stays_text(self):
        raw = deepcopy(HISTORY)
        raw["platform"]["name"] = '</title><script>alert("x")</script>'
        profile = read(raw)
        svg = render_svg(profile, timeline(profile, shipped_rulebook(), ANY))
        assert "<script" not in svg
        ElementTree.fromstring(svg)

    def test_a_kind_without_a_grade_has_no_band(self):
        profile = read({
            "ddcheck": 1, "platform": {"name": "T", "kind": "token"},
            "disclosure": {"last_verified": said("2022-01-01", "2022-01-01")}, "sources": {"s": {"title": "s"}},
        })  # fmt: skip
        told = timeline(profile, shipped_rulebook(), ANY)
        svg = render_svg(profile, told)
        assert "gets no grade" in svg
        assert "polyline" not in svg
        assert "no grade" in render_text(profile, told, shipped_rulebook(), colour=False, width=100)
