"""`LockBoard` for relays and door contacts on the computer's own pins, by gpiozero.

Nothing here times a pulse in hardware: see `coils.py` for what keeps a coil from staying on, and the profile for what
must be built in besides. gpiozero reports edges from a thread of its own; they are handed to the loop here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Annotated, Literal, Self

from gpiozero import DigitalInputDevice, DigitalOutputDevice, Factory, GPIOZeroError
from pydantic import Field, model_validator

from edge.errors import LinkError, UnknownChannelError
from edge.links.gpio import GpioChip
from edge.lockers.coils import CoilPacer, CoilSettings
from edge.lockers.gpio_relay.coils import GuardedCoils
from edge.lockers.gpio_relay.contact import Contact
from edge.ports import Door, LockBoard

_log = logging.getLogger(__name__)

Pins = Annotated[list[Annotated[int, Field(ge=0, le=53)]], Field(min_length=1)]
# The board's number only tells two tables on one chip apart.
ADDRESSES = range(256)
LOCKS = range(1, 27)


class Settings(CoilSettings):
    """Pins are GPIO (BCM) numbers, one for each channel in order. All polarities depend on the wiring."""

    relay_pins: Pins
    door_pins: Pins
    relay_active: Literal["high", "low"] = "high"
    """The level that powers a coil. Relay modules with opto-couplers are often active low."""
    door_closed_level: Literal["high", "low"] = "low"
    """The level of a door pin while the door is shut; low: a contact to ground that closes with the door."""
    door_pull: Literal["up", "down", "none"] = "up"
    debounce_ms: Annotated[int, Field(ge=1, le=1000)] = 30
    """How long a contact must be still to be believed."""
    chatter_ms: Annotated[int, Field(ge=10, le=10000)] = 500
    """How long a contact may bounce before its door is `unknown`."""
    coil_limit_ms: Annotated[int, Field(ge=100, le=1000)] = 1000
    """When the watchdog switches a coil off that should have been off after `pulse_ms`."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        pins = [*self.relay_pins, *self.door_pins]
        if len(set(pins)) < len(pins):
            raise ValueError("every pin once among relay_pins and door_pins")
        if len(self.relay_pins) != len(self.door_pins):
            raise ValueError("as many door_pins as relay_pins: one pair for each channel")
        if self.pulse_ms >= self.coil_limit_ms:
            raise ValueError("pulse_ms below coil_limit_ms")
        return self


class _Input:
    """One door pin: edges come from gpiozero's thread and are handed to the loop, many of them as one."""

    def __init__(self, pin: int, settings: Settings, factory: Factory) -> None:
        self._loop = asyncio.get_running_loop()
        pull_up = {"up": True, "down": False, "none": None}[settings.door_pull]
        # Without a pull the library wants to be told which level counts as active; with one it knows.
        active = True if pull_up is None else None
        self._device = DigitalInputDevice(pin, pull_up=pull_up, active_state=active, pin_factory=factory)
        # Active is low with a pull-up and high otherwise.
        self._closed_is_active = (settings.door_closed_level == "low") == bool(pull_up)
        self._handed: tuple[bool, float] | None = None
        self.contact = Contact(
            still=settings.debounce_ms / 1000,
            restless=settings.chatter_ms / 1000,
            closed=self._is_closed(),
            now=self._loop.time(),
        )
        self._device.when_activated = self._device.when_deactivated = self._moved

    def read(self) -> Door:
        """Return the door now; the pin is read too, in case an edge was lost."""
        self.contact.sample(closed=self._is_closed(), now=self._loop.time())
        return self.contact.door(self._loop.time())

    def was_still(self) -> bool:
        """Whether the contact has been still at all since the pin was opened."""
        self.read()
        return self.contact.was_still

    def close(self) -> None:
        """Give the pin back."""
        self._device.close()

    def _is_closed(self) -> bool:
        return bool(self._device.value) == self._closed_is_active

    def _moved(self) -> None:
        # gpiozero's thread. A contact that chatters at kilohertz must not fill the loop: only the newest edge is kept.
        waiting, self._handed = self._handed, (self._is_closed(), self._loop.time())
        if waiting is None:
            # A loop that is closed already has no more doors to watch.
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._take)

    def _take(self) -> None:
        handed, self._handed = self._handed, None
        if handed is not None:
            self.contact.edge(closed=handed[0], now=handed[1])


