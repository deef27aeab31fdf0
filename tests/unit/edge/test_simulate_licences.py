"""The simulated licence printer of a simulated station, asked by the drivers that a station has."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.config import StationConfig, load_station
from edge.errors import ConfigError, LinkError
from edge.lockers.registry import open_boards
from edge.paper_ports import LicencePrinter, OutputSensor
from edge.printers.registry import open_licence_printer, output_sensor, trays
from edge.simulate import run_simulation
from tests.unit.edge.test_simulate import STATION, Control

PRINTER = """
[licence_printer]
uri = "ipp://localhost/ipp/print"
socket = "{folder}/ipp"
output = {{ board = "one", channel = {channel}, paper = "{paper}" }}
[licence_printer.trays.tray-1]
stock = "licence_original"
width_mm = 420
height_mm = 297
type = "stationery-preprinted"
[licence_printer.trays.tray-2]
width_mm = 210
height_mm = 297
"""


def _file(tmp_path: Path, paper: str = "closed", channel: int = 24) -> Path:
    file = tmp_path / "station.toml"
    text = (STATION + PRINTER).format(folder=tmp_path, paper=paper, channel=channel)
    file.write_text(text, encoding="utf-8")
    return file


@pytest.fixture(params=["closed", "open"])
async def station(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[tuple[StationConfig, Control]]:
    file = _file(tmp_path, request.param)
    running = asyncio.create_task(run_simulation(file))
    control = await Control.connect(tmp_path / "simulate.sock")
    yield load_station(file), control
    control.close()
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


@pytest.fixture
async def devices(station: tuple[StationConfig, Control]) -> AsyncIterator[tuple[LicencePrinter, OutputSensor]]:
    config, file = station[0], Path("station.toml")
    assert config.licence_printer is not None
    async with (
        open_boards(file, config.boards) as boards,
        open_licence_printer(file, config.licence_printer) as printer,
    ):
        sensor = output_sensor(config.licence_printer, boards)
        assert sensor is not None
        yield printer, sensor


async def _says(sensor: OutputSensor, paper: bool) -> None:
    async with asyncio.timeout(5):
        while await sensor.paper() is not paper:  # noqa: ASYNC110 - a contact sets no event
            await asyncio.sleep(0.02)


async def test_a_sheet_is_printed_seen_and_taken(
    station: tuple[StationConfig, Control], devices: tuple[LicencePrinter, OutputSensor]
) -> None:
    (config, control), (printer, sensor) = station, devices
    assert config.licence_printer is not None
    stock = trays(config.licence_printer)["licence_original"]
    await _says(sensor, paper=False)
    await printer.send(b"%PDF-1.7", "nd-1", stock)
    await _says(sensor, paper=True)
    assert (await control.do(do="licence_printer"))["output"] == ["nd-1"]
    await control.do(do="licence_printer", take=True)
    await _says(sensor, paper=False)


async def test_a_person_can_empty_jam_and_switch_it_off(
    station: tuple[StationConfig, Control], devices: tuple[LicencePrinter, OutputSensor]
) -> None:
    control, printer = station[1], devices[0]
    await control.do(do="licence_printer", tray="tray-1", sheets=0)
    assert [stock.tray for stock in (await printer.look()).ready or ()] == ["tray-2"]
    await control.do(do="licence_printer", moods={"cover_open": True})
    assert (await printer.look()).reasons == ("cover-open-error", "media-empty-report")
    await control.do(do="licence_printer", plugged=False)
    with pytest.raises(LinkError):
        await printer.look()
    await control.do(do="licence_printer", plugged=True)
    assert (await printer.look()).state == "stopped"


async def test_what_it_cannot_do_is_refused_in_words(station: tuple[StationConfig, Control]) -> None:
    control = station[1]
    answer = await control.send('{"do": "licence_printer", "moods": {"toner": "blue"}}')
    assert answer == {"ok": False, "error": "toner must be one of ok, low, empty"}
    answer = await control.send('{"do": "licence_printer", "tray": "tray-9"}')
    assert answer == {"ok": False, "error": "tray must be one of tray-1, tray-2"}


@pytest.mark.parametrize("channel", [5, 25])
def test_the_sensor_stands_at_a_channel_that_is_no_door(tmp_path: Path, channel: int) -> None:
    with pytest.raises(ConfigError, match=r"licence_printer\.output\.channel"):
        load_station(_file(tmp_path, channel=channel))
