"""A clerk makes a case of a deposit: once per deposit, numbered by the hub alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from contract.ids import mask_name
from hub.core.case_numbers import LARGEST_OF_A_DAY, CaseNumbersExhaustedError, case_number
from hub.core.cases import CASE_MAY_BE_MADE_OF, CaseState
from hub.core.catalogue import SIZES, ServiceItem, Size, service_item
from hub.core.times import local_day
from hub.db.engine import writing
from hub.db.tables import case_counters, cases, deposits
from hub.services.audit import record_user_action
from hub.services.refusals import RefusedError, UnknownSubjectError


@dataclass(frozen=True)
class CaseDraft:
    """What the clerk says of the case; a recipient's whole name is masked here and goes no further."""

    item: ServiceItem
    size: Size
    recipient_mask: str

    @classmethod
    def read(cls, code: str, size: str, recipient: str) -> CaseDraft:
        """Read what was typed or chosen.

        Raises:
            RefusedError: no such service item or size.
        """
        item = service_item(code)
        chosen = next((known for known in SIZES if known == size), None)
        if item is None:
            raise RefusedError("item_unknown")
        if chosen is None:
            raise RefusedError("size_unknown")
        return cls(item, chosen, mask_name(recipient))


async def make_case(engine: AsyncEngine, now: datetime, by: str, receipt_number: str, draft: CaseDraft) -> str:
    """Return the case number of the deposit's case, made now or before; a second wish draws no second number.

    Raises:
        UnknownSubjectError: no deposit has this receipt number.
        RefusedError: the deposit is doubtful, abandoned or was not found.
        CaseNumbersExhaustedError: the service item had 9,999 cases today.
    """
    async with writing(engine) as connection:
        deposit = await _lock_deposit(connection, receipt_number)
        if deposit.case_number is not None:
            return str(deposit.case_number)
        if deposit.state not in CASE_MAY_BE_MADE_OF:
            raise RefusedError(f"no_case_of_{deposit.state}")
        number = await next_case_number(connection, draft.item.code, local_day(now))
        await _store(connection, now, by, deposit, number, draft)
        return number


async def next_case_number(connection: AsyncConnection, code: str, day: str) -> str:
    """Draw the next number of a service item and local day (YYYYMMDD); other drawers wait until this one commits.

    Raises:
        CaseNumbersExhaustedError: the day's last number was given out.
    """
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    counter = dialect.insert(case_counters).values(service_item=code, day=day, last=1)
    counted = counter.on_conflict_do_update(
        index_elements=[case_counters.c.service_item, case_counters.c.day],
        set_={"last": case_counters.c.last + 1},
        where=case_counters.c.last < LARGEST_OF_A_DAY,
    ).returning(case_counters.c.last)
    n = await connection.scalar(counted)
    if n is None:
        raise CaseNumbersExhaustedError(f"{code} on {day}")
    return case_number(code, day, n)


async def _lock_deposit(connection: AsyncConnection, receipt_number: str) -> Row[Any]:
    """Read the deposit by a write, so that a second wish at the same moment waits for the first one's commit."""
    touched = (
        update(deposits)
        .where(deposits.c.receipt_number == receipt_number)
        .values(case_number=deposits.c.case_number)
        .returning(*deposits.c)
    )
    deposit = (await connection.execute(touched)).one_or_none()
    if deposit is None:
        raise UnknownSubjectError("deposit_unknown")
    return deposit


async def _store(
    connection: AsyncConnection, now: datetime, by: str, deposit: Row[Any], number: str, draft: CaseDraft
) -> None:
    row = {
        "case_number": number,
        "receipt_number": deposit.receipt_number,
        "service_item": draft.item.code,
        "title": draft.item.title_zh,
        "state": CaseState.MADE,
        "size": draft.size,
        "recipient_mask": draft.recipient_mask,
        "phone_event": deposit.event if deposit.has_phone else None,
        "made_at": now,
        "made_by": by,
    }
    await connection.execute(insert(cases).values(row))
    await connection.execute(
        update(deposits).where(deposits.c.receipt_number == deposit.receipt_number).values(case_number=number),
    )
    body = {"receipt_number": deposit.receipt_number, "service_item": draft.item.code, "size": draft.size}
    await record_user_action(connection, user=by, action="case_made", subject=number, body=body, at=now)
