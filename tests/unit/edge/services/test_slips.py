"""Slips on a printer of dots: set from the layout, marked when late, plain text when no paper can be set."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, get_args
from unittest.mock import ANY
from uuid import uuid4

import pytest

from edge.clock import SystemClock
from edge.config import ReceiptPrinterConfig
from edge.core.consumables import Roll
from edge.core.visit import Occasion, Slip
from edge.links.simulator import Pty
from edge.printers.layouts.facts import Facts
from edge.printers.layouts.fonts import load_faces
from edge.printers.layouts.press import open_press
from edge.printers.layouts.typeset import Typesetter
from edge.printers.receipt.raster import job
from edge.printers.receipt.simulator import Picture, ReceiptSimulator
from edge.printers.registry import open_receipt_printer
from edge.services.devices import Devices
from edge.services.slip_texts import SlipText, layout_of
from edge.services.slips import Slips
from edge.store.papers import StoredSlip
from edge.store.unit_of_work import Store

NAMES = ("东城区政务服务中心 24小时自助区", "Dongcheng Government Service Centre, 24-hour area")
NUMBER = "PWR62DY9N4C"
SLIP = Slip(NUMBER, 12, "deposit_done", count=3, detail=("承办窗口 Window  3",))


class Counter:
    """One printer's queue over a real store, with a simulated printer at a pseudo-terminal."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.store = store
        self.pty = Pty(folder / "tty", lambda data: self.pty.send(self.paper.receive(data)))
        self.paper = ReceiptSimulator(say=self.pty.send)
        self.slips: Slips

    async def counted(self, cuts: int) -> Roll:
        """Wait until so many cuts are on record; return the roll."""
        async with asyncio.timeout(20):
            while (roll := await self.store.read(lambda tx: tx.roll())).cuts < cuts:  # noqa: ASYNC110 - a commit sets no event
                await asyncio.sleep(0.01)
        return roll

    async def print(self) -> StoredSlip:
        """Commit a slip and have it printed; return it when its fate is known."""
        stored = await self.store.transact(lambda tx: self.slips.add(tx, uuid4(), SLIP))
        self.slips.print_soon(stored)
        async with asyncio.timeout(20):
            while self.slips.status(stored.visit) == "printing":
                await self.slips.changes.after(self.slips.changes.revision)
        return stored


@asynccontextmanager
async def _counter(folder: Path, fonts_dir: str = "") -> AsyncIterator[Counter]:
    async with await Store.open(folder / "station.db", SystemClock("Asia/Shanghai"), software="test") as store:
        counter = Counter(folder, store)
        counter.pty.plug()
        settings: dict[str, str | int | float | bool] = {"answer_ms": 300, "settle_ms": 10, "fonts_dir": fonts_dir}
        config = ReceiptPrinterConfig(port=str(folder / "tty"), family="escpos", settings=settings)
        async with open_receipt_printer(folder / "station.toml", config) as printer:
            counter.slips = Slips(store, printer, Devices(store), names=NAMES, new_id=uuid4, retry_seconds=0.1)
            running = asyncio.create_task(counter.slips.run())
            yield counter
            running.cancel()
        counter.pty.unplug()


async def _expected(stored: StoredSlip, *, again: bool) -> Picture:
    """Burn the layout's own dots on another printer."""
    text = SlipText(SLIP.occasion, *NAMES, 12, stored.made_at, NUMBER, SLIP.count, SLIP.detail)
    other = ReceiptSimulator()
    async with open_press() as press:
        other.receive(b"".join(job(await press.dots("receipt", text.facts(again=again)))))
    return other.pictures[0]


async def test_a_slip_is_set_from_the_layout(tmp_path: Path) -> None:
    async with _counter(tmp_path) as counter:
        stored = await counter.print()
        assert counter.slips.status(stored.visit) == "printed"
        assert counter.paper.pictures == [await _expected(stored, again=False)]


