"""Houses of real processes: side by side, killed in part, found again; what the sweeps stand on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from hall.acts.kiosk import Kiosk
from hall.acts.stage import Secrets, Stage
from hall.house import House
from hall.ledger import Ledger
from hall.processes import HouseError
from hall.records import rows, value
from hall.timeline import Timeline
from hall.visitor import Visitor

STATION = ("simulate", "edge")


def stage_of(house: House) -> Stage:
    directory = house.directory
    ledger = Ledger(directory.path / "told.jsonl", directory.now)
    return Stage(house, ledger, Timeline(directory.bytes_log, directory.now, lambda _: None), Secrets("", ""))


def running(pids: list[int]) -> list[int]:
    return [pid for pid in pids if Path(f"/proc/{pid}").exists()]


async def open_a_door(house: House, visitor: Visitor) -> int:
    """Go through the kiosk until a deposit's door stands open; its number."""
    kiosk = Kiosk(stage_of(house), visitor)
    page = await kiosk.press(await kiosk.home(), "hand-in")
    page = await kiosk.press(page, "size-m")
    await kiosk.press(page, "skip-phone", phone="")
    number = int((await kiosk.until_step("opening", "open")).data("compartment") or 0)
    await house.world.until_open(number)
    return number


async def test_a_killed_edge_leaves_its_door_open_and_finds_it_so(tmp_path: Path) -> None:
    async with House(tmp_path, broker="iotcore", parts=STATION) as house:
        await house.start()
        async with Visitor(house.ports.kiosk_url) as visitor:
            number = await open_a_door(house, visitor)
            await house.processes["edge"].kill()
            assert (await house.world.state()).open_doors == {number}
            await house.processes["edge"].start()
        sql = "select allocation from compartments where number = ?"
        assert value(house.directory.station_db, sql, number) == "doubtful"
        assert (await house.world.state()).doors[number].pulses == 1


async def test_houses_stand_side_by_side(tmp_path: Path) -> None:
    async with (
        House(tmp_path / "one", broker="iotcore", parts=STATION) as one,
        House(tmp_path / "two", broker="iotcore", parts=STATION) as two,
    ):
        await one.start()
        await two.start()
        await one.world.do("force", compartment=7)
        await one.world.until_open(7)
        assert (await two.world.state()).open_doors == set()


async def test_one_house_a_directory(tmp_path: Path) -> None:
    async with House(tmp_path, broker="iotcore", parts=()):
        with pytest.raises(HouseError, match="another demonstration runs"):
            async with House(tmp_path, broker="iotcore", parts=()):
                pass
    async with House(tmp_path, broker="iotcore", parts=()):
        pass


async def test_fresh_wipes_neither_a_running_house_nor_a_strange_directory(tmp_path: Path) -> None:
    async with House(tmp_path / "run", broker="iotcore", parts=()) as house:
        key = (house.directory.keys / "station.key").read_text()
        with pytest.raises(HouseError, match="another demonstration runs"):
            async with House(tmp_path / "run", broker="iotcore", parts=(), fresh=True):
                pass
        assert (house.directory.keys / "station.key").read_text() == key
    async with House(tmp_path / "run", broker="iotcore", parts=(), fresh=True) as house:
        assert (house.directory.keys / "station.key").read_text() != key
    with pytest.raises(FileExistsError, match="nothing was removed"):
        async with House(tmp_path, broker="iotcore", parts=(), fresh=True):
            pass


async def test_a_wrapper_stands_before_the_command(tmp_path: Path) -> None:
    strace = shutil.which("strace")
    assert strace is not None
    trace = tmp_path / "trace"
    wrapper = [strace, "-f", "-q", "-e", "trace=fdatasync,fsync", "-o", str(trace)]
    async with House(tmp_path / "run", broker="iotcore", parts=STATION, wrappers={"edge": wrapper}) as house:
        await house.start()
        await house.processes["edge"].kill()
    assert "sync(" in trace.read_text()


async def test_data_survive_a_restart_of_the_house(tmp_path: Path) -> None:
    for started in (1, 2):
        async with House(tmp_path, broker="iotcore", parts=("broker", "simulate", "hub", "edge")) as house:
            await house.start()
            hub = house.directory.hub_db

            async def at_the_hub(hub: Path = hub, started: int = started) -> bool:
                return len(rows(hub, "select id from events where type = 'station_started'")) == started

            await stage_of(house).until(at_the_hub, f"{started} starts of the station at the hub")
            pids = [child.pid for child in house.processes]
        assert not running(pids)
