"""Days of publication as far as they are known, and what a text tells of later days."""

from datetime import date

import pytest

from checker.model.days import span, tells_later

CUT = date(2022, 5, 31)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2022", "2022-01-01", "2022-12-31"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2022-12", "2022-12-01", "2022-12-31"),
        ("2022-05-31", "2022-05-31", "2022-05-31"),
    ],
)
def test_a_month_or_year_spans_its_days(text, first, last):
    assert span(text) == (date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("text", ["", "22", "2022-13", "2022-02-30", "2023-11/12", "2010-2011", "May 2022"])
def test_what_is_no_day_month_or_year_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        span(text)


@pytest.mark.parametrize(
    "text",
    [
        "The collapse of 2023",
        "https://example.org/2022/06/13/halt",
        "https://example.org/20220613-halt",
        "examiner-2023-01",
        "CELEX:02017R1131-20240109",
    ],
)
def test_a_later_day_is_found(text):
    assert tells_later(text, CUT)


@pytest.mark.parametrize(
    "text",
    ["Outlook 2022", "of 2022-05-31", "https://example.org/2022/05/12/terms", "Release 33-11029", "id=20304050", ""],
)
def test_what_may_be_earlier_is_not_taken_for_later(text):
    assert not tells_later(text, CUT)
