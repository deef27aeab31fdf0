"""Print orders for tests, put in force as the uplink would put them."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from contract.events import FileReference
from contract.print_orders import FACTS_TYPE, PDF_TYPE, RECEIVED, PrintBody, PrintOrder
from edge.store.papers import StoredDocument
from edge.store.unit_of_work import Store

CARD = "c" * 64


def an_order(content: bytes, **other: object) -> PrintOrder:
    """Return an order of `CARD` for a content; one of layout `received` is for a PDF."""
    media_type = PDF_TYPE if other.get("layout") == RECEIVED else FACTS_TYPE
    values: dict[str, object] = {
        "order": uuid4(),
        "layout": "licence_original",
        "certificate": "91110101MA01ABCD0X",
        "stock": "licence_original",
        "card_hash": CARD,
        "content": FileReference(sha256=hashlib.sha256(content).hexdigest(), size=len(content), media_type=media_type),
        "expires_at": datetime(2099, 1, 1, tzinfo=UTC),
    } | other
    return PrintOrder.model_validate(values)


async def put_in_force(store: Store, *orders: PrintOrder, version: int = 1) -> None:
    """Store a `print` document; its signature was checked before, so it carries none here."""
    body = json.loads(PrintBody(orders=orders).to_bytes())
    payload = base64.urlsafe_b64encode(json.dumps({"body": body}).encode()).decode().rstrip("=")
    document = StoredDocument("print", version, f"{version:064x}", f"e30.{payload}.none")
    await store.transact(lambda tx: tx.save_document(document))


async def told(store: Store, after: int = 0) -> list[tuple[str, dict[str, Any]]]:
    """Return events as type and data."""
    rows = await store.pending(after, 1000)
    return [(json.loads(row.body)["type"], json.loads(row.body)["data"]) for row in rows]
