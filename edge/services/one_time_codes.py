"""One-time codes as second factor: drawn here, sealed, sent by the hub; good for five minutes and three tries.

They live in memory only: after a restart the person asks for another one.
"""

from __future__ import annotations

import hmac
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from contract.events import OneTimeCodeIssued
from contract.ids import RandomBelow
from edge.clock import Clock
from edge.services.pickup_codes import Sealer
from edge.services.pickup_proof import Proven
from edge.services.refusals import RefusedError
from edge.store.unit_of_work import Store

DIGITS = 6
GOOD_FOR_S = 300.0
WRONG_TRIES = 3
PAUSE_S, AN_HOUR, HOUR_S = 60.0, 5, 3600.0
"""At most one a minute and five an hour for one item, as gateways of text messages allow for one number."""


@dataclass(frozen=True, slots=True)
class _Sent:
    mac: bytes
    until: float
    wrong: int = 0


class OneTimeCodes:
    """The codes that are good now, by case number."""

    def __init__(
        self,
        store: Store,
        sealer: Sealer,
        clock: Clock,
        *,
        code_key: bytes,
        new_id: Callable[[], UUID],
        random_below: RandomBelow,
    ) -> None:
        self._store, self._sealer, self._clock = store, sealer, clock
        self._code_key, self._new_id, self._random_below = code_key, new_id, random_below
        self._sent: dict[str, _Sent] = {}
        self._times: dict[str, deque[float]] = {}

    async def send(self, proven: Proven) -> None:
        """Draw a code and ask the hub to send it.

        Raises:
            RefusedError: one was sent a moment ago, or five within the hour.
            StoreBusyError: nothing was sent.
        """
        now, case = self._clock.monotonic(), proven.case_number
        times = deque(each for each in self._times.get(case, ()) if now - each < HOUR_S)
        if times and now - times[-1] < PAUSE_S:
            raise RefusedError("one_time_wait")
        if len(times) >= AN_HOUR:
            raise RefusedError("one_time_too_many")
        digits, event_id = f"{self._random_below(10**DIGITS):0{DIGITS}d}", self._new_id()
        event = OneTimeCodeIssued(
            case_number=case,
            compartment=proven.compartment,
            code_sealed=self._sealer.seal(digits, event_id, "code_sealed"),
            expires_at=self._clock.now() + timedelta(seconds=GOOD_FOR_S),
        )
        await self._store.transact(lambda tx: tx.emit(event, None, event_id))
        self._times[case] = times
        times.append(now)
        self._sent[case] = _Sent(self._mac(case, digits), now + GOOD_FOR_S)

    def fits(self, proven: Proven, typed: str) -> bool:
        """Whether `typed` is the code that was sent last and is still good; a right one is spent."""
        sent = self._sent.get(proven.case_number)
        if sent is None or self._clock.monotonic() >= sent.until:
            return False
        right = hmac.compare_digest(sent.mac, self._mac(proven.case_number, typed))
        if right or sent.wrong + 1 >= WRONG_TRIES:
            # Entering the pickup code anew forgives the compartment's wrong tries, so each code has its own count.
            del self._sent[proven.case_number]
        else:
            self._sent[proven.case_number] = replace(sent, wrong=sent.wrong + 1)
        return right

    def _mac(self, case: str, digits: str) -> bytes:
        return hmac.digest(self._code_key, f"one-time|{case}|{digits}".encode(), "sha256")
