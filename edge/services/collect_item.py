"""A recipient collects an item by compartment number and code; guessing is made slow, on disk.

What is typed for a compartment without a live code is counted and answered like a wrong code: the screen does not tell
which compartments hold something.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from contract.events import PickupRefused
from contract.ids import RandomBelow, new_receipt_number
from edge.clock import Clock
from edge.core import pickup
from edge.core.compartment import Allocation
from edge.core.throttle import KIOSK, LOCKED_SECONDS, compartment_key, count_at_kiosk, kiosk_delay
from edge.core.visit import Decision
from edge.errors import AskCitizenError, LockedOutError, WrongCodeError
from edge.ports import Door
from edge.services.refusals import RefusedError
from edge.services.visits import Visits
from edge.store.unit_of_work import Store, Transaction

Sleep = Callable[[float], Awaitable[None]]


class CollectItem:
    """The recipient's wishes; `code_key` is the station's key, which lies outside the database."""

    def __init__(
        self,
        store: Store,
        visits: Visits,
        clock: Clock,
        *,
        code_key: bytes,
        new_id: Callable[[], UUID],
        random_below: RandomBelow,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store, self._visits, self._clock = store, visits, clock
        self._code_key, self._new_id, self._sleep = code_key, new_id, sleep
        self._random_below = random_below
        self._turn = asyncio.Lock()

    async def start(self, number: int, code: str) -> None:
        """Begin a pickup.

        Raises:
            WrongCodeError: compartment and code do not belong together.
            LockedOutError: too many wrong tries at this compartment.
            RefusedError: out of service, or another visit has not ended.
        """
        async with self._turn:
            await slow_down(self._store, self._clock, self._sleep)
            refusal = await self._store.transact(lambda tx: self._check(tx, number, code))
        if refusal is not None:
            raise refusal

        def work(tx: Transaction, _doors: dict[int, Door]) -> Decision:
            return pickup.begin(
                self._new_id(),
                tx.compartment(number),
                self._new_id(),
                receipt_number=new_receipt_number(self._random_below),
                boot=self._visits.boot,
            )

        await self._visits.begin(work)

    def _check(self, tx: Transaction, number: int, code: str) -> AskCitizenError | None:
        """Count the try and commit the count; a refusal is returned, because raising would undo it."""
        now, throttle = self._clock.monotonic(), tx.throttle(compartment_key(number))
        try:
            throttle.check(now)
        except LockedOutError as locked:
            tx.emit(PickupRefused(compartment=number, reason="locked_out"))
            return locked
        kept = tx.code(number)
        if kept is None or not kept.fits(self._code_key, code):
            throttle = throttle.failed(now)
            tx.save_throttle(throttle)
            tx.emit(PickupRefused(compartment=number, reason="wrong_code"))
            count_wrong_try(tx, now)
            return LockedOutError(LOCKED_SECONDS) if throttle.tries_left == 0 else WrongCodeError(throttle.tries_left)
        tx.save_throttle(throttle.passed())
        compartment = tx.compartment(number)
        if compartment.in_service and compartment.allocation is Allocation.OCCUPIED:
            return None
        tx.emit(PickupRefused(compartment=number, reason="out_of_service"))
        return RefusedError("compartment_out" if not compartment.in_service else "compartment_doubtful")


async def slow_down(store: Store, clock: Clock, sleep: Sleep) -> None:
    """Make this try wait, if there were too many wrong ones at this kiosk within the hour."""
    delay = await store.read(lambda tx: kiosk_delay(tx.throttle(KIOSK), clock.monotonic()))
    if delay:
        await sleep(delay)


def count_wrong_try(tx: Transaction, now: float) -> None:
    """Count a wrong try at the kiosk; the thirtieth within an hour is an alarm."""
    kiosk, alarm = count_at_kiosk(tx.throttle(KIOSK), now)
    tx.save_throttle(kiosk)
    if alarm:
        tx.emit(PickupRefused(reason="guessing_alarm"))
