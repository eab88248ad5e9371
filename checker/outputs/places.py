"""Where something stands, in the language being spoken: places in a work, works, what a fact calls by a code.

What the rulebook writes about a work is in the catalogues, part by part. What a profile writes is its own and stays,
but for the plain forms that everybody uses (`p. 3`, `Section 4`, `header`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import reduce

from checker.assess.assessment import RateUse
from checker.outputs.language import mark, spoken, tr, tr_country
from checker.outputs.words import day

_COUNTRY_FACT = "country"
_NUMBER = r"(\d+(?:\.\d+)*(?:\(\w+\))*)"
_TO = r"(?:\s?[-–]\s?|\sto\s)"
_FORMS = {
    r"Art(?:icle)?s?\.?": (mark("Art. {n}"), mark("Arts. {n} to {m}")),
    r"(?:[Ss]ections?|ss?\.)": (mark("section {n}"), mark("sections {n} to {m}")),
    r"[Pp]ara(?:graph)?s?\.?": (mark("para. {n}"), mark("paras {n} to {m}")),
    r"(?:[Pp]ages?|pp?\.)": (mark("p. {n}"), mark("pp. {n} to {m}")),
    r"[Tt]ables?": (mark("table {n}"), mark("tables {n} to {m}")),
    r"[Ss]lides?": (mark("slide {n}"), mark("slides {n} to {m}")),
}
_PLAIN = {
    "header": mark("header"),
    "footer": mark("footer"),
    "title": mark("title of the document"),
    "abstract": mark("abstract"),
    "introduction": mark("introduction"),
    "summary": mark("summary"),
    "whole page": mark("whole page"),
    "head of the page": mark("head of the page"),
    "foot of the page": mark("foot of the page"),
    "table of rates": mark("table of rates"),
    "first paragraph": mark("first paragraph"),
    "last paragraph": mark("last paragraph"),
    "principal risks": mark("principal risks"),
    "principal investment risks": mark("principal investment risks"),
    "principal investment strategies": mark("principal investment strategies"),
    "table of target range by effective date": mark("table of target range by effective date"),
}
PART = "; "
_LAWS_OF_CHINA = "CN-"
_ARTICLE = re.compile(r"第(\d+)(?=[条條])")
_STOPS = (".", "?", "!", "。", "？", "！")
_DIGITS = "〇一二三四五六七八九"


def place(text: str, work: str = "") -> str:
    """A place in a work, in the language being spoken; part by part between semicolons.

    Args:
        text: The place, as the rulebook or the profile writes it.
        work: The id of the work where it stands in the rulebook: articles of Chinese laws are counted in words.

    >>> place("Art. 15; para. 22")
    'Art. 15; para. 22'
    """
    if spoken() == "en" or not text:
        return text
    told = tr(text)
    if told == text:
        told = tr(PART).join(map(_part, text.split(PART)))
    return _ARTICLE.sub(_counted, told) if work.startswith(_LAWS_OF_CHINA) else told


def _part(text: str) -> str:
    if (known := tr(text)) != text:
        return known
    if text.lower() in _PLAIN:
        return tr(_PLAIN[text.lower()])
    for head, (one, several) in _FORMS.items():
        if match := re.fullmatch(rf"{head}\s?{_NUMBER}", text):
            return tr(one).format(n=match[1])
        if match := re.fullmatch(rf"{head}\s?{_NUMBER}{_TO}{_NUMBER}", text):
            return tr(several).format(n=match[1], m=match[2])
    return text


def _counted(match: re.Match[str]) -> str:
    """A number of an article in Chinese words, up to 99."""
    tens, units = divmod(int(match[1]), 10)
    if tens > 9:
        return match[0]
    return "第" + (_DIGITS[tens] if tens > 1 else "") + ("十" if tens else "") + (_DIGITS[units] if units else "")


def work(cited: Mapping[str, str]) -> str:
    """A work of the bibliography in one line: title, who issued it, when, and where in it.

    What the rulebook describes and the laws of China are told in the language being spoken; other titles are kept.
    """
    where = place(cited["article"], cited["id"])
    when = day(cited["date"]) or tr("year not stated")
    return closed(enumerated(tr(cited["title"]), tr(cited["issuer"]), when, where))


def series(rate: RateUse) -> str:
    """The document behind a reference rate, with its day or month; after the cut only that it is a compilation."""
    when = tr("values of the day, from a later compilation") if rate.later else day(rate.date)
    return enumerated(tr(rate.source), when)


def enumerated(*parts: str) -> str:
    """What is told of a work, one thing after the other, the empty left out.

    >>> enumerated("Rates", "", "2026-06-01")
    'Rates, 2026-06-01'
    """
    return reduce(lambda one, other: tr("{one}, {other}").format(one=one, other=other), filter(None, parts))


def closed(text: str) -> str:
    """A line with its stop, where it does not end in one.

    >>> closed("Is it safe?"), closed("It is")
    ('Is it safe?', 'It is.')
    """
    return text if text.endswith(_STOPS) else text + tr(".")


def topic(word: str) -> str:
    """What a note of a profile is about, in words.

    >>> topic("realised_yield")
    'realised yield'
    """
    return tr(word.replace("_", " "))


def value(name: str, text: str) -> str:
    """The value of a fact or column, in words: a country by its name."""
    return tr_country(text) if name.rpartition(".")[2] == _COUNTRY_FACT else text
