"""The story as it is told to the reader: who did what when, which bytes the doors heard, which rows came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from hall.processes import Tell
from hall.tails import Follower, read_json

_WAYS = {"rx": "→", "tx": "←"}
INDENT = " " * 10


class Timeline:
    """Prints lines with the station's time. Frames that also pass when nothing happens (polling) are left out."""

    def __init__(self, bytes_log: Path, now: Callable[[], datetime], write: Tell) -> None:
        self._now, self._write = now, write
        self._follower = Follower(bytes_log, from_start=True)
        self._idle: set[tuple[str, str, str]] = set()
        self._wanted: set[str] = set()
        self._before: set[tuple[str, str, str]] = set()

    def learn_idle(self, devices: set[str]) -> None:
        """What passed until now on these devices is polling."""
        self._wanted = devices
        self._idle = set(self._frames())

    def act(self, zh: str, en: str) -> None:
        """The headline of one act."""
        self._write(f"\n== {zh}  {en}")

    def line(self, who: str, what: str) -> None:
        """One thing that happened, with the door bytes of the time before it."""
        self.bytes_since()
        self._write(f"{self._now():%H:%M:%S}  {who}  {what}")

    def row(self, table: str, **columns: object) -> None:
        """A database row, as it stands."""
        self._write(f"{INDENT}{table}: {'  '.join(f'{name}={value}' for name, value in columns.items())}")

    def bytes_since(self) -> None:
        """Print the frames that passed since the last call and are not polling, each once."""
        fresh = dict.fromkeys(frame for frame in self._frames() if frame not in self._idle)
        for device, way, text in fresh:
            if (device, way, text) not in self._before:
                self._write(f"{INDENT}{_WAYS.get(way, way)} {device}  {text}")
        # A door that still stands open is told by every poll: once is enough.
        self._before = set(fresh)

    def _frames(self) -> list[tuple[str, str, str]]:
        lines = (read_json(line) for line in self._follower.new_lines())
        frames = [(str(line["device"]), str(line["dir"]), str(line["hex"])) for line in lines if "hex" in line]
        return [frame for frame in frames if not self._wanted or frame[0] in self._wanted]
