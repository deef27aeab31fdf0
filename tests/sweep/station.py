"""The station of one run: its file, its documents, its edge process that is started again whenever it dies."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import json
import secrets
import sqlite3
import subprocess
import tomllib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher

from contract import topics
from contract.documents import StationDocument, sign_document
from contract.sealed import load_sealing_key, unseal
from contract.signing import load_key
from contract.state import Desired, WantedDocument
from hall.ledger import Ledger
from hall.processes import Child, HouseError, python, until
from hall.records import rows, value
from hall.tails import json_lines
from hall.toml import write_toml
from tests.sweep.evidence import Evidence, StoreRows, copy_store, read_store
from tests.sweep.hub_books import station_rows
from tests.sweep.stand import Stand, answers, end

BADGE, PIN = "S-1001", "246813"
QUIET_WITHIN_S = 40.0
AGAIN_S = 0.2
# Cheap parameters: what is swept is not the strength of a PIN.
_PIN_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PIN)


@dataclass
class SweptStation:
    """One station with a fresh store in `folder`; `edge` is its process, `kills` how often that died unasked."""

    stand: Stand
    name: str
    folder: Path
    ledger: Ledger
    case_number: str
    door_lines_before: int
    slips_before: int
    edge: Child
    kills: int = 0
    former: list[StoreRows] = field(default_factory=list)
    rewound: bool = False
    cloned: bool = False
    supervised: bool = True
    before_restart: Callable[[], None] = lambda: None
    later_wrappers: list[Sequence[str]] = field(default_factory=list)

    @property
    def kiosk(self) -> str:
        return self.stand.ports.kiosk_url

    @property
    def data_dir(self) -> Path:
        return self.folder / "data"

    @property
    def store(self) -> Path:
        return self.data_dir / "station.db"

    def table(self) -> dict[str, Any]:
        """Return the station file."""
        return tomllib.loads((self.folder / "station.toml").read_text(encoding="utf-8"))

    async def keep_up(self) -> None:
        """Start the edge again whenever it dies unasked, without the wrapper that killed it; for ever.

        `later_wrappers` stand before its later starts, so that it can be killed again while it recovers.
        """
        while True:
            await asyncio.sleep(0.02)
            if not self.supervised or not self.edge.wanted or self.edge.alive:
                continue
            self.kills += 1
            self.before_restart()
            self.edge.wrapper = self.later_wrappers.pop(0) if self.later_wrappers else ()
            with contextlib.suppress(HouseError):
                await self.edge.start(wait=False)
            await asyncio.sleep(AGAIN_S)

    async def up(self) -> bool:
        """Whether the screen answers."""
        return self.edge.alive and await answers(self.kiosk)

    async def stop(self) -> None:
        """Ask the edge to end, and return when nobody holds its store any more."""
        await end(self.edge)
        await until(self._unlocked, 10.0, "the store is let go")

    async def _unlocked(self) -> bool:
        try:
            with self.store.with_suffix(".lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except FileNotFoundError:
            return True
        except BlockingIOError:
            return False
        return True

    async def until_documents(self) -> None:
        """Wait until the station works by its staff and its cases."""

        async def there() -> bool:
            with contextlib.suppress(sqlite3.OperationalError):  # it is just being made
                return len(rows(self.store, "select kind from documents")) >= 2
            return False

        await until(there, 30.0, f"{self.name} has its documents")

    async def code(self) -> tuple[int, str] | None:
        """Return compartment and code of the newest load, as the text message would say them; None before it came."""
        query = f"""select e.id, e.compartment, s.jwe from events e join sealed s on s.station = e.station
                    and s.event = e.id and s.field = 'code_sealed'
                    where e.station = '{self.name}' and e.type = 'item_loaded' order by e.epoch, e.seq"""
        found = await self.stand.books.rows(query)
        if not found or found[-1]["jwe"] is None:
            return None
        key = load_sealing_key(self.stand.directory.hub_keys / "notify.jwk")
        last = found[-1]
        digits = unseal(last["jwe"], key, station=self.name, event=UUID(last["id"]), field="code_sealed")
        return int(last["compartment"]), digits

    async def until_quiet(self) -> None:
        """Wait until the hub has everything and its picture agrees; what never comes is the oracle's to say."""
        with contextlib.suppress(HouseError):
            await until(self._quiet, QUIET_WITHIN_S, "everything is delivered")

    async def until_delivered(self) -> None:
        """Wait until the hub has acknowledged everything."""

        async def delivered() -> bool:
            return self._delivered()

        await until(delivered, QUIET_WITHIN_S, "everything is acknowledged")

    def _delivered(self) -> bool:
        last = value(self.store, "select max(seq) from outbox")
        return bool(last == value(self.store, "select cast(value as integer) from meta where key = 'acked_through'"))

    async def _quiet(self) -> bool:
        if not self.store.exists() or value(self.store, "select count(*) from visits where not ended"):
            return False
        if not self._delivered():
            return False
        last = value(self.store, "select max(seq) from outbox")
        own = {row["number"]: row["allocation"] for row in rows(self.store, "select * from compartments")}
        books = self.stand.books
        theirs = await books.rows(f"select number, allocation from compartments where station = '{self.name}'")
        epoch = value(self.store, "select value from meta where key = 'epoch'")
        projected = await books.rows(
            f"select projected from epochs where station = '{self.name}' and epoch = '{epoch}'"
        )
        same = own == {row["number"]: row["allocation"] for row in theirs}
        return same and bool(projected) and projected[0]["projected"] == last

    async def evidence(self) -> Evidence:
        """Stop the edge, copy its store, and read everything that the oracle needs."""
        await self.stop()
        copied = copy_store(self.data_dir, self.folder / "judged")
        state = await self.stand.world.state()
        return Evidence(
            station=self.name,
            told=self.ledger.entries(),
            store=read_store(copied),
            hub=await station_rows(self.stand.books, self.name),
            doors=json_lines(self.stand.directory.door_log)[self.door_lines_before :],
            slips=state.slips[self.slips_before :],
            inside=frozenset(number for number, door in state.doors.items() if door.item),
            former=tuple(self.former),
            rewound=self.rewound,
            cloned=self.cloned,
        )


