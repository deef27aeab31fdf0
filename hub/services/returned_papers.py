"""An old paper was given back at a window: the order that waits for it may be printed (facts on the domain, §9, 26)."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import writing
from hub.db.print_tables import print_orders
from hub.services.audit import record_user_action
from hub.services.mark_ready import ask_documents
from hub.services.refusals import RefusedError, UnknownSubjectError


async def take_in_paper(engine: AsyncEngine, now: datetime, by: str, order: UUID, number: str) -> bool:
    """Note that the paper of this number was given back, and tell the station. Returns whether anything changed.

    Raises:
        UnknownSubjectError: `order_unknown`.
        RefusedError: `paper_not_asked_back`: the order waits for no such paper.
    """
    o = print_orders.c
    async with writing(engine) as connection:
        query = select(o.station, o.returns, o.returned).where(o.order_id == str(order)).with_for_update()
        row = (await connection.execute(query)).one_or_none()
        if row is None:
            raise UnknownSubjectError("order_unknown")
        if number not in json.loads(row.returns):
            raise RefusedError("paper_not_asked_back")
        returned = json.loads(row.returned)
        if number in returned:
            return False
        text = json.dumps([*returned, number], ensure_ascii=False)
        await connection.execute(update(print_orders).where(o.order_id == str(order)).values(returned=text))
        await ask_documents(connection, now, "print", [row.station])
        body = {"number": number}
        await record_user_action(connection, user=by, action="paper_taken_in", subject=str(order), body=body, at=now)
    return True
