"""What a PDF would cost, counted before anybody decodes or draws it."""

from __future__ import annotations

import re
import zlib
from io import BytesIO

from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from PIL import Image

from edge.scanners.intake.limits import LARGEST_STREAM, MIB, MOST_DECODED, MOST_INFLATED, refuse

_MOST_FILTERS = 3
_PIECE = 65536
# What one byte can become at most: LZW's longest code, a run of 128.
_GROWTH = {"/LZWDecode": 1365, "/LZW": 1365, "/RunLengthDecode": 64, "/RL": 64}
_FLATE = {"/FlateDecode", "/Fl"}
_MOST_SIDE = 40_000
_MOST_DRAWN = 20_000
_DEEPEST_FORM = 16
_TABLES = ("/XObject", "/Pattern")
_DRAWS = re.compile(rb"/([^\s/\[\]()<>{}%]+)\s+(?:Do|scn|SCN)\b")


def check_raw(content: bytes) -> None:
    """Refuse what makes the parser itself work: containers in containers, more pages than anybody brings."""
    if content.count(b"/ObjStm") > 2000 or content.count(b"startxref") > 500:
        refuse("bomb")
    if re.search(rb"(?:<<\s*/\w+\s*){100}|(?:\[\s*){100}", content):
        refuse("bomb")


def hides_archive(content: bytes) -> bool:
    """Tell whether a ZIP reader, which starts at the end, would find an archive."""
    return b"PK\x05\x06" in content[-66_000:] and b"PK\x01\x02" in content


def check(pdf: Pdf) -> None:
    """Count every stream and every picture of the file, and what its forms multiply to."""
    left = MOST_INFLATED
    for each in pdf.objects:
        if isinstance(each, Stream):
            left -= _inflated(each, min(left, LARGEST_STREAM))
            _check_picture(each)
    Forms().check(pdf)


def _filters(stream: Stream) -> list[str]:
    value = stream.get(Name.Filter)
    if value is None:
        return []
    names = [str(each) for each in value] if isinstance(value, Array) else [str(value)]
    if len(names) > _MOST_FILTERS:
        refuse("bomb")
    return names


def _inflated(stream: Stream, room: int) -> int:
    """Return how much comes out, piece by piece through all its decompressors, never holding it."""
    names = _filters(stream)
    raw = stream.read_raw_bytes()
    growth = 1
    for name in names:
        growth *= _GROWTH.get(name, 1)
    if growth > 1 and len(raw) * growth > LARGEST_STREAM * 4:
        refuse("bomb")
    chain = [name for name in names if name in _FLATE]
    if not chain or names[0] not in _FLATE:
        return len(raw)
    total = _through(raw, len(chain), room)
    if total * growth > LARGEST_STREAM * 4:
        refuse("bomb")
    return total


def _through(raw: bytes, stages: int, room: int) -> int:
    """Every stage counts: the first of two may already be the bomb."""
    first, total = zlib.decompressobj(), 0
    rest = _Stage(stages - 1, room) if stages > 1 else None
    view = memoryview(raw)
    for at in range(0, len(raw), _PIECE):
        data: bytes = bytes(view[at : at + _PIECE])
        while data and not first.eof:
            try:
                piece = first.decompress(data, MIB)
            except zlib.error:
                return total
            total += len(piece) + (rest.feed(piece) if rest else 0)
            if total > room:
                refuse("bomb")
            data = first.unconsumed_tail
    return total


class _Stage:
    """A further decompressor behind another one."""

    def __init__(self, stages: int, room: int) -> None:
        self._inflate, self._room, self._broken = zlib.decompressobj(), room, False
        self._rest = _Stage(stages - 1, room) if stages > 1 else None

    def feed(self, data: bytes) -> int:
        """Return how much came out of this piece."""
        total = 0
        while data and not self._inflate.eof and not self._broken:
            try:
                piece = self._inflate.decompress(data, MIB)
            except zlib.error:
                self._broken = True
                break
            total += len(piece) + (self._rest.feed(piece) if self._rest else 0)
            self._room -= len(piece)
            if self._room < 0:
                refuse("bomb")
            data = self._inflate.unconsumed_tail
        return total


def _number(value: object, fallback: int) -> int:
    try:
        return int(value)  # type: ignore[call-overload, no-any-return]  # whatever stands there
    except (TypeError, ValueError, OverflowError):
        return fallback


