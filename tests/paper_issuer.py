"""A station's papers as a process that proofs may kill: `python -m tests.paper_issuer FOLDER [sensor]`.

FOLDER has the station's store and contents, and the printer beside it: its local socket, its control, its record of
sheets. The process is the visitor and the staff as well: it asks for each paper until it is out, takes what lies in the
output, and when a paper is in doubt it looks at the record of sheets, as a person looks at paper.
"""

from __future__ import annotations

import asyncio
import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from contract.events import FileReference
from contract.pdf_signatures import PdfFinding
from contract.print_orders import PDF_TYPE, RECEIVED, PrintOrder
from edge.clock import SystemClock
from edge.core import stock
from edge.core.printing import Found, PrintStep
from edge.errors import LinkError, TryAgainError
from edge.paper_ports import Stock
from edge.printers.layouts.press import open_press
from edge.printers.licence.driver import Settings, open_ipp_printer
from edge.printers.licence.simulator import sheets_of
from edge.services.issue_papers import IssuePapers
from edge.services.paper_parts import Machine, Patience
from edge.services.print_orders import PrintOrders
from edge.services.refusals import RefusedError
from edge.store.files import Files
from edge.store.unit_of_work import Store, Transaction
from tests.print_orders import an_order, put_in_force

KEY, CLOCK = b"k" * 32, SystemClock("Asia/Shanghai")
KIND, TRAY, PLAIN = "licence_original", "tray-1", "tray-2"
FIRST, LAST = "A0001", "A0008"
TRAYS = {KIND: Stock(297_000, 420_000, TRAY, "secure"), None: Stock(210_000, 297_000, PLAIN, "stationery")}
PATIENCE = Patience(poll_s=0.02, print_s=0.6, take_s=5.0)
CONTENTS = tuple(f"%PDF-1.7 paper {number}".encode() for number in range(3))
STAFF = ("B-1", "B-2")
TRIES_S = 30.0
REPAIRED = {"jam": False, "comes": "sheet", "toner": "ok"}


async def prepare(folder: Path) -> None:
    """Load a tray, and put three orders and their contents where the uplink puts them."""
    async with await Store.open(folder / "station.db", CLOCK) as store:

        def load(tx: Transaction) -> None:
            tx.save_blanks(stock.receive(tx.blanks(), KIND, FIRST, LAST))
            tx.save_blanks(stock.load(tx.blanks(), TRAY, KIND, FIRST, LAST))

        await store.transact(load)
        with closing(Files(folder / "papers", KEY)) as files:
            orders = PrintOrders(store, files, believed)
            listed = [an_order_of(number) for number in range(len(CONTENTS))]
            await put_in_force(store, *listed)
            for content in CONTENTS:
                await orders.keep(content)


def an_order_of(number: int) -> PrintOrder:
    """Return one of the orders: two licences and a paper on plain sheets."""
    said = an_order(CONTENTS[number])
    reference = FileReference(sha256=said.content.sha256, size=said.content.size, media_type=PDF_TYPE)
    kind = KIND if number < 2 else None
    values = {"layout": RECEIVED, "content": reference, "stock": kind, "order": UUID(int=number + 1)}
    return PrintOrder.model_validate(said.model_dump() | values | {"certificate": f"CERT-{number + 1}"})


async def believed(_pdf: bytes) -> PdfFinding:
    """Judge signatures: these PDFs have none, and are about other things."""
    return PdfFinding.SOUND


class Control:
    """The hands and eyes at the printer; also its sensor."""

    def __init__(self, socket: Path) -> None:
        self._socket = socket

    async def ask(self, **request: object) -> dict[str, Any]:
        try:
            reader, writer = await asyncio.open_unix_connection(self._socket)
        except OSError as error:
            raise LinkError("the printer has no power") from error
        with closing(writer):
            writer.write(json.dumps(request).encode() + b"\n")
            said: dict[str, Any] = json.loads(await reader.readline() or b"{}")
        return said

    async def paper(self) -> bool | None:
        return bool((await self.ask(do="state")).get("output"))


class Visitor:
    """Whoever wants one paper, and the staff who help."""

    def __init__(self, folder: Path, issue: IssuePapers, store: Store, control: Control, *, sensor: bool) -> None:
        self._folder, self._issue, self._store, self._control, self._sensor = folder, issue, store, control, sensor

    async def fetch(self, order: PrintOrder) -> None:
        """Ask until the paper is out; refusals and doubts are met as at a station."""
        while not await self._step_of(order, PrintStep.TAKEN, PrintStep.LEFT):
            doubt = await self._step_of(order, PrintStep.UNVERIFIED)
            try:
                if doubt:
                    await self._look(doubt)
                else:
                    await self._issue.start(order, uuid4())
            except RefusedError as error:
                if error.text in {"print_output_full", "print_jam"}:
                    # A paper that was left, or a jam that nobody cleared: a technician is called.
                    await self._control.ask(do="set", take=True, moods=REPAIRED)
            except TryAgainError:
                pass
            await self._take(order)
            await asyncio.sleep(0.02)

    async def _look(self, job: UUID) -> None:
        held = await self._store.read(lambda tx: tx.print_job(job))
        assert held is not None
        sheets = sheets_of(self._folder / "printer")
        found: Found = "printed" if sheets[held.name] else "spoiled" if sheets[f"{held.name} spoiled"] else "blank"
        await self._issue.decide(job, found, STAFF)
        await self._control.ask(do="set", take=True, moods=REPAIRED)

    async def _take(self, order: PrintOrder) -> None:
        """Take what lies in the output once the station says so; without a sensor, say that it was taken."""
        job = await self._step_of(order, PrintStep.PRINTED)
        if job:
            await self._control.ask(do="set", take=True)
            if not self._sensor:
                await self._issue.taken(job)

    async def _step_of(self, order: PrintOrder, *steps: PrintStep) -> UUID | None:
        jobs = await self._store.read(lambda tx: tx.jobs_of_order(order.order))
        return next((each.id for each in jobs if each.step in steps), None)


async def run(folder: Path, *, sensor: bool) -> None:
    """Issue every paper, as the station does: contents swept at the start, one paper after another."""
    control = Control(folder / "control")
    async with await Store.open(folder / "station.db", CLOCK) as store, open_press() as press:
        with closing(Files(folder / "papers", KEY)) as files:
            orders = PrintOrders(store, files, believed)
            await orders.sweep()
            settings = Settings(answer_seconds=0.3)
            async with open_ipp_printer("licence", "ipp://localhost/ipp/print", settings, folder / "ipp") as printer:
                machine = Machine(printer, TRAYS, control if sensor else None)
                issue = IssuePapers(store, machine, press, orders, CLOCK, new_id=uuid4, patience=PATIENCE)
                running = asyncio.create_task(issue.run())
                visitor = Visitor(folder, issue, store, control, sensor=sensor)
                async with asyncio.timeout(TRIES_S):
                    for number in range(len(CONTENTS)):
                        await visitor.fetch(an_order_of(number))
                    while await files.all():  # noqa: ASYNC110 - a disk sets no event
                        await asyncio.sleep(0.02)
                running.cancel()


if __name__ == "__main__":
    asyncio.run(run(Path(sys.argv[1]), sensor="sensor" in sys.argv[2:]))
