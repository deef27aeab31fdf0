"""The pages of the blank stock by forms alone: ranges, trays, two persons, a doubtful sheet, and who may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from edge.core import printing
from edge.core.printing import PrintJob
from edge.core.stock import Place
from edge.store.unit_of_work import Transaction
from tests.unit.edge.kiosk.page import Person, message, person, screen
from tests.unit.edge.services.night import BADGE, PIN, Night, night
from tests.unit.edge.services.papers import SENSED

COLLEAGUE, KIND = "B-8", "licence_copy"
JOB = PrintJob(UUID(int=1), UUID(int=2), "licence_copy", "91110105", KIND, "nd-1")


def doubtful(tx: Transaction) -> None:
    """A job was sent, and nobody knows what became of its sheet."""
    decision = printing.reserve(JOB, tx.blanks(), "tray-1")
    tx.carry_out_print(decision)
    tx.carry_out_print(printing.doubt(printing.sending(decision.job).job, tx.blanks(), "not_answered"))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path, licences=SENSED) as scene:
        await scene.give_documents(colleagues=(COLLEAGUE,))
        yield scene


@pytest.fixture
async def one(scene: Night) -> AsyncIterator[Person]:
    async with person(scene) as one:
        yield one


async def sign_in(one: Person) -> None:
    await one.post("/go", to="staff")
    await one.post("/staff/sign-in", badge=BADGE, pin=PIN)
    await one.post("/stock")
    assert screen(one.page) == ("staff", "stock")


async def stocked(scene: Night, one: Person) -> None:
    await sign_in(one)
    await one.post("/stock/arm", arm="yes")
    await one.post("/stock/range", tray="")
    await one.post("/stock/give", kind=KIND, first="b0001", last="B0005")
    assert message(one.page) == "stock_received"
    await one.post("/stock/range", tray="tray-1")
    assert 'value="B0001"' in one.page.text
    assert 'value="B0005"' in one.page.text
    await one.post("/stock/give", kind="", first="B0001", last="B0004")
    assert message(one.page) == "stock_loaded"


async def test_sheets_are_received_loaded_and_taken_back(scene: Night, one: Person) -> None:
    await stocked(scene, one)
    assert "领入 5 = 库存 1 + 纸盒 4 + 已打印 0 + 作废 0" in one.page.text
    await one.post("/language", language="en")
    assert "received 5 = in store 1 + in trays 4 + printed 0 + void 0" in one.page.text
    await one.post("/stock/unload", tray="tray-1")
    assert message(one.page) == "stock_unloaded"
    await one.post("/stock/unload", tray="tray-1")
    assert message(one.page) == "blank_tray_empty"
    await one.post("/stock/print", what="count")
    assert 'data-value="printed"' in one.page.text
    assert "STOCK COUNT" in await scene.world.paper()


async def test_two_persons_void_and_destroy(scene: Night, one: Person) -> None:
    await stocked(scene, one)
    await one.post("/stock/void")
    await one.post("/stock/void", number="B0009", reason="void_lost")
    assert message(one.page) == "blank_unknown_number"
    await one.post("/stock/void", number="B0005", reason="void_lost")
    assert screen(one.page) == ("staff", "stock_second")
    await one.post("/stock/sign", badge=BADGE, pin=PIN)
    assert message(one.page) == "same_person"
    await one.post("/stock/sign", badge=COLLEAGUE, pin="0000")
    assert message(one.page) == "wrong_pin"
    await one.post("/stock/sign", badge=COLLEAGUE, pin=PIN)
    assert message(one.page) == "stock_voided"
    assert await scene.last("blank_voided") == {"blank": "B0005", "reason": "void_lost", "staff": [BADGE, COLLEAGUE]}
    await one.post("/stock/print", what="list")
    assert "B0005" in await scene.world.paper()
    await one.post("/stock/destroy")
    assert "B0005" in one.page.text
    await one.post("/stock/sign", badge=COLLEAGUE, pin=PIN)
    assert message(one.page) == "stock_destroyed"
    await one.post("/stock/sign", badge=COLLEAGUE, pin=PIN)
    assert (await scene.types()).count("blanks_destroyed") == 1


@pytest.mark.parametrize(
    ("found", "place"), [("printed", Place.PRINTED), ("blank", Place.TRAY), ("spoiled", Place.VOIDED)]
)
async def test_a_doubtful_sheet_is_looked_at(scene: Night, one: Person, found: str, place: Place) -> None:
    await stocked(scene, one)
    await scene.store.transact(doubtful)
    await one.look()
    assert "等待查看" in one.page.text
    await one.post("/stock/unload", tray="tray-1")
    assert message(one.page) == "blank_to_inspect"
    await one.post("/stock/look", number="B0001", found=found)
    if found == "spoiled":
        assert screen(one.page) == ("staff", "stock_second")
        await one.post("/stock/sign", badge=COLLEAGUE, pin=PIN)
    sheet = (await scene.store.read(lambda tx: tx.blanks()))["B0001"]
    assert (sheet.place, sheet.certificate) == (place, JOB.certificate if found == "printed" else None)
    assert (await scene.last("blank_inspected"))["found"] == found
    await one.post("/stock/look", number="B0001", found="printed")
    assert message(one.page) == "blank_not_to_inspect"


async def test_nothing_changes_without_right_and_service_mode(scene: Night, one: Person) -> None:
    acts: dict[str, dict[str, str]] = {
        "/stock/range": {"tray": ""},
        "/stock/give": {"kind": KIND, "first": "B0001", "last": "B0002"},
        "/stock/unload": {"tray": "tray-1"},
        "/stock/void": {"number": "B0001", "reason": "void_lost"},
        "/stock/look": {"number": "B0001", "found": "blank"},
        "/stock/destroy": {},
        "/stock/sign": {"badge": COLLEAGUE, "pin": PIN},
    }
    for path, fields in {**acts, "/stock": {}, "/stock/arm": {"arm": "yes"}, "/stock/print": {"what": "count"}}.items():
        await one.post(path, **fields)
        assert message(one.page) == "not_allowed", path
    await sign_in(one)
    for path, fields in acts.items():
        await one.post(path, **fields)
        assert message(one.page) == "service_mode_first", path
    assert (await scene.store.read(lambda tx: tx.blanks())) == {}


async def test_what_is_no_range_is_said_where_it_was_typed(scene: Night, one: Person) -> None:
    await stocked(scene, one)
    for tray, first, last, why in (
        ("", "B0005", "B0006", "known_number"),
        ("", "B1", "B2", "wrong_range"),
        ("tray-1", "B0003", "B0004", "not_in_store"),
        ("tray-2", "B0005", "B0005", "wrong_stock"),
    ):
        await one.post("/stock/range", tray=tray)
        await one.post("/stock/give", kind=KIND, first=first, last=last)
        assert (message(one.page), screen(one.page)) == (f"blank_{why}", ("staff", "stock_range"))
        assert f'value="{first}"' in one.page.text  # not to be typed again
    await one.post("/stock/range", tray="")
    await one.post("/stock/give", kind="", first="C0001", last="C0002")
    assert message(one.page) == "blank_kind_first"
