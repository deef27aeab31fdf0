"""The published OpenAPI document says what the hub's routes do."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator, validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.routing import Route

from contract.http_api import openapi
from contract.publish import SCHEMAS
from hub.api import uploads
from hub.api.documents import StationDocuments
from hub.api.health import Health
from hub.api.paper_keys import PaperKeys
from hub.api.print_contents import PrintContents
from hub.api.print_orders import PrintOrdersApi
from hub.api.uploads import Uploads
from hub.clock import SystemClock
from hub.services.paper_codes import PaperCodes
from hub.services.print_orders import PaperSeal
from tests.unit.hub.api.conftest import Hub, announce, piece, sha

METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
PAGE = b"a page of paper"


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {(path, m): each[m] for path, each in document["paths"].items() for m in each if m in METHODS}


def own_methods(route: Route) -> set[str]:
    """Without the HEAD that Starlette adds to every GET."""
    methods = set(route.methods or ())
    return methods - {"HEAD"} if "GET" in methods else methods


def test_the_document_is_valid_by_others_judgement() -> None:
    published = json.loads((SCHEMAS / "openapi.json").read_text("utf-8"))
    validate(published, cls=OpenAPIV31SpecValidator)
    del published["paths"]["/uploads"]["post"]["responses"]
    published["paths"]["/uploads/{sha256}"]["parameters"] = []
    with pytest.raises(OpenAPIValidationError):
        validate(published, cls=OpenAPIV31SpecValidator)


def test_it_names_every_route_and_no_other(hub: Hub, engine: AsyncEngine) -> None:
    seal = PaperSeal(hub.disk.keys)
    parts = (
        StationDocuments(engine), Uploads(engine, hub.store), Health(engine, lambda: True),
        PrintContents(engine, seal), PrintOrdersApi(engine, seal, SystemClock(), PaperCodes(hub.folder)),
        PaperKeys(engine, SystemClock()),
    )  # fmt: skip
    routes = [route for part in parts for route in part.routes() if isinstance(route, Route)]
    # Starlette adds HEAD to every GET.
    ours = {
        (r.path, m.lower()) for r in routes for m in r.methods or () if m != "HEAD" or "GET" not in (r.methods or ())
    }
    assert operations(openapi()).keys() == ours


def test_every_refusal_of_the_code_is_in_it() -> None:
    code = Path(uploads.__file__).read_text("utf-8")
    refused = set(re.findall(r"problem\((\d{3})", code)) | {"401"}
    told = {
        status for (path, _), each in operations(openapi()).items() if "upload" in path for status in each["responses"]
    }
    assert refused <= told
    assert {status for status in told if status > "300"} <= refused


async def test_answers_carry_the_headers_that_it_promises(hub: Hub) -> None:
    async with hub.client() as client:
        answers = {
            ("/uploads", "options"): await client.options("/uploads"),
            ("/uploads", "post"): await announce(client, sha(PAGE), len(PAGE)),
            ("/uploads/{sha256}", "head"): await client.head(f"/uploads/{sha(PAGE)}"),
            ("/uploads/{sha256}", "patch"): await piece(client, sha(PAGE), 0, PAGE),
            ("/files/{sha256}", "head"): await client.head(f"/files/{sha(PAGE)}"),
        }
    for which, answer in answers.items():
        promised = operations(openapi())[which]["responses"][str(answer.status_code)]["headers"]
        assert {name.lower() for name in promised} <= {*answer.headers}, which
        for name, says in promised.items():
            assert answer.headers[name] == says["schema"].get("const", answer.headers[name])
