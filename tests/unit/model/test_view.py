"""The point-in-time view: what the public could know by one day about the state on another."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.model.dictionary import ColumnDef, Dictionary, FactDef
from checker.model.interval import Interval, point
from checker.model.profile import Examination, FactEntry, Profile, Provenance, Row, Table
from checker.model.state import Reason, Status
from checker.model.view import View, grade

DAY = date(2022, 5, 31)
REPORTED, WITHHELD, HIDDEN, MOOT = Status.REPORTED, Status.NOT_DISCLOSED, Status.NOT_EXAMINED, Status.NOT_APPLICABLE
YES, NO, EITHER = frozenset({True}), frozenset({False}), frozenset({True, False})


def fact(name, type="number", **how):
    if type == "number":
        how = {"unit": "count", "range": (0.0, 100.0), **how}
    defaults = {"worse": "none", "about": "state", "meaning": "m", "ask": "a"}
    return FactDef(name=name, id=f"terms.{name}", section="terms", type=type, **{**defaults, **how})


def column(name, type="number"):
    number = {"unit": "count", "range": (0.0, 100.0), "worse": "higher"} if type == "number" else {}
    return ColumnDef(name=name, type=type, meaning="m", **number)


STEPS = ("best", "good", "bad", "worst")
COLUMNS = {"who": column("who", "text"), "amount": column("amount")}
DICTIONARY = Dictionary(
    {
        definition.id: definition
        for definition in (
            fact("high", worse="higher", max_age_days=100),
            fact("low", worse="lower", max_age_days=100),
            fact("free", max_age_days=100),
            fact("promise", worse="higher", about="promise"),
            fact("public", worse="higher", max_age_days=100, expected_public=("fund",)),
            fact("seen_by_all", worse="higher", expected_public=("fund",), observable=True),
            fact("harm", "bool", worse="higher", max_age_days=100),
            fact("guard", "bool", worse="lower", max_age_days=100),
            fact("flag", "bool"),
            fact("step", "enum", values=STEPS, worse="order", max_age_days=100),
            fact("word", "enum", values=STEPS),
            fact("registered", "bool", worse="lower", min_evidence="E4"),
            fact("rows", "table", key=("who",), columns=COLUMNS, max_age_days=100),
            fact("losses", "table", key=("who",), columns=COLUMNS, observable=True, max_age_days=100),
            fact("shown_rows", "table", key=("who",), columns=COLUMNS, expected_public=("fund",)),
        )
    }
)


def dated(kind, since=DAY, known=None, until=None, seen=None, evidence="audit", alleged=False, **own):
    own = {"from_": since, "known_on": known or since, "until": until, "seen": seen, "evidence": evidence, **own}
    base = {"source": "s", "locator": "", "note": "", "inferred": (), "alleged": alleged or evidence == "complaint"}
    return kind.model_construct(**base, **own)


def said(value, evidence="audit", since=DAY, status=REPORTED, **how):
    if not isinstance(value, (bool, str, tuple, type(None))):
        value = (float(value), float(value))
    return dated(FactEntry, since, evidence=evidence, value=value, status=status, reason="", **how)


def row(who="a", since=DAY, evidence="audit", **cells):
    cells = {name: (float(v), float(v)) if isinstance(v, (int, float)) else v for name, v in cells.items()}
    return dated(Row, since, evidence=evidence, cells={"who": who, **cells})


def looked(on=DAY, known=None):
    return Examination(on=on.isoformat(), known_on=(known or on).isoformat(), sources=("s",))


def view(facts=None, tables=None, examined=(), as_of=DAY, known_by=None, kind="fund"):
    facts = {f"terms.{name}": tuple(e if isinstance(e, list) else [e]) for name, e in (facts or {}).items()}
    tables = {f"terms.{name}": table for name, table in (tables or {}).items()}
    profile = Profile("p", "", 1, "P", kind, facts, tables, {"terms": tuple(examined)} if examined else {}, {}, ())
    return View(profile, DICTIONARY, as_of, known_by or max(as_of, DAY))


def state(name, *entries, **how):
    return view({name: list(entries)}, **how).fact(f"terms.{name}")


def before(days):
    return DAY - timedelta(days)


def after(days):
    return DAY + timedelta(days)


class TestTwoClocks:
    def test_an_entry_is_unknown_before_it_is_public(self):
        entry = said(5, since=before(50), known=after(1))
        assert state("high", entry, known_by=DAY).status is HIDDEN
        assert state("high", entry, known_by=after(1)).value == point(5)

    def test_an_entry_says_nothing_of_the_time_before_it_began(self):
        assert state("high", said(5, known=DAY), as_of=before(1)).status is HIDDEN

    def test_an_entry_holds_to_its_last_day(self):
        entry = said(5, since=before(9), until=before(3))
        assert state("high", entry, as_of=before(3)).value == point(5)
        assert state("high", entry, as_of=before(2)).status is HIDDEN

    def test_an_end_that_was_not_known_yet_is_not_seen(self):
        entry = said(5, since=before(9), until=before(3))
        assert state("high", entry, as_of=before(4), known_by=before(4)).value == point(5)
        open_ended = said(5, since=before(9), until=after(9))
        assert view({"high": open_ended}, known_by=DAY).end(open_ended) is None

    def test_an_entry_without_days_counts_as_known(self):
        found = state("high", dated(FactEntry, None, value=(5.0, 5.0), status=REPORTED, reason=""))
        assert (found.value, found.undated) == (point(5), True)

    def test_an_earlier_state_is_seen_with_what_is_known_now(self):
        entries = [said(5, since=before(40), known=DAY), said(7, since=before(2))]
        today = view({"high": entries})
        assert today.fact("terms.high").value == point(7)
        assert today.back(10).fact("terms.high").value == point(5)
        assert today.back(0) is today


class TestReplacement:
    def test_a_later_entry_of_the_same_grade_replaces(self):
        found = state("high", said(5, since=before(9)), said(3))
        assert (found.value, found.entries) == (point(3), (1,))

    def test_a_later_entry_of_a_higher_grade_replaces(self):
        assert state("high", said(5, "company_disclosed", before(9)), said(3)).value == point(3)

    def test_a_later_entry_of_a_lower_grade_stands_beside(self):
        found = state("high", said(5, since=before(9)), said(8, "company_disclosed"))
        assert (found.value, found.conflict, found.entries) == (Interval(5, 8), True, (0, 1))


class TestContradiction:
    def test_the_adverse_end_is_the_worst_of_all_the_favourable_the_best_of_the_highest_grade(self):
        entries = [said(5), said(6), said(9, "press"), said(1, "company_disclosed")]
        assert state("high", *entries).value == Interval(5, 9)
        assert state("low", *entries).value == Interval(1, 6)

    def test_a_platform_cannot_soften_a_finding_by_contradicting_it(self):
        assert state("high", said(9), said(1, "company_disclosed")).value == point(9)
        assert state("low", said(1), said(9, "company_disclosed")).value == point(1)
        assert state("harm", said(True), said(False, "company_disclosed")).value == YES
        assert state("guard", said(False), said(True, "company_disclosed")).value == NO
        assert state("step", said("bad"), said("best", "company_disclosed")).value == {"bad"}

    def test_a_worse_word_of_a_lower_grade_takes_the_adverse_end(self):
        assert state("harm", said(False), said(True, "press")).value == EITHER
        assert state("guard", said(True), said(False, "press")).value == EITHER
        assert state("step", said("good"), said("worst", "press"), said("best", "press")).value == {"good", "worst"}

    def test_without_a_direction_all_values_stay(self):
        assert state("free", said(9), said(1, "press")).value == Interval(1, 9)
        assert state("flag", said(True), said(False, "press")).value == EITHER
        assert state("word", said("good"), said("best", "press")).value == {"good", "best"}

    def test_ranges_that_overlap_do_not_contradict(self):
        found = state("high", said((2.0, 6.0)), said((4.0, 8.0)))
        assert (found.value, found.conflict) == (Interval(2, 8), False)

    def test_the_grade_is_the_highest_and_the_proof_that_of_the_adverse_end(self):
        found = state("high", said(5), said(9, "complaint"))
        assert (found.support, found.reason) == ((4, 4, 1), Reason.CONFLICT)


class TestEvidence:
    @pytest.mark.parametrize(
        ("evidence", "grade", "proof"),
        [("advertised", 1, 2), ("press", 1, 0), ("analyst", 2, 2), ("complaint", 2, 1),
            ("solvency_attestation", 3, 2), ("audit", 4, 2)],
    )  # fmt: skip
    def test_what_a_source_is_worth(self, evidence, grade, proof):
        assert state("high", said(5, evidence)).support == (grade, grade, proof)

    def test_own_words_are_full_evidence_of_a_promise(self):
        assert state("promise", said(5, "advertised")).support.worst == 4
        assert state("promise", said(5, "press")).support.worst == 1

    def test_a_mere_claim_to_be_registered_leaves_it_not_examined(self):
        for weak in ("company_disclosed", "press", "analyst", "solvency_attestation"):
            found = state("registered", said(True, weak))
            assert (found.status, found.value) == (HIDDEN, EITHER)
        assert state("registered", said(True, "register")).value == YES

    def test_an_admission_needs_no_register(self):
        assert state("registered", said(False, "company_disclosed")).value == NO


class TestRumour:
    def test_alone_it_leaves_the_fact_not_examined(self):
        found = state("high", said(9, "rumour"))
        assert (found.status, found.value, found.rumour) == (HIDDEN, Interval(0, 100), point(9))

    def test_beside_own_words_it_is_kept_apart(self):
        found = state("high", said(1, "company_disclosed"), said(9, "rumour"))
        assert (found.value, found.rumour) == (point(1), point(9))

    @pytest.mark.parametrize("better", ["analyst", "onchain", "audit"])
    def test_a_better_source_silences_it(self, better):
        assert state("high", said(1, better), said(9, "rumour")).rumour is None

    def test_it_never_replaces(self):
        assert state("high", said(1, "press", before(9)), said(9, "rumour")).value == point(1)


class TestAge:
    OLD = before(101)

    @pytest.mark.parametrize(
        ("name", "value", "aged"),
        [
            ("high", 5, Interval(5, 100)),
            ("low", 5, Interval(0, 5)),
            ("free", 5, point(5)),
            ("harm", False, EITHER),
            ("harm", True, YES),
            ("guard", True, EITHER),
            ("guard", False, NO),
            ("step", "good", {"good", "bad", "worst"}),
            ("step", "worst", {"worst"}),
        ],
    )
    def test_a_stale_fact_limits_how_good_things_can_be_no_longer_how_bad(self, name, value, aged):
        found = state(name, said(value, since=self.OLD))
        assert (found.value, found.stale, found.reason) == (aged, True, Reason.STALE)

    def test_the_last_day_of_its_age_still_counts(self):
        found = state("high", said(5, since=before(100)))
        assert (found.value, found.stale, found.age_days) == (point(5), False, 100)

    def test_what_a_source_still_shows_is_younger(self):
        assert not state("high", said(5, since=self.OLD, seen=before(10))).stale

    def test_a_condition_stands_until_it_was_published_a_number_only_on_its_day(self):
        assert not state("harm", said(False, since=self.OLD, known=before(10))).stale
        assert state("high", said(5, since=self.OLD, known=before(10))).stale

    def test_a_fact_that_is_no_longer_disclosed_ages_at_once(self):
        found = state("high", said(5, since=before(9)), said(None, since=before(2), status=WITHHELD))
        assert (found.value, found.stale) == (Interval(5, 100), True)
        earlier = state("high", said(5, since=before(2)), said(None, since=before(9), status=WITHHELD))
        assert (earlier.value, earlier.stale) == (point(5), False)


class TestAbsence:
    def test_nobody_looked(self):
        found = view().fact("terms.public")
        assert (found.status, found.value, found.support[:2]) == (HIDDEN, Interval(0, 100), (0, 4))

    def test_an_examined_section_without_what_this_kind_publishes_is_silence(self):
        found = view(examined=[looked()]).fact("terms.public")
        assert (found.status, found.value, found.support[:2]) == (WITHHELD, Interval(0, 100), (0, 1))

    def test_it_is_not_where_the_kind_is_not_expected_to_publish_or_anyone_can_see(self):
        assert view(examined=[looked()], kind="bank").fact("terms.public").status is HIDDEN
        assert view(examined=[looked()]).fact("terms.high").status is HIDDEN
        assert view(examined=[looked()]).fact("terms.seen_by_all").status is HIDDEN

    def test_an_examination_ages_like_the_fact_and_has_two_clocks(self):
        assert view(examined=[looked(before(100))]).fact("terms.public").status is WITHHELD
        assert view(examined=[looked(before(101))]).fact("terms.public").status is HIDDEN
        assert view(examined=[looked(DAY, after(1))], known_by=DAY).fact("terms.public").status is HIDDEN
        assert view(examined=[looked()], as_of=before(1)).fact("terms.public").status is HIDDEN

    def test_an_explicit_record_wins(self):
        assert state("public", said(None, status=HIDDEN), examined=[looked()]).status is HIDDEN
        assert state("high", said(None, status=WITHHELD)).status is WITHHELD
        assert state("high", said(None, status=MOOT)).status is MOOT


class TestTables:
    def rows(self, *rows, complete=(), name="rows", **how):
        return view(tables={name: Table(rows, tuple(complete))}, **how).table(f"terms.{name}")

    def test_rows_with_one_key_are_one_history(self):
        found = self.rows(row("a", before(9), amount=5), row("b", amount=1), row("a", amount=7))
        assert [(r.label, r.cells["amount"].value, r.entries) for r in found.rows] == [
            ("a", point(7), (2,)),
            ("b", point(1), (1,)),
        ]

    def test_an_absent_cell_is_an_absent_fact(self):
        cell = self.rows(row("a"), examined=[looked()]).rows[0].cells["amount"]
        assert (cell.id, cell.status, cell.value) == ("terms.rows[a].amount", HIDDEN, Interval(0, 100))

    def test_a_cell_follows_the_direction_of_its_column(self):
        assert self.rows(row("a", amount=9), row("a", amount=1, evidence="press")).rows[0].cells[
            "amount"
        ].value == point(9)
        assert self.rows(row("a", before(101), amount=9)).rows[0].cells["amount"].value == Interval(9, 100)

    def test_further_rows_may_exist_unless_it_is_stated_that_none_do(self):
        assert not self.rows(row()).complete
        found = self.rows(row(), complete=[dated(Provenance, evidence="company_disclosed")])
        assert (found.complete, found.support[:2]) == (True, (1, 1))

    def test_a_statement_that_there_is_nothing(self):
        found = self.rows(complete=[dated(Provenance)])
        assert (found.status, found.rows, found.complete) == (REPORTED, (), True)

    @pytest.mark.parametrize(
        "statement", [{"since": before(101)}, {"known": after(1)}, {"since": before(9), "until": before(2)}]
    )
    def test_a_statement_that_is_old_later_or_over_completes_nothing(self, statement):
        found = self.rows(row(), complete=[dated(Provenance, **statement)], known_by=DAY)
        assert not found.complete

    def test_a_table_that_anyone_can_see_is_complete_once_somebody_looked(self):
        assert self.rows(row(), name="losses", examined=[looked()]).complete
        assert not self.rows(row(), name="losses").complete
        assert not self.rows(row(), name="losses", examined=[looked(before(101))]).complete
        assert not self.rows(row(), examined=[looked()]).complete

    def test_that_nothing_was_listed_is_not_that_there_is_nothing(self):
        found = self.rows(name="losses", examined=[looked()])
        assert (found.status, found.complete) == (HIDDEN, False)

    def test_a_record_that_nobody_examined_it_wins_over_an_examination(self):
        profile = Table(stated=(said(None, status=HIDDEN),))
        found = view(tables={"losses": profile}, examined=[looked()]).table("terms.losses")
        assert (found.status, found.complete) == (HIDDEN, False)

    def test_a_withheld_table_says_so(self):
        found = view(examined=[looked()]).table("terms.shown_rows")
        assert (found.status, found.complete, found.reason) == (WITHHELD, False, Reason.NOT_DISCLOSED)

    def test_rows_of_hearsay_later_rows_and_past_rows_are_left_out(self):
        past = dated(Row, before(9), until=before(2), cells={"who": "c"})
        found = self.rows(row("a", evidence="rumour"), row("b", after(1)), past, row("d"))
        assert [r.label for r in found.rows] == ["d"]


# -------------------------------------------------------------------------------------------------------- properties

DAYS = st.integers(-400, 60).map(after)
EVIDENCE = st.sampled_from(("rumour", "company_disclosed", "press", "onchain", "complaint", "audit"))
NAMES = ("high", "low", "free", "public", "harm", "guard", "flag", "step", "word", "registered")


@st.composite
def entries(draw, name, known=DAYS):
    definition = DICTIONARY[f"terms.{name}"]
    if definition.type == "number":
        lo, hi = sorted(draw(st.tuples(st.integers(0, 100), st.integers(0, 100))))
        value = (float(lo), float(hi))
    else:
        value = draw(st.booleans() if definition.type == "bool" else st.sampled_from(STEPS))
    since, public = draw(DAYS), draw(known)
    until = draw(st.none() | st.integers(0, 300).map(lambda days: since + timedelta(days)))
    status = draw(st.sampled_from((REPORTED, REPORTED, REPORTED, WITHHELD, HIDDEN)))
    value = value if status is REPORTED else None
    return said(value, draw(EVIDENCE), since, status, known=public, until=until)


@st.composite
def histories(draw):
    name = draw(st.sampled_from(NAMES))
    return name, draw(st.lists(entries(name), min_size=1, max_size=5))


@given(histories(), st.data(), st.booleans())
def test_what_becomes_known_after_the_cut_changes_no_state(history, data, examined):
    name, known = history
    later = data.draw(st.lists(entries(name, st.integers(1, 60).map(after)), min_size=1, max_size=3))
    how = {"examined": [looked()] if examined else (), "known_by": DAY}
    seen = state(name, *known, **how)
    assert state(name, *known, *later, **how) == seen
    examinations = {"examined": [*how["examined"], looked(before(1), after(1))], "known_by": DAY}
    assert state(name, *known, *later, **examinations) == seen


@given(histories())
def test_an_end_that_becomes_known_after_the_cut_changes_no_state(history):
    name, known = history
    ended = [e if e.until is None or e.until <= DAY else e.model_copy(update={"until": None}) for e in known]
    assert state(name, *known, known_by=DAY) == state(name, *ended, known_by=DAY)


@given(histories())
def test_the_favourable_end_is_never_better_than_the_best_of_the_highest_grade(history):
    name, known = history
    found = state(name, *known)
    if found.status is REPORTED and name in ("high", "low"):
        counted = [known[index] for index in found.entries]
        top = [e for e in counted if grade(e, "state") == max(grade(c, "state") for c in counted)]
        if name == "high":
            assert found.value.lo == min(e.value[0] for e in top)
            assert found.value.hi >= max(e.value[1] for e in counted)
        else:
            assert found.value.hi == max(e.value[1] for e in top)
            assert found.value.lo <= min(e.value[0] for e in counted)


@given(histories(), st.data())
def test_a_weaker_contradiction_never_softens(history, data):
    name, known = history
    own = data.draw(entries(name)).model_copy(
        update={"evidence": "company_disclosed", "from_": DAY, "known_on": DAY, "until": None}
    )
    found = state(name, *known)
    if found.status is not REPORTED or found.support.worst < 2 or own.status is not REPORTED or found.stale:
        return
    both = state(name, *known, own)
    if isinstance(found.value, Interval):
        definition = DICTIONARY[f"terms.{name}"]
        assert definition.worse == "lower" or both.value.hi >= found.value.hi
        assert definition.worse == "higher" or both.value.lo <= found.value.lo
    else:
        assert both.value >= found.value


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 9), DAYS, DAYS), max_size=6), st.integers(1, 60))
def test_rows_and_completeness_known_after_the_cut_change_no_table(drawn, days):
    known = [
        dated(Row, since, min(public, DAY), cells={"who": who, "amount": (float(x), float(x))})
        for who, x, since, public in drawn
    ]
    later = [replace_known(r, after(days)) for r in known] + [dated(Row, before(1), after(days), cells={"who": "z"})]
    table, fuller = Table(tuple(known)), Table((*known, *later), (dated(Provenance, before(1), after(days)),))
    seen = view(tables={"rows": table}, known_by=DAY).table("terms.rows")
    assert view(tables={"rows": fuller}, known_by=DAY).table("terms.rows") == seen


def replace_known(entry, day):
    return entry.model_copy(update={"known_on": day})
