"""Keys that issue papers: made here or at a station, published with the ends of their use, revoked when lost.

One key of the hub is in use at a time. Rotating ends the old one, whose papers stay good; revoking says that it was
lost, and then no paper is believed for its signature alone.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import OKPKey
from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.paper_codes import KINDS, STATION_KINDS, IssuingKey, IssuingKeyList, key_name, public_x
from contract.signing import load_key, new_signing_key
from hub.db.engine import reading, writing
from hub.db.paper_tables import issuing_keys
from hub.services.audit import record_user_action
from hub.services.key_files import write_private
from hub.services.refusals import RefusedError, UnknownSubjectError

HUB = "hub"
HUB_KINDS = tuple(kind for kind in KINDS if kind not in STATION_KINDS)
MOST_DAYS = 3660


def key_file(folder: Path, kid: str) -> Path:
    """Return where the private half of a key of the hub lies."""
    return folder / f"papers-{kid}.jwk"


async def make_key(
    engine: AsyncEngine, folder: Path, now: datetime, by: str, days: int, *, rotate: bool = False
) -> str:
    """Make the hub's key and return its name; with `rotate` it takes the place of the one in use.

    Raises:
        RefusedError: `paper_key_in_use` without `rotate`, or `paper_key_days`.
    """
    if not 1 <= days <= MOST_DAYS:
        raise RefusedError("paper_key_days")
    key = new_signing_key("papers")
    kid = key_name(key)
    async with writing(engine) as connection:
        old = await _in_use(connection, now)
        if old is not None and not rotate:
            raise RefusedError("paper_key_in_use")
        # Before the row: a name in the list without its file would sign nothing, a file without a row is harmless.
        write_private(key_file(folder, kid), key)
        if old is not None:
            await _end(connection, old.kid, valid_until=now)
        await _add(connection, key, HUB, HUB_KINDS, (now, now + timedelta(days=days)))
        body = {"issuer": HUB, "days": days, "instead_of": "" if old is None else old.kid}
        await record_user_action(connection, user=by, action="paper_key_made", subject=kid, body=body, at=now)
    if old is not None:
        key_file(folder, old.kid).unlink(missing_ok=True)
    return kid


async def add_station_key(engine: AsyncEngine, now: datetime, by: str, station: str, public: Path, days: int) -> str:
    """Publish a station's key for the slips that it prints by itself; an older one of the station ends.

    Raises:
        RefusedError: `paper_key_odd`: no public Ed25519 JWK; `paper_key_days`; `paper_key_known`.
    """
    if not 1 <= days <= MOST_DAYS:
        raise RefusedError("paper_key_days")
    try:
        key = load_key(public)
        kid = key_name(key)
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise RefusedError("paper_key_odd") from error
    if key.is_private:
        raise RefusedError("paper_key_odd")
    async with writing(engine) as connection:
        if await connection.scalar(select(issuing_keys.c.kid).where(issuing_keys.c.kid == kid)) is not None:
            raise RefusedError("paper_key_known")
        k = issuing_keys.c
        await connection.execute(
            update(issuing_keys).where(k.issuer == station, k.valid_until > now).values(valid_until=now)
        )
        await _add(connection, key, station, STATION_KINDS, (now, now + timedelta(days=days)))
        body = {"issuer": station, "days": days}
        await record_user_action(connection, user=by, action="paper_key_made", subject=kid, body=body, at=now)
    return kid


async def revoke_key(engine: AsyncEngine, folder: Path, now: datetime, by: str, kid: str, reason: str) -> None:
    """Say that a key was lost. The reason is published.

    Raises:
        UnknownSubjectError: no such key.
        RefusedError: it is revoked already, or no reason is given.
    """
    if not 0 < len(reason) <= 200:
        raise RefusedError("paper_reason")
    async with writing(engine) as connection:
        row = (await connection.execute(select(issuing_keys).where(issuing_keys.c.kid == kid))).one_or_none()
        if row is None:
            raise UnknownSubjectError("paper_key_unknown")
        if row.revoked_at is not None:
            raise RefusedError("paper_key_revoked")
        await _end(connection, kid, revoked_at=now, reason=reason)
        body = {"reason": reason}
        await record_user_action(connection, user=by, action="paper_key_revoked", subject=kid, body=body, at=now)
    key_file(folder, kid).unlink(missing_ok=True)


async def key_list(engine: AsyncEngine, now: datetime) -> IssuingKeyList:
    """Return every key there ever was, as it is published."""
    async with reading(engine) as connection:
        rows = await connection.execute(select(issuing_keys).order_by(issuing_keys.c.valid_from, issuing_keys.c.kid))
        return IssuingKeyList(made_at=now, keys=tuple(map(_as_key, rows)))


async def signing_key_now(connection: AsyncConnection, folder: Path, now: datetime) -> OKPKey:
    """Return the private half of the hub's key in use.

    Raises:
        RefusedError: `no_paper_key`: there is none, or its file is not here.
    """
    row = await _in_use(connection, now)
    try:
        key = None if row is None else load_key(key_file(folder, row.kid))
    except (OSError, ValueError, KeyError, TypeError, JoseError) as error:
        raise RefusedError("no_paper_key") from error
    if row is None or key is None or not key.is_private or key_name(key) != row.kid:
        raise RefusedError("no_paper_key")
    return key


async def _in_use(connection: AsyncConnection, now: datetime) -> Row[Any] | None:
    k = issuing_keys.c
    query = select(issuing_keys).where(
        k.issuer == HUB, k.valid_from <= now, k.valid_until > now, k.revoked_at.is_(None)
    )
    return (await connection.execute(query.order_by(k.valid_from.desc()).limit(1))).one_or_none()


async def _add(
    connection: AsyncConnection, key: OKPKey, issuer: str, kinds: tuple[str, ...], period: tuple[datetime, datetime]
) -> None:
    row = {"kid": key_name(key), "issuer": issuer, "kinds": json.dumps(kinds), "x": public_x(key), "reason": ""}
    await connection.execute(insert(issuing_keys).values(**row, valid_from=period[0], valid_until=period[1]))


async def _end(connection: AsyncConnection, kid: str, **values: object) -> None:
    await connection.execute(update(issuing_keys).where(issuing_keys.c.kid == kid).values(**values))


def _as_key(row: Row[Any]) -> IssuingKey:
    return IssuingKey(
        kid=row.kid, issuer=row.issuer, kinds=tuple(json.loads(row.kinds)), x=row.x, valid_from=row.valid_from,
        valid_until=row.valid_until, revoked_at=row.revoked_at, reason=row.reason,
    )  # fmt: skip
