"""Print orders of the back office: `/print-orders`, with a program's bearer token.

The id of an order is derived from the program and its idempotency key, so the same request again is the same order,
whatever was lost on the way, and needs no table of answers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid5

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contract.ids import CitizenNumber, card_hash, mask_citizen_number, read_citizen_number
from contract.print_order_api import (
    IDEMPOTENCY_KEY,
    NewPrintOrder,
    PrintOrderList,
    PrintOrderView,
    PrintTry,
    ReturnedPaper,
)
from hub.api.client_of import client_of, no_client, not_allowed
from hub.api.problems import problem
from hub.clock import Clock
from hub.db.engine import is_away
from hub.services.clients import Client, Scope
from hub.services.paper_codes import PaperCodes
from hub.services.pdf_words import PDF_WORDS
from hub.services.picture.papers import Paper, find_paper, list_papers
from hub.services.print_orders import LARGEST_CONTENT, NewOrder, PaperSeal, make_order, withdraw_order
from hub.services.refusals import RefusedError
from hub.services.returned_papers import take_in_paper

_T = TypeVar("_T")
_Handler = Callable[[Request], Awaitable[Response]]
_LARGEST_BODY = LARGEST_CONTENT * 3 // 2  # base64 takes a third more
_ORDERS = UUID("6b0c6a1e-8f0f-4c56-9b53-6f2f0f0b8c11")
_KEY = re.compile(IDEMPOTENCY_KEY)
_MOST_PAGES = 10_000
_LATER = frozenset({"no_pdf_roots", "pdf_not_checked"})
_SAYS = {
    "order_odd": (422, "打印任务内容不完整或不合规", "The order is incomplete or does not fit together."),
    "order_too_large": (413, "打印内容为空或超过 8 MB", "The content is empty or larger than 8 MiB."),
    "order_known": (422, "此幂等键已用于另一任务", "This idempotency key was used for another order."),
    "station_unknown": (422, "没有这个站点", "There is no such station."),
    "no_paper_key": (503, "本中心没有可用的签发密钥", "This hub has no key in use that signs codes of papers."),
    **{key: (503 if key in _LATER else 422, *words) for key, words in PDF_WORDS.items()},
    "paper_not_asked_back": (422, "该任务不要求交回此证照", "This order does not wait for that paper."),
    "original_live": (409, "已有有效正本，须先收回", "There is a live original that must be given back first."),
    "citizen_number_wrong": (422, "身份证号不正确", "The citizen number is not right."),
    "no_card_key": (422, "本中心没有身份证密钥", "This hub has no key for citizen numbers: send card_hash."),
}


class PrintOrdersApi:
    """Makes, shows and takes back orders; each program sees its own."""

    def __init__(
        self, engine: AsyncEngine, seal: PaperSeal, clock: Clock, codes: PaperCodes, card_key: bytes | None = None
    ) -> None:
        self._engine, self._seal, self._clock, self._codes, self._card_key = engine, seal, clock, codes, card_key

    def routes(self) -> list[Route]:
        """Return the routes of this part."""
        return [
            Route("/print-orders", _or_later(self.make), methods=["POST"]),
            Route("/print-orders", _or_later(self.list), methods=["GET"]),
            Route("/print-orders/{order}", _or_later(self.show), methods=["GET"]),
            Route("/print-orders/{order}", _or_later(self.withdraw), methods=["DELETE"]),
            Route("/print-orders/{order}/returned", _or_later(self.take_in), methods=["POST"]),
        ]

    async def make(self, request: Request) -> Response:
        """Answer 201 with the order, 200 when the same request made it before."""
        client = await client_of(self._engine, request)
        if client is None:
            return no_client()
        key = request.headers.get("idempotency-key", "")
        if not _KEY.fullmatch(key):
            return problem(400, "缺少幂等键", "Idempotency-Key: 8 to 64 printable characters.")
        body = await _body(request)
        if body is None:
            return _refused("order_too_large")
        try:
            wish = NewPrintOrder.model_validate_json(body)
        except ValidationError as error:
            return problem(422, "打印任务内容不完整或不合规", _where(error))
        if not client.may(Scope.WRITE_PRINT_ORDERS, wish.station):
            return not_allowed()
        return await self._make(client, uuid5(_ORDERS, f"{client.name} {key}"), wish)

    async def _make(self, client: Client, order: UUID, wish: NewPrintOrder) -> Response:
        now = self._clock.now()
        try:
            new = self._order(order, wish, now)
            fresh = await make_order(self._engine, self._seal, now, client.signature, new, self._codes)
        except RefusedError as error:
            return _refused(error.key)
        found = await find_paper(self._engine, now, order)
        return _json(_view(_must(found)), 201 if fresh else 200, {"Location": f"/print-orders/{order}"})

    def _order(self, order: UUID, wish: NewPrintOrder, now: datetime) -> NewOrder:
        try:
            content = wish.content()
        except ValueError as error:
            raise RefusedError("order_odd") from error
        hashed, mask = self._card(wish, now)
        return NewOrder(
            order, wish.station, wish.layout, wish.certificate, content, wish.expires_at, wish.subject, wish.stock,
            wish.returns, wish.delivery, hashed, mask, wish.case_number, wish.media_type,
        )  # fmt: skip

    def _card(self, wish: NewPrintOrder, now: datetime) -> tuple[str | None, str]:
        if wish.citizen_number is None:
            return wish.card_hash, wish.mask
        if self._card_key is None:
            raise RefusedError("no_card_key")
        read = read_citizen_number(wish.citizen_number, now.date())
        if not isinstance(read, CitizenNumber):
            raise RefusedError("citizen_number_wrong")
        return card_hash(self._card_key, read.number), wish.mask or mask_citizen_number(read.number)

    async def list(self, request: Request) -> Response:
        """Answer 200 with a page of the program's own orders, newest first."""
        client = await client_of(self._engine, request)
        if client is None:
            return no_client()
        if not client.may(Scope.READ_PRINT_ORDERS):
            return not_allowed()
        page = request.query_params.get("page", "0")
        if not (page.isascii() and page.isdigit() and len(page) < 6 and int(page) < _MOST_PAGES):
            return problem(400, "页码不正确", "page is a number from 0.")
        papers, more = await list_papers(self._engine, self._clock.now(), int(page), made_by=client.signature)
        return _json(PrintOrderList(orders=tuple(_view(paper) for paper in papers), more=more))

    async def show(self, request: Request) -> Response:
        """Answer 200 with one of the program's own orders."""
        client = await client_of(self._engine, request)
        if client is None:
            return no_client()
        if not client.may(Scope.READ_PRINT_ORDERS):
            return not_allowed()
        paper = await self._own(client, request)
        return _unknown() if paper is None else _json(_view(paper))

    async def withdraw(self, request: Request) -> Response:
        """Answer 200 with the order, taken back; the same again is the same. A paper that is out stays out."""
        client = await client_of(self._engine, request)
        if client is None:
            return no_client()
        if not client.may(Scope.WRITE_PRINT_ORDERS):
            return not_allowed()
        paper = await self._own(client, request)
        if paper is None:
            return _unknown()
        order = UUID(paper.order.order_id)
        await withdraw_order(self._engine, self._clock.now(), client.signature, order)
        return _json(_view(_must(await find_paper(self._engine, self._clock.now(), order))))

    async def take_in(self, request: Request) -> Response:
        """Answer 200 with the order once an older paper that it waits for was given back; twice is once."""
        client = await client_of(self._engine, request)
        if client is None:
            return no_client()
        if not client.may(Scope.WRITE_PRINT_ORDERS):
            return not_allowed()
        paper, body = await self._own(client, request), await _body(request)
        if paper is None:
            return _unknown()
        order = UUID(paper.order.order_id)
        try:
            number = ReturnedPaper.model_validate_json(body or b"").certificate
            await take_in_paper(self._engine, self._clock.now(), client.signature, order, number)
        except ValidationError as error:
            return problem(422, "内容不完整或不合规", _where(error))
        except RefusedError as error:
            return _refused(error.key)
        return _json(_view(_must(await find_paper(self._engine, self._clock.now(), order))))

    async def _own(self, client: Client, request: Request) -> Paper | None:
        try:
            order = UUID(request.path_params["order"])
        except ValueError:
            return None
        paper = await find_paper(self._engine, self._clock.now(), order)
        return paper if paper is not None and paper.order.made_by == client.signature else None


