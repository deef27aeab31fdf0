"""The unlock that still waits for its turn: behind another coil, or behind a question on the wire.

That may take a second, in which the person gives up or another door springs open. A frame that was not written yet is
then taken back; one that was written stays written, and the door tells.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from edge.core.visit import Step, Visit


class PendingUnlock:
    """At most one, because there is one visit at a time."""

    def __init__(self) -> None:
        self._visit: Visit | None = None
        self._sending: asyncio.Task[None] | None = None
        self._off: tuple[object, ...] | None = None

    async def send(self, visit: Visit, unlock: Coroutine[Any, Any, None]) -> None:
        """Send it, unless it was called off already; return when it was sent or taken back.

        Raises:
            what `unlock` raises.
        """
        if _permit(visit) == self._off:
            unlock.close()
            return
        self._visit, self._sending = visit, asyncio.create_task(unlock)
        sending = self._sending
        try:
            await asyncio.wait({sending})
        finally:
            sending.cancel()
        if not sending.cancelled():
            sending.result()

    def keep_for(self, visit: Visit) -> None:
        """Take it back, unless this is still the visit, the grant and the pulse that it was permitted for."""
        mine = self._visit
        if mine is None or visit.step is not Step.OPENING or _permit(visit) != _permit(mine):
            self._cancel()

    async def call_off(self, visit: Visit) -> None:
        """Take back what the visit was permitted, begun or not; return when it can no longer be written."""
        self._off = _permit(visit)
        if self._sending is not None:
            self._cancel()
            await asyncio.wait({self._sending})

    def _cancel(self) -> None:
        # At once, not in the loop's next round: the task does not run one more step.
        if self._sending is not None:
            self._sending.cancel()


def _permit(visit: Visit) -> tuple[object, ...]:
    return visit.id, visit.grant, visit.pulses
