"""What a relay board needs besides the conformance suite: a relay that is on must be noticed and must end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.errors import LinkError, NoAnswerError
from edge.lockers.modbus_relay import driver
from edge.lockers.modbus_relay.simulator import ModbusRelaySimulator
from edge.lockers.simulator import BoardSimulator, SimulatedBank
from edge.ports import Door
from edge.services.door_control import Channel, Doors
from tests.conformance.bench import Bench, bench, eventually, lost
from tests.conformance.kinds import MODBUS_RELAY

ALL_OFF = bytes.fromhex("01 05 00 FF 00 00 FD FA")
RELAYS = bytes.fromhex("01 01 00 00 00 08 3D CC")
RELAY_3_ON = bytes.fromhex("01 05 00 02 FF 00 2D FA")


class Relays:
    """The bench of one board whose simulator a test can reach."""

    def __init__(self) -> None:
        self.made: list[ModbusRelaySimulator] = []
        self.kind = replace(MODBUS_RELAY, simulator=self._make)

    def _make(self, address: int, bank: SimulatedBank) -> BoardSimulator:
        self.made.append(ModbusRelaySimulator(address, bank))
        return self.made[-1]

    @property
    def board(self) -> ModbusRelaySimulator:
        return self.made[0]

    def on(self) -> frozenset[int]:
        return self.board.look(asyncio.get_running_loop().time())

    def switch_on(self) -> None:
        """Another master, a hand or a linkage mode switches relay 2 (channel 3) on."""
        self.board.receive(RELAY_3_ON, asyncio.get_running_loop().time())


@pytest.fixture
def relays() -> Relays:
    return Relays()


@pytest.fixture
async def b(relays: Relays, tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench(relays.kind, tmp_path) as made:
        yield made


async def test_all_relays_off_is_the_first_frame_at_every_opening(b: Bench, relays: Relays) -> None:
    relays.switch_on()
    assert await b.board.read_doors() == b.truth()
    assert b.written[:2] == [ALL_OFF, RELAYS]
    assert relays.on() == frozenset()
    await b.board.read_doors()
    assert b.written.count(ALL_OFF) == 1
    b.pty.unplug()
    await eventually(lambda: not b.bus.is_open)
    relays.switch_on()
    b.written.clear()
    b.pty.plug()
    await eventually(lambda: b.bus.is_open)
    await b.board.unlock(1)
    assert b.written == [ALL_OFF, RELAYS, MODBUS_RELAY.unlock_frame(1, 1)]


@pytest.mark.parametrize("echo", [False, True])
async def test_a_board_whose_relays_were_not_read_moves_no_coil(b: Bench, echo: bool) -> None:
    """An adapter that echoes "answers" every write of a dead board."""
    if echo:
        b.make_noise("echo", rate=1.0, seed=1)
    b.on_the_way = lost
    with pytest.raises(NoAnswerError):
        await b.board.read_doors()
    with pytest.raises(NoAnswerError):
        await b.board.unlock(1)
    assert b.unlocks == []
    b.hear_everything()
    assert await b.board.read_doors() == b.truth()


async def test_a_relay_that_stays_on_fails_the_board_until_it_is_off(b: Bench, relays: Relays) -> None:
    relays.board.frozen.add(2)
    relays.switch_on()
    for _ in range(2):
        with pytest.raises(LinkError, match="relay 3 does not go off"):
            await b.board.read_doors()
    with pytest.raises(LinkError, match="relay 3"):
        await b.board.unlock(5)
    assert b.unlocks == []
    relays.board.frozen.clear()
    assert await b.board.read_doors() == b.truth()
    await b.board.unlock(5)
    assert 5 in b.pulses()


async def test_the_station_takes_such_a_board_for_silent(b: Bench, relays: Relays) -> None:
    """So its doors are unknown, and a technician is told, by whatever the station does about silent boards."""
    doors = Doors({"b1": b.board}, {7: Channel("b1", 1)}, SystemClock("Asia/Shanghai"))
    await doors.look()
    assert (doors.door(7), doors.silent_boards()) == (Door.CLOSED, frozenset())
    relays.board.frozen.add(2)
    relays.switch_on()
    await doors.look()
    await doors.look()
    assert (doors.door(7), doors.silent_boards()) == (Door.UNKNOWN, frozenset({"b1"}))


async def test_a_relay_that_nobody_pulsed_is_switched_off_and_reported(b: Bench, relays: Relays) -> None:
    await b.board.read_doors()
    relays.switch_on()
    b.written.clear()
    with pytest.raises(LinkError, match="relay 3 was on without a pulse"):
        await b.board.read_doors()
    assert b.written == [RELAYS, ALL_OFF]
    assert relays.on() == frozenset()
    assert await b.board.read_doors() == b.truth()


async def test_a_pulse_is_not_taken_for_a_fault(relays: Relays, tmp_path: Path) -> None:
    longest = driver.Settings.model_validate(MODBUS_RELAY.settings.model_dump() | {"pulse_ms": 1000})
    async with bench(replace(relays.kind, settings=longest), tmp_path) as b:
        await b.board.unlock(3)
        assert relays.on() == {2}
        while relays.on():
            assert await b.board.read_doors() == b.truth()
        assert await b.board.read_doors() == b.truth()
        assert b.written.count(ALL_OFF) == 1
        assert relays.board.burnt == set()


async def test_a_refusal_is_an_answer_with_its_reason(b: Bench) -> None:
    await b.board.read_doors()
    b.on_the_way = lambda _: [bytes.fromhex("01 85 02 C3 51")]
    with pytest.raises(LinkError, match="channel 1: illegal address"):
        await b.board.unlock(1)
    assert b.unlocks == [MODBUS_RELAY.unlock_frame(1, 1)]
    b.on_the_way = lambda _: [bytes.fromhex("01 81 01 81 90")]
    b.written.clear()
    with pytest.raises(LinkError, match="illegal function"):
        await b.board.read_doors()
    assert len(b.written) == 1, "whoever refuses once refuses twice"


async def test_the_pulse_that_is_set_goes_out_in_tenths(relays: Relays, tmp_path: Path) -> None:
    settings = driver.Settings.model_validate(MODBUS_RELAY.settings.model_dump() | {"pulse_ms": 700})
    async with bench(replace(relays.kind, settings=settings), tmp_path) as b:
        await b.board.unlock(1)
        assert b.unlocks == [bytes.fromhex("01 05 02 00 00 07 8D B0")]


def test_no_setting_holds_a_coil_for_longer_than_a_second() -> None:
    for wrong in (0, 50, 150, 1100):
        with pytest.raises(ValueError, match="pulse_ms"):
            driver.Settings(pulse_ms=wrong)
