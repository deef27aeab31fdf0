"""The public page about papers: no login, both languages, nothing of anybody, and not for trying numbers."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.paper_codes import BEIJING, issue
from contract.signing import new_signing_key
from hub.services.issuing_keys import add_station_key
from hub.web.patience import AT_ONCE, MOST_ADDRESSES, PER_SECOND, Patience
from tests.unit.hub.services.samples import NOW, STATION
from tests.unit.hub.web.conftest import Browser, HandClock

TODAY = NOW.astimezone(BEIJING).date()


@pytest.fixture
async def slip(engine: AsyncEngine, tmp_path: Path) -> str:
    key, file = new_signing_key("papers"), tmp_path / "station.pub.jwk"
    file.write_text(json.dumps(key.as_dict(private=False)))
    await add_station_key(engine, NOW, "chief", STATION, file, 100)
    return issue("receipt", "7K3M9Q2T8XH", TODAY, "0" * 64, key)


async def test_a_genuine_slip_in_both_languages(browser: Browser, slip: str) -> None:
    page = await browser.get(f"/V/{slip}")
    assert page.status_code == 200
    assert 'data-standing="in_force"' in page.text
    assert "真实凭条" in page.text
    assert "7K3M9Q2T8XH" in page.text
    english = await browser.get(f"/v?lang=en&code={slip.lower()}")
    assert "A genuine slip" in english.text
    assert "真实" not in english.text
    assert "set-cookie" not in page.headers


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("ND1", "no_code"),
        ("7K3M-9Q2T-8X4C", "no_code"),
        ("%3Cscript%3Ealert(1)%3C/script%3E", "no_code"),
        (issue("receipt", "7", TODAY, "0" * 64, new_signing_key("mine")), "unknown_key"),
    ],
)
async def test_what_is_worth_nothing_says_so(browser: Browser, code: str, finding: str) -> None:
    page = await browser.get(f"/v?code={code}")
    assert f'data-finding="{finding}"' in page.text
    assert "<script>" not in page.text
    assert "真实有效" not in page.text


async def test_the_form_alone(browser: Browser) -> None:
    page = await browser.get("/v")
    assert page.status_code == 200
    assert "data-finding" not in page.text
    assert (await browser.get("/V")).headers["location"] == "/v"


async def test_who_asks_too_often_waits(browser: Browser, clock: HandClock, slip: str) -> None:
    for _ in range(AT_ONCE):
        assert (await browser.get(f"/v?code={slip}")).status_code == 200
    refused = await browser.get(f"/v?code={slip}")
    assert refused.status_code == 429
    assert "data-finding" not in refused.text
    assert refused.headers["retry-after"] == "2"
    clock.move(minutes=1)
    assert (await browser.get(f"/v?code={slip}")).status_code == 200


def test_patience_counts_by_address_and_forgets_the_oldest() -> None:
    patience = Patience()
    for _ in range(AT_ONCE):
        assert patience.allows("10.0.0.1", 0)
    assert not patience.allows("10.0.0.1", 0)
    assert patience.allows("10.0.0.2", 0)
    assert patience.allows("10.0.0.1", 1 / PER_SECOND)
    assert not patience.allows("10.0.0.1", 1 / PER_SECOND)
    for number in range(MOST_ADDRESSES):
        patience.allows(f"a{number}", 2)
    assert patience.allows("10.0.0.1", 2)


def test_a_day_of_patience() -> None:
    patience = Patience()
    allowed = sum(patience.allows("one", second / 10) for second in range(10 * 3600))
    assert allowed <= AT_ONCE + 3600 * PER_SECOND + timedelta(seconds=1).seconds
