"""Pins at the far end of a wire: gpiozero's mock pins, driven by a simulated computer's lines of text.

The real driver and the real library run on them, so a simulated station needs no other code than its `port`. One line
each: `out 17 1` (this side drives pin 17 high), `in 17` (it is an input again), `hello` (tell me all inputs), and from
the far end `level 5 0` (something drives pin 5 low). Anything else is ignored.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import Self

from gpiozero.pins.mock import MockFactory, MockPin

from edge.errors import LinkError
from edge.links.wire import OpenLink, open_link

_log = logging.getLogger(__name__)

_BAUD = 115200
_ANSWERS_WITHIN_SECONDS = 1.0


class _WiredPin(MockPin):  # type: ignore[misc] # gpiozero has no types
    """A mock pin whose output is told to the far end."""

    def _set_function(self, value: str) -> None:
        was = self._get_function()
        super()._set_function(value)
        if value != was and value == "input":
            self.factory.tell(f"in {self._number}")

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        # A resistor is weaker than what drives the pin from outside.
        self.factory.drive(self)

    def _change_state(self, value: bool) -> bool:
        changed = bool(super()._change_state(value))
        if self._get_function() == "output":
            self.factory.tell(f"out {self._number} {int(value)}")
        return changed


class _WiredFactory(MockFactory):  # type: ignore[misc] # gpiozero has no types
    """Makes wired pins; what they tell goes out in order, from whatever thread it was told."""

    def __init__(self) -> None:
        super().__init__(pin_class=_WiredPin)
        self._loop = asyncio.get_running_loop()
        self.levels: dict[int, bool] = {}
        self._wired: dict[int, MockPin] = {}
        self.told: asyncio.Queue[str] = asyncio.Queue()

    def tell(self, line: str) -> None:
        """Queue one line; a loop that is closed tells nobody any more."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.told.put_nowait, line)

    def pin(self, name: int | str) -> MockPin:
        """Return the pin, at the level that the far end has told."""
        pin = super().pin(name)
        self._wired[pin._number] = pin
        self.drive(pin)
        return pin

    def heard(self, number: int, level: bool) -> None:
        """Take what drives a pin from outside."""
        self.levels[number] = level
        if number in self._wired:
            self.drive(self._wired[number])

    def drive(self, pin: MockPin) -> None:
        """Let a pin have its outside level, if it is an input."""
        level = self.levels.get(pin._number)
        if level is not None and pin.function == "input":
            (pin.drive_high if level else pin.drive_low)()


class WiredPins:
    """All pins of one simulated computer; see `edge.links.gpio.OpenPins`."""

    def __init__(self, link: OpenLink, factory: _WiredFactory) -> None:
        self.factory = factory
        self._link = link
        self._tasks = [asyncio.create_task(self._speak()), asyncio.create_task(self._hear())]
        self._greeted = asyncio.Event()

    @classmethod
    async def open(cls, path: str) -> Self:
        """Open the wire and wait until the far end has told its inputs.

        Raises:
            LinkError: nothing is there, or it does not answer.
        """
        pins = cls(await open_link(path, _BAUD), _WiredFactory())
        pins.factory.tell("hello")
        try:
            async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
                await pins._greeted.wait()
        except TimeoutError as error:
            await pins.close()
            raise LinkError(f"{path}: no simulated pins answer") from error
        return pins

    async def closed(self) -> None:
        """Return once the wire is gone."""
        await self._link.closed()

    async def close(self) -> None:
        """Tell the far end what is still to be told, as long as the wire is there, and close it; idempotent."""
        self.factory.close()
        speak, hear = self._tasks
        hear.cancel()
        self.factory.tell("")
        with contextlib.suppress(TimeoutError, asyncio.CancelledError):
            async with asyncio.timeout(_ANSWERS_WITHIN_SECONDS):
                await speak
        await self._link.close()

    async def _speak(self) -> None:
        with contextlib.suppress(LinkError):
            while line := await self.factory.told.get():
                await self._link.write(f"{line}\n".encode())

    async def _hear(self) -> None:
        heard = b""
        with contextlib.suppress(LinkError):
            while True:
                heard += await self._link.read(4096, 60)
                *lines, heard = heard.split(b"\n")
                for line in lines:
                    self._take(line.split())

    def _take(self, words: list[bytes]) -> None:
        match words:
            case [b"level", number, (b"0" | b"1") as level] if number.isdigit():
                self.factory.heard(int(number), level == b"1")
            case [b"hello"]:
                self._greeted.set()
            case _:
                _log.info("not a line of pins: %r", words)
