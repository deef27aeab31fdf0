"""The far end of one full lock bus, as a process of its own: boards of the 0x8A family at the pace of 9600 baud.

    python -m tests.bench.bus_peer PATH BOARDS CHANNELS

A question takes its own bytes' time to arrive, the board 5 ms to think, and every byte of its answer leaves at its own
time, ten bits each. Doors that spring open are pushed shut once two answers have shown them open. A line `open BOARD
CHANNEL` on standard input lets somebody open that door without an unlock.

Prints one line a happening: CLOCK_MONOTONIC in nanoseconds at its last byte, and `query`, `answer`, `unlock` or
`opened`, then board (and channel).
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections import Counter
from pathlib import Path

from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.simulator import SimulatedBank
from tests.bench.board_peer import BOARD_THINKS_S, BYTE_S, SHOWN_OPEN, open_pty


class Line:
    """The wire with all its boards; `busy_until` is when its last byte has passed."""

    def __init__(self, master: int, boards: int, channels: int) -> None:
        self._master = master
        self._banks = {n: SimulatedBank(range(1, channels + 1)) for n in range(1, boards + 1)}
        self._boards = {n: Lock8aSimulator(n, bank) for n, bank in self._banks.items()}
        self._shown: Counter[tuple[int, int]] = Counter()

    def hear(self, request: bytes) -> None:
        arrived = time.monotonic() + len(request) * BYTE_S
        _sleep_until(arrived)
        address = request[1]
        say("unlock" if request[0] == 0x8A else "query", address, *request[2:3])
        answer = b"".join(board.receive(request, arrived)[0] for n, board in self._boards.items() if n == address)
        _sleep_until(arrived + BOARD_THINKS_S)
        begun = time.monotonic()
        for count, byte in enumerate(answer, 1):
            _sleep_until(begun + count * BYTE_S)
            os.write(self._master, bytes([byte]))
        say("answer", address)
        if request[0] == 0x80:
            self._people(address)

    def open(self, board: int, channel: int) -> None:
        say("opened", board, channel)
        self._banks[board].force(channel)

    def _people(self, board: int) -> None:
        for channel, door in self._banks[board].doors.items():
            if door.leaf == "open":
                self._shown[board, channel] += 1
                if self._shown[board, channel] >= SHOWN_OPEN:
                    self._banks[board].push(channel)
                    del self._shown[board, channel]


def _sleep_until(at: float) -> None:
    time.sleep(max(0.0, at - time.monotonic()))


def say(what: str, *where: int) -> None:
    sys.stdout.write(f"{time.monotonic_ns()} {what} {' '.join(map(str, where))}\n")
    sys.stdout.flush()


def main() -> int:
    path, boards, channels = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    master, _slave = open_pty(path)
    line = Line(master, boards, channels)
    say("ready")
    while True:
        readable, _, _ = select.select([master, sys.stdin], [], [])
        if sys.stdin in readable:
            words = sys.stdin.readline().split()
            if not words:
                return 0
            line.open(int(words[1]), int(words[2]))
        if master in readable:
            line.hear(os.read(master, 256))


if __name__ == "__main__":
    sys.exit(main())
