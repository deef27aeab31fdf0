"""A clerk says who may collect an item by card, and whether a second factor is wanted; only keyed hashes are kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.ids import CitizenNumber, card_hash, read_citizen_number
from hub.core.cases import MAY_BECOME_READY, CaseState
from hub.db.engine import writing
from hub.db.tables import cases
from hub.services.audit import record_user_action
from hub.services.mark_ready import ask_documents
from hub.services.refusals import RefusedError, UnknownSubjectError

MOST_COLLECTORS = 10


@dataclass(frozen=True)
class Claim:
    """What the clerk typed, hashed at once; None and empty mean that nobody collects by card."""

    card_hash: str | None
    collectors: tuple[str, ...]
    second_factor: bool

    @classmethod
    def read(cls, key: bytes | None, own: str, others: str, *, second_factor: bool, today: date) -> Claim:
        """Read citizen numbers as people type them, several separated by spaces or commas.

        A number of fifteen digits is hashed as the one of eighteen that its card says today.

        Raises:
            RefusedError: a number whose check digit is wrong, too many, or no key to hash them with.
        """
        typed = [number for number in re.split(r"[\s,，、;；]+", others) if number]
        read = [read_citizen_number(each, today) for each in ([own, *typed] if own.strip() else typed)]
        numbers = [each.number for each in read if isinstance(each, CitizenNumber)]
        if len(typed) > MOST_COLLECTORS or len(numbers) < len(read):
            raise RefusedError("citizen_number_wrong")
        if key is None and numbers:
            raise RefusedError("no_card_key")
        hashed = [card_hash(key or b"", each) for each in numbers]
        first = hashed.pop(0) if own.strip() else None
        return cls(first, tuple(hashed), second_factor)


async def set_claim(engine: AsyncEngine, now: datetime, by: str, number: str, claim: Claim) -> None:
    """Store who collects, ask for the station's new list, record who did it (never the numbers): one transaction.

    Raises:
        UnknownSubjectError: no such case.
        RefusedError: the item was loaded: what was true then stays with it.
    """
    async with writing(engine) as connection:
        case = await _lock(connection, number)
        if case.state not in MAY_BECOME_READY:
            raise RefusedError("case_past_ready")
        values: dict[str, Any] = {
            "card_hash": claim.card_hash,
            "collectors": json.dumps(claim.collectors),
            "second_factor": claim.second_factor,
        }
        await connection.execute(update(cases).where(cases.c.case_number == number).values(values))
        if case.state == CaseState.READY and case.station is not None:
            await ask_documents(connection, now, "expected", [case.station])
        body: dict[str, Any] = {"second_factor": claim.second_factor, "by_card": claim.card_hash is not None}
        body |= {"collectors": len(claim.collectors)}
        await record_user_action(connection, user=by, action="claim_set", subject=number, body=body, at=now)


async def _lock(connection: AsyncConnection, number: str) -> Row[Any]:
    query = select(cases).where(cases.c.case_number == number).with_for_update()
    case = (await connection.execute(query)).one_or_none()
    if case is None:
        raise UnknownSubjectError("case_unknown")
    return case
