"""The guard: what a message on `nd1/{station}/events` holds, or why it cannot be read. Pure.

If the envelope can be read (version, station, epoch, and of every event a number and an id), each event is judged
alone: one that this hub does not understand is kept raw and counts. Only an unreadable envelope is quarantined whole.
"""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, create_model
from pydantic_core import from_json, to_json

from contract.envelope import BATCH_BYTES, BATCH_EVENTS, Event
from contract.events import EVENT_TYPES, EventData
from contract.ids import StationId
from contract.topics import station_of
from contract.wire import UUID, Seq, WireModel
from hub.ingest.arrived import Arrived, Batch, SealedValue, State
from hub.ingest.nul import holds_nul

LATER_VERSION = "envelope_v"
"""Added to the body of an event that came in an envelope of a later version: what a type means there, is not known."""

_TYPE = re.compile(r"[a-z][a-z0-9_]{0,63}")
# An escape in JSON text: a surrogate pair, one half of it alone (the group), or any other.
_ESCAPE = re.compile(rb"\\(?:u[dD][89abAB]..\\u[dD][c-fC-F]..|(u[dD][89a-fA-F]..)|.)", re.DOTALL)
_SUBJECT = re.compile(r"[0-9A-Z*~$=]{1,64}")


class UnreadableError(Exception):
    """The envelope does not parse; `reason` is for people and holds nothing of the content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Key(WireModel):
    """The least of an event: without these it cannot be kept under its key."""

    seq: Seq
    id: UUID


class _Envelope(WireModel):
    """The least of a batch. A later version is kept like an unknown type."""

    v: Annotated[int, Field(ge=1)]
    station: StationId
    epoch: UUID
    events: Annotated[list[_Key], Field(min_length=1, max_length=BATCH_EVENTS)]


def _typed_event(name: str, data: type[EventData]) -> type[Event]:
    kind: Any = Literal[name]
    return create_model(f"{data.__name__}Event", __base__=Event, type=(kind, ...), data=(data, ...))


_Known: Any = Annotated[
    reduce(or_, (_typed_event(name, data) for name, data in EVENT_TYPES.items())), Field(discriminator="type")
]
_EVENT: TypeAdapter[Any] = TypeAdapter(_Known)
# One pass over the bytes types everything, when everything is known.
_BATCH = create_model(
    "KnownBatch",
    __base__=WireModel,
    v=(Literal[1], ...),
    station=(StationId, ...),
    epoch=(UUID, ...),
    events=(Annotated[list[_Known], Field(min_length=1, max_length=BATCH_EVENTS)], ...),
)
_LOOSE: TypeAdapter[_Envelope] = TypeAdapter(_Envelope)
_PLAIN_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


def read_batch(topic: str, payload: bytes) -> Batch:
    """Return what the message holds.

    Raises:
        UnreadableError: keep it as it is, and acknowledge it to the broker.
    """
    if len(payload) > BATCH_BYTES:
        raise UnreadableError(f"larger than {BATCH_BYTES} bytes")
    raw, payload = _parsed(payload)
    try:
        known: Any = _BATCH.model_validate_json(payload)
        envelope: Any
        typed: list[Event | None]
        envelope, typed = known, known.events
    except ValidationError:
        envelope, typed = _judge_each(raw, payload)
    if envelope.station != station_of(topic):
        raise UnreadableError("the station in the topic is not the one in the envelope")
    station, epoch = envelope.station, str(envelope.epoch)
    seals = b"_sealed" in payload
    if envelope.v != 1:
        raw["events"] = [{LATER_VERSION: envelope.v, **event} for event in raw["events"]]
    parts = zip(raw["events"], envelope.events, typed, strict=True)
    return Batch(station, epoch, [_arrived(station, epoch, *part, seals) for part in parts])


def _parsed(payload: bytes) -> tuple[Any, bytes]:
    """Return the JSON and the text it was read from.

    A station that cuts a text in the middle of an emoji writes half a surrogate pair, which is JSON and no Unicode: it
    is read as U+FFFD, as browsers and Go do, so that it does not take its whole batch along.
    """
    try:
        return from_json(payload, allow_inf_nan=False), payload
    except ValueError:
        mended = _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], payload)
    try:
        return from_json(mended, allow_inf_nan=False), mended
    except ValueError as error:
        raise UnreadableError("not JSON") from error


def _judge_each(raw: dict[str, Any], payload: bytes) -> tuple[_Envelope, list[Event | None]]:
    try:
        envelope = _LOOSE.validate_json(payload)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
        raise UnreadableError(f"not an event batch: {where or 'not an object'}") from error
    if envelope.v != 1:
        return envelope, [None] * len(envelope.events)
    return envelope, [_typed(event) for event in raw["events"]]


def _typed(event: dict[str, Any]) -> Event | None:
    try:
        typed: Event = _EVENT.validate_json(to_json(event))
    except ValidationError:
        return None
    return typed


def _arrived(station: str, epoch: str, raw: dict[str, Any], key: _Key, typed: Event | None, seals: bool) -> Arrived:
    sealed: list[SealedValue] = []
    if seals:
        raw = _take_sealed(raw, "", sealed)
    body = to_json(raw).decode()
    digest = hashlib.sha256(body.encode()).hexdigest()
    plain = typed if typed is not None else _generic(raw)
    at = _utc(plain)
    # PostgreSQL stores no NUL in a text: such an event is kept (its body holds the escape) and not projected.
    understood = typed is not None and at is not None and not holds_nul(body)
    raw_data = raw.get("data")
    data: dict[str, Any] = raw_data if isinstance(raw_data, dict) else {}
    return Arrived(
        station=station,
        epoch=epoch,
        seq=key.seq,
        id=str(key.id),
        type=_type_of(raw),
        at=at,
        clock=plain.clock if plain else None,
        boot=plain.boot if plain else None,
        correlation=str(plain.correlation) if plain and plain.correlation else None,
        subject=_subject_of(data),
        compartment=_compartment_of(data),
        body=body,
        digest=digest,
        data=typed.data if typed is not None and understood else None,  # type: ignore[arg-type]  # typed above
        sealed=tuple(sealed),
        state=State.NEW if understood else State.UNKNOWN,
    )


def _generic(raw: dict[str, Any]) -> Event | None:
    """Read what every event has, when its type or its data is not known."""
    try:
        return _PLAIN_EVENT.validate_json(to_json(raw))
    except ValidationError:
        return None


def _utc(event: Event | None) -> datetime | None:
    try:
        return event.at.astimezone(UTC) if event is not None else None
    except OverflowError:  # the first or last day of the calendar, in another zone
        return None


def _type_of(raw: dict[str, Any]) -> str:
    name = raw.get("type")
    return name if isinstance(name, str) and _TYPE.fullmatch(name) else "invalid"


def _subject_of(data: dict[str, Any]) -> str | None:
    subject = data.get("case_number") or data.get("receipt_number")
    return subject if isinstance(subject, str) and _SUBJECT.fullmatch(subject) else None


def _compartment_of(data: dict[str, Any]) -> int | None:
    number = data.get("compartment")
    return number if type(number) is int and 1 <= number <= 999 else None


def _take_sealed(value: Any, path: str, into: list[SealedValue]) -> Any:  # noqa: ANN401 -- any JSON
    """Return `value` with every sealed text replaced by its hash; the texts go `into` the list."""
    if isinstance(value, dict):
        return {key: _take_member(key, item, f"{path}.{key}" if path else key, into) for key, item in value.items()}
    if isinstance(value, list):
        return [_take_sealed(item, f"{path}.{n}", into) for n, item in enumerate(value)]
    return value


def _take_member(key: str, item: Any, path: str, into: list[SealedValue]) -> Any:  # noqa: ANN401 -- any JSON
    if not (key.endswith("_sealed") and isinstance(item, str)) or "\0" in item:
        return _take_sealed(item, path, into)  # no JWE holds a NUL, and no column takes one: it stays in the odd event
    sha256 = hashlib.sha256(item.encode()).hexdigest()
    # A station seals for the field's own name; only something nested needs its path to stay apart.
    name = path.removeprefix("data.")
    into.append(SealedValue(name if len(name) <= 64 and "\0" not in name else sha256, item, sha256))
    return {"sha256": sha256}


def reread(body: str) -> EventData | None:
    """Return the data of a stored event, or None while this hub does not understand it.

    Sealed values are seen by their hash only, which is as good as a text to whoever asks whether there is one.
    """
    raw = from_json(body)
    if not isinstance(raw, dict) or LATER_VERSION in raw or holds_nul(body):
        return None
    typed = _typed(_hashes_as_text(raw))
    return None if typed is None or _utc(typed) is None else typed.data  # type: ignore[return-value]  # typed union


def _hashes_as_text(value: Any) -> Any:  # noqa: ANN401 -- any JSON
    if isinstance(value, dict):
        return {
            key: item["sha256"]
            if key.endswith("_sealed") and isinstance(item, dict) and "sha256" in item
            else _hashes_as_text(item)
            for key, item in value.items()
        }
    return [_hashes_as_text(item) for item in value] if isinstance(value, list) else value
