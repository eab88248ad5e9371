"""Bounds of the verdict against every completion of random small cases."""

import json
from dataclasses import dataclass, replace
from itertools import product
from random import Random

import pytest

from checker.assess.assess import program
from checker.assess.bounds import Case, bounds, rule_end
from checker.assess.verdict import Leg, RuleEnd, verdict_end
from checker.engine.rules import RuleEngine
from checker.model.finding import Outcome
from checker.model.interval import Interval, point
from checker.model.state import CERTAIN, SILENT, UNEXAMINED, FactState, Status, Support, TableState
from checker.packs.load import load_rulebook
from checker.resources import data_path

CASES, TRIALS_HERE = 1000, 4000
POOLED, CLAIM, BOOKS = "structure.pooled", "structure.direct_claim_on_assets", "structure.per_product_books"
SEGREGATION, USE = "structure.segregation", "structure.use_clause"
PRODUCTS, MATCHED = "structure.products_per_pool", "exposures.overnight_funding_share"
DOMAINS = {
    POOLED: [frozenset({False}), frozenset({True})],
    CLAIM: [frozenset({True}), frozenset({False})],
    BOOKS: [frozenset({True}), frozenset({False})],
    SEGREGATION: [frozenset({w}) for w in ("segregated", "omnibus_client", "ledger_only", "commingled")],
    USE: [frozenset({w}) for w in ("none", "listed", "broad", "sole_discretion")],
    PRODUCTS: [point(x) for x in (0.0, 1.0, 2.0, 1e15)],
    MATCHED: [point(x) for x in (0.0, 0.5, 0.75, 1.0)],
}
"""Values of each fact, one at and between all thresholds it meets, so that no other value could tell more."""
AGREEING = {
    POOLED: POOLED, f"!{CLAIM}": CLAIM, f"!{BOOKS}": BOOKS,
    f'{SEGREGATION} == "commingled"': SEGREGATION, f'{SEGREGATION} != "segregated"': SEGREGATION,
    f'{USE} in ["broad", "sole_discretion"]': USE, f'{USE} != "none"': USE,
    f"{PRODUCTS} > params.many": PRODUCTS, f"{PRODUCTS} >= params.few": PRODUCTS,
    f"{MATCHED} > params.half": MATCHED, f"{MATCHED} >= params.half": MATCHED,
}  # fmt: skip
"""Conditions that become true as their fact becomes worse."""
OPPOSED = {
    f"!{POOLED}": POOLED, CLAIM: CLAIM, f'{SEGREGATION} in ["ledger_only", "omnibus_client"]': SEGREGATION,
    f'{USE} == "listed"': USE, f'{USE} == "none"': USE,
    f"{PRODUCTS} < params.many": PRODUCTS, f"{PRODUCTS} <= params.few": PRODUCTS, f"{MATCHED} < params.half": MATCHED,
}  # fmt: skip
"""Conditions that do not; a rule that has one says so of its fact."""
CONDITIONS = {**AGREEING, **OPPOSED}
RULES, METRICS = 90, 24


def parameter(unit, value):
    dated = {"from": "2015-01-01", "value": value, "note": "chosen"}
    return {"unit": unit, "basis": "JDG", "meaning": "A line", "range": [0, 9], "values": [dated]}


def condition(rng, among=tuple(CONDITIONS)):
    parts = rng.sample(among, rng.choice((1, 1, 2, 2, 3)))
    return rng.choice((" && ", " || ")).join(f"({part})" for part in parts)


