"""The portfolio report says what the portfolio holds, of two platforms as of thousands; hostile names do nothing."""

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
import verapdf
from pdf_pages import box_text, squeezed

from checker.app.audit import shipped_rulebook
from checker.assess.portfolio import BatchRow, TraitLevels, portfolio
from checker.model.errors import Fault
from checker.model.finding import Grade
from checker.outputs import portfolio as module
from checker.outputs.language import LANGUAGES
from checker.outputs.pdf import missing_system_libraries
from checker.outputs.portfolio import (
    BEST_SHOWN,
    FAULTS_SHOWN,
    GRID_CUTS,
    LISTED,
    MARKS,
    THIN_SHOWN,
    WORST_SHOWN,
    About,
    Board,
    render_document,
    render_html,
    render_pdf,
)
from checker.outputs.portfolio_charts import classes, ends, known, sections

ABOUT = About("9.9.9", results=("results.csv", "results.jsonl"), starters=("terms.notice_days",))
OPEN = (("terms.notice_days", 3), ("leverage.equity", 1))
EVIL = (
    "<script>alert(1)</script>",
    "</style></title><img src=x onerror=alert(1)>",
    "{{ 7*7 }} {% raw %} {name} {0} %s",
    'javascript:alert(1)" onmouseover="x',
    "\u202egnp.exe\u202c\x00\x1b[31m",
    "x" * 5_000,
    "=1+1 | @import url(http://evil.example/x)",
)
needs_pango = pytest.mark.skipif(
    "libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing: " + ", ".join(missing_system_libraries())
)


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


def row(id, best="B", worst="D", day="2022-05-31", **more):
    ends = [None if letter is None else Grade[letter] for letter in (best, worst)]
    levels = tuple(TraitLevels(f"T{n}", n % 2, 3) for n in (1, 2, 3, 4)) if best else ()
    given = {"kind": "fund", "facts": "f", "rules": "r", "traits": levels, "open": OPEN} | more
    name = given.pop("name", f"Platform {id}")
    return BatchRow(id, name, given.pop("kind"), f"{id}.json", None, day, day, *ends, **given)


def some():
    """Ten platforms of every sort."""
    sure = tuple(TraitLevels(f"T{n}", 3, 3) for n in (1, 2, 3, 4))
    return [
        row("a", "A", "A", traits=(), coverage_critical=0.9, open=()),
        row("b", "B", "C", coverage_critical=0.7),
        row("c", "B", "D", kind="p2p", coverage_critical=0.6),
        row("d", "A", "F", kind="p2p", coverage_critical=0.6),
        row("e", "D", "F", kind="cefi_lender", status=("withdrawals_suspended",), coverage_critical=0.3),
        row("f", "F", "F", kind="cefi_lender", traits=sure, stops=("m.false_safety",), coverage_critical=0.25,
            outcomes={"m.false_safety": "F", "t1.offered_spread": "F", "t3.lcr_30d": "PWF"}),
        row("g", "A", "F", assessable=False, coverage_critical=0.2, coverage_all=0.1),
        row("h", "C", "F", assessable=False, coverage_critical=0.05, coverage_all=0.05),
        row("i", "A", "F", assessable=False, coverage_critical=0.0, coverage_all=0.0, kind="yield_product"),
        row("k", None, None, assessable=False, kind="token", coverage_critical=0.4, open=()),
    ]  # fmt: skip


def asked(kind):
    return () if kind == "token" else ("terms.notice_days", "leverage.equity", "leverage.tvl")


def told(rows=None, **more):
    return portfolio(some() if rows is None else rows, asked=asked, **more)