@asynccontextmanager
async def swept_station(
    stand: Stand, name: str, *, wrapper: Sequence[str] = (), start: bool = True
) -> AsyncIterator[SweptStation]:
    """Prepare a station with staff and one case to load, start its edge (wrapped), and keep it up until the end."""
    await stand.clean_cabinet()
    folder = stand.folder / "runs" / name
    folder.mkdir(parents=True)
    case_number = "".join(secrets.choice("0123456789ABCDEFGH") for _ in range(31)) + f"{datetime.now(UTC):%Y%m%d}0001"
    token = secrets.token_urlsafe(24)
    _write_files(stand, name, folder, token)
    await _tell_hub(stand, name, case_number, token)
    station = SweptStation(
        stand,
        name,
        folder,
        Ledger(folder / "told.jsonl", lambda: datetime.now(UTC)),
        case_number,
        len(json_lines(stand.directory.door_log)),
        len((await stand.world.state()).slips),
        edge_child(folder, wrapper),
    )
    if start:
        await station.edge.start(wait=False)
    keeper = asyncio.create_task(station.keep_up())
    try:
        yield station
    finally:
        station.supervised = False
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await end(station.edge)


def edge_child(folder: Path, wrapper: Sequence[str] = ()) -> Child:
    """Return the edge of a station file's folder, not started yet."""
    child = Child("edge", python("edge", "run", "--station", str(folder / "station.toml")), folder / "edge.log")
    child.wrapper = wrapper
    return child


def _write_files(stand: Stand, name: str, folder: Path, token: str) -> None:
    table = stand.directory.table()
    table["station"] |= {"id": name, "data_dir": str(folder / "data")}
    table["hub"] |= {"documents_token_file": str(folder / "documents.token")}
    table.pop("clock", None)
    (folder / "documents.token").write_text(token)
    (folder / "station.toml").write_text(write_toml(table), encoding="utf-8")


async def _tell_hub(stand: Stand, name: str, case_number: str, token: str) -> None:
    now = datetime.now(UTC)
    books = stand.books
    await books.execute(
        "insert into station_tokens (station, token_sha256, made_at) values (?, ?, ?)",
        name, hashlib.sha256(token.encode()).hexdigest(), now,
    )  # fmt: skip
    await books.execute(
        "insert into cases (case_number, service_item, title, state, station, size, recipient_mask, made_at, ready_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        case_number, case_number[:31], "营业执照", "ready", name, "m", "王*明", now, now,
    )  # fmt: skip
    bodies: dict[str, dict[str, object]] = {
        "staff": {
            "staff": [
                {
                    "badge": BADGE, "name": "李值守", "pin": _PIN_HASH, "rights": ["load", "clear", "service"],
                    "valid_until": (now + timedelta(days=30)).isoformat(),
                }
            ]
        },
        "expected": {
            "cases": [{"case_number": case_number, "title": "营业执照", "size": "m", "recipient_mask": "王*明"}]
        },
    }  # fmt: skip
    wanted = {kind: await _sign(stand, name, kind, body, now) for kind, body in bodies.items()}
    publish(stand, topics.desired(name), Desired(station=name, documents=wanted).to_bytes(), retain=True)


async def _sign(stand: Stand, name: str, kind: str, body: dict[str, object], now: datetime) -> WantedDocument:
    key = load_key(stand.directory.hub_keys / "documents.jwk")
    text = json.dumps({"kind": kind, "station": name, "version": 1, "issued_at": now.isoformat(), "body": body})
    token, sha256 = sign_document(StationDocument.model_validate_json(text), key)
    await stand.books.execute(
        "insert into documents (station, kind, version, sha256, token, signed_at) values (?, ?, ?, ?, ?, ?)",
        name, kind, 1, sha256, token, now,
    )  # fmt: skip
    return WantedDocument(version=1, sha256=sha256)


def publish(stand: Stand, topic: str, payload: bytes, *, retain: bool = False) -> None:
    """Publish with a client that this project did not write."""
    command = [
        "mosquitto_pub", "-h", "127.0.0.1", "-p", str(stand.ports.broker), "-q", "1", "-V", "mqttv5", "-t", topic, "-s",
        *(["-r"] if retain else []),
    ]  # fmt: skip
    subprocess.run(command, input=payload, check=True, timeout=20)
