"""How much is known, section by section: known, settled without being known, withheld, not looked at."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from checker.assess.assessment import Assessment
from checker.outputs import words
from checker.outputs.charts.draw import SMALL, WIDTH, Box, Drawing, Scale
from checker.outputs.charts.model import Chart
from checker.outputs.charts.reading import Reading, aside, pair
from checker.outputs.language import mark, tr
from checker.packs.rulebook import Rulebook

_STALE, _SETTLED = "stale", "settled"
_STATES = ("reported", _STALE, _SETTLED, "not_applicable", "not_disclosed", "not_examined")
_KNOWN, _COUNTED = _STATES[:2], _STATES[:3]
_NAMES = {
    "reported": mark("known"),
    _STALE: mark("known, but too old"),
    _SETTLED: mark("settled"),
    "not_applicable": mark("does not apply"),
    "not_disclosed": mark("not disclosed"),
    "not_examined": mark("nobody looked"),
}
_TONES = {"reported": "ink", _STALE: "dim", _SETTLED: "pale", "not_applicable": "none"}
_BARS, _VALUES, _HIGH, _TOP = (176.0, 590.0), 600.0, 14.0, 22.0


def coverage(assessment: Assessment, rulebook: Rulebook) -> Chart:
    """The drawing of the coverage; there is always one."""
    read = Reading(assessment)
    counts = _counts(assessment, rulebook)
    told = assessment.verdict.coverage
    title = tr(
        "{known} of {asked} facts are known and {settled} more settled; of the {all} critical ones {critical_known} "
        "and {critical_settled}"
    ).format(
        known=told.reported,
        settled=len(told.settled),
        asked=told.asked,
        critical_known=told.critical_reported,
        critical_settled=told.critical_settled,
        all=told.critical_asked,
    )
    shown = [
        tr("{section}: {known} of {all} known, {settled} settled").format(
            section=tr(words.SECTIONS[section]),
            known=sum(count[state] for state in _KNOWN),
            settled=count[_SETTLED],
            all=sum(count.values()),
        )
        for section, count in counts.items()
    ]
    alt = title + tr(". ") + tr("; ").join(shown) + tr(".")
    note = tr(
        "Counted are the facts that rules read for this kind. One is settled where it is not known, but no answer "
        "could change anything. One that is too old still limits how good things can be, no longer how bad."
    )
    missing = read.missing(question.fact for question in assessment.questions)
    drawing = Drawing("coverage")
    _draw(drawing, counts)
    return Chart("coverage", title, drawing.svg(alt, note), alt, missing, (), note)


def _counts(assessment: Assessment, rulebook: Rulebook) -> Mapping[str, Counter[str]]:
    """By section, how many of the facts that rules read stand how."""
    read = {fact for finding in assessment.findings for fact in finding.facts}
    settled = frozenset(assessment.verdict.coverage.settled)
    counts: dict[str, Counter[str]] = {section: Counter() for section in words.SECTIONS}
    stand = [(fact.id, _STALE if fact.stale else fact.status) for fact in assessment.facts]
    stand += [(table.id, table.status) for table in assessment.tables]
    for id, status in stand:
        section = id.partition(".")[0]
        if section in counts and id in read and id in rulebook.dictionary:
            counts[section][_SETTLED if id in settled else status] += 1
    return {section: count for section, count in counts.items() if count}


def _draw(drawing: Drawing, counts: Mapping[str, Counter[str]]) -> None:
    x = 0.0
    present = [state for state in _STATES if any(count[state] for count in counts.values())]
    for state in present:
        _cell(drawing, Box(x + 1, 4, 14, 9), state, "")
        name = tr(_NAMES[state])
        drawing.text(x + 20, 12, name, 120, size=SMALL)
        x += 20 + drawing.measured(name, SMALL) + 18
    most = max((sum(count.values()) for count in counts.values()), default=1)
    scale = Scale(0.0, float(most), _BARS[0], _BARS[1])
    top = _TOP
    for section, count in counts.items():
        middle = top + _HIGH / 2
        drawing.text(0, middle + 3.6, tr(words.SECTIONS[section]), _BARS[0] - 6, size=SMALL)
        done = 0
        for state in _STATES:
            if count[state]:
                left, right = scale.at(float(done)), scale.at(float(done + count[state]))
                said = pair(tr(words.SECTIONS[section]), aside(tr(_NAMES[state]), str(count[state])))
                _cell(drawing, Box(left, top + 1.5, right - left, _HIGH - 3), state, said)
                done += count[state]
        value = tr("{known} of {all}").format(known=sum(count[state] for state in _COUNTED), all=sum(count.values()))
        drawing.text(_VALUES, middle + 3.4, value, WIDTH - _VALUES, size=SMALL, bold=True)
        top += _HIGH


def _cell(drawing: Drawing, box: Box, state: str, title: str) -> None:
    if state in _TONES:
        drawing.rect(box, _TONES[state], title)
    else:
        drawing.hatch(box, title, withheld=state == "not_disclosed")
