"""Contents of print orders, fetched from a server that also cuts, lies and is away."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.services.print_orders import PrintOrders
from edge.store.files import Files
from edge.store.unit_of_work import Store
from edge.uplink.documents import Source
from edge.uplink.print_contents import PrintContents
from tests.materials import FILE_KEY
from tests.print_orders import an_order, put_in_force
from tests.unit.edge.services.moved_clock import MovedClock
from tests.unit.edge.uplink.test_documents import Shelf

FACTS = b'{"a": 1}'


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[tuple[Store, PrintOrders, Shelf, PrintContents]]:
    shelf = Shelf()
    server = await asyncio.start_server(shelf.serve, "127.0.0.1", 0)
    (tmp_path / "token").write_text("t0ken\n")
    files = Files(tmp_path / "papers", FILE_KEY)
    source = Source(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", tmp_path / "token")
    async with server, await Store.open(tmp_path / "station.db", MovedClock()) as store:
        orders = PrintOrders(store, files)
        contents = PrintContents(orders, source)
        running = asyncio.create_task(contents.run())
        yield store, orders, shelf, contents
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    files.close()


def served(content: bytes) -> str:
    return "/print-contents/" + hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("trouble", ["away", "other content", "not there yet"])
async def test_a_content_is_fetched_in_the_end_and_never_a_wrong_one(
    scene: tuple[Store, PrintOrders, Shelf, PrintContents], trouble: str
) -> None:
    store, orders, shelf, contents = scene
    order = an_order(FACTS)
    if trouble == "away":
        shelf.broken = 1
        shelf.held[served(FACTS)] = FACTS
    elif trouble == "other content":
        shelf.held[served(FACTS)] = b'{"a": 2}'
    await put_in_force(store, order)
    contents.wake()
    async with asyncio.timeout(20):
        while len(shelf.asked) < 1:  # noqa: ASYNC110 - the server has no event
            await asyncio.sleep(0.02)
        if trouble != "away":
            assert await orders.missing() == [order.content]
        shelf.held[served(FACTS)] = FACTS
        while await orders.missing():  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
    assert (await orders.content(order.order)).facts == {"a": 1}
