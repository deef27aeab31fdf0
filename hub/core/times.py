"""Local time of the authority: the hub stores UTC, people read and count days in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
PICKUP_ENDS_AT = time(18, 0)
"""A pickup period ends with the working day, as text messages of service centres announce it ("12月16日18时前")."""


def local(at: datetime) -> datetime:
    """Return `at` as the clock on the wall of the service centre shows it."""
    return at.astimezone(SHANGHAI)


def local_day(at: datetime) -> str:
    """Return the local day as YYYYMMDD."""
    return f"{local(at):%Y%m%d}"


def pickup_due(at: datetime, days: int) -> datetime:
    """Return when a pickup period of `days` that begins at `at` ends: 18:00 local time of the last day, in UTC."""
    last = local(at).date() + timedelta(days=days)
    return datetime.combine(last, PICKUP_ENDS_AT, SHANGHAI).astimezone(UTC)
