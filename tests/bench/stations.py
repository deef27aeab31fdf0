"""What simulated stations send: whole visits as real stations make them, in batches, encoded beforehand."""

from __future__ import annotations

import json
import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from contract.ids import new_receipt_number

BATCH = 50
START = datetime(2026, 11, 24, 14, 3, tzinfo=UTC)


class Station:
    """One station's events: a start, then hand-ins and clearings of 24 compartments, seven events a visit."""

    def __init__(self, name: str, seed: int) -> None:
        self.name, self._random = name, random.Random(seed)
        self.epoch = self._uuid()
        self._seq, self._visits = 0, 0
        self._full: dict[int, str] = {}

    def batches(self, events: int, size: int = BATCH) -> Iterator[bytes]:
        """Yield batches of exactly `events` events altogether."""
        source = self._events()
        for start in range(0, events, size):
            chosen = [next(source) for _ in range(min(size, events - start))]
            yield self._encode(chosen)

    def _encode(self, chosen: list[dict[str, Any]]) -> bytes:
        envelope = {"v": 1, "station": self.name, "epoch": self.epoch, "events": chosen}
        return json.dumps(envelope, separators=(",", ":")).encode()

    def _events(self) -> Iterator[dict[str, Any]]:
        yield self._event("station_started", self._uuid(), software="bench 1", simulated=["main"])
        while True:
            self._visits += 1
            number = self._visits % 24 + 1
            yield from self._clear(number) if number in self._full else self._hand_in(number)

    def _hand_in(self, number: int) -> Iterator[dict[str, Any]]:
        visit, receipt = self._uuid(), new_receipt_number(self._random.randrange)
        grant = self._uuid()
        self._full[number] = receipt
        yield self._event("session_started", visit, who="citizen")
        yield self._event("door_opened", visit, compartment=number, purpose="deposit", grant=grant)
        yield self._event("door_closed", visit, compartment=number, purpose="deposit", grant=grant)
        yield self._event("deposit_made", visit, receipt_number=receipt, compartment=number, size="s")
        job = self._uuid()
        yield self._event("print_requested", visit, job=job, layout="receipt", receipt_number=receipt)
        yield self._event("print_done", visit, job=job, layout="receipt", receipt_number=receipt)
        yield self._event("session_ended", visit, outcome="finished")

    def _clear(self, number: int) -> Iterator[dict[str, Any]]:
        visit, receipt, grant = self._uuid(), self._full.pop(number), self._uuid()
        yield self._event("session_started", visit, who="staff", staff="S-1")
        yield self._event("door_opened", visit, compartment=number, purpose="clear", grant=grant)
        yield self._event("door_closed", visit, compartment=number, purpose="clear", grant=grant)
        yield self._event("deposit_cleared", visit, receipt_number=receipt, compartment=number, staff="S-1")
        yield self._event("session_ended", visit, outcome="finished")

    def _event(self, kind: str, visit: str, **data: object) -> dict[str, Any]:
        self._seq += 1
        at = (START + timedelta(seconds=self._seq * 3)).isoformat(timespec="milliseconds")
        return {
            "seq": self._seq, "id": self._uuid(), "type": kind, "at": at, "clock": "synced", "boot": 7,
            "correlation": visit, "data": data,
        }  # fmt: skip

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def make_stations(count: int, seed: int) -> list[Station]:
    """Return stations with names and epochs that no other seed makes."""
    return [Station(f"bench-{seed:x}-{n:03d}", seed * 1000 + n) for n in range(count)]
