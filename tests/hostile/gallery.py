"""All hostile files."""

from __future__ import annotations

from tests.hostile import archives, pdfs, pictures
from tests.hostile.case import Case


def cases() -> list[Case]:
    return [*pdfs.cases(), *pictures.cases(), *archives.cases()]
