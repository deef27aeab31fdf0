"""The far end of a lock bus, as a process of its own: answers as boards of the 0x8A family and stamps what arrives.

    python -m tests.bench.board_peer PATH CHANNELS

A pseudo-terminal is made and linked at PATH; a board with the address 1 sits on it. A pty does not pace bytes, so an
answer is held back for as long as the question, the board and the answer would take at 9600 baud. A door that was
unlocked springs open, and is pushed shut once two answers have shown it open (the driver believes two, not one).

Prints one line a happening: CLOCK_MONOTONIC in nanoseconds, and `query`, `answer` or `unlock`.
"""

from __future__ import annotations

import os
import select
import sys
import time
import tty
from collections import Counter
from pathlib import Path

from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.simulator import SimulatedBank

BYTE_S = 10 / 9600
BOARD_THINKS_S = 0.005
SHOWN_OPEN = 2


class Board:
    """One board and its people: everybody shuts the door that opened."""

    def __init__(self, channels: int) -> None:
        self._bank = SimulatedBank(range(1, channels + 1))
        self._board = Lock8aSimulator(1, self._bank, groups=max(3, -(-channels // 8)))
        self._shown: Counter[int] = Counter()

    def receive(self, frame: bytes, now: float) -> bytes:
        answer = b"".join(self._board.receive(frame, now))
        if frame[0] == 0x80 and answer:
            self._people()
        return answer

    def _people(self) -> None:
        for channel, door in self._bank.doors.items():
            if door.leaf == "open":
                self._shown[channel] += 1
                if self._shown[channel] >= SHOWN_OPEN:
                    self._bank.push(channel)
                    del self._shown[channel]


def open_pty(path: Path) -> tuple[int, int]:
    """A raw pty, linked at `path`; both ends stay open here, so that the other side may come and go."""
    master, slave = os.openpty()
    tty.setraw(master)
    tty.setraw(slave)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.symlink_to(os.ttyname(slave))
    return master, slave


def say(at_ns: int, what: str) -> None:
    sys.stdout.write(f"{at_ns} {what}\n")
    sys.stdout.flush()


def serve(master: int, board: Board) -> None:
    """Read, stamp and answer until the bench's end of our standard input closes."""
    while True:
        readable, _, _ = select.select([master, sys.stdin], [], [])
        if sys.stdin in readable:
            return
        frame = os.read(master, 256)
        at = time.monotonic_ns()
        say(at, "unlock" if frame[0] == 0x8A else "query")
        answer = board.receive(frame, at / 1e9)
        time.sleep((len(frame) + len(answer)) * BYTE_S + BOARD_THINKS_S)
        os.write(master, answer)
        say(time.monotonic_ns(), "answer")


def main() -> int:
    path, channels = Path(sys.argv[1]), int(sys.argv[2])
    master, slave = open_pty(path)
    say(time.monotonic_ns(), "ready")
    serve(master, Board(channels))
    os.close(slave)
    return 0


if __name__ == "__main__":
    sys.exit(main())
