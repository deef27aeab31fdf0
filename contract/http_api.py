"""The HTTP half of the contract as an OpenAPI 3.1 document: documents for stations, uploads by tus 1.0, health.

What the hub answers is written here once and compared with its routes by a test; `publish.py` writes the document.
"""

from __future__ import annotations

from typing import Any

SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
LARGEST_FILE = 64 * 1024 * 1024

PROBLEMS = {
    "400": "The announcement or the place in the upload is missing or cannot be read.",
    "401": "No valid station token.",
    "404": "There is none, or it is another station's.",
    "408": "The line was silent or cut; what came is kept, and HEAD says how much.",
    "409": "Upload-Offset is not where this upload ends; HEAD says where it does.",
    "412": "Another version of tus than 1.0.0; Tus-Version names ours.",
    "413": "More than a file may have, or more than was announced.",
    "415": "A piece has the content type application/offset+octet-stream.",
    "422": "All came, and it is another content than announced: its part is gone, begin anew.",
    "423": "Another request sends this upload; try again.",
    "429": "Too much of this station is unfinished.",
    "503": "Database or disk is away; try again.",
    "507": "There is no room now; try again later.",
}
_TUS = {"Tus-Resumable": {"schema": {"const": "1.0.0"}}}
_OFFSET = {"Upload-Offset": {"description": "How much of it is on the disk.", "schema": {"type": "integer"}}}
_LENGTH = {"Upload-Length": {"schema": {"type": "integer"}}}


def openapi() -> dict[str, Any]:
    """Return the document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Nightdesk: station and hub over HTTP",
            "version": "1.0.0",
            "description": "Every refusal is a problem document (RFC 9457), Chinese first, English complete.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "https://hub.example"}],
        "security": [{"station": []}],
        "paths": {
            "/station-documents/{sha256}": {"parameters": [_sha256()], "get": _document()},
            "/uploads": {"options": _options(), "post": _announce()},
            "/uploads/{sha256}": {"parameters": [_sha256()], "head": _ask(), "patch": _piece()},
            "/files/{sha256}": {"parameters": [_sha256()], "head": _is_here()},
            "/health": {"get": _health()},
        },
        "components": {
            "securitySchemes": {"station": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Problem": _problem()},
            "responses": {f"problem{status}": _answer(text) for status, text in PROBLEMS.items()},
        },
    }


def _document() -> dict[str, Any]:
    says = {"ETag": {"schema": {"type": "string"}}}
    jws = {"description": "A compact JWS over a StationDocument.", "headers": says}
    content = {"application/jose": {"schema": {"type": "string"}}}
    text = "Fetch a signed document of this station by its hash."
    return _operation("document", text, {"200": {**jws, "content": content}}, "401", "404")


def _options() -> dict[str, Any]:
    names = {"Tus-Version": "1.0.0", "Tus-Extension": "creation", "Tus-Max-Size": str(LARGEST_FILE)}
    says = {name: {"schema": {"const": value}} for name, value in names.items()}
    found = _operation("tus", "Ask for the version of tus.", {"204": {"description": "Ours.", "headers": says | _TUS}})
    return {**found, "security": []}


def _announce() -> dict[str, Any]:
    text = (
        "Announce a file. Its id is the hash of its content, so the same again finds what was begun: ask HEAD where it "
        "stands. Upload-Metadata holds sha256 (hexadecimal) and media_type, each in base64."
    )
    place = {"Location": {"description": "Relative to /uploads.", "schema": {"type": "string"}}}
    made = {"201": {"description": "It may be sent.", "headers": place | _TUS}}
    found = _operation("announce", text, made, "400", "401", "412", "413", "422", "423", "429", "503", "507")
    length = {"type": "integer", "minimum": 0, "maximum": LARGEST_FILE}
    headers = [_header("Upload-Length", length), _header("Upload-Metadata", {"type": "string"})]
    return {**found, "parameters": [_version(), *headers]}


def _ask() -> dict[str, Any]:
    there = {"200": {"description": "It goes on from there.", "headers": _OFFSET | _LENGTH | _TUS}}
    text = "Ask how much of an upload is on the hub's disk."
    return {**_operation("offset", text, there, "401", "404", "412", "423", "503"), "parameters": [_version()]}


def _piece() -> dict[str, Any]:
    taken = {"204": {"description": "On the disk; with the last piece also verified.", "headers": _OFFSET | _TUS}}
    text = "Send on. What came before a cut is kept; an empty piece at the end asks to finish again."
    refusals = ("400", "401", "404", "408", "409", "412", "413", "415", "422", "423", "503", "507")
    body = {"required": True, "content": {"application/offset+octet-stream": {}}}
    offset = _header("Upload-Offset", {"type": "integer", "minimum": 0})
    found = _operation("piece", text, taken, *refusals)
    return {**found, "parameters": [_version(), offset], "requestBody": body}


def _is_here() -> dict[str, Any]:
    text = (
        "Ask whether a content is here: whole, its hash counted, and committed. Only after a 200 whose ETag names the "
        "hash does a station remove its own copy."
    )
    says = {"ETag": {"description": "The hash, quoted.", "schema": {"type": "string"}}}
    return _operation("file", text, {"200": {"description": "It is here.", "headers": says}}, "401", "404", "503")


def _health() -> dict[str, Any]:
    names = ("database", "broker")
    state = {"type": "object", "properties": {name: {"type": "boolean"} for name in names}, "required": list(names)}
    content = {"application/json": {"schema": state}}
    answers = {"200": ("Both are reachable.", content), "503": ("One is not.", content)}
    responses = {status: {"description": text, "content": body} for status, (text, body) in answers.items()}
    return {**_operation("health", "Ask whether this process reaches database and broker.", responses), "security": []}


def _operation(name: str, summary: str, answers: dict[str, Any], *problems: str) -> dict[str, Any]:
    refused = {status: {"$ref": f"#/components/responses/problem{status}"} for status in problems}
    return {"operationId": name, "summary": summary, "responses": {**answers, **refused}}


def _answer(text: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": text, "content": {"application/problem+json": {"schema": schema}}}


def _problem() -> dict[str, Any]:
    texts = {name: {"type": "string"} for name in ("type", "title", "detail")}
    properties = {**texts, "status": {"type": "integer"}}
    return {"type": "object", "properties": properties, "required": sorted(properties)}


def _sha256() -> dict[str, Any]:
    return {"name": "sha256", "in": "path", "required": True, "schema": SHA256}


def _version() -> dict[str, Any]:
    return _header("Tus-Resumable", {"const": "1.0.0"})


def _header(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": True, "schema": schema}
