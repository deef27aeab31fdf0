"""`python -m edge run` with devices that somebody else built, by device path and by `socket://`: a deposit each."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hall.addresses import fresh_ports
from hall.directory import RunDirectory
from hall.processes import until
from hall.toml import write_toml
from hall.visitor import Page, Visitor
from tests.integration.foreign_devices import Board, Board8a, BoardCu48, Device, Printer
from tests.integration.test_edge_process import running

WITHIN_S = 20.0
HIGH = {"status_byte_order": "high_first", "single_polarity": "closed_is_11", "bitmap_polarity": "one_is_open"}
LOW = {"status_byte_order": "low_first", "single_polarity": "closed_is_00", "bitmap_polarity": "one_is_closed"}


@dataclass
class Kiosk:
    """A person at the screen of one station."""

    visitor: Visitor
    database: Path

    async def hand_in(self) -> None:
        page = await self.visitor.press(await self.visitor.open(), "hand-in")
        page = await self.visitor.press(page, "size-s")
        await self.visitor.press(page, "skip-phone", phone="")

    async def wait(self, *steps: str) -> Page:
        """Look until the screen shows one of these steps."""
        shown: list[Page] = []

        async def reached() -> bool:
            shown.append(await self.visitor.open())
            return shown[-1].data("step") in steps

        await until(reached, WITHIN_S, f"the step {' or '.join(steps)}")
        return shown[-1]

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as store:
            return [(kind, json.loads(body)["data"]) for kind, body in store.execute("SELECT type, body FROM outbox")]


def station_file(folder: Path, family: str, board: Board, settings: dict[str, str], printer: Printer | None) -> Path:
    """The demonstration's file with other devices, as somebody who set up a station by hand would write it."""
    made = RunDirectory(folder / "run")
    made.prepare(fresh_ports())
    table: dict[str, Any] = tomllib.loads(made.station_file.read_text())
    for section in ("simulate", "clock", "receipt_printer", "cabinets"):
        table.pop(section, None)
    address, channels = (1, 24) if family == "lock8a" else (0, 48)
    named = {"name": "main", "family": family, "port": board.port, "address": address, "channels": channels}
    table["boards"] = [{**named, "settings": settings}]
    table["compartments"] = [
        {"number": number, "board": "main", "channel": channel, "size": "s", "reach": "middle"}
        for number, channel in ((1, 17), (2, channels), (3, 1))
    ]
    if printer is not None:
        table["receipt_printer"] = {"family": "escpos_text", "port": printer.port}
    made.station_file.write_text(write_toml(table), encoding="utf-8")
    return made.station_file


@asynccontextmanager
async def a_kiosk(
    folder: Path,
    board: Board,
    *,
    settings: dict[str, str] | None = None,
    tcp: bool = False,
    printer: Printer | None = None,
) -> AsyncIterator[Kiosk]:
    family = "lock8a" if isinstance(board, Board8a) else "kerong_cu48"
    async with AsyncExitStack() as stack:
        devices: list[Device] = [board] if printer is None else [board, printer]
        for n, device in enumerate(devices):
            await stack.enter_async_context(device.on_tcp() if tcp else device.on_pty(folder / f"tty{n}"))
        file = station_file(folder, family, board, settings or {}, printer)
        _, origin = await stack.enter_async_context(running(file))
        visitor = await stack.enter_async_context(Visitor(origin))
        kiosk = Kiosk(visitor, folder / "run" / "station" / "station.db")

        async def usable() -> bool:
            page = await visitor.open()
            return any(form.button(data_test="hand-in") for form in page.forms)

        await until(usable, WITHIN_S, "a compartment that is known to be shut")
        yield kiosk


@pytest.mark.parametrize(
    ("make", "settings", "tcp"),
    [
        (Board8a, HIGH, False),
        (lambda: Board8a(groups=4, high_first=False, open_bit=0, closed_contact=0x00), LOW, True),
        (lambda: Board8a(tells_changes=True, chop=True), HIGH, True),
        (lambda: Board8a(closed_contact=0x00, high_first=False, open_bit=0, echo=True), LOW, False),
        (BoardCu48, {}, True),
        (lambda: BoardCu48(chop=True, echo=True), {}, False),
    ],
    ids=["8a", "8a low first, four groups", "8a chopped, tells changes", "8a echo", "cu48", "cu48 chopped, echo"],
)
async def test_a_deposit_with_any_program_that_answers(
    tmp_path: Path, make: Callable[[], Board], settings: dict[str, str], tcp: bool
) -> None:
    board = make()
    async with a_kiosk(tmp_path, board, settings=settings, tcp=tcp) as kiosk:
        await kiosk.hand_in()
        await kiosk.wait("open")
        assert board.fired == [17]
        board.open.clear()
        await kiosk.visitor.press(await kiosk.wait("closed"), "confirm")
        await kiosk.wait("result")
        kinds = [kind for kind, _ in kiosk.events()]
        assert [kinds.count(kind) for kind in ("door_opened", "door_closed", "deposit_made")] == [1, 1, 1]
        assert board.fired == [17]


async def test_a_door_that_does_not_open_is_tried_twice_and_another_given(tmp_path: Path) -> None:
    board = BoardCu48()
    board.jammed = {17}
    async with a_kiosk(tmp_path, board) as kiosk:
        await kiosk.hand_in()
        await kiosk.wait("open")
        assert board.fired[:2] == [17, 17]
        assert len(board.fired) == 3
        told = kiosk.events()
        assert ("door_failed", 1) in [(kind, data.get("compartment")) for kind, data in told]
        assert ("compartment_taken_out", 1) in [(kind, data.get("compartment")) for kind, data in told]


@pytest.mark.parametrize("make", [Board8a, BoardCu48])
async def test_a_board_that_falls_silent_is_not_believed(tmp_path: Path, make: Callable[[], Board]) -> None:
    board = make()
    async with a_kiosk(tmp_path, board) as kiosk:
        await kiosk.hand_in()
        await kiosk.wait("open")
        board.mute = True
        board.open.clear()

        async def failed() -> bool:
            return any(kind == "device_failed" for kind, _ in kiosk.events())

        await until(failed, WITHIN_S, "the board is missed")
        assert (await kiosk.visitor.open()).data("step") == "open"
        board.mute = False
        await kiosk.wait("closed")
        assert board.fired == [17]


@pytest.mark.parametrize("out", [False, True])
async def test_a_printer_is_asked_and_believed(tmp_path: Path, out: bool) -> None:
    board, printer = Board8a(), Printer(out=out)
    async with a_kiosk(tmp_path, board, printer=printer, tcp=True) as kiosk:
        await kiosk.hand_in()
        await kiosk.wait("open")
        board.open.clear()
        await kiosk.visitor.press(await kiosk.wait("closed"), "confirm")

        async def ended() -> bool:
            return any(kind in ("print_done", "print_failed") for kind, _ in kiosk.events())

        await until(ended, WITHIN_S, "the slip is printed, or not")
        kinds = {kind for kind, _ in kiosk.events()}
        assert ("print_failed" in kinds, "print_done" in kinds) == (out, not out)
        assert "deposit_made" in kinds
        assert ("收件凭条".encode("gb18030") in printer.paper) == (not out)
