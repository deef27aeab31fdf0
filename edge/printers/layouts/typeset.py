"""Facts in, paper out: PDF/A-2b of exact size, or dots for a head that prints rolls. Set by typst.

Compiled with a kept compiler an A4 takes some milliseconds; the first takes a tenth of a second.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pypdfium2
import typst
import zxingcpp
from PIL import Image
from pydantic import ValidationError

from edge.errors import BugError, LayoutRefusedError
from edge.paper_ports import Dots
from edge.printers.layouts.archive import marked
from edge.printers.layouts.catalogue import LAYOUTS
from edge.printers.layouts.facts import Facts
from edge.printers.layouts.fonts import Faces
from edge.printers.layouts.licences import Licence
from edge.printers.layouts.marks import ArchiveMark
from edge.printers.layouts.slips import DOTS, DOTS_PER_INCH

_NONE: Mapping[str, str] = MappingProxyType({})
_TEMPLATES = Path(__file__).parent / "typ"
# Anti-aliased edges at 203 dpi: a little more than half grey keeps thin strokes of small signs on the paper.
_BLACK_BELOW = 160
_REFUSED = "refused: "
_KINDS = {
    "missing": "missing_field",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "too_long": "too_long",
}


class Typesetter:
    """Sets papers in the faces that it was given."""

    def __init__(self, faces: Faces) -> None:
        self._faces = faces
        self._fonts = typst.Fonts(
            include_system_fonts=False,
            include_embedded_fonts=False,
            font_paths=sorted({str(path.parent) for path in faces.paths}),
        )
        if lost := {*faces.sans, *faces.serif} - set(self._fonts.families()):
            # A family that the compiler does not know is no error to it: it would print nothing at all.
            raise BugError(f"fonts that were not found: {sorted(lost)}")
        self._compilers: dict[str, typst.Compiler] = {}

    def pdf(self, layout: str, told: Mapping[str, Any], at: datetime) -> bytes:
        """Return a paper as PDF/A-2b; `at` (timezone-aware) is the date inside the file.

        Raises:
            LayoutRefusedError: as `check`, or the text does not fit at its smallest size.
        """
        facts = self.check(layout, told)
        return self._compile(facts, format="pdf", pdf_standards=["a-2b"], timestamp=at.replace(microsecond=0))

    def dots(self, layout: str, told: Mapping[str, Any]) -> Dots:
        """Return a paper as dots of 203 an inch, one page; raises as `pdf`."""
        facts = self.check(layout, told)
        return _dots(self._compile(facts, format="pdf"))

    def png(self, layout: str, told: Mapping[str, Any], specimen: bool, dpi: int) -> list[bytes]:
        """Return a paper's pages as PNG for a screen; raises as `pdf`.

        A specimen shows what the sheet will look like, with its stock drawn, and says 样张 across itself.
        """
        facts = self.check(layout, told)
        if specimen and isinstance(facts, Licence):
            facts = facts.model_copy(update={"production": False})
        return self._compiled(facts, {"specimen": "yes" if specimen else ""}, format="png", ppi=float(dpi))

    def archive_copy(self, original: bytes, told: Mapping[str, Any], at: datetime) -> bytes:
        """Return an original with the custodian's mark on each page; `told` is without `page` and `pages`.

        Raises:
            LayoutRefusedError: as `check` and `archive.marked`.
        """

        def mark(page: int, pages: int, width_mm: Decimal, height_mm: Decimal) -> bytes:
            facts = self.check(ArchiveMark.template, {**told, "page": page, "pages": pages})
            size = {"width": str(width_mm), "height": str(height_mm)}
            return self._compile(facts, size, format="pdf", pdf_standards=["a-2b"], timestamp=at)

        return marked(original, mark)

    def check(self, layout: str, told: Mapping[str, Any]) -> Facts:
        """Return the facts typed.

        Raises:
            LayoutRefusedError: no such layout, a field missing, unknown or wrong, or a sign that no face has.
        """
        kind = LAYOUTS.get(layout)
        if kind is None:
            raise LayoutRefusedError("unknown_layout", "layout")
        try:
            facts = kind.model_validate(told)
        except ValidationError as error:
            first = error.errors(include_input=False, include_context=False)[0]
            raise LayoutRefusedError(
                _KINDS.get(first["type"], "wrong_value"), ".".join(map(str, first["loc"]))
            ) from None
        for where, text in _texts(facts.model_dump(mode="json")):
            if self._faces.missing(text):
                raise LayoutRefusedError("no_glyph", where)
        return facts

    def _compile(self, facts: Facts, other: Mapping[str, str] = _NONE, **how: Any) -> bytes:  # noqa: ANN401 - options of the library, of many types
        made = self._compiled(facts, other, **how)
        if len(made) != 1:
            raise LayoutRefusedError("too_long", "pages")
        return made[0]

    def _compiled(self, facts: Facts, other: Mapping[str, str], **how: Any) -> list[bytes]:  # noqa: ANN401 - as above
        compiler = self._compilers.setdefault(
            facts.template,
            typst.Compiler(_TEMPLATES / f"{facts.template}.typ", root=_TEMPLATES, font_paths=self._fonts),
        )
        try:
            made = compiler.compile(sys_inputs={**self._inputs(facts), **other}, **how)
        except typst.TypstError as error:
            said = str(error)
            if _REFUSED in said:
                reason, _, where = said.split(_REFUSED, 1)[1].strip('" \n').partition(" ")
                raise LayoutRefusedError(reason, where.strip('"')) from None
            raise
        return [made] if isinstance(made, bytes) else [page for page in made or () if page is not None]

    def _inputs(self, facts: Facts) -> dict[str, str]:
        link, bar = getattr(facts, "qr", None), getattr(facts, "bar", None)
        return {
            "facts": facts.model_dump_json(),
            "specimen": "",
            "width": str(facts.width_mm),
            "height": "auto" if facts.height_mm is None else str(facts.height_mm),
            "sans": json.dumps(self._faces.sans),
            "serif": json.dumps(self._faces.serif),
            "qr": drawn(link, zxingcpp.BarcodeFormat.QRCode) if link else "",
            "bar": drawn(bar, zxingcpp.BarcodeFormat.Code128) if bar else "",
        }


def drawn(text: str, form: zxingcpp.BarcodeFormat) -> str:
    """Return a code with its quiet zone as SVG, one unit a module; QR codes bear a quarter of damage (level Q)."""
    how = {"ec_level": "Q"} if form == zxingcpp.BarcodeFormat.QRCode else {}
    return str(zxingcpp.create_barcode(text, form, **how).to_svg(add_hrt=False))


def _texts(value: object, where: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case str():
            yield where, value
        case dict():
            for key, each in value.items():
                yield from _texts(each, f"{where}.{key}" if where else key)
        case list():
            for index, each in enumerate(value):
                yield from _texts(each, f"{where}.{index}")


def _dots(pdf: bytes) -> Dots:
    """Drawn by PDFium in half the time that a PNG of the same takes to be packed and unpacked."""
    document = pypdfium2.PdfDocument(pdf)
    drawn_page = document[0].render(scale=DOTS_PER_INCH / 72, grayscale=True).to_pil()
    document.close()
    grey = drawn_page.crop((0, 0, DOTS, drawn_page.height))
    black = grey.point(lambda level: 255 if level < _BLACK_BELOW else 0).convert("1", dither=Image.Dither.NONE)
    return Dots(black.width, black.height, black.tobytes())
