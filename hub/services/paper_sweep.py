"""Contents of print orders go once nobody may print them: the paper is out, or the order was withdrawn or has expired.

While a job may still end without a paper (`printing`, `unverified`), its content stays. Stations hear of what expired
by a new list, so that they let go of it as well.
"""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy import exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.clock import Clock
from hub.db.engine import is_away, writing
from hub.db.print_tables import print_jobs, print_orders
from hub.services.mark_ready import ask_documents

log = logging.getLogger(__name__)

SWEEP_EVERY_S = 30.0
AT_ONCE = 500


class PaperSweep:
    """`keep()` until cancelled."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine, self._clock = engine, clock

    async def keep(self) -> None:
        """Sweep now and then: a content is gone within a minute of its end."""
        while True:
            try:
                while await self.once() == AT_ONCE:
                    pass
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("contents of print orders were not swept (%s)", type(error).__name__)
            await asyncio.sleep(SWEEP_EVERY_S)

    async def once(self) -> int:
        """Empty contents that are not needed any more; return how many."""
        o, j, now = print_orders.c, print_jobs.c, self._clock.now()
        of_order = exists().where(j.order_id == o.order_id)
        out = of_order.where(j.state.in_(("printed", "taken", "left")))
        unsure = of_order.where(j.state.in_(("printing", "unverified")))
        over = or_(o.withdrawn_at.is_not(None), o.expires_at <= now) & ~unsure
        query = select(o.order_id, o.station, o.expires_at).where(func.length(o.sealed) > 0, or_(out, over))
        async with writing(self._engine) as connection:
            rows = list(await connection.execute(query.order_by(o.order_id).limit(AT_ONCE)))
            ids = [row.order_id for row in rows]
            if ids:
                await connection.execute(update(print_orders).where(o.order_id.in_(ids)).values(sealed=b""))
            late = sorted({row.station for row in rows if row.expires_at <= now})
            await ask_documents(connection, now, "print", late)
        return len(ids)
