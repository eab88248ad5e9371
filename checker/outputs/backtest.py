"""The back-test for a terminal, as JSON and as CSV: hits and misses side by side, nothing computed."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from io import StringIO
from typing import TYPE_CHECKING, Any

from checker.assess.backtest import (
    EVE,
    HORIZONS,
    AtHorizon,
    Backtest,
    Event,
    Group,
    Label,
    Mark,
    Onset,
    Ranking,
    Reading,
    RuleRecord,
    Share,
    Track,
    Verdicts,
)
from checker.model.finding import Grade
from checker.outputs import words
from checker.outputs.language import mark, tr
from checker.packs.rulebook import Rulebook

if TYPE_CHECKING:
    from rich.console import Console

SCHEMA = "ddcheck/backtest/1"
PLACES = 4
GROUP_ORDER = ("T1", "T2", "T3", "T4", "C", "R", "L", "N", "A", "D", "G", "M")
LABELS = {
    Label.FAILED: mark("failed"),
    Label.HALTED: mark("halted, most were paid"),
    Label.IMPAIRED: mark("impaired, the door stayed open"),
    Label.SURVIVED: mark("survived"),
    Label.WOUND_DOWN: mark("wound down in order"),
}
SHORT_LABELS = {
    Label.FAILED: mark("failed"),
    Label.HALTED: mark("halted"),
    Label.IMPAIRED: mark("impaired"),
    Label.SURVIVED: mark("survived"),
    Label.WOUND_DOWN: mark("wound down in order"),
}
GROUPS = {
    Group.FAILURE: mark("Doors that shut"),
    Group.SURVIVOR: mark("Doors that stayed open"),
    Group.APART: mark("Counted apart"),
}
READING_NAMES = {
    "whole": mark("as it stands"),
    "without_learned": mark("without rules learned from the case"),
    "as_of": mark("thresholds as of the day"),
    "strict": mark("without inferred dates"),
}
CLASSES = {
    "flagged": mark("flagged: certainly D or worse"),
    "cleared": mark("cleared: certainly C or better"),
    "alarmed": mark("alarmed: E or F possible, not certain"),
    "open": mark("open: D possible, nothing worse"),
    "not_assessable": mark("not assessable"),
    "all": mark("any verdict"),
}
DEFINITIONS = {
    "flagged": mark("Flagged: certainly D or worse, whatever the unknown facts turn out to be."),
    "alarmed": mark("Alarmed: assessable, and E or F is possible."),
    "cleared": mark("Cleared: certainly C or better."),
    "cut": mark(
        "Each verdict uses only what was public on its day; the last one is that of the day before the door shut."
    ),
    "survivors": mark("A survivor counts once, on the worst of the days on which it is judged."),
}
LIMITS = (
    mark(
        "The platforms were chosen by hand because their end is known; the shares hold for this corpus, not for others."
    ),
    mark(
        "Facts were collected after the event, by people who knew it; the strict reading shows what inferred days hold."
    ),
    mark("Two shocks of 2022 stand behind several failures, so platforms are fewer independent cases than they look."),
    mark(
        "No threshold was fitted to this corpus; those learned from one of its cases are left out in a second reading."
    ),
)


# ------------------------------------------------------------------------------------------------------------- words


def span(ends: tuple[Grade | None, Grade | None]) -> str:
    """Both ends of a grade, or a dash where the kind gets none."""
    return words.span(*ends) if ends[0] is not None else "-"


def share_text(told: Share) -> str:
    """A count with its interval in words."""
    if told.wilson is None or told.value is None:
        return tr("none of none")
    return tr("{count} of {of} ({share}, interval {lo} to {hi})").format(
        count=told.count,
        of=told.of,
        share=_percent(told.value),
        lo=_percent(told.wilson[0]),
        hi=_percent(told.wilson[1]),
    )


def _percent(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def headline(result: Backtest) -> str:
    """The first sentence: what was caught, what was missed, what was flagged falsely."""
    failures, survivors = result.eve.failures.flagged, result.eve.survivors.flagged
    return tr(
        "In a corpus of {n} platforms: {caught} of {shut} whose door shut were flagged the day before; {false} of "
        "{open} whose door stayed open were flagged falsely."
    ).format(n=len(result.tracks), caught=failures.count, shut=failures.of, false=survivors.count, open=survivors.of)


def lead_text(result: Backtest) -> str:
    """How long before."""
    lead = result.lead
    if lead.median is None:
        return tr("None of {of} was flagged when its door shut.").format(of=lead.of)
    return tr("The flag stood for {median} at the median before the door shut (least {least}, most {most}).").format(
        median=words.number(lead.median, "days"), least=lead.least, most=words.number(lead.most or 0, "days")
    )


def years_text(result: Backtest) -> str:
    """For how long survivors stood under a flag."""
    years = result.alarm_years
    return tr("Survivors stood under a flag for {flagged} of {watched} platform-years ({share}).").format(
        flagged=f"{years.flagged:.1f}", watched=f"{years.watched:.1f}", share=_percent(years.share)
    )


def clusters_text(result: Backtest) -> str:
    """How many shocks were caught whole."""
    caught = result.clusters_caught
    return tr("Counted by shock: in {count} of {of} every platform was flagged.").format(
        count=caught.count, of=caught.of
    )


def ranking_text(ranking: Ranking) -> str:
    """One end as a score: area, error, permutation."""
    if ranking.auc is None or ranking.error is None or ranking.test is None:
        return tr("no area without both sorts of platform")
    how = tr("exact") if ranking.test.exact else tr("sampled")
    end = tr("best end") if ranking.end == "best" else tr("worst end")
    return tr("{end}: area {auc} ± {error}, permutation of {shut} and {open} shocks p = {p} ({how})").format(
        end=end,
        auc=f"{ranking.auc:.2f}",
        error=f"{ranking.error:.2f}",
        shut=ranking.clusters[0],
        open=ranking.clusters[1],
        p=f"{ranking.test.p:.2g}",
        how=how,
    )


def skill_text(at: AtHorizon) -> str:
    """The Brier score beside that of a constant forecast."""
    if at.skill is None or at.brier is None or at.base is None:
        return tr("no skill can be told")
    return tr("Brier {score} against {base} for the base rate, skill {skill}").format(
        score=f"{at.brier:.3f}", base=f"{at.base:.3f}", skill=f"{at.skill:+.2f}"
    )


def result_text(result: Backtest, track: Track) -> str:
    """What came of one platform: hit or miss, false alarm or none."""
    group = result.group(track)
    if group is Group.FAILURE:
        if track.flagged is None:
            return tr("missed")
        return tr("flagged {days} before").format(days=words.number(track.flagged.lead_days, "days"))
    if group is Group.SURVIVOR:
        return tr("false alarm") if any(m.whole.flagged for m in track.marks) else tr("not flagged")
    return tr("no grade") if not track.graded else (tr("flagged") if track.flagged else tr("not flagged"))


def is_hit(result: Backtest, track: Track) -> bool:
    """Whether the checker was right: a flag where the door shut, none where it stayed open."""
    if result.group(track) is Group.FAILURE:
        return track.flagged is not None
    return not any(mark.whole.flagged for mark in track.marks)


def capital(text: str) -> str:
    """A sentence that begins with a capital and ends with a full stop."""
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '。')) or not text else tr('.')}"


def ordered(result: Backtest, group: Group) -> list[Track]:
    """The platforms of a group, hits before misses, the longest lead first."""
    return sorted(
        result.of(group),
        key=lambda t: (not is_hit(result, t), -(t.flagged.lead_days if t.flagged else 0), t.profile),
    )


def codes(rulebook: Rulebook, rules: Iterable[str], most: int = 4) -> str:
    """Rules by their codes, in the order of the catalogue."""
    found = [rulebook.rules[rule].code for rule in rules if rule in rulebook.rules]
    return words.listed(sorted(found, key=by_number), most)


def by_number(code: str) -> tuple[int, list[int | str]]:
    """Sort key of a rule's code: traits first, then by number."""
    group = code.partition("-")[0]
    place = GROUP_ORDER.index(group) if group in GROUP_ORDER else len(GROUP_ORDER)
    return place, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", code)]


