"""The words and numbers that every output shares: outcomes, kinds, the sentence that says what is certain, messages.

All sentences a reader meets come from here or from the rules, so that terminal, JSON and PDF say the same. They are
written in English and rendered in the language being spoken (`checker.outputs.language`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from math import ceil, floor
from typing import TYPE_CHECKING

from checker.assess.assessment import (
    Assessment,
    ConstraintView,
    Finding,
    Number,
    OverrideView,
    ParameterUse,
    Question,
    Remark,
    SourceView,
    TraitView,
    Working,
)
from checker.model.finding import Grade, Outcome
from checker.outputs.language import mark, spoken, tr, tr_country, tr_name, tr_value
from checker.packs.rulebook import FRAGMENT, TEST, UNKNOWN, slot

if TYPE_CHECKING:
    from checker.assess.unknowns import Unknown

KINDS = {
    "cefi_lender": mark("centralised lender"),
    "defi_market": mark("DeFi money market"),
    "yield_product": mark("yield product"),
    "p2p": mark("P2P lending platform"),
    "fund": mark("fund"),
    "bank": mark("bank"),
    "borrower": mark("borrower"),
    "treasury": mark("treasury company"),
    "exchange": mark("exchange"),
    "token": mark("token"),
}
OUTCOMES = {
    Outcome.PASS: mark("pass"),
    Outcome.WARN: mark("warn"),
    Outcome.FAIL: mark("fail"),
    Outcome.NOT_APPLICABLE: mark("not applicable"),
}
REASONS = {
    "not_examined": mark("nobody looked"),
    "not_disclosed": mark("not disclosed"),
    "range_straddles": mark("the known range straddles the threshold"),
    "stale": mark("the fact is too old"),
    "conflict": mark("sources disagree"),
    "applicability_unknown": mark("it is not known whether the rule applies"),
    "no_reference_rate": mark("no reference rate is held for that day"),
}
GRADES = {
    Grade.A: mark("Sound on evidence"),
    Grade.B: mark("Structure with backstops"),
    Grade.C: mark("Weak spots"),
    Grade.D: mark("Serious weaknesses"),
    Grade.E: mark("Avoid unless rebutted"),
    Grade.F: mark("Cash-pool pattern or a stop"),
}
EVIDENCE_GRADES = (
    mark("hearsay"),
    mark("own words"),
    mark("third party, assets only"),
    mark("independent, assets and debts"),
    mark("audited or found"),
)
SEVERITIES = {"critical": mark("critical"), "major": mark("major"), "minor": mark("minor")}
STOPS = {"proved": mark("proved"), "presumed": mark("presumed"), "alleged": mark("alleged")}
STATUSES = {
    "not_disclosed": mark("not disclosed"),
    "not_examined": mark("not examined"),
    "not_applicable": mark("not applicable"),
}
SECTIONS = {
    "terms": mark("Terms and rates"),
    "ltv_practice": mark("Collateral and its reuse"),
    "deposit_liquidity": mark("Deposits and liquidity"),
    "asset_duration": mark("Life of the assets"),
    "yield_source": mark("Sources of the yield"),
    "structure": mark("Structure and claims"),
    "leverage": mark("Leverage and loops"),
    "exposures": mark("Exposures"),
    "affiliates": mark("Affiliates and own token"),
    "disclosure": mark("Disclosure and audit"),
    "governance": mark("Governance and law"),
    "marketing": mark("Claims in marketing"),
}
EVIDENCE_WORDS = {
    "rumour": mark("rumour"),
    "advertised": mark("advertised"),
    "company_disclosed": mark("company's disclosure"),
    "terms_of_use": mark("terms of use"),
    "protocol_docs": mark("protocol documents"),
    "debtor_declaration": mark("debtor's declaration"),
    "press": mark("press"),
    "analyst": mark("analyst"),
    "onchain": mark("on-chain"),
    "attestation": mark("attestation"),
    "complaint": mark("complaint"),
    "solvency_attestation": mark("solvency attestation"),
    "audit": mark("audit"),
    "court_finding": mark("found by a court"),
    "examiner": mark("examiner's report"),
    "regulator_finding": mark("found by a regulator"),
    "settled_order": mark("settled order"),
    "prospectus": mark("prospectus"),
    "regulatory_return": mark("regulatory return"),
    "register": mark("register"),
}
INFERRED = {
    "from": mark("start inferred"),
    "until": mark("end inferred"),
    "known_on": mark("publication inferred"),
    "seen": mark("last sight inferred"),
}
_CONFIDENCE = {
    "high": mark("high confidence"),
    "medium": mark("medium confidence"),
    "low": mark("low confidence"),
}
BOUNDS = {"per rule": mark("worked out rule by rule")}
WITHHELD = (
    mark("A source of the profile that appeared after the cut or names a later day; what it tells was public before"),
    mark("A work later than the cut; see ddcheck rules show"),
)
_LIMITING = {
    "critical FAILs in several groups": mark("critical requirements fail in several groups"),
    "critical FAIL": mark("a critical requirement fails"),
    "major FAIL": mark("a major requirement fails"),
    "WARN": mark("a requirement is weak"),
}
_COULD_LIMIT = {
    "critical FAILs in several groups": mark("critical requirements could fail in several groups"),
    "critical FAIL": mark("a critical requirement could fail"),
    "major FAIL": mark("a major requirement could fail"),
    "WARN": mark("a requirement could be weak"),
}
_STANDS_BEHIND = (
    mark("hearsay"),
    mark("the platform's own words"),
    mark("a third party that saw the assets alone"),
)
_ENDS = {"best": mark("at best"), "worst": mark("at worst")}
UNKNOWN_OF = {
    "rate": mark("an unknown rate"),
    "share": mark("an unknown share"),
    "ratio": mark("an unknown ratio"),
    "money": mark("an unknown amount"),
    "money_per_month": mark("an unknown monthly amount"),
    "days": mark("an unknown number of days"),
    "months": mark("an unknown number of months"),
    "hours": mark("an unknown number of hours"),
}
_NEVER_NEGATIVE = ("money", "days", "months", "hours")  # units of which a floor of nothing says nothing
UNITS = {
    "days": (mark("{n} day"), mark("{n} days")),
    "months": (mark("{n} month"), mark("{n} months")),
    "hours": (mark("{n} hour"), mark("{n} hours")),
}
MINUS = "\u2212"
_HOUR = 1 / 24  # in days
RUN_DAYS = "t3.run_days"
"""The number that tells how long payment goes on in a run."""
_RUNWAYS = "t4.runway_"  # numbers that tell how long a reserve lasts
LIMITS = mark(
    "ddcheck measures structure and evidence, not fate. It states a pattern, a fact and its source, never that anyone "
    "is a fraud. It does not look at the security of code or keys beyond what the facts say, at taxes, or at whether a "
    "yield is worth its risk. No legal or investment advice."
)
CHANGES = {
    "looser": mark("Changed: {name} = {value}, looser than the pack's {pack}"),
    "stricter": mark("Changed: {name} = {value}, stricter than the pack's {pack}"),
    "changed": mark("Changed: {name} = {value}; the pack has {pack}"),
}
WARNINGS = {
    "overrides_ended": mark("overrides that have run out and are not shown: {count}"),
    "undated": mark("facts without a known_on date are taken as known at any cut: {count}"),
    "no_evidence": mark("facts that name no evidence count as the platform's unsupported word (E1): {count}"),
}
_MOTTO = mark("It measures structure and evidence, not fate.")
_REFERENCES = {
    "risk_free": mark("the risk-free rate for {asset}"),
    "policy_rate": mark("the policy rate for {asset}"),
    "deposit_rate": mark("the deposit rate for {asset}"),
    "treasury_1y": mark("the one-year government rate for {asset}"),
    "prime_lending_rate": mark("the prime lending rate for {asset}"),
    "is_fiat": mark("whether {asset} follows a state's currency"),
}
_REFERENCE = re.compile(r"reference:(\w+)\((.*)\)")
_READER = {
    "reader.country": mark("your country (give it when you ask for the report)"),
    "reader.amount": mark("your amount (give it when you ask for the report)"),
}
_DAY = re.compile(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?")
GROUPS = ("T1", "T2", "T3", "T4", "C", "R", "L", "N", "A", "D", "G", "M")
_DIGITS = re.compile(r"(\d+)")
_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")
_SYMBOL = re.compile(r"\b[A-Z]{4,}\b")
_SPELLED = {
    name.upper(): name
    for name in (
        *("stETH", "wstETH", "rETH", "cbETH", "weETH", "ezETH", "rsETH", "cbBTC", "tBTC", "renBTC", "bLUNA", "aUST"),
        *("USDe", "sUSDe", "eUSDe", "deUSD", "USDai", "sUSDai", "sUSDS", "sDAI", "crvUSD", "wstUSR", "stablecoins"),
    )
}
_CHOICE = re.compile(r"[a-z]+(?:_[a-z]+)*")  # one of the values of a column
_CELL = re.compile(r"(.+?)\[.*\]\.(\w+)")
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
_FILLED = re.compile(_PLACEHOLDER.pattern + "(个百分点|個百分點)?")  # a difference of rates takes the place of its "%"
_LOOSE = re.compile(r"(?<=[(（])[;,；，、]\s*|\s?[(（][)）]")  # what dropped fragments leave beside a bracket
_SCALES = {
    "en": ((1e12, "tn"), (1e9, "bn"), (1e6, "m")),
    "zh-Hans": ((1e12, "万亿"), (1e8, "亿"), (1e4, "万")),
    "zh-Hant": ((1e12, "兆"), (1e8, "億"), (1e4, "萬")),
}


def number(value: float, unit: str) -> str:
    """A number with its unit as a reader expects it.

    >>> number(0.1863, "rate"), number(4.2e9, "money"), number(30, "days"), number(-0.05, "rate")
    ('18.63%', '$4.2bn', '30 days', '−5%')
    """
    if unit in ("rate", "share"):
        value = round(value, 6) + 0.0  # what shows as nothing has no sign
        return _signed(f"{value * 100:,.4g}%" if abs(value) < 10 else f"{value * 100:,.0f}%")
    if unit in ("money", "money_per_month"):
        text = _money(value)
        return tr("{amount} a month").format(amount=text) if unit == "money_per_month" else text
    value += 0.0  # a zero has no sign
    if unit == "days" and value != int(value):
        return _days(value, round)
    text = f"{value:,.10g}" if value == int(value) else f"{value:,.4g}" if abs(value) < 1e4 else f"{value:,.0f}"
    text = _signed(text)
    if unit in UNITS:
        return tr(UNITS[unit][value != 1]).format(n=text)
    return text


def _signed(text: str) -> str:
    """A number with the sign for minus, where it has the hyphen that Python writes."""
    return text.replace("-", MINUS, 1) if text.startswith("-") else text


def _days(value: float, whole: Callable[[float], int]) -> str:
    """Days as a model can tell them: whole ones, hours below two days."""
    days = round(value, 6)
    if days == int(days):
        return number(days, "days")
    if abs(days) < 2 and whole(days * 24):
        return number(whole(days * 24), "hours")
    return number(whole(days), "days")


def _money(value: float) -> str:
    language = spoken()
    chinese = language.startswith("zh")
    sign, size = (MINUS, -value) if round(value) < 0 else ("", abs(value))
    for scale, suffix in _SCALES[language]:
        if size >= scale:
            # English tells amounts below a million to the last unit: so does a scale of ten thousand
            digits = ".6g" if size < 1e6 else ".4g"
            told = (round(size) if size < 1e6 else size) / scale
            text = f"{told:,{digits}}" if told < 1e4 else f"{told:,.0f}"
            return f"{sign}{text}{suffix}美元" if chinese else f"{sign}${text}{suffix}"
    return f"{sign}{size:,.0f}美元" if chinese else f"{sign}${size:,.0f}"


def day(value: object) -> str:
    """A day, month or year as the language writes it; anything else as it stands.

    >>> day("2022-05-31")
    '2022-05-31'
    """
    text = str(value)
    if not spoken().startswith("zh") or (match := _DAY.fullmatch(text)) is None:
        return text
    return "".join(f"{int(part)}{name}" for part, name in zip(match.groups(), "年月日", strict=True) if part)


def published(source: SourceView) -> str:
    """When a source appeared; of one without a date, since when what it tells was public.

    >>> published(SourceView("faq", "Questions", "", "", "", "2022-02-08"))
    'undated, what it tells was public on 2022-02-08'
    """
    if source.date or not source.public:
        return day(source.date)
    return tr("undated, what it tells was public on {day}").format(day=day(source.public))


def period(since: str | None, until: str | None) -> str:
    """From when to when something was so; empty where neither is told.

    >>> period("2021-03-01", None), period(None, "2022-05-31")
    ('2021-03-01', '… to 2022-05-31')
    """
    if not until:
        return day(since or "")
    return tr("{lo} to {hi}").format(lo=day(since or "…"), hi=day(until))


def amount(value: object, unit: str = "") -> str:
    """A value with its bounds: a number or range with its unit, words, yes or no, or unknown.

    >>> amount([0.04, None], "rate"), amount([False, True]), amount(["nav"])
    ('at least 4%', 'unknown', 'by net asset value')
    """
    if isinstance(value, list):
        if len(value) == 2 and all(_is_number(end) or end is None for end in value):
            return _bounds(value[0], value[1], unit)
        if len(value) == 2 and all(isinstance(end, str) and _DAY.fullmatch(end) for end in value):
            lo, hi = map(day, value)
            return lo if lo == hi else tr("{lo} to {hi}").format(lo=lo, hi=hi)
        if len(value) == 2 and value[0] == value[1]:
            return symbols(str(value[0]))
        if {True, False} == set(value) and all(isinstance(item, bool) for item in value):
            return tr("unknown")
        return either([amount(item) for item in value])
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if value is None:
        return tr("unknown")
    if isinstance(value, (int, float)):
        return number(float(value), unit)
    return day(value) if _DAY.fullmatch(str(value)) else symbols(tr_value(str(value).replace("_", " ")))


def symbols(text: str) -> str:
    """Text in which tokens are spelled as their makers do; profiles are read into capitals, so that case means nothing.

    >>> symbols("PT-SUSDE-31JUL2025"), symbols("USDC")
    ('PT-sUSDe-31JUL2025', 'USDC')
    """
    return _SYMBOL.sub(lambda found: _SPELLED.get(found[0], found[0]), text)


def row_label(label: str) -> str:
    """What tells a row of a table from the others: words of a list as words, tokens in their own spelling.

    >>> row_label("uninsured_retail"), row_label("Earn / STETH")
    ('uninsured retail deposits', 'Earn / stETH')
    """
    parts = label.split(" / ")
    return " / ".join(tr("any") if part == "any" else _row_part(part) for part in parts)


def _row_part(part: str) -> str:
    return amount(part) if _CHOICE.fullmatch(part) else symbols(part)


def step_value(value: object) -> str:
    """What a step of an evaluation came to: how sure a condition is, an amount, or words as expressions have them.

    >>> step_value([True]), step_value([False, True]), step_value([0.04, None]), step_value(["pool_formula"])
    ('surely true', 'open', 'at least 0.04', 'pool_formula')
    """
    if value == [True]:
        return tr("surely true")
    if value == [False]:
        return tr("surely false")
    if isinstance(value, list) and value and all(isinstance(item, str) and _CHOICE.fullmatch(item) for item in value):
        return tr(" or ").join(value)
    return tr("open") if value == [False, True] else amount(value)


def is_known(value: object) -> bool:
    """Whether anything is known of a value: a bound, a truth, a word."""
    if not isinstance(value, list):
        return value is not None
    return value not in ([None, None], [False, True])


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _bounds(lo: float | None, hi: float | None, unit: str) -> str:
    if lo is None and hi is None:
        return tr(UNKNOWN_OF.get(unit, mark("an unknown number")))
    if unit == "days" and lo is not None and 0 < lo < _HOUR:
        lo = 0.0
    if hi is None and lo == 0 and unit in _NEVER_NEGATIVE:
        return tr(UNKNOWN_OF[unit])
    if lo is not None and lo == hi:
        return number(lo, unit)
    least = "" if lo is None else _days(lo, floor) if unit == "days" else number(lo, unit)
    most = "" if hi is None else _days(hi, ceil) if unit == "days" else number(hi, unit)
    if not least:
        return tr("at most {hi}").format(hi=most)
    if not most:
        return tr("at least {lo}").format(lo=least)
    return tr("{lo} to {hi}").format(lo=least, hi=most)


def fact_name(fact: str) -> str:
    """A fact or column by its name.

    >>> fact_name("deposit_liquidity.liquid_assets_7d"), fact_name("reference:risk_free(ETH)")
    ('assets liquid within seven days', 'the risk-free rate for ETH')
    """
    if (match := _REFERENCE.fullmatch(fact)) and match[1] in _REFERENCES:
        return tr(_REFERENCES[match[1]]).format(asset=symbols(match[2]))
    if fact in _READER:
        return tr(_READER[fact])
    return tr_name(fact)


def table_of(fact: str) -> tuple[str, str]:
    """A fact and no column, or for a cell of a table the table and its column.

    >>> table_of("ltv_practice.collateral[ETH].amount"), table_of("terms.offered_apy")
    (('ltv_practice.collateral', 'amount'), ('terms.offered_apy', ''))
    """
    cell = _CELL.fullmatch(fact)
    return (cell[1], cell[2]) if cell else (fact, "")


def with_columns(fact: str, columns: Sequence[str]) -> str:
    """A table by its name with the columns in question; a fact that has none by its name alone."""
    if len(columns) == 1:
        return tr("{table}: {column}").format(table=fact_name(fact), column=fact_name(columns[0]))
    told = tr(", ").join(map(fact_name, columns))
    return fact_name(fact) + (tr(" ({text})").format(text=told) if told else "")


def fact_names(facts: Iterable[str]) -> list[str]:
    """Facts by name, each once: a table once with the columns of which cells are named.

    >>> fact_names(["terms.offered_apy", "terms.products", "terms.products[Earn].rate", "terms.products[Max].rate"])
    ['highest annual yield offered', 'products on offer: annual yield']
    """
    named: dict[str, dict[str, None]] = {}
    for fact in facts:
        table, column = table_of(fact)
        named.setdefault(table, {}).update({column: None} if column else {})
    return list(dict.fromkeys(with_columns(fact, list(columns)) for fact, columns in named.items()))


def capital(text: str) -> str:
    """A name as it begins a line or a row.

    >>> capital(fact_name("terms.offered_apy"))
    'Highest annual yield offered'
    """
    return text[:1].upper() + text[1:]


def spoken_here(text: str) -> bool:
    """Whether a text can be read in the language being spoken."""
    return bool(text) and (spoken() == "en" or tr(text) != text)


def item_name(id: str) -> str:
    """A threshold or figure by its name where the language being spoken has one, else its id.

    >>> item_name("t1.spread_fail")
    'failing line for the rate over government bills'
    """
    return tr_name(id) if spoken_here(id.rpartition(".")[2].replace("_", " ")) else id


def filled(template: str, arguments: Mapping[str, object]) -> str:
    """A message with its placeholders filled; it begins with a capital.

    A fragment in square brackets stands only where everything it tells is known and what it tests is so.

    >>> filled("covered[ up to {limit}][ by {scheme}]", {"limit": None, "scheme": "the state"})
    'Covered by the state'
    >>> filled("covered[{limited is true} in part][{limited is unknown}, perhaps in part]", {"limited": None})
    'Covered, perhaps in part'
    """

    def fragment(match: re.Match[str]) -> str:
        named = map(slot, _PLACEHOLDER.findall(match[1]))
        stands = all(_is(arguments.get(n), words) if words else _tells(arguments.get(n)) for n, words in named)
        return TEST.sub("", match[1]) if stands else ""

    def replacement(match: re.Match[str]) -> str:
        text = told(match[1])
        return text.replace("%", "") + match[2] if match[2] and "%" in text else text

    def told(name: str) -> str:
        value = arguments.get(name)
        if name == "unknowns" and isinstance(value, list):
            return listed(fact_names(map(str, value)), 4) or tr("nothing")
        if isinstance(value, Mapping):
            return amount(value["value"], str(value["unit"] or ""))
        return amount(value)

    kept = _LOOSE.sub("", FRAGMENT.sub(fragment, template)) if "[" in template else template
    text = _BETWEEN_HAN.sub("", _FILLED.sub(replacement, kept))
    return text[:1].upper() + text[1:]


def _tells(argument: object) -> bool:
    """Whether what fills a placeholder is known: a floor of nothing is not, nor a share between nothing and all."""
    if not isinstance(argument, Mapping):
        return bool(argument) if isinstance(argument, list) else argument is not None
    value = argument["value"]
    if argument["unit"] == "share" and value == [0.0, 1.0]:
        return False
    return is_known(value) and not (value == [0.0, None] and argument["unit"] in _NEVER_NEGATIVE)


def _is(argument: object, words: Collection[str]) -> bool:
    """Whether what a fragment tests is surely one of some words; `unknown` is one where nothing is told."""
    if not _tells(argument):
        return UNKNOWN in words
    value = argument["value"] if isinstance(argument, Mapping) else argument
    possible = value if isinstance(value, list) else [value]
    return bool(possible) and {str(v).lower() if isinstance(v, bool) else str(v) for v in possible} <= set(words)


def listed(items: Sequence[str], most: int = 6) -> str:
    """Items as running text.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    comma, last = tr(", "), tr(" and ")
    if len(items) > most:
        return tr("{items} and {count} more").format(items=comma.join(items[:most]), count=len(items) - most)
    return last.join(filter(None, [comma.join(items[:-1]), *items[-1:]]))


