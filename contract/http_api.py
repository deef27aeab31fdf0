"""The HTTP half of the contract as an OpenAPI 3.1 document: documents for stations, uploads by tus 1.0, print
orders of the back office, health.

What the hub answers is written here once and compared with its routes by a test; `publish.py` writes the document.
"""

from __future__ import annotations

from typing import Any

from contract.print_order_api import IDEMPOTENCY_KEY, NewPrintOrder, PrintOrderList, PrintOrderView, ReturnedPaper

SHA256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
LARGEST_FILE = 64 * 1024 * 1024

PROBLEMS = {
    "400": "The announcement or the place in the upload is missing or cannot be read.",
    "401": "No valid station token.",
    "403": "The program may not do that, or not at that station.",
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
            "/print-contents/{sha256}": {"parameters": [_sha256()], "get": _print_content()},
            "/print-orders": {"post": _order(), "get": _orders()},
            "/print-orders/{order}": {"parameters": [_of_order()], "get": _one_order(), "delete": _take_back()},
            "/print-orders/{order}/returned": {"parameters": [_of_order()], "post": _given_back()},
            "/paper-keys": {"get": _paper_keys()},
            "/health": {"get": _health()},
        },
        "components": {
            "securitySchemes": {name: {"type": "http", "scheme": "bearer"} for name in ("station", "office")},
            "schemas": {"Problem": _problem(), **_models()},
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


def _print_content() -> dict[str, Any]:
    text = "Fetch what an order of this station's `print` document prints, by hash, until the paper is out."
    content: dict[str, Any] = {"application/octet-stream": {}}
    return _operation("printContent", text, {"200": {"description": "The content.", "content": content}}, "401", "404")


def _order() -> dict[str, Any]:
    text = (
        "Order a paper. The same Idempotency-Key with the same order is the same order (200); with another it is "
        "refused. Of one company one original is live: the next names in `returns` the one that it replaces."
    )
    made = {"201": _answers("Ordered.", "PrintOrderView"), "200": _answers("It was ordered before.", "PrintOrderView")}
    key = _header("Idempotency-Key", {"type": "string", "pattern": IDEMPOTENCY_KEY})
    found = _operation("order", text, made, "400", "401", "403", "409", "413", "422", "503")
    body = {"required": True, "content": {"application/json": {"schema": _schema("NewPrintOrder")}}}
    return {**found, "security": [{"office": ["print_orders:write"]}], "parameters": [key], "requestBody": body}


def _orders() -> dict[str, Any]:
    text = "List the program's own orders, newest first."
    page = {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 0, "default": 0}}
    found = _operation("orders", text, {"200": _answers("A page.", "PrintOrderList")}, "400", "401", "403", "503")
    return {**found, "security": [{"office": ["print_orders:read"]}], "parameters": [page]}


def _one_order() -> dict[str, Any]:
    text = "Ask how an order stands, as its station reported."
    found = _operation(
        "orderState", text, {"200": _answers("The order.", "PrintOrderView")}, "401", "403", "404", "503"
    )
    return {**found, "security": [{"office": ["print_orders:read"]}]}


def _take_back() -> dict[str, Any]:
    text = "Take an order back; twice is once. A paper that is out stays out, and its state says so."
    found = _operation("withdraw", text, {"200": _answers("Taken back.", "PrintOrderView")}, "401", "403", "404", "503")
    return {**found, "security": [{"office": ["print_orders:write"]}]}


def _given_back() -> dict[str, Any]:
    text = "Say that an older paper, named in `returns`, was given back: the order waits for it no more. Twice is once."
    answers = {"200": _answers("Noted.", "PrintOrderView")}
    found = _operation("givenBack", text, answers, "401", "403", "404", "422", "503")
    body = {"required": True, "content": {"application/json": {"schema": _schema("ReturnedPaper")}}}
    return {**found, "security": [{"office": ["print_orders:write"]}], "requestBody": body}


def _paper_keys() -> dict[str, Any]:
    text = "Fetch the keys that sign codes of papers, with validity and revocations, to check papers without this hub."
    content: dict[str, Any] = {"application/json": {"schema": {"type": "object"}}}
    found = _operation("paperKeys", text, {"200": {"description": "The list.", "content": content}}, "503")
    return {**found, "security": []}


def _answers(text: str, model: str) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": _schema(model)}}}


def _schema(model: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{model}"}


def _models() -> dict[str, Any]:
    """Return the bodies as schemas, each beside the parts that it refers to."""
    template = "#/components/schemas/{model}"
    sent = (NewPrintOrder, ReturnedPaper)
    schemas = [model.model_json_schema(mode="validation", ref_template=template) for model in sent]
    said = (PrintOrderView, PrintOrderList)
    schemas += [model.model_json_schema(mode="serialization", ref_template=template) for model in said]
    found: dict[str, Any] = {}
    for schema in schemas:
        found |= schema.pop("$defs", {}) | {schema["title"]: schema}
    return found


def _of_order() -> dict[str, Any]:
    return {"name": "order", "in": "path", "required": True, "schema": {"type": "string", "format": "uuid"}}


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
