"""Bring a database to the newest shape, alone even when several processes start at once."""

from __future__ import annotations

import uuid
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.audit import START
from hub.db.batch import insert_new
from hub.db.engine import is_postgresql, writing
from hub.db.tables import hub_meta

# One arbitrary number for all Nightdesk hubs: whoever holds this lock migrates, the others wait and then find it done.
ADVISORY_LOCK = 0x6E640001


async def migrate(engine: AsyncEngine) -> None:
    """Create or upgrade every table, and give a new database its ledger; does nothing when all is up to date."""
    async with writing(engine) as connection:
        if is_postgresql(connection):
            await connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": ADVISORY_LOCK})
        await connection.run_sync(_upgrade)
        identity = {
            "ledger": str(uuid.uuid4()),
            "presence_counter": "0",
            "user_audit_head": START,
            "user_audit_n": "0",
        }
        await insert_new(connection, hub_meta, [{"name": name, "value": value} for name, value in identity.items()])


def _upgrade(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
