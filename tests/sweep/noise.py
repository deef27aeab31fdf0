"""What a network, a broker or a stranger may add: duplicates, another order, single events, messages of nonsense."""

from __future__ import annotations

import asyncio
import hashlib
import json
import queue
import random
import secrets
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from contract import topics
from hall.processes import HouseError, until
from tests.sweep.chaos import beside
from tests.sweep.oracle import judge
from tests.sweep.runner import Found
from tests.sweep.scenario import tell_story
from tests.sweep.stand import Stand
from tests.sweep.station import SweptStation, swept_station

KINDS = ("duplicates", "reordered", "singles", "everything-again", "garbage", "strangers")
TIMES = 4
REPEATED_WITHIN_S = 0.3
KEPT_WITHIN_S = 15.0


class Noise:
    """Cases `KIND:N`."""

    name = "noise"
    lanes = 4

    def stand(self, folder: Path) -> AbstractAsyncContextManager[Stand]:
        return Stand(folder)

    async def cases(self, folder: Path) -> list[str]:
        return [f"{kind}:{number}" for number in range(1, TIMES + 1) for kind in KINDS]

    async def run(self, stand: Stand, case: str, seed: int) -> Found:
        kind = case.split(":", maxsplit=1)[0]
        rng = random.Random(seed)
        with listener(stand, "nd1/+/events") as client:
            async with swept_station(stand, stand.station_name(self.name)) as station:
                loud = Loud(client, station, rng)
                evidence = await tell_story(station, seed, beside(("deposit", "healed"), lambda: loud.make(kind)))
                problems = judge(evidence) + await loud.judged(kind)
        return Found(0, problems, met=loud.sent > 0, notes={"messages": loud.sent})


class Client:
    """A plain MQTT 5 client that hears every batch and publishes what it likes."""

    def __init__(self, mqtt_client: mqtt.Client) -> None:
        self._client = mqtt_client
        self.heard: queue.SimpleQueue[tuple[str, bytes]] = queue.SimpleQueue()

    def publish(self, topic: str, payload: bytes) -> None:
        self._client.publish(topic, payload, qos=1)

    def take(self) -> list[tuple[str, bytes]]:
        """Return what was heard since the last call."""
        found = []
        while not self.heard.empty():
            found.append(self.heard.get())
        return found


@contextmanager
def listener(stand: Stand, topic: str) -> Iterator[Client]:
    """Listen at the stand's broker."""
    inner = mqtt.Client(CallbackAPIVersion.VERSION2, client_id=f"loud-{secrets.token_hex(4)}", protocol=mqtt.MQTTv5)
    client = Client(inner)
    inner.on_connect = lambda c, *_: c.subscribe(topic, qos=1)
    inner.on_message = lambda _c, _d, message: client.heard.put((message.topic, bytes(message.payload)))
    inner.connect("127.0.0.1", stand.ports.broker)
    inner.loop_start()
    try:
        yield client
    finally:
        inner.disconnect()
        inner.loop_stop()


