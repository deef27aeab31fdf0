"""The receipt printer's roll at the station: counted with each slip's fate, a technician told once."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from edge.core import consumables
from edge.errors import TryAgainError
from edge.paper_ports import MeteredPrinter, ReceiptPrinter
from edge.services.devices import Devices
from edge.store.unit_of_work import Store, Transaction

DEVICE = "printer-receipt-paper"


@dataclass(frozen=True, slots=True)
class RollView:
    """What is known of the roll; `left_mm` and `days` are None where that is nothing."""

    left_mm: int | None
    days: int | None
    printed_mm: int
    cuts: int
    put_in: datetime | None
    need: consumables.Need


class PaperRoll:
    """Counts what a metered printer feeds; of another nothing is known and nothing shown."""

    def __init__(self, store: Store, printer: ReceiptPrinter | None, devices: Devices) -> None:
        self._store, self._devices = store, devices
        self._printer = printer if isinstance(printer, MeteredPrinter) else None
        # The printer's meter begins anew with each life of this process.
        self._life = str(uuid4())

    def count(self, tx: Transaction) -> None:
        """Count what was fed up to now, in the transaction that says what became of a slip."""
        if self._printer is not None:
            tx.count_paper(self._life, self._printer.meter)

    async def watch(self) -> None:
        """Call a technician before the roll ends, once; an end of the need is told too. A busy store waits."""
        with contextlib.suppress(TryAgainError):
            view = await self.view()
            # That it is out already is the printer's own fault, and told as such.
            if view is not None and view.need != "paper_out":
                await (self._devices.failed(DEVICE, view.need) if view.need else self._devices.recovered(DEVICE))

    async def heard(self) -> None:
        """Take what the printer's sensor just said."""
        if self._printer is not None:
            await self._store.transact(self.count)
            await self.watch()

    async def put_in(self) -> None:
        """Take a person's word that a new roll is in; what its sensor says of it is asked before.

        Raises:
            StoreBusyError: nothing was recorded.
        """
        if self._printer is None:
            return
        meter = self._printer.meter

        def work(tx: Transaction) -> None:
            tx.count_paper(self._life, meter)
            tx.put_in_roll(meter.roll_mm)
            # The sensor's word on the new roll: one that is nearly used up is so from its first day.
            tx.count_paper(self._life, meter)

        await self._store.transact(work)
        await self.watch()

    async def view(self) -> RollView | None:
        """Return what is known, None without a printer that is metered."""
        if self._printer is None:
            return None
        near_end_mm = self._printer.meter.near_end_mm

        def read(tx: Transaction) -> RollView:
            roll = tx.roll()
            left = consumables.left_mm(roll, near_end_mm)
            days = consumables.days_left(left, tx.paper_use(), tx.today())
            need = consumables.need(roll, near_end_mm, days)
            return RollView(left, days, roll.printed_mm, roll.cuts, roll.put_in, need)

        return await self._store.read(read)
