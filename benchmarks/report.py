"""What a report costs from the assessment to the bytes: against the bare renderer on the same HTML, and against Typst.

The bare renderer is WeasyPrint with its style sheet parsed and its fonts loaded beforehand, as a careful user has it.
Typst sets the same words in the same face and size, with headings and tables, tagged as PDF/UA-1. All are measured
in turn within one go, so that a busy machine slows them alike: read the ratios.

    python benchmarks/report.py [--runs 7] [--many 200] [--workers 2]
"""

import argparse
import json
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from functools import partial
from html.parser import HTMLParser
from pathlib import Path
from typing import ClassVar

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.render import RenderJob, render_many
from checker.assess.assessment import Assessment
from checker.outputs import faces, pdf
from checker.packs.rulebook import Rulebook

TOP = Path(__file__).resolve().parents[1]
CUT = date(2022, 5, 31)
SETTINGS = Settings(date(2099, 1, 1), CUT, CUT)
SHORT = {"ddcheck": 1, "platform": {"name": "Some Token", "kind": "token"}}
MOST_OVERHEAD = 0.15  # own work may take this share of the bare renderer's time

_given: dict[str, object] = {}  # what forked processes find ready


def style() -> str:
    """The style of the report as one text."""
    text = TOP.joinpath("reports", "styles", "report.css").read_text(encoding="utf-8")
    return text + faces.style("en") + pdf._foot()


def bare(html: str) -> bytes:
    """The file as the renderer alone makes it of the document."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration

    if "fonts" not in _given:
        fonts = FontConfiguration()
        _given.update(fonts=fonts, css=CSS(string=style(), font_config=fonts))
    options = {"pdf_variant": "pdf/ua-1", "pdf_tags": True}
    made = HTML(string=html).write_pdf(stylesheets=[_given["css"]], font_config=_given["fonts"], **options)
    assert isinstance(made, bytes)
    return made


class Words(HTMLParser):
    """The words of a document as Typst sets them: headings, paragraphs, items and tables."""

    SIZES: ClassVar = {"h1": 13, "h2": 10, "h3": 8.4}
    BLOCKS: ClassVar = {"p", "li", "h1", "h2", "h3", "figcaption", "title", "text"}

    def __init__(self) -> None:
        super().__init__()
        self.out: list[str] = []
        self.text: list[str] = []
        self.rows: list[list[str]] | None = None
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """A block or a table begins."""
        if tag in ("head", "svg"):
            self.hidden += 1
        if tag == "table":
            self.flush("p")
            self.rows = []
        elif tag == "tr" and self.rows is not None:
            self.rows.append([])
        elif tag in self.BLOCKS and self.rows is None:
            self.flush("p")

    def handle_endtag(self, tag: str) -> None:
        """A block, a cell or a table ends."""
        if tag in ("head", "svg"):
            self.hidden -= 1
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append(self.taken())
        elif tag == "table" and self.rows is not None:
            rows = [row for row in self.rows if row]
            width = max(map(len, rows), default=0)
            cells = [f"[#{cell}]" for row in rows for cell in (*row, *['""'] * (width - len(row)))]
            self.rows = None
            if cells:
                head = ", ".join(cells[:width])
                self.out.append(
                    f"#table(columns: (1fr,) * {width}, stroke: (bottom: 0.4pt), inset: 2pt, "
                    f"table.header({head}), {', '.join(cells[width:])})"
                )
        elif tag in self.BLOCKS and self.rows is None:
            self.flush(tag)

    def handle_data(self, data: str) -> None:
        """Text of the block or cell that is open."""
        if not self.hidden:
            self.text.append(data)

    def taken(self) -> str:
        """The text so far, as a string of Typst."""
        text = " ".join("".join(self.text).split())
        self.text = []
        return json.dumps(text, ensure_ascii=False)

    def flush(self, tag: str) -> None:
        """Set the text so far as a block of its own."""
        text = self.taken()
        if text == '""':
            return
        if tag in self.SIZES:
            level = list(self.SIZES).index(tag) + 1
            self.out.append(f"#heading(level: {level})[#text(size: {self.SIZES[tag]}pt, {text})]")
        else:
            self.out.append(f"#par[#text(size: 8pt, {text})]")


def typst_source(html: str) -> bytes:
    """The words of a document as a Typst file."""
    words = Words()
    words.feed(html)
    head = (
        '#set document(title: "report")\n#set page("a4", margin: (top: 21mm, rest: 17mm), numbering: "1 / 1")\n'
        '#set text(font: ("Inter", "Droid Sans Fallback", "DejaVu Sans"), size: 7.2pt, lang: "en")\n'
    )
    return (head + "\n\n".join(words.out)).encode()


def typst(source: bytes) -> bytes:
    """The file as Typst makes it, its compiler and fonts ready."""
    import typst as engine

    compiler = _given.setdefault("typst", engine.Compiler())
    made = compiler.compile(input=source, format="pdf", pdf_standards=["ua-1"])  # type: ignore[attr-defined]
    assert isinstance(made, bytes)
    return made


def in_turn(tasks: dict[str, Callable[[], object]], runs: int) -> dict[str, float]:
    """Median seconds of each task; one run of each before anything is counted."""
    times: dict[str, list[float]] = {name: [] for name in tasks}
    for task in tasks.values():
        task()
    for _ in range(runs):
        for name, task in tasks.items():
            start = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def one_report(name: str, assessment: Assessment, rulebook: Rulebook, runs: int) -> float:
    """Measure one report; gives the share of the bare renderer's time that our own work takes."""
    html = pdf.render_html(assessment, rulebook)
    source = typst_source(html)
    pages = len(pdf.render_document(assessment, rulebook).pages)

    def own() -> str:
        return faces.drawable(faces.punctuated(pdf.render_html(assessment, rulebook), "en"))

    median = in_turn(
        {
            "bare WeasyPrint on the HTML": lambda: bare(html),
            "ddcheck, assessment to bytes": lambda: pdf.render_pdf(assessment, rulebook),
            "  of which assessment to HTML": own,
            "ddcheck, for the archive": lambda: pdf.render_pdf(assessment, rulebook, archive=True),
            "Typst on the same words": lambda: typst(source),
        },
        runs,
    )
    print(f"\n{name}: {pages} pages, {len(html) // 1000} kB of HTML; medians of {runs} runs in turn")
    reference, _, ours, *_ = median.values()
    for what, seconds in median.items():
        print(f"  {what:32} {seconds * 1000:8.1f} ms {seconds / reference:8.3f} x bare")
    return ours / reference


