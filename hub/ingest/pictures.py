"""What stations publish retained: births and wills, and the last known picture of their parts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.ids import StationId
from contract.state import Ack, CompartmentsState, CompartmentState, Place, Presence
from contract.topics import station_of
from hub.db.batch import upsert
from hub.db.tables import compartments
from hub.ingest.append import ack_of
from hub.ingest.locked import EpochRow, Locked, lock_stations
from hub.ingest.nul import holds_nul
from hub.ingest.presence import Verdict, judge, read_presence, remember, show
from hub.ingest.quarantine import Poison, keep
from hub.services.ledger import renew_from

_STATION: TypeAdapter[str] = TypeAdapter(StationId)
PLACE = tuple(Place.model_fields)


@dataclass(frozen=True)
class Heard:
    """One message as the session delivered it; `retained` ones may be old."""

    topic: str
    payload: bytes
    retained: bool


@dataclass
class Read:
    """The messages of one transaction, by what they are."""

    births: list[tuple[str, Presence, bool]] = field(default_factory=list)
    states: list[tuple[str, CompartmentsState, bool]] = field(default_factory=list)
    poison: list[Poison] = field(default_factory=list)


@dataclass(frozen=True)
class Answers:
    """Acks for births, and whether this hub took a new ledger."""

    acks: dict[tuple[str, str], Ack]
    renewed: bool


def read(messages: Iterable[Heard]) -> Read:
    """Sort the messages; a cleared retained message (empty) says nothing."""
    result = Read()
    for message in messages:
        if not message.payload:
            continue
        station = station_of(message.topic) or ""
        if not _is_station(station):
            result.poison.append(Poison(message.topic, message.payload, "no station has this name"))
        elif message.topic.endswith("/presence"):
            _read_presence(station, message, result)
        elif message.topic.endswith("/state/compartments"):
            _read_compartments(station, message, result)
    return result


def _is_station(name: str) -> bool:
    try:
        return bool(_STATION.validate_python(name))
    except ValidationError:
        return False


def _read_presence(station: str, message: Heard, result: Read) -> None:
    presence = read_presence(message.payload)
    if presence is None:
        result.poison.append(Poison(message.topic, message.payload, "not a presence"))
    else:
        result.births.append((station, presence, message.retained))


def _read_compartments(station: str, message: Heard, result: Read) -> None:
    state = _compartments(message.payload)
    if state is None:
        result.poison.append(Poison(message.topic, message.payload, "not a picture of compartments"))
    else:
        result.states.append((station, state, message.retained))


def _compartments(payload: bytes) -> CompartmentsState | None:
    try:
        if holds_nul(payload.decode()):
            return None
        state = CompartmentsState.model_validate_json(payload)
        state.at.astimezone(UTC)
    except (UnicodeDecodeError, ValidationError, OverflowError):
        return None
    return state


async def take_in(connection: AsyncConnection, heard: Read, now: datetime) -> Answers:
    """Write what was heard; call it in a transaction of its own and answer only after its commit."""
    for poison in heard.poison:
        await keep(connection, poison, now)
    names = [station for station, _, _ in (*heard.births, *heard.states)]
    if not names:
        return Answers({}, renewed=False)
    locked = await lock_stations(connection, names)
    await locked.load_epochs(connection, ((station, str(birth.epoch)) for station, birth, _ in heard.births))
    births, renewed = {}, False
    for station, birth, retained in heard.births:
        row = locked.epochs[station, str(birth.epoch)]
        await _believe(connection, locked, row, birth, retained=retained, now=now)
        if birth.online:
            renewed |= await _renew_if_behind(connection, locked, row, birth)
            births[station, row.epoch] = row
    for station, state, _ in heard.states:
        await _draw(connection, station, state)
    for station, _, retained in (*heard.births, *heard.states):
        if not retained:
            locked.stations[station].heard_at = now
    await locked.save(connection)
    return Answers({pair: ack_of(row, locked.ledger) for pair, row in births.items()}, renewed)


async def _believe(
    connection: AsyncConnection, locked: Locked, row: EpochRow, message: Presence, *, retained: bool, now: datetime
) -> None:
    station = locked.stations[row.station]
    verdict = judge(station, row, message)
    if verdict is Verdict.LATE:
        return
    remember(row, message)
    if verdict is Verdict.SHOWN:
        await show(connection, row.station, message)
    elif verdict is Verdict.SUPERSEDED and message.online and not retained:
        station.cloned_at = now


async def _renew_if_behind(connection: AsyncConnection, locked: Locked, row: EpochRow, birth: Presence) -> bool:
    """Take a new ledger when a station was acknowledged more than this database holds: it is an older copy.

    A birth that names another ledger was acknowledged by another database; its station offers again by itself. One that
    names none is believed once for each `acked_through`.
    """
    if birth.acked_through <= row.through or birth.acked_through <= row.renewed_for:
        return False
    if birth.ledger is not None and str(birth.ledger) != locked.ledger:
        return False
    row.renewed_for = birth.acked_through
    fresh = await renew_from(connection, locked.ledger)
    locked.ledger = fresh or locked.ledger
    return fresh is not None


async def _draw(connection: AsyncConnection, station: str, state: CompartmentsState) -> None:
    unique = {part.number: part for part in state.compartments}
    rows = [
        {
            "station": station, "number": part.number, "size": part.size[:8], "allocation": part.allocation,
            "door": part.door, "in_service": part.in_service, "reason": (part.reason or "")[:200] or None,
            "at": state.at, "state_at": state.at, "openings": part.openings, "maintenance_due": part.maintenance_due,
            **_place(part),
        }
        for _, part in sorted(unique.items())
    ]  # fmt: skip
    await upsert(connection, compartments, rows)


def _place(part: CompartmentState) -> dict[str, str | int | None]:
    """Where the door is; all columns are None for a station whose cabinets are not described."""
    if part.place is not None:
        return {name: getattr(part.place, name) for name in PLACE}
    return dict.fromkeys(PLACE)
