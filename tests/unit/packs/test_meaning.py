"""What a verdict has meant: classes, the file that ships, the sentence."""

from datetime import date, timedelta
from itertools import product
from pathlib import Path

import pytest

from checker.app.audit import Settings, audit_one
from checker.assess.assessment import Precedent
from checker.assess.backtest import Reading
from checker.model.errors import InputError
from checker.model.finding import Grade
from checker.outputs.meaning import meaning_text
from checker.packs.meaning import VerdictClass, load_meaning, meaning_of, verdict_class
from checker.resources import data_path

SHIPPED = meaning_of(data_path("rules"))


def test_every_verdict_is_of_one_class() -> None:
    for best, worst, assessable in product(Grade, Grade, (True, False)):
        if best <= worst and (assessable or best <= Grade.C):
            reading = Reading(best, worst, assessable, 0.5, 0.5)
            kind = verdict_class(best, worst, assessable)
            assert (kind is VerdictClass.FLAGGED) == reading.flagged
            assert (kind is VerdictClass.CLEARED) == (reading.cleared and assessable)
            assert (kind is VerdictClass.ALARMED) == (reading.alarmed and not reading.flagged)
    assert verdict_class(None, None, False) is VerdictClass.NOT_ASSESSABLE


def test_the_file_that_ships() -> None:
    meaning = SHIPPED
    assert meaning is not None
    assert sum(row.dates for row in meaning.classes.values()) == meaning.dates
    assert sum(row.dates for row in meaning.best_ends.values()) == meaning.dates
    for row in (*meaning.classes.values(), *meaning.best_ends.values()):
        assert row.closed <= row.dates
        assert (row.lo is None) == (row.dates == 0)
        assert row.platforms <= meaning.platforms
    assert meaning.classes.keys() == set(VerdictClass)


def test_the_sentence_names_its_corpus() -> None:
    text = meaning_text(Precedent("flagged", 41, 44, 23, 0.3794, 0.6625))
    assert text.startswith("In the corpus of 41 platforms, chosen by hand, a verdict like this (certainly D or worse)")
    assert "44 quarter ends; after 23 of them the door shut within a year (52%, interval 38% to 66%)" in text
    assert meaning_text(None) == ""


def test_it_stands_beside_the_verdict_but_not_at_a_cut_before_the_end_of_the_corpus() -> None:
    assert SHIPPED is not None
    assert SHIPPED.last is not None
    row = SHIPPED.classes[VerdictClass.FLAGGED]
    last = date.fromisoformat(SHIPPED.last)
    for day, shown in ((last, True), (last - timedelta(1), False)):
        precedent = audit_one(data_path("profiles") / "voyager.json", Settings(day, day, day)).precedent
        assert (precedent is not None) is shown
        if precedent is not None:
            assert (precedent.verdict, precedent.dates, precedent.closed) == ("flagged", row.dates, row.closed)


def test_a_table_with_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "meaning.yaml"
    path.write_text("platforms: 1\ndates: 2\ninputs: x\nclases: {}\nbest_ends: {}\n")
    with pytest.raises(InputError, match=r"meaning.yaml:4:1 clases: unknown key 'clases'. Did you mean 'classes'\?"):
        load_meaning(path)
