"""One hostile file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

CLEAN = "clean"


@dataclass(frozen=True)
class Case:
    """`expected`: the refusals that are right, and `clean` when the file may be kept without what it tried."""

    name: str
    tries: str
    build: Callable[[], bytes]
    expected: frozenset[str]


def case(name: str, tries: str, content: bytes | Callable[[], bytes], *expected: str) -> Case:
    """Return a case; bytes are built at once, a function when it is asked for."""
    build = content if callable(content) else lambda: content
    return Case(name, tries, build, frozenset(expected))
