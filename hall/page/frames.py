"""The wire for eyes: different frames with how often they came, so that polling does not hide what matters."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from hall.directory import RunDirectory
from hall.tails import Follower, read_json

SHOWN = 20
# A printed slip is hundreds of bytes: its beginning and its length are enough here.
BYTES_SHOWN = 48
# What the host sends is received by the simulated device, and the other way round.
_WAYS = {"rx": "→ 设备 to device", "tx": "← 设备 from device"}


@dataclass
class Frame:
    """One kind of frame: first seen `at`, `times` since."""

    at: str
    bus: str
    way: str
    hex: str
    times: int = 1


class Frames:
    """The last `SHOWN` different frames of a bytes log, newest first seen on top."""

    def __init__(self, directory: RunDirectory) -> None:
        self._follower = Follower(directory.bytes_log)
        self._directory, self._zone = directory, directory.zone
        self._frames: dict[tuple[str, str, str], Frame] = {}

    def refresh(self) -> bool:
        """Read what came; whether anything did."""
        lines = [read_json(line) for line in self._follower.new_lines()]
        for line in lines:
            if "hex" in line:
                self._take(line)
        return bool(lines)

    def rows(self) -> list[dict[str, Any]]:
        """Rows for the page."""
        return [asdict(frame) for frame in sorted(self._frames.values(), key=lambda frame: frame.at, reverse=True)]

    def _take(self, line: dict[str, Any]) -> None:
        key = (str(line["device"]), str(line["dir"]), str(line["hex"]))
        # Taken out and put in again: the dictionary is in the order of the last time, oldest first.
        frame = self._frames.pop(key, None)
        if frame is None:
            at = datetime.fromisoformat(line["at"]).astimezone(self._zone) + self._directory.shift
            frame = Frame(f"{at:%H:%M:%S.%f}"[:-3], key[0], _WAYS.get(key[1], key[1]), _short(key[2]), times=0)
        frame.times += 1
        self._frames[key] = frame
        while len(self._frames) > SHOWN:
            del self._frames[next(iter(self._frames))]


def _short(text: str) -> str:
    count = len(text.split())
    return text if count <= BYTES_SHOWN else f"{' '.join(text.split()[:BYTES_SHOWN])} … ({count} bytes)"
