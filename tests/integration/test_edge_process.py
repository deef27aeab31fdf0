"""`python -m edge` as a process: ready, small, stopped when asked, alone on its store, clear about what is wrong."""

from __future__ import annotations

import asyncio
import os
import signal
import time
import tomllib
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge import VERSION
from hall.addresses import free_port
from hall.house import House
from hall.processes import ROOT, python
from hall.toml import write_toml

# The measured figures stand in the benchmark; here a shared machine gets room.
READY_WITHIN_S = 10.0
MOST_MEMORY_KIB = 90 * 1024


@dataclass
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


async def edge(command: str, file: Path) -> Ended:
    process = await start(command, file)
    async with asyncio.timeout(30):
        out, err = await process.communicate()
    return Ended(process.returncode or 0, out.decode(), err.decode())


async def start(command: str, file: Path) -> Process:
    arguments = python("edge", command, "--station", str(file))
    return await asyncio.create_subprocess_exec(*arguments, cwd=ROOT, stdout=PIPE, stderr=PIPE)


@asynccontextmanager
async def running(file: Path) -> AsyncIterator[tuple[Process, str]]:
    """The station as a process, ready; yields it with the kiosk's address."""
    process = await start("run", file)
    try:
        assert process.stdout is not None
        async with asyncio.timeout(READY_WITHIN_S):
            line = (await process.stdout.readline()).decode()
        if not line.startswith("ready http"):
            _, err = await process.communicate()
            pytest.fail(f"not ready: {line}{err.decode()}")
        yield process, line.split()[1]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """Simulated devices, keys and a station file; no broker, no hub."""
    async with House(tmp_path / "run", parts=("simulate",)) as made:
        await made.start()
        yield made


def changed(file: Path, section: str, **values: object) -> Path:
    """A copy of the station file with other values in one section."""
    table: dict[str, Any] = tomllib.loads(file.read_text())
    table[section] |= values
    copy = file.with_name(f"station-{section}-{len(list(file.parent.iterdir()))}.toml")
    copy.write_text(write_toml(table))
    return copy


def memory_kib(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))


async def test_it_serves_without_broker_and_hub_stays_small_and_stops_when_asked(house: House) -> None:
    async with running(house.directory.station_file) as (process, origin), httpx.AsyncClient() as browser:
        page = await browser.get(origin)
        assert page.status_code == 200
        # A page that is open keeps a stream; it must not keep the process.
        async with browser.stream("GET", f"{origin}/live") as live:
            assert live.status_code == 200
            assert memory_kib(process.pid) <= MOST_MEMORY_KIB
            asked = time.monotonic()
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await process.wait() == 0
            assert time.monotonic() - asked < 5


async def test_a_second_process_on_the_same_store_is_refused(house: House) -> None:
    file = house.directory.station_file
    async with running(file) as (process, _):
        second = await edge("run", changed(file, "kiosk", port=free_port()))
        assert second.code == 78
        assert "wrong configuration" in second.err
        assert "Traceback" not in second.err
        assert process.returncode is None


async def test_a_taken_kiosk_port_is_named(house: House) -> None:
    file = house.directory.station_file
    async with running(file):
        second = await edge("run", changed(file, "station", data_dir=str(file.parent / "other")))
        assert second.code == 78
        assert "kiosk.port" in second.err
        assert not (file.parent / "other").exists()


async def test_killed_and_started_again_it_goes_on(house: House) -> None:
    file = house.directory.station_file
    async with running(file) as (process, _):
        process.kill()
        await process.wait()
    async with running(file) as (process, origin), httpx.AsyncClient() as browser:
        assert (await browser.get(origin)).status_code == 200
        process.send_signal(signal.SIGINT)
        assert await process.wait() == 0


@pytest.mark.parametrize(
    ("section", "values", "key"),
    [
        ("station", {"key_file": "/nowhere/station.key"}, "station.key_file"),
        ("station", {"timezone": "Asia/Peking"}, "station.timezone"),
        ("hub", {"broker": "http://127.0.0.1"}, "hub.broker"),
        ("hub", {"surprise": 1}, "hub.surprise"),
        ("kiosk", {"host": "0.0.0.0"}, "kiosk"),
    ],
)
async def test_a_wrong_file_is_said_in_one_line_and_nothing_starts(
    house: House, section: str, values: dict[str, object], key: str
) -> None:
    file = changed(house.directory.station_file, section, **values)
    ended = await edge("run", file)
    assert (ended.code, ended.out) == (78, "")
    assert key in ended.err
    assert len(ended.err.strip().splitlines()) == 1
    assert not (house.directory.path / "station").exists()


async def test_check_says_of_every_key_whether_it_is_right(tmp_path: Path) -> None:
    async with House(tmp_path / "run", parts=("broker", "simulate")) as house:
        await house.start()
        ended = await edge("check", house.directory.station_file)
        lines = dict(line.split(": ", 1) for line in ended.out.splitlines())
        wrong = [key for key in lines if "WRONG" in key]
        # There is no hub in this house.
        assert [key.split()[-1] for key in wrong] == ["hub.documents_url"]
        assert ended.code == 1
        named = {key.split()[-1] for key in lines}
        assert {
            "file",
            "station.key_file",
            "boards[0].port",
            "receipt_printer.port",
            "kiosk.port",
            "hub.broker",
        } <= named
        assert not (house.directory.path / "station").exists()


async def test_check_finds_what_is_not_there(house: House) -> None:
    file = house.directory.station_file
    os.chmod(tomllib.loads(file.read_text())["station"]["key_file"], 0o644)
    await house.world.do("unplug", board="main")
    ended = await edge("check", changed(file, "hub", documents_token_file="/nowhere/token"))
    wrong = {line.split()[2].rstrip(":") for line in ended.out.splitlines() if "WRONG" in line}
    assert wrong == {"station.key_file", "boards[0].port", "hub.broker", "hub.documents_url"}
    assert ended.code == 1


async def test_check_asks_for_the_virus_scanner(house: House, tmp_path: Path) -> None:
    port = str(tmp_path / "drive.img")
    ended = await edge(
        "check", changed(house.directory.station_file, "usb_drive", port=port, clamd_socket=str(tmp_path / "clamd"))
    )
    assert ended.code == 1
    assert "错误 WRONG usb_drive.clamd_socket" in ended.out


async def test_check_of_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "station.toml").write_text("this is no TOML")
    ended = await edge("check", tmp_path / "station.toml")
    assert ended.code == 1
    assert "WRONG" in ended.out
    assert (await edge("run", tmp_path / "missing.toml")).code == 78


async def test_keys_are_made_once(house: House) -> None:
    key_file = house.directory.path / "fresh" / "station.key"
    file = changed(house.directory.station_file, "station", key_file=str(key_file))
    made = await edge("keys", file)
    assert made.code == 0
    secret = key_file.read_text()
    assert (await edge("keys", file)).code == 0
    assert key_file.read_text() == secret
    assert secret.strip() not in made.out + made.err


def test_the_version_is_the_one_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
