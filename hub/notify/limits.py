"""How many messages one phone may get, as gateways limit them; told apart by a keyed hash, never by the number.

A verification code: one a minute, five an hour, ten a day; anything: forty a day. A day is 24 hours that roll.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta

from joserfc.jwk import ECKey
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.db.tables import notifications

DAY = timedelta(hours=24)
ANYTHING = ((DAY, 40),)
VERIFICATION = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (DAY, 10))
VERIFICATIONS = frozenset({"one_time_code"})


def phone_hash(key: ECKey, phone: str) -> str:
    """Return the hash by which a phone's messages are counted; who lacks the notify key cannot guess the number."""
    secret = str(key.as_dict(private=True)["d"])
    return hmac.digest(secret.encode(), f"phone|{phone}".encode(), "sha256").hex()


async def is_over(connection: AsyncConnection, kind: str, to_hash: str, now: datetime) -> bool:
    """Whether one more message of this kind to this phone would be over a limit."""
    n = notifications.c
    limits = [(every, most, n.kind == kind) for every, most in VERIFICATION if kind in VERIFICATIONS]
    limits += [(every, most, n.kind.is_not(None)) for every, most in ANYTHING]
    for every, most, which in limits:
        sent = select(func.count()).where(n.to_hash == to_hash, n.sent_at > now - every, which)
        if (await connection.scalar(sent) or 0) >= most:
            return True
    return False