def either(items: Sequence[str]) -> str:
    """Alternatives as running text.

    >>> either(["pass", "warn", "fail"])
    'pass, warn or fail'
    """
    return tr(" or ").join(filter(None, [tr(", ").join(items[:-1]), *items[-1:]]))


def outcome_words(finding: Finding) -> str:
    """A finding's outcome in words, presumption and doubt included; one that is open names what is still possible."""
    text = possible_text(finding)
    if len(finding.possible) > 1:
        text = tr("open: {outcomes}").format(outcomes=text)
    if finding.presumed:
        text = tr("{outcome}, presumed").format(outcome=text)
    return tr("{outcome}, hearsay").format(outcome=text) if finding.rumoured else text


def possible_text(finding: Finding) -> str:
    """The outcomes that are still possible, best first."""
    return either([tr(OUTCOMES[outcome]) for outcome in finding.possible])


def message(finding: Finding, templates: Mapping[str, str]) -> str:
    """The sentence of a finding."""
    if finding.presumed:
        silent = listed(fact_names(fact for fact, reason in finding.open.items() if reason == "not_disclosed"))
        template = (
            tr("{question} Not disclosed ({facts}), so presumed to fail.")
            if finding.possible == (Outcome.FAIL,)
            else tr("{question} Not disclosed ({facts}), so no pass.")
        )
        return template.format(question=tr(finding.question), facts=silent)
    text = filled(tr(templates.get(finding.message) or finding.title), finding.arguments)
    if finding.stop == "alleged" and finding.conditions.get("fail_if") in (None, finding.conditions.get("stop_if")):
        text = tr("Alleged, not found by a court or an authority: {message}").format(message=in_sentence(text))
    if finding.possible == (Outcome.WARN, Outcome.FAIL):
        return tr("{message} Whatever the answer, this is weak at best.").format(message=text)
    return text


