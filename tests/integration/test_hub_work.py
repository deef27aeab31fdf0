"""Dispatch and notify as processes: signed documents reach their station, commands die young, codes are told once."""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table

from contract.commands import COMMAND_TYP, CommandClaims
from contract.documents import DOCUMENT_TYP, StationDocument
from contract.sealed import load_sealing_key, seal
from contract.signing import load_key, verify
from hub.db.engine import make_engine, writing
from hub.db.tables import cases, commands, document_requests, station_tokens
from hub.services.key_files import make_pair, public_file
from tests.broker import Mosquitto
from tests.hubs import ROOT, HubProcess
from tests.integration.hub_records import problems_of_audit, rows
from tests.integration.outsider import Outsider

STATION = "work-01"
CASE = "11110101MB00001A9B4000131001000202611250001"
PHONE, CODE = "13800138000", "48271936"


def insert(url: str, table: Table, **values: object) -> None:
    async def write() -> None:
        engine = make_engine(url)
        async with writing(engine) as connection:
            await connection.execute(table.insert().values(**values))
        await engine.dispose()

    asyncio.run(write())


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    for kind in ("notify", "dispatch", "documents", "offline"):
        make_pair(tmp_path / "keys", kind, f"{kind}-1")
    return tmp_path / "keys"


@pytest.fixture
def hub(mosquitto: Mosquitto, hub_database: str, tmp_path: Path) -> Iterator[HubProcess]:
    process = HubProcess(tmp_path, hub_database, mosquitto.url)
    process.start()
    process.wait_until_ready()
    yield process
    process.kill()


