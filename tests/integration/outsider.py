"""A station that somebody else built: plain paho and the published contract, none of our code.

Everything here is written from `contract.md`'s words (topics, envelope, acks), so it also checks that those suffice.
"""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

Event = dict[str, Any]

WINDOW = 8
BATCH = 50


class Outsider:
    """`with Outsider(port, station)`; what was said is in `acks` (of this epoch), `said` (last by topic), `heard`."""

    def __init__(self, port: int, station: str, *, epoch: str | None = None) -> None:
        self.station, self.epoch = station, epoch or str(uuid.uuid4())
        self.acks: list[dict[str, Any]] = []
        self.said: dict[str, dict[str, Any]] = {}
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.events: list[Event] = []
        self._news = threading.Condition()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, station, protocol=mqtt.MQTTv5)
        self._client.on_connect = self._subscribe
        self._client.on_subscribe = self._subscribed
        self._client.on_message = self._hear
        self._client.reconnect_delay_set(1, 1)
        self._port = port
        self.subscribed = False

    def __enter__(self) -> Self:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        properties.SessionExpiryInterval = 24 * 3600
        self._client.connect("127.0.0.1", self._port, keepalive=10, clean_start=False, properties=properties)
        self._client.loop_start()
        self.wait(lambda: self.subscribed, "subscribed")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _subscribe(self, client: mqtt.Client, *_rest: object) -> None:
        topics = (f"nd1/{self.station}/ack", f"nd1/{self.station}/desired", f"nd1/{self.station}/commands")
        client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in (*topics, "nd1/hub/+/presence")])

    def _subscribed(self, *_rest: object) -> None:
        with self._news:
            self.subscribed = True
            self._news.notify_all()

    def _hear(self, _client: mqtt.Client, _user: object, message: mqtt.MQTTMessage) -> None:
        with self._news:
            text = message.payload.decode()
            value = json.loads(text) if text.startswith("{") else {"token": text}
            self.said[message.topic] = {**value, "_retained": message.retain}
            self.heard.append((message.topic, value))
            if message.topic.endswith("/ack") and value["epoch"] == self.epoch:
                self.acks.append(value)
            self._news.notify_all()

    def wait(self, condition: Callable[[], bool], what: str, seconds: float = 15) -> None:
        """Wait until something heard makes the condition true."""
        with self._news:
            assert self._news.wait_for(condition, seconds), f"not within {seconds} s: {what}"

    def hear_nothing(self, condition: Callable[[], bool], seconds: float, what: str) -> None:
        """Nothing heard within this time makes the condition true."""
        with self._news:
            assert not self._news.wait_for(condition, seconds), what

    def event(self, kind: str, data: dict[str, Any] | None = None, **columns: object) -> Event:
        """Number an event and remember it."""
        plain: Event = {
            "seq": len(self.events) + 1, "id": str(uuid.uuid4()), "type": kind,
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"), "clock": "synced", "boot": 1,
            "data": data or {},
        }  # fmt: skip
        self.events.append(plain | columns)
        return self.events[-1]

    def start(self) -> Event:
        return self.event("station_started", {"software": "outsider 1"})

    def door(self, number: int) -> Event:
        return self.event("door_opened" if len(self.events) % 2 else "door_closed", {"compartment": number})

    def send(self, events: Iterable[Event], **envelope: object) -> None:
        batch = {"v": 1, "station": self.station, "epoch": self.epoch, "events": list(events), **envelope}
        self.send_raw(json.dumps(batch).encode())

    def send_raw(self, payload: bytes, *, station: str | None = None) -> None:
        self._client.publish(f"nd1/{station or self.station}/events", payload, qos=1)

    def born(self, *, acked_through: int | None = None, conn: int = 1, **more: object) -> None:
        acked = self.through if acked_through is None else acked_through
        birth = {
            "v": 1, "online": True, "epoch": self.epoch, "boot": 1, "conn": conn, "last_seq": len(self.events),
            "acked_through": acked, "at": datetime.now(UTC).isoformat(), "software": "outsider 1", **more,
        }  # fmt: skip
        self._client.publish(f"nd1/{self.station}/presence", json.dumps(birth), qos=1, retain=True)

    @property
    def last_ack(self) -> dict[str, Any]:
        return self.acks[-1] if self.acks else {"through": 0, "ledger": None, "seen": 0, "missing": []}

    @property
    def through(self) -> int:
        """How far the newest ledger acknowledged; an ack that names another id than ours does not count."""
        ledger = self.last_ack["ledger"]
        mine = [ack for ack in self.acks if ack["ledger"] == ledger and self._is_mine(ack)]
        return max((int(ack["through"]) for ack in mine), default=0)

    def _is_mine(self, ack: dict[str, Any]) -> bool:
        through = ack["through"]
        return bool(through == 0 or self.events[through - 1]["id"] == ack.get("through_id"))

    def wait_through(self, seq: int, seconds: float = 15) -> None:
        self.wait(lambda: self.through >= seq, f"acknowledged through {seq}", seconds)

    def deliver(self, *, resend_s: float = 1.0, seconds: float = 60, size: int = BATCH) -> None:
        """Send what is not acknowledged, eight batches at a time, again and again until all of it is."""
        end = time.monotonic() + seconds
        while self.through < len(self.events):
            assert time.monotonic() < end, f"acknowledged only {self.through} of {len(self.events)}"
            before = self.through
            rest = self.events[before : before + WINDOW * size]
            for start in range(0, len(rest), size):
                self.send(rest[start : start + size])
            goal = before + len(rest)
            with self._news:
                self._news.wait_for(lambda goal=goal: self.through >= goal, resend_s)  # type: ignore[misc]  # bound
