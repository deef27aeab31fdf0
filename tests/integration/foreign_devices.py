"""Boards and a printer that somebody else built: bytes from the vendors' tables, none of our code.

Each is one program on one wire, a pseudo-terminal or a TCP port. Sources: 0x8A family (CSDN 147892413 and public code),
KERONG CU48 protocol v2.1, EPSON TM-U220 manual for DLE EOT.
"""

from __future__ import annotations

import asyncio
import os
import tty
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path


class Device(ABC):
    """`port` is what stands in the station file; `chop` sends one byte at a time; `mute` hears and does not answer."""

    def __init__(self, *, chop: bool = False, echo: bool = False) -> None:
        self.port, self.mute = "", False
        self._chop, self._echo = chop, echo
        self._master: int | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._heard = b""

    @asynccontextmanager
    async def on_pty(self, path: Path) -> AsyncIterator[None]:
        master, slave = os.openpty()
        tty.setraw(master)
        tty.setraw(slave)
        os.symlink(os.ttyname(slave), path)
        self.port, self._master = str(path), master
        loop = asyncio.get_running_loop()
        loop.add_reader(master, lambda: self._take(os.read(master, 256)))
        yield
        loop.remove_reader(master)
        os.close(master)
        os.close(slave)

    @asynccontextmanager
    async def on_tcp(self) -> AsyncIterator[None]:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._writer = writer
            while data := await reader.read(256):
                self._take(data)
            writer.close()

        async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
            self.port = f"socket://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            yield

    def _take(self, data: bytes) -> None:
        if self._echo:
            self._put(data)
        self._heard += data
        answer = self.answer()
        if not self.mute:
            self._put(answer)

    def _put(self, data: bytes) -> None:
        for piece in [data[n : n + 1] for n in range(len(data))] if self._chop else [data]:
            if self._master is not None:
                os.write(self._master, piece)
            elif self._writer is not None:
                self._writer.write(piece)

    @abstractmethod
    def answer(self) -> bytes:
        """Take whole frames from what was heard and return the bytes to send."""


class Board(Device):
    """`fired` are the locks that got a pulse, in order; `open` the doors that stand open; `jammed` ones do not open."""

    def __init__(self, *, chop: bool = False, echo: bool = False) -> None:
        super().__init__(chop=chop, echo=echo)
        self.fired: list[int] = []
        self.open: set[int] = set()
        self.jammed: set[int] = set()

    def pulse(self, lock: int) -> None:
        self.fired.append(lock)
        if lock not in self.jammed:
            self.open.add(lock)


def _xor(*body: int) -> bytes:
    check = 0
    for byte in body:
        check ^= byte
    return bytes((*body, check))


class Board8a(Board):
    """`groups` status bytes for each question, the high group first or last; `open_bit` is what an open door shows."""

    def __init__(
        self,
        *,
        groups: int = 3,
        high_first: bool = True,
        open_bit: int = 1,
        closed_contact: int = 0x11,
        tells_changes: bool = False,
        chop: bool = False,
        echo: bool = False,
    ) -> None:
        super().__init__(chop=chop, echo=echo)
        self._groups, self._high_first, self._open_bit = groups, high_first, open_bit
        self._closed, self._tells_changes = closed_contact, tells_changes

    def answer(self) -> bytes:
        said = b""
        while len(self._heard) >= 5:
            frame = self._heard[:5]
            right = frame == _xor(*frame[:4]) and frame[1] == 1
            self._heard = self._heard[5 if right else 1 :]
            if right and (frame[0], frame[3]) == (0x8A, 0x11):
                assert frame[2] != 0, "that would open every door"
                self.pulse(frame[2])
                said += _xor(0x8A, 1, frame[2], self._contact(frame[2]))
                said += _xor(0x82, 1, frame[2], self._contact(frame[2])) if self._tells_changes else b""
            elif right and (frame[0], frame[2], frame[3]) == (0x80, 0, 0x33):
                said += self._status()
        return said

    def _contact(self, lock: int) -> int:
        return self._closed ^ 0x11 if lock in self.open else self._closed

    def _status(self) -> bytes:
        bits = sum(1 << lock - 1 for lock in range(1, 8 * self._groups + 1) if (lock in self.open) == self._open_bit)
        return _xor(0x80, 1, *bits.to_bytes(self._groups, "big" if self._high_first else "little"), 0x33)


class BoardCu48(Board):
    """Board 0; an unlock has no answer."""

    def answer(self) -> bytes:
        said = b""
        while len(self._heard) >= 6:
            frame = self._heard[:6]
            right = frame[0] == 2 and frame[4] == 3 and sum(frame[:5]) & 0xFF == frame[5] and frame[1] in (0, 0x0A)
            self._heard = self._heard[6 if right else 1 :]
            if right and frame[3] == 0x50:
                locked = sum(1 << lock - 1 for lock in range(1, 49) if lock not in self.open)
                body = bytes((2, 0, 7, 0x65)) + locked.to_bytes(6, "little") + b"\x03"
                said += body + bytes((sum(body) & 0xFF,))
            elif right and frame[3] == 0x51:
                assert frame[1] != 0x0A, "that would open a door of every board"
                assert frame[2] != 0x30, "that would open every door"
                self.pulse(frame[2] + 1)
        return said


class Printer(Device):
    """Answers DLE EOT 1 to 4 with an XON before it; `paper` holds what was printed."""

    def __init__(self, *, out: bool = False) -> None:
        super().__init__()
        self._out, self.paper = out, b""

    def answer(self) -> bytes:
        said = b""
        while (at := self._heard.find(b"\x10\x04")) >= 0 and at + 2 < len(self._heard):
            self.paper += self._heard[:at]
            said += b"\x11" + bytes((self._status(self._heard[at + 2]),))
            self._heard = self._heard[at + 3 :]
        return said

    def _status(self, n: int) -> int:
        return {1: 0x1A, 2: 0x32, 4: 0x72}.get(n, 0x12) if self._out else 0x12
