"""Errors over HTTP as RFC 9457 problem documents: Chinese first, English complete."""

from __future__ import annotations

from pydantic_core import to_json
from starlette.responses import Response


def problem(status: int, title: str, detail: str, *, authenticate: bool = False, reason: str | None = None) -> Response:
    """Return a problem document; `authenticate` asks for a bearer token, `reason` is a code for programs."""
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    if reason is not None:
        body["reason"] = reason
    headers = {"WWW-Authenticate": 'Bearer realm="nightdesk"'} if authenticate else None
    return Response(to_json(body), status, headers, media_type="application/problem+json")
