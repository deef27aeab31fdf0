"""The wire of simulated devices: a pseudo-terminal at a given path that can be unplugged, and its noise."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

NoiseMode = Literal["delay", "chop", "glue", "drop", "flip", "echo"]

_GLUE_SECONDS = 0.015
_CHOP_SECONDS = 0.004


@dataclass
class Noise:
    """A seeded fault plan for one direction of one wire; a `rate` is the chance that a frame is disturbed.

    One frame has at most one byte flipped *or* dropped: that much every check sum in use is certain to notice.
    """

    rate: float = 0.0
    seed: int = 0
    modes: tuple[NoiseMode, ...] = ()
    late: float = 0.45
    _random: random.Random = field(init=False, repr=False)
    _held: bytes = field(default=b"", init=False, repr=False)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311 - noise that can be replayed, no secret

    def disturb(self, frame: bytes) -> list[tuple[float, bytes]]:
        """Return what becomes of a frame: portions, each with the seconds to wait before it."""
        wait = self.late if self._strikes("delay") else 0.0
        frame = self._damaged(frame)
        if self._strikes("glue") and not self._held:
            self._held = frame
            return []
        frame, self._held = self._held + frame, b""
        if self._strikes("chop"):
            return [(wait if n == 0 else _CHOP_SECONDS, part) for n, part in enumerate(self._chopped(frame))]
        return [(wait, frame)] if frame else []

    def release(self) -> bytes:
        """Return what was held back to be glued to a next frame that did not come."""
        held, self._held = self._held, b""
        return held

    def _strikes(self, mode: NoiseMode) -> bool:
        return mode in self.modes and self._random.random() < self.rate

    def _damaged(self, frame: bytes) -> bytes:
        at = self._random.randrange(len(frame))
        if self._strikes("flip"):
            return frame[:at] + bytes([frame[at] ^ self._random.randrange(1, 256)]) + frame[at + 1 :]
        if self._strikes("drop"):
            return frame[:at] + frame[at + 1 :] if self._random.random() < 0.7 else b""
        return frame

    def _chopped(self, frame: bytes) -> list[bytes]:
        if len(frame) < 2:
            return [frame]
        cut = self._random.randrange(1, len(frame))
        return [frame[:cut], frame[cut:]]


class Pty:
    """A raw pseudo-terminal with a symbolic link at `path`; `unplug` takes both away, `plug` makes new ones."""

    def __init__(self, path: Path, received: Callable[[bytes], None]) -> None:
        self._path, self._received = path, received
        self._fds: tuple[int, int] | None = None
        self.noise_in, self.noise_out = Noise(), Noise()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def plugged(self) -> bool:
        """Whether the device is there."""
        return self._fds is not None

    def plug(self) -> None:
        """Make the terminal and the link; nothing when it is plugged already."""
        if self._fds is not None:
            return
        master, slave = os.openpty()
        # A fresh pty is cooked and echoes: 03, the end of every KERONG frame, would come back as ^C.
        tty.setraw(master)
        tty.setraw(slave)
        os.set_blocking(master, False)
        # The slave stays open here too, otherwise the master fails as soon as the last program closes its end.
        self._fds = master, slave
        self._link_to(os.ttyname(slave))
        asyncio.get_running_loop().add_reader(master, self._read, master)

    def unplug(self) -> None:
        """Take the link away and close both ends, which breaks every program's open descriptor."""
        if self._fds is None:
            return
        master, slave = self._fds
        self._fds = None
        for task in self._tasks:
            task.cancel()
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        asyncio.get_running_loop().remove_reader(master)
        os.close(master)
        os.close(slave)

    def send(self, frame: bytes) -> None:
        """Put a frame on the wire, through the noise."""
        self._pass(self.noise_out, frame, self._write)

    def _link_to(self, target: str) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(self._path)

    def _read(self, master: int) -> None:
        try:
            data = os.read(master, 4096)
        except (BlockingIOError, InterruptedError):
            return
        if "echo" in self.noise_in.modes:
            self._write(data)
        self._pass(self.noise_in, data, self._received)

    def _write(self, data: bytes) -> None:
        if self._fds is None:
            return
        # Nobody reads: a serial line loses the bytes too.
        with contextlib.suppress(BlockingIOError):
            os.write(self._fds[0], data)

    def _pass(self, noise: Noise, frame: bytes, onward: Callable[[bytes], None]) -> None:
        portions = noise.disturb(frame)
        if len(portions) == 1 and not portions[0][0] and not self._tasks:
            onward(portions[0][1])
            return
        task = asyncio.create_task(self._deliver(noise, portions, onward))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(
        self, noise: Noise, portions: list[tuple[float, bytes]], onward: Callable[[bytes], None]
    ) -> None:
        for wait, portion in portions:
            await asyncio.sleep(wait)
            onward(portion)
        if not portions:
            await asyncio.sleep(_GLUE_SECONDS)
            if held := noise.release():
                onward(held)
