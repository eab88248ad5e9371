"""A report to keep: the same pages, the assessment and the profile inside, the same bytes wherever it is made."""

import hashlib
import json
import os
import re
import subprocess
import sys
import zlib
from datetime import date
from pathlib import Path

import pytest
from pdf_pages import box_text

from checker.app.audit import Settings, audit_one, shipped_rulebook
from checker.outputs import faces
from checker.outputs.archive import enclosures
from checker.outputs.json import render_json
from checker.outputs.language import LANGUAGES, speaking
from checker.outputs.pdf import (
    PAPERS,
    _fonts,
    _Refusal,
    _style,
    laid_out,
    missing_system_libraries,
    render_document,
    render_html,
    render_pdf,
    written,
)

ROOT = Path(__file__).parents[3]
CUT = date(2022, 5, 31)
SETTINGS = Settings(date(2099, 1, 1), CUT, CUT)
PROFILE = json.dumps({"ddcheck": 1, "platform": {"name": "Some Token", "kind": "token"}}).encode()

pytestmark = pytest.mark.skipif("libpango-1.0-0" in missing_system_libraries(), reason="Pango is missing")


@pytest.fixture(scope="module")
def rulebook():
    return shipped_rulebook()


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    path = tmp_path_factory.mktemp("profile") / "p.json"
    path.write_bytes(PROFILE)
    return path


@pytest.fixture(scope="module")
def assessment(path, rulebook):
    return audit_one(path, SETTINGS, rulebook)


@pytest.fixture(scope="module")
def kept(assessment, rulebook):
    return render_pdf(assessment, rulebook, archive=True, profile=PROFILE)


def objects_in(pdf):
    """The objects of a file by number, those in compressed object streams too."""
    objects = dict(re.findall(rb"\n(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL))
    for held in [text for text in objects.values() if b"/ObjStm" in text]:
        text = content_of(held)
        first = int(re.search(rb"/First (\d+)", held)[1])
        numbers = text[:first].split()
        starts = [int(start) for start in numbers[1::2]] + [len(text) - first]
        for number, start, end in zip(numbers[::2], starts, starts[1:], strict=False):
            objects[number] = text[first + start : first + end]
    return objects


def content_of(stream):
    """What a compressed stream holds."""
    head, _, body = stream.partition(b"stream\n")
    return zlib.decompress(body[: int(re.search(rb"/Length (\d+)", head)[1])])


def files_in(pdf):
    """The attached files: media type, relationship, dates and content by name."""
    objects = objects_in(pdf)
    found = {}
    for text in objects.values():
        if b"/Type /Filespec" not in text:
            continue
        name = re.search(rb"/F \(([^)]*)\)", text)[1].decode()
        relationship = re.search(rb"/AFRelationship /(\w+)", text)[1].decode()
        held = objects[re.search(rb"/EF <<\s*/F (\d+) 0 R", text)[1]]
        head = held.partition(b"stream\n")[0]
        found[name] = {
            "relationship": relationship,
            "media": re.search(rb"/Subtype /([\w#]+)", head)[1].decode().replace("#2f", "/"),
            "dates": set(re.findall(rb"Date \(D:(\d{8})", head)),
            "content": content_of(held),
        }
    return found


def test_the_assessment_and_the_profile_travel_in_it(kept, assessment, rulebook):
    files = files_in(kept)
    assert {name: (file["relationship"], file["media"]) for name, file in files.items()} == {
        "assessment.json": ("Data", "application/json"),
        "profile.json": ("Source", "application/json"),
    }
    assert files["assessment.json"]["content"].decode() == render_json(assessment, rulebook)
    assert files["profile.json"]["content"] == PROFILE
    assert all(file["dates"] == {b"20220531"} for file in files.values()), "the day of the cut, not of a clock"
    (associated,) = [found for text in objects_in(kept).values() for found in re.findall(rb"/AF \[([^\]]*)\]", text)]
    assert len(associated.split()) == 3 * len(files), "each file is named once"
    assert files_in(render_pdf(assessment, rulebook)) == {}


def test_it_says_that_it_is_both(kept):
    (told,) = [content_of(text) for text in objects_in(kept).values() if b"/Subtype /XML" in text]
    assert b'pdfaid:part="3"' in told
    assert b'pdfaid:conformance="A"' in told
    assert b'pdfuaid:part="1"' in told
    assert b"pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/<" in told


def test_the_pages_are_those_of_the_plain_report(assessment, rulebook):
    plain = render_document(assessment, rulebook)
    archival = render_document(assessment, rulebook, archive=True)
    assert list(map(box_text, archival.pages)) == list(map(box_text, plain.pages))


def test_only_the_profile_that_was_judged_is_enclosed(assessment, rulebook):
    with pytest.raises(ValueError, match="not the one that was judged"):
        enclosures(assessment, rulebook, PROFILE + b" ")
    (alone,) = enclosures(assessment, rulebook, None)
    assert alone.name == "assessment.json"


def test_a_profile_in_yaml_is_enclosed_as_yaml(tmp_path, rulebook):
    path = tmp_path / "p.yaml"
    path.write_text("ddcheck: 1\nplatform: {name: Some Token, kind: token}\n", encoding="utf-8")
    enclosed = enclosures(audit_one(path, SETTINGS, rulebook), rulebook, path.read_bytes())
    assert (enclosed[1].name, enclosed[1].media) == ("profile.yaml", "application/yaml")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "en"])