class Text(HTMLParser):
    """The text of a page by element, and the tags."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.links, self.tables, self.cell, self.text = [], [], [], None, []
        self.hidden = 0
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("href", "src", "action", "data")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.hidden += tag in ("style", "svg", "head")
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.cell = self.tables[-1][-1]

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "svg", "head")
        if tag in ("td", "th"):
            self.cell = None

    def handle_data(self, data):
        if self.hidden:
            return
        if self.cell is not None:
            self.cell[-1] += data
        self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).replace("\u200b", "").split())


def page(portfolio, rulebook, about=ABOUT, language="en", **more):
    return Text(render_html(portfolio, rulebook, about, language, **more))


FIRST = """\
ddcheck Portfolio report 6 of 10 platforms can be assessed, 2 of them certainly D or worse As known by 2022-05-31 As
of 2022-05-31: not a statement on today. Platforms 10 kinds: 5 Assessable 6 not assessable: 3; findings only: 1 One
letter certain 2 both ends of the range agree With a stop 1 it limits the grade, whatever else is known Critical facts
known or settled 40% mean over the platforms; of all facts 72% Could not be read 0 files or rows with a fault; in no
count here How certain the verdicts are C is the worst grade that raises no flag; a verdict is certain if no missing
fact can change that. Grades of the assessable platforms at both ends Dark: the letter is certain. Light: it is the
best, or the worst, that the known facts allow. What is certain over the set Certainly D or worse: 2 of 6.Certainly C
or better: 2 of 6.Continuous, high-yield deposit taking (T1) is surely present: 1 of 5.Pooled operation (T2) is surely
present: 1 of 5.Maturity mismatch (T3) is surely present: 1 of 5.Decoupled pricing (T4) is surely present: 1 of 5.Live
status, apart from the grade: withdrawals are suspended: 1 of 10. What is not assessable, and what to ask first Not
assessable: 3 of 10. Of the facts that critical rules ask of each of them, more than 40% were never looked at, and
what is known does not force a grade worse than C. That says nothing against a platform: it says what is still to be
asked. Where little is known, only a bad verdict can be certain; so the share of bad verdicts in a set of thin
profiles says nothing about its platforms as a whole. Ask these first; so many of them wait for the answer:"""


def test_the_first_page(rulebook):
    """The golden text: what a reader meets first."""
    words = page(told(), rulebook).words

    def bare(text):
        return re.sub(r"\s", "", text)

    assert bare(FIRST) in bare(words)
    notice = rulebook.dictionary["terms.notice_days"].ask
    assert f"wait for the answer: {notice} 3 of 3" in words


def test_every_count_adds_up(rulebook):
    """Figures, table by kind, heat map and drawings are the counts of the portfolio."""
    whole = told()
    spread = whole.distribution
    board = Board(whole, rulebook, ABOUT)
    assert sum(part.total for _, part in board.kinds()) == whole.platforms == spread.total == 10
    assert sum(spread.classes.values()) + spread.findings_only == 10
    for name, cells in board.heat():
        for cell, level in zip(cells, [heat for heat in whole.heat if heat.kind == ""], strict=True):
            assert cell is None or 0 <= cell.sure <= cell.sure + cell.possible <= cell.of
            assert name != "all kinds" or (cell.sure, cell.sure + cell.possible) == (level.best[3], level.worst[3])
    for _, _, counts in board.levels():
        assert sum(best for best, _ in counts) == sum(worst for _, worst in counts) == 5
    tables = page(whole, rulebook).tables
    kinds = next(table for table in tables if table[0][0] == "kind" and table[0][1] == "platforms")
    columns = list(zip(*[list(map(int, line[1:])) for line in kinds[1:]], strict=True))
    classed = [spread.classes[key] for key in ("cleared", "open", "alarmed", "flagged")]
    assert list(map(sum, columns)) == [10, *classed, spread.not_assessable, spread.findings_only]


def test_the_drawings_tell_their_counts(rulebook):
    """What is drawn is said in the alternative text."""
    whole = told()
    assert (
        "certainly C or better: 2; neither, D at worst: 1; neither, E or F possible: 1"
        in classes(whole.distribution).alt
    )
    assert "not assessable: 3; findings only: 1." in classes(whole.distribution).alt
    drawing = ends(whole.distribution)
    assert "A: 2 at best, 1 at worst, 1 at both ends" in drawing.alt
    assert "F: 1 at best, 3 at worst, 1 at both ends" in drawing.alt
    assert drawing.svg.count('class="c-ink"') == 4  # two letters are certain, each drawn on both sides
    assert "20–30%: 2; 30–40%: 1; 40–50%: 1" in known(whole.critical, 10).alt
    assert "Terms and rates: 8 of 9 open; Leverage and loops: 8 of 18 open." in sections(whole.sections).alt


def test_the_league_table(rulebook):
    board = Board(told(), rulebook, ABOUT)
    lines = board.league()
    assert [(line.place, line.name, line.span) for line in lines] == [
        (1, "Platform a", "A"),
        (2, "Platform b", "B..C"),
        (3, "Platform c", "B..D"),
        (4, "Platform d", "A..F"),
        (5, "Platform e", "D..F"),
        (6, "Platform f", "F"),
    ]
    assert [state for _, state in lines[1].cells] == ["out", "maybe", "maybe", "out", "out", "out"]
    assert [state for _, state in lines[5].cells] == ["out"] * 5 + ["sure"]
    assert [bar.text for bar in lines[1].traits] == ["1–3", "0–3", "1–3", "0–3"]
    assert lines[1].traits[0].steps == ("sure", "maybe", "maybe")
    assert lines[0].traits[0].text == "–"
    assert lines[4].remarks == ("withdrawals are suspended",)
    assert lines[5].remarks == ("stop",)
    assert [line.name for line in board.thin()] == ["Platform g", "Platform h", "Platform i"]
    assert {state for line in board.thin() for _, state in line.cells} <= {"hazy", "out"}
    assert board.ungraded() == "Platform k"
    assert board.league_note == board.thin_note == ""
    league = next(table for table in page(told(), rulebook).tables if table[0][0] == "#")
    assert [line[1].split(" fund")[0].split(" P2P")[0].split(" centralised")[0] for line in league[1:]] == [
        line.name for line in lines
    ]


def test_of_thousands_the_tables_are_limited_and_say_so(rulebook):
    rows = [row(f"{n:05}", "BCDEF"[n % 5], "F", kind=["fund", "p2p"][n % 2]) for n in range(4_000)]
    rows += [row(f"t{n:05}", "A", "F", assessable=False, coverage_critical=n / 10_000) for n in range(2_000)]
    whole = told(rows, unread=90, faults=[Fault(f"f{n}.json", "no") for n in range(90)])
    board = Board(whole, rulebook, ABOUT)
    assert (len(board.league()), len(board.foot()), len(board.thin())) == (BEST_SHOWN, WORST_SHOWN, THIN_SHOWN)
    assert board.foot()[-1].place == 4_000
    assert board.foot()[0].place == 4_000 - WORST_SHOWN + 1
    html = render_html(whole, rulebook, ABOUT)
    words = Text(html).words
    assert len(html) < 600_000
    assert "4,000 of 6,000 platforms can be assessed, 2,400 of them certainly D or worse" in words
    assert f"{BEST_SHOWN + WORST_SHOWN} of 4,000 stand here" in words
    assert f"The {THIN_SHOWN} of which most is known, equals by name; 2,000 in all" in words
    assert f"6,000 platforms are more than the {LISTED} that are named here" in words
    assert "More faults stand in errors.jsonl" in words
    assert len(board.faults()) == FAULTS_SHOWN
    assert "What could not be read: 90" in words
    assert board.everyone() == ()


def nothing_known(id, **more):
    return row(id, "A", "F", assessable=False, traits=tuple(TraitLevels(f"T{n}", 0, 3) for n in (1, 2, 3, 4)), **more)


def test_lines_that_are_all_alike_are_counted_and_not_shown(rulebook):
    alike = [nothing_known(f"{n:03}", coverage_critical=0.05) for n in range(THIN_SHOWN + 10)]
    board = Board(told(alike), rulebook, ABOUT)
    assert board.thin() == ()
    words = page(board.told, rulebook).words
    assert "What is known of these 40 platforms leaves every grade and every level of the traits possible" in words
    assert "League table" not in words
    assert "Platform 000" in words  # among all platforms, by name

    more = [nothing_known("x", stops=("m.false_safety",)), row("y", "B", "F", assessable=False)]
    board = Board(told([*alike, *more]), rulebook, ABOUT)
    assert sorted(line.name for line in board.thin()) == ["Platform x", "Platform y"]
    assert "The 2 of 42 of which the facts exclude a grade or a level" in board.thin_note
    assert len(Board(told(alike[:THIN_SHOWN]), rulebook, ABOUT).thin()) == THIN_SHOWN


def test_columns_in_which_no_platform_stands_are_left_out(rulebook):
    names = [name for name, _ in Board(told([row("a"), row("b", "D", "E")]), rulebook, ABOUT).kind_columns()]
    assert names == ["neither, D at worst", "certainly D or worse"]
    whole = told()
    counts = dict(Board(whole, rulebook, ABOUT).kind_columns())
    assert sum(map(sum, counts.values())) == whole.platforms
    assert sum(counts["not assessable"]) == whole.distribution.not_assessable


def test_findings_alone_make_no_league(rulebook):
    words = page(told([row("k", None, None, assessable=False, kind="token", open=())]), rulebook).words
    assert words.count("Findings only, no grade") == 1
    assert "League table" not in words


def test_a_foot_that_is_not_kept_is_not_shown(rulebook):
    """Of more platforms than a portfolio keeps whole, only the head of the ranking is known."""
    whole = told([row(f"{n:04}", "C", "D") for n in range(900)], keep=300)
    board = Board(whole, rulebook, ABOUT)
    assert board.foot() == ()
    assert "of 900 stand here" in board.league_note


@pytest.mark.parametrize(
    ("rows", "headline"),
    [
        ([], "No platform could be read"),
        ([row("a", "A", "F", assessable=False)], "The one platform cannot be assessed on what is known"),
        (
            [row("a", "A", "F", assessable=False), row("b", "A", "F", assessable=False)],
            "None of 2 platforms can be assessed on what is known",
        ),
        ([row("a"), row("b", "D", "E")], "2 of 2 platforms can be assessed, 1 of them certainly D or worse"),
        ([row("a", "E", "F"), row("b", "D", "E")], "2 of 2 platforms can be assessed; all of these are certainly D or"),
        ([row("a")], "The one platform can be assessed; it is not certainly D or worse"),
        ([row("a", "D", "E")], "The one platform can be assessed; it is certainly D or worse"),
    ],
)
def test_few_or_none(rulebook, rows, headline):
    whole = told(rows)
    words = page(whole, rulebook).words
    assert headline in words
    assert ("League table" in words) == any(one.assessable for one in rows)
    if rows and not any(r.assessable for r in rows):
        assert "How certain the verdicts are" not in words
        assert "Where the four traits are present" not in words


def test_what_is_not_told_is_not_counted(rulebook):
    """A way to judge that does not say which facts are open leaves no claim that none is."""
    whole = told([row("a"), row("b", open=None)])
    assert whole.unknowns == whole.sections == ()
    words = page(whole, rulebook).words
    assert "Least is settled of" not in words
    assert "What to ask first" not in words


def test_open_facts_are_counted(rulebook):
    whole = told()
    (notice, equity) = whole.unknowns
    assert (notice.fact, notice.platforms, notice.not_assessable, notice.rules) == ("terms.notice_days", 8, 3, 24)
    assert (equity.fact, equity.platforms, equity.rules) == ("leverage.equity", 8, 8)
    assert [(s.section, s.asked, s.open) for s in whole.sections] == [("leverage", 18, 8), ("terms", 9, 8)]
    tables = page(whole, rulebook).tables
    asks = next(table for table in tables if table[0][0] == "question")
    assert [line[2:] for line in asks[1:]] == [["8 of 10", "24"], ["8 of 10", "8"]]
    assert asks[1][0].startswith("★ ")
    assert not asks[2][0].startswith("★ ")


# ------------------------------------------------------------------------------------------------------------ movement


def months():
    """Three platforms over four months: one gets worse, one becomes assessable, one appears late."""
    days = ["2022-01-31", "2022-02-28", "2022-03-31", "2022-04-30"]
    fails = {"t1.offered_spread": "F"}
    return [
        row("a", "B", "D", days[0]),
        row("a", "B", "D", days[1]),
        row("a", "D", "F", days[2], facts="g", outcomes=fails),
        row("a", "F", "F", days[3], facts="h", outcomes=fails, stops=("g.withdrawals",), status=("insolvent",)),
        *[row("b", "A", "F", day, assessable=False) for day in days[:3]],
        row("b", "C", "D", days[3], facts="g"),
        row("c", "A", "B", days[3]),
    ]


def test_months(rulebook):
    whole = told(months())
    board = Board(whole, rulebook, ABOUT)
    assert board.grid_heads() == (("2022", 4, ("01", "02", "03", "04")),)
    assert {name: [text for _, text in cells] for name, cells in board.grid()} == {
        "Platform c": ["·", "·", "·", "A–B"],
        "Platform b": ["?", "?", "?", "C–D"],
        "Platform a": ["B–D", "B–D", "D–F", "F"],
    }
    assert [counts[2:] for counts in board.days()] == [(0, 0, 0), (0, 0, 0), (1, 0, 0), (1, 0, 1)]
    assert [(m.name, m.before, m.now, m.sign, m.why) for m in board.moves()] == [
        ("Platform a", "D..F", "F", MARKS["worse"], "facts"),
        ("Platform a", "B..D", "D..F", MARKS["worse"], "facts"),
        ("Platform b", "A..F, not assessable", "C..D", MARKS["narrower"], "facts"),
    ]
    title = rulebook.rules["t1.offered_spread"].title
    assert board.moves()[1].details == (f"Now fails: T1-01 {title}.",)
    last = board.moves()[0].details
    assert last[0] == "Live status: insolvency proceedings are open."
    assert last[1].startswith("New stop: G-07 ")
    assert [line.remarks for line in board.league()] == [(), ("↔ narrower",), ("▼ worse", "stop", last[0][13:-1])]
    words = page(whole, rulebook).words
    assert "Moves from one cut to the next: 3" in words
    assert "judged on 4 days, 9 verdicts" in words
    assert "2022-05" not in words  # nothing after the last cut


def test_many_cuts_leave_the_last_in_the_grid(rulebook):
    days = [f"{2000 + n // 12}-{n % 12 + 1:02}-28" for n in range(40)]
    whole = told([row("a", "B", "D", day) for day in days])
    board = Board(whole, rulebook, ABOUT)
    assert len(board.grid_days) == GRID_CUTS
    assert board.grid_note == f"The last {GRID_CUTS} of 40 cuts."
    assert "Nothing moved." in page(whole, rulebook).words
    twice = told([row("a", "B", "D", f"2022-01-{day:02}") for day in (5, 20)])
    assert Board(twice, rulebook, ABOUT).grid_heads() == (("2022", 2, ("01-05", "01-20")),)


def test_since_the_last_run(rulebook):
    earlier = {"a": row("a", "B", "D", "2022-01-31"), "b": row("b", "C", "C", rules="old")}
    now = [row("a", "A", "F"), row("b", "B", "C", rules="new"), row("c")]
    whole = told(now, before=earlier.get, gone=["z"], since="2022-01-31")
    board = Board(whole, rulebook, ABOUT)
    assert board.moves_title == "Moved since the last run (known by 2022-01-31): 2"
    assert [(m.name, m.sign, m.why) for m in board.moves()] == [
        ("Platform a", MARKS["wider"], "time alone"),
        ("Platform b", MARKS["better"], "rules"),
    ]
    assert board.come_and_gone() == ("New: c", "No longer here: z")
    assert "Nothing moved." in page(told(now, before={r.id: r for r in now}.get, since="2022-05-31"), rulebook).words


# ------------------------------------------------------------------------------------------------------ what stands by


def test_the_cut_stands_first(rulebook):
    words = page(told(), rulebook).words
    assert words.index("As of 2022-05-31: not a statement on today.") < words.index("Platforms")
    two = told([row("a", day="2021-03-31"), row("b", day="2022-05-31")])
    words = page(two, rulebook).words
    assert "Each platform as known by its own last day, 2021-03-31 to 2022-05-31" in words
    assert "States of 2021-03-31 to 2022-05-31" in words
    assert "Counted over the set: no platform's verdict depends on another's." in words
    assert "never that anyone is a fraud" in words


def test_what_was_changed_is_told(rulebook):
    about = replace(ABOUT, changed={"t3.lcr_fail": 0.5}, parameters="as-of")
    words = page(told([row("a", reader="country=DE")]), rulebook, about).words
    assert "▲ Changed: t3.lcr_fail = 0.5" in words
    assert "▲ Thresholds as of each day." in words
    assert "As known by 2022-05-31, for country=DE" in words


def test_reports_are_linked_on_demand(rulebook):
    whole = told([row("a", report='reports/a "b" #1.pdf'), row("b", report="reports/javascript:x.pdf"), row("c")])
    assert page(whole, rulebook).links == []
    assert page(whole, rulebook, linked=True).links == [
        "reports/a%20%22b%22%20%231.pdf",
        "reports/javascript%3Ax.pdf",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language(rulebook, language):
    html = render_html(told(months()), rulebook, ABOUT, language)
    assert f'<html lang="{language}">' in html
    assert len(Text(html).tables) == len(page(told(months()), rulebook).tables)


def test_an_unknown_language(rulebook):
    with pytest.raises(ValueError, match="no portfolio report in 'de'"):
        render_html(told(), rulebook, ABOUT, "de")
    with pytest.raises(ValueError, match="no paper 'a3'"):
        render_pdf(told(), rulebook, ABOUT, paper="a3")


def evil(rows):
    """The same rows with hostile texts wherever a user may write."""
    return [
        replace(row, id=f"{n}{text}", name=text, file=text, reader=text, certain=text)
        for n, (row, text) in enumerate(zip(rows, EVIL * 2, strict=False))
    ]


def test_hostile_names_do_nothing(rulebook):
    faults = [Fault(text, text, text, 1, 1, text) for text in EVIL]
    plain = page(told(faults=[Fault("f", "m", "h", 1, 1, "k")] * len(EVIL), unread=7), rulebook)
    html = render_html(told(evil(some()), faults=faults, unread=7), rulebook, ABOUT, linked=True)
    hostile = Text(html)
    assert set(hostile.tags) == set(plain.tags)
    assert hostile.tags.count("script") == hostile.tags.count("img") == 0
    assert hostile.links == []
    assert hostile.words.count("<script>alert(1)</script>") >= 3  # shown as what it is
    assert "{{ 7*7 }} {% raw %} {name} {0} %s" in hostile.words
    assert not re.search("[\x00\x1b\u202a-\u202e]", html)
    assert "Content-Security-Policy" in html
    longest = max(re.findall("x+", html.replace("\u200b", "")), key=len)
    assert len(longest) < 500, "a text that fills page after page"
    assert "@import" not in re.findall(r"<style>(.*?)</style>", html, flags=re.DOTALL)[0]


# ----------------------------------------------------------------------------------------------------------------- PDF


@needs_pango
def test_the_pdf(rulebook):
    """One tagged document: title, language, headings in order, heads of tables; two runs give the same bytes."""
    whole = told([replace(r, name=EVIL[0]) if r.id == "a" else r for r in months()])
    document = render_document(whole, rulebook, ABOUT)
    assert document.url_fetcher.asked == []
    assert document.metadata.title.startswith("Portfolio report: 3 of 3 platforms can be assessed")
    assert document.metadata.lang == "en"
    shown = squeezed("".join(box_text(page, margins=False) for page in document.pages))
    assert squeezed(EVIL[0]) in shown
    assert squeezed("Moves from one cut to the next: 3") in shown
    marks = document.make_bookmark_tree()
    assert "League table" in str(marks)
    raw = document.write_pdf(pdf_variant="pdf/ua-1", pdf_tags=True, uncompressed_pdf=True)
    assert b"/MarkInfo" in raw
    assert raw.count(b"/S /TH") >= 20
    assert b"/Marked true" in raw
    assert {b"/S /H1", b"/S /H2", b"/S /Table", b"/S /Figure"} <= set(re.findall(rb"/S /\w+", raw))


@pytest.mark.parametrize("rows", [months(), some(), [row("a", "A", "F", assessable=False)], []])
def test_no_level_of_heading_is_skipped(rulebook, rows):
    levels = [int(tag[1]) for tag in page(told(rows), rulebook).tags if re.fullmatch("h[1-6]", tag)]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


@needs_pango
@pytest.mark.slow
@pytest.mark.skipif(bool(verapdf.missing()), reason=f"veraPDF lacks {', '.join(verapdf.missing())}")
def test_the_validator_accepts_it(rulebook, tmp_path):
    jobs = []
    for name, rows, language in (
        ("months", months(), "en"),
        ("evil", evil(some()), "zh-Hans"),
        ("none", [], "zh-Hant"),
    ):
        path = tmp_path / f"{name}.pdf"
        path.write_bytes(render_pdf(told(rows), rulebook, ABOUT, language))
        jobs.append(("ua1", path))
    assert verapdf.validate(jobs) == {job: [] for job in jobs}


@needs_pango
@pytest.mark.slow
def test_the_pdf_of_a_long_list(rulebook):
    rows = [row(f"{n:05}", "BCDEF"[n % 5], "F") for n in range(1_300)]
    rows += [row(f"t{n:05}", "A", "F", assessable=False) for n in range(1_300)]
    whole = told([*rows, *evil(some())])
    first = render_pdf(whole, rulebook, ABOUT, "zh-Hans")
    assert first == render_pdf(whole, rulebook, ABOUT, "zh-Hans")
    assert len(render_document(whole, rulebook, ABOUT, "en", paper="letter").pages) < 20


def test_the_example():
    import doctest

    assert doctest.testmod(module).failed == 0
