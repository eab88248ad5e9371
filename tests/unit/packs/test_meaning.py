"""What a verdict has meant: classes, the file that ships, the sentence."""

from itertools import product
from pathlib import Path

import pytest

from checker.assess.backtest import Reading
from checker.model.errors import InputError
from checker.model.finding import Grade
from checker.outputs.meaning import meaning_text
from checker.packs.meaning import VerdictClass, load_meaning, shipped_meaning, verdict_class


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
    meaning = shipped_meaning()
    assert meaning is not None
    assert sum(row.dates for row in meaning.classes.values()) == meaning.dates
    assert sum(row.dates for row in meaning.best_ends.values()) == meaning.dates
    for row in (*meaning.classes.values(), *meaning.best_ends.values()):
        assert row.closed <= row.dates
        assert (row.lo is None) == (row.dates == 0)
        assert row.platforms <= meaning.platforms
    assert meaning.classes.keys() == set(VerdictClass)


def test_the_sentence_names_its_corpus() -> None:
    meaning = shipped_meaning()
    assert meaning is not None
    text = meaning_text(meaning, Grade.E, Grade.F, True)
    row = meaning.classes[VerdictClass.FLAGGED]
    assert text.startswith(f"In the corpus of {meaning.platforms} platforms")
    assert f"after {row.closed} of them" in text
    assert meaning_text(meaning, None, None, False) == ""


def test_a_table_with_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "meaning.yaml"
    path.write_text("platforms: 1\ndates: 2\ninputs: x\nclases: {}\nbest_ends: {}\n")
    with pytest.raises(InputError, match=r"meaning.yaml:4:1 clases: unknown key 'clases'. Did you mean 'classes'\?"):
        load_meaning(path)
