"""Every family's simulated board, made from a station file's settings, tells its real driver the truth."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import get_args

import pytest

from edge.config import BoardConfig, BoardSetting
from edge.links.simulator import Pty
from edge.lockers.registry import SETTINGS, check_boards, open_boards
from edge.lockers.simulator import SimulatedBank
from edge.ports import Door, Inside, LockBoard
from edge.simulate_boards import simulated_board

FILE = Path("station.toml")
FAMILIES = ("lock8a", "kerong_cu48", "kerong_cu16", "wkly", "dc02", "winnsen", "cu60", "modbus_relay", "gpio_relay")
CHANNELS = {"modbus_relay": 8}
NEEDED: dict[str, dict[str, BoardSetting]] = {
    "gpio_relay": {"relay_pins": list(range(4, 14)), "door_pins": list(range(14, 24))}
}


def settings_of(family: str) -> list[dict[str, BoardSetting]]:
    """The defaults, and each choice that a profile could make."""
    choices = {
        name: get_args(field.annotation)
        for name, field in SETTINGS[family].model_fields.items()
        if get_args(field.annotation) and name != "echo"
    }
    needed = NEEDED.get(family, {})
    picked: list[dict[str, BoardSetting]] = [
        needed | {name: word} for name, words in choices.items() for word in words if isinstance(word, str)
    ]
    return [needed, *picked]


CASES = [(family, settings) for family in FAMILIES for settings in settings_of(family)]


@asynccontextmanager
async def simulated(
    port: Path, family: str, settings: dict[str, BoardSetting]
) -> AsyncIterator[tuple[LockBoard, SimulatedBank]]:
    """The real driver and the doors behind the simulator that it asks; the second and the last but one stand open."""
    channels = CHANNELS.get(family, 10)
    board = BoardConfig(name="main", family=family, port=str(port), address=1, channels=channels, settings=settings)
    [typed] = check_boards(FILE, [board])
    bank = SimulatedBank(range(1, channels + 1))
    for opened in (2, channels - 1):
        bank.force(opened)
    peer = simulated_board(board, typed.model_dump(), bank)

    def heard(data: bytes) -> None:
        for frame in peer.receive(data, 0.0):
            pty.send(frame)

    pty = Pty(port, heard)
    pty.plug()
    try:
        async with open_boards(FILE, [board]) as boards:
            yield boards["main"], bank
    finally:
        pty.unplug()


@pytest.mark.parametrize(("family", "settings"), CASES, ids=[f"{f} {' '.join(map(str, s.values()))}" for f, s in CASES])
async def test_the_driver_reads_what_the_simulator_shows(
    family: str, settings: dict[str, BoardSetting], tmp_path: Path
) -> None:
    async with simulated(tmp_path / "board", family, settings) as (board, _):
        doors = await board.read_doors()
    assert [channel for channel, door in doors.items() if door is Door.OPEN] == [2, board.channels[-2]]
    assert Door.UNKNOWN not in doors.values()


@pytest.mark.parametrize("polarity", ["one_is_item", "one_is_empty"])
async def test_what_lies_behind_a_shut_door(polarity: str, tmp_path: Path) -> None:
    async with simulated(tmp_path / "board", "kerong_cu16", {"infrared": polarity}) as (board, bank):
        bank.doors[3].item = True
        await board.read_doors()
        assert [channel for channel, seen in board.inside.items() if seen is Inside.PRESENT] == [3]
        bank.doors[3].item = False
        await board.read_doors()
        assert set(board.inside.values()) == {Inside.ABSENT}
