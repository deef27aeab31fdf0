"""Signed documents over real HTTP: the wrong are refused once, the missing asked for again, the others swapped."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import OKPKey

from contract.documents import StationDocument, sign_document
from contract.envelope import Event
from contract.signing import new_signing_key, sign
from contract.state import Desired, WantedDocument
from edge.store.unit_of_work import Store
from edge.uplink import documents
from edge.uplink.documents import Documents, Source
from hall.processes import until
from tests.unit.edge.hand_clock import HandClock

STATION = "dc-24h-01"
DOCUMENTS, OFFLINE, OTHER = new_signing_key("documents-1"), new_signing_key("offline-1"), new_signing_key("documents-1")
CASE = {"case_number": "11110101MB00001A9B4000131001000" + "20261124" + "0001", "title": "营业执照"}


@dataclass
class Shelf:
    """The hub's side of HTTP: serves tokens by hash to whoever has the bearer token."""

    bearer: str = "t0ken"
    held: dict[str, bytes] = field(default_factory=dict)
    broken: int = 0
    asked: list[str] = field(default_factory=list)

    def put(self, token: str) -> str:
        sha256 = hashlib.sha256(token.encode()).hexdigest()
        self.held[sha256] = token.encode()
        return sha256

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        path = head[0].split(" ")[1]
        self.asked.append(path)
        status, body = self._answer(path, f"Bearer {self.bearer}" in "".join(head))
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        await writer.drain()
        writer.close()

    def _answer(self, path: str, known: bool) -> tuple[str, bytes]:
        if self.broken:
            self.broken -= 1
            return "503 Service Unavailable", b""
        if not known:
            return "401 Unauthorized", b""
        body = self.held.get(path.removeprefix("/station-documents/"))
        return ("404 Not Found", b"") if body is None else ("200 OK", body)


class Bench:
    """A store, a shelf, and the part that fetches from one into the other."""

    def __init__(self, store: Store, shelf: Shelf, source: Source) -> None:
        self.store, self.shelf, self.source = store, shelf, source
        self.applied: list[str] = []
        self.fetcher = self.restarted(
            {
                "expected": {"documents-1": DOCUMENTS},
                "staff": {"documents-1": DOCUMENTS},
                "config": {"offline-1": OFFLINE},
            }
        )

    def want(self, kind: str, version: int, sha256: str) -> None:
        wanted = {kind: WantedDocument(version=version, sha256=sha256)}
        self.fetcher.desired_arrived(Desired(station=STATION, documents=wanted).to_bytes())

    def restarted(self, keys: dict[str, dict[str, OKPKey]]) -> Documents:
        """As after a restart of the process, with other keys in the station file."""

        async def applied(kind: str) -> None:
            self.applied.append(kind)

        self.fetcher = Documents(self.store, STATION, keys, self.source, applied)
        return self.fetcher

    async def until_asked(self, count: int) -> None:
        async def enough() -> bool:
            return len(self.shelf.asked) >= count

        await until(enough, 5, f"asked {count} times")

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        rows = await self.store.pending(0, 1000)
        events = [Event.model_validate_json(row.body) for row in rows]
        return [(event.type, event.data) for event in events if event.type != "station_started"]

    async def until_told(self, count: int) -> list[tuple[str, dict[str, Any]]]:
        async def enough() -> bool:
            return len(await self.told()) >= count

        await until(enough, 5, f"{count} events")
        return await self.told()


