"""The technician's page: the same wizard on the station's own screen, while the station itself is stopped.

The screen's program ends its normal run for it (no visit can be active then, and no poll is on a wire), serves these
pages on the same address, and starts the station again when the person is done, has left, or was idle for ten minutes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from edge.app import KioskServer, kiosk_origin, listen, simulated
from edge.commission.person import CommissioningRefusedError, LeftError
from edge.commission.run import Manner, commission, ports_of
from edge.commission.screen import LONGEST_ANSWER, Said, ScreenPerson
from edge.commission.texts import say, word
from edge.config import load_station
from edge.errors import ConfigError
from edge.kiosk.pages import HERE, Frame
from edge.kiosk.security import FIELD, Gate, RefusedError, Tokens
from edge.kiosk.texts import text as kiosk_text
from edge.services.view import Language

_log = logging.getLogger(__name__)
_HEARTBEAT_S = 15


class _Pages:
    def __init__(self, person: ScreenPerson, frame: Frame) -> None:
        self._person, self._frame = person, frame
        self._language: Language = "zh"
        folders = [HERE / "templates", Path(__file__).parent / "templates"]
        self._templates = Environment(
            loader=FileSystemLoader(folders), autoescape=True, undefined=StrictUndefined, auto_reload=False
        )

    async def show(self, request: Request) -> Response:
        return HTMLResponse(self._render(request.state.token))

    async def live(self, request: Request) -> Response:
        after = request.query_params.get("after", "")
        seen = int(after) if after.isdecimal() else -1
        return StreamingResponse(self._events(seen), media_type="text/event-stream")

    async def _events(self, seen: int) -> AsyncIterator[str]:
        changes = self._person.changes
        seen = seen if seen == changes.revision else changes.revision - 1
        while True:
            try:
                async with asyncio.timeout(_HEARTBEAT_S):
                    seen = await changes.after(seen)
            except TimeoutError:
                yield ": still here\n\n"
            else:
                yield f"event: view\ndata: {seen}\n\n"

    def act(self, action: Callable[[Mapping[str, str]], None]) -> Callable[[Request], Awaitable[Response]]:
        async def acted(request: Request) -> Response:
            action(request.state.form)
            return RedirectResponse("/", 303)

        return acted

    def answer(self, form: Mapping[str, str]) -> None:
        turn, given = form.get("turn", ""), form.get("answer", "")
        if turn.isdecimal() and len(given) <= LONGEST_ANSWER and given.isprintable():
            self._person.answer(int(turn), given)

    def leave(self, _form: Mapping[str, str]) -> None:
        self._person.left.set()

    def speak(self, form: Mapping[str, str]) -> None:
        self._language = "en" if form.get("language") == "en" else "zh"
        self._person.changes.notify()

    def refuse(self, scope: Scope, refusal: RefusedError) -> Response:
        _log.warning("refused %s: %s", scope["method"], refusal.text)
        return HTMLResponse(kiosk_text(refusal.text, self._language), refusal.status)

    def _render(self, token: str) -> str:
        language, question = self._language, self._person.question

        def t(key: str, /, **params: object) -> str:
            return kiosk_text(key, language, **params)

        def hidden() -> Markup:
            return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)

        def spoken(said: Said) -> str:
            return say(said.text, language, said.facts)

        return self._templates.get_template("wizard.html").render(
            t=t,
            hidden=hidden,
            language=language,
            station=self._frame.name_zh if language == "zh" else self._frame.name_en,
            simulated=self._frame.simulated,
            revision=self._person.changes.revision,
            refresh=2 if question is None else None,
            service_minutes=0,
            screen="commission",
            step="working" if question is None else "question",
            title=word("title", language),
            said=[{"key": said.text, "text": spoken(said)} for said in self._person.said],
            question=question,
            asked="" if question is None else spoken(question.said),
            options=[] if question is None else [(key, word(key, language)) for key in question.options],
            ok=word("ok", language),
            working=word("working", language),
            leave=word("leave", language),
        )


def create_pages(person: ScreenPerson, frame: Frame, *, origin: str) -> Starlette:
    """Return the wizard's pages for one person; `origin` is where the browser finds them."""
    pages = _Pages(person, frame)
    return Starlette(
        routes=[
            Route("/", pages.show),
            Route("/live", pages.live),
            Route("/answer", pages.act(pages.answer), methods=["POST"]),
            Route("/leave", pages.act(pages.leave), methods=["POST"]),
            Route("/language", pages.act(pages.speak), methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(Gate, origin=origin, tokens=Tokens(), refuse=pages.refuse)],
    )


async def serve(file: Path, manner: Manner | None = None) -> bool:
    """Serve the wizard until it ends; return whether the station is to start again (not after a signal).

    Raises:
        ConfigError: the kiosk's address cannot be used.
    """
    stop, person = asyncio.Event(), ScreenPerson()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    config = load_station(file)
    frame = Frame(config.station.name_zh, config.station.name_en, simulated=bool(simulated(config)))
    with listen(file, config.kiosk) as listener:
        origin = kiosk_origin(config.kiosk, listener)
        server = KioskServer(create_pages(person, frame, origin=origin), config.kiosk)
        async with asyncio.TaskGroup() as group:
            pages = group.create_task(server.serve(sockets=[listener]))
            ends = [
                group.create_task(each)
                for each in (_wizard(file, person, manner or Manner()), person.left.wait(), stop.wait())
            ]
            await asyncio.wait([*ends, pages], return_when=asyncio.FIRST_COMPLETED)
            for each in ends:
                each.cancel()
            server.should_exit = True
    return not stop.is_set()


async def _wizard(file: Path, person: ScreenPerson, manner: Manner) -> None:
    try:
        await commission(file, ports_of(file), person, manner=manner)
    except CommissioningRefusedError as refusal:
        await person.tell(refusal.text, **refusal.facts)
    except ConfigError as error:
        await person.tell("file_wrong", trouble=str(error))
    except LeftError:
        return
    with contextlib.suppress(LeftError):
        await person.choose("back_to_station", ["back"])