# -------------------------------------------------------------------------------------------------------------- JSON


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, PLACES)


def _pair(ends: tuple[float, float] | None) -> list[float] | None:
    return None if ends is None else [round(end, PLACES) for end in ends]


def _name(grade: Grade | None) -> str | None:
    return None if grade is None else grade.name


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _share(told: Share) -> dict[str, Any]:
    return {
        "count": told.count,
        "of": told.of,
        "share": _round(told.value),
        "wilson": _pair(told.wilson),
        "clopper_pearson": _pair(told.clopper_pearson),
    }


def _event(event: Event | None) -> dict[str, Any] | None:
    if event is None:
        return None
    source = event.source
    cited = {"title": source.title, "publisher": source.publisher, "date": source.date, "url": source.url}
    return {"date": event.day.isoformat(), "what": event.what, "source": cited}


def _onset(onset: Onset | None) -> dict[str, Any] | None:
    if onset is None:
        return None
    return {
        "date": onset.day.isoformat(),
        "lead_days": onset.lead_days,
        "deciding": list(onset.deciding),
        "facts": list(onset.facts),
        "new_facts": list(onset.new),
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "grade": _name(reading.best) if reading.best == reading.worst else None,
        "best": _name(reading.best),
        "worst": _name(reading.worst),
        "assessable": reading.assessable,
        "flagged": reading.flagged,
        "alarmed": reading.alarmed,
        "cleared": reading.cleared,
    }


