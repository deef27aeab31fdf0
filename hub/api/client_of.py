"""Which program of the back office speaks: by its bearer token."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import Response

from hub.api.problems import problem
from hub.services.clients import Client, find_client


async def client_of(engine: AsyncEngine, request: Request) -> Client | None:
    """Return the program whose token came with the request, or None."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        return None
    return await find_client(engine, token.strip())


def no_client() -> Response:
    """Return the answer to a request without a valid token."""
    return problem(401, "缺少或无效的业务系统令牌", "A valid back-office token is needed.", authenticate=True)


def not_allowed() -> Response:
    """Return the answer to a program that may not do this, or not at this station."""
    return problem(403, "该业务系统无此权限", "This program may not do that, or not at that station.")