def cut_text(assessment: Assessment) -> str:
    """The cut in words, and for whom, where the reader said so."""
    options = assessment.options
    cut = (
        tr("as known by {day}").format(day=day(options.known_by))
        if options.as_of == options.known_by
        else tr("state of {as_of}, as known by {known_by}").format(
            as_of=day(options.as_of), known_by=day(options.known_by)
        )
    )
    reader = options.reader or {}
    amount = number(float(reader["amount"]), "money") if "amount" in reader else ""
    if "country" in reader and amount:
        text = tr("{cut}, for a deposit of {amount} from {country}")
    elif "country" in reader:
        text = tr("{cut}, for a depositor in {country}")
    else:
        text = tr("{cut}, for a deposit of {amount}") if amount else "{cut}"
    return text.format(cut=cut, amount=amount, country=tr_country(str(reader.get("country", ""))))


def span(best: Grade | None, worst: Grade | None) -> str:
    """A letter if both ends agree, else the range.

    >>> span(Grade.B, Grade.F)
    'B..F'
    """
    if best is None or worst is None:
        return tr("no grade")
    return best.name if best == worst else f"{best.name}..{worst.name}"


def grade_range(assessment: Assessment) -> str:
    """The grade: a letter if certain, else the range from best to worst."""
    return span(assessment.verdict.best, assessment.verdict.worst)


