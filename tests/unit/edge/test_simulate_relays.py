"""Relay boards in the simulated station: the real drivers, and a person who shuts the doors."""

from __future__ import annotations

import asyncio
from pathlib import Path

from edge.config import load_station
from edge.lockers.registry import open_boards
from edge.ports import Door, LockBoard
from edge.simulate import run_simulation
from tests.unit.edge.test_simulate import STATION, Control

RELAYS = """
[[boards]]
name = "relays"
family = "modbus_relay"
port = "{folder}/ptys/relays"
address = 1
channels = 8
settings = {{ input_polarity = "on_is_open", pulse_ms = 100 }}
[[boards]]
name = "pins"
family = "gpio_relay"
port = "{folder}/ptys/pins"
address = 0
channels = 2
settings = {{ relay_pins = [17, 27], door_pins = [5, 6], relay_active = "low", pulse_ms = 100, debounce_ms = 5 }}
[[compartments]]
number = 4
board = "relays"
channel = 8
size = "s"
[[compartments]]
number = 5
board = "pins"
channel = 2
size = "s"
"""


async def _until(board: LockBoard, doors: set[Door]) -> None:
    async with asyncio.timeout(5):
        while set((await board.read_doors()).values()) != doors:  # noqa: ASYNC110 - doors set no event
            await asyncio.sleep(0.005)


async def test_a_pulse_opens_one_door_and_a_person_shuts_it(tmp_path: Path) -> None:
    file = tmp_path / "station.toml"
    file.write_text((STATION + RELAYS).format(folder=tmp_path), encoding="utf-8")
    simulation = asyncio.create_task(run_simulation(file))
    control = await Control.connect(tmp_path / "simulate.sock")
    async with open_boards(file, load_station(file).boards) as boards:
        for name, channel, number in (("relays", 8, 4), ("pins", 2, 5)):
            assert set((await boards[name].read_doors()).values()) == {Door.CLOSED}
            await boards[name].unlock(channel)
            await _until(boards[name], {Door.CLOSED, Door.OPEN})
            door = await control.door(number)
            assert (door["door"], door["pulses"]) == ("open", 1)
            await control.do(do="push", compartment=number)
            await _until(boards[name], {Door.CLOSED})
    coils = (await control.do(do="state"))["coil_log"]
    assert [(coil["board"], coil["channel"]) for coil in coils] == [("relays", 8), ("pins", 2)]
    control.close()
    simulation.cancel()
    await asyncio.gather(simulation, return_exceptions=True)
