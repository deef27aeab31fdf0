"""The intake, loaded whole before rights are given up: nothing is imported while a file is judged."""

from __future__ import annotations

import codecs

from PIL import Image

from edge.scanners.intake.judge import judge

__all__ = ["judge"]

_ENCODINGS = ("ascii", "latin-1", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp437", "gbk", "idna")

Image.init()
for _name in _ENCODINGS:
    codecs.lookup(_name)