async def test_a_slip_whose_roll_ended_comes_out_later_whole_and_marked(tmp_path: Path) -> None:
    async with _counter(tmp_path) as counter:
        counter.paper.rows_left = 100
        stored = await counter.print()
        assert counter.slips.status(stored.visit) == "failed"
        assert counter.paper.pictures == []
        counter.paper.paper = "ok"
        async with asyncio.timeout(20):
            while not counter.paper.pictures:  # noqa: ASYNC110 - paper sets no event
                await asyncio.sleep(0.02)
        assert counter.paper.pictures == [await _expected(stored, again=True)]


async def test_when_no_paper_can_be_set_the_slip_comes_as_text(tmp_path: Path) -> None:
    async with _counter(tmp_path, fonts_dir=str(tmp_path / "nowhere")) as counter:
        stored = await counter.print()
        assert counter.slips.status(stored.visit) == "printed"
        assert counter.paper.pictures == []
        assert "PWR62-DY9N4-C" in counter.paper.text


@pytest.mark.parametrize("occasion", get_args(Occasion))
async def test_every_occasion_makes_a_paper(occasion: Occasion) -> None:
    text = SlipText(occasion, *NAMES, 12, datetime(2026, 11, 24, 22, 3, tzinfo=UTC), NUMBER, 3, ("一行 A line",))
    assert isinstance(_setter().check(text.layout, text.facts(again=True)), Facts)


def test_failures_say_what_happened_where_the_things_are_and_what_to_do() -> None:
    receipts = {each for each in get_args(Occasion) if layout_of(each) == "receipt"}
    assert receipts == {"deposit_done", "submission_done", "waiting", "trolley"}
    said = SlipText("pickup_failed", *NAMES, 12, datetime(2026, 11, 24, tzinfo=UTC), NUMBER).facts(again=False)
    assert (said["happened_zh"], said["safe_en"]) == (
        "柜门没有打开。",
        "Your document is safe inside and your code is still good.",
    )


@cache
def _setter() -> Typesetter:
    return Typesetter(load_faces())


async def test_paper_is_counted_with_each_slip_and_its_end_is_told_once(tmp_path: Path) -> None:
    async with _counter(tmp_path) as counter:
        await counter.slips.roll.put_in()
        await counter.print()
        first = await counter.counted(1)
        rows = len(counter.paper.pictures[0].lines)
        assert rows * 25_400 // 203 < first.printed_um < (rows + 20) * 25_400 // 203 + 15_000
        assert (first.cuts, first.length_mm) == (1, None)
        counter.paper.paper = "near_end"
        await counter.print()
        await counter.print()
        assert (await counter.counted(3)).cuts == 3
    # A restart neither loses nor tells again.
    async with _counter(tmp_path) as counter:
        counter.paper.paper = "near_end"
        await counter.print()
        await counter.counted(4)
        view = await counter.slips.roll.view()
        assert view is not None
        assert (view.cuts, view.need, view.days) == (4, "paper_near_end", None)
        await counter.slips.roll.watch()
        types = [each["type"] for each in await _told(counter.store)]
        assert types.count("device_failed") == 1
        counter.paper.paper = "ok"
        assert await counter.slips.check() == ""
        await counter.slips.roll.put_in()
        assert await counter.slips.roll.view() == replace(view, left_mm=None, printed_mm=0, cuts=0, need="", put_in=ANY)


async def test_paper_that_is_out_is_one_alarm_and_not_two(tmp_path: Path) -> None:
    async with _counter(tmp_path) as counter:
        counter.paper.paper = "out"
        assert await counter.slips.check() != ""
        view = await counter.slips.roll.view()
        assert view is not None
        assert (view.left_mm, view.need) == (0, "paper_out")
        failed = [each for each in await _told(counter.store) if each["type"] == "device_failed"]
        assert [each["data"]["device"] for each in failed] == ["printer-receipt"]


async def _told(store: Store) -> list[dict[str, Any]]:
    return [json.loads(row.body) for row in await store.pending(0, 1000)]