def numbered(number: int) -> tuple[Assessment, Rulebook, None]:
    """A report that differs from the others, ready to render."""
    assessment, rulebook = _given["report"]  # type: ignore[misc]
    return replace(assessment, name=f"Platform number {number}"), rulebook, None


def bare_file(folder: Path, number: int) -> None:
    """The file of a numbered report by the bare renderer, its HTML made beforehand."""
    html = str(_given["html"]).replace("Some Token", f"Platform number {number}")
    folder.joinpath(f"bare-{number}.pdf").write_bytes(bare(html))


def typst_file(folder: Path, number: int) -> None:
    """The file of a numbered report by Typst, its source made beforehand."""
    source = _given["source"]
    assert isinstance(source, bytes)
    made = typst(source.replace(b"Some Token", f"Platform number {number}".encode()))
    folder.joinpath(f"typst-{number}.pdf").write_bytes(made)


def many(count: int, workers: int, folder: Path) -> None:
    """Measure many different reports in one go, each kind in processes of its own."""
    context = multiprocessing.get_context("fork")

    def pooled(task: Callable[[Path, int], None]) -> None:
        with context.Pool(workers) as pool:
            pool.map(partial(task, folder), range(count), chunksize=4)

    def ours() -> None:
        jobs = [RenderJob(folder / f"{number}.pdf", partial(numbered, number)) for number in range(count)]
        done = render_many(jobs, workers=workers)
        assert not any(result.faults for result in done), done[0].faults

    print(f"\n{count} different reports on {workers} processes")
    reference = 0.0
    for name, task in (
        ("bare WeasyPrint on the HTML", lambda: pooled(bare_file)),
        ("ddcheck, assessment to file", ours),
        ("Typst on the same words", lambda: pooled(typst_file)),
    ):
        start = time.perf_counter()
        task()
        seconds = time.perf_counter() - start
        reference = reference or seconds
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(
            f"  {name:32} {seconds:7.1f} s {count / seconds:7.1f} a second {seconds / reference:7.3f} x bare; "
            f"largest process so far {most} MB"
        )


def main() -> int:
    parser = argparse.ArgumentParser(description="What a report costs, against WeasyPrint alone and against Typst.")
    parser.add_argument("--runs", type=int, default=7, help="runs of each for one report (default 7)")
    parser.add_argument("--many", type=int, default=200, help="reports rendered in one go (default 200; 0 for none)")
    parser.add_argument("--workers", type=int, default=2, help="processes for many reports (default 2)")
    options = parser.parse_args()
    rulebook = shipped_rulebook()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "short.json"
        path.write_text(json.dumps(SHORT), encoding="utf-8")
        short = audit_one(path, SETTINGS, rulebook)
        print(f"{os.cpu_count()} processors, Python {sys.version.split()[0]}, {pdf._versions()}")
        if options.many:  # before this process renders: fonts survive no fork
            html = pdf.render_html(short, rulebook)
            _given.update(report=(short, rulebook), html=html, source=typst_source(html))
            many(options.many, options.workers, folder)
        share = one_report("A short report", short, rulebook, options.runs)
        celsius = audit_one(TOP / "profiles" / "celsius.json", SETTINGS, rulebook, edges=True)
        share = max(share, one_report("The report on Celsius", celsius, rulebook, max(3, options.runs // 2)))
    print(f"\nOwn work takes at most {share:.1%} of the bare renderer's time; the limit is {MOST_OVERHEAD:.0%}.")
    return share > MOST_OVERHEAD


if __name__ == "__main__":
    sys.exit(main())
