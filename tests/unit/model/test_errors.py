import pickle

import pytest

from checker.model.errors import (
    DdcheckError,
    Fault,
    InputError,
    PackError,
    ProfileError,
    UsageError,
    did_you_mean,
    nearest,
    quoted,
)


@pytest.mark.parametrize(
    ("error", "code"),
    [(DdcheckError, 4), (UsageError, 2), (InputError, 3), (ProfileError, 3), (PackError, 3)],
)
def test_every_error_carries_its_exit_code(error, code):
    assert issubclass(error, DdcheckError)
    assert error.exit_code == code


def test_a_fault_reads_as_one_line_with_place_message_and_hint():
    fault = Fault("p.json", "expected text, found 3", "Quote it.", 7, 12, "terms.note")
    assert str(fault) == "p.json:7:12 terms.note: expected text, found 3. Quote it."
    assert str(Fault("p.json", "the file is empty")) == "p.json: the file is empty"
    assert str(Fault("p.json", "bad", "", 1, 2)) == "p.json:1:2: bad"


def test_an_input_error_lists_all_faults_and_survives_a_process_border():
    error = ProfileError([Fault("p.json", "first"), Fault("p.json", "second")])
    assert str(error) == "p.json: first\np.json: second"
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is ProfileError
    assert copy.faults == error.faults


def test_nearest_ignores_case_and_gives_up_on_what_is_far():
    assert nearest("OFFERED_APR", ["rate_kind", "offered_apy"]) == "offered_apy"
    assert nearest("zzz", ["rate_kind", "offered_apy"]) is None


def test_a_hostile_name_is_neither_compared_nor_printed_in_full():
    name = "a" * 1_000_000
    assert nearest(name, [name[:-1]]) is None
    assert len(quoted(name)) < 100


def test_known_names_are_listed_only_while_they_are_few():
    assert did_you_mean("zzz", ["ab", "cd"]) == "Known: ab, cd."
    assert did_you_mean("zzz", [f"name{n}" for n in range(20)]) == ""
    assert did_you_mean("zzz", []) == ""


def test_values_are_shown_escaped():
    assert quoted("a\x1b[31m\u202e") == r"'a\x1b[31m\u202e'"
    assert [quoted(value) for value in (None, True, 1.5, [1], {"a": 1})] == [
        "null",
        "true",
        "1.5",
        "a list",
        "an object",
    ]
