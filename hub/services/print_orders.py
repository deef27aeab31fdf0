"""Papers that the back office orders: what is to be printed, at which station, for whose card. Contents are sealed.

Of one company one original is live (facts on the domain, §2 and §9, 26): another is ordered only with the order that
it replaces named among what is to be given back.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ValidationError
from sqlalchemy import Row, exists, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.events import FileReference
from contract.print_orders import FACTS_TYPE, PDF_TYPE, RECEIVED, PrintOrder
from contract.signing import unverified
from hub.db.engine import is_postgresql, reading, writing
from hub.db.print_tables import print_jobs, print_orders
from hub.db.tables import documents, station_tokens
from hub.services.audit import record_user_action
from hub.services.file_format import DamagedError, FileKeys
from hub.services.mark_ready import ask_documents
from hub.services.paper_codes import PaperCodes
from hub.services.refusals import RefusedError, UnknownSubjectError

ORIGINAL = "licence_original"
LARGEST_CONTENT = 8 * 1024 * 1024
_NONCE = 12
_OUT = ("printed", "taken", "left")
_LIVE = (*_OUT, "printing", "unverified")


@dataclass(frozen=True, slots=True)
class NewOrder:
    """What the back office wants printed. `content` is JSON facts of the layout, or a PDF that is printed as it is."""

    order: UUID
    station: str
    layout: str
    certificate: str
    content: bytes = field(repr=False)
    expires_at: datetime
    subject: str | None = None
    stock: str | None = None
    returns: tuple[str, ...] = ()
    delivery: str = "kiosk"
    card_hash: str | None = None
    mask: str = ""
    case_number: str | None = None
    media_type: str = FACTS_TYPE


class PaperSeal:
    """Seals contents for the database, each bound to its hash."""

    def __init__(self, keys: FileKeys) -> None:
        self._aead = AESGCM(keys.for_papers())

    def seal(self, content: bytes, sha256: str) -> bytes:
        """Return nonce and sealed content."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._aead.encrypt(nonce, content, sha256.encode())

    def open(self, sealed: bytes, sha256: str) -> bytes:
        """Return the content.

        Raises:
            DamagedError: it was not sealed like that.
        """
        try:
            return self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], sha256.encode())
        except (InvalidTag, ValueError) as error:
            raise DamagedError("a print content is damaged") from error


async def make_order(
    engine: AsyncEngine, seal: PaperSeal, now: datetime, by: str, new: NewOrder, codes: PaperCodes | None = None
) -> bool:
    """Keep the order, its paper's code signed into its facts by `codes`, have its station told, record who made it.

    One transaction. The same order twice is one.

    Returns whether it is new.

    Raises:
        RefusedError: `order_odd`, `order_too_large`, `station_unknown`, `order_known` (the same id, another order),
            `original_live`, `no_paper_key`, or of a received PDF `no_pdf_roots` or `pdf_` and what is wrong.
    """
    checked = _checked(new)
    if codes is not None and new.layout == RECEIVED:
        await codes.require_sound(new.content, now)
    async with writing(engine) as connection:
        if is_postgresql(connection):
            # Two originals of one company must not be looked for side by side.
            await connection.execute(text("LOCK TABLE print_orders IN SHARE ROW EXCLUSIVE MODE"))
        if codes is not None:
            what = (new.order, new.layout, new.certificate, new.content)
            new = replace(new, content=await codes.coded(connection, now, by, *what))
            checked = _checked(new)
        sha256 = checked.content.sha256
        known = (await connection.execute(select(print_orders).where(_is(new.order)))).one_or_none()
        if known is not None:
            if (as_order(known, json.loads(known.returns)), known.station, known.subject) != (
                checked,
                new.station,
                new.subject,
            ):
                raise RefusedError("order_known")
            return False
        if await connection.scalar(select(station_tokens.c.station).where(_token_of(new.station))) is None:
            raise RefusedError("station_unknown")
        if new.expires_at <= now:
            raise RefusedError("order_odd")
        await _one_original(connection, new, now)
        await connection.execute(
            insert(print_orders).values(_row(new, checked, seal.seal(new.content, sha256), now, by))
        )
        await ask_documents(connection, now, "print", [new.station])
        body = {"station": new.station, "layout": new.layout, "certificate": new.certificate, "sha256": sha256}
        await record_user_action(connection, user=by, action="print_ordered", subject=str(new.order), body=body, at=now)
    return True


async def withdraw_order(engine: AsyncEngine, now: datetime, by: str, order: UUID) -> bool:
    """Take an order back; a paper that is out already stays out. Returns whether anything changed.

    Raises:
        UnknownSubjectError: no such order.
    """
    async with writing(engine) as connection:
        row = (await connection.execute(select(print_orders).where(_is(order)))).one_or_none()
        if row is None:
            raise UnknownSubjectError("order_unknown")
        if row.withdrawn_at is not None:
            return False
        await connection.execute(update(print_orders).where(_is(order)).values(withdrawn_at=now))
        await ask_documents(connection, now, "print", [row.station])
        await record_user_action(
            connection, user=by, action="print_withdrawn", subject=str(order), body={"station": row.station}, at=now
        )
    return True