def level_range(trait: TraitView) -> str:
    """The levels a trait may have."""
    best, worst = tr(trait.best_name), tr(trait.worst_name)
    return best if trait.best == trait.worst else tr("{best} to {worst}").format(best=best, worst=worst)


def level_text(trait: TraitView) -> str:
    """A trait's level, as a range while it is open."""
    text = level_range(trait)
    return tr("{outcome}, presumed").format(outcome=text) if trait.presumed else text


def by_code(finding: Finding) -> tuple[int, list[int | str]]:
    """Sort key: traits first, then by number."""
    place = GROUPS.index(finding.group) if finding.group in GROUPS else len(GROUPS)
    return place, [int(part) if part.isdigit() else part for part in _DIGITS.split(finding.code)]


def _codes(assessment: Assessment, rules: Iterable[str], most: int = 4) -> str:
    """Codes of rules as running text, in their order; one more is rather named than counted."""
    codes = [finding.code for finding in sorted(map(assessment.finding, rules), key=by_code)]
    return listed(codes, most if len(codes) > most + 1 else len(codes))


def _decides(assessment: Assessment, constraint: ConstraintView) -> str:
    codes = _codes(assessment, constraint.rules)
    kind, one = constraint.kind, len(constraint.rules) == 1
    if kind.startswith("pattern"):
        traits = [trait for trait in assessment.verdict.traits if trait.best == 3]
        present = [in_sentence(tr(trait.name)) + tr(" ({text})").format(text=trait.id) for trait in traits]
        if present:
            template = tr("{traits} is present") if len(present) == 1 else tr("{traits} are present")
            return template.format(traits=listed(present))
        return tr("harm in the traits ({codes})").format(codes=codes) if codes else tr("the structure alone")
    if kind.startswith("evidence"):
        return tr("what stands behind {codes} is not independently verified").format(codes=codes)
    if kind.startswith("stop"):
        return tr("a stop ({codes})").format(codes=codes)
    if "FAIL" not in kind:
        template = tr("a weak requirement ({codes})") if one else tr("weak requirements ({codes})")
    elif "critical" in kind:
        template = (
            tr("a failed critical requirement ({codes})") if one else tr("failed critical requirements ({codes})")
        )
    else:
        template = tr("a failed requirement ({codes})") if one else tr("failed requirements ({codes})")
    return template.format(codes=codes)


