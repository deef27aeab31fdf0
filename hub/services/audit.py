"""What hub users did, in one hash chain, in the transaction of the deed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.core.audit import START, USERS, Chain, digest_of, stamp
from hub.db.tables import audit, hub_meta

HEAD, COUNT = "user_audit_head", "user_audit_n"


async def record_user_action(
    connection: AsyncConnection, *, user: str, action: str, subject: str, body: Mapping[str, Any], at: datetime
) -> None:
    """Append what `user` did to the users' chain; call it inside the transaction that does it.

    `subject` names the thing (a case or receipt number, a station, a user's name); `body` holds what was decided and
    never personal data. Concurrent callers wait for each other here, so call it late in the transaction.
    """
    # The lower name is locked first by everyone.
    query = select(hub_meta).where(hub_meta.c.name.in_([HEAD, COUNT])).order_by(hub_meta.c.name).with_for_update()
    found = {row.name: row.value for row in await connection.execute(query)}
    chain = Chain(USERS, int(found.get(COUNT, "0")), found.get(HEAD, START))
    text = json.dumps({"user": user, "action": action, "subject": subject, **body}, ensure_ascii=False, sort_keys=True)
    row = chain.add("user", f"{user} {action} {subject}"[:200], digest_of(text), at, stamp(at))
    await connection.execute(
        audit.insert().values(
            chain=row.chain, n=row.n, kind=row.kind, subject=row.subject, digest=row.digest, body=text, at=at,
            hash=row.hash,
        )
    )  # fmt: skip
    for name, value in ((HEAD, chain.head), (COUNT, str(chain.n))):
        await connection.execute(update(hub_meta).where(hub_meta.c.name == name).values(value=value))