class _Fitting:
    """A board's pins on one opening of the chip; relays are off before anything else happens."""

    def __init__(self, channels: range, settings: Settings, factory: Factory) -> None:
        self.factory = factory
        self._open: list[Callable[[], None]] = []
        active_high = settings.relay_active == "high"
        relays: dict[int, DigitalOutputDevice] = {}
        self.inputs: dict[int, _Input] = {}
        try:
            for channel, pin in zip(channels, settings.relay_pins, strict=False):
                relays[channel] = DigitalOutputDevice(pin, active_high=active_high, pin_factory=factory)
                self._open.append(relays[channel].close)
            self.coils = GuardedCoils(relays, settings.coil_limit_ms / 1000)
            self._open.insert(0, self.coils.close)
            for channel, pin in zip(channels, settings.door_pins, strict=False):
                self.inputs[channel] = _Input(pin, settings, factory)
                self._open.append(self.inputs[channel].close)
            self.coils.start()
        except (GPIOZeroError, OSError) as error:
            self.close()
            raise LinkError(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Relays off, pins back to inputs; idempotent."""
        while self._open:
            try:
                self._open.pop(0)()
            except (GPIOZeroError, OSError) as error:
                _log.warning("a pin could not be given back: %s", error)


class GpioRelayBoard(LockBoard):
    """Relays and contacts on one chip; `async with` switches the relays off at its end and gives the pins back."""

    def __init__(self, name: str, *, channels: range, settings: Settings, chip: GpioChip, pacer: CoilPacer) -> None:
        self.name, self.channels = name, channels
        self._settings, self._chip, self._pacer = settings, chip, pacer
        self._fitting: _Fitting | None = None

    async def __aenter__(self) -> Self:
        """Switch the relays off, if the chip is there."""
        self._chip.before_closing(self._drop)
        with contextlib.suppress(LinkError):
            self._fit()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._drop()

    async def unlock(self, channel: int) -> None:
        """Power one coil for `pulse_ms`; see `edge.ports.LockBoard`. Cancelled or not, the coil goes off again."""
        if channel not in self.channels:
            raise UnknownChannelError(f"board {self.name} has no channel {channel}")
        async with self._pacer.coil(self.name, channel):
            coils = self._fit().coils
            coils.on(channel)
            asyncio.get_running_loop().call_later(self._settings.pulse_ms / 1000, coils.off, channel)

    async def read_doors(self) -> Mapping[int, Door]:
        """Read all contacts; see `edge.ports.LockBoard`. After an opening of the chip it waits until they are still."""
        fitting = self._fit()
        try:
            await self._first_stillness(fitting)
            doors = {channel: each.read() for channel, each in fitting.inputs.items()}
        except (GPIOZeroError, OSError) as error:
            raise LinkError(f"board {self.name}: {error}") from error
        if stuck := fitting.coils.stuck():
            raise LinkError(f"board {self.name}: coil {min(stuck)} does not go off")
        return {channel: doors.get(channel, Door.UNKNOWN) for channel in self.channels}

    def _fit(self) -> _Fitting:
        factory = self._chip.factory
        if self._fitting is None or self._fitting.factory is not factory:
            self._drop()
            self._fitting = _Fitting(self.channels, self._settings, factory)
        return self._fitting

    def _drop(self) -> None:
        if self._fitting is not None:
            self._fitting.close()
            self._fitting = None

    async def _first_stillness(self, fitting: _Fitting) -> None:
        """A person may stand there with the door in the hand while the station starts: wait a little, not for ever."""
        loop = asyncio.get_running_loop()
        limit = loop.time() + self._settings.chatter_ms / 1000
        for each in fitting.inputs.values():
            while not each.was_still() and loop.time() < limit:  # noqa: ASYNC110 - stillness is no event
                await asyncio.sleep(max(0.001, min(each.contact.still_at, limit) - loop.time()))


def board(
    name: str, *, address: int, channels: range, settings: Settings, bus: GpioChip, pacer: CoilPacer
) -> GpioRelayBoard:
    """Return the board; `bus` is the chip whose pins it has, and `address` means nothing on it."""
    return GpioRelayBoard(name, channels=channels, settings=settings, chip=bus, pacer=pacer)
