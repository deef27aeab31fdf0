"""PDF: taken apart, freed of everything that acts, and written anew from its object tree.

What is not reachable from the tree (a second file in front, behind or between) does not get into the new file. A
signed file can't be written anew without breaking its signature: it is kept byte for byte when there was nothing to
remove, and refused otherwise.
"""

from __future__ import annotations

import logging
from io import BytesIO

import pikepdf
from pikepdf import Name, Pdf
from pikepdf.settings import set_qpdf_limits

from edge.ports import ImportedFile
from edge.scanners.intake import pdf_bombs, pdf_draw, pdf_rules
from edge.scanners.intake.limits import LARGEST_STREAM, MOST_OBJECTS, MOST_PAGES, refuse

MEDIA_TYPE = "application/pdf"
# The library's warnings may quote what stands in a file, and nothing of a file belongs into a log.
logging.getLogger("pikepdf").disabled = True
# For the whole process, once: the worker does nothing else.
set_qpdf_limits(
    doc_max_warnings=200,
    parser_max_nesting=80,
    parser_max_container_size=200_000,
    max_stream_filters=4,
    dct_max_memory=LARGEST_STREAM,
    flate_max_memory=LARGEST_STREAM,
    png_max_memory=LARGEST_STREAM,
    run_length_max_memory=LARGEST_STREAM,
    tiff_max_memory=LARGEST_STREAM,
)


def clean(content: bytes) -> ImportedFile:
    """Return the file without what acts, with its first page as thumbnail."""
    pdf_bombs.check_raw(content)
    with _opened(content) as pdf:
        pages = _count_pages(pdf)
        pdf_bombs.check(pdf)
        signed = pdf_rules.is_signed(pdf)
        notes = pdf_rules.clean(pdf)
        if signed:
            # Where qpdf had to guess, another reader may guess otherwise and see another document.
            if pdf.get_warnings():
                refuse("broken")
            return _kept(content, pages, notes)
        written = _written(pdf)
    if _tail(content):
        notes.add("tail_removed")
    _check_again(written, pages)
    return ImportedFile(written, MEDIA_TYPE, pages, pdf_draw.first_page(written), tuple(sorted(notes)))


def _opened(content: bytes) -> Pdf:
    try:
        pdf = Pdf.open(BytesIO(content), inherit_page_attributes=False)
    except pikepdf.PasswordError:
        refuse("encrypted")
    except (pikepdf.PdfError, ValueError, RuntimeError):
        refuse("broken")
    if pdf.is_encrypted:
        refuse("encrypted")
    if len(pdf.objects) > MOST_OBJECTS:
        refuse("bomb")
    return pdf


def _count_pages(pdf: Pdf) -> int:
    """Walk the page tree with a limit, before any library walks it without one."""
    root = pdf.Root.get(Name.Pages)
    if not isinstance(root, pikepdf.Dictionary):
        refuse("broken")
    waiting: list[pikepdf.Object] = [root]
    seen, pages = set[tuple[int, int]](), 0
    while waiting:
        node = waiting.pop()
        if not isinstance(node, pikepdf.Dictionary) or node.objgen in seen:
            refuse("broken")
        if node.is_indirect:
            seen.add(node.objgen)
        kids = node.get(Name.Kids)
        if not isinstance(kids, pikepdf.Array):
            pages += 1
        elif len(kids) > MOST_PAGES:
            refuse("too_many_pages")
        else:
            waiting.extend(kids)
        if pages > MOST_PAGES or len(waiting) > 2 * MOST_PAGES or len(seen) > 4 * MOST_PAGES:
            refuse("too_many_pages")
    if not pages:
        refuse("broken")
    return pages


def _kept(content: bytes, pages: int, notes: set[str]) -> ImportedFile:
    if notes:
        refuse("active_signed")
    if _tail(content) or pdf_bombs.hides_archive(content):
        refuse("polyglot")
    return ImportedFile(content, MEDIA_TYPE, pages, pdf_draw.first_page(content), ("signature_kept",))


def _tail(content: bytes) -> bool:
    end = content.rfind(b"%%EOF")
    return end < 0 or bool(content[end + 5 :].strip(b"\x00 \t\r\n"))


def _written(pdf: Pdf) -> bytes:
    out = BytesIO()
    try:
        pdf.save(out, static_id=False, deterministic_id=True, encryption=False, linearize=False)
    except (pikepdf.PdfError, ValueError, RuntimeError):
        refuse("broken")
    return out.getvalue()


def _check_again(written: bytes, pages: int) -> None:
    """Nothing may be left to remove: what was missed once is not handed on."""
    with _opened(written) as pdf:
        if _count_pages(pdf) != pages or pdf_rules.clean(pdf):
            refuse("active")
