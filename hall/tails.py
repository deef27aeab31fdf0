"""Files that grow while one reads them: the wire's bytes, the SMS gateway's log, the door log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

# A reader that comes late wants the end of a long file, not all of it.
START_AT_MOST_BYTES = 256 * 1024


class Follower:
    """Reads what was appended to a text file since the last time; the file may not exist yet, or be rotated."""

    def __init__(self, file: Path, *, from_start: bool = False) -> None:
        self._file, self._from_start = file, from_start
        self._offset: int | None = None
        self._rest = b""

    def new_lines(self) -> list[str]:
        """Every whole line since the last call, without its end."""
        try:
            with self._file.open("rb") as stream:
                size = stream.seek(0, 2)
                stream.seek(self._begin(size))
                data = stream.read()
                self._offset = stream.tell()
        except FileNotFoundError:
            return []
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [line.decode(errors="replace") for line in lines]

    def _begin(self, size: int) -> int:
        if self._offset is not None and self._offset <= size:
            return self._offset
        self._rest = b""
        return 0 if self._from_start or self._offset is not None else max(0, size - START_AT_MOST_BYTES)


def json_lines(file: Path) -> list[dict[str, Any]]:
    """Every whole line of a JSON-lines file; none when there is no such file."""
    return [json.loads(line) for line in Follower(file, from_start=True).new_lines() if line]


def read_json(line: str) -> dict[str, Any]:
    """One line of a JSON-lines file; an empty table for the torn first line of a tail."""
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
