"""The faces that papers are set in, and which characters they have: a missing glyph is refused before it is tofu.

Noto Sans SC and Noto Serif SC have all of the unified ideographs and extension A; Noto Sans CJK TC adds 2,000 signs of
extension B, 𠮷 among them (all OFL 1.1, from wheels). A house that needs more puts files of its own into a folder.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from fontTools.ttLib import TTCollection, TTFont

_WHEELS = (
    ("pylopdf_fonts_zh_cn", "NotoSansSC-Regular.otf"),
    ("pylopdf_fonts_zh_cn", "NotoSerifSC-Regular.otf"),
    ("cvttf_NotoSansCJK_Regular", "NotoSansCJKtc-Regular.otf"),
)
_SANS, _SERIF, _RARE = "Noto Sans SC", "Noto Serif SC", "Noto Sans CJK TC"
_SUFFIXES = frozenset({".otf", ".ttf", ".ttc"})


@dataclass(frozen=True, slots=True)
class Faces:
    """Files of fonts, the order in which each style looks for a sign, and the signs that one of them has."""

    paths: tuple[Path, ...]
    sans: tuple[str, ...]
    serif: tuple[str, ...]
    signs: frozenset[int]

    def missing(self, text: str) -> list[str]:
        """Return the signs of a text that no face has, each once."""
        return sorted({sign for sign in text if ord(sign) not in self.signs and sign not in "\n\t"})


def load_faces(own: Path | None = None) -> Faces:
    """Read which signs the faces have; `own` is a folder with more fonts, asked last.

    Raises:
        OSError: a font cannot be read.
    """
    wheels = tuple(Path(str(files(package) / name)) for package, name in _WHEELS)
    added = tuple(sorted(path for path in own.iterdir() if path.suffix.lower() in _SUFFIXES)) if own else ()
    signs: set[int] = set()
    families: list[str] = []
    for path in (*wheels, *added):
        for font in _fonts(path):
            signs |= font.getBestCmap().keys()
            if path in added:
                families.append(str(font["name"].getBestFamilyName()))
    rest = (_RARE, *dict.fromkeys(families))
    return Faces((*wheels, *added), (_SANS, *rest), (_SERIF, *rest), frozenset(signs))


def _fonts(path: Path) -> Iterable[TTFont]:
    return TTCollection(path, lazy=True).fonts if path.suffix.lower() == ".ttc" else [TTFont(path, lazy=True)]
