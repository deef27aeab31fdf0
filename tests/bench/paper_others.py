"""The same receipt and the same licence by other libraries, for the bench of papers.

Each gets its fonts once, before it is measured, where it lets itself be kept warm. reportlab refuses fonts with
PostScript outlines, so it gets a TrueType font of the system, or one that is not embedded; it makes no PDF/A at all.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Callable, Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image

from edge.printers.layouts.slips import DOTS, DOTS_PER_INCH
from edge.printers.layouts.typeset import drawn

Facts = Mapping[str, Any]
Maker = Callable[[Facts], bytes]
_SANS = Path(str(files("pylopdf_fonts_zh_cn") / "NotoSansSC-Regular.otf"))
_SERIF = Path(str(files("pylopdf_fonts_zh_cn") / "NotoSerifSC-Regular.otf"))
_TRUETYPE = Path("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc")
_MM = 72 / 25.4


def raster(pdf: bytes) -> bytes:
    """A page as dots of the receipt printer's head."""
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil()
    dots: Image.Image = page.point(lambda level: 255 if level < 160 else 0).convert("1", dither=Image.Dither.NONE)
    return dots.tobytes()


def _qr(facts: Facts) -> str:
    return drawn(facts["qr"], zxingcpp.BarcodeFormat.QRCode)


def _lines(facts: Facts) -> list[str]:
    """What a receipt or a licence says, line by line."""
    if "rows" in facts:
        rows = [f"{row['zh']} {row['en']} {row['value']}" for row in facts["rows"]]
        materials = [f"{each['name']} {each['copies']} {each['pages']}" for each in facts["materials"]]
        head = [facts["station_zh"], facts["station_en"], facts["title_zh"], facts["title_en"], facts["number"]]
        return [*head, *rows, *materials, facts["next_zh"], facts["next_en"]]
    names = ("uscc", "name", "type_text", "person", "capital", "founded", "place", "scope", "authority", "issued")
    return [facts[name] for name in names]


def weasyprint_makers() -> tuple[Maker, Maker] | None:
    """Receipt and licence by WeasyPrint; None where the system's Pango is missing."""
    try:
        weasyprint = importlib.import_module("weasyprint")
        text_fonts = importlib.import_module("weasyprint.text.fonts")
    except OSError:
        return None
    fonts = text_fonts.FontConfiguration()
    faces = "".join(
        f"@font-face {{ font-family: {name}; src: url(file://{path}) }}"
        for name, path in (("sans", _SANS), ("serif", _SERIF))
    )

    def made(facts: Facts, page: str, face: str, **how: str) -> bytes:
        style = weasyprint.CSS(
            string=f"{faces} @page {{ size: {page}; margin: 3mm }} body {{ font: 10pt {face} }}", font_config=fonts
        )
        body = "".join(f"<p>{line}</p>" for line in _lines(facts))
        html = weasyprint.HTML(string=f"<body>{body}<div style='width:30mm'>{_qr(facts)}</div></body>")
        return bytes(html.write_pdf(stylesheets=[style], font_config=fonts, **how))

    return (
        lambda facts: raster(made(facts, f"{DOTS / DOTS_PER_INCH * 25.4}mm 150mm", "sans")),
        lambda facts: made(facts, "297mm 210mm", "serif", pdf_variant="pdf/a-2b"),
    )


def reportlab_makers() -> tuple[Maker, Maker]:
    """Receipt and licence by reportlab."""
    canvas = importlib.import_module("reportlab.pdfgen.canvas")
    metrics = importlib.import_module("reportlab.pdfbase.pdfmetrics")
    if _TRUETYPE.exists():
        metrics.registerFont(
            importlib.import_module("reportlab.pdfbase.ttfonts").TTFont("face", _TRUETYPE, subfontIndex=0)
        )
        face = "face"
    else:
        face = "STSong-Light"
        metrics.registerFont(importlib.import_module("reportlab.pdfbase.cidfonts").UnicodeCIDFont(face))

    def made(facts: Facts, width: float, height: float) -> bytes:
        told = io.BytesIO()
        page = canvas.Canvas(told, pagesize=(width * _MM, height * _MM))
        page.setFont(face, 10)
        across = int((width - 6) * _MM / 10)
        parts = [line[at : at + across] for line in _lines(facts) for at in range(0, len(line), across)]
        for at, part in enumerate(parts):
            page.drawString(3 * _MM, (height - 8) * _MM - at * 14, part)
        code = zxingcpp.create_barcode(facts["qr"], zxingcpp.BarcodeFormat.QRCode, ec_level="Q").to_image(scale=8)
        page.drawInlineImage(Image.fromarray(code), 3 * _MM, 3 * _MM, 30 * _MM, 30 * _MM)
        page.save()
        return told.getvalue()

    return (
        lambda facts: raster(made(facts, DOTS / DOTS_PER_INCH * 25.4, 150)),
        lambda facts: made(facts, 297, 210),
    )
