"""One MQTT 5 session that stays up, behind an asyncio face.

The session connects, subscribes again at every connect, reconnects with jitter, hands messages over one by one and
acknowledges to the broker only what its user acknowledged. A PUBACK proves nothing about the far end: whoever needs
that waits for the hub's own ack (contract of the wire, section 1). What was being published when a connection died is
not sent again here: `publish` raises, and its caller decides.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from dataclasses import replace
from types import TracebackType
from typing import Self

from contract.connection import (
    JSON,
    Connection,
    NotConnectedError,
    PublishRefusedError,
    Received,
    SessionError,
    SessionSettings,
    Tls,
    Will,
    Wire,
)

__all__ = [
    "JSON",
    "Connection",
    "MqttSession",
    "NotConnectedError",
    "Pace",
    "PublishRefusedError",
    "Received",
    "SessionError",
    "SessionSettings",
    "Tls",
    "Will",
]

log = logging.getLogger(__name__)

# A connection that lived this long was a good one: the next attempt after it starts from the shortest delay.
SETTLED_S = 5.0
RETAINED_WITHIN_S = 1.0
UNREACHABLE_MAX_S = 2.0


class Pace:
    """How long to wait before the next attempt: jittered, growing while it goes wrong in the same way.

    A broker that answers and refuses, or throws us out at once, is left alone for up to `longest_s`. One that cannot be
    reached costs nobody anything, so it is looked for often, and a backlog starts to drain soon after the path healed.
    """

    def __init__(self, shortest_s: float, longest_s: float) -> None:
        self._shortest_s, self._longest_s = shortest_s, longest_s
        self._answered, self._attempts = False, 0

    def after(self, *, answered: bool, lasted_s: float) -> float:
        """Return the pause after an attempt; `answered`: the broker sent a CONNACK, `lasted_s`: until it ended."""
        well = answered and lasted_s > SETTLED_S
        self._attempts = 0 if well or answered != self._answered else self._attempts + 1
        self._answered = answered
        limit = self._longest_s if answered else min(self._longest_s, UNREACHABLE_MAX_S)
        ceiling = min(limit, 2 * self._shortest_s * 2.0 ** min(self._attempts, 16))
        # Jitter spreads the stations that lost the same broker at the same moment.
        return random.uniform(min(self._shortest_s, ceiling), ceiling)  # noqa: S311 - no secret


class MqttSession:
    """A session that stays up: `async with MqttSession(settings) as session`.

    A broker must send retained messages at every subscribe; rumqttd sends none to a session that it resumes. So a
    session with `needs_retained` that resumes, and has seen no retained message since it was made, takes what was
    queued for it and then connects once more with a clean start.

    `trouble` is why the last connection ended or was not made; `dropped` counts messages for which the queue was full.
    """

    def __init__(self, settings: SessionSettings) -> None:
        self._settings = settings
        self._queue: asyncio.Queue[Received | None] = asyncio.Queue(settings.queue_limit)
        self._changed = asyncio.Condition()
        self._wire: Wire | None = None
        self._connection: Connection | None = None
        self._runner: asyncio.Task[None] | None = None
        self._clean_once = self._saw_retained = self._answered = False
        self.dropped = 0
        self.trouble = ""

    async def __aenter__(self) -> Self:
        """Start connecting; returns at once, whether or not there is a broker."""
        self._runner = asyncio.create_task(self._run(), name=f"mqtt {self._settings.client_id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye (the will is not sent) and close."""
        await self.close()

    async def close(self) -> None:
        """Say goodbye and close; idempotent."""
        if self._runner is None:
            return
        runner, self._runner = self._runner, None
        runner.cancel()
        await asyncio.wait({runner})
        if self._queue.full():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    @property
    def connected(self) -> bool:
        """Whether there is a connection now, as far as this side knows."""
        return self._wire is not None and not self._wire.lost.done()

    async def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        expiry_s: int | None = None,
        content_type: str = JSON,
    ) -> None:
        """Publish; returns when the broker answered (QoS 1) or the bytes were written (QoS 0).

        Raises:
            NotConnectedError: no connection, or it died before the answer.
            PublishRefusedError: the broker answered with a failure.
        """
        wire = self._wire
        if wire is None:
            raise NotConnectedError("no connection to the broker")
        await wire.publish(topic, payload, qos=qos, retain=retain, expiry_s=expiry_s, content_type=content_type)

    async def messages(self) -> AsyncIterator[Received]:
        """Yield what arrives, until the session is closed. For one reader."""
        while (message := await self._queue.get()) is not None:
            yield message

    async def connections(self) -> AsyncIterator[Connection]:
        """Yield the connection that is up, then each new one; a slow reader sees the newest only. For any readers."""
        seen = 0
        while True:
            async with self._changed:
                while self._connection is None or self._connection.number == seen:
                    await self._changed.wait()
                connection = self._connection
            seen = connection.number
            yield connection

    async def attempted(self) -> bool:
        """Wait until a connection is up or an attempt failed; return whether one is up (else see `trouble`)."""
        async with self._changed:
            await self._changed.wait_for(lambda: self.connected or self.trouble != "")
        return self.connected

    async def _run(self) -> None:
        pace, number = Pace(self._settings.reconnect_min_s, self._settings.reconnect_max_s), 0
        while True:
            number += 1
            started, self._answered = asyncio.get_running_loop().time(), False
            try:
                reason = await self._one_connection(number)
            except Exception as error:  # noqa: BLE001 - whatever prepare, DNS, TLS or the peer do: say it, try again
                reason = f"{type(error).__name__}: {error}"
            async with self._changed:
                self.trouble = reason
                self._changed.notify_all()
            pause = pace.after(answered=self._answered, lasted_s=asyncio.get_running_loop().time() - started)
            pause = 0.0 if self._clean_once else pause
            log.warning("broker connection %d ended (%s); next try in %.1f s", number, reason, pause)
            await asyncio.sleep(pause)

    async def _one_connection(self, number: int) -> str:
        will = await self._settings.prepare() if self._settings.prepare else None
        settings = replace(self._settings, clean_start=True) if self._clean_once else self._settings
        self._clean_once = False
        wire = Wire(settings, will, self._deliver)
        try:
            connection = await wire.open(number)
            await self._announce(wire, connection)
            if self._settings.needs_retained and connection.session_present and await self._misses_retained(wire):
                self._clean_once = True
                return "resumed without retained messages"
            return await asyncio.shield(wire.lost)
        finally:
            self._answered = wire.answered
            self._wire = self._connection = None
            await wire.close()

    async def _announce(self, wire: Wire, connection: Connection) -> None:
        if connection.refused:
            log.error("the broker refused the subscriptions %s", ", ".join(connection.refused))
        async with self._changed:
            self._wire, self._connection = wire, connection
            self._changed.notify_all()

    async def _misses_retained(self, wire: Wire) -> bool:
        await asyncio.wait({wire.lost}, timeout=RETAINED_WITHIN_S)
        return not self._saw_retained and not wire.lost.done()

    def _deliver(self, message: Received) -> bool:
        try:
            self._queue.put_nowait(message)
        except asyncio.QueueFull:
            if self.dropped % 1000 == 0:
                log.warning(
                    "%d messages dropped unacknowledged: the reader is slower than the broker", self.dropped + 1
                )
            self.dropped += 1
            return False
        self._saw_retained |= message.retained
        return True
