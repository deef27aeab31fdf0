"""What stations send, built by hand from the published contract: plain JSON, none of our models."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.ingest.arrived import Batch
from hub.ingest.guard import read_batch

STATION = "dc-24h-01"
EPOCH = "0197c2a1-5b1e-7c44-9d3a-6f0e8a1b2c3d"
OTHER_EPOCH = "0297c2a1-5b1e-7c44-9d3a-6f0e8a1b2c3d"
RECEIPT = "7K3M9Q2T8XZ"
CASE = "11110101MB00001A9B4000131001000202611250001"
NOW = datetime(2026, 11, 24, 22, 4, tzinfo=UTC)
AT = datetime(2026, 11, 24, 22, 3, tzinfo=UTC)

Event = dict[str, Any]


def event(seq: int, kind: str, data: dict[str, Any] | None = None, **columns: object) -> Event:
    """One event; its id is random unless given, its time rises with its number."""
    plain = {
        "seq": seq, "id": str(uuid.uuid4()), "type": kind, "at": (AT + timedelta(seconds=seq)).isoformat(),
        "clock": "synced", "boot": 7, "data": data or {},
    }  # fmt: skip
    return plain | columns


def started(seq: int = 1, **data: object) -> Event:
    return event(seq, "station_started", {"software": "edge 1", **data})


def door(seq: int, number: int, *, opened: bool = True) -> Event:
    return event(seq, "door_opened" if opened else "door_closed", {"compartment": number})


def payload(events: Sequence[Event], *, station: str = STATION, epoch: str = EPOCH, v: int = 1) -> bytes:
    return json.dumps({"v": v, "station": station, "epoch": epoch, "events": list(events)}).encode()


def batch(*events: Event, station: str = STATION, epoch: str = EPOCH) -> Batch:
    """The events as the guard reads them."""
    return read_batch(f"nd1/{station}/events", payload(events, station=station, epoch=epoch))
