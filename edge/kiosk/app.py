"""The kiosk as a Starlette app: one page that shows the current screen, and one form per thing a person may do.

GET / is always the current screen and changes nothing. Every action is a form POST that answers 303 to `/`; what the
person can mend is said on that screen, everything else is an error page. The actions:

| path | fields besides `token` | allowed when |
|---|---|---|
| /go | to = deposit, submission, pickup, print, staff | before a visit |
| /language | language = zh, en | always |
| /extend | | always |
| /cancel | (visit) | before the door opened |
| /deposit/size | size = s, m, l | choosing the size |
| /deposit/low | low = yes, no | choosing the size |
| /deposit/reach | reach = low, any | nothing low down is free in that size |
| /deposit/turned-away, /deposit/wait | | nothing of that size is free |
| /deposit/join | phone | asking for a waiting place |
| /deposit/start | phone (may be empty), skip | after the size |
| /submission/paper, camera, drive | | on the list of materials |
| /submission/identity | do (skip, ask, forget) | asked whose submission it is, and on the list of materials |
| /submission/remove | file (its hash) | on the list of materials |
| /submission/send | | on the list of materials |
| /submission/hand-in | phone (may be empty), skip | handing in |
| /submission/give-up | | asked whether that is meant |
| /submission/add-more | visit | a hand-in of paper has ended well |
| /camera/capture, /camera/finish | | at the document camera |
| /camera/page | page, do = pick, close, retake, turn, up, down, remove | at the document camera |
| /camera/joining | how = pages, card | at the document camera |
| /drive/tick | file | at the USB drive |
| /drive/copy | | at the USB drive |
| /pickup/number | number | typing the compartment |
| /pickup/start | code | typing the code |
| /pickup/way | way = qr, card | before a code was typed |
| /pickup/qr | qr (what a scanner typed) | collecting by QR code |
| /pickup/extend | code | typing the code |
| /pickup/one-time | | a second factor is asked for |
| /pickup/factor | one_time | a second factor is asked for |
| /print/choose | order | on the list of papers |
| /print/go | | looking at a paper |
| /print/taken | | a paper came out |
| /print/more | | a paper's printing has ended |
| /staff/print | order | signed in, right `load` |
| /confirm | visit, answer = confirmed, nothing, left, missing, wrong, (count = 1 to 99) | door closed again |
| /reopen | visit | door closed again, fewer than three openings |
| /finish | visit | the visit has ended |
| /staff/sign-in | badge, pin | signed out |
| /staff/sign-out | | signed in |
| /staff/load | case_number | signed in, right `load` |
| /staff/scan, /staff/trolley/scan | label (what a scanner typed) | signed in, right `load` |
| /staff/unknown | size = s, m, l | an unknown label was scanned |
| /staff/trolley, /staff/list | | signed in |
| /staff/trolley/remove | case_number | before the plan |
| /staff/trolley/size | case_number, size = s, m, l | before the plan |
| /staff/trolley/plan, go, again, finish | | signed in, right `load` |
| /staff/clear, /staff/inspect | number | signed in, right `clear` (inspect: or `service`) |
| /staff/witness | badge, pin, destination = window, courier | a second person is asked for |
| /staff/later | | a second person is asked for |
| /staff/service | arm = yes, no | signed in, right `service` |
| /staff/list | | back to the lists |
| /technician | | signed in, right `service` |
| /technician/second | (badge, pin) | service mode armed; with the fields, the second person signs |
| /technician/test-unlock | number | service mode armed, that compartment free |
| /technician/release | number, reason | service mode armed, a second person has signed |
| /technician/return | number | out of service and neither in doubt nor out for its sensor |
| /technician/commission | | service mode armed, nobody at a door, every compartment free |
| /technician/looked-after | number | signed in, right `service` |
| /technician/self-test, /technician/test-print | | signed in, right `service` |
| /stock | | signed in, right `service`, the station prints on blanks |
| /stock/arm | arm = yes, no | as /stock |
| /stock/range | tray (empty: received) | service mode armed |
| /stock/give | kind, first, last | the numbers are asked for |
| /stock/unload | tray | service mode armed |
| /stock/void | (number, reason) | service mode armed |
| /stock/look | number, found = printed, blank, spoiled | service mode armed, that sheet's fate is unknown |
| /stock/destroy | | service mode armed, sheets are void |
| /stock/sign | badge, pin | two persons are asked for |
| /stock/print | what = count, list | as /stock |
| /says-open | visit, number | that door did not open as far as its sensor tells |
| /says-shut | visit | the visit's door reads open; counts the second time |
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from edge.errors import AskCitizenError, TryAgainError
from edge.kiosk.form import Form
from edge.kiosk.forms import ACTIONS
from edge.kiosk.pages import HERE, Frame, Pages, Work
from edge.kiosk.pictures import Pictures
from edge.kiosk.security import HEADERS, Gate, RefusedError, Tokens
from edge.services.desk import Desk

HEARTBEAT_SECONDS = 15
LIVE_STREAMS = 16
_log = logging.getLogger(__name__)


def create_kiosk(desk: Desk, frame: Frame, *, origin: str) -> Starlette:
    """Return the kiosk for `desk`; `origin` is where the browser finds it, such as `http://127.0.0.1:8101`."""
    kiosk = _Kiosk(desk, Pages(frame))
    return Starlette(
        routes=[
            Route("/", kiosk.show),
            Route("/live", kiosk.live),
            Route("/favicon.ico", _no_icon),
            *Pictures(desk).routes(),
            *(Route(path, kiosk.act(action), methods=["POST"]) for path, action in ACTIONS.items()),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        middleware=[Middleware(Gate, origin=origin, tokens=Tokens(), refuse=kiosk.refuse)],
        exception_handlers={HTTPException: kiosk.http_error, RefusedError: kiosk.refused, Exception: kiosk.bug},
    )


async def _no_icon(_request: Request) -> Response:
    return Response(status_code=204)


class _Kiosk:
    def __init__(self, desk: Desk, pages: Pages) -> None:
        self._desk, self._pages = desk, pages
        self._streams = 0

    async def show(self, request: Request) -> Response:
        view = self._desk.state()
        work: Work | None = None
        match view.step:
            case "list":
                work = await self._desk.work()
            case "technician":
                work = await self._desk.service.work()
            case "stock" | "stock_range" | "stock_void" | "stock_second":
                work = await self._desk.stock.work()
            case "trolley":
                work = await self._desk.trolley.work()
        return self._pages.screen(view, request.state.token, work)

    async def live(self, request: Request) -> Response:
        """Server-sent events: `view` whenever the screen is no longer the one that the page shows."""
        if self._streams >= LIVE_STREAMS:
            raise HTTPException(503)
        after = request.query_params.get("after", "")
        return StreamingResponse(self._events(int(after) if after.isdecimal() else -1), media_type="text/event-stream")

    async def _events(self, after: int) -> AsyncIterator[str]:
        changes = self._desk.changes
        self._streams += 1
        try:
            # A count from before a restart may be higher than ours: anything but the present one is news.
            seen = after if after == changes.revision else changes.revision - 1
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        seen = await changes.after(seen)
                except TimeoutError:
                    yield ": still here\n\n"
                else:
                    yield f"event: view\ndata: {seen}\n\n"
        finally:
            self._streams -= 1

    def act(self, action: Callable[[Desk, Form], Awaitable[None]]) -> Callable[[Request], Awaitable[Response]]:
        async def acted(request: Request) -> Response:
            try:
                await action(self._desk, Form(request.state.form))
            except (AskCitizenError, TryAgainError) as error:
                self._desk.say(error)
            return RedirectResponse("/", 303)

        return acted

    def refuse(self, scope: Scope, refusal: RefusedError) -> Response:
        _log.warning("refused %s: %s", scope["method"], refusal.text)
        return self._error(refusal.status, refusal.text, scope["state"]["token"])

    async def refused(self, request: Request, error: Exception) -> Response:
        return self.refuse(request.scope, error) if isinstance(error, RefusedError) else await self.bug(request, error)

    async def http_error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return self._error(status, "error_not_found" if status < 500 else "error_inside", request.state.token)

    async def bug(self, request: Request, _error: Exception) -> Response:
        # The server logs the traceback; the person gets a page.
        response = self._error(500, "error_inside", request.state.token)
        # Starlette makes this answer outside the gate, which dresses all others.
        response.headers.update(HEADERS)
        return response

    def _error(self, status: int, key: str, token: str) -> Response:
        return self._pages.error(status, key, self._desk.language, token, self._desk.changes.revision)
