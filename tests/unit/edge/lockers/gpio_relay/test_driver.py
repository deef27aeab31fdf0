"""The board on gpiozero's own mock pins: the real library, with pins that a test moves by hand."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from gpiozero.pins.mock import MockFactory, MockPin
from pydantic import ValidationError

from edge.errors import LinkError, UnknownChannelError
from edge.links.gpio import GpioChip
from edge.lockers.coils import CoilPacer
from edge.lockers.gpio_relay.driver import GpioRelayBoard, Settings
from edge.ports import Door, LockBoard
from tests.conformance.bench import eventually

OPEN, CLOSED, UNKNOWN = Door.OPEN, Door.CLOSED, Door.UNKNOWN
RELAYS, DOORS = [17, 27], [5, 6]
TABLE = {"relay_pins": RELAYS, "door_pins": DOORS, "pulse_ms": 50, "coil_gap_ms": 0, "debounce_ms": 10}
TABLE |= {"unlock_interval_ms": 0, "unlocks_a_minute": 60}


class MockPins:
    """What a chip opens; it is there, goes away and comes back as a test wishes."""

    def __init__(self) -> None:
        self.factory = MockFactory()
        self.gone = asyncio.Event()

    async def closed(self) -> None:
        await self.gone.wait()

    async def close(self) -> None:
        self.factory.close()

    def pin(self, number: int) -> MockPin:
        return self.factory.pin(number)


class Fitted:
    """One board; `pins` are those of the newest opening."""

    def __init__(self, **changes: object) -> None:
        self.settings = Settings.model_validate(TABLE | changes)
        self.pins = MockPins()
        self.broken = False
        self.chip = GpioChip("gpio://0", opener=self._open)
        channels = range(1, 1 + len(self.settings.relay_pins))
        self.board = GpioRelayBoard(
            "pins", channels=channels, settings=self.settings, chip=self.chip, pacer=CoilPacer(self.settings)
        )

    async def _open(self, _port: str) -> MockPins:
        if self.broken:
            raise LinkError("no such chip")
        self.pins = MockPins()
        return self.pins

    def powered(self, pin: int) -> bool:
        return bool(self.pins.pin(pin).state)


@asynccontextmanager
async def fitted(**changes: object) -> AsyncIterator[Fitted]:
    it = Fitted(**changes)
    async with it.chip, it.board:
        yield it


async def test_is_a_lock_board_with_all_relays_off() -> None:
    async with fitted() as it:
        assert isinstance(it.board, LockBoard)
        assert [it.pins.pin(pin).function for pin in RELAYS + DOORS] == ["output", "output", "input", "input"]
        assert not any(it.powered(pin) for pin in RELAYS)


async def test_a_pulse_is_one_coil_for_its_time() -> None:
    async with fitted() as it:
        await it.board.unlock(2)
        assert it.powered(27)
        await eventually(lambda: not it.powered(27))
        assert [state.state for state in it.pins.pin(27).states[-2:]] == [True, False]
        assert 0.045 <= it.pins.pin(27).states[-1].timestamp < 1.5
        assert not any(state.state for state in it.pins.pin(17).states)


async def test_active_low_relays_are_off_when_high() -> None:
    async with fitted(relay_active="low") as it:
        assert it.powered(17)
        await it.board.unlock(1)
        assert not it.powered(17)
        await eventually(lambda: it.powered(17))


@pytest.mark.parametrize(
    ("changes", "low", "high"),
    [
        ({}, CLOSED, OPEN),
        ({"door_closed_level": "high"}, OPEN, CLOSED),
        ({"door_pull": "down"}, CLOSED, OPEN),
        ({"door_pull": "down", "door_closed_level": "high"}, OPEN, CLOSED),
        ({"door_pull": "none"}, CLOSED, OPEN),
        ({"door_pull": "none", "door_closed_level": "high"}, OPEN, CLOSED),
    ],
)
async def test_the_wiring_says_what_a_level_means(changes: dict[str, object], low: Door, high: Door) -> None:
    async with fitted(**changes) as it:
        it.pins.pin(5).drive_low()
        it.pins.pin(6).drive_high()
        await _until(it, {1: low, 2: high})


async def test_a_channel_that_is_not_there_powers_nothing() -> None:
    async with fitted() as it:
        for channel in (-1, 0, 3, 256):
            with pytest.raises(UnknownChannelError):
                await it.board.unlock(channel)
        assert not any(state.state for pin in RELAYS for state in it.pins.pin(pin).states)


async def test_an_edge_from_a_thread_reaches_the_loop() -> None:
    """As the lgpio back end does it: its callbacks run in a thread of its own."""
    async with fitted(debounce_ms=400) as it:
        it.pins.pin(5).drive_low()
        await _until(it, {1: CLOSED, 2: OPEN})
        thread = threading.Thread(target=it.pins.pin(5).drive_high)
        thread.start()
        thread.join()
        assert (await it.board.read_doors())[1] is CLOSED, "not still yet"
        await _until(it, {1: OPEN, 2: OPEN})


async def test_a_contact_that_chatters_is_unknown_and_comes_back() -> None:
    async with fitted(debounce_ms=150, chatter_ms=300) as it:
        it.pins.pin(5).drive_low()
        await _until(it, {1: CLOSED, 2: OPEN})
        seen = set()
        async with asyncio.timeout(10):
            while UNKNOWN not in seen:
                it.pins.pin(5).drive_high()
                it.pins.pin(5).drive_low()
                seen.add((await it.board.read_doors())[1])
                await asyncio.sleep(0.001)
        assert seen == {CLOSED, UNKNOWN}, "never open: it was not still"
        await _until(it, {1: CLOSED, 2: OPEN})


async def _until(it: Fitted, doors: Mapping[int, Door]) -> None:
    """Read until the doors are so."""
    async with asyncio.timeout(5):
        while await it.board.read_doors() != doors:  # noqa: ASYNC110 - a contact becomes still by time alone
            await asyncio.sleep(0.001)


async def test_a_cancelled_unlock_ends_its_pulse() -> None:
    async with fitted() as it:

        async def unlock_and_hang() -> None:
            await it.board.unlock(1)
            await asyncio.Event().wait()

        task = asyncio.create_task(unlock_and_hang())
        await eventually(lambda: it.powered(17))
        task.cancel()
        await eventually(lambda: not it.powered(17))


async def test_a_loop_that_stands_still_does_not_hold_a_coil() -> None:
    """The loop is blocked while the pulse should end: the watchdog's thread ends it at the limit."""
    async with fitted(coil_limit_ms=150) as it:
        off = threading.Event()
        await it.board.unlock(1)

        def watch() -> None:
            while it.powered(17):
                pass
            off.set()

        threading.Thread(target=watch).start()
        assert off.wait(2), "this wait is the blocked loop"
        assert 0.14 <= it.pins.pin(17).states[-1].timestamp < 1.5


