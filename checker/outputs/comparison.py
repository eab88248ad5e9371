"""Platforms side by side in words: what every form of the comparison says, in the order in which it says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from markupsafe import Markup

from checker.assess.assessment import Assessment, Finding, Number, SourceView, TraitView
from checker.assess.comparison import Comparison, DecidingQuestion, Difference, Order, Pair, RuleLine
from checker.model.finding import Outcome
from checker.outputs import words
from checker.outputs.language import mark, tr
from checker.outputs.page import SYMBOLS, Chip, Page, Step, clean, safe_link, shortened
from checker.outputs.tables import Tables, changed_sentences
from checker.packs.rulebook import Rulebook

YIELD_FACTS = ("terms.offered_apy", "marketing.advertised_apy", "yield_source.median_paid_apy")
YIELD_NUMBERS = (
    "t4.earned",
    "t4.gap",
    "t4.benchmark_part",
    "t4.disclosed_part",
    "t4.subsidy_part",
    "t4.unexplained_part",
    "t4.runway_static",
)
ALWAYS = ("terms.offered_apy", "t4.earned", "t4.unexplained_part")
_NAME = 48  # characters of a name in a sentence or a heading; the list of platforms has it whole
_MOST_PAIRS = 3  # pairs that are named; more are counted
NOT_TOLD = mark("not told for this kind")
TITLES = {
    Difference.SURE: mark("Surely different"),
    Difference.SILENT: mark("Different by what is kept silent"),
    Difference.UNKNOWN: mark("Perhaps different: it hangs on what is unknown"),
}
NOTES = {
    Difference.SURE: mark("Whatever the unknown facts turn out to be, these requirements come out differently."),
    Difference.SILENT: mark(
        "Here a platform that does not disclose is presumed to fail; its answer could change that."
    ),
    Difference.UNKNOWN: mark(
        "The outcomes possible overlap; answers could make them equal or set them apart. First come those on which one "
        "surely does badly, the critical ones ahead."
    ),
}
YIELD_NOTE = mark("A rate is shown against what pays it. It takes no part in the grade: more of it is not better.")
DEPTH_NOTE = mark("Every fact, source and threshold stands in the report of each platform.")


@dataclass(frozen=True)
class Row:
    """A line of the table: what it tells and a cell for each platform; `short` where a few signs can tell it."""

    label: str
    cells: tuple[str, ...]
    short: tuple[str, ...] = ()


@dataclass(frozen=True)
class DifferenceRow:
    """A rule on which platforms differ.

    Attributes:
        line: The rule.
        title: Its title.
        chips: The outcome for each platform; None where the rule is not asked.
        texts: The finding of each platform as a sentence; empty where the rule is not asked.
        marks: The sources of each, as numbers in the report of that platform.
    """

    line: RuleLine
    title: str
    chips: tuple[Chip | None, ...]
    texts: tuple[str, ...]
    marks: tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class CitedBy:
    """The sources of one platform that the comparison cites, by their numbers in its report.

    Those of which only the same remark may be shown have several.
    """

    place: int
    name: str
    sources: tuple[tuple[tuple[int, ...], SourceView, Markup], ...]


class Sides:
    """A comparison in the order and the words in which it is told.

    Args:
        told: What is rendered.
        rulebook: Where the wording of rules and facts stands; no value is taken from it.
    """

    def __init__(self, told: Comparison, rulebook: Rulebook) -> None:
        self.told = told
        self._rulebook = rulebook
        self._pages = [Page(assessment, rulebook) for assessment in told.assessments]
        self._tables = [Tables(assessment, rulebook) for assessment in told.assessments]
        short = [shortened(clean(assessment.name), _NAME) for assessment in told.assessments]
        repeated = Counter(short)
        self.names = tuple(f"{name} ({place})" if repeated[name] > 1 else name for place, name in enumerate(short, 1))

    @property
    def cut(self) -> str:
        """The cut in words."""
        return words.cut_text(self.told.assessments[0])

    @property
    def title(self) -> str:
        """The title."""
        return tr("{names}: compared, {cut}").format(names=words.listed(self.names), cut=self.cut)

    @property
    def changes(self) -> tuple[str, ...]:
        """What the user changed in the rules, in words, and of whom outcomes were recorded by hand."""
        by_hand = (
            tr("{label}: {value}").format(label=name, value=words.overrides_note(len(assessment.overrides)))
            for name, assessment in zip(self.names, self.told.assessments, strict=True)
            if assessment.overrides
        )
        changed = (text for assessment in self.told.assessments for text in changed_sentences(assessment))
        return tuple(dict.fromkeys([*changed, *by_hand]))

    # -- what is certain

    def _graded(self, place: int) -> str:
        return self.names[place] + tr(" ({text})").format(text=words.grade_range(self.told.assessments[place]))

    def verdict(self) -> tuple[str, ...]:
        """What the grades tell, a sentence each: who is surely safer than whom, and who cannot be told apart."""
        sentences = []
        for wanted, mirrored, template in (
            (Order.SAFER, Order.RISKIER, tr("By grade {name} is surely safer than {others}.")),
            (Order.NO_WORSE, Order.NO_BETTER, tr("By grade {name} is surely no worse than {others}, perhaps equal.")),
        ):
            for place in range(len(self.names)):
                others = [self._graded(other) for other in self._beside(place, wanted, mirrored)]
                if others:
                    sentences.append(template.format(name=self._graded(place), others=words.listed(others)))
        sentences += self._undecided(
            Order.SAME,
            tr("The grade of {first} and {second} is the same, and certain."),
            tr("The grade of {names} is the same, and certain."),
            tr("Pairs with the same certain grade: {count} of {of}."),
        )
        sentences += self._undecided(
            Order.OPEN,
            tr("By grade {first} and {second} cannot be told apart: what is unknown spans both."),
            tr("By grade no two of {names} can be told apart: what is unknown spans them."),
            tr("Pairs that cannot be told apart by grade: {count} of {of}."),
        )
        ungraded = [self.names[place] for place, a in enumerate(self.told.assessments) if a.verdict.best is None]
        if ungraded:
            sentences.append(
                tr("Without a grade, because no deposits are taken from the public: {names}.").format(
                    names=words.listed(ungraded)
                )
            )
        return tuple(sentences)

    def _beside(self, place: int, wanted: Order, mirrored: Order) -> Iterator[int]:
        for pair in self.told.pairs:
            if (pair.first, pair.grade) == (place, wanted):
                yield pair.second
            elif (pair.second, pair.grade) == (place, mirrored):
                yield pair.first

    def _undecided(self, wanted: Order, one: str, each: str, many: str) -> list[str]:
        """The pairs that stand so to each other: said once where all do."""
        pairs = [pair for pair in self.told.pairs if pair.grade is wanted]
        if len(pairs) == len(self.told.pairs) > 1:
            return [each.format(names=words.listed([*map(self._graded, range(len(self.names)))], len(self.names)))]
        if len(pairs) > _MOST_PAIRS:
            return [many.format(count=len(pairs), of=len(self.told.pairs))]
        return [one.format(first=self._graded(pair.first), second=self._graded(pair.second)) for pair in pairs]

    def traits(self) -> tuple[str, ...]:
        """Where a trait is surely weaker in one platform than in another, a sentence each."""
        sentences = []
        names = {trait.id: trait.name for a in self.told.assessments for trait in a.verdict.traits}
        for id, name in names.items():
            for place in range(len(self.names)):
                others = []
                for pair in self.told.pairs:
                    how = pair.traits.get(id)
                    if (pair.first, how) == (place, Order.SAFER):
                        others.append(self.names[pair.second])
                    elif (pair.second, how) == (place, Order.RISKIER):
                        others.append(self.names[pair.first])
                if others:
                    sentences.append(
                        tr("{trait}: surely less of it in {name} than in {others}.").format(
                            trait=f"{id} {tr(name)}", name=self.names[place], others=words.listed(others)
                        )
                    )
        return tuple(sentences)

    def knowledge(self) -> tuple[str, ...]:
        """Where a difference is only one of knowledge, a sentence each."""
        sentences = []
        alike = [pair for pair in self.told.pairs if pair.only_knowledge]
        if len(alike) == len(self.told.pairs) > 1:
            sentences.append(
                tr(
                    "Nothing asked of all surely differs between any two of them; what lies between them is what is "
                    "known."
                )
            )
        elif len(alike) > _MOST_PAIRS:
            sentences.append(
                tr(
                    "Pairs between which nothing asked of both surely differs: {count} of {of}; what lies between "
                    "them is what is known."
                ).format(count=len(alike), of=len(self.told.pairs))
            )
        else:
            template = tr(
                "Nothing asked of both surely differs between {first} and {second}; what lies between them is what "
                "is known."
            )
            sentences += [
                template.format(first=self.names[pair.first], second=self.names[pair.second]) for pair in alike
            ]
        for place, name in enumerate(self.names):
            others = [_other(pair, place) for pair in self.told.pairs if pair.flattered == place]
            if others:
                sentences.append(
                    tr(
                        "{name} may still come out better than {others}, on less knowledge ({known} of its critical "
                        "facts are known): that may be ignorance, not merit."
                    ).format(
                        name=name,
                        others=words.listed([self.names[other] for other in others]),
                        known=words.percent(self.told.assessments[place].verdict.coverage.critical),
                    )
                )
        return tuple(sentences)

    def not_comparable(self) -> tuple[str, ...]:
        """What cannot be compared between platforms of different kinds, a sentence each."""
        kinds = [a.kind for a in self.told.assessments]
        if len(set(kinds)) == 1:
            return ()
        sentences = [
            tr("The kinds differ ({kinds}), so not every rule is asked of all of them.").format(
                kinds=words.listed([tr(words.KINDS[kind]) for kind in dict.fromkeys(kinds)])
            )
        ]
        alone = [line for line in self.told.rules if any(finding is None for finding in line.findings)]
        for kind in dict.fromkeys(kinds):
            place = kinds.index(kind)
            asked = [line.code for line in alone if line.findings[place] is not None]
            if asked:
                sentences.append(
                    tr("Asked of this kind but not of all ({kind}, {count}): {codes}.").format(
                        kind=tr(words.KINDS[kind]), count=len(asked), codes=words.listed(sorted(asked), 8)
                    )
                )
        if len({a.headline for a in self.told.assessments}) > 1:
            sentences.append(
                tr(
                    "Each kind is put under the run that its kind has seen; days under different runs are not the same "
                    "measure."
                )
            )
        return tuple(sentences)

    # -- tables

    def statuses(self) -> tuple[tuple[str, str], ...]:
        """Live statuses, apart from the grade: the platform and what has happened."""
        return tuple(
            (self.names[place], tr("; ").join(words.in_sentence(tr(text)) for _, text in a.verdict.status))
            for place, a in enumerate(self.told.assessments)
            if a.verdict.status
        )

    def rows(self, *, kinds: bool = True, grades: bool = True) -> tuple[Row, ...]:
        """The platforms in a table: kind, grade, traits, what is known, how old it is.

        Args:
            kinds: Whether a row tells the kinds; not where the list of platforms has them.
            grades: Whether a row tells the grades; not where a drawing does.
        """
        kind, grade, *rest = self.grade_rows()
        shown = [*([kind] if kinds else []), *([grade] if grades else []), *rest]
        return (*shown, *self.trait_rows(), *self.knowledge_rows(), *self.headline_rows())

    @staticmethod
    def _row(label: str, cells: Iterable[str], short: Iterable[str] = ()) -> Row:
        return Row(words.capital(label), tuple(cells), tuple(short))

    def grade_rows(self) -> tuple[Row, ...]:
        """Kind and grade."""
        sides = self.told.assessments
        rows = [
            self._row(tr("kind"), (tr(words.KINDS[a.kind]) for a in sides)),
            self._row(tr("grade (A safest, F worst)"), map(words.grade_range, sides), map(words.grade_range, sides)),
            self._row(tr("without caps and stops"), map(_uncapped, sides), map(_uncapped, sides)),
        ]
        if any(a.verdict.best is not None and not a.verdict.assessable for a in sides):
            rows.insert(2, self._row(tr("assessable"), (_assessable(a) for a in sides)))
        return tuple(rows)

    def scales(self) -> tuple[tuple[Step, ...], ...]:
        """For each platform the letters A to F, those still possible marked."""
        return tuple(page.scale() for page in self._pages)

    def trait_rows(self) -> tuple[Row, ...]:
        """The four traits at both ends."""
        names = {trait.id: trait.name for a in self.told.assessments for trait in a.verdict.traits}
        rows = []
        for id, name in names.items():
            found = [next((t for t in a.verdict.traits if t.id == id), None) for a in self.told.assessments]
            cells = [tr("does not apply") if trait is None else words.level_text(trait) for trait in found]
            short = ["–" if trait is None else _level(trait) for trait in found]
            rows.append(self._row(f"{id} {tr(name)}", cells, short))
        return tuple(rows)

    def knowledge_rows(self) -> tuple[Row, ...]:
        """What is known and how old it is."""
        sides = self.told.assessments
        known = tr("{known} of {asked} ({share})")
        return (
            self._row(
                tr("critical facts known or settled"),
                (
                    known.format(
                        known=a.verdict.coverage.critical_known,
                        asked=a.verdict.coverage.critical_asked,
                        share=words.percent(a.verdict.coverage.critical),
                    )
                    for a in sides
                ),
                (words.percent(a.verdict.coverage.critical) for a in sides),
            ),
            self._row(
                tr("facts known or settled"),
                (
                    known.format(
                        known=a.verdict.coverage.known,
                        asked=a.verdict.coverage.asked,
                        share=words.percent(a.verdict.coverage.all),
                    )
                    for a in sides
                ),
                (words.percent(a.verdict.coverage.all) for a in sides),
            ),
            self._row(
                tr("newest evidence"),
                (words.day(a.newest_evidence or tr("undated")) for a in sides),
                (a.newest_evidence or tr("undated") for a in sides),
            ),
            self._row(
                tr("oldest evidence"),
                (
                    tr("undated")
                    if a.oldest_evidence_days is None
                    else tr("{age} old").format(age=words.number(a.oldest_evidence_days, "days"))
                    for a in sides
                ),
            ),
        )

    def headline_rows(self) -> tuple[Row, ...]:
        """The numbers that stand beside the grade."""
        keys = dict.fromkeys(key for a in self.told.assessments for key in a.headline)
        rows = []
        for id, scenario in keys:
            numbers = [a.number(id) for a in self.told.assessments]
            known = next((n, a) for n, a in zip(numbers, self.told.assessments, strict=True) if n is not None)
            label = tr(known[0].title)
            if scenario:
                owner = next(a for a in self.told.assessments if (id, scenario) in a.headline)
                label = tr("{number}: {scenario}").format(
                    number=label, scenario=words.in_sentence(words.scenario_title(owner, scenario))
                )
            cells = (
                _number(number, scenario) if (id, scenario) in a.headline else tr(NOT_TOLD)
                for number, a in zip(numbers, self.told.assessments, strict=True)
            )
            rows.append(self._row(label, cells))
        return tuple(rows)

    def yields(self) -> tuple[Row, ...]:
        """The rate offered, and what it is paid from."""
        rows = []
        for id in YIELD_FACTS:
            values = [self._fact(place, id) for place in range(len(self.names))]
            if id in ALWAYS or any(told for _, told in values):
                rows.append(self._row(words.fact_name(id), (text for text, _ in values)))
        for id in YIELD_NUMBERS:
            numbers = [a.number(id) for a in self.told.assessments]
            known = next((number for number in numbers if number is not None), None)
            if known is not None and (id in ALWAYS or any(number is not None and number.told for number in numbers)):
                rows.append(self._row(tr(known.title), (_number(number) for number in numbers)))
        return tuple(rows)

    def _fact(self, place: int, id: str) -> tuple[str, bool]:
        fact = next((fact for fact in self.told.assessments[place].facts if fact.id == id), None)
        if fact is None:
            return tr("not asked of this kind"), False
        if fact.status != "reported":
            return tr(words.STATUSES[fact.status]), False
        return self._pages[place].value(fact), True

    # -- rules and questions

    def differences(self, why: Difference) -> tuple[DifferenceRow, ...]:
        """The rules that differ for this reason."""
        return tuple(
            DifferenceRow(
                line,
                tr(line.title),
                tuple(Page.chip(finding) if finding is not None else None for finding in line.findings),
                tuple(self._text(finding) if finding is not None else "" for finding in line.findings),
                tuple(
                    tables.marks(finding) if finding is not None else ()
                    for tables, finding in zip(self._tables, line.findings, strict=True)
                ),
            )
            for line in self.told.lines(why)
        )

    def sources(self) -> tuple[CitedBy, ...]:
        """The sources behind what surely differs, and behind what differs by silence, by platform."""
        rows = [row for why in (Difference.SURE, Difference.SILENT) for row in self.differences(why)]
        shown = []
        for place, assessment in enumerate(self.told.assessments):
            cited = sorted({mark for row in rows for mark in row.marks[place]})
            alike: dict[tuple[str, str, str, str], list[int]] = {}
            for number in cited:
                source = assessment.sources[number - 1]
                alike.setdefault((source.title, source.publisher, source.date, source.url), []).append(number)
            sources = [(tuple(numbers), assessment.sources[numbers[0] - 1]) for numbers in alike.values()]
            shown.append(
                CitedBy(
                    place + 1,
                    self.names[place],
                    tuple((numbers, source, safe_link(source.url)) for numbers, source in sources),
                )
            )
        return tuple(side for side in shown if side.sources)

    def source_text(self, source: SourceView) -> str:
        """A source in a line: title, publisher, day."""
        title = tr(source.title) if source.title in words.WITHHELD else source.title
        return tr(", ").join(filter(None, [title, source.publisher, words.published(source)]))

    def _text(self, finding: Finding) -> str:
        return words.message(finding, self._rulebook.rules[finding.rule].message)

    def alike(self) -> str:
        """How many rules come out the same, or are open for all alike."""
        return tr("Requirements that come out the same for all: {same}; open in the same way for all: {open}.").format(
            same=len(self.told.lines(Difference.SAME)), open=len(self.told.lines(Difference.BOTH_OPEN))
        )

    def asked_of(self, question: DecidingQuestion) -> str:
        """Of whom a question is to be asked."""
        if len(question.platforms) == len(self.names):
            return tr("all")
        if len(self.names) == 2:
            return self.names[question.platforms[0]]
        return words.listed([str(place + 1) for place in question.platforms], len(self.names))

    def question(self, question: DecidingQuestion) -> str:
        """A question with the rules that it holds open."""
        return tr("{question} ({platforms}; holds open {rules})").format(
            question=tr(question.ask), platforms=self.asked_of(question), rules=words.listed(question.rules, 4)
        )


def chip_text(chip: Chip | None) -> str:
    """An outcome as symbol and word; a rule that is not asked of the kind says so."""
    if chip is None:
        return tr("not asked")
    return f"{chip.symbol} {chip.word}"


def short_text(finding: Finding | None) -> str:
    """An outcome as symbol and one word, where there is little room; the symbol tells what is presumed."""
    if finding is None:
        return tr("not asked")
    chip = Page.chip(finding)
    if finding.outcome is Outcome.NOT_APPLICABLE:
        return f"{chip.symbol} {tr('n/a')}"
    return f"{chip.symbol} {chip.word if finding.outcome is None else tr(words.OUTCOMES[finding.outcome])}"


def chip_full(chip: Chip | None) -> str:
    """An outcome as symbol and word, with the outcomes that are still possible."""
    if chip is None or not chip.detail:
        return chip_text(chip)
    return tr("{word}: {detail}").format(word=chip_text(chip), detail=chip.detail)


def _uncapped(assessment: Assessment) -> str:
    return words.span(assessment.verdict.uncapped_best, assessment.verdict.uncapped_worst)


def _assessable(assessment: Assessment) -> str:
    if assessment.verdict.best is None:
        return tr("no grade")
    return tr("yes") if assessment.verdict.assessable else tr("not assessable")


def _level(trait: TraitView) -> str:
    """The levels of a trait as figures, marked where presumed."""
    span = f"{trait.best}" if trait.best == trait.worst else f"{trait.best}–{trait.worst}"
    return f"{SYMBOLS['presumed']}{span}" if trait.presumed else span


def _other(pair: Pair, place: int) -> int:
    return pair.first if place == pair.second else pair.second


def _number(number: Number | None, scenario: str = "") -> str:
    if number is None:
        return tr(NOT_TOLD)
    variant = next((v for v in number.variants if v.scenario == scenario), None)
    if not (variant.told if variant is not None else number.told):
        return tr("unknown")
    return words.number_text(number, scenario)
