"""Who pays the promised rate: riskless interest, what is earned beyond it, a subsidy, nobody known."""

from __future__ import annotations

from datetime import date

from checker.assess.assessment import Assessment, TableView, Working
from checker.outputs import words
from checker.outputs.charts.draw import Drawing, Scale
from checker.outputs.charts.model import Chart, Missing
from checker.outputs.charts.reading import Ends, Reading, ends_of, joined, pair, told
from checker.outputs.charts.rows import BARS, Bar, axis, bars
from checker.outputs.language import mark, tr
from checker.outputs.markup import clean, shortened
from checker.packs.rulebook import Rulebook

OFFERED, ASSET, SOURCES = "terms.offered_apy", "terms.offered_asset", "yield_source.sources"
NEEDED = (
    OFFERED,
    "yield_source.net_asset_yield_12m",
    "yield_source.cash_income_12m",
    "yield_source.income_run_rate",
    "yield_source.subsidy_share",
    "deposit_liquidity.client_liabilities",
)
_MOST_SOURCES = 6
_TONES = ("ink", "cash", "cash", "pale", "risk")
_NOTES = (
    mark("Filled: surely so much. Hatched: perhaps. An arrow: the end is not known."),
    mark("Government bills are shown for comparison only."),
)


def waterfall(assessment: Assessment, rulebook: Rulebook) -> Chart:
    """The drawing of who pays the promised rate; it lacks only the promise itself."""
    read = Reading(assessment)
    missing = read.missing(NEEDED)
    working = assessment.working("who_pays")
    if working is not None:
        return _parts(read, working, missing)
    promised = read.ends(OFFERED)
    sources = tuple(fact for fact in (OFFERED, ASSET) if read.known(fact))
    if promised is None or not (promised[0] or 0) > 0:
        table = read.table(SOURCES)
        if table is not None and any(ends_of(row.cells.get("share")) is not None for row in table.rows):
            return _sources(table, missing)
        title = tr("No promised rate is known, so that nobody can say who pays it")
        return Chart("waterfall", title, None, title, missing, (), "")
    return _unpaid(read, rulebook, promised, missing, sources)


def _sources(table: TableView, missing: tuple[Missing, ...]) -> Chart:
    """Where no rate is promised: what is said to earn the yield, as shares of it."""
    rows = []
    for row in table.rows:
        share = ends_of(row.cells.get("share"))
        value = tr("share not known") if share is None else told(list(share), "share")
        rows.append(
            Bar(
                clean(words.row_label(row.label)),
                "",
                (0.0, 0.0),
                share or (0.0, 1.0),
                "cash",
                value,
                known=share is not None,
            )
        )
    shown = rows[:_MOST_SOURCES]
    named = words.listed([shortened(row.name, 90) for row in shown], 2)
    title = tr("No promised rate is known; what is said to pay the yield: {activities}").format(activities=named)
    alt = title + tr(". ") + tr("; ").join(pair(row.name, row.value) for row in rows) + tr(".")
    note = joined(tr(_NOTES[0]), tr("Shares of the yield as the platform's sources state them, not a rate."))
    drawing = Drawing("waterfall")
    scale = Scale(0.0, 1.0, BARS[0], BARS[1])
    bottom = bars(drawing, scale, shown, 2.0) + 2
    texts = [(value, words.number(value, "share")) for value in scale.ticks(5)]
    axis(drawing, scale, 2.0, bottom, texts, tr("share of the yield"))
    return Chart("waterfall", title, drawing.svg(alt, note), alt, missing, (SOURCES,), note)


def _unpaid(
    read: Reading, rulebook: Rulebook, promised: Ends, missing: tuple[Missing, ...], sources: tuple[str, ...]
) -> Chart:
    """The promise alone: nothing known says what it is paid from."""
    rate = told(list(promised), "rate")
    title = tr("Nothing known shows what the promised rate ({rate}) is paid from").format(rate=rate)
    riskless = _riskless(read.assessment, rulebook)
    rows = [Bar(tr("Promised"), "", (0.0, 0.0), promised, "ink", rate)]
    alt = title
    note = tr(_NOTES[0])
    if riskless is not None:
        value = told(list(riskless), "rate")
        rows.append(Bar(tr("Government bills"), tr("for comparison"), (0.0, 0.0), riskless, "cash", value))
        alt = tr("{title}; government bills pay {rate}").format(title=title, rate=value)
        note = joined(note, tr(_NOTES[1]))
    rows.append(Bar(tr("Who pays it"), _activities(read), (0.0, None), promised, "risk", tr("not known"), known=False))
    drawing = Drawing("waterfall")
    _plot(drawing, rows, [promised, *([riskless] if riskless else [])])
    alt += tr(".")
    return Chart("waterfall", title, drawing.svg(alt, note), alt, missing, sources, note)