def limits(assessment: Assessment, constraint: ConstraintView) -> list[tuple[str, tuple[str, ...]]]:
    """What limits the grade, in words with its rules: what is so already, then what is only possible at that end."""
    sure = [rule for rule in constraint.rules if _limits_surely(assessment, constraint, rule)]
    rest = [rule for rule in constraint.rules if rule not in sure]
    if not constraint.rules:
        return [(_limit_text(constraint.kind, sure=_is_at_best(assessment, constraint)), ())]
    told = (
        (_limit_text(constraint.kind, sure=certain), tuple(rules)) for certain, rules in ((True, sure), (False, rest))
    )
    return [(text, rules) for text, rules in told if rules]


def _is_at_best(assessment: Assessment, constraint: ConstraintView) -> bool:
    """Whether the same limits the grade at its best end too."""
    return any(c.end == "best" and c.kind == constraint.kind for c in assessment.verdict.constraints)


def _limits_surely(assessment: Assessment, constraint: ConstraintView, rule: str) -> bool:
    """Whether a rule limits the grade as things stand, and not only where open questions end badly."""
    finding, kind = assessment.finding(rule), constraint.kind
    if constraint.end == "best" or kind.startswith("pattern"):
        return _is_at_best(assessment, constraint)
    if kind.startswith("evidence"):
        same = (c for c in assessment.verdict.constraints if c.end == "best" and c.kind == kind)
        return any(rule in c.rules for c in same)
    if kind.startswith("stop"):
        return finding.stop == kind.partition(", ")[2]
    if "groups" in kind and not _is_at_best(assessment, constraint):
        return False
    return finding.outcome is (Outcome.FAIL if "FAIL" in kind else Outcome.WARN)


