"""The pins of a computer as gpiozero makes them: opened and closed here, used by drivers.

A station file's port says whose pins: `gpio://0` is this computer's chip 0 by the lgpio library (the only back end that
works on a Raspberry Pi 5); a path is a wire to a simulated computer (`edge/links/pin_wire.py`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol, Self
from urllib.parse import urlsplit

from gpiozero import Factory

from edge.errors import LinkError

_log = logging.getLogger(__name__)

_FIRST_RETRY_SECONDS = 0.2
_LAST_RETRY_SECONDS = 5.0


class OpenPins(Protocol):
    """A pin factory as its owner sees it."""

    factory: Factory

    async def closed(self) -> None:
        """Return once the pins are gone; those of this computer never are."""

    async def close(self) -> None:
        """Give all pins back; idempotent."""


class LocalPins:
    """Pins of this computer."""

    def __init__(self, factory: Factory) -> None:
        self.factory = factory
        self._gone = asyncio.Event()

    @classmethod
    async def open(cls, chip: int) -> Self:
        """Open `/dev/gpiochipN`.

        Raises:
            LinkError: no such chip, no permission, or the lgpio library is not installed.
        """
        try:
            # Not at the head of the file: only stations with such a port need the library.
            from gpiozero.pins.lgpio import LGPIOFactory  # noqa: PLC0415 - see above

            return cls(LGPIOFactory(chip=chip))
        except Exception as error:
            # The library raises what its C part found wrong, of no common class; all of it means "no pins now".
            raise LinkError(f"gpiochip {chip}: {type(error).__name__}: {error}") from error

    async def closed(self) -> None:
        """Return once `close` was called."""
        await self._gone.wait()

    async def close(self) -> None:
        """Give all pins back; idempotent."""
        self._gone.set()
        self.factory.close()


async def open_pins(port: str) -> OpenPins:
    """Open the pins that a port names; raises LinkError when they cannot be had now."""
    if "://" in port:
        return await LocalPins.open(int(urlsplit(port).netloc))
    from edge.links.pin_wire import WiredPins  # noqa: PLC0415 - mock pins are for simulated stations only

    return await WiredPins.open(port)


class GpioChip:
    """The pins of one port. `async with` keeps them open in the background until the end of the block."""

    def __init__(self, port: str, *, opener: Callable[[str], Awaitable[OpenPins]] = open_pins) -> None:
        self._port, self._opener = port, opener
        self._pins: OpenPins | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._tried = asyncio.Event()
        self._farewells: list[Callable[[], None]] = []
        self._trouble = "not open"

    @property
    def factory(self) -> Factory:
        """What devices are made with; another object after the pins were gone and came back.

        Raises:
            LinkError: they are not there now.
        """
        if self._pins is None:
            raise LinkError(f"{self._port}: {self._trouble}")
        return self._pins.factory

    def before_closing(self, farewell: Callable[[], None]) -> None:
        """Have `farewell` called each time before the pins are given back: the last moment to switch something off."""
        self._farewells.append(farewell)

    async def __aenter__(self) -> Self:
        """Try to open the pins once; when that fails, go on trying in the background."""
        self._keeper = asyncio.create_task(self._keep_open(), name=f"pins {self._port}")
        await self._tried.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Stop trying and give the pins back; idempotent."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None
        await self._let_go("closed")

    async def _keep_open(self) -> None:
        pause = _FIRST_RETRY_SECONDS
        while True:
            try:
                self._pins = await self._opener(self._port)
            except LinkError as error:
                self._note_trouble(str(error))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LAST_RETRY_SECONDS)
                continue
            _log.info("%s: open", self._port)
            pause = _FIRST_RETRY_SECONDS
            self._tried.set()
            await self._pins.closed()
            await self._let_go("gone")

    async def _let_go(self, trouble: str) -> None:
        pins, self._pins = self._pins, None
        if pins is not None:
            for farewell in self._farewells:
                farewell()
            await pins.close()
            self._note_trouble(trouble)

    def _note_trouble(self, trouble: str) -> None:
        if trouble != self._trouble:
            _log.warning("%s: %s", self._port, trouble)
        self._trouble = trouble
        self._tried.set()
