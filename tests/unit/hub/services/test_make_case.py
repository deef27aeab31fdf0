from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.case_numbers import CaseNumbersExhaustedError
from hub.core.catalogue import CATALOGUE
from hub.db.engine import writing
from hub.db.tables import case_counters, cases, deposits
from hub.services.make_case import CaseDraft, make_case, next_case_number
from hub.services.refusals import RefusedError, UnknownSubjectError
from tests.unit.hub.services.samples import DRAFT, NOW, a_deposit, a_station, deeds, put, rows_of

CODE = CATALOGUE[0].code


async def test_a_deposit_becomes_a_case(engine: AsyncEngine) -> None:
    receipt_number = await a_deposit(engine)
    number = await make_case(engine, NOW, "zhangli", receipt_number, DRAFT)
    assert number == f"{CODE}202611240001"
    (case,) = await rows_of(engine, cases)
    (deposit,) = await rows_of(engine, deposits)
    assert (case.state, case.made_by, case.recipient_mask) == ("made", "zhangli", "李*敏")
    assert (case.made_at, case.phone_event) == (NOW, deposit.event)
    assert deposit.case_number == number
    assert await deeds(engine) == [("zhangli", "case_made")]


async def test_fifty_at_once_draw_fifty_numbers(engine: AsyncEngine) -> None:
    await a_station(engine)
    waiting = [await a_deposit(engine) for _ in range(50)]
    numbers = await asyncio.gather(*(make_case(engine, NOW, "zhangli", one, DRAFT) for one in waiting))
    assert sorted(numbers) == [f"{CODE}20261124{n:04d}" for n in range(1, 51)]
    assert len(await deeds(engine)) == 50


async def test_ten_wishes_for_one_deposit_make_one_case(engine: AsyncEngine) -> None:
    receipt_number = await a_deposit(engine)
    numbers = await asyncio.gather(*(make_case(engine, NOW, "zhangli", receipt_number, DRAFT) for _ in range(10)))
    assert len(set(numbers)) == 1
    assert len(await rows_of(engine, cases)) == 1
    (counter,) = await rows_of(engine, case_counters)
    assert counter.last == 1
    assert await deeds(engine) == [("zhangli", "case_made")]


async def test_a_later_wish_with_another_item_shows_the_first_case(engine: AsyncEngine) -> None:
    receipt_number = await a_deposit(engine)
    first = await make_case(engine, NOW, "zhangli", receipt_number, DRAFT)
    other = CaseDraft.read(CATALOGUE[1].code, "l", "")
    assert await make_case(engine, NOW, "wangqiang", receipt_number, other) == first


async def test_the_counter_starts_again_each_local_day_and_for_each_item(engine: AsyncEngine) -> None:
    async with writing(engine) as connection:
        drawn = [
            await next_case_number(connection, code, day)
            for code, day in [(CODE, "20261124"), (CODE, "20261124"), (CODE, "20261125"), ("X" * 31, "20261125")]
        ]
    assert [number[31:] for number in drawn] == ["202611240001", "202611240002", "202611250001", "202611250001"]


async def test_the_day_is_the_local_one(engine: AsyncEngine) -> None:
    before, after = await a_deposit(engine), await a_deposit(engine)
    two_hours_later = NOW + timedelta(hours=2)
    assert (await make_case(engine, NOW, "zhangli", before, DRAFT))[31:39] == "20261124"
    assert (await make_case(engine, two_hours_later, "zhangli", after, DRAFT))[31:39] == "20261125"


async def test_the_ten_thousandth_fails_loudly_and_changes_nothing(engine: AsyncEngine) -> None:
    await put(engine, case_counters, {"service_item": CODE, "day": "20261124", "last": 9998})
    last, too_many = await a_deposit(engine), await a_deposit(engine)
    assert (await make_case(engine, NOW, "zhangli", last, DRAFT)).endswith("9999")
    with pytest.raises(CaseNumbersExhaustedError):
        await make_case(engine, NOW, "zhangli", too_many, DRAFT)
    assert len(await rows_of(engine, cases)) == 1
    assert len(await deeds(engine)) == 1


@pytest.mark.parametrize("state", ["doubtful", "abandoned", "not_found"])
async def test_no_case_of_what_may_hold_nothing(engine: AsyncEngine, state: str) -> None:
    receipt_number = await a_deposit(engine, state)
    with pytest.raises(RefusedError, match=f"no_case_of_{state}"):
        await make_case(engine, NOW, "zhangli", receipt_number, DRAFT)
    assert await rows_of(engine, cases) == []


async def test_no_case_of_an_unknown_deposit(engine: AsyncEngine) -> None:
    with pytest.raises(UnknownSubjectError):
        await make_case(engine, NOW, "zhangli", "00000000000", DRAFT)


def test_a_draft_masks_the_name_and_refuses_what_is_unknown() -> None:
    assert CaseDraft.read(CODE, "m", "李小敏").recipient_mask == "李*敏"
    with pytest.raises(RefusedError, match="item_unknown"):
        CaseDraft.read("0", "m", "")
    with pytest.raises(RefusedError, match="size_unknown"):
        CaseDraft.read(CODE, "xl", "")
