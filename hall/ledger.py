"""What people were told, written down by the people themselves: the independent oracle of the story and the sweeps.

A line is on the disk before the person acts on what it says; it shares nothing with the programs that are judged.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hall.tails import json_lines


@dataclass(frozen=True)
class Told:
    """One thing that a person was told or asked for: `what` with its facts, at the station's time."""

    at: str
    what: str
    facts: dict[str, Any]


class Ledger:
    """An fsynced JSON-lines file of what people were told; opening one again goes on where it ended."""

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file, self._now = file, now

    def tell(self, what: str, **facts: str | int | None) -> None:
        """Write one line and wait for the disk."""
        line = {"at": self._now().isoformat(timespec="milliseconds"), "what": what, **facts}
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(descriptor, json.dumps(line, ensure_ascii=False).encode() + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def entries(self, *kinds: str) -> list[Told]:
        """Everything told so far, or only of these kinds, in order."""
        told = [Told(line.pop("at"), line.pop("what"), line) for line in json_lines(self._file)]
        return [each for each in told if not kinds or each.what in kinds]
