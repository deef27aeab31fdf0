"""A look at a PDF of ours: does it hold what it declares? Not a validator; the findings are in words.

Part and conformance in the metadata, output intent with a profile, fonts embedded or none, nothing active, every page
of a sane size, an identifier, no encryption.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import pikepdf
from pikepdf import Dictionary, Name, Object, Pdf, Stream

ACTIVE = {"/JavaScript", "/JS", "/Launch", "/OpenAction", "/AA", "/EmbeddedFiles", "/AcroForm", "/RichMedia", "/XFA"}
LARGEST_POINTS = 14400.0
FONT_FILES = ("/FontFile", "/FontFile2", "/FontFile3")


def check_pdfa(content: bytes) -> list[str]:
    """Return what is missing or forbidden for a declared PDF/A-2b; an empty list when nothing is."""
    try:
        with pikepdf.open(io.BytesIO(content)) as pdf:
            return [*_metadata(pdf), *_intent(pdf), *_objects(pdf), *_pages(pdf), *_trailer(pdf)]
    except pikepdf.PdfError as problem:
        return [f"not a readable PDF: {type(problem).__name__}"]


def _metadata(pdf: Pdf) -> Iterator[str]:
    stream = pdf.Root.get("/Metadata")
    if not isinstance(stream, Stream):
        yield "no metadata"
        return
    text = stream.read_bytes().decode("utf-8", "replace")
    for key, value in (("part", "2"), ("conformance", "B")):
        if not re.search(rf"pdfaid:{key}(>|=\")\s*{value}\s*[<\"]", text):
            yield f"the metadata does not say pdfaid:{key} {value}"
    producer = str(pdf.docinfo.get("/Producer", ""))
    if producer and f"<pdf:Producer>{producer}</pdf:Producer>" not in text:
        yield "the producer is another one in document information and metadata"


def _intent(pdf: Pdf) -> Iterator[str]:
    intents = pdf.Root.get("/OutputIntents")
    profiles = [intent.get("/DestOutputProfile") for intent in intents] if intents is not None else []
    if not any(isinstance(profile, Stream) and profile.read_bytes()[36:40] == b"acsp" for profile in profiles):
        yield "no output intent with a colour profile"


def _objects(pdf: Pdf) -> Iterator[str]:
    for each in pdf.objects:
        keys = set(each.keys()) if isinstance(each, Dictionary | Stream) else set()
        for key in sorted(keys & ACTIVE):
            yield f"active content: {key[1:]}"
        if keys and each.get("/Type") == Name.Font and each.get("/Subtype") != Name.Type0 and not _embedded(each):
            yield "a font that is not embedded"
        if isinstance(each, Stream) and each.get("/Filter") == Name.LZWDecode:
            yield "LZW compression"


def _embedded(font: Object) -> bool:
    descriptor = font.get("/FontDescriptor")
    return descriptor is not None and any(file in descriptor for file in FONT_FILES)


def _pages(pdf: Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, 1):
        width, height = (float(page.mediabox[k + 2]) - float(page.mediabox[k]) for k in (0, 1))
        if not (3 <= width <= LARGEST_POINTS and 3 <= height <= LARGEST_POINTS):
            yield f"page {number} has no sane size"


def _trailer(pdf: Pdf) -> Iterator[str]:
    if pdf.is_encrypted:
        yield "it is encrypted"
    if "/ID" not in pdf.trailer:
        yield "no identifier"
