"""Pages that update themselves: one watcher for all, one read for the same question, and an end with the login."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.requests import Request

from hub.db.changes import ChangeFeed
from hub.db.tables import logins
from hub.services.sign_in import token_hash
from hub.web.pages.stream import LOOK_AGAIN_S, events_of
from hub.web.viewers import Viewers
from hub.web.visit import Visit
from tests.unit.hub.services.samples import NOW, a_deposit, put
from tests.unit.hub.web.conftest import Browser, HandClock


@pytest_asyncio.fixture
async def watching(feed: ChangeFeed) -> AsyncIterator[ChangeFeed]:
    """The app's feed, once it has looked at the database for the first time."""
    async with asyncio.timeout(10), feed:
        changes = feed.changes()
        await anext(changes)
        await anext(changes)
        yield feed


@pytest.fixture
def viewers(watching: ChangeFeed) -> Viewers:
    return Viewers(watching)


async def test_every_viewer_hears_of_a_commit(viewers: Viewers, engine: AsyncEngine) -> None:
    streams = [viewers.follow("before", 5) for _ in range(20)]
    for stream in streams:
        assert await anext(stream)
    following = [asyncio.ensure_future(anext(stream)) for stream in streams]
    await a_deposit(engine)
    assert all(await asyncio.gather(*following))
    for stream in streams:
        await stream.aclose()  # type: ignore[attr-defined] # it is an async generator


async def test_a_quiet_while_is_said_too(viewers: Viewers) -> None:
    stream = viewers.follow("before", 0.01)
    heard = [await anext(stream) for _ in range(10)]
    assert heard[0]
    assert heard[-1] is False


async def test_a_page_that_missed_nothing_is_not_told(viewers: Viewers) -> None:
    first = viewers.follow("before", 0.05)
    while await anext(first):
        pass
    second = viewers.follow(viewers.seen, 0.05)
    assert await anext(second) is False


async def test_the_same_question_is_read_once_until_something_changes(viewers: Viewers, engine: AsyncEngine) -> None:
    asked = []

    async def read() -> int:
        asked.append(1)
        await asyncio.sleep(0)
        return len(asked)

    stream = viewers.follow("before", 0.05)
    while await anext(stream):
        pass
    assert set(await asyncio.gather(*(viewers.answer("overview", read) for _ in range(20)))) == {1}
    await a_deposit(engine)
    while not await anext(stream):
        pass
    assert await viewers.answer("overview", read) == 2


async def test_a_failed_read_is_not_kept(viewers: Viewers) -> None:
    async def fail() -> int:
        raise OSError("away")

    async def read() -> int:
        return 7

    stream = viewers.follow("before", 0.05)
    await anext(stream)
    with pytest.raises(OSError, match="away"):
        await viewers.answer("overview", fail)
    assert await viewers.answer("overview", read) == 7


async def test_the_stream_ends_with_the_login(
    app: Starlette, engine: AsyncEngine, clock: HandClock, watching: ChangeFeed
) -> None:
    row = {"token_sha256": token_hash("t"), "user": "zhangli", "form_token": "f", "made_at": NOW, "seen_at": NOW}
    await put(engine, logins, row)
    headers = [(b"cookie", b"nd_login=t")]
    scope = {"type": "http", "method": "GET", "path": "/changes", "headers": headers, "query_string": b"", "app": app}
    visit = await Visit.begin(Request(scope))
    stream = events_of(visit)
    assert (await anext(stream)).event == "changed"
    clock.move(31)
    await a_deposit(engine)
    said = [event.data async for event in stream]
    assert said[-1] == "ended"
    assert clock.monotonic() > LOOK_AGAIN_S


async def test_a_stream_without_a_login_says_only_that_it_is_over(browser: Browser) -> None:
    async with asyncio.timeout(10):
        answer = await browser.get("/changes")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.text.split() == ["event:", "changed", "data:", "ended"]
