"""Acks to stations, after the commit: published in the background, the newest of each epoch only."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable, Mapping
from typing import Protocol

from contract.session import MqttSession, SessionError
from contract.state import Ack
from contract.topics import ack as ack_topic

log = logging.getLogger(__name__)

AT_ONCE = 20


class Acknowledged(Protocol):
    """A message of the broker that may be forgotten once its content is committed and answered."""

    def ack(self) -> None:
        """Let the broker forget it."""


def newer(before: Ack, ack: Ack) -> Ack:
    """Return what to say instead of two acks of one epoch, of which either may know more. Pure."""
    # A report of gaps is read outside the committing transaction and may come too late.
    best = before if before.ledger == ack.ledger and before.through > ack.through else ack
    return best.model_copy(update={"fork": True}) if before.fork or ack.fork else best


class Answers:
    """Publishes acks and then acknowledges the messages to the broker, without holding up the next transaction."""

    def __init__(self, session: MqttSession) -> None:
        self._session = session
        self._waiting: dict[tuple[str, str], Ack] = {}
        self._messages: list[Acknowledged] = []
        self._news = asyncio.Event()

    def add(self, acks: Mapping[tuple[str, str], Ack], messages: Iterable[Acknowledged] = ()) -> None:
        """Queue what a commit allows to say."""
        for pair, ack in acks.items():
            before = self._waiting.get(pair)
            self._waiting[pair] = ack if before is None else newer(before, ack)
        self._messages += messages
        self._news.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            acks, self._waiting = self._waiting, {}
            messages, self._messages = self._messages, []
            pairs = list(acks.items())
            for start in range(0, len(pairs), AT_ONCE):
                await asyncio.gather(*(self._publish(pair[0], ack) for pair, ack in pairs[start : start + AT_ONCE]))
            for message in messages:
                message.ack()

    async def _publish(self, station: str, ack: Ack) -> None:
        # Without a connection the station hears nothing and sends again: the same answer waits for it then.
        with contextlib.suppress(SessionError):
            await self._session.publish(ack_topic(station), ack.to_bytes())