async def test_a_relay_that_reads_on_fails_the_board() -> None:
    async with fitted() as it:
        await it.board.read_doors()
        it.pins.pin(17)._state = True
        with pytest.raises(LinkError, match="coil 1 does not go off"):
            await it.board.read_doors()
        with pytest.raises(LinkError, match="coil 1"):
            await it.board.unlock(2)
        assert not it.powered(27)
        it.pins.pin(17)._state = False
        assert set(await it.board.read_doors()) == {1, 2}


async def test_pins_that_go_away_and_come_back() -> None:
    async with fitted() as it:
        await it.board.unlock(1)
        old, it.broken = it.pins, True
        old.gone.set()
        await eventually(lambda: old.factory.pins == {})
        with pytest.raises(LinkError, match="gpio://0"):
            await it.board.read_doors()
        with pytest.raises(LinkError):
            await it.board.unlock(1)
        it.broken = False
        await eventually(lambda: it.pins is not old)
        assert await it.board.read_doors() == {1: OPEN, 2: OPEN}
        assert not it.powered(17)


async def test_closing_switches_off_and_gives_the_pins_back() -> None:
    async with fitted() as it:
        await it.board.unlock(1)
        pin = it.pins.pin(17)
    assert pin.function == "input"
    assert [state.state for state in pin.states[-2:]] == [True, False]


async def test_a_pin_that_is_taken_fails_this_board_only() -> None:
    async with fitted() as it:
        twin = GpioRelayBoard(
            "twin", channels=range(1, 3), settings=it.settings, chip=it.chip, pacer=CoilPacer(it.settings)
        )
        async with twin:
            with pytest.raises(LinkError, match="GPIOPinInUse"):
                await twin.read_doors()
        assert set(await it.board.read_doors()) == {1, 2}


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"door_pins": [5, 17]}, "every pin once"),
        ({"door_pins": [5]}, "as many door_pins"),
        ({"relay_pins": [17, 54]}, "relay_pins"),
        ({"pulse_ms": 1000}, "pulse_ms below coil_limit_ms"),
        ({"coil_limit_ms": 1001}, "coil_limit_ms"),
        ({"baud": 9600}, "baud"),
    ],
)
def test_settings_that_cannot_be(changes: dict[str, object], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        Settings.model_validate(TABLE | changes)