def _limit_text(kind: str, *, sure: bool) -> str:
    name, _, detail = kind.partition(", " if kind.startswith("stop") else " ")
    if name == "pattern":
        text = tr("the pattern {pattern}") if sure else tr("the pattern {pattern}, if open questions end badly")
        return text.format(pattern=detail)
    if name == "evidence":
        text = tr("evidence no better than {grade}") if sure else tr("evidence that may be no better than {grade}")
        return text.format(grade=detail)
    if name == "stop":
        text = tr("a stop, {how}") if sure else tr("a stop, if it were {how}")
        return text.format(how=tr(STOPS.get(detail, detail)))
    return tr((_LIMITING if sure else _COULD_LIMIT).get(kind, kind))


def structure_alone(assessment: Assessment, end: str) -> str:
    """What makes a pattern to which no rule adds: the traits whose structure is there at that end."""
    levels = ((trait.id, trait.best if end == "best" else trait.worst) for trait in assessment.verdict.traits)
    traits = [id for id, level in levels if level]
    return tr("no rule: the structure of {traits}").format(traits=listed(traits)) if traits else tr("no rule")


def end_text(end: str) -> str:
    """The end of the grade that is meant, in words."""
    return tr(_ENDS.get(end, end))


def percent(share: float) -> str:
    """A share without decimals, as counts of facts are told.

    >>> percent(0.284)
    '28%'
    """
    return f"{share:.0%}"


def confidence(level: str) -> str:
    """How sure a reference rate is."""
    return tr(_CONFIDENCE.get(level, level))


def in_sentence(text: str) -> str:
    """A title as it stands inside a sentence.

    >>> in_sentence("Pooled operation")
    'pooled operation'
    """
    return text[:1].lower() + text[1:]


