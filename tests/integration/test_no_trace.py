"""After a visit, nothing of the citizen is found in clear: not on the station's disk, in no log, in no topic.

The whole station runs as processes. The search finds the receipt number and the mask where they belong, so it would
find the rest as well; `tests/unit/test_marker_search.py` shows that it knows every way of writing.
"""

from __future__ import annotations

import asyncio
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.integration.marked_visit import (
    CONTENT,
    FILE,
    MARKERS,
    MASK,
    NAME,
    NUMBER,
    PHONE,
    PHOTO,
    Browser,
    Place,
    lay_down,
    marked_place,
    open_files,
)
from tests.marker_search import Found, search

MIB = 1024 * 1024


async def gather(place: Place, browser: Browser) -> list[bytes]:
    """Card, a page of the mat, a file of the drive; returns bytes out of the middle of pictures that were shown."""
    await browser.post("/go", to="submission")
    await place.house.world.do("card", on=True, name=NAME, number=NUMBER, photo=PHOTO)
    assert "欧*丙" in await browser.until('data-test="submitter"')
    shown = await capture(place, browser)
    await browser.post("/camera/finish")
    await browser.until('data-test="material"')
    place.plug_in()
    await browser.post("/submission/drive")
    assert FILE in await browser.until('data-test="tick"')
    await browser.post("/drive/tick", file=key_of(browser.page.text))
    await browser.post("/drive/copy")
    await browser.until('data-kind="usb"')
    return shown


async def capture(place: Place, browser: Browser) -> list[bytes]:
    await browser.post("/submission/camera")
    await browser.until('data-test="mat"')
    lay_down(place.mat)
    page = await browser.until('data-test="page"')
    place.mat.sheets = {}
    small = (await browser.client.get(f"/camera/page/{key_of(page)}")).content
    assert len(small) > 1000
    return [small[at : at + 16] for at in range(700, len(small) - 16, len(small) // 6)]


def key_of(page: str) -> str:
    found = re.search(r'data-key="(\d+)"', page)
    assert found
    return found[1]


def traces(place: Place, pictures: list[bytes]) -> list[Found]:
    hub = {"hub": place.house.directory.log("hub").read_bytes()}
    texts = place.texts | hub
    markers: list[str | bytes] = [*MARKERS, *pictures]
    return [each for marker in markers for each in search(marker, place.searched, texts)]


async def sent(place: Place) -> None:
    """Wait until the hub has what was handed in."""
    async with asyncio.timeout(20):
        while files(place) != 0:  # noqa: ASYNC110 - a row of another process has no event
            await asyncio.sleep(0.1)


def files(place: Place) -> int:
    """How many contents the station still keeps."""
    with closing(sqlite3.connect(f"file:{place.house.directory.station_db}?mode=ro", uri=True)) as store:
        found = store.execute("SELECT count(*) FROM files WHERE state IN ('draft', 'wanted')").fetchone()
    return int(found[0])


def written_elsewhere(place: Place) -> set[Path]:
    """Files that agent and workers hold open for writing outside of what is searched."""
    assert place.edge is not None
    written = open_files(place.edge.pid)
    assert any(path.name == "station.db" for path in written)
    return {path for path in written if not any(path.is_relative_to(folder) for folder in place.searched)}


async def visited(place: Place) -> list[bytes]:
    """A whole visit: gathered, handed in, at the hub."""
    async with place.running() as browser:
        pictures = await gather(place, browser)
        assert written_elsewhere(place) == set()
        await browser.post("/submission/send")
        await browser.post("/submission/hand-in", phone=PHONE)
        page = await browser.until('data-test="receipt-number"')
        receipt = re.search(r'data-test="receipt-number" data-value="(\w+)"', page)
        assert receipt
        await sent(place)
        await browser.post("/cancel")
    assert b"httpcore" in place.logs[-1], "the agent was not loud"
    for known in (receipt[1], MASK):
        found = {each.place for each in search(known, place.searched, place.texts)}
        assert "topics and payloads" in found
        assert any("station.db" in each for each in found)
    return pictures


async def broken_off(place: Place) -> list[bytes]:
    """A visit in whose middle the power goes: documents on the list, and a page that no document holds yet."""
    place.unplug()  # a drive that is changed while it is looked at loses its ticks, as it should
    async with place.running() as browser:
        await place.house.world.do("card", on=False)
        pictures = await gather(place, browser)
        pictures += await capture(place, browser)
        assert files(place) >= 3
    return pictures


async def test_nothing_of_a_citizen_is_left_in_clear_neither_after_a_visit_nor_after_a_power_cut_in_one(
    tmp_path: Path,
) -> None:
    async with marked_place(tmp_path) as place:
        pictures = await visited(place)
        assert traces(place, pictures) == []
        pictures += await broken_off(place)
        assert traces(place, pictures) == []
        async with place.running():
            assert files(place) == 0
        assert traces(place, pictures) == []
        # The search would have found one leak of either kind.
        (place.data / "leak").write_bytes(b"\0" * MIB + CONTENT.encode("utf-16-le"))
        place.logs.append(f"user {NUMBER[::-1]}".encode())
        found = {each.place for each in traces(place, pictures)}
        assert found == {str(place.data / "leak"), f"log {len(place.logs) - 1}"}
