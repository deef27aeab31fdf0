"""The intake, loaded whole before rights are given up: nothing is imported while a file is judged."""

from __future__ import annotations

from PIL import Image

from edge.scanners.intake.judge import judge

__all__ = ["judge"]

Image.init()
