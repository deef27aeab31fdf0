"""A plain loop, as one writes it in an afternoon: paho hands over a message, its events are inserted, commit, answer.

It writes the same tables (event, audit, picture of the compartment and the deposit), in a process of its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import asyncpg
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from hub.db.batch import Driver
from hub.db.engine import make_engine
from hub.db.migrate import migrate
from tests.hubs import ROOT, cpu_of

EVENT = (
    "INSERT INTO events (station, epoch, seq, id, type, state, at, clock, boot, correlation, subject, compartment, "
    "body, received_at) VALUES ($1,$2,$3,$4,$5,'done',$6,$7,$8,$9,$10,$11,$12,$13) ON CONFLICT DO NOTHING"
)
AUDIT = "INSERT INTO audit (chain, n, kind, subject, digest, at, hash) VALUES ($1,$2,'event',$3,$4,$5,$6)"
COMPARTMENT = (
    "INSERT INTO compartments (station, number, door, at) VALUES ($1,$2,$3,$4) "
    "ON CONFLICT (station, number) DO UPDATE SET door = excluded.door, at = excluded.at"
)
DEPOSIT = (
    "INSERT INTO deposits (receipt_number, station, compartment, state, has_phone, made_at) "
    "VALUES ($1,$2,$3,$4,false,$5) ON CONFLICT (receipt_number) DO UPDATE SET state = excluded.state"
)
DOORS = {"door_opened": "open", "door_closed": "closed"}
DEPOSITS = {"deposit_made": "made", "deposit_cleared": "cleared"}


class Loop:
    """The process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process

    def cpu_s(self) -> float:
        return cpu_of(self.process.pid)


@contextmanager
def run_plain_loop(port: int, url: str) -> Iterator[Loop]:
    """Start the loop and wait until it is subscribed."""
    command = [sys.executable, "-m", "tests.bench.plain_loop", str(port), url]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    try:
        yield Loop(process)
    finally:
        process.kill()
        process.wait()


class Writer:
    """Commits one message after the other."""

    def __init__(self, connection: Driver) -> None:
        self._connection = connection
        self._heads: dict[str, tuple[int, str]] = {}

    async def write(self, batch: dict[str, Any]) -> None:
        await self._connection.execute("BEGIN")
        for event in batch["events"]:
            await self._write(batch["station"], batch["epoch"], event)
        await self._connection.execute("COMMIT")

    async def _write(self, station: str, epoch: str, event: dict[str, Any]) -> None:
        now, at, data = datetime.now(UTC), datetime.fromisoformat(event["at"]), event["data"]
        body = json.dumps(event)
        subject, number = data.get("receipt_number"), data.get("compartment")
        row = (
            station, epoch, event["seq"], event["id"], event["type"], at, event["clock"], event["boot"],
            event["correlation"], subject, number, body, now,
        )  # fmt: skip
        await self._connection.execute(EVENT, *row)
        n, head = self._heads.get(station, (0, ""))
        digest = hashlib.sha256(body.encode()).hexdigest()
        head = hashlib.sha256(f"{head}{digest}".encode()).hexdigest()
        self._heads[station] = (n + 1, head)
        await self._connection.execute(AUDIT, station, n + 1, event["id"], digest, now, head)
        if event["type"] in DOORS:
            await self._connection.execute(COMPARTMENT, station, number, DOORS[event["type"]], at)
        if event["type"] in DEPOSITS:
            await self._connection.execute(DEPOSIT, subject, station, number, DEPOSITS[event["type"]], at)


async def main(port: int, url: str) -> None:
    engine = make_engine(url)
    await migrate(engine)
    await engine.dispose()
    writer = Writer(await asyncpg.connect(url))
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[mqtt.MQTTMessage] = asyncio.Queue()
    client = mqtt.Client(CallbackAPIVersion.VERSION2, "plain-loop", protocol=mqtt.MQTTv5, manual_ack=True)

    def hand_over(_client: mqtt.Client, _user: object, message: mqtt.MQTTMessage) -> None:
        loop.call_soon_threadsafe(queue.put_nowait, message)

    def subscribe(*_arguments: object) -> None:
        client.subscribe("nd1/+/events", qos=1)

    client.on_message = hand_over
    client.on_connect = subscribe
    client.on_subscribe = lambda *_: print("ready", flush=True)
    client.connect("127.0.0.1", port)
    client.loop_start()
    while True:
        message = await queue.get()
        batch = json.loads(message.payload)
        await writer.write(batch)
        last = batch["events"][-1]
        client.publish(f"nd1/{batch['station']}/ack", json.dumps({"through": last["seq"], "through_id": last["id"]}))
        client.ack(message.mid, 1)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2]))