def certain(assessment: Assessment) -> str:
    """The first sentence of every result: what is certain, whatever the unknown facts turn out to be."""
    verdict = assessment.verdict
    coverage = verdict.coverage
    if not verdict.graded or verdict.best is None or verdict.worst is None:
        return tr("Findings only, no grade: it takes no deposits from the public ({kind}).").format(
            kind=tr(KINDS[assessment.kind])
        )
    ends = {"best": verdict.best.name, "worst": verdict.worst.name, "share": f"{coverage.critical:.0%}"}
    if not verdict.assessable:
        return tr(
            "Not assessable: nobody has looked at {hidden} of the critical facts. What is known allows {best} at best "
            "and {worst} at worst."
        ).format(hidden=f"{coverage.not_examined:.0%}", **ends)
    binding = [c for c in verdict.constraints if c.end == "best" and c.grade == verdict.best]
    because = tr("; ").join(dict.fromkeys(_decides(assessment, c) for c in binding))
    if verdict.grade is not None:
        return tr("{best}, and no missing fact can change it: {reasons}.").format(reasons=because, **ends)
    if verdict.best >= Grade.C:
        return tr(
            "{best} at best, on {share} of the critical facts: {reasons}. The rest can only make it worse."
        ).format(reasons=because, **ends)
    return tr("Between {best} and {worst}, on {share} of the critical facts: open questions decide ({count}).").format(
        count=len(assessment.questions), **ends
    )


def reasons(assessment: Assessment, templates: Mapping[str, Mapping[str, str]], most: int = 3) -> list[tuple[str, str]]:
    """The main reasons, gravest first, each as (sentence, rule id).

    When the evidence cap decides, the first reason says so.
    """
    verdict = assessment.verdict
    found: list[tuple[str, str]] = []
    for constraint in verdict.constraints:
        if constraint.end == "best" and constraint.grade == verdict.best and constraint.kind.startswith("evidence"):
            codes = _codes(assessment, constraint.rules)
            evidence = tr(_STANDS_BEHIND[int(constraint.kind[-1])])
            text = tr(
                "Not independently verified: behind {codes} stand facts known from nothing better than {evidence}."
            )
            first = min(map(assessment.finding, constraint.rules), key=by_code)
            found.append((text.format(codes=codes, evidence=evidence), first.rule))
    weighty = _weighty(assessment) or ([] if found else ranked(assessment))
    return found + [(message(f, templates[f.rule]), f.rule) for f in weighty[: most - len(found)]]


def _weighty(assessment: Assessment) -> list[Finding]:
    """Findings that surely fail or warn and limit the grade at its best, those that limit it most first."""
    weight: dict[str, Grade] = {}
    for constraint in assessment.verdict.constraints:
        if constraint.end == "best" and not constraint.kind.startswith("evidence"):
            weight.update({rule: max(weight.get(rule, Grade.A), constraint.grade) for rule in constraint.rules})
    return sorted((f for f in ranked(assessment) if f.rule in weight), key=lambda f: -weight[f.rule])


def ranked(assessment: Assessment) -> list[Finding]:
    """Findings that surely fail or warn: stops first, then FAILs, by severity, on evidence before presumed."""
    severity = {"critical": 0, "major": 1, "minor": 2}
    deciding = set(assessment.verdict.deciding)
    adverse = [f for f in assessment.findings if f.possible[0] in (Outcome.WARN, Outcome.FAIL)]
    return sorted(
        adverse,
        key=lambda f: (not f.stop, -f.possible[0], severity[f.severity], f.presumed, f.rule not in deciding, f.code),
    )


def number_text(number: Number, scenario: str = "") -> str:
    """The value of a number in words, under a scenario or as it stands."""
    told = next((v for v in number.variants if v.scenario == scenario), None)
    value, never = (told.value, told.never) if told else (number.value, number.never)
    value = _rounded(value, number.unit)
    if never == (False, False) or not isinstance(value, list):
        return amount(value, number.unit)
    surely, nothing_known, perhaps = _endless(number.id)
    if never[0]:
        return surely
    return perhaps.format(value=amount([value[0], None], number.unit)) if value[0] else nothing_known


def _endless(id: str) -> tuple[str, str, str]:
    """What is told of a number that never comes about: surely so, perhaps with no other end, perhaps."""
    if id == RUN_DAYS:
        return tr("throughout"), tr("perhaps throughout, perhaps not a day"), tr("{value}, perhaps throughout")
    if id.startswith(_RUNWAYS):
        return tr("without end"), tr("unknown"), tr("{value}, perhaps without end")
    return tr("never"), tr("unknown"), tr("{value}, perhaps never")


def _rounded(value: object, unit: str) -> object:
    """Bounds with the digits a model deserves: three; days are told whole anyway."""
    if unit == "days" or not isinstance(value, list) or not all(_is_number(end) or end is None for end in value):
        return value
    return [end if end is None else float(round(end) if abs(end) >= 1000 else f"{end:.3g}") for end in value]


def scenario_title(assessment: Assessment, name: str) -> str:
    """A scenario as a reader is told of it."""
    return tr(next(scenario.title for scenario in assessment.scenarios if scenario.name == name))


def headline(assessment: Assessment) -> list[str]:
    """The numbers beside the grade, one sentence each: what is payable at once, how long a run is stood."""
    sentences: list[str] = []
    for id, scenario in assessment.headline:
        number = assessment.number(id)
        assert number is not None
        sentences.append(run_text(assessment, number, scenario) + tr(".") if scenario else _at_once_text(number))
    return sentences


