"""Pictures for the pages of a submission: the mat, live; captured pages; files on a drive. No browser keeps them."""

from __future__ import annotations

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.services.desk import Desk

OUTLINES, NUMBER, HINT = "nightdesk-outlines", "nightdesk-number", "nightdesk-hint"
# A picture that says nothing: one transparent dot, for a page or a file without one.
NOTHING = bytes.fromhex("47494638396101000100800000000000ffffff21f90401000000002c00000000010001000002024401003b")

# A sheet with its kind on it, for a file of which there is no small picture.
SHEET = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 150 150"><path d="M35 12h58l24 24v102H35z" fill="#fff" '
    'stroke="#5c7080" stroke-width="4"/><path d="M93 12v24h24" fill="none" stroke="#5c7080" stroke-width="4"/>'
    '<text x="76" y="98" font-family="sans-serif" font-size="23" font-weight="bold" text-anchor="middle" '
    'fill="#0b3b57">{}</text></svg>'
)


class Pictures:
    """Answers only while the form that shows them is on the screen; every other time there is nothing to see."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/camera/live", self.live, methods=["GET"]),
            Route("/camera/page/{key:int}", self.page, methods=["GET"]),
            Route("/camera/page/{key:int}/large", self.large, methods=["GET"]),
            Route("/print/page/{key:int}", self.paper, methods=["GET"]),
            Route("/drive/file/{key:int}", self.file, methods=["GET"]),
        ]

    async def live(self, request: Request) -> Response:
        """Return the next picture of the mat with what is seen in it; 204 when there is none."""
        after = request.query_params.get("after", "")
        live = await self._desk.submission.camera.preview(int(after) if after.isdecimal() and len(after) < 10 else 0)
        if live is None:
            return Response(status_code=204)
        said = {OUTLINES: json.dumps(live.outlines), NUMBER: str(live.number), HINT: live.hint}
        return Response(live.jpeg, media_type="image/jpeg", headers=said)

    async def page(self, request: Request) -> Response:
        """Return the small picture of a captured page."""
        return _picture(self._desk.submission.camera.picture(request.path_params["key"]))

    async def large(self, request: Request) -> Response:
        """Return a captured page as it will be handed in, so that small print can be read."""
        return _picture(self._desk.submission.camera.picture(request.path_params["key"], large=True))

    async def paper(self, request: Request) -> Response:
        """Return a page of the preview of the paper that is on the screen."""
        png = self._desk.prints.picture(request.path_params["key"])
        return Response(png, media_type="image/png") if png else Response(NOTHING, media_type="image/gif")

    async def file(self, request: Request) -> Response:
        """Return the small picture of a file on the drive."""
        drive, key = self._desk.submission.drive, request.path_params["key"]
        picture = await drive.thumbnail(key)
        if not picture and (kind := drive.kind(key)):
            return Response(SHEET.format(kind.upper()), media_type="image/svg+xml")
        return _picture(picture)


def _picture(jpeg: bytes) -> Response:
    return Response(jpeg, media_type="image/jpeg") if jpeg else Response(NOTHING, media_type="image/gif")
