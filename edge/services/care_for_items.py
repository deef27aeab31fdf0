"""What happens to items while nobody stands at the screen: periods end, unknown recipients become known, nights pass.

Nothing here opens a door. Time is believed only once a time source has set the clock.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from contract.events import CodeReissued, CompartmentsReconciled, ItemExpired
from edge.clock import Clock
from edge.core.compartment import Allocation, Compartment, Deposit, Item
from edge.errors import TryAgainError
from edge.services import documents
from edge.services.pickup_codes import PickupCodes, token_expires
from edge.services.pickup_proof import is_overdue
from edge.services.picture import Picture
from edge.services.stock_report import tell_count
from edge.store.unit_of_work import Store, Transaction

LOOK_EVERY_S = 15.0
RECONCILED_AT_HOUR = 3
"""Local hour of the nightly reconciliation: the quietest one."""
_RECONCILED = "reconciled_on"


class CareForItems:
    """Looks every quarter of a minute, and at once when `look` is called."""

    def __init__(self, store: Store, picture: Picture, codes: PickupCodes, clock: Clock) -> None:
        self._store, self._picture, self._codes, self._clock = store, picture, codes, clock
        self._now = asyncio.Event()

    def look(self) -> None:
        """Look soon: a list of expected cases has arrived."""
        self._now.set()

    async def run(self) -> None:
        """Care until cancelled."""
        while True:
            with contextlib.suppress(TryAgainError):
                await self.care()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_EVERY_S):
                    await self._now.wait()
            self._now.clear()

    async def care(self) -> None:
        """Look once; raises `StoreBusyError`, and the same is looked at again later."""
        now = self._clock.now() if self._clock.synced else None
        if now is not None and await self._store.read(lambda tx: bool(_ended(tx, now))):
            self._picture.note(await self._store.transact(lambda tx: _expire(tx, now)))
        if await self._store.read(lambda tx: bool(_named(tx))):
            self._picture.note(await self._store.transact(self._name))
        if now is not None:
            await self._reconcile(now)

    def _name(self, tx: Transaction) -> list[Compartment]:
        """Draw the first code of items whose recipient was unknown when they were loaded."""
        settings, changed = documents.settings(tx), []
        for compartment, item, case in _named(tx):
            due = case.due or item.due or self._clock.now() + timedelta(hours=settings.pickup_hours)
            known = replace(compartment, content=replace(item, due=due, recipient_unknown=False))
            tx.save(known)
            tx.save_claim(item.case_number, case.claim)
            expires = token_expires(due, settings, self._clock.now())
            drawn = self._codes.draw(tx, compartment.number, item.case_number, expires)
            tx.emit(
                CodeReissued(
                    case_number=item.case_number,
                    compartment=compartment.number,
                    code_sealed=drawn.code_sealed,
                    qr_sealed=drawn.qr_sealed,
                    due=due,
                ),
                None,
                drawn.event_id,
            )
            changed.append(known)
        return changed

    async def _reconcile(self, now: datetime) -> None:
        today = now.date().isoformat()
        last = await self._store.read(lambda tx: tx.meta(_RECONCILED))
        if last == today or (last and now.hour < RECONCILED_AT_HOUR):
            return

        def work(tx: Transaction) -> None:
            tx.set_meta(_RECONCILED, today)
            if not last:
                return  # a station's first day: the night to look back on is still to come
            tx.forget_claims()
            compartments = tx.compartments()
            tx.emit(
                CompartmentsReconciled(
                    doubtful=tuple(each.number for each in compartments if each.allocation is Allocation.DOUBTFUL),
                    to_clear=tuple(each.number for each in compartments if is_to_clear(each, now)),
                )
            )
            tell_count(tx)

        await self._store.transact(work)


def is_to_clear(compartment: Compartment, now: datetime | None) -> bool:
    """Whether staff should empty it: a deposit, or an item that is withdrawn or whose period is over."""
    content = compartment.content
    if compartment.allocation is not Allocation.OCCUPIED:
        return False
    return isinstance(content, Deposit) or (
        isinstance(content, Item) and (content.withdrawn or is_overdue(content, now))
    )


def _waiting(tx: Transaction, wanted: Callable[[Item], bool]) -> list[tuple[Compartment, Item]]:
    """Return the items that lie here, held by nobody."""
    return [
        (each, each.content)
        for each in tx.compartments()
        if each.allocation is Allocation.OCCUPIED
        and each.visit is None
        and isinstance(each.content, Item)
        and wanted(each.content)
    ]


def _ended(tx: Transaction, now: datetime) -> list[tuple[Compartment, Item]]:
    return _waiting(tx, lambda item: not item.expired and is_overdue(item, now))


def _expire(tx: Transaction, now: datetime) -> list[Compartment]:
    changed = []
    for compartment, item in _ended(tx, now):
        over = replace(compartment, content=replace(item, expired_due=item.due))
        tx.save(over)
        tx.emit(ItemExpired(case_number=item.case_number, compartment=compartment.number))
        changed.append(over)
    return changed


def _named(tx: Transaction) -> list[tuple[Compartment, Item, documents.ExpectedCase]]:
    unknown = _waiting(tx, lambda item: item.recipient_unknown)
    cases = {each.case_number: each for each in documents.expected(tx)} if unknown else {}
    return [(each, item, cases[item.case_number]) for each, item in unknown if item.case_number in cases]
