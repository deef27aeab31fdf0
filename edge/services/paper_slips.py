"""What a person holds when their paper did not come out: a slip with a receipt number, kept before it is printed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from uuid import UUID

from contract.ids import RandomBelow, new_receipt_number
from edge.core.visit import Slip
from edge.services.slips import Slips
from edge.store.papers import StoredSlip
from edge.store.unit_of_work import Store, Transaction

PaperOccasion = Literal["print_failed", "print_doubtful"]


class PaperSlips:
    """Gives slips for papers that failed or whose fate nobody knows."""

    def __init__(self, store: Store, slips: Slips, *, random_below: RandomBelow, new_id: Callable[[], UUID]) -> None:
        self._store, self._slips, self._random_below = store, slips, random_below
        self.new_id = new_id

    async def give(self, correlation: UUID, occasion: PaperOccasion, certificate: str, reason: str) -> str:
        """Print a slip under the correlation of the paper's own events; return its receipt number.

        Raises:
            StoreBusyError: nothing is on record.
        """
        number = new_receipt_number(self._random_below)
        detail = (f"编号 No.  {certificate}", f"原因代码 Code  {reason}")

        def work(tx: Transaction) -> StoredSlip:
            return self._slips.add(tx, correlation, Slip(number, 0, occasion, detail=detail))

        self._slips.print_soon(await self._store.transact(work))
        return number
