"""A hub in one file, written from the contract alone: what a third party's back office might be.

It keeps numbers and ids in memory, answers every batch and every birth with an ack, finds forks, and can be told to be
silent, to have lost its database, or to choke on certain events.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from types import TracebackType
from typing import Self
from uuid import UUID, uuid4

from pydantic import ValidationError

from contract import topics
from contract.envelope import Event, EventBatch
from contract.session import MqttSession, SessionError, SessionSettings
from contract.state import Ack, CompartmentsState, HubPresence, Presence


class LittleHub:
    """`async with LittleHub(port)`; `events` holds each event once, under its first epoch and number."""

    def __init__(self, port: int, name: str = "hub-1") -> None:
        self.name, self.ledger = name, uuid4()
        self.answers = True
        self.chokes_on: set[str] = set()
        self.numbers: dict[UUID, dict[int, UUID]] = defaultdict(dict)
        self.events: dict[UUID, Event] = {}
        self.forks: list[tuple[UUID, int]] = []
        self.presences: list[Presence] = []
        self.states: list[CompartmentsState] = []
        self.batches: list[EventBatch] = []
        self.refused_batches = 0
        self._counter = 0
        self._through: dict[UUID, int] = {}
        subscriptions = (topics.SHARED_EVENTS, topics.ALL_PRESENCE, topics.ALL_STATE)
        self.session = MqttSession(
            SessionSettings(
                f"mqtt://127.0.0.1:{port}",
                name,
                subscriptions,
                clean_start=True,
                session_expiry_s=0,
                reconnect_min_s=0.05,
                reconnect_max_s=0.2,
            )
        )

    async def __aenter__(self) -> Self:
        await self.session.__aenter__()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._greet())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks)
        await self.session.close()

    def through(self, epoch: UUID) -> int:
        """Largest n with 1..n all held."""
        held, number = self.numbers[epoch], self._through.get(epoch, 0)
        while number + 1 in held:
            number += 1
        self._through[epoch] = number
        return number

    def lose_everything(self) -> None:
        """Be a hub with a new, empty database."""
        self.ledger = uuid4()
        self.events.clear()
        self.numbers.clear()
        self._through.clear()

    def forget_above(self, epoch: UUID, number: int) -> None:
        """Be an older copy of this database that says nothing of it."""
        for each in [seq for seq in self.numbers[epoch] if seq > number]:
            self.events.pop(self.numbers[epoch].pop(each), None)
        self._through.clear()

    async def ready(self) -> None:
        """Say that this hub can commit (again)."""
        self._counter += 1
        await self.session.publish(
            topics.hub_presence(self.name), HubPresence(ready=True, counter=self._counter).to_bytes(), retain=True
        )

    async def ask(self, station: str, token: bytes, *, retain: bool = False) -> None:
        """Publish a command."""
        await self.session.publish(topics.commands(station), token, retain=retain)

    async def answer(self, station: str, epoch: UUID, *, fork: bool = False) -> None:
        """Say what is held of one epoch."""
        through, seen = self.through(epoch), max(self.numbers[epoch], default=0)
        ack = Ack(
            ledger=self.ledger,
            epoch=epoch,
            through=through,
            through_id=self.numbers[epoch].get(through),
            seen=seen,
            missing=self._missing(epoch, through, seen),
            fork=fork,
        )
        await self.session.publish(topics.ack(station), ack.to_bytes())

    def _missing(self, epoch: UUID, through: int, seen: int) -> tuple[tuple[int, int], ...]:
        gaps: list[tuple[int, int]] = []
        for number in range(through + 1, seen):
            if number in self.numbers[epoch]:
                continue
            if gaps and gaps[-1][1] == number - 1:
                gaps[-1] = (gaps[-1][0], number)
            else:
                gaps.append((number, number))
        return tuple(gaps[:100])

    async def _greet(self) -> None:
        async for _ in self.session.connections():
            try:
                await self.ready()
            except SessionError:
                continue

    async def _listen(self) -> None:
        async for message in self.session.messages():
            try:
                await self._take(message.topic, message.payload)
            except (ValidationError, SessionError):
                self.refused_batches += 1
            message.ack()

    async def _take(self, topic: str, payload: bytes) -> None:
        if topic.endswith("/events"):
            await self._events(EventBatch.model_validate_json(payload))
        elif "/state/" in topic:
            self.states.append(CompartmentsState.model_validate_json(payload))
        elif topic.startswith("nd1/hub/"):
            return
        else:
            presence = Presence.model_validate_json(payload)
            self.presences.append(presence)
            if presence.online and self.answers:
                await self.answer(topic.split("/")[1], presence.epoch)

    async def _events(self, batch: EventBatch) -> None:
        self.batches.append(batch)
        if not self.answers or any(event.type in self.chokes_on for event in batch.events):
            return
        held, fork = self.numbers[batch.epoch], False
        for event in batch.events:
            if held.setdefault(event.seq, event.id) != event.id:
                fork = True
                self.forks.append((batch.epoch, event.seq))
            self.events.setdefault(event.id, event)
        await self.answer(batch.station, batch.epoch, fork=fork)
