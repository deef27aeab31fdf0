"""Every reason and note of the intake has words, and no word is left over."""

from __future__ import annotations

import re
import typing
from pathlib import Path

import edge.scanners.intake
from edge.kiosk.texts_files import FILE_TEXTS
from edge.scanners.intake.limits import Reason

HERE = Path(edge.scanners.intake.__path__[0])


def test_every_reason_has_words() -> None:
    reasons = {f"file_{reason}" for reason in typing.get_args(Reason)}
    assert reasons == {key for key in FILE_TEXTS if key.startswith("file_")}


def test_every_note_has_words() -> None:
    sources = "\n".join(file.read_text() for file in HERE.glob("*.py"))
    notes = set(re.findall(r'"([a-z]+_(?:removed|kept|corrected)|reduced)"', sources))
    assert {f"note_{note}" for note in notes} == {key for key in FILE_TEXTS if key.startswith("note_")}