def test_what_is_enclosed_speaks_the_language_of_the_pages(assessment, rulebook, language):
    with speaking(language):
        enclosed = enclosures(assessment, rulebook, PROFILE)
    english = enclosures(assessment, rulebook, PROFILE)
    assert enclosed[0].content != english[0].content
    assert enclosed[1].content == english[1].content


@pytest.mark.slow
def test_the_same_bytes_again_in_another_process_with_other_hashes(kept, assessment, rulebook, path):
    assert render_pdf(assessment, rulebook, archive=True, profile=PROFILE) == kept
    program = (
        "import hashlib, sys; from datetime import date; from pathlib import Path\n"
        "from checker.app.audit import Settings, audit_one, shipped_rulebook\n"
        "from checker.outputs.pdf import render_pdf\n"
        "book = shipped_rulebook(); cut = date(2022, 5, 31); path = Path(sys.argv[1])\n"
        "done = audit_one(path, Settings(date(2099, 1, 1), cut, cut), book)\n"
        "print(hashlib.sha256(render_pdf(done, book, archive=True, profile=path.read_bytes())).hexdigest())"
    )
    environment = os.environ | {"PYTHONHASHSEED": "4711", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    command = [sys.executable, "-c", program, path]
    found = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    assert found.stdout.strip() == hashlib.sha256(kept).hexdigest()


@pytest.mark.parametrize("paper", PAPERS)
def test_every_page_has_the_size_of_the_paper(assessment, rulebook, paper):
    pdf = render_pdf(assessment, rulebook, paper=paper)
    boxes = [box for text in objects_in(pdf).values() for box in re.findall(rb"/MediaBox \[([^\]]*)\]", text)]
    sizes = {tuple(round(float(n)) for n in box.split()) for box in boxes}
    assert sizes == {{"a4": (0, 0, 595, 842), "letter": (0, 0, 612, 792)}[paper]}


def test_another_paper_is_refused_by_name(assessment, rulebook):
    with pytest.raises(ValueError, match="'a5'; there is a4, letter"):
        render_pdf(assessment, rulebook, paper="a5")


def test_leaving_out_what_no_report_has_changes_no_byte(assessment, rulebook, caplog):
    """The renderer's own style sheet is used without notes at the foot of pages: it must not be seen."""
    from weasyprint import HTML

    html = render_html(assessment, rulebook)
    whole = HTML(string=html, url_fetcher=_Refusal()).render(
        stylesheets=[_style("en")], font_config=_fonts(), pdf_variant="pdf/ua-1", pdf_tags=True
    )
    assert written(laid_out(html, [_style("en")])) == written(whole)
    assert not caplog.records, "the renderer complained"


def test_chinese_marks_take_the_width_of_chinese_text():
    html = (
        '<html lang="{}">'
        + "<title>“资”</title><p data-x=“资”>他说“资金池”，it's “so”…资</p><svg><text>“资”</text></svg>"
    )
    body = "他说<b>“</b>资金池<b>”</b>，it's “so<b>”…</b>资"
    body = body.replace("<b>", '<span class="wide">').replace("</b>", "</span>")
    assert faces.punctuated(html, "zh-Hans") == (
        f'<html lang="{{}}"><title>“资”</title><p data-x=“资”>{body}</p><svg><text>“资”</text></svg>'
    )
    assert faces.punctuated(html, "en") == html


def test_the_faces_of_each_language_begin_with_those_of_its_place():
    assert faces.stack("zh-Hans").startswith('Inter, "Noto Sans CJK SC"')
    assert faces.stack("zh-Hant").startswith('Inter, "Noto Sans CJK TC"')
    assert '@page { font-family: Inter, "Noto Sans CJK TC"' in faces.style("zh-Hant")
    assert ':lang(zh-Hant) { font-family: Inter, "Noto Sans CJK TC"' in faces.style("en")


def test_a_missing_chinese_face_is_named_by_its_package(monkeypatch):
    monkeypatch.setattr(faces, "_best_match", lambda fontconfig, family: ["DejaVu Sans"])
    assert faces.missing_faces("zh-Hans") == faces.missing_faces("zh-Hant") == ["fonts-noto-cjk"]
    assert faces.missing_faces("en") == []
    monkeypatch.setattr(faces, "_fontconfig", lambda: None)
    assert faces.missing_faces("zh-Hans") == [], "nobody can tell"
    monkeypatch.undo()
    assert faces._best_match(faces._fontconfig(), "DejaVu Sans")


def test_a_character_without_a_face_becomes_a_box():
    box = faces.drawable("\U000f0000")
    assert box in "\ufffd\u25a1?"
    assert faces.drawable("a é 资 \u200d\u200b\ufe0f\u2060") == "a é 资 \u200d\u200b\ufe0f\u2060"
    assert faces.drawable("a\u2028b\u2029c") == "a b c"
    assert faces.drawable("x\ufeff\ue000y\u0378") == f"x{box}y{box}"