@contextmanager
def worker(folder: Path, what: str, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run `python -m hub WHAT` for as long as the block lasts."""
    with (folder / f"{what}.log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-m", "hub", what, *arguments], cwd=ROOT, stdout=log, stderr=log)
    try:
        yield process
        assert process.poll() is None, (folder / f"{what}.log").read_text()
    finally:
        process.terminate()
        process.wait(15)


def fetch(hub: HubProcess, path: str, token: str | None) -> tuple[int, bytes]:
    request = urllib.request.Request(f"http://127.0.0.1:{hub.port}{path}")
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        problem = json.loads(error.read())
        return problem["status"], problem["detail"]


def ready_case(url: str, **more: object) -> None:
    now = datetime.now(UTC)
    columns = {"case_number": CASE, "service_item": CASE[:31], "title": "通行证", "station": STATION, "made_at": now}
    insert(url, cases, **columns, state="ready", due=now + timedelta(days=3), **more)


def test_documents_are_signed_named_and_fetched(
    mosquitto: Mosquitto, hub: HubProcess, hub_database: str, keys: Path, tmp_path: Path
) -> None:
    ready_case(hub_database)
    for name, token in ((STATION, "token of ours"), ("other-01", "token of theirs")):
        digest = hashlib.sha256(token.encode()).hexdigest()
        insert(hub_database, station_tokens, station=name, token_sha256=digest, made_at=datetime.now(UTC))
    topic = f"nd1/{STATION}/desired"
    shared = ("--database", hub_database, "--broker", mosquitto.url, "--keys", str(keys))
    with Outsider(mosquitto.port, STATION) as station, worker(tmp_path, "dispatch", *shared):
        insert(hub_database, document_requests, station=STATION, kind="expected", asked_at=datetime.now(UTC))
        station.wait(lambda: topic in station.said, "desired documents")
        wanted = station.said[topic]["documents"]["expected"]
        path = f"/station-documents/{wanted['sha256']}"
        status, body = fetch(hub, path, "token of ours")
        assert (status, hashlib.sha256(body).hexdigest()) == (200, wanted["sha256"])
        key = load_key(public_file(keys, "documents"))
        _, payload = verify(body.decode(), {"documents-1": key}, typ=DOCUMENT_TYP)
        document = StationDocument.model_validate_json(payload)
        assert (document.version, document.body["cases"][0]["case_number"]) == (wanted["version"], CASE)
        assert fetch(hub, path, "token of theirs")[0] == 404
        assert fetch(hub, path, "another token")[0] == 401
        assert fetch(hub, path, None)[0] == 401
        assert fetch(hub, "/station-documents/latest", "token of ours")[0] == 404
        sign_config(hub_database, keys, tmp_path)
        station.wait(lambda: "config" in station.said[topic]["documents"], "a config signed by hand is named too")
        assert set(station.said[topic]["documents"]) == {"config", "expected"}
    with Outsider(mosquitto.port, "late-01") as late:
        late._client.subscribe(topic, 1)
        late.wait(lambda: topic in late.said, "it is retained")


def sign_config(database: str, keys: Path, folder: Path) -> None:
    body = folder / "config.json"
    body.write_text('{"idle_seconds": 45}')
    command = [
        sys.executable, "-m", "hub", "document", "sign", "--kind", "config", "--station", STATION, "--key",
        str(keys / "offline.jwk"), "--in", str(body), "--database", database,
    ]  # fmt: skip
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def ask_command(url: str, asked_at: datetime | None = None, kind: str = "take_out") -> str:
    jti = str(uuid.uuid4())
    params = json.dumps({"compartment": 3})
    at = asked_at or datetime.now(UTC)
    row = {"jti": jti, "station": STATION, "type": kind, "params": params, "asked_by": "wang", "asked_at": at}
    insert(url, commands, **row, state="asked")
    return jti


def command_rows(url: str) -> dict[str, str]:
    return {row["jti"]: row["state"] for row in rows(url, "SELECT jti, state FROM commands")}


def test_commands_are_signed_short_lived_and_few(
    mosquitto: Mosquitto, hub: HubProcess, hub_database: str, keys: Path, tmp_path: Path
) -> None:
    old = ask_command(hub_database, datetime.now(UTC) - timedelta(hours=1))
    young = [ask_command(hub_database) for _ in range(8)]
    topic = f"nd1/{STATION}/commands"
    claims: list[CommandClaims] = []
    shared = ("--database", hub_database, "--broker", mosquitto.url, "--keys", str(keys))
    key = load_key(public_file(keys, "dispatch"))
    with Outsider(mosquitto.port, STATION) as station:
        station.send([station.start()])
        station.wait_through(1)
        with worker(tmp_path, "dispatch", *shared):

            def tokens() -> list[str]:
                return [value["token"] for name, value in station.heard if name == topic]

            station.wait(lambda: len(tokens()) == 6, "six commands")
            for token in tokens():
                _, payload = verify(token, {"dispatch-1": key}, typ=COMMAND_TYP)
                claims.append(CommandClaims.model_validate_json(payload))
            station.hear_nothing(lambda: len(tokens()) > 6, 1.0, "a seventh command within the minute")
            station.send([station.event("command_done", {"jti": str(claims[0].jti), "command": "take_out"})])
            station.wait_through(2)
    assert [str(claim.jti) for claim in claims] == young[:6]
    assert {(claim.aud, claim.exp - claim.iat, str(claim.epoch)) for claim in claims} == {(STATION, 60, station.epoch)}
    states = command_rows(hub_database)
    assert states[old] == "expired"
    assert [states[jti] for jti in young] == ["done", *["sent"] * 5, "asked", "asked"]
    with Outsider(mosquitto.port, "late-02") as late:
        late._client.subscribe(topic, 1)
        late.hear_nothing(lambda: topic in late.said, 0.5, "a command that was retained")


def load_item(station: Outsider, keys: Path) -> None:
    """A deposit with a phone and a loaded item with a code, sealed as stations seal them."""
    key = load_sealing_key(public_file(keys, "notify"))

    def sealed(event: dict[str, Any], plain: str, field: str) -> None:
        event["data"][field] = seal(plain, key, station=STATION, event=uuid.UUID(event["id"]), field=field)

    station.start()
    made = station.event("deposit_made", {"receipt_number": "00000000000", "compartment": 3, "size": "s"})
    sealed(made, PHONE, "phone_sealed")
    due = "2026-12-16T18:00:00+08:00"
    loaded = station.event("item_loaded", {"case_number": CASE, "compartment": 12, "staff": "S-1", "due": due})
    sealed(loaded, CODE, "code_sealed")


def test_a_pickup_code_is_told_once_and_then_known_to_nobody(
    mosquitto: Mosquitto, hub: HubProcess, hub_database: str, keys: Path, tmp_path: Path
) -> None:
    sms = tmp_path / "sms.log"
    arguments = ("--database", hub_database, "--keys", str(keys), "--sms-log", str(sms), "--place", "一楼")
    with Outsider(mosquitto.port, STATION) as station:
        load_item(station, keys)
        ready_case(hub_database, phone_event=station.events[1]["id"], receipt_number="00000000000")
        for _ in range(2):  # the second one finds nothing to do
            with worker(tmp_path, "notify", *arguments):
                station.deliver()
                wait_for_state(station, hub_database, "sent")
    (message,) = [json.loads(line) for line in sms.read_text().splitlines()]
    assert message["to"] == PHONE
    assert f"取件码{CODE}于12月16日18时前到一楼12号柜" in message["text"]
    left = {row["field"]: row["jwe"] for row in rows(hub_database, "SELECT field, jwe FROM sealed")}
    assert left["code_sealed"] is None
    assert left["phone_sealed"]
    assert problems_of_audit(hub_database) == []
    for path in tmp_path.rglob("*"):
        if path.is_file() and path != sms and not path.name.startswith("hub.db-"):
            content = path.read_bytes()
            assert PHONE.encode() not in content, path
            assert CODE.encode() not in content, path


def wait_for_state(station: Outsider, database: str, state: str) -> None:
    """The row is in another process's hands: ask for it again with every ack of something sent in between."""
    for _ in range(200):
        if [row["state"] for row in rows(database, "SELECT state FROM notifications")] == [state]:
            return
        before = len(station.acks)
        station.send(station.events[:1])
        station.wait(lambda before=before: len(station.acks) > before, "an ack")  # type: ignore[misc]  # bound
    raise AssertionError(f"the notification never became {state}")