async def orders_of(connection: AsyncConnection, station: str, now: datetime) -> tuple[PrintOrder, ...]:
    """Return what a station may print: neither withdrawn, nor expired, nor out."""
    o = print_orders.c
    query = select(print_orders).where(
        o.station == station, o.withdrawn_at.is_(None), o.expires_at > now, ~_has_job(_OUT)
    )
    rows = await connection.execute(query.order_by(o.made_at, o.order_id))
    return tuple(as_order(row, still_out(row)) for row in rows)


async def content_for(engine: AsyncEngine, seal: PaperSeal, station: str, sha256: str) -> bytes | None:
    """Return a content that an order of this station names and that is not out, or None."""
    o = print_orders.c
    query = select(o.sealed).where(o.sha256 == sha256, o.station == station, o.withdrawn_at.is_(None), ~_has_job(_OUT))
    query = query.where(func.length(o.sealed) > 0)
    async with reading(engine) as connection:
        sealed = await connection.scalar(query.limit(1))
    return None if sealed is None else seal.open(sealed, sha256)


def still_out(row: Row[Any]) -> list[str]:
    """Return which older papers must still be given back before the order's paper is printed."""
    returned = json.loads(row.returned)
    return [number for number in json.loads(row.returns) if number not in returned]


def as_order(row: Row[Any], returns: Sequence[str]) -> PrintOrder:
    """Return an order as stations are told it, with what must be given back first."""
    return PrintOrder(
        order=UUID(row.order_id), layout=row.layout, certificate=row.certificate, stock=row.stock,
        returns=tuple(returns), delivery=row.delivery, card_hash=row.card_hash, mask=row.mask,
        case_number=row.case_number,
        content=FileReference(sha256=row.sha256, size=row.size, media_type=row.media_type), expires_at=row.expires_at,
    )  # fmt: skip


def _checked(new: NewOrder) -> PrintOrder:
    sha256 = hashlib.sha256(new.content).hexdigest()
    if not 0 < len(new.content) <= LARGEST_CONTENT:
        raise RefusedError("order_too_large")
    if new.media_type == PDF_TYPE and not new.content.startswith(b"%PDF-"):
        raise RefusedError("order_odd")
    content = FileReference(sha256=sha256, size=len(new.content), media_type=new.media_type)
    names = ("order", "layout", "certificate", "stock", "returns", "delivery", "card_hash", "mask", "case_number")
    values = {name: getattr(new, name) for name in names} | {"content": content, "expires_at": new.expires_at}
    try:
        if new.media_type == FACTS_TYPE and not isinstance(json.loads(new.content), dict):
            raise RefusedError("order_odd")
        return PrintOrder.model_validate(values)
    except (ValidationError, ValueError) as error:
        raise RefusedError("order_odd") from error


async def _one_original(connection: AsyncConnection, new: NewOrder, now: datetime) -> None:
    if new.layout != ORIGINAL:
        return
    if new.subject is None:
        raise RefusedError("order_odd")
    o = print_orders.c
    columns: list[Any] = [o.order_id, o.station, o.certificate, o.returns, o.expires_at, o.withdrawn_at]
    query = select(*columns, _has_job(_LIVE).label("used")).where(o.layout == ORIGINAL, o.subject == new.subject)
    earlier = [
        row
        for row in await connection.execute(query)
        if row.used
        or (row.withdrawn_at is None and row.expires_at > now)
        or await _may_come(connection, row.order_id, row.station)
    ]
    replaced = {*new.returns, *(certificate for row in earlier for certificate in json.loads(row.returns))}
    if any(row.certificate not in replaced for row in earlier):
        raise RefusedError("original_live")


async def _may_come(connection: AsyncConnection, order: str, station: str) -> bool:
    """Whether a withdrawn or expired order may have been printed by a station that nobody heard since.

    It is over when the station's newest list does not name it and is in force there: events come in the order in which
    they happened.
    """
    d = documents.c
    newest = select(d.token, d.applied).where(d.station == station, d.kind == "print")
    found = (await connection.execute(newest.order_by(d.version.desc()).limit(1))).first()
    if found is None:
        return False
    body = json.loads(unverified(found.token))["body"]
    return found.applied != "applied" or any(each["order"] == order for each in body["orders"])


def _row(new: NewOrder, checked: PrintOrder, sealed: bytes, now: datetime, by: str) -> dict[str, Any]:
    return {
        "order_id": str(new.order), "station": new.station, "layout": new.layout, "certificate": new.certificate,
        "subject": new.subject, "stock": new.stock, "returns": json.dumps(list(new.returns), ensure_ascii=False),
        "delivery": new.delivery, "card_hash": new.card_hash, "mask": new.mask, "case_number": new.case_number,
        "sha256": checked.content.sha256, "size": checked.content.size, "media_type": new.media_type,
        "sealed": sealed, "expires_at": new.expires_at, "made_at": now, "made_by": by[:64], "withdrawn_at": None,
    }  # fmt: skip


def _is(order: UUID) -> Any:  # noqa: ANN401  a condition
    return print_orders.c.order_id == str(order)


def _token_of(station: str) -> Any:  # noqa: ANN401  a condition
    return station_tokens.c.station == station


def _has_job(states: tuple[str, ...]) -> Any:  # noqa: ANN401  a condition
    j = print_jobs.c
    return exists().where(j.order_id == print_orders.c.order_id, j.state.in_(states))
