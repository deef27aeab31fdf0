"""No compartment fits: a slip that names the window and the courier, or a waiting place until the night ends.

The hub tells whoever waits, in the order of the events; the phone is sealed in the call that brings it and not kept.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal
from uuid import UUID

from contract.events import DepositTurnedAway, EventData, WaitingJoined
from contract.ids import RandomBelow, new_receipt_number
from edge.clock import Clock
from edge.core.visit import Slip
from edge.services import documents
from edge.services.deposit_documents import Sealer
from edge.services.documents import Settings
from edge.services.refusals import RefusedError
from edge.services.slips import Slips
from edge.store.papers import StoredSlip
from edge.store.unit_of_work import Store, Transaction
from edge.store.waiting import WaitingPlace

Size = Literal["s", "m", "l"]


@dataclass(frozen=True, slots=True)
class Kept:
    """What a person who was not served takes along; `until` and `ahead` (persons before this one) of a waiting place.

    `id` is the correlation of its events and of its slip.
    """

    id: UUID
    receipt_number: str
    until: datetime | None = None
    ahead: int = 0


class WaitingList:
    """The station's side of the waiting list: it counts the places that it has given and remembers no person."""

    def __init__(
        self,
        store: Store,
        slips: Slips,
        sealer: Sealer,
        clock: Clock,
        *,
        new_id: Callable[[], UUID],
        random_below: RandomBelow,
    ) -> None:
        self._store, self._slips, self._sealer, self._clock = store, slips, sealer, clock
        self._new_id, self._random_below = new_id, random_below

    async def settings(self) -> Settings:
        """Return what the authority says of window, courier and waiting places."""
        return await self._store.read(documents.settings)

    async def turn_away(self, size: Size) -> Kept:
        """Give a slip for the window or the courier.

        Raises:
            StoreBusyError: nothing is on record.
        """
        kept = Kept(self._new_id(), new_receipt_number(self._random_below))

        def work(tx: Transaction) -> StoredSlip:
            settings = documents.settings(tx)
            slip = Slip(kept.receipt_number, 0, "turned_away", detail=offers(settings))
            return self._record(tx, kept, slip, DepositTurnedAway(receipt_number=kept.receipt_number, size=size))

        self._slips.print_soon(await self._store.transact(work))
        return kept

    async def join(self, size: Size, phone: str) -> Kept:
        """Give a waiting place; `phone` is a valid mobile number.

        Raises:
            RefusedError: all places are taken, or none are given here.
            StoreBusyError: nothing is on record.
        """
        visit, event_id, number = self._new_id(), self._new_id(), new_receipt_number(self._random_below)
        sealed = self._sealer.seal(phone, event_id, "phone_sealed")

        def work(tx: Transaction) -> tuple[Kept, StoredSlip]:
            now, settings = self._clock.now(), documents.settings(tx)
            tx.end_waiting_places(now)
            ahead = tx.waiting_places()
            if len(ahead) >= settings.waiting_places:
                raise RefusedError("waiting_closed")
            kept = Kept(visit, number, _end_of_night(now, settings.waiting_until), len(ahead))
            until = kept.until or now
            tx.save_waiting_place(WaitingPlace(number, size, until))
            slip = Slip(number, 0, "waiting", detail=(f"等候至 Until  {until:%Y-%m-%d %H:%M}",))
            event = WaitingJoined(receipt_number=number, size=size, phone_sealed=sealed, expires_at=until)
            return kept, self._record(tx, kept, slip, event, event_id)

        kept, slip = await self._store.transact(work)
        self._slips.print_soon(slip)
        return kept

    def _record(
        self, tx: Transaction, kept: Kept, slip: Slip, event: EventData, event_id: UUID | None = None
    ) -> StoredSlip:
        tx.emit(event, kept.id, event_id)
        return self._slips.add(tx, kept.id, slip)


def offers(settings: Settings) -> tuple[str, ...]:
    """Return the lines of a slip that say where papers can go instead."""
    return (
        f"服务窗口：{settings.window_zh}",
        f"Service window: {settings.window_en}",
        f"快递：{settings.courier_zh}",
        f"Courier: {settings.courier_en}",
    )


def _end_of_night(now: datetime, until: str) -> datetime:
    """Return the next moment at which the station's clock shows `until` (HH:MM)."""
    today = datetime.combine(now.date(), time.fromisoformat(until), now.tzinfo)
    return today if today > now else datetime.combine(now.date() + timedelta(days=1), today.time(), now.tzinfo)
