"""A person at the kiosk without a browser: reads the page's forms and posts them as a browser of this origin does."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx

from edge.cabinets import CabinetProfile, Front
from edge.kiosk.app import create_kiosk
from edge.kiosk.pages import Frame
from tests.unit.edge.services.night import Night

ORIGIN = "http://127.0.0.1:8101"
_PROFILE = CabinetProfile.model_validate(
    {"title": "t", "height_mm": 900, "columns": [{"width_mm": 400, "doors_mm": [100, 100, 200, 500]}]}
)
_DOORS = dict(enumerate(_PROFILE.places("main"), 1))
# Two of the night's compartments stand in no described cabinet.
NAMES = Frame(
    "东城区政务服务中心",
    "Dongcheng Government Service Centre",
    simulated=True,
    fronts=(Front("main", 400, 900, _DOORS),),
)


def screen(answer: httpx.Response) -> tuple[str, str]:
    """Return `data-screen` and `data-step`."""
    found = re.search(r'data-screen="([a-z_]+)" data-step="([a-z0-9_]+)"', answer.text)
    assert found, answer.text[:500]
    return found[1], found[2]


def message(answer: httpx.Response) -> str:
    """Return the key of the message on the page, or an empty text."""
    found = re.search(r'data-message="([a-z_]+)"', answer.text)
    return found[1] if found else ""


def hidden(answer: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of the page."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', answer.text))


class Person:
    """One browser session; `page` is what it shows."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.page: httpx.Response

    async def look(self) -> httpx.Response:
        self.page = await self.client.get("/")
        return self.page

    async def post(self, path: str, **fields: str) -> httpx.Response:
        self.page = await self.client.post(
            path, data=hidden(self.page) | fields, headers={"origin": ORIGIN}, follow_redirects=True
        )
        return self.page


@asynccontextmanager
async def person(scene: Night) -> AsyncIterator[Person]:
    """Open the kiosk of a station."""
    kiosk = create_kiosk(scene.station.desk, NAMES, origin=ORIGIN)
    transport = httpx.ASGITransport(kiosk, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=ORIGIN) as client:
        one = Person(client)
        await one.look()
        yield one
