"""XML without document types: no entity is ever declared, so none can grow or reach outside."""

from __future__ import annotations

from collections.abc import Callable
from xml.parsers import expat

from edge.scanners.intake.limits import refuse

_DEEPEST = 256
_MOST_ELEMENTS = 600_000

Started = Callable[[str, dict[str, str]], None]


def local(name: str) -> str:
    """Return an element's or attribute's name without its namespace."""
    return name.rsplit(" ", 1)[-1].rsplit(":", 1)[-1]


class Reader:
    """Walks one document: `started(name, attributes)` for each element (names as `namespace name`), `text` after it."""

    def __init__(self, started: Started, text: Callable[[str], None] | None = None) -> None:
        self._started, self._depth, self._count = started, 0, 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.EntityDeclHandler = self._doctype
        if text is not None:
            self._parser.CharacterDataHandler = text

    def read(self, data: bytes) -> None:
        """Walk, or refuse what is no XML or more than XML."""
        try:
            self._parser.Parse(data, True)
        except expat.ExpatError:
            refuse("broken")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._count += 1
        if self._depth > _DEEPEST or self._count > _MOST_ELEMENTS:
            refuse("bomb")
        self._started(name, attributes)

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _doctype(self, *_declared: object) -> None:
        refuse("bomb")


def walk(data: bytes, started: Started, text: Callable[[str], None] | None = None) -> None:
    """Walk one document."""
    Reader(started, text).read(data)
