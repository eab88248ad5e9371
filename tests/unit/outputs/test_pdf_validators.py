"""Every document conforms to PDF/UA-1, and for the archive to PDF/A-3a in the same file, as the reference judges."""

import json
import re
import subprocess
from datetime import date
from pathlib import Path

import pytest
import verapdf
from pdf_pages import needs_poppler

from checker.app.ask import questions_for
from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.app.backtest import backtest
from checker.app.batch import Plan, run
from checker.app.batch.portfolio import write_portfolio
from checker.app.compare import compare_profiles
from checker.app.report import prepare
from checker.importers.records import sources
from checker.outputs import backtest_page, comparison_pdf, questionnaire_pdf
from checker.outputs.faces import missing_faces
from checker.outputs.language import LANGUAGES
from checker.outputs.pdf import laid_out, missing_system_libraries, render_pdf
from checker.outputs.summary import render_summary_pdf

ROOT = Path(__file__).parents[3]
CUT = date(2022, 5, 31)
HELD = ("celsius", "fidelity-spaxx", "anchor")
"""Profiles of the back-test that is printed: failures and one that stood."""

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        bool(verapdf.missing()),
        reason="veraPDF cannot run without " + ", ".join(verapdf.missing()) + " (`make heavy` installs them)",
    ),
    pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing"),
]


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def settings():
    return Settings(date(2099, 1, 1), CUT, CUT)


@pytest.fixture(scope="module")
def documents(rulebook, settings, tmp_path_factory):
    """Real reports and the other printed documents: name, the flavours they claim, and the bytes."""
    found = {}
    celsius = ROOT / "profiles" / "celsius.json"
    whole = prepare(celsius, settings, rulebook)
    judged = celsius.read_bytes()
    for language in LANGUAGES:
        found[f"celsius-{language}"] = (
            ("3a", "ua1"),
            render_pdf(whole, rulebook, language, archive=True, profile=judged),
        )
    found["celsius-plain"] = ("ua1",), render_pdf(whole, rulebook, paper="letter")
    for name in ("anchor", "fidelity-spaxx"):
        report = prepare(ROOT / "profiles" / f"{name}.json", settings, rulebook, parts=())
        found[name] = ("3a", "ua1"), render_pdf(report, rulebook, archive=True)
    nothing = tmp_path_factory.mktemp("profiles") / "nothing.json"
    nothing.write_text(json.dumps({"ddcheck": 1, "platform": {"name": "Unknown", "kind": "cefi_lender"}}))
    empty = audit_one(nothing, settings, rulebook)
    found["nothing-known"] = ("3a", "ua1"), render_pdf(empty, rulebook, archive=True, profile=nothing.read_bytes())
    found["summary"] = ("ua1",), render_summary_pdf(whole, rulebook)
    found["summary-zh-Hant"] = ("ua1",), render_summary_pdf(empty, rulebook, "zh-Hant", paper="letter")
    sides = [ROOT / "profiles" / f"{name}.json" for name in ("celsius", "anchor", "fidelity-spaxx", "aave")]
    found["comparison"] = ("ua1",), comparison_pdf.render_pdf(compare_profiles(sides[:2], settings, rulebook), rulebook)
    four = compare_profiles(sides, settings, rulebook)
    found["comparison-turned"] = ("ua1",), comparison_pdf.render_pdf(four, rulebook, "zh-Hans")
    result, _ = backtest([str(ROOT / "profiles" / f"{name}.json") for name in HELD], None, settings)
    for language in ("en", "zh-Hans"):
        found[f"back-test-{language}"] = ("ua1",), backtest_page.render_pdf(result, rulebook, language)
    for name, rows in (("portfolio", [sides[0], sides[3]]), ("portfolio-thin", [nothing])):
        plan = Plan(settings)
        ran = run(sources([str(path) for path in rows]), plan, tmp_path_factory.mktemp(name))
        paths = write_portfolio(ran, plan, rulebook, tmp_path_factory.mktemp(f"{name}-report"), ("pdf",))
        found[name] = ("ua1",), paths[0].read_bytes()
    form = questions_for(celsius, settings, rulebook, most=3)
    for language in LANGUAGES:
        found[f"questionnaire-{language}"] = ("ua1",), questionnaire_pdf.render_pdf(form, language)
    return found


@pytest.fixture(scope="module")
def broken(documents, tmp_path_factory):
    """What the validator finds, file by file; two files that must not conform are among them."""
    folder = tmp_path_factory.mktemp("files")
    untagged = laid_out("<html lang=en><title>t</title><p>t", []).write_pdf()
    controls = {"not tagged": (("3a", "ua1"), untagged), "not archival": (("3a",), documents["celsius-plain"][1])}
    jobs = {}
    for name, (flavours, pdf) in (documents | controls).items():
        path = folder / f"{name.replace(' ', '-')}.pdf"
        path.write_bytes(pdf)
        jobs |= {(name, flavour): (flavour, path) for flavour in flavours}
    found = verapdf.validate(list(jobs.values()))
    return {key: found[job] for key, job in jobs.items()}


def test_the_reference_sees_what_does_not_conform(broken):
    assert broken["not tagged", "ua1"]
    assert broken["not tagged", "3a"]
    assert broken["not archival", "3a"]


def test_every_document_conforms_to_all_that_it_claims(broken, documents):
    assert {key: rules for key, rules in broken.items() if key[0] in documents and rules} == {}
    assert {key for key in broken if key[0] in documents} == {
        (name, flavour) for name, (flavours, _) in documents.items() for flavour in flavours
    }


@needs_poppler
def test_the_faces_of_a_chinese_report_fit_the_place_and_travel_in_it(documents, tmp_path):
    if missing_faces("zh-Hans"):
        pytest.skip("Noto Sans CJK is missing: `make chinese` installs it")
    for language, place, other in (("zh-Hans", "SC", "TC"), ("zh-Hant", "TC", "SC")):
        if language not in LANGUAGES:
            continue
        path = tmp_path / f"{language}.pdf"
        path.write_bytes(documents[f"celsius-{language}"][1])
        lines = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
        assert all(re.search(r"\byes yes yes\b", line) for line in lines), "embedded, subset, readable"
        names = {line.split()[0].partition("+")[2] for line in lines}
        assert {f"Noto-Sans-CJK-{place}", "Inter"} <= names
        assert not any(f"CJK-{other}" in name for name in names)