@pytest.fixture
async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bench]:
    monkeypatch.setattr(documents, "RETRY_MIN_S", 0.02)
    monkeypatch.setattr(documents, "RETRY_MAX_S", 0.05)
    shelf = Shelf()
    server = await asyncio.start_server(shelf.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    (tmp_path / "token").write_text("t0ken\n")
    async with server, await Store.open(tmp_path / "station.db", HandClock()) as store:
        made = Bench(store, shelf, Source(f"http://127.0.0.1:{port}/", tmp_path / "token"))
        running = asyncio.create_task(made.fetcher.run())
        yield made
        running.cancel()


def expected(version: int = 1, **other: object) -> StationDocument:
    values: dict[str, object] = {
        "kind": "expected",
        "station": STATION,
        "version": version,
        "issued_at": datetime.fromisoformat("2026-11-24T08:00:00+08:00"),
        "body": {"cases": [CASE]},
    } | other
    return StationDocument.model_validate(values)


async def test_a_wanted_document_is_fetched_checked_and_in_force(bench: Bench) -> None:
    sha256 = bench.shelf.put(sign_document(expected(3), DOCUMENTS)[0])
    bench.want("expected", 3, sha256)
    told = await bench.until_told(1)
    assert told == [("config_applied", {"kind": "expected", "version": 3, "sha256": sha256})]
    stored = await bench.store.read(lambda tx: tx.document("expected"))
    assert stored is not None
    assert (stored.version, stored.sha256) == (3, sha256)
    assert bench.applied == ["expected"]


async def test_the_same_wish_again_asks_nobody(bench: Bench) -> None:
    sha256 = bench.shelf.put(sign_document(expected(3), DOCUMENTS)[0])
    bench.want("expected", 3, sha256)
    await bench.until_told(1)
    bench.want("expected", 3, sha256)
    newer = bench.shelf.put(sign_document(expected(4), DOCUMENTS)[0])
    bench.want("expected", 4, newer)
    await bench.until_told(2)
    assert [path.rsplit("/", 1)[1] for path in bench.shelf.asked] == [sha256, newer]


def forged(document: StationDocument) -> str:
    return sign_document(document, OTHER)[0]


def command_in_disguise(document: StationDocument) -> str:
    return sign(document.to_bytes(), DOCUMENTS, typ="nd-command+jwt")


@pytest.mark.parametrize(
    ("document", "by", "kind", "reason"),
    [
        (expected(2), forged, "expected", "bad_signature"),
        (expected(2), lambda document: sign_document(document, OFFLINE)[0], "expected", "unknown_key"),
        (expected(2), command_in_disguise, "expected", "unknown_key"),
        (expected(2), None, "staff", "wrong_kind"),
        (expected(2, station="dc-24h-02"), None, "expected", "wrong_station"),
        (expected(9), None, "expected", "wrong_version"),
        (expected(2, body={"cases": [{"case_number": "x", "title": "y"}]}), None, "expected", "malformed"),
        (expected(2, body={"cases": 7}), None, "expected", "malformed"),
        (expected(2, kind="config", body={"idle_seconds": 1}), None, "config", "unknown_key"),
        (
            expected(2, kind="config", body={"idle_seconds": 1}),
            lambda document: sign_document(document, OFFLINE)[0],
            "config",
            "malformed",
        ),
        (expected(2), lambda _document: "no token at all", "expected", "malformed"),
    ],
    ids=[
        "forged",
        "key of another kind",
        "command",
        "kind",
        "station",
        "version",
        "case",
        "shape",
        "config by documents key",
        "config out of range",
        "garbage",
    ],
)
async def test_what_must_not_be_used_is_refused_once_and_the_last_good_one_stays(
    bench: Bench,
    document: StationDocument,
    by: Callable[[StationDocument], str] | None,
    kind: str,
    reason: str,
) -> None:
    good = bench.shelf.put(sign_document(expected(1), DOCUMENTS)[0])
    bench.want("expected", 1, good)
    await bench.until_told(1)
    token = by(document) if by else sign_document(document, DOCUMENTS)[0]
    sha256 = bench.shelf.put(token)
    bench.want(kind, 2, sha256)
    told = await bench.until_told(2)
    assert told[1:] == [("config_refused", {"kind": kind, "version": 2, "sha256": sha256, "reason": reason})]
    bench.want(kind, 2, sha256)
    newer = bench.shelf.put(sign_document(expected(3), DOCUMENTS)[0])
    bench.want("expected", 3, newer)
    assert [event for event, _ in await bench.until_told(3)] == ["config_applied", "config_refused", "config_applied"]
    stored = await bench.store.read(lambda tx: tx.document(kind))
    assert (None if stored is None else stored.version) == (3 if kind == "expected" else None)


async def test_a_restart_tells_no_refusal_twice_and_a_key_pinned_since_makes_it_good(bench: Bench) -> None:
    sha256 = bench.shelf.put(sign_document(expected(1), OFFLINE)[0])
    bench.want("expected", 1, sha256)
    await bench.until_told(1)
    for kid, key in (("documents-1", DOCUMENTS), ("offline-1", OFFLINE)):
        again = bench.restarted({"expected": {kid: key}})
        running = asyncio.create_task(again.run())
        bench.want("expected", 1, sha256)
        if kid == "offline-1":
            await bench.until_told(2)
        else:
            await bench.until_asked(2)
        running.cancel()
        await asyncio.wait({running})
    assert [event for event, _ in await bench.told()] == ["config_refused", "config_applied"]


@pytest.mark.parametrize("version", [1, 4, 5])
async def test_a_version_that_does_not_rise_is_refused_without_being_fetched(bench: Bench, version: int) -> None:
    bench.want("expected", 5, bench.shelf.put(sign_document(expected(5), DOCUMENTS)[0]))
    await bench.until_told(1)
    older = bench.shelf.put(sign_document(expected(version, body={"cases": []}), DOCUMENTS)[0])
    bench.want("expected", version, older)
    told = await bench.until_told(2)
    assert told[1][1]["reason"] == "version_not_rising"
    assert len(bench.shelf.asked) == 1


async def test_bytes_that_broke_on_the_way_are_told_once_and_fetched_again(bench: Bench) -> None:
    token = sign_document(expected(1), DOCUMENTS)[0]
    sha256 = bench.shelf.put(token)
    bench.shelf.held[sha256] = token.encode()[:-4]
    bench.want("expected", 1, sha256)
    told = await bench.until_told(1)
    assert told[0][1]["reason"] == "hash_mismatch"
    bench.shelf.held[sha256] = token.encode()
    assert [event for event, _ in await bench.until_told(2)] == ["config_refused", "config_applied"]


async def test_a_hub_that_cannot_answer_is_asked_again(bench: Bench) -> None:
    bench.shelf.broken = 3
    bench.want("expected", 1, bench.shelf.put(sign_document(expected(1), DOCUMENTS)[0]))
    assert [event for event, _ in await bench.until_told(1)] == ["config_applied"]
    assert len(bench.shelf.asked) == 4


async def test_a_missing_document_and_a_wrong_token_are_no_events(bench: Bench) -> None:
    bench.want("expected", 1, "0" * 64)
    bench.shelf.bearer = "another"
    await bench.until_asked(3)
    assert await bench.told() == []


async def test_more_than_eight_mebibytes_are_not_taken(bench: Bench) -> None:
    bench.shelf.held["f" * 64] = b"x" * (documents.LARGEST_DOCUMENT + 1)
    bench.want("expected", 1, "f" * 64)
    await bench.until_asked(2)
    assert await bench.told() == []


@pytest.mark.parametrize("payload", [b"", b"nonsense", b'{"v":1,"station":"dc-24h-02","documents":{}}'])
async def test_a_wish_that_is_not_for_us_changes_nothing(bench: Bench, payload: bytes) -> None:
    bench.fetcher.desired_arrived(payload)
    bench.want("expected", 1, bench.shelf.put(sign_document(expected(1), DOCUMENTS)[0]))
    assert [event for event, _ in await bench.until_told(1)] == ["config_applied"]


async def test_kinds_of_later_versions_are_left_alone(bench: Bench) -> None:
    desired = Desired(station=STATION, documents={"menu": WantedDocument(version=1, sha256="a" * 64)})
    bench.fetcher.desired_arrived(desired.to_bytes())
    bench.want("expected", 1, bench.shelf.put(sign_document(expected(1), DOCUMENTS)[0]))
    await bench.until_told(1)
    assert len(bench.shelf.asked) == 1
