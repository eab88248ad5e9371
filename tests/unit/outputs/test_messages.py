"""Messages are found by their English pattern, with their values, and stay English where no pattern fits."""

import re

import pytest

from checker.app.messages import patterns
from checker.model.errors import Fault
from checker.outputs.language import LANGUAGES, catalogue, speaking
from checker.outputs.messages import fault_text, told
from checker.outputs.width import columns, filled, padded

TRANSLATED = [language for language in LANGUAGES if language != "en"]
NUMBERED = re.compile(r"\{\d\}")


def test_english_is_said_as_it_was_written() -> None:
    fault = Fault("p.json", "unknown fact 'a.b'", "Did you mean 'a.c'?", 7, 5, "a.b")
    assert told("there is no such file") == "there is no such file"
    assert fault_text(fault) == str(fault)


def test_values_are_put_into_the_translation_and_translated_themselves() -> None:
    with speaking("zh-Hans"):
        assert told("there is no such file") == "没有这个文件"
        assert told("unknown fact 'terms.x'") == "未知的事实'terms.x'"
        assert told("expected an object, found a list") == "应为对象，实为列表"
        assert told("no scenario 'x'. Did you mean 'y'?") == "没有情景“x”。是否想写“y”？"
        assert told("no scenario 'x'.") == "没有情景“x”。"
        assert told("nothing of the kind was ever said") == "nothing of the kind was ever said"
        assert told("") == ""


def test_the_more_particular_pattern_wins() -> None:
    with speaking("zh-Hans"):
        assert told("expected a number above 3, found 2") == "应为大于3的数字，实为2"


def test_a_value_that_looks_like_a_placeholder_is_no_placeholder() -> None:
    with speaking("zh-Hans"):
        assert told("unknown fact '{0} {1} \\g<0>'") == "未知的事实'{0} {1} \\g<0>'"


def test_a_fault_keeps_its_place() -> None:
    fault = Fault("p.json", "unknown fact 'a.b'", "Did you mean 'a.c'?", 7, 5, "a.b")
    with speaking("zh-Hans"):
        assert fault_text(fault) == "p.json:7:5 a.b：未知的事实'a.b'。是否想写“a.c”？"
        assert fault_text(Fault("p.json", "there is no such file")) == "p.json：没有这个文件"


def test_patterns_number_their_values_and_hold_no_help_or_documentation() -> None:
    found = set(patterns())
    assert {"there is no such file", "unknown fact {0}", "expected a number above {0}"} <= found
    assert not any("Whether" in text or text.endswith(": ...") for text in found)
    for text in found:
        numbers = [int(number[1]) for number in NUMBERED.findall(text)]
        assert numbers == sorted(numbers) == list(range(len(numbers)))


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_pattern_is_found_again(language: str) -> None:
    """No other pattern takes its place: what is told has the values, in the words of its own translation."""
    for text in [text for text in dict.fromkeys(patterns()) if text in catalogue(language)]:
        values = [f"«{number}»" for number in range(len(NUMBERED.findall(text)))]
        message = NUMBERED.sub(lambda number: values[int(number[0][1])], text)  # noqa: B023
        wanted = NUMBERED.sub(lambda number: values[int(number[0][1])], catalogue(language)[text])  # noqa: B023
        with speaking(language):
            assert told(message) == wanted, text


def test_wide_characters_take_two_columns() -> None:
    assert columns("T1-01 期限") == 10
    assert columns("e\u0301") == 1
    assert padded("期限", 6) == "期限  "
    assert padded("too long", 3) == "too long"


def test_a_paragraph_breaks_at_spaces_or_between_chinese_characters() -> None:
    text = "短钱配长资产，一则传言就能变成冻结（Celsius，2022年6月）。" * 4
    lines = filled(text, 40)
    assert "".join(lines) == text
    assert all(columns(line) <= 42 for line in lines)
    assert not any(line[0] in "，。）" for line in lines)
    assert filled("one two three four", 9) == ["one two", "three", "four"]
    assert filled("", 10) == []
