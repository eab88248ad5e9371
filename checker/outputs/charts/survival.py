"""How long payment goes on in runs: days from the worst to the best end, on a scale of thirty days."""

from __future__ import annotations

from checker.assess.assessment import Assessment, Number, Variant
from checker.outputs import words
from checker.outputs.charts.draw import Drawing, Scale
from checker.outputs.charts.model import Chart
from checker.outputs.charts.reading import Reading, ends_of, pair
from checker.outputs.charts.rows import BARS, Bar, axis, bars
from checker.outputs.language import tr

HORIZON = 30.0
_MAIN = (
    "deposit_liquidity.liquid_assets_1d",
    "deposit_liquidity.liquid_assets_7d",
    "deposit_liquidity.client_liabilities",
    "deposit_liquidity.liabilities_redeemable_1d",
    "asset_duration.assets",
    "deposit_liquidity.deposits",
)


def survival(assessment: Assessment) -> Chart:
    """The drawing of the runs; it lacks what bounds no run at all."""
    read = Reading(assessment)
    number = assessment.number(words.RUN_DAYS)
    if number is None:
        title = tr("Runs of depositors are not told for this kind of platform")
        return Chart("survival", title, None, title, (), (), "")
    missing = read.missing([*_MAIN, *number.missing])
    if not number.told or not any(variant.told for variant in number.variants):
        title = tr("How long payment would go on in a run is not known")
        return Chart("survival", title, None, title, missing, number.used, "")
    rows = [_row(assessment, number, variant) for variant in number.variants]
    title = _title(assessment, number)
    alt = title + tr(". ") + tr("; ").join(pair(row.name, row.value) for row in rows) + tr(".")
    note = tr("Filled: surely paid in full so long. Hatched: perhaps. Runs are observed extremes, not forecasts.")
    drawing = Drawing("survival")
    scale = Scale(0.0, HORIZON, BARS[0], BARS[1])
    bottom = bars(drawing, scale, rows, 2.0) + 2
    texts = [(day, words.number(day, "days")) for day in (0.0, 7.0, 14.0, 21.0, 30.0)]
    axis(drawing, scale, 2.0, bottom, texts, tr("longer is safer →"))
    return Chart("survival", title, drawing.svg(alt, note), alt, missing, number.used, note)


def _row(assessment: Assessment, number: Number, variant: Variant) -> Bar:
    name = words.scenario_title(assessment, variant.scenario)
    if not variant.told:
        return Bar(name, "", (0.0, 0.0), (0.0, None), "cash", tr("not known"), known=False)
    if variant.never[0]:
        return Bar(name, "", (0.0, 0.0), (HORIZON, HORIZON), "cash", f"✓ {tr('everyone is paid')}")
    lo, hi = ends_of(variant.value) or (None, None)
    end = None if variant.never[1] else hi
    return Bar(name, "", (0.0, 0.0), (lo or 0.0, end), "cash", words.number_text(number, variant.scenario))


def _title(assessment: Assessment, number: Number) -> str:
    """The run of the first page where it is told; where that is stood or not told, the one that ends soonest."""
    told = [variant for variant in number.variants if variant.told]
    if all(variant.never[0] for variant in told):
        return tr("In every run that is told everyone who asks is paid")
    shown = {scenario for id, scenario in assessment.headline if id == number.id}
    failing = [variant for variant in told if not variant.never[0]]
    first = [variant for variant in failing if variant.scenario in shown] or failing
    worst = min(first, key=lambda variant: (ends_of(variant.value) or (0.0, None))[0] or 0.0)
    title = words.run_text(assessment, number, worst.scenario)
    stood = [variant for variant in told if variant.scenario in shown and variant.never[0]]
    if stood:
        first_page = words.run_text(assessment, number, stood[0].scenario)
        return first_page + tr("; ") + words.in_sentence(title)
    return title
