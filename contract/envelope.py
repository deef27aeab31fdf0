"""How events travel: numbered by their station, batched, and kept as the bytes they were born with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic_core import to_json

from contract.events import EVENT_TYPES, EventData
from contract.ids import StationId
from contract.wire import UUID, AwareDatetime, Count, Seq, WireModel

BATCH_EVENTS = 50
BATCH_BYTES = 64 * 1024
WINDOW_BATCHES = 8


class Event(WireModel):
    """One thing that happened at a station.

    `seq` is gapless within the station's epoch and alone gives the order; `at` is the station's wall clock, to be
    trusted only when `clock` is `synced`. `correlation` ties the events of one visit together.
    """

    seq: Seq
    id: UUID
    type: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    at: AwareDatetime
    clock: Literal["synced", "unsynced"]
    boot: Count
    correlation: UUID | None = None
    data: dict[str, Any]

    def read_data(self) -> EventData | None:
        """Return the typed data, or None for a type this version does not know.

        Raises:
            pydantic.ValidationError: the type is known and its data is not of that shape.
        """
        known = EVENT_TYPES.get(self.type)
        # Through JSON again, because strict models take ids and times as strings from JSON only.
        return None if known is None else known.model_validate_json(to_json(self.data))


class EventBatch(WireModel):
    """1 to 50 events of one station and epoch, in `seq` order, at most 64 KiB."""

    v: Literal[1] = 1
    station: StationId
    epoch: UUID
    events: Annotated[tuple[Event, ...], Field(min_length=1, max_length=BATCH_EVENTS)]


def join_batch(station: str, epoch: UUID, event_bytes: Iterable[bytes]) -> bytes:
    """Return the batch's bytes from stored event bytes, which are not translated again."""
    head = f'{{"v":1,"station":"{station}","epoch":"{epoch}","events":['.encode()
    return head + b",".join(event_bytes) + b"]}"