def _mark(mark: Mark) -> dict[str, Any]:
    whole = mark.whole
    return {
        "date": mark.day.isoformat(),
        "days_before": mark.ahead,
        **_reading(whole),
        "coverage": {"all": _round(whole.known), "critical": _round(whole.critical)},
        "deciding": list(whole.deciding),
        "stops": list(whole.stops),
        "fails": list(whole.fails),
        "warns": list(whole.warns),
        "other_readings": {name: _reading(told) for name, told in mark.readings.items() if name != "whole"},
    }


def _track(result: Backtest, track: Track) -> dict[str, Any]:
    case = result.cases[track.profile]
    return {
        "profile": track.profile,
        "name": track.name,
        "kind": track.kind,
        "sha256": track.sha256,
        "label": case.label.value,
        "group": result.group(track).value,
        "cluster": case.cluster,
        "event": _event(case.event),
        "stress": _event(case.stress),
        "last_seen": _event(case.last_seen),
        "expected": case.expected,
        "known_miss": case.known_miss,
        "hit": is_hit(result, track) if result.group(track) is not Group.APART else None,
        "known_from": _day(track.known_from),
        "known_until": _day(track.known_until),
        "flagged_since": _onset(track.flagged),
        "alarmed_since": _onset(track.alarmed),
        "first_flagged": _day(track.ever_flagged),
        "facts": list(track.facts),
        "unknown": list(track.unknown),
        "rules_learned_from_case": list(track.left_out),
        "strict": {"dropped": track.dropped, "counted_later": track.later},
        "days": [_mark(mark) for mark in track.marks],
        "timeline": [
            {
                "date": day.isoformat(),
                "best": _name(reading.best),
                "worst": _name(reading.worst),
                "assessable": reading.assessable,
                "critical": _round(reading.critical),
            }
            for day, reading in track.days
        ],
    }


def _verdicts(told: Verdicts) -> dict[str, Any]:
    return {
        "flagged": _share(told.flagged),
        "alarmed": _share(told.alarmed),
        "cleared": _share(told.cleared),
        "not_assessable": _share(told.not_assessable),
        "median_coverage": {"all": _round(told.known), "critical": _round(told.critical)},
    }