def opposed(conditions):
    """The facts that some condition reads against their direction."""
    return {fact: "none" for part, fact in OPPOSED.items() if any(f"({part})" in text for text in conditions.values())}


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory):
    """The shipped rulebook with one pack of random rules over seven facts."""
    rng = Random("rules")
    folder = tmp_path_factory.mktemp("packs") / "trial"
    folder.mkdir()
    parameters = {"few": parameter("count", 1), "many": parameter("count", 2), "half": parameter("share", 0.5)}
    metrics = {
        f"leg{n}": {
            "type": "bool",
            "worse": "higher",
            "meaning": "A leg",
            "reference": "BA-01",
            "formula": condition(rng, tuple(AGREEING)),
        }
        for n in range(METRICS)
    }
    pack = {"title": "Trial", "group": "X", "version": "1.0.0", "summary": "Rules to try bounds on"}
    for name, content in {"pack": pack, "parameters": parameters, "metrics": metrics}.items():
        (folder / f"{name}.yaml").write_text(json.dumps(content))
    message = dict.fromkeys(("pass", "warn", "fail", "open"), "A sentence.")
    text = dict.fromkeys(("title", "question", "rationale", "case", "false_alarms", "ask"), "Some text.")
    for n in range(RULES):
        conditions = {"applies_if": 'platform.kind == "cefi_lender"', "fail_if": condition(rng)}
        if rng.random() < 0.3:
            conditions["applies_if"] += f" && ({condition(rng)})"
        if rng.random() < 0.5:
            conditions["warn_if"] = condition(rng)
        if n % 4 == 0:
            conditions["stop_if"] = condition(rng, tuple(AGREEING))
        rule = {
            "code": f"X-{n:02}", "since": "1.0.0", "severity": rng.choice(("critical", "major", "minor")),
            "silence": rng.choice(("fail", "at_least_warn", "unobserved")), "worse": opposed(conditions),
            **text, **conditions,
            "references": [{"source": "BA-01", "locator": "para. 1"}], "message": message,
        }  # fmt: skip
        (folder / f"rule{n}.yaml").write_text(json.dumps(rule))
    loaded = load_rulebook(data_path("rules"), extra=[folder])
    of_trial = {
        kind: {id: value for id, value in getattr(loaded, kind).items() if id.startswith("trial.")}
        for kind in ("rules", "metrics", "parameters")
    }
    return replace(loaded, **of_trial)


@dataclass(frozen=True)
class Plain:
    """Facts given one by one."""

    states: dict

    def fact(self, id, shift):
        if id in self.states:
            return self.states[id]
        return FactState(id, Status.REPORTED, frozenset({"cefi_lender"}), CERTAIN)

    def table(self, id, shift):
        return TableState(id, Status.NOT_EXAMINED, (), False, UNEXAMINED)

    def having(self, values, support=None):
        """These facts with values in place of what is open, on evidence of that strength."""
        told = {
            id: replace(
                self.states[id], value=value, status=Status.REPORTED, support=support or self.states[id].support
            )
            for id, value in values.items()
        }
        return Plain({**self.states, **told})


class NothingWithheld:
    """No rule of these cases reads what is computed."""


def drawn(rulebook, rng):
    """A case with up to six rules, three traits and two or three open facts."""
    rules = [rulebook.rules[f"trial.rule{n}"] for n in rng.sample(range(RULES), rng.randrange(3, 7))]
    names = [rule.id for rule in rules]
    open_ = set(rng.sample(sorted(DOMAINS), rng.choice((2, 2, 3))))
    silent = {id for id in sorted(open_) if rng.random() < 0.12}
    states = {}
    for id, domain in DOMAINS.items():
        definition = rulebook.dictionary[id]
        if id not in open_:
            support = Support(grade := rng.choice((1, 2, 4, 4, 4)), grade, 2)
            states[id] = FactState(id, Status.REPORTED, rng.choice(domain), support)
            continue
        anything = Interval(*definition.range) if definition.type == "number" else frozenset().union(*domain)
        status = Status.NOT_DISCLOSED if id in silent else Status.NOT_EXAMINED
        states[id] = FactState(id, status, anything, SILENT if id in silent else UNEXAMINED)
    scheme = rulebook.scheme
    traits = {
        name: replace_model(
            scheme.traits[name],
            structure=f"trial.leg{rng.randrange(METRICS)}",
            harm=rng.sample(names, rng.randrange(1, len(names) + 1)),
            shared=[],
        )
        for name in ("T1", "T2", "T3")
    }
    stops = replace_model(scheme.stops, rules=[id for id in names if "stop_if" in rulebook.rules[id].conditions])
    small = with_scheme(rulebook, replace_model(scheme, traits=traits, stops=stops))
    facts = Plain(states)
    compiled = program(small)
    engine = RuleEngine(compiled, facts, small.dictionary)
    results = {rule.id: engine.evaluate(rule, small.reads[rule.id]) for rule in rules}
    legs = {name: engine.leg(trait.structure)[:2] for name, trait in traits.items()}
    ends = []
    for best in (True, False):
        told = {id: rule_end(result, "X", best=best) for id, result in results.items()}
        present = {n: Leg(t.surely_true if best else not t.surely_false, p) for n, (t, p) in legs.items()}
        ends.append(verdict_end(small.scheme, present, told, best=best))
    return Case(small, compiled, facts, "cefi_lender", rules, results, legs, tuple(ends), NothingWithheld())