def _parts(read: Reading, working: Working, missing: tuple[Missing, ...]) -> Chart:
    rows: list[Bar] = []
    values: list[str] = []
    for (name, part, start, end), tone in zip(working.rows, _TONES, strict=True):
        value = told(part, "rate")
        open_ = ends_of(part) in ((0, None), None)
        shown = tr("not known") if open_ else value
        detail = _activities(read) if name == working.rows[2][0] else ""
        begin, finish = ends_of(start) or (0.0, None), ends_of(end) or (None, None)
        rows.append(Bar(tr(str(name)), detail, begin, finish, tone, shown))
        values.append(pair(tr(str(name)), shown))
    title = _title(working)
    alt = title + tr(". ") + tr("; ").join(values) + tr(".")
    note = tr(_NOTES[0])
    drawing = Drawing("waterfall")
    _plot(drawing, rows, [ends_of(row[3]) or (None, None) for row in working.rows])
    return Chart("waterfall", title, drawing.svg(alt, note), alt, missing, working.facts, note)


def _title(working: Working) -> str:
    promised = told(working.rows[0][1], "rate")
    earned, subsidy = ends_of(working.rows[2][3]), ends_of(working.rows[3][1])
    nobody = ends_of(working.rows[4][1])
    owed = ends_of(working.rows[0][1])
    if earned is None or earned[1] is None:
        if subsidy is not None and (subsidy[0] or 0) > 0:
            return tr("Of the promised rate ({rate}), a subsidy pays {part}").format(
                rate=promised, part=told(list(subsidy), "rate")
            )
        return tr("Nothing known shows what the promised rate ({rate}) is paid from").format(rate=promised)
    if owed is not None and earned[0] == owed[0] and earned[1] == owed[1]:
        return tr("The promised rate ({rate}) is earned").format(rate=promised)
    if owed is not None and not earned[0] and earned[1] == owed[1]:
        return tr("How much of the promised rate ({rate}) is earned is not known").format(rate=promised)
    unpaid = nobody is not None and (nobody[0] or 0) > 0
    given = subsidy is not None and (subsidy[0] or 0) > 0
    text = tr("Of the promised rate ({rate}), {part} is earned")
    if unpaid and given:
        text = tr("Of the promised rate ({rate}), {part} is earned, a subsidy pays {given}, nobody known pays {rest}")
    elif unpaid:
        text = tr("Of the promised rate ({rate}), {part} is earned; {rest} is paid by nobody known")
    elif given:
        text = tr("Of the promised rate ({rate}), {part} is earned; the rest is a subsidy, as far as is known")
    rest, gift = (told(list(ends), "rate") if ends is not None else "" for ends in (nobody, subsidy))
    return text.format(rate=promised, part=told(list(earned), "rate"), given=gift, rest=rest)


def _activities(read: Reading) -> str:
    """The activities that are said to earn the yield."""
    table = read.table(SOURCES)
    if table is None:
        return tr("no activity is named")
    return tr("named: {activities}").format(activities=words.listed([row.label for row in table.rows], 2))


def _riskless(assessment: Assessment, rulebook: Rulebook) -> Ends | None:
    """The rate of government bills that the rules were told for the offered asset."""
    asset = next((fact.value for fact in assessment.facts if fact.id == ASSET), None)
    if not isinstance(asset, list) or len(asset) != 1:
        return None
    days = (date.fromisoformat(day) for day in (assessment.options.as_of, assessment.options.known_by))
    rate = rulebook.reference.rate("risk_free", str(asset[0]), *days)
    if rate is None:
        return None
    name = f"{rate.series}@{rate.valid_from.isoformat()}"
    used = next((use for use in assessment.rates if use.id == name), None)
    return None if used is None else (used.lo, used.hi)


def _plot(drawing: Drawing, rows: list[Bar], ends: list[Ends]) -> None:
    known = [end for pair in ends for end in pair if end is not None]
    beyond = any(pair[1] is None for pair in ends)
    scale = Scale(0.0, max(known) * (1.25 if beyond else 1.0), BARS[0], BARS[1]).to_next_tick(6)
    bottom = bars(drawing, scale, rows, 2.0) + 2
    texts = [(value, words.number(value, "rate")) for value in scale.ticks(7)]
    axis(drawing, scale, 2.0, bottom, texts, tr("share of the balance a year"))
