"""Documents of a submission: a viewer that shows pages as pictures, and the file itself as a download.

What citizens brought is foreign: nothing of it is ever served as what it says it is. Pages are drawn in a walled
process (`hub/services/drawing/`); a download is an attachment without a type. Every look is recorded first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import Row
from starlette.responses import Response
from starlette.routing import Route

from hub.services.drawing.pages import TURNS, WIDTHS, Job, UndrawableError
from hub.services.file_format import DamagedError
from hub.services.people import Role
from hub.services.picture.deposits import find_deposit
from hub.services.picture.submissions import ENDINGS, Document, Documents, documents_of
from hub.services.refusals import RefusedError, UnknownSubjectError
from hub.web.forms import read_number
from hub.web.render import render
from hub.web.visit import Visit, number_in_path, page

ZOOMS = ("fit", "width", "large")
# Nothing in these answers may load, run or be framed anything, whatever a browser makes of them.
FOREIGN = {"content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox"}
MOST_PAGES = 10_000


@dataclass(frozen=True)
class Looking:
    """One document that somebody looks at."""

    deposit: Row[Any]
    documents: Documents
    number: int
    document: Document
    counted: int | None = None

    @classmethod
    async def at(cls, visit: Visit) -> Looking:
        """Find it.

        Raises:
            UnknownSubjectError: there is no such deposit, or it has no such document.
        """
        desk = visit.desk
        deposit = await find_deposit(desk.engine, number_in_path(visit, "receipt_number"))
        if deposit is None:
            raise UnknownSubjectError("deposit_unknown")
        documents = await documents_of(desk.engine, desk.files, deposit.receipt_number, deposit.manifest)
        found = documents.find(number_in_path(visit, "document"))
        if found is None:
            raise UnknownSubjectError("document_unknown")
        return cls(deposit, documents, *found)

    @property
    def path(self) -> str:
        """The document's own address."""
        return f"/deposits/{quote(self.deposit.receipt_number, '')}/documents/{self.document.id}"

    @property
    def pages(self) -> int:
        """How many pages there are to look at: those that were counted here, else those that the station said."""
        return max(1, min(self.counted or self.document.pages or 1, MOST_PAGES))

    async def with_count(self, visit: Visit) -> Looking:
        """Count the pages, where that is possible: a page that nobody said must not stay unseen."""
        if self.document.arrived_at is None or not self.document.can_be_drawn:
            return self
        sha256 = self.document.sha256
        try:
            return replace(self, counted=await visit.desk.drawer.count(sha256, visit.desk.files.pieces(sha256)))
        except (FileNotFoundError, DamagedError):
            return self


@dataclass(frozen=True)
class View:
    """How a page is looked at, as the address says."""

    page: int
    turn: int
    zoom: str

    @classmethod
    def read(cls, visit: Visit, pages: int) -> View:
        """Read the address; what is odd in it becomes the ordinary."""
        query = visit.request.query_params
        number = read_number(query.get("page", ""), MOST_PAGES) or 1
        turn = read_number(query.get("turn", ""), 270) or 0
        zoom = query.get("zoom", "fit")
        return cls(min(number, pages), turn if turn in TURNS else 0, zoom if zoom in ZOOMS else "fit")

    def but(self, **changed: object) -> str:
        """Return the query of a neighbouring view."""
        return urlencode({"page": self.page, "turn": self.turn, "zoom": self.zoom, **changed})


@page(Role.CLERK, Role.ADMIN)
async def show(visit: Visit) -> Response:
    """Show one page with the means to go on, turn and enlarge."""
    looking = await (await Looking.at(visit)).with_count(visit)
    view = View.read(visit, looking.pages)
    return render(visit, "document.html", {"looking": looking, "view": view, "zooms": ZOOMS})


@page(Role.CLERK, Role.ADMIN)
async def picture(visit: Visit) -> Response:
    """One page as a JPEG of ours."""
    looking = await Looking.at(visit)
    number = read_number(str(visit.request.path_params["number"]), MOST_PAGES) or 0
    size = str(visit.request.path_params["size"])
    turn = read_number(visit.request.query_params.get("turn", "0"), 270)
    if not number or size not in WIDTHS or turn not in TURNS or not looking.document.can_be_drawn:
        raise UnknownSubjectError("page_unknown")
    _require_here(looking)
    shown = 0 if size == "thumbnail" else number
    await visit.desk.views.note_look(
        visit.now, visit.person.name, looking.deposit.receipt_number, looking.document.sha256, shown
    )
    pieces = visit.desk.files.pieces(looking.document.sha256)
    try:
        drawn = await visit.desk.drawer.draw(pieces, Job(number, WIDTHS[size], turn))
    except UndrawableError as error:
        raise RefusedError(f"undrawable_{error.reason}") from error
    except (FileNotFoundError, DamagedError) as error:
        raise UnknownSubjectError("content_damaged") from error
    return Response(drawn.jpeg, media_type="image/jpeg", headers=FOREIGN)


@page(Role.CLERK, Role.ADMIN)
async def download(visit: Visit) -> Response:
    """The file itself, named by its receipt number: what its citizen called it stays on the page."""
    await visit.form()
    looking = await Looking.at(visit)
    _require_here(looking)
    receipt, document = looking.deposit.receipt_number, looking.document
    try:
        content = await visit.desk.files.read(document.sha256)
    except (FileNotFoundError, DamagedError) as error:
        raise UnknownSubjectError("content_damaged") from error
    await visit.desk.views.note_download(visit.now, visit.person.name, receipt, document.sha256)
    name = f"{receipt}-{looking.number}.{ENDINGS.get(document.media_type, 'bin')}"
    headers = {**FOREIGN, "content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


def _require_here(looking: Looking) -> None:
    if looking.document.arrived_at is None:
        raise UnknownSubjectError("not_arrived")


_DOCUMENT = "/deposits/{receipt_number}/documents/{document}"
routes = [
    Route(_DOCUMENT, show),
    Route(f"{_DOCUMENT}/pages/{{number}}/{{size}}", picture),
    Route(f"{_DOCUMENT}/file", download, methods=["POST"]),
]
