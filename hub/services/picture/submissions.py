"""The documents of a submission, as they were promised by its station."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading
from hub.db.submission_tables import submission_files


async def documents_of(engine: AsyncEngine, receipt_number: str) -> list[Row[Any]]:
    """Return the files of a submission in the order in which they were told, its manifest left out."""
    f = submission_files.c
    query = (
        select(submission_files)
        .where(f.receipt_number == receipt_number, f.kind != "manifest")
        .order_by(f.kind, f.at, f.sha256)
    )
    async with reading(engine) as connection:
        return list(await connection.execute(query))
