"""The code of each ordered paper: signed when the order is made, looked up when somebody asks what a paper is worth."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, exists, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.paper_codes import (
    BEIJING,
    KINDS,
    Finding,
    Verdict,
    check,
    digest_of_facts,
    issue,
    read_short,
    short,
    show_short,
)
from contract.pdf_signatures import PdfFinding, PdfSignatures
from hub.db.engine import reading, writing
from hub.db.paper_tables import paper_codes
from hub.db.print_tables import print_jobs, print_orders
from hub.services.audit import record_user_action
from hub.services.issuing_keys import key_list, signing_key_now
from hub.services.refusals import RefusedError, UnknownSubjectError

Standing = Literal["in_force", "replaced", "revoked", "not_issued", "unknown"]
_OUT = ("printed", "taken", "left")
_CHECK_CODE = frozenset({"tax_record", "tax_certificate_table", "tax_certificate_text"})
"""Layouts that print the short form as well (查询验证码, facts on the domain, §3)."""


@dataclass(frozen=True, slots=True)
class Worth:
    """What the hub says of a paper: nobody's name, nobody's number but the paper's own."""

    verdict: Verdict
    standing: Standing
    since: date | None = None


@dataclass(frozen=True, slots=True)
class PaperCodes:
    """Signs with the hub's key in use; `link` stands before a code in a QR code, and may be empty.

    `signatures` judges received PDFs; without it none is taken in.
    """

    folder: Path
    link: str = ""
    signatures: PdfSignatures | None = None

    async def require_sound(self, pdf: bytes, now: datetime) -> None:
        """Let a received PDF pass that an authority we trust signed, and nobody changed since.

        Raises:
            RefusedError: `pdf_` and what was found, or `no_pdf_roots`.
        """
        if self.signatures is None:
            raise RefusedError("no_pdf_roots")
        finding = await self.signatures.check(pdf, now)
        if finding is not PdfFinding.SOUND:
            raise RefusedError(f"pdf_{finding}")

    async def coded(
        self, connection: AsyncConnection, now: datetime, by: str, order: UUID, layout: str, number: str, content: bytes
    ) -> bytes:
        """Return the content with the paper's code in its facts; a PDF as it is. The same order gets the same code.

        Raises:
            RefusedError: `no_paper_key`, or `order_odd`.
        """
        if layout not in KINDS:
            return content
        facts = None if layout == "received" else json.loads(content)
        digest = hashlib.sha256(content).hexdigest() if facts is None else digest_of_facts(facts)
        code = await self._code(connection, now, by, order, layout, number, digest)
        if facts is None:
            return content
        told = {**facts, "qr": self.link + code}
        if layout in _CHECK_CODE:
            told["check_code"] = show_short(short(code))
        return json.dumps(told, ensure_ascii=False).encode()

    async def _code(
        self, connection: AsyncConnection, now: datetime, by: str, order: UUID, layout: str, number: str, digest: str
    ) -> str:
        c = paper_codes.c
        known = await connection.scalar(select(c.code).where(c.order_id == str(order), c.digest == digest))
        if known is not None:
            return str(known)
        key = await signing_key_now(connection, self.folder, now)
        today = now.astimezone(BEIJING).date()
        try:
            code = issue(layout, number, today, digest, key)
        except ValueError as error:
            raise RefusedError("order_odd") from error
        # An order whose id was used for something else is refused by whoever asked: nothing of this stays then.
        if await connection.scalar(select(c.code).where(c.order_id == str(order))) is None:
            row = {"order_id": str(order), "short": short(code), "code": code, "kind": layout, "number": number}
            await connection.execute(insert(paper_codes).values(**row, digest=digest, issued_on=today, reason=""))
            body = {"kind": layout, "number": number, "digest": digest}
            await record_user_action(connection, user=by, action="paper_signed", subject=str(order), body=body, at=now)
        return code


async def revoke_paper(engine: AsyncEngine, now: datetime, by: str, number: str, reason: str) -> int:
    """Say that a paper of this number is not in force any more; return how many there were.

    Raises:
        UnknownSubjectError: no paper of that number is in force.
        RefusedError: no reason is given.
    """
    if not 0 < len(reason) <= 200:
        raise RefusedError("paper_reason")
    async with writing(engine) as connection:
        c = paper_codes.c
        done = await connection.execute(
            update(paper_codes).where(c.number == number, c.revoked_at.is_(None)).values(revoked_at=now, reason=reason)
        )
        if done.rowcount == 0:
            raise UnknownSubjectError("paper_unknown")
        body = {"reason": reason}
        await record_user_action(connection, user=by, action="paper_revoked", subject=number, body=body, at=now)
    return int(done.rowcount)


async def worth_of(engine: AsyncEngine, text: str, now: datetime) -> Worth:
    """Say what a scanned or typed code is worth: by its signature, and by what the hub knows of the paper."""
    keys = await key_list(engine, now)
    symbols = read_short(text)
    async with reading(engine) as connection:
        if symbols is not None:
            c = paper_codes.c
            # Twelve symbols are sixty bits: two papers with the same ones are not expected, and then neither is shown.
            found = list(await connection.scalars(select(c.code).where(c.short == symbols).limit(2)))
            text = found[0] if len(found) == 1 else ""
        verdict = check(text, keys, now)
        # A lost key's signature proves nothing, and what the hub has in its own books does.
        if verdict.finding not in {Finding.GENUINE, Finding.KEY_REVOKED}:
            return Worth(verdict, "unknown")
        row = await _row(connection, verdict)
        if row is not None:
            return await _standing(connection, verdict, row)
    own = verdict.finding is Finding.GENUINE and verdict.issuer != "hub"
    return Worth(verdict, "in_force" if own else "unknown")


async def _row(connection: AsyncConnection, verdict: Verdict) -> Row[*tuple[Any, ...]] | None:
    c, o = paper_codes.c, print_orders.c
    query = (
        select(c.order_id, c.number, c.code, c.revoked_at, o.returns)
        .join_from(paper_codes, print_orders, c.order_id == o.order_id)
        .where(c.short == verdict.short)
    )
    rows = [row for row in await connection.execute(query) if short(row.code) == verdict.short]
    return rows[0] if len(rows) == 1 else None


async def _standing(connection: AsyncConnection, verdict: Verdict, row: Row[*tuple[Any, ...]]) -> Worth:
    if row.revoked_at is not None:
        return Worth(verdict, "revoked", row.revoked_at.astimezone(BEIJING).date())
    j, o = print_jobs.c, print_orders.c
    is_out = exists().where(j.order_id == o.order_id, j.state.in_(_OUT))
    if not await connection.scalar(select(is_out).where(o.order_id == row.order_id)):
        return Worth(verdict, "not_issued")
    later = await connection.execute(
        select(o.returns, j.at)
        .join_from(print_orders, print_jobs, j.order_id == o.order_id)
        .where(j.state.in_(_OUT), o.returns.contains(json.dumps(row.number, ensure_ascii=False), autoescape=True))
    )
    ends = [each.at for each in later if row.number in json.loads(each.returns)]
    if ends:
        return Worth(verdict, "replaced", min(ends).astimezone(BEIJING).date())
    return Worth(verdict, "in_force")
