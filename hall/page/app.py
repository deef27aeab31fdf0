"""The world page's web application: one page, one stream of what changed, one place for what the visitor does."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import jinja2
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from hall.acts.faults import FAULTS
from hall.addresses import HOST
from hall.house import House
from hall.page.acts import ActRefusedError, carry_out
from hall.page.frames import Frames
from hall.page.picture import Picture
from hall.page.plays import Plays
from hall.page.security import Gate

HERE = Path(__file__).parent
LOOK_EVERY_S = 0.2
# A silent stream would not notice for minutes that the browser is gone.
BEAT_EVERY_S = 10.0


class WorldPage:
    """Handlers of the page for one house."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._picture = Picture(house)
        self._plays = Plays(house)
        self._frames = Frames(house.directory)
        self._closing = asyncio.Event()
        environment = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE / "templates"), autoescape=True)
        self._template = environment.get_template("world.html")

    def app(self) -> Starlette:
        """The ASGI application behind its gate."""
        return Starlette(
            routes=[
                Route("/", self.page),
                Route("/events", self.events),
                Route("/do", self.do, methods=["POST"]),
                Mount("/static", StaticFiles(directory=HERE / "static")),
            ],
            middleware=[Middleware(Gate, origin=self._house.ports.world_url)],
            lifespan=self._lifespan,
        )

    def close(self) -> None:
        """End the streams, so that the server can stop."""
        self._closing.set()

    async def page(self, request: Request) -> HTMLResponse:
        """The page itself; what moves on it comes by `/events`."""
        house, people = self._house, self._house.directory.people()
        station = house.directory.table()["station"]
        return HTMLResponse(
            self._template.render(
                token=request.state.token,
                name_zh=station["name_zh"],
                name_en=station["name_en"],
                kiosk_url=house.ports.kiosk_url,
                hub_url=house.ports.hub_url,
                faults=FAULTS,
                user=people.user,
                password=people.password,
                badge=people.badge,
                pin=people.pin,
            )
        )

    async def do(self, request: Request) -> Response:
        """Carry out one act of the visitor."""
        form = request.state.form
        try:
            if form.get("do") == "play":
                self._plays.begin(form)
            else:
                await carry_out(self._house, form)
        except ActRefusedError as refusal:
            return PlainTextResponse(str(refusal), 409)
        return Response(status_code=204)

    async def events(self, _: Request) -> StreamingResponse:
        """Server-sent events `picture` and `frames`, each when it differs from what was sent before."""
        return StreamingResponse(self._stream(), media_type="text/event-stream")

    async def _stream(self) -> AsyncIterator[str]:
        sent: dict[str, str] = {}
        loop = asyncio.get_running_loop()
        beat = loop.time()
        while not self._closing.is_set():
            for name, value in (("picture", self._picture.now()), ("frames", self._frames.rows())):
                text = json.dumps(value, ensure_ascii=False)
                if sent.get(name) != text:
                    sent[name] = text
                    yield f"event: {name}\ndata: {text}\n\n"
            if loop.time() - beat > BEAT_EVERY_S:
                beat = loop.time()
                yield ": still here\n\n"
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closing.wait(), LOOK_EVERY_S)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._picture.follow()), group.create_task(self._read_frames())]
            yield
            await self._plays.close()
            for task in tasks:
                task.cancel()

    async def _read_frames(self) -> None:
        while True:
            self._frames.refresh()
            await asyncio.sleep(LOOK_EVERY_S)


class _Server(uvicorn.Server):
    """Leaves SIGINT and SIGTERM to the house, which stops its processes in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serve(house: House) -> AsyncIterator[None]:
    """Serve the world page for the body of the `async with`; raises OSError when the port is taken."""
    page = WorldPage(house)
    options: dict[str, Any] = {"log_config": None, "access_log": False, "timeout_graceful_shutdown": 2}
    server = _Server(uvicorn.Config(page.app(), **options))
    # Bound here: from now on a browser's connection waits in the queue instead of being refused.
    with socket.create_server((HOST, house.ports.world)) as listening:
        task = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            yield
        finally:
            page.close()
            server.should_exit = True
            await task
