"""The station's side of uploads against a hub that answers what a test wants, over real HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.events import DoorOpened
from edge.store.file_rows import FileRow
from edge.store.files import Files
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store, Transaction
from edge.uplink import hub_files, upload
from edge.uplink.documents import Source
from edge.uplink.upload import Uploads
from hall.processes import until
from tests.unit.edge.hand_clock import HandClock

KEY = b"k" * 32
PAGE = b"page" * 300_000
HASH = hashlib.sha256(PAGE).hexdigest()


class OddHub:
    """Keeps uploads in memory. `say` decides for each request (method, path) whether another status is answered."""

    def __init__(self) -> None:
        self.parts: dict[str, bytes] = {}
        self.whole: set[str] = set()
        self.asked: list[str] = []
        self.say: Callable[[str, str], int | None] = lambda _method, _path: None
        self.etag: str | None = None
        self.location = "uploads/{}"
        app = Starlette(
            routes=[
                Route("/at/hub/{kind}", self._answer, methods=["POST"]),
                Route("/at/hub/{kind}/{sha256}", self._answer, methods=["HEAD", "PATCH"]),
            ]
        )
        self.server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))

    async def _answer(self, request: Request) -> Response:
        method, path = request.method, request.url.path
        self.asked.append(method)
        assert request.headers["authorization"] == "Bearer t0ken"
        status = self.say(method, path)
        if status is not None:
            return Response(status_code=status)
        sha256 = request.path_params.get("sha256", "")
        if request.path_params["kind"] == "files":
            etag = self.etag or f'"{sha256}"'
            return Response(headers={"ETag": etag}) if sha256 in self.whole else Response(status_code=404)
        return await self._upload(request, sha256)

    async def _upload(self, request: Request, sha256: str) -> Response:
        if request.method == "POST":
            self.parts.setdefault(HASH, b"")
            return Response(status_code=201, headers={"Location": self.location.format(HASH)})
        if request.method == "PATCH":
            assert int(request.headers["upload-offset"]) == len(self.parts[sha256])
            self.parts[sha256] += await request.body()
            if hashlib.sha256(self.parts[sha256]).hexdigest() == sha256:
                self.whole.add(sha256)
            return Response(status_code=204, headers={"Upload-Offset": str(len(self.parts[sha256]))})
        return Response(headers={"Upload-Offset": str(len(self.parts[sha256]))})


class Bench:
    """A station with one wanted file."""

    def __init__(self, store: Store, shelf: Shelf, hub: OddHub, source: Source) -> None:
        self.store, self.shelf, self.hub = store, shelf, hub
        self.uploads = Uploads(store, shelf, source)

    async def hand_in(self) -> None:
        await self.shelf.take(PAGE, "image/jpeg", "S")
        await self.store.transact(_want)

    async def row(self) -> FileRow:
        row = await self.store.read(lambda tx: tx.file(HASH, "S"))
        assert row is not None
        return row

    async def until_state(self, state: str) -> None:
        async def there() -> bool:
            gone = state != "verified" or not await self.shelf.files.has(HASH)
            return gone and (await self.row()).state == state

        await until(there, 10, state)


def _want(tx: Transaction) -> None:
    tx.want_files("S")
    tx.emit(DoorOpened(compartment=1))


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(upload, "RETRY_MIN_S", 0.02)
    monkeypatch.setattr(upload, "RETRY_MAX_S", 0.05)
    (tmp_path / "token").write_text("t0ken\n")
    hub = OddHub()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        serving = asyncio.create_task(hub.server.serve(sockets=[listener]))
        source = Source(f"http://127.0.0.1:{listener.getsockname()[1]}/at/hub", tmp_path / "token")
        with closing(Files(tmp_path / "files", KEY)) as files:
            async with await Store.open(tmp_path / "station.db", HandClock()) as store:
                made = Bench(store, Shelf(store, files), hub, source)
                running = asyncio.create_task(made.uploads.run())
                yield made
                running.cancel()
                await asyncio.wait({running})
        hub.server.should_exit = True
        await serving


async def test_a_wanted_file_goes_at_once_and_is_let_go(bench: Bench) -> None:
    await asyncio.sleep(0.1)  # the silence itself is what is tested; a longer one is as good
    assert bench.hub.asked == []
    await bench.hand_in()  # its event wakes the uploads: the next look would be a minute away
    await bench.until_state("verified")
    assert bench.hub.parts == {HASH: PAGE}
    assert bench.hub.asked == ["HEAD", "POST", "HEAD", "PATCH", "HEAD"]


async def test_what_the_hub_has_already_is_not_sent(bench: Bench) -> None:
    bench.hub.whole.add(HASH)
    await bench.hand_in()
    await bench.until_state("verified")
    assert bench.hub.asked == ["HEAD"]


async def test_it_goes_on_from_where_the_hub_is(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_files, "PATCH_BYTES", 500_000)
    bench.hub.parts[HASH] = PAGE[:700_001]
    await bench.hand_in()
    await bench.until_state("verified")
    assert bench.hub.parts == {HASH: PAGE}
    assert bench.hub.asked.count("PATCH") == 1


@pytest.mark.parametrize("method", ["HEAD", "POST", "PATCH"])
@pytest.mark.parametrize("status", [401, 404, 409, 423, 503, 507])
async def test_whatever_is_answered_the_file_stays_and_is_tried_again(
    bench: Bench, method: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    left = [3]

    def say(asked: str, _path: str) -> int | None:
        if asked != method or not left[0]:
            return None
        left[0] -= 1
        return status

    bench.hub.say = say
    await bench.hand_in()
    await bench.until_state("verified")
    assert left == [0]
    ours = [each.getMessage() for each in caplog.records if not each.name.startswith("uvicorn")]
    assert ours
    assert HASH not in " ".join(ours)


@pytest.mark.parametrize(
    ("etag", "location"),
    [('"another"', "uploads/{}"), (None, "http://127.0.0.2:1/uploads/{}"), (None, "http://[")],
)
async def test_an_answer_that_is_not_the_hubs_lets_nothing_go(bench: Bench, etag: str | None, location: str) -> None:
    bench.hub.etag, bench.hub.location = etag, location
    if etag is not None:
        bench.hub.whole.add(HASH)
    await bench.hand_in()
    async with asyncio.timeout(5):
        while bench.hub.asked.count("HEAD") < 2:  # noqa: ASYNC110 - asked again: the first answer was judged
            await asyncio.sleep(0.01)
    assert (await bench.row()).state == "wanted"
    assert await bench.shelf.files.has(HASH)
    bench.hub.etag, bench.hub.location = None, "uploads/{}"
    bench.uploads.wake()
    await bench.until_state("verified")


async def test_a_damaged_file_is_told_and_does_not_hold_up(bench: Bench, tmp_path: Path) -> None:
    await bench.shelf.take(PAGE, "image/jpeg", "S")
    (stored,) = (tmp_path / "files").iterdir()
    content = bytearray(stored.read_bytes())
    content[len(content) // 2] ^= 1
    stored.write_bytes(content)
    await bench.store.transact(_want)
    await bench.until_state("lost")
    assert bench.hub.whole == set()
