"""From the wish for a paper to its first byte at the printer: a slip over a pty, a licence over IPP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from subprocess import PIPE, Popen
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from edge.clock import SystemClock
from edge.config import ReceiptPrinterConfig
from edge.core import stock
from edge.core.printing import PrintStep
from edge.links.simulator import Pty
from edge.paper_ports import DotsPrinter, Press, Stock
from edge.printers.licence.driver import Settings, open_ipp_printer
from edge.printers.receipt.simulator import ReceiptSimulator
from edge.printers.registry import open_receipt_printer
from edge.services.issue_papers import IssuePapers
from edge.services.paper_parts import Machine, Patience, PrintContent
from edge.store.unit_of_work import Store, Transaction
from hall.processes import ROOT, environment, python
from tests.print_orders import an_order, put_in_force
from tests.unit.edge.printers.layouts.examples import EXAMPLES

_RASTER, _PDF = b"\x1d\x76\x30", b"%PDF"
_CLOCK = SystemClock("Asia/Shanghai")
_KIND, _TRAY = "licence_copy", "tray-1"
_STOCK = Stock(297_000, 210_000, _TRAY, "secure")
_FACTS = {**EXAMPLES["licence_copy"], "production": True}


class Far:
    """The far end of a wire: when the first byte of a paper arrived."""

    def __init__(self, mark: bytes) -> None:
        self._mark, self._seen = mark, b""
        self.at: float | None = None

    def begin(self) -> None:
        self.at, self._seen = None, b""

    def heard(self, data: bytes) -> None:
        if self.at is None:
            self._seen = self._seen[-8:] + data
            self.at = time.perf_counter() if self._mark in self._seen else None


async def receipts(folder: Path, runs: int) -> list[float]:
    """Milliseconds from the service's call to the first byte of the picture; the worker is warm, as in a night."""
    far, machine = Far(_RASTER), ReceiptSimulator()

    def heard(data: bytes) -> None:
        far.heard(data)
        if answer := machine.receive(data):
            pty.send(answer)

    pty = Pty(folder / "tty", heard)
    pty.plug()
    config = ReceiptPrinterConfig(port=str(folder / "tty"), family="escpos", settings={"settle_ms": 20, "look_ms": 2})
    took: list[float] = []
    async with open_receipt_printer(folder, config) as printer:
        assert isinstance(printer, DotsPrinter)
        await printer.print_paper("receipt", EXAMPLES["receipt"])
        for number in range(runs):
            far.begin()
            began = time.perf_counter()
            await printer.print_paper("receipt", {**EXAMPLES["receipt"], "number": f"7K3M9-{number:05}-4"})
            assert far.at is not None
            took.append((far.at - began) * 1000)
    pty.unplug()
    return took


async def licences(folder: Path, press: Press, runs: int) -> list[float]:
    """Milliseconds from `IssuePapers.start` (content set, printer asked, three commits) to the PDF's first byte."""
    far, took = Far(_PDF), []
    async with await Store.open(folder / "station.db", _CLOCK) as store, _forwarded(folder, far) as uri:
        await store.transact(lambda tx: _load(tx, runs + 1))
        async with open_ipp_printer("licence", uri, Settings()) as printer:
            machine = Machine(printer, {_KIND: _STOCK})
            issue = IssuePapers(store, machine, press, _Contents(), _CLOCK, new_id=uuid4, patience=Patience(0.02))
            running = asyncio.create_task(issue.run())
            for number in range(runs + 1):
                order = an_order(b"", layout=_KIND, stock=_KIND, certificate=f"C-{number}")
                await put_in_force(store, order, version=number + 1)
                far.begin()
                began = time.perf_counter()
                job = await issue.start(order, uuid4())
                assert far.at is not None
                took.append((far.at - began) * 1000)
                async with asyncio.timeout(20):
                    while (await issue.view(job)).step is not PrintStep.PRINTED:  # noqa: ASYNC110 - a printer sets no event
                        await asyncio.sleep(0.02)
                await issue.taken(job)
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
    return took[1:]


class _Contents:
    async def content(self, order: UUID) -> PrintContent:
        return PrintContent(facts=_FACTS)

    async def wipe(self, order: UUID) -> None:
        """Nothing is kept."""


def _load(tx: Transaction, sheets: int) -> None:
    tx.save_blanks(stock.receive(tx.blanks(), _KIND, "B00001", f"B{sheets:05}"))
    tx.save_blanks(stock.load(tx.blanks(), _TRAY, _KIND, "B00001", f"B{sheets:05}"))


@contextmanager
def _printer(folder: Path) -> Iterator[str]:
    tray = f"{_TRAY}:{_STOCK.type}:297x210:5000"
    command = python("edge.printers.licence.simulator", "--folder", str(folder / "printer"), "--tray", tray)
    with Popen(
        [*command, "--mood", "sheet_seconds=0.01"], cwd=ROOT, env=environment(), stdout=PIPE, text=True
    ) as alone:
        assert alone.stdout is not None
        yield alone.stdout.readline().split()[1]
        alone.kill()


@asynccontextmanager
async def _forwarded(folder: Path, far: Far) -> AsyncIterator[str]:
    """Yield the address of a printer whose traffic is watched on the way."""
    with _printer(folder) as uri:
        there = urlsplit(uri)

        async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, to_printer: bool) -> None:
            while data := await reader.read(1 << 16):
                if to_printer:
                    far.heard(data)
                writer.write(data)
            writer.close()

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            back, on = await asyncio.open_connection(there.hostname, there.port)
            await asyncio.gather(carry(reader, on, True), carry(back, writer, False), return_exceptions=True)

        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        yield f"ipp://127.0.0.1:{port}{there.path}"
        server.close()