def _check_picture(stream: Stream) -> None:
    if stream.get(Name.Subtype) != Name.Image:
        return
    width, height = _number(stream.get(Name.Width), 0), _number(stream.get(Name.Height), 0)
    bits = _number(stream.get(Name.BitsPerComponent), 1 if stream.get(Name.ImageMask) else 8)
    _check_size(width, height, bits * _components(stream))
    names = _filters(stream)
    raw = stream.read_raw_bytes() if names[-1:] and len(names) == 1 else b""
    if raw and names[0] in {"/DCTDecode", "/DCT", "/JPXDecode"}:
        _check_header(raw)
    if raw and names[0] == "/JBIG2Decode" and len(raw) >= 19 and raw[4] & 0x3F == 48:
        _check_size(int.from_bytes(raw[11:15], "big"), int.from_bytes(raw[15:19], "big") & 0x7FFFFFFF, 1)


def _check_header(raw: bytes) -> None:
    """What the picture says of itself counts too: the dictionary around it may be modest."""
    try:
        with Image.open(BytesIO(raw), formats=["JPEG", "JPEG2000"]) as image:
            _check_size(image.width, image.height, 8 * len(image.getbands()))
    except (OSError, SyntaxError, ValueError):
        refuse("broken")


def _components(stream: Stream) -> int:
    space = stream.get(Name.ColorSpace)
    if isinstance(space, Array) and len(space) and str(space[0]) in {"/Indexed", "/I", "/Separation", "/CalGray"}:
        return 1
    return {"/DeviceGray": 1, "/G": 1, "/DeviceCMYK": 4, "/CMYK": 4}.get(str(space), 3) if space is not None else 1


def _check_size(width: int, height: int, bits: int) -> None:
    if not (0 < width <= _MOST_SIDE and 0 < height <= _MOST_SIDE):
        refuse("bomb")
    if width * height * max(bits, 1) // 8 > MOST_DECODED:
        refuse("too_many_pixels")


class Forms:
    """Forms draw forms: ten that draw the next ten times are ten milliard drawings in one kilobyte."""

    def __init__(self) -> None:
        self._known: dict[tuple[int, int], int] = {}
        self._open: set[tuple[int, int]] = set()

    def check(self, pdf: Pdf) -> None:
        """Count for each page's and pattern's resources, too, since whatever draws, draws through one."""
        for each in pdf.objects:
            if isinstance(each, Dictionary | Stream):
                self._cost(each)

    def _cost(self, each: Object) -> int:
        key = each.objgen
        if key in self._known:
            return self._known[key]
        if key in self._open or len(self._open) > _DEEPEST_FORM:
            refuse("bomb")
        self._open.add(key)
        _check_borrowed(each)
        total = 1
        for name, form in _drawn_by(each):
            total += self._cost(form) * _times(each, name)
            if total > _MOST_DRAWN:
                refuse("bomb")
        self._open.discard(key)
        self._known[key] = total
        return total


def _drawn_by(each: Object) -> list[tuple[str, Object]]:
    resources = each.get(Name.Resources)
    if not isinstance(resources, Dictionary):
        return []
    found: list[tuple[str, Object]] = []
    for kind in _TABLES:
        table = resources.get(kind)
        if isinstance(table, Dictionary):
            found += [(name, form) for name, form in table.items() if isinstance(form, Stream) and _draws(form)]
    return found


def _check_borrowed(each: Object) -> None:
    """A name that a form does not have itself is looked up in the page's resources, where the form may find itself."""
    if not isinstance(each, Stream) or each.get(Name.Subtype) != Name.Form:
        return
    raw = each.read_raw_bytes()
    drawn = {match.group(1) for match in _DRAWS.finditer(each.read_bytes())} if len(raw) < 4 * MIB else set()
    own = {name[1:].encode("utf-8", "surrogateescape") for kind in _TABLES for name in _table(each, kind)}
    if drawn - own:
        refuse("bomb")


def _table(each: Object, kind: str) -> list[str]:
    resources = each.get(Name.Resources)
    table = resources.get(kind) if isinstance(resources, Dictionary) else None
    return list(table.keys()) if isinstance(table, Dictionary) else []


def _draws(form: Stream) -> bool:
    return "/Resources" in form and form.get(Name.Subtype) != Name.Image


def _times(each: Object, name: str) -> int:
    """Return how often a drawing names the form; once at least."""
    contents = each if isinstance(each, Stream) else each.get(Name.Contents)
    streams = contents if isinstance(contents, Array) else [contents]
    mark = name.encode("utf-8", "surrogateescape")
    count = 0
    for stream in streams:
        if isinstance(stream, Stream) and len(stream.read_raw_bytes()) < 4 * MIB:
            count += stream.read_bytes().count(mark)
    return max(count, 1)
