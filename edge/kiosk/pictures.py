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


class Pictures:
    """Answers only while the form that shows them is on the screen; every other time there is nothing to see."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/camera/live", self.live, methods=["GET"]),
            Route("/camera/page/{key:int}", self.page, methods=["GET"]),
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

    async def file(self, request: Request) -> Response:
        """Return the small picture of a file on the drive."""
        return _picture(await self._desk.submission.drive.thumbnail(request.path_params["key"]))


def _picture(jpeg: bytes) -> Response:
    return Response(jpeg, media_type="image/jpeg") if jpeg else Response(NOTHING, media_type="image/gif")
