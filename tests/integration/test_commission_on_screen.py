"""`python -m edge run` gives its screen to the commissioning wizard and takes it back, as one process."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from edge.clock import SystemClock
from edge.config import load_station
from edge.store.unit_of_work import Store
from hall.house import House
from tests.integration.test_edge_process import running
from tests.unit.edge.services.night import BADGE, PIN, staff_document


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with House(tmp_path / "run", parts=("simulate",)) as made:
        await made.start()
        yield made


async def page_with(client: httpx.AsyncClient, mark: str) -> str:
    """The screen once it shows `mark`; between two runs nobody listens."""
    async with asyncio.timeout(15):
        while True:
            try:
                text = (await client.get("/")).text
            except httpx.TransportError:
                text = ""
            if mark in text:
                return text
            await asyncio.sleep(0.05)


async def post(client: httpx.AsyncClient, page: str, path: str, **fields: str) -> None:
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))
    await client.post(path, data=hidden | fields, headers={"origin": str(client.base_url).rstrip("/")})


async def test_the_station_stops_for_the_wizard_and_starts_again(house: House) -> None:
    file = house.directory.station_file
    data_dir = load_station(file).station.data_dir
    async with await Store.open(data_dir / "station.db", SystemClock("Asia/Shanghai")) as store:
        await store.transact(lambda tx: tx.save_document(staff_document(("service",))))
    async with running(file) as (process, origin), httpx.AsyncClient(base_url=origin) as client:
        page = await page_with(client, 'data-step="home"')
        await post(client, page, "/go", to="staff")
        await post(client, await page_with(client, 'data-step="sign_in"'), "/staff/sign-in", badge=BADGE, pin=PIN)
        await post(client, await page_with(client, 'data-step="list"'), "/staff/service", arm="yes")
        await post(client, page, "/technician")
        page = await page_with(client, 'data-test="commission"')
        await post(client, page, "/technician/commission")
        page = await page_with(client, 'data-screen="commission"')
        await post(client, page, "/leave")
        await page_with(client, 'data-step="home"')
        assert process.returncode is None
