"""The first page of a PDF as a small picture; PDFium draws it into a canvas whose size we say."""

from __future__ import annotations

import pypdfium2

from edge.scanners.intake import images

_SIDE = 320


def first_page(content: bytes) -> bytes:
    """Return a JPEG, or nothing: a page that can't be drawn is no reason to refuse a sound file."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError:
        return b""
    try:
        page = document[0]
        longest = max(*page.get_size(), 1.0)
        picture = page.render(scale=min(_SIDE / longest, 4.0)).to_pil()
        return images.thumbnail(picture)
    except (pypdfium2.PdfiumError, ValueError):
        return b""
    finally:
        document.close()