def _or_later(handler: _Handler) -> _Handler:
    """Answer 503 while the database is away: the same request again is the same order."""

    async def answering(request: Request) -> Response:
        try:
            return await handler(request)
        except Exception as error:
            if not is_away(error):
                raise
            return problem(503, "暂时无法处理", "The database is away; send the same again.")

    return answering


def _must(found: _T | None) -> _T:
    if found is None:
        raise RuntimeError("an order that was just written is not there")
    return found


def _view(paper: Paper) -> PrintOrderView:
    row = paper.order
    jobs = [
        {"job": job.job, "state": job.state, "blank": job.blank, "sha256": job.paper_sha256, "reason": job.reason,
         "at": job.at}
        for job in paper.jobs
    ]  # fmt: skip
    values = {name: getattr(row, name) for name in PrintOrderView.model_fields if hasattr(row, name)}
    order = {"order": row.order_id, "state": paper.state, "returns": json.loads(row.returns)}
    order["returned"] = json.loads(row.returned)
    return PrintOrderView.model_validate({**values, **order, "jobs": [PrintTry.model_validate(job) for job in jobs]})


async def _body(request: Request) -> bytes | None:
    """Return the body, or None for one that is larger than any order."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BODY:
            return None
    return bytes(body)


def _where(error: ValidationError) -> str:
    """Say which fields are wrong and how, never what was in them."""
    found = error.errors(include_input=False, include_context=False, include_url=False)
    return "; ".join(f"{'.'.join(str(part) for part in each['loc'])[:80]}: {each['msg'][:120]}" for each in found[:5])


def _json(body: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    says = {"Cache-Control": "no-store", **(headers or {})}
    return Response(body.model_dump_json(), status, says, media_type="application/json")


def _refused(key: str) -> Response:
    status, title, detail = _SAYS.get(key, (422, "打印任务被拒绝", "The order was refused."))
    return problem(status, title, detail, reason=key)


def _unknown() -> Response:
    return problem(404, "没有这个打印任务", "There is no such order of this program.")
