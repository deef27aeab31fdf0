"""Sign the documents that were asked for: `expected`, `staff`, `print` from the database; `config` by another key.

Versions only rise. A document whose body would be the same as the last one is not made again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from joserfc.jwk import OKPKey
from sqlalchemy import delete, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.documents import (
    BODIES,
    ExpectedBody,
    ExpectedCase,
    StaffBody,
    StaffMember,
    StationDocument,
    sign_document,
)
from contract.print_orders import PrintBody
from contract.signing import unverified
from hub.db.engine import is_postgresql, writing
from hub.db.tables import cases, deposits, document_requests, documents, staff
from hub.services.print_orders import orders_of

Kind = Literal["config", "expected", "staff", "print"]
OF_DISPATCH: tuple[Kind, ...] = ("expected", "staff", "print")

MOST_ORDERS = 2000


async def serve_requests(engine: AsyncEngine, key: OKPKey, now: datetime) -> int:
    """Sign what was asked for and take the requests away, in one transaction; return how many were new."""
    async with writing(engine) as connection:
        query = select(document_requests).order_by(document_requests.c.id).with_for_update(skip_locked=True)
        asked = (await connection.execute(query)).all()
        if not asked:
            return 0
        made = 0
        for station, kind in dict.fromkeys((row.station, row.kind) for row in asked):
            if kind in OF_DISPATCH:
                body = await _body(connection, kind, station, now)
                made += await store_document(connection, key, kind, station, body, now) is not None
        ids = [row.id for row in asked]
        await connection.execute(delete(document_requests).where(document_requests.c.id.in_(ids)))
        return made


async def store_document(
    connection: AsyncConnection, key: OKPKey, kind: Kind, station: str, body: Mapping[str, Any], now: datetime
) -> StationDocument | None:
    """Sign and store the next version; None when the last one says the same."""
    d = documents.c
    if is_postgresql(connection):
        # Two signers must not draw the same version.
        await connection.execute(text("LOCK TABLE documents IN SHARE ROW EXCLUSIVE MODE"))
    last = (
        await connection.execute(
            select(d.version, d.token).where(d.station == station, d.kind == kind).order_by(d.version.desc()).limit(1)
        )
    ).first()
    if last is not None and read_token(last.token).body == dict(body):
        return None
    version = _next_version(kind, 0 if last is None else last.version, now)
    document = StationDocument(kind=kind, station=station, version=version, issued_at=now, body=dict(body))
    await insert_document(connection, document, *sign_document(document, key))
    return document


def _next_version(kind: Kind, last: int, now: datetime) -> int:
    """Return a version above all that a station may hold.

    A hub restored from a backup does not know what it signed afterwards, and stations refuse a version that does not
    rise. So dispatch's own documents are numbered by the clock (seconds since 1970); one signed by hand, by counting.
    """
    return max(last + 1, int(now.timestamp())) if kind in OF_DISPATCH else last + 1


async def insert_document(connection: AsyncConnection, document: StationDocument, token: str, sha256: str) -> None:
    """Store a signed document; dispatch then names it in the station's `desired`."""
    row = {"station": document.station, "kind": document.kind, "version": document.version, "sha256": sha256}
    await connection.execute(documents.insert().values(**row, token=token, signed_at=document.issued_at))


def read_token(token: str) -> StationDocument:
    """Return what a token of our own says; the signature is for stations to check.

    Raises:
        SignatureRefusedError, pydantic.ValidationError: it is no signed document.
    """
    return StationDocument.model_validate_json(unverified(token))


def checked_body(kind: str, content: str) -> dict[str, Any]:
    """Return the body in JSON text as its kind's model writes it.

    Raises:
        pydantic.ValidationError: not of that shape.
    """
    return BODIES[kind].model_validate_json(content).model_dump(mode="json", exclude_none=True)


async def newest_versions(connection: AsyncConnection, station: str, kind: str) -> int:
    """Return the highest version of a station's document, 0 when there is none."""
    d = documents.c
    return await connection.scalar(select(func.max(d.version)).where(d.station == station, d.kind == kind)) or 0


async def _body(connection: AsyncConnection, kind: Kind, station: str, now: datetime) -> dict[str, Any]:
    body: ExpectedBody | PrintBody | StaffBody
    match kind:
        case "expected":
            body = await _expected(connection, station)
        case "print":
            body = PrintBody(orders=(await orders_of(connection, station, now))[:MOST_ORDERS])
        case _:
            body = await _staff(connection, station, now)
    return body.model_dump(mode="json", exclude_none=True)


async def _expected(connection: AsyncConnection, station: str) -> ExpectedBody:
    c = cases.c
    # Who handed in low down collects low down. An item that was loaded before its case was named gets its code now.
    joined = cases.outerjoin(deposits, deposits.c.receipt_number == c.receipt_number)
    query = select(cases, deposits.c.low).select_from(joined)
    query = query.where(
        c.station == station, or_(c.state == "ready", (c.state == "loaded") & c.recipient_unknown)
    ).order_by(c.case_number)
    return ExpectedBody(
        cases=tuple(
            ExpectedCase(
                case_number=row.case_number, title=row.title, size=row.size, recipient_mask=row.recipient_mask,
                due=row.due, low=bool(row.low), card_hash=row.card_hash,
                collectors=tuple(json.loads(row.collectors or "[]")), second_factor=row.second_factor,
            )
            for row in await connection.execute(query)
        )
    )  # fmt: skip


async def _staff(connection: AsyncConnection, station: str, now: datetime) -> StaffBody:
    query = select(staff).where(staff.c.valid_until > now).order_by(staff.c.badge)
    people = []
    for row in await connection.execute(query):
        where = json.loads(row.stations)
        if station in where or "*" in where:
            rights = tuple(json.loads(row.rights))
            people.append(
                StaffMember(badge=row.badge, name=row.name, pin=row.pin, rights=rights, valid_until=row.valid_until)
            )
    return StaffBody(staff=tuple(people))
