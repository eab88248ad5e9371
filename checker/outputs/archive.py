"""A report for the archive: PDF/A-3a and PDF/UA-1 in one file, with the assessment and the judged profile inside.

Decades from now the pages look the same and a program reads the same result from the file: ISO 19005-3 asks for that,
and says of each attached file how it relates to the pages. Dates are those of the cut, never of a clock.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from checker.assess.assessment import Assessment
from checker.outputs.json import render_json
from checker.outputs.language import tr
from checker.packs.rulebook import Rulebook

if TYPE_CHECKING:
    from weasyprint import Attachment, Document

ARCHIVAL = "pdf/a-3a"
_ACCESSIBLE = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1" />\
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" \
xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">\
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name>\
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


@dataclass(frozen=True)
class Enclosure:
    """A file that travels inside the report.

    Args:
        name: File name.
        content: Its bytes.
        media: Its media type.
        relationship: What it is to the pages, in the words of ISO 32000-2: Data or Source.
        description: What it is, for a reader.
    """

    name: str
    content: bytes
    media: str
    relationship: str
    description: str


def enclosures(assessment: Assessment, rulebook: Rulebook, profile: bytes | None) -> tuple[Enclosure, ...]:
    """The files of an archived report: the whole assessment as JSON, and the profile it judges.

    The profile is enclosed as it was read, facts that became public after the cut included; the pages use none of them.

    Args:
        assessment: What is rendered.
        rulebook: Where the wording of messages stands.
        profile: The bytes that were judged, if they are at hand.

    Raises:
        ValueError: These are not the bytes that were judged.
    """
    found = [
        Enclosure(
            "assessment.json",
            render_json(assessment, rulebook).encode(),
            "application/json",
            "Data",
            tr("The whole assessment: every finding with its facts, thresholds and calculation"),
        )
    ]
    if profile is not None:
        if hashlib.sha256(profile).hexdigest() != assessment.profile["sha256"]:
            raise ValueError("the profile to enclose is not the one that was judged; judge it again")
        form = "json" if profile.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else "yaml"
        told = tr("The profile that was judged, as it was read; facts public only after the cut are used nowhere")
        found.append(Enclosure(f"profile.{form}", profile, f"application/{form}", "Source", told))
    return tuple(found)


def attached(enclosed: Iterable[Enclosure], day: str) -> list[Attachment]:
    """The files as the renderer takes them, dated by the day of the cut."""
    from weasyprint import Attachment

    attachments = []
    for file in enclosed:
        date = datetime.fromisoformat(day)
        attachment = Attachment(
            string="",
            name=file.name,
            description=file.description,
            created=date,
            modified=date,
            relationship=file.relationship,
        )
        # the renderer would guess the media type from tables of the operating system
        attachment.source = nullcontext((BytesIO(file.content), None, None, file.media))
        attachments.append(attachment)
    return attachments


def declare_accessible(document: Document) -> None:
    """Make the file say that it conforms to PDF/UA-1 too, with the schema by which PDF/A lets it say so."""
    generate: Callable[..., bytes] = document.metadata.generate_rdf_metadata

    def generated(*args: Any, **kwargs: Any) -> bytes:
        head, end, rest = generate(*args, **kwargs).rpartition(b"</rdf:RDF>")
        return head + _ACCESSIBLE + end + rest

    document.metadata.generate_rdf_metadata = generated


def name_files_once(_: Document, pdf: Any) -> None:
    """The renderer lists each associated file of the catalogue twice."""
    if "AF" in pdf.catalog:
        pdf.catalog["AF"][:] = dict.fromkeys(pdf.catalog["AF"])
