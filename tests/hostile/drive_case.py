"""One hostile drive: how its image is made, and all that may become of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Build = Callable[[], bytes] | Callable[[Path], None]
_PIECE = 1 << 16


@dataclass(frozen=True)
class Expected:
    """What is right.

    `refused`: reasons of the whole drive, any of them. `files`: by path as shown, the verdicts of each file that may
    be offered, any of them; those are read and judged. `count`: how many are offered, when they are too many to name.
    """

    refused: frozenset[str] = frozenset()
    files: Mapping[str, frozenset[str]] = field(default_factory=dict)
    count: int | None = None


@dataclass(frozen=True)
class DriveCase:
    """`write` makes the image as a file, with holes where it is empty."""

    name: str
    tries: str
    write: Callable[[Path], None]
    expected: Expected


def refuses(*reasons: str) -> Expected:
    """The drive is refused, with one of these reasons."""
    return Expected(refused=frozenset(reasons))


def offers(files: Mapping[str, str], count: int | None = None) -> Expected:
    """These files are offered and no others; a verdict may be several, with `|` between."""
    return Expected(files={path: frozenset(verdicts.split("|")) for path, verdicts in files.items()}, count=count)


def drive(name: str, tries: str, image: Callable[[], bytes], expected: Expected) -> DriveCase:
    """Return a case whose image is made in memory when it is asked for."""
    return DriveCase(name, tries, lambda path: write_holes(path, image()), expected)


def write_holes(path: Path, image: bytes) -> None:
    """Write an image; where it is zero the file has a hole."""
    with path.open("wb") as file:
        for at in range(0, len(image), _PIECE):
            piece = image[at : at + _PIECE]
            if piece.count(0) != len(piece):
                file.seek(at)
                file.write(piece)
        file.truncate(len(image))
