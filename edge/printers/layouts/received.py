"""PDFs that came finished: shown on the screen page by page, with seal and signature field, never drawn again on paper.

They come from outside: what is too long, too wide, locked or broken is refused before it takes memory. A seal is a
field of a form, so forms are drawn; scripts are not run, as PDFium comes without an engine for them. A page that hangs
it is ended by the press with its worker.
"""

from __future__ import annotations

import io

import pypdfium2

from edge.errors import LayoutRefusedError

MOST_PAGES = 20
MOST_BYTES = 20 << 20
MOST_PIXELS = 24_000_000
_POINTS_PER_INCH = 72


def pages_of(pdf: bytes, dpi: int) -> list[bytes]:
    """Return each page as PNG, `dpi` dots an inch.

    Raises:
        LayoutRefusedError: `document`: no PDF, locked, or broken; `pages`, `size`: more than is ever printed here.
    """
    if len(pdf) > MOST_BYTES:
        raise LayoutRefusedError("too_long", "size")
    try:
        document = pypdfium2.PdfDocument(pdf)
    except pypdfium2.PdfiumError:
        raise LayoutRefusedError("wrong_value", "document") from None
    try:
        if not 1 <= len(document) <= MOST_PAGES:
            raise LayoutRefusedError("too_long", "pages")
        document.init_forms()
        return [_page(document, at, dpi / _POINTS_PER_INCH) for at in range(len(document))]
    except pypdfium2.PdfiumError:
        raise LayoutRefusedError("wrong_value", "document") from None
    finally:
        document.close()


def _page(document: pypdfium2.PdfDocument, at: int, scale: float) -> bytes:
    page = document[at]
    try:
        width, height = page.get_size()
        if not 0 < width * scale * height * scale <= MOST_PIXELS:
            raise LayoutRefusedError("too_long", "size")
        picture = page.render(scale=scale, may_draw_forms=True).to_pil()
    finally:
        page.close()
    told = io.BytesIO()
    picture.save(told, "png", compress_level=1)
    return told.getvalue()