def _ranking(ranking: Ranking) -> dict[str, Any]:
    test = ranking.test
    return {
        "score": f"{ranking.end} end",
        "auc": _round(ranking.auc),
        "error": _round(ranking.error),
        "interval": _pair(ranking.interval),
        "clusters": {"shut": ranking.clusters[0], "open": ranking.clusters[1]},
        "permutation": None
        if test is None
        else {
            "p": float(f"{test.p:.4g}"),
            "exact": test.exact,
            "arrangements": test.arrangements,
            "tried": test.tried,
            "smallest_p": float(f"{test.smallest:.4g}"),
        },
    }


def _at(at: AtHorizon) -> dict[str, Any]:
    return {
        "days_before": at.ahead,
        "reading": at.reading,
        "failures": _verdicts(at.failures) | {"with_facts": at.with_facts},
        "survivors": _verdicts(at.survivors),
        "sensitivity": _share(at.failures.flagged),
        "false_alarm_rate": _share(at.survivors.flagged),
        "auc": [_ranking(ranking) for ranking in at.ranking],
        "brier": {"score": _round(at.brier), "base_rate": _round(at.base), "skill": _round(at.skill)},
    }


def _rule(record: RuleRecord, rulebook: Rulebook) -> dict[str, Any]:
    rule = rulebook.rules.get(record.rule)
    return {
        "rule": record.rule,
        "code": rule.code if rule else "",
        "title": rule.title if rule else "",
        "severity": rule.severity if rule else "",
        "failed_on_failures": _share(record.failures),
        "failed_on_survivors": _share(record.survivors),
        "warned_on_failures": record.warned_failures,
        "warned_on_survivors": record.warned_survivors,
        "decided_failures": record.decided_failures,
        "decided_survivors": record.decided_survivors,
        "median_lead_days": record.lead_days,
    }


def backtest_dict(result: Backtest, rulebook: Rulebook) -> dict[str, Any]:
    """The back-test as plain values: the same bytes for the same input."""
    about = result.about
    dates = result.dates
    return {
        "schema": SCHEMA,
        "program": {"name": "ddcheck", "version": about.program},
        "headline": headline(result),
        "options": {"parameters": about.parameters, "strict": about.strict, "overrides": dict(about.overrides)},
        "inputs": {"sha256": about.inputs, "outcomes": about.outcomes, "packs": [dict(pack) for pack in about.packs]},
        "definitions": {name: tr(text) for name, text in DEFINITIONS.items()},
        "limits": [tr(text) for text in LIMITS],
        "corpus": {
            "platforms": len(result.tracks),
            **{f"{group.value}s" if group is not Group.APART else "apart": len(result.of(group)) for group in Group},
            "first": _day(dates[0]) if dates else None,
            "last": _day(dates[1]) if dates else None,
            "clusters": [{"name": name, "what": what} for name, what in result.cluster_notes.items()],
            "without_outcome": list(result.without_outcome),
            "without_profile": list(result.without_profile),
        },
        "horizons": [_at(at) for at in result.horizons],
        "other_readings": [_at(at) for at in result.variants],
        "thresholds": [
            {
                "score": f"{t.end} end",
                "from": t.grade.name,
                "hits": _share(t.hits),
                "misses": t.hits.of - t.hits.count,
                "false_alarms": _share(t.false_alarms),
                "quiet": t.false_alarms.of - t.false_alarms.count,
            }
            for t in result.thresholds
        ],
        "clusters_caught": _share(result.clusters_caught),
        "lead_days": {
            "flagged": result.lead.flagged,
            "of": result.lead.of,
            "median": result.lead.median,
            "least": result.lead.least,
            "most": result.lead.most,
        },
        "survivor_years": {
            "watched": _round(result.alarm_years.watched),
            "flagged": _round(result.alarm_years.flagged),
            "alarmed": _round(result.alarm_years.alarmed),
            "share_flagged": _round(result.alarm_years.share),
        },
        "changes": [
            {
                "profile": change.profile,
                "date": change.day.isoformat(),
                "days_before": change.ahead,
                "reading": change.reading,
                "before": {"best": _name(change.before[0]), "worst": _name(change.before[1])},
                "after": {"best": _name(change.after[0]), "worst": _name(change.after[1])},
                "unflagged": change.unflagged,
                "newly_flagged": change.newly_flagged,
            }
            for change in result.changes
        ],
        "rules": {
            "all": [_rule(record, rulebook) for record in result.rules],
            "never_decide": list(result.never_decide),
            "only_false_alarms": list(result.only_false),
        },
        "meaning": {
            kind: [
                {"verdict": row.name, "closed_within_a_year": _share(row.closed), "platforms": row.platforms}
                for row in rows
            ]
            for kind, rows in (("classes", result.classes), ("best_ends", result.best_ends))
        },
        "platforms": [_track(result, track) for track in result.tracks],
    }


