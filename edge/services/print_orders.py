"""What this station may print, and the contents of it: fetched ahead, encrypted on the disk, gone once they are out.

The orders stand in the signed `print` document; a content is named by its hash in an order and by nothing else, so the
document says which contents belong here and which are swept.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Collection
from functools import partial
from uuid import UUID

from contract.events import FileReference
from contract.pdf_signatures import PdfFinding
from contract.print_orders import FACTS_TYPE, PrintOrder
from edge.clock import Clock
from edge.core.printing import PrintStep
from edge.errors import FileLostError
from edge.services import documents
from edge.services.changes import Changes
from edge.services.paper_parts import PrintContent
from edge.services.refusals import RefusedError
from edge.store.files import Files
from edge.store.unit_of_work import Store, Transaction

_log = logging.getLogger(__name__)
_OUT = frozenset({PrintStep.PRINTED, PrintStep.TAKEN, PrintStep.LEFT})


CheckPdf = Callable[[bytes], Awaitable[PdfFinding]]
"""Says what a received PDF's signatures are worth now."""


class PrintOrders:
    """Orders and contents of this station. `files` is a folder of its own.

    A received PDF is given out only when `check_pdf` finds it sound, however often the hub did (facts on the domain,
    §9, 31); without it, none is. Without a `clock`, or while nothing has set it, no order's end is judged.
    """

    def __init__(
        self, store: Store, files: Files, check_pdf: CheckPdf | None = None, clock: Clock | None = None
    ) -> None:
        self._store, self._files, self._check_pdf, self._clock = store, files, check_pdf, clock
        self.changes = Changes()

    async def of_card(self, card_hash: str) -> list[PrintOrder]:
        """Return what the holder of a card may print at the kiosk, without what is out or over."""
        return await self._store.read(
            lambda tx: [
                each
                for each in documents.print_orders(tx, card_hash=card_hash)
                if each.delivery == "kiosk" and not self._is_over(tx, each)
            ]
        )

    async def for_pickup(self) -> list[PrintOrder]:
        """Return what staff print and load into a compartment, without what is out or over."""
        return await self._store.read(
            lambda tx: [
                each for each in documents.print_orders(tx) if each.delivery == "pickup" and not self._is_over(tx, each)
            ]
        )

    async def order(self, order: UUID) -> PrintOrder | None:
        """Return one that is in force, or None."""
        orders = await self._store.read(documents.print_orders)
        return next((each for each in orders if each.order == order), None)

    async def content(self, order: UUID) -> PrintContent:
        """Return what an order's paper says.

        Raises:
            RefusedError: `paper_not_here`: not fetched yet, or lost; `print_pdf_` and what is wrong.
        """
        known = await self.order(order)
        if known is None:
            raise RefusedError("paper_not_here")
        try:
            content = await self._files.read(known.content.sha256)
        except FileLostError as error:
            raise RefusedError("paper_not_here") from error
        if known.content.media_type != FACTS_TYPE:
            await self._require_sound(content)
            return PrintContent(pdf=content)
        return PrintContent(facts=json.loads(content))

    async def _require_sound(self, pdf: bytes) -> None:
        finding = PdfFinding.NOT_CHECKED if self._check_pdf is None else await self._check_pdf(pdf)
        if finding is not PdfFinding.SOUND:
            _log.warning("a received PDF is not printed: %s", finding)
            raise RefusedError(f"print_pdf_{finding}")

    async def wipe(self, order: UUID) -> None:
        """Remove an order's content unless another order that is not out needs the same one."""
        known = await self.order(order)
        if known is not None:
            await self._files.delete(known.content.sha256, unless=partial(self._needs, known.content.sha256))

    # For the uplink

    async def missing(self) -> list[FileReference]:
        """Return the contents that are named and not here yet."""
        wanted = await self._store.read(self._wanted)
        return [each for sha256, each in wanted.items() if not await self._files.has(sha256)]

    async def keep(self, content: bytes) -> None:
        """Keep a content whose hash was checked; durable when this returns. Raises `StoreBusyError`."""
        await self._files.put(content)
        self.changes.notify()

    async def sweep(self) -> None:
        """At the start: remove what is out, or named by no order any more."""
        wanted: Collection[str] = await self._store.read(self._wanted)
        await self._files.sweep(wanted)

    async def forget(self) -> None:
        """After another document came into force: remove what it names no more."""
        wanted = await self._store.read(self._wanted)
        for stored in await self._files.all():
            if stored.sha256 not in wanted:
                await self._files.delete(stored.sha256, unless=partial(self._needs, stored.sha256))
        self.changes.notify()

    async def _needs(self, sha256: str) -> bool:
        return sha256 in await self._store.read(self._wanted)

    def _wanted(self, tx: Transaction) -> dict[str, FileReference]:
        orders = documents.print_orders(tx)
        return {each.content.sha256: each.content for each in orders if not self._is_over(tx, each)}

    def _is_over(self, tx: Transaction, order: PrintOrder) -> bool:
        clock = self._clock
        return _is_out(tx, order) or (clock is not None and clock.synced and order.expires_at <= clock.now())


def _is_out(tx: Transaction, order: PrintOrder) -> bool:
    return any(job.step in _OUT for job in tx.jobs_of_order(order.order))
