"""Pages of real reports, compared with those recorded: their text exactly, their pictures within a tolerance.

A change of them is a decision: look at the pages first, then record them anew with the command in `RECORD`.
"""

import os
import re
from datetime import date
from pathlib import Path

import pytest
from pdf_pages import (
    TOLERANCE,
    file_text,
    needs_poppler,
    packed,
    pictures,
    share_that_differs,
    squeezed,
    unpacked,
)

from checker.app.audit import Settings, shipped_rulebook
from checker.app.report import prepare
from checker.outputs import faces
from checker.outputs.language import LANGUAGES
from checker.outputs.pdf import missing_system_libraries, render_pdf

ROOT = Path(__file__).parents[3]
GOLDEN = ROOT / "tests" / "golden" / "pages"
RECORD = "DDCHECK_UPDATE_GOLDEN=1 .venv/bin/pytest tests/unit/outputs/test_golden_pages.py"
PAGES = 4  # verdict, mechanism, decision, and the first of the appendix
REPORTS = [
    *((("celsius", "2022-05-31", language, "a4")) for language in LANGUAGES),
    ("aave", "2026-06-30", "en", "letter"),
    ("fidelity-spaxx", "2026-06-30", "en", "a4"),
]

lacking = missing_system_libraries() or ([] if faces._any_installed(["Inter"]) else ["fonts-inter"])


@pytest.mark.slow
@needs_poppler
@pytest.mark.skipif(bool(lacking), reason="pages look otherwise without " + ", ".join(lacking))
@pytest.mark.parametrize(("name", "day", "language", "paper"), REPORTS, ids="-".join)
def test_the_first_pages_are_as_recorded(name, day, language, paper, tmp_path):
    if faces.missing_faces(language):
        pytest.skip("Noto Sans CJK is missing: `make chinese` installs it")
    cut = date.fromisoformat(day)
    rulebook = shipped_rulebook()
    report = prepare(ROOT / "profiles" / f"{name}.json", Settings(date(2099, 1, 1), cut, cut), rulebook)
    pdf = render_pdf(report, rulebook, language, paper=paper)
    shown = pictures(pdf, tmp_path)[:PAGES]
    words = "".join(f"{' '.join(page.split())}\n" for page in file_text(pdf, tmp_path)[:PAGES])
    text, picture = (GOLDEN / f"{name}-{day}-{language}-{paper}.{end}" for end in ("txt", "npz"))
    if os.environ.get("DDCHECK_UPDATE_GOLDEN") == "1":
        GOLDEN.mkdir(parents=True, exist_ok=True)
        text.write_text(words, encoding="utf-8")
        picture.write_bytes(packed(shown))
    assert text.is_file(), f"nothing is recorded; {RECORD} records it"
    assert squeezed(words) == squeezed(text.read_text(encoding="utf-8"))
    recorded = unpacked(picture.read_bytes())
    differing = [share_that_differs(one, other) for one, other in zip(shown, recorded, strict=True)]
    assert max(differing) <= TOLERANCE, differing


def test_a_moved_line_is_seen_and_a_softer_edge_is_not():
    import numpy as np

    page = np.full((800, 600), 255)
    page[100:110, 50:550] = 20
    softer = page.copy()
    softer[99, 50:550] = 250
    moved = np.roll(page, 3, axis=0)
    assert share_that_differs(page, unpacked(packed([page]))[0]) == 0
    assert share_that_differs(page, softer) <= TOLERANCE < share_that_differs(page, moved)
    assert share_that_differs(page, page[:-1]) == 1


def luminance(colour):
    """Relative luminance of a colour such as #8c1a1f: what is left of it in grey."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_every_outcome_can_be_read_in_grey():
    css = (ROOT / "reports" / "styles" / "report.css").read_text(encoding="utf-8")
    chips = re.findall(r"\.chip\.(\w+) \{([^}]*)\}", css)
    assert {name for name, _ in chips} >= {"pass", "warn", "fail", "open", "presumed", "na"}
    looks = {}
    for name, rule in chips:
        text, ground = (re.search(rf"(?<![-\w]){key}: (#\w{{6}})", rule)[1] for key in ("color", "background"))
        lighter, darker = sorted((luminance(text), luminance(ground)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, f"{name} is too faint"
        looks[name] = (round(luminance(text), 1), round(luminance(ground), 1), "dashed" in rule)
    assert len(set(looks.values())) >= 5, "most outcomes differ in grey even without their symbol and word"