def render_json(result: Backtest, rulebook: Rulebook) -> str:
    """The back-test as JSON text."""
    return json.dumps(backtest_dict(result, rulebook), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


# --------------------------------------------------------------------------------------------------------------- CSV

COLUMNS = (
    "profile",
    "name",
    "kind",
    "label",
    "group",
    "cluster",
    "event",
    "date",
    "days_before",
    "best",
    "worst",
    "assessable",
    "flagged",
    "alarmed",
    "cleared",
    "coverage.all",
    "coverage.critical",
    "deciding",
    "stops",
    "without_learned.best",
    "without_learned.worst",
    "as_of.best",
    "as_of.worst",
    "strict.best",
    "strict.worst",
    "flagged_since",
    "lead_days",
)


def _cells(result: Backtest, track: Track, mark: Mark) -> Mapping[str, object]:
    case, whole = result.cases[track.profile], mark.whole
    row: dict[str, object] = {
        "profile": track.profile,
        "name": track.name,
        "kind": track.kind,
        "label": case.label.value,
        "group": result.group(track).value,
        "cluster": case.cluster,
        "event": _day(case.event.day if case.event else None),
        "date": mark.day.isoformat(),
        "days_before": mark.ahead,
        "best": _name(whole.best),
        "worst": _name(whole.worst),
        "assessable": whole.assessable,
        "flagged": whole.flagged,
        "alarmed": whole.alarmed,
        "cleared": whole.cleared,
        "coverage.all": _round(whole.known),
        "coverage.critical": _round(whole.critical),
        "deciding": " ".join(whole.deciding),
        "stops": " ".join(whole.stops),
        "flagged_since": _day(track.flagged.day if track.flagged else None),
        "lead_days": track.flagged.lead_days if track.flagged else None,
    }
    for name, reading in mark.readings.items():
        if name != "whole":
            row |= {f"{name}.best": _name(reading.best), f"{name}.worst": _name(reading.worst)}
    return row


def render_csv(result: Backtest) -> str:
    """One row for each platform and day judged; no cell that a spreadsheet takes for a formula."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for track in result.tracks:
        for told in track.marks:
            cells = _cells(result, track, told)
            writer.writerow([_cell(cells[column]) for column in COLUMNS])
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    text = "" if value is None else str(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


# ---------------------------------------------------------------------------------------------------------- terminal


def render_text(result: Backtest, rulebook: Rulebook, *, colour: bool, width: int) -> str:
    """The back-test for a terminal of `width` columns; without `colour` it is plain text."""
    from rich.console import Console

    out = StringIO()
    console = Console(
        file=out, force_terminal=colour, no_color=not colour, width=width, highlight=False, markup=False, emoji=False
    )
    _line(console, headline(result), "bold")
    for name in ("flagged", "cut", "survivors"):
        _line(console, tr(DEFINITIONS[name]))
    _options(console, result)
    _failures(console, result, rulebook)
    _survivors(console, result, rulebook, Group.SURVIVOR)
    _survivors(console, result, rulebook, Group.APART)
    _misses(console, result, rulebook)
    _statistics(console, result)
    _changes(console, result)
    _rules(console, result, rulebook)
    _meaning(console, result)
    _foot(console, result)
    return out.getvalue()


def _line(console: Console, text: str, style: str = "") -> None:
    from rich.text import Text

    console.print(Text(text, style=style))


def _table(console: Console, title: str, head: Sequence[str], rows: Iterable[Sequence[tuple[str, str]]]) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for index, name in enumerate(head):
        table.add_column(name, overflow="fold", no_wrap=0 < index < len(head) - 1, min_width=14 if index == 0 else None)
    for row in rows:
        table.add_row(*(Text(text, style=style) for text, style in row))
    console.print()
    _line(console, title, "bold")
    console.print(table)


def _options(console: Console, result: Backtest) -> None:
    if result.about.strict:
        _line(console, tr("Strict: entries with inferred dates are left out everywhere."), "yellow")
    if result.about.parameters == "as-of":
        _line(console, tr("Thresholds as of each day."), "yellow")
    for name, value in result.about.overrides.items():
        _line(console, tr("Changed: {name} = {value}").format(name=name, value=value), "yellow")


def shown(reading: Reading) -> str:
    """A verdict in a cell: both ends, with a question mark where it is not assessable."""
    text = span(reading.span)
    return f"{text}?" if reading.best is not None and not reading.assessable else text


def _symbol(right: bool) -> tuple[str, str]:
    return ("✓", "green") if right else ("✗", "red")


def _failures(console: Console, result: Backtest, rulebook: Rulebook) -> None:
    head = [tr("platform"), "", tr("shut on"), *(tr("{n} d").format(n=ahead) for ahead in HORIZONS)]
    head += [tr("flagged"), tr("known"), tr("decided by")]

    def row(track: Track) -> list[tuple[str, str]]:
        event = result.cases[track.profile].event
        marks = {mark.ahead: mark for mark in track.marks}
        eve = marks[EVE].whole
        since = words.number(track.flagged.lead_days, "days") if track.flagged else tr("missed")
        return [
            (track.name, ""),
            _symbol(is_hit(result, track)),
            (words.day(event.day) if event else "", ""),
            *((shown(marks[ahead].whole), "bold" if marks[ahead].whole.flagged else "dim") for ahead in HORIZONS),
            (since, ""),
            (_percent(eve.critical), ""),
            (codes(rulebook, eve.deciding, 3) if eve.flagged else "", "dim"),
        ]

    title = tr("{group}: the verdict so many days before").format(group=tr(GROUPS[Group.FAILURE]))
    _table(console, title, head, map(row, ordered(result, Group.FAILURE)))


def _survivors(console: Console, result: Backtest, rulebook: Rulebook, group: Group) -> None:
    head = [tr("platform"), "", tr("outcome"), tr("verdict on each day judged"), tr("known"), tr("decided by")]

    def row(track: Track) -> list[tuple[str, str]]:
        case = result.cases[track.profile]
        marks = [mark for mark in track.marks if mark.ahead in (None, EVE)]
        told = "\n".join(f"{words.day(mark.day)} {shown(mark.whole)}" for mark in marks)
        flagged = [mark for mark in marks if mark.whole.flagged]
        symbol = _symbol(is_hit(result, track)) if group is Group.SURVIVOR else ("·", "dim")
        return [
            (track.name, ""),
            symbol,
            (tr(SHORT_LABELS[case.label]), ""),
            (told, "bold" if flagged else ""),
            (_percent(marks[-1].whole.critical) if marks else "-", ""),
            (codes(rulebook, flagged[-1].whole.deciding, 3) if flagged else "", "dim"),
        ]

    members = ordered(result, group)
    if members:
        _table(console, tr(GROUPS[group]), head, map(row, members))


def render_markdown(result: Backtest, rulebook: Rulebook) -> str:
    """Every platform with its last day judged, as a table for a README: grade, what was known and decided, outcome."""
    head = (tr("platform"), tr("judged on"), tr("grade"), tr("known"), tr("decided by"), tr("outcome"))
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for group in (Group.FAILURE, Group.SURVIVOR, Group.APART):
        for track in ordered(result, group):
            case = result.cases[track.profile]
            marks = [mark for mark in track.marks if mark.ahead in (None, EVE)]
            if not marks:
                continue
            mark = marks[-1]
            outcome = tr(SHORT_LABELS[case.label])
            if case.event is not None:
                outcome += f" {words.day(case.event.day)}"
            if group is Group.FAILURE:
                lead = tr("missed")
                if track.flagged:
                    lead = tr("flagged {days} before").format(days=words.number(track.flagged.lead_days, "days"))
                outcome += tr("; ") + lead
            elif group is Group.SURVIVOR and mark.whole.flagged:
                outcome += tr("; ") + tr("false alarm")
            decided = codes(rulebook, mark.whole.deciding, 3) if mark.whole.flagged else ""
            row = (track.name, words.day(mark.day), shown(mark.whole), _percent(mark.whole.critical), decided, outcome)
            lines.append("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |")
    return f"{headline(result)}\n\n" + "\n".join(lines) + "\n"


def _misses(console: Console, result: Backtest, rulebook: Rulebook) -> None:
    """Every platform on which the checker was wrong, and what a reader knew to be missing."""
    wrong = [
        track
        for group in (Group.FAILURE, Group.SURVIVOR)
        for track in ordered(result, group)
        if not is_hit(result, track)
    ]
    if not wrong:
        return
    console.print()
    _line(console, tr("Misses and false alarms"), "bold")
    for track in wrong:
        _line(console, "  " + tr("{name}: {value}").format(name=track.name, value=why(result, track, rulebook)))


def why(result: Backtest, track: Track, rulebook: Rulebook) -> str:
    """What stood against a right verdict: how little was known, what failed all the same, which facts are missing."""
    case = result.cases[track.profile]
    last = track.marks[-1].whole
    if result.group(track) is Group.FAILURE:
        text = tr("{best} at best, on {share} of the critical facts").format(
            best=last.best.name if last.best is not None else "-", share=_percent(last.critical)
        )
    else:
        text = tr("flagged by {codes}").format(codes=codes(rulebook, last.deciding))
    if result.group(track) is Group.FAILURE:
        fails = codes(rulebook, last.fails, 6)
        text += tr("; certain to fail: {codes}").format(codes=fails) if fails else ""
        unknown = words.listed([words.fact_name(fact) for fact in track.unknown])
        text += tr("; open first of all: {facts}").format(facts=unknown) if unknown else ""
    reason = tr(case.known_miss or case.expected)
    return text + (tr(". ") + capital(reason) if reason else tr(".")).rstrip()


def _statistics(console: Console, result: Backtest) -> None:
    head = [tr("days before"), tr("flagged of those that shut"), tr("false alarms"), tr("not assessable"), tr("known")]

    def row(at: AtHorizon) -> list[tuple[str, str]]:
        return [
            (str(at.ahead), ""),
            (share_text(at.failures.flagged), ""),
            (share_text(at.survivors.flagged), ""),
            (f"{at.failures.not_assessable.count} / {at.survivors.not_assessable.count}", ""),
            (f"{_percent(at.failures.critical)} / {_percent(at.survivors.critical)}", ""),
        ]

    _table(console, tr("How often it was right (intervals by Wilson, 95%)"), head, map(row, result.horizons))
    for text in (lead_text(result), clusters_text(result), years_text(result)):
        _line(console, text)
    for ranking in result.eve.ranking:
        _line(console, ranking_text(ranking))
    _line(console, skill_text(result.eve))
    thresholds = [
        [
            (f"{t.grade.name} {tr('or worse')}", ""),
            (_ends(t.end), ""),
            (_count(t.hits), ""),
            (_count(t.false_alarms), ""),
        ]
        for t in result.thresholds
    ]
    head = [tr("alarm at"), tr("of the"), tr("hits"), tr("false alarms")]
    _table(console, tr("The curve over the threshold, the day before"), head, thresholds)


def _ends(end: str) -> str:
    return tr("best end") if end == "best" else tr("worst end")


def _count(told: Share) -> str:
    return f"{told.count}/{told.of}"


def _changes(console: Console, result: Backtest) -> None:
    head = [
        tr("reading, the day before"),
        tr("flagged of those that shut"),
        tr("false alarms"),
        tr("no longer flagged"),
    ]

    def row(at: AtHorizon) -> list[tuple[str, str]]:
        lost = unflagged(result, at.reading)
        return [
            (tr(READING_NAMES[at.reading]), ""),
            (share_text(at.failures.flagged), ""),
            (_count(at.survivors.flagged), ""),
            (words.listed(lost, 8) or "-", ""),
        ]

    _table(console, tr("The same, read more strictly"), head, map(row, (result.eve, *result.variants)))


def unflagged(result: Backtest, reading: str) -> list[str]:
    """The failures that are not flagged the day before when read another way."""
    shut = {track.profile for track in result.of(Group.FAILURE)}
    return sorted({c.profile for c in result.changes if c.reading == reading and c.ahead == EVE and c.unflagged} & shut)


def _rules(console: Console, result: Backtest, rulebook: Rulebook) -> None:
    head = [tr("rule"), tr("decided"), tr("failed: shut"), tr("failed: stayed open"), tr("lead"), tr("requirement")]
    active = [r for r in result.rules if r.decided_failures or r.survivors.count]
    active.sort(key=lambda r: (-r.decided_failures, -r.failures.count, r.rule))

    def row(record: RuleRecord) -> list[tuple[str, str]]:
        rule = rulebook.rules.get(record.rule)
        return [
            (rule.code if rule else record.rule, "bold"),
            (str(record.decided_failures), ""),
            (_count(record.failures), ""),
            (_count(record.survivors), ""),
            ("-" if record.lead_days is None else words.number(record.lead_days, "days"), ""),
            (tr(rule.title) if rule else "", ""),
        ]

    _table(console, tr("What each rule did"), head, map(row, active))
    for text, rules in rule_lists(result):
        _line(console, text.format(codes=codes(rulebook, rules, 200) or tr("none")), "dim")


def rule_lists(result: Backtest) -> tuple[tuple[str, list[str]], ...]:
    """What is said of rules that did nothing, or only harm, with the rules of which it is true."""
    seen = {r.rule for r in result.rules if r.failures.count or r.survivors.count}
    follow = [r.rule for r in result.rules if r.failures.count and not r.decided_failures]
    return (
        (tr("Failed on survivors only: {codes}"), list(result.only_false)),
        (tr("Failed on some whose door shut, but never decided: {codes}"), follow),
        (tr("Certain to fail on nobody: {codes}"), [r.rule for r in result.rules if r.rule not in seen]),
    )


def _meaning(console: Console, result: Backtest) -> None:
    head = [tr("verdict"), tr("door shut within a year"), tr("platforms")]
    rows = [
        [(tr(CLASSES[row.name]), ""), (share_text(row.closed), ""), (str(row.platforms), "")]
        for row in result.classes
        if row.closed.of
    ]
    rows += [
        [(tr("{grade} at best").format(grade=row.name), ""), (share_text(row.closed), ""), (str(row.platforms), "")]
        for row in result.best_ends
        if row.closed.of
    ]
    title = tr("What a verdict has meant, over the quarter ends of this corpus")
    _table(console, title, head, rows)


def _foot(console: Console, result: Backtest) -> None:
    console.print()
    if result.without_outcome:
        names = words.listed(list(result.without_outcome), 20)
        _line(console, tr("Not used, because no outcome is told: {names}").format(names=names), "yellow")
    if result.without_profile:
        names = words.listed(list(result.without_profile), 20)
        _line(console, tr("Outcomes without a profile here: {names}").format(names=names), "dim")
    for text in LIMITS:
        _line(console, tr(text), "dim")
    _line(console, words.motto(), "dim")
