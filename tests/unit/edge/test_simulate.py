"""The simulated station through its control socket, its logs and the real drivers."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from edge.config import StationConfig, load_station
from edge.errors import NoAnswerError
from edge.lockers.registry import open_boards
from edge.ports import Door
from edge.printers.registry import open_receipt_printer
from edge.simulate import run_simulation

STATION = """
[station]
id = "sim-1"
name_zh = "试"
name_en = "Test"
data_dir = "{folder}/station"
key_file = "{folder}/station.key"
[hub]
broker = "mqtt://127.0.0.1:1"
documents_url = "http://127.0.0.1:1"
documents_token_file = "t"
notify_key = {{ kid = "n", jwk_file = "n" }}
document_keys = [{{ kid = "d", jwk_file = "d", kinds = ["staff"] }}]
[[boards]]
name = "one"
family = "lock8a"
port = "{folder}/ptys/bus"
address = 1
channels = 24
settings = {{ status_byte_order = "low_first", bitmap_polarity = "one_is_closed", single_polarity = "closed_is_00" }}
[[boards]]
name = "two"
family = "lock8a"
port = "{folder}/ptys/bus"
address = 2
channels = 18
[[boards]]
name = "annex"
family = "kerong_cu48"
port = "{folder}/ptys/annex"
address = 0
channels = 48
settings = {{ bitmap_polarity = "one_is_unlocked" }}
[[compartments]]
number = 1
board = "one"
channel = 5
size = "s"
[[compartments]]
number = 2
board = "two"
channel = 6
size = "s"
[[compartments]]
number = 3
board = "annex"
channel = 7
size = "s"
[receipt_printer]
family = "escpos_text"
port = "{folder}/ptys/receipt"
settings = {{ settle_ms = 10 }}
[simulate]
control = "{folder}/simulate.sock"
"""


class Control:
    """A client of the control socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, path: Path) -> Control:
        async with asyncio.timeout(10):
            while True:
                try:
                    return cls(*await asyncio.open_unix_connection(path))
                except (FileNotFoundError, ConnectionRefusedError):
                    await asyncio.sleep(0.01)

    async def send(self, text: str) -> dict[str, Any]:
        self._writer.write(text.encode() + b"\n")
        return await self.next()

    async def next(self) -> dict[str, Any]:
        answer = json.loads(await asyncio.wait_for(self._reader.readline(), 5))
        assert isinstance(answer, dict)
        return answer

    async def do(self, **request: object) -> dict[str, Any]:
        answer = await self.send(json.dumps(request))
        assert answer["ok"], answer
        return answer

    async def door(self, compartment: int) -> dict[str, Any]:
        doors = (await self.do(do="state"))["doors"]
        return next(door for door in doors if door["compartment"] == compartment)

    def close(self) -> None:
        self._writer.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "station.toml"
    file.write_text(STATION.format(folder=tmp_path), encoding="utf-8")
    return file


@pytest.fixture
def config(file: Path) -> StationConfig:
    return load_station(file)


@pytest.fixture
async def control(file: Path, tmp_path: Path) -> AsyncIterator[Control]:
    simulation = asyncio.create_task(run_simulation(file))
    client = await Control.connect(tmp_path / "simulate.sock")
    yield client
    client.close()
    simulation.cancel()
    await asyncio.gather(simulation, return_exceptions=True)


def _lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


async def test_drivers_and_doors_whatever_the_polarity(file: Path, config: StationConfig, control: Control) -> None:
    async with open_boards(file, config.boards) as boards:
        for name, channel, number in (("one", 5, 1), ("two", 6, 2), ("annex", 7, 3)):
            doors = await boards[name].read_doors()
            assert set(doors.values()) == {Door.CLOSED}
            await boards[name].unlock(channel)
            doors = await boards[name].read_doors()
            assert [n for n, door in doors.items() if door is Door.OPEN] == [channel]
            door = await control.door(number)
            assert (door["door"], door["locked"], door["pulses"]) == ("open", False, 1)
            await control.do(do="push", compartment=number)
            assert set((await boards[name].read_doors()).values()) == {Door.CLOSED}
    coils = (await control.do(do="state"))["coil_log"]
    assert [(coil["board"], coil["channel"]) for coil in coils] == [("one", 5), ("two", 6), ("annex", 7)]


async def test_the_logs_are_an_independent_record(
    file: Path, config: StationConfig, control: Control, tmp_path: Path
) -> None:
    async with open_boards(file, config.boards) as boards:
        await boards["one"].unlock(5)
    happened = [(line["what"], line["compartment"], line.get("cause")) for line in _lines(tmp_path / "door-log.jsonl")]
    assert happened == [("pulse", 1, None), ("door", 1, "spring")]
    wire = [(line["device"], line["dir"], line["hex"]) for line in _lines(tmp_path / "bytes-log.jsonl")]
    assert wire == [("one+two", "rx", "8a 01 05 11 9f"), ("one", "tx", "8a 01 05 11 9f")]