def with_scheme(rulebook, scheme):
    """The rulebook with another verdict table and what is worked out from its rules kept."""
    other = replace(rulebook, scheme=scheme)
    for name in ("reads", "reader_of", "computed_of", "metrics_of", "parameters_of", "behind"):
        other.__dict__[name] = getattr(rulebook, name)
    return other


def replace_model(model, **changes):
    return model.model_copy(update=changes)


def ranks(case, end):
    patterns = list(dict.fromkeys(row.pattern for row in reversed(case.rulebook.scheme.patterns)))
    return (int(end.grade), patterns.index(end.pattern), *(end.traits[name].level for name in case.legs))


def enumerated(case, *, best):
    """The best (or worst) of every figure over all completions, each rule judged anew for the facts it reads.

    What nobody examined becomes known on the evidence that serves the end; what is withheld keeps its silence, which no
    hidden value can better, and at the worst end counts as proved.
    """
    facts = case.cut
    silent = sorted(id for id, state in facts.states.items() if state.status is Status.NOT_DISCLOSED)
    unknown = sorted(id for id, state in facts.states.items() if state.status is Status.NOT_EXAMINED)
    evidence = Support(4, 4, 0) if best else Support(0, 0, 2)
    open_ = unknown + silent
    judged, found = {}, []
    for values in product(*(DOMAINS[id] for id in open_)):
        world = dict(zip(open_, values, strict=True))
        rules = {}
        for rule in case.rules:
            reads = case.rulebook.reads[rule.id]
            key = (rule.id, *(world.get(id) for id in reads))
            if key not in judged:
                judged[key] = in_world(case, rule, reads, world, unknown, silent, evidence, best)
            rules[rule.id] = judged[key]
        legs = {}
        for name in case.legs:
            structure = case.rulebook.scheme.traits[name].structure
            key = (name, *(world.get(id) for id in open_))
            told = facts.having({id: world[id] for id in unknown}, evidence)
            truth, presumed, _ = RuleEngine(case.program, told, case.rulebook.dictionary).leg(structure)
            if truth.is_open:
                truth = RuleEngine(case.program, facts.having(world), case.rulebook.dictionary).leg(structure)[0]
            legs[name] = Leg(truth.surely_true, presumed)
        found.append(ranks(case, verdict_end(case.rulebook.scheme, legs, rules, best=best)))
    pick = min if best else max
    return tuple(map(pick, zip(*found, strict=True)))


def in_world(case, rule, reads, world, unknown, silent, evidence, best):
    told = case.cut.having({id: world[id] for id in unknown if id in reads}, evidence)
    weighed = RuleEngine(case.program, told, case.rulebook.dictionary).evaluate(rule, reads)
    hidden = {id: world[id] for id in silent if id in reads}
    if len(weighed.possible) == 1 and (weighed.stop is None or not weighed.stop.truth.is_open):
        return rule_end(weighed, "X", best=best)
    spoken = told.having(hidden, SILENT if best else SILENT._replace(proof=2))
    true = RuleEngine(case.program, spoken, case.rulebook.dictionary).evaluate(rule, reads)
    outcome = max(min(true.possible), min(weighed.possible))
    end = rule_end(replace(true, possible=frozenset({outcome})), "X", best=best)
    presumed = weighed.presumed and len(weighed.possible) == 1 and outcome is Outcome.FAIL
    return RuleEnd(end.outcome, end.severity, "X", presumed, end.stop, end.evidence)


def figures(found):
    return (found.grade, found.pattern, *found.traits.values())


def test_bounds_agree_with_every_completion_of_random_small_cases(rulebook):
    exact = ends = gaps = 0
    for index in range(CASES):
        case = drawn(rulebook, Random(f"case {index}"))
        told = bounds(case, TRIALS_HERE)
        best, worst = enumerated(case, best=True), enumerated(case, best=False)
        for span, low, high in zip(figures(told), best, worst, strict=True):
            assert span.best.rule <= span.best.bound <= low <= span.best.attained, (index, span, low)
            assert span.worst.rule >= span.worst.bound >= high >= span.worst.attained, (index, span, high)
            exact += span.best.exact + span.worst.exact
            ends += 2
            gaps += (span.best.rule != low) + (span.worst.rule != high)
    assert ends == 2 * 5 * CASES
    assert gaps > 100
    assert exact == ends
