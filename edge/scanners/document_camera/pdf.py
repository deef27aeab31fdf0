"""One PDF/A-2b for a document: every page's JPEG as it is, on a page of its true size.

ISO 19005-2 asks here for: XMP that declares part and conformance, an output intent with its profile for the device
colours, an identifier in the trailer, no fonts that are not embedded, nothing active. The file is the same for the
same pages, byte for byte: no date, and an identifier made of the content. It is *declared* PDF/A-2b.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, Stream
from PIL import Image

from edge.ports import Joining, Page
from edge.scanners.document_camera.pdf_declare import declare

POINTS_PER_UM = 72 / 25400
MOST_PAGES = 500


def points(um: int) -> float:
    """Return micrometres in points, with what a PDF number can say (an A4 is 595.276 by 841.89)."""
    return round(um * POINTS_PER_UM, 3)


def join(pages: Sequence[Page], how: Joining = "pages") -> bytes:
    """Return one PDF of the pages in this order; `card` sets the two sides of a card on one A4.

    Raises:
        ValueError: no page, too many, or not the one or two sides of a card.
    """
    from edge.scanners.document_camera.card import add_card  # noqa: PLC0415 - the card's page is made of this module

    if not 0 < len(pages) <= MOST_PAGES:
        raise ValueError(f"a document has 1 to {MOST_PAGES} pages, not {len(pages)}")
    with Pdf.new() as pdf:
        if how == "card":
            add_card(pdf, pages)
        else:
            for page in pages:
                add_page(pdf, page)
        declare(pdf)
        return saved(pdf)


def saved(pdf: Pdf) -> bytes:
    """Return the file's bytes; JPEGs are never touched, and the same content gives the same bytes."""
    out = io.BytesIO()
    pdf.save(
        out,
        deterministic_id=True,
        fix_metadata_version=False,
        min_version="1.7",
        compress_streams=True,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
    )
    return out.getvalue()


def add_page(pdf: Pdf, page: Page) -> None:
    """Append a page of the sheet's size, filled by its JPEG."""
    width, height = points(page.width_um), points(page.height_um)
    content = f"q {width} 0 0 {height} 0 0 cm /Im0 Do Q".encode()
    append(pdf, (width, height), content, {"/Im0": image_of(pdf, page.jpeg)})


def append(pdf: Pdf, size: tuple[float, float], content: bytes, images: dict[str, Stream]) -> None:
    """Append a page with this content and these pictures."""
    box = Array([0, 0, size[0], size[1]])
    resources = Dictionary(XObject=Dictionary(images))
    page = Dictionary(Type=Name.Page, MediaBox=box, Resources=resources, Contents=Stream(pdf, content))
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(page)))


def image_of(pdf: Pdf, jpeg: bytes) -> Stream:
    """Return a JPEG as a picture of the PDF, its bytes unchanged."""
    with Image.open(io.BytesIO(jpeg)) as image:
        if image.format != "JPEG" or image.mode not in {"RGB", "L"}:
            raise ValueError("a page is a JPEG in colour or grey")
        (width, height), grey = image.size, image.mode == "L"
    stream = Stream(pdf, jpeg)
    stream.stream_dict = Dictionary(
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=width,
        Height=height,
        ColorSpace=Name.DeviceGray if grey else Name.DeviceRGB,
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    return stream