class Loud:
    """Makes one kind of noise about one station."""

    def __init__(self, client: Client, station: SweptStation, rng: random.Random) -> None:
        self._client, self._station, self._rng = client, station, rng
        self._topic = topics.events(station.name)
        self._all: list[bytes] = []
        self._own: set[bytes] = set()
        self._kept: set[str] = set()
        self._stranger, self._epoch = f"stranger-{secrets.token_hex(4)}", str(uuid4())
        self._strange: list[dict[str, Any]] = []
        self.sent = 0

    async def make(self, kind: str) -> None:
        """Be loud until cancelled."""
        while True:
            await asyncio.sleep(self._rng.uniform(0.02, REPEATED_WITHIN_S))
            fresh = [data for topic, data in self._client.take() if topic == self._topic and data not in self._own]
            self._all += [data for data in fresh if data not in self._all]
            getattr(self, f"_{kind.replace('-', '_')}")(fresh)

    async def judged(self, kind: str) -> list[str]:
        """Return what is wrong about the hub's answer to nonsense."""
        if kind == "garbage":
            return await self._garbage_is_kept()
        return await self._stranger_is_on_record() if kind == "strangers" else []

    def _duplicates(self, fresh: list[bytes]) -> None:
        for data in fresh:
            self._send(data)
            self._send(data)

    def _reordered(self, fresh: list[bytes]) -> None:
        again = [*fresh, *self._rng.sample(self._all, min(3, len(self._all)))]
        self._rng.shuffle(again)
        for data in again:
            self._send(data)

    def _singles(self, fresh: list[bytes]) -> None:
        events = [(json.loads(data), event) for data in fresh for event in json.loads(data)["events"]]
        for envelope, event in reversed(events):
            self._send(json.dumps({**envelope, "events": [event]}).encode())

    def _everything_again(self, _fresh: list[bytes]) -> None:
        for data in reversed(self._all):
            self._send(data)

    def _garbage(self, _fresh: list[bytes]) -> None:
        """Messages on the station's own topic that are no envelope of events."""
        whole = self._rng.choice(self._all) if self._all else b'{"v":1}'
        nonsense = (
            self._rng.randbytes(self._rng.randint(1, 200)),
            b"",
            whole[: len(whole) // 2],
            whole.replace(b'"events":[', b'"event":['),
            b'{"v":1,"station":"%s","epoch":"none","events":[]}' % self._station.name.encode(),
            b"[" * 5000,
        )
        data = self._rng.choice(nonsense)
        if data:
            self._kept.add(hashlib.sha256(data).hexdigest())
        self._send(data)

    def _strangers(self, _fresh: list[bytes]) -> None:
        """A station that nobody knows sends types that nobody knows, and known types with data that is none."""
        kinds: tuple[tuple[str, dict[str, object]], ...] = (
            ("sculpture_unveiled", {"height": 3}),
            ("deposit_made", {"receipt_number": 7}),
            ("door_opened", {"compartment": -1, "grant": "no"}),
            ("session_started", {"who": "citizen"}),
        )
        kind, data = self._rng.choice(kinds)
        event = {
            "seq": len(self._strange) + 1, "id": str(uuid4()), "type": kind, "at": datetime.now(UTC).isoformat(),
            "clock": "synced", "boot": 1, "data": data,
        }  # fmt: skip
        self._strange.append(event)
        envelope = {"v": 1, "station": self._stranger, "epoch": self._epoch, "events": [event]}
        self._client.publish(topics.events(self._stranger), json.dumps(envelope).encode())
        self.sent += 1

    async def _garbage_is_kept(self) -> list[str]:
        """Each message of nonsense is in quarantine once."""
        query = f"select sha256 from quarantine where station = '{self._station.name}'"

        async def kept() -> bool:
            return {row["sha256"] for row in await self._station.stand.books.rows(query)} >= self._kept

        try:
            await until(kept, KEPT_WITHIN_S, "all garbage is kept")
        except HouseError as error:
            return [f"I1: {error}"]
        return []

    async def _stranger_is_on_record(self) -> list[str]:
        """Every event of the stranger is a row, acknowledged, and those that nobody understands are marked so."""
        books = self._station.stand.books

        async def counted() -> bool:
            rows = await books.rows(f"select through from epochs where station = '{self._stranger}'")
            return bool(rows) and rows[0]["through"] == len(self._strange)

        try:
            await until(counted, KEPT_WITHIN_S, "the stranger's events are counted")
        except HouseError as error:
            return [f"I4: {error}"]
        rows = await books.rows(f"select id, type, state from events where station = '{self._stranger}'")
        states = {row["id"]: row["state"] for row in rows}
        return [
            f"I1: {event['type']} of a stranger is {states.get(event['id'])}"
            for event in self._strange
            if states.get(event["id"]) != ("done" if event["type"] == "session_started" else "unknown")
        ]

    def _send(self, data: bytes) -> None:
        self._own.add(data)
        self._client.publish(self._topic, data)
        self.sent += 1
