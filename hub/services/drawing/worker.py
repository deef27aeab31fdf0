"""A process that draws one page of one document and ends: started and killed by `hub/services/drawing/pages.py`.

Job on standard input: one line of JSON, then the content. Answer on standard output: one line of JSON, then a JPEG.
Whatever PDFium or Pillow do with bytes that were made to hurt them happens here, walled in (`walls.py`).
"""

from __future__ import annotations

import io
import json
import sys

import pypdfium2 as pdfium
from PIL import Image, ImageOps, TiffImagePlugin

from hub.services.drawing import walls

MOST_PIXELS = 60_000_000
QUALITY = {320: 78}
_PICTURES = ("JPEG", "PNG", TiffImagePlugin.TiffImageFile.format)


class UndrawableError(Exception):
    """This is no page that can be drawn here; `reason`: broken | encrypted | no_page."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def main() -> None:
    """Answer the one job."""
    job = json.loads(sys.stdin.buffer.readline(4096))
    # What is loaded later could no longer be read.
    Image.preinit()
    walls.raise_walls()
    content = sys.stdin.buffer.read()
    answer: dict[str, object]
    try:
        answer, picture = _draw(content, job)
    except UndrawableError as error:
        answer, picture = {"refused": error.reason}, b""
    except Exception:  # noqa: BLE001 - the libraries raise what they like, and the text may hold the content
        answer, picture = {"refused": "broken"}, b""
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + picture)
    sys.stdout.buffer.flush()


def _draw(content: bytes, job: dict[str, int]) -> tuple[dict[str, object], bytes]:
    read = _pdf if b"%PDF-" in content[:1024] else _picture
    pages, picture = read(content, job["page"], job["width"])
    if job["turn"]:
        picture = picture.rotate(-job["turn"], expand=True)
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=QUALITY.get(job["width"], 85))
    return {"pages": pages, "width": picture.width, "height": picture.height}, out.getvalue()


def _pdf(content: bytes, number: int, width: int) -> tuple[int, Image.Image]:
    try:
        document = pdfium.PdfDocument(content)
    except pdfium.PdfiumError as error:
        raise UndrawableError("encrypted" if "password" in str(error).lower() else "broken") from error
    pages = len(document)
    if not 1 <= number <= pages:
        raise UndrawableError("no_page")
    document.init_forms()
    page = document[number - 1]
    # The longer side counts, so that a banner is no wall of pixels; the page's own rotation is PDFium's affair.
    longest = max(*page.get_size(), 1.0)
    return pages, page.render(scale=min(width * 1.414 / longest, 20.0)).to_pil()


def _picture(content: bytes, number: int, width: int) -> tuple[int, Image.Image]:
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    picture = Image.open(io.BytesIO(content), formats=_PICTURES)
    if picture.width * picture.height > MOST_PIXELS:
        raise UndrawableError("broken")
    pages = getattr(picture, "n_frames", 1)
    if not 1 <= number <= pages:
        raise UndrawableError("no_page")
    picture.seek(number - 1)
    side = round(width * 1.414)
    picture.draft("RGB", (side, side))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((side, side))
    paper = Image.new("RGB", upright.size, "white")
    shown = upright.convert("RGBA")
    paper.paste(shown, mask=shown.getchannel("A"))
    return pages, paper


if __name__ == "__main__":
    main()
