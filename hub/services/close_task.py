"""Somebody saw to a task: it leaves the list, and the audit says who closed it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import writing
from hub.db.tables import tasks
from hub.services.audit import record_user_action
from hub.services.refusals import UnknownSubjectError


async def close_task(engine: AsyncEngine, now: datetime, by: str, task: str) -> bool:
    """Close the task; False when somebody did before.

    Raises:
        UnknownSubjectError: no such task.
    """
    closing = update(tasks).where(tasks.c.id == task, tasks.c.closed_at.is_(None)).values(closed_at=now)
    async with writing(engine) as connection:
        if (await connection.execute(closing)).rowcount:
            await record_user_action(connection, user=by, action="task_closed", subject=task, body={}, at=now)
            return True
        if await connection.scalar(select(tasks.c.id).where(tasks.c.id == task)) is None:
            raise UnknownSubjectError("task_unknown")
        return False
