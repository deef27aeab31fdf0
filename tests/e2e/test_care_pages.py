"""The kiosk's pages for items that wait, in a real browser: what a hand must hit and an eye must read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from contract.ids import card_hash
from edge.services.collect_item import Proofs
from tests.e2e.test_kiosk_pages import Kiosk, arrives, number_of, opened, readable, tap, type_in
from tests.unit.edge.services.moved_clock import MovedClock
from tests.unit.edge.services.night import BADGE, CASE, PIN, unseal

SECOND, CARD_KEY, OWN = "B-8", b"c" * 32, "11010519491231002X"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def kiosk(tmp_path: Path, clock: MovedClock) -> AsyncIterator[Kiosk]:
    proofs = Proofs("night-1", CARD_KEY, online=lambda: True)
    async with opened(tmp_path, clock=clock, proofs=proofs) as kiosk:
        claim: dict[str, object] = {"second_factor": True, "card_hash": card_hash(CARD_KEY, OWN)}
        await kiosk.scene.give_documents(colleagues=(SECOND,), case=claim)
        yield kiosk


async def sign_in(page: Page) -> None:
    await tap(page, "staff")
    await type_in(page, BADGE)
    await page.click("#pin")
    await type_in(page, PIN)
    await tap(page, "sign-in")
    await arrives(page, "staff", "list")


async def load(kiosk: Kiosk, page: Page) -> tuple[int, str, str]:
    """Load the one case; return compartment, code and QR token."""
    await sign_in(page)
    await page.click(f'[data-test="load-button"][value="{CASE}"]')
    await arrives(page, "load", "open")
    number = await number_of(page)
    await kiosk.scene.world.do("push", compartment=number)
    await arrives(page, "load", "closed")
    await tap(page, "confirm")
    await arrives(page, "load", "result")
    await tap(page, "finish")
    await tap(page, "sign-out")
    loaded = await kiosk.scene.last("item_loaded")
    return number, unseal(loaded["code_sealed"]), unseal(loaded["qr_sealed"])


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_a_code_is_typed_or_read_and_a_one_time_code_opens(kiosk: Kiosk, language: str) -> None:
    page = await kiosk.page()
    number, _, token = await load(kiosk, page)
    if language == "en":
        await tap(page, "language-switch")
    await tap(page, "collect")
    await readable(page)
    await tap(page, "by-qr")
    await readable(page)
    await page.keyboard.type("nonsense")
    await page.keyboard.press("Enter")
    await page.wait_for_selector('[data-message="wrong_token"]')
    await readable(page)
    if language == "en":
        await kiosk.scene.world.do("scan", text=token)
    else:
        await page.keyboard.type(token)
        await page.keyboard.press("Enter")
    await arrives(page, "pickup", "factor")
    await readable(page)
    await tap(page, "one-time-send")
    await page.wait_for_selector('[data-message="one_time_sent"]')
    await readable(page)
    await type_in(page, unseal((await kiosk.scene.last("one_time_code_issued"))["code_sealed"]))
    await tap(page, "second-go")
    await arrives(page, "pickup", "open")
    await kiosk.scene.world.do("push", compartment=number)
    await arrives(page, "pickup", "closed")
    await readable(page)
    await tap(page, "missing")
    await arrives(page, "pickup", "result")
    await page.wait_for_selector('[data-slip="printed"]')
    await readable(page)


async def test_a_card_is_the_second_factor_of_a_code(kiosk: Kiosk) -> None:
    page = await kiosk.page()
    number, code, _ = await load(kiosk, page)
    await tap(page, "collect")
    await tap(page, "by-card")
    await readable(page)
    await tap(page, "by-code")
    await type_in(page, str(number))
    await tap(page, "next")
    await type_in(page, code)
    await readable(page)
    await tap(page, "open")
    await arrives(page, "pickup", "factor")
    await kiosk.scene.world.do("card", on=True, number=OWN, fault="unreadable")
    await page.wait_for_selector('[data-message="card_again"]')
    await readable(page)
    await kiosk.scene.world.do("card", on=True, number=OWN, fault="none")
    await arrives(page, "pickup", "open")
    assert OWN not in await page.content()


async def test_a_recipient_extends_and_two_persons_clear_what_is_overdue(kiosk: Kiosk, clock: MovedClock) -> None:
    page = await kiosk.page()
    number, code, _ = await load(kiosk, page)
    await tap(page, "collect")
    await type_in(page, str(number))
    await tap(page, "next")
    await type_in(page, code)
    await tap(page, "extend")
    await page.wait_for_selector('[data-message="extended"]')
    await readable(page)
    clock.pass_hours(100)
    await kiosk.scene.station.care.care()
    await sign_in(page)
    await readable(page)
    await tap(page, "clear-button")
    await arrives(page, "staff", "witness")
    await readable(page)
    await type_in(page, SECOND)
    await page.click("#pin")
    await type_in(page, PIN)
    await tap(page, "to-courier")
    await arrives(page, "clear", "open")
    await kiosk.scene.world.do("push", compartment=number)
    await arrives(page, "clear", "closed")
    await tap(page, "confirm")
    await arrives(page, "clear", "result")
    assert (await kiosk.scene.last("item_cleared"))["destination"] == "courier"