def _at_once_text(number: Number) -> str:
    if not number.told or not isinstance(number.value, list) or not is_known(number.value):
        return tr("How much of every $100 that may be called on day one could be paid is not known.")
    span = amount([None if end is None else round(100 * end) for end in number.value], "money")
    return tr("Of every $100 that may be called on day one, {span} could be paid.").format(span=span)


def run_text(assessment: Assessment, number: Number, scenario: str) -> str:
    """How long everyone is paid in a run, as a sentence without its stop."""
    variant = next((v for v in number.variants if v.scenario == scenario), None)
    title = in_sentence(scenario_title(assessment, scenario))
    if any(use.name == scenario and use.later for use in assessment.scenarios):
        title = tr("{name} ({value})").format(name=title, value=tr("measured on a later event"))
    if variant is None or not variant.told or not isinstance(variant.value, list):
        return tr("How long everyone would be paid in {run} is not known").format(run=title)
    if variant.never[0]:
        return tr("In {run}, everyone who asks is paid").format(run=title)
    if variant.never[1] and not variant.value[0]:
        return tr("In {run}, everyone may be paid throughout or not even for a day").format(run=title)
    return tr("In {run}, everyone is paid in full for {days}").format(run=title, days=number_text(number, scenario))


def basis(number: Number) -> str:
    """What a number rests on: evidence, facts, what was assumed, how many facts are missing."""
    parts = [f"E{number.evidence}" if number.evidence is not None else ""]
    facts = listed([fact_name(fact) for fact in number.used], 4)
    parts.append(tr("from {facts}").format(facts=facts))
    if number.assumed:
        assumed = listed([item_name(id) for id in number.assumed], 3)
        parts.append(tr("assuming {parameters}").format(parameters=assumed))
    if number.missing:
        missing = tr("1 fact missing") if len(number.missing) == 1 else tr("{count} facts missing")
        parts.append(missing.format(count=len(number.missing)))
    if number.sampled:
        parts.append(tr("sampled range"))
    return tr("; ").join(filter(None, parts))


def cell(value: object, unit: str) -> str:
    """A cell of a working table; a dash where nothing is told.

    >>> cell([0.1, None], "share"), cell("Cash", ""), cell(None, "money")
    ('at least 10%', 'Cash', '–')
    """
    if value is None:
        return "–"
    return tr(value) if isinstance(value, str) else amount(value, unit)


def cells(working: Working, scenarios: Collection[str] = ()) -> list[list[str]]:
    """The rows of a working table in words; where scenarios are named and rows depend on one, only theirs."""
    names = working.scenarios or ("",) * len(working.rows)
    return [
        [cell(value, unit) for value, (_, unit) in zip(row, working.columns, strict=True)]
        for row, name in zip(working.rows, names, strict=True)
        if not scenarios or name in scenarios
    ]


def remark(told: Remark) -> str:
    """A sentence beside a working table."""
    return filled(tr(told.text), told.arguments)


def settles_text(unknown: Unknown) -> str:
    """What an answer to a question would settle, in a few words."""
    if unknown.settles_grade:
        return tr("an answer alone can settle the grade")
    if unknown.settles_findings > 1:
        return tr("any answer settles at least {count} findings").format(count=unknown.settles_findings)
    return tr("any answer settles a finding") if unknown.settles_findings else holds_open(len(unknown.rules))


def holds_open(rules: int) -> str:
    """How many rules an open fact keeps open."""
    return tr("keeps {count} rules open").format(count=rules) if rules > 1 else tr("keeps 1 rule open")


def question_text(question: Question) -> str:
    """A question with why it is open."""
    return tr("{question} ({reason})").format(
        question=tr(question.ask), reason=tr(REASONS.get(question.reason, question.reason))
    )


def changed_text(used: ParameterUse) -> str:
    """A threshold that a user changed, with the pack's value and what the change does."""
    return tr(CHANGES[used.effect]).format(
        name=used.id, value=number(used.value, used.unit), pack=number(float(used.changed), used.unit)
    )


def override_text(override: OverrideView) -> str:
    """An override as it stands beside the computed outcome: who would say what, and until when."""
    return tr("by hand: {outcome} ({who}, until {until})").format(
        outcome=tr(OUTCOMES[override.outcome]), who=override.who, until=day(override.until)
    )


def override_reason(override: OverrideView) -> str:
    """An override whole: the rule, what the facts say, who would say what, since and until when, and why."""
    computed = either([tr(OUTCOMES[outcome]) for outcome in override.computed])
    return tr("{code}: {computed} by the facts; {outcome} by hand, {who}, {on} to {until}: {why}").format(
        code=override.code,
        computed=computed,
        outcome=tr(OUTCOMES[override.outcome]),
        who=override.who,
        on=day(override.on),
        until=day(override.until),
        why=override.why,
    )


def overrides_note(count: int) -> str:
    """What a reader is told first where anything was recorded by hand."""
    return tr("Outcomes recorded by hand stand beside the computed ones and change nothing: {count}").format(
        count=count
    )


def motto() -> str:
    """What ddcheck measures, in one sentence."""
    return tr(_MOTTO)
