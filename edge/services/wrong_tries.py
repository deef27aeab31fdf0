"""Guessing is made slow at the whole kiosk, whatever is guessed: codes, tokens, PINs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from contract.events import PickupRefused
from edge.clock import Clock
from edge.core.throttle import KIOSK, count_at_kiosk, kiosk_delay
from edge.store.unit_of_work import Store, Transaction

Sleep = Callable[[float], Awaitable[None]]


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