async def test_what_a_person_can_do(control: Control) -> None:
    assert (await control.send('{"do":"pull","compartment":1}')) == {"ok": False, "error": "locked"}
    await control.do(do="force", compartment=1)
    assert (await control.door(1))["door"] == "open"
    await control.do(do="push", compartment=1)
    assert (await control.door(1))["locked"]
    await control.do(do="jam", compartment=2, jammed=True)
    await control.do(do="stick", compartment=2, sensor="open")
    await control.do(do="item", compartment=2, inside=True)
    door = await control.door(2)
    assert (door["jammed"], door["stuck_sensor"], door["item"], door["door"]) == (True, "open", True, "closed")
    await control.do(do="stick", compartment=2, sensor=None)
    assert (await control.door(2))["stuck_sensor"] is None


async def test_unplug_and_plug(control: Control, tmp_path: Path) -> None:
    port = tmp_path / "ptys" / "annex"
    assert port.is_symlink()
    await control.do(do="unplug", board="annex")
    assert not port.is_symlink()
    plugged = {board["name"]: board["plugged"] for board in (await control.do(do="state"))["boards"]}
    assert plugged == {"one": True, "two": True, "annex": False}
    await control.do(do="plug", board="annex")
    assert port.is_symlink()


async def test_the_printer(file: Path, config: StationConfig, control: Control, tmp_path: Path) -> None:
    assert config.receipt_printer is not None
    async with open_receipt_printer(file, config.receipt_printer) as printer:
        await printer.print_text(["收件编号", "ABC"])
    assert (await control.do(do="state"))["printer"]["text"] == "收件编号\nABC\n✂\n"
    assert (tmp_path / "slips" / "slip-0001.txt").read_text(encoding="utf-8") == "收件编号\nABC\n"
    await control.do(do="printer", paper="out", plugged=False)
    printed = (await control.do(do="state"))["printer"]
    assert (printed["paper"], printed["plugged"]) == ("out", False)


async def test_noise_is_felt_and_taken_away(file: Path, config: StationConfig, control: Control) -> None:
    async with open_boards(file, config.boards) as boards:
        await control.do(do="noise", board="annex", rate=1.0, seed=1, modes=["drop"])
        with pytest.raises(NoAnswerError, match="heard"):
            await boards["annex"].read_doors()
        await control.do(do="noise", board="annex")
        assert set((await boards["annex"].read_doors()).values()) == {Door.CLOSED}


async def test_watch_tells_every_change(control: Control, tmp_path: Path) -> None:
    watcher = await Control.connect(tmp_path / "simulate.sock")
    first = await watcher.send('{"do":"watch"}')
    assert first["doors"][0]["door"] == "closed"
    await control.do(do="force", compartment=1)
    assert (await watcher.next())["doors"][0]["door"] == "open"
    watcher.close()


@pytest.mark.parametrize(
    "request_text",
    [
        "nonsense",
        "[]",
        "{}",
        '{"do":"explode"}',
        '{"do":["state"]}',
        '{"do":"pull"}',
        '{"do":"pull","compartment":99}',
        '{"do":"jam","compartment":1,"jammed":"yes"}',
        '{"do":"stick","compartment":1,"sensor":"ajar"}',
        '{"do":"unplug","board":"none"}',
        '{"do":"noise","board":"one","modes":["music"]}',
        '{"do":"noise","board":"one","modes":[[]]}',
        '{"do":"noise","board":"one","rate":2}',
        '{"do":"printer","paper":"green"}',
        '{"do":"printer","paper":[]}',
    ],
)
async def test_a_wrong_request_is_refused(control: Control, request_text: str) -> None:
    answer = await control.send(request_text)
    assert answer["ok"] is False
    assert answer["error"]
    assert (await control.do(do="state"))["coil_log"] == []


async def test_as_a_process_that_ends_by_signal(file: Path, tmp_path: Path) -> None:
    code = "import sys; from edge.simulate import main; sys.exit(main(sys.argv[1:]))"
    socket = tmp_path / "other.sock"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, "--station", str(file), "--control", str(socket)
    )
    control = await Control.connect(socket)
    await control.do(do="force", compartment=1)
    control.close()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 10) == 0
    assert not socket.exists()
    assert not (tmp_path / "ptys" / "bus").is_symlink()
    assert _lines(tmp_path / "door-log.jsonl")[-1]["cause"] == "force"
