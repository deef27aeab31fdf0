"""The live picture: retained messages under `state/`, published when something changed and at every connect.

A picture older than a minute is published again, so that its age at the hub says something about the line.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import asdict

from contract import topics
from contract.session import SessionError
from contract.state import CompartmentsState, CompartmentState
from edge.clock import Clock
from edge.errors import TryAgainError
from edge.services.picture import Picture
from edge.uplink.delivery import Publish

# Doors bounce and several commits belong together: one message for all of them.
GATHER_S = 0.2
REFRESH_S = 60.0
BROKER_ANSWERS_WITHIN_S = 10.0


class States:
    """Publishes `state/compartments`."""

    def __init__(self, picture: Picture, station: str, clock: Clock, publish: Publish) -> None:
        self._picture, self._station, self._clock, self._publish = picture, station, clock, publish

    def connected(self) -> None:
        """A new connection: the broker may have forgotten the picture."""
        self._picture.changes.notify()

    async def run(self) -> None:
        """Publish until cancelled; without a connection the next one brings the newest picture."""
        seen = self._picture.changes.revision
        while True:
            with suppress(SessionError, TimeoutError, TryAgainError):
                message = (await self._message()).to_bytes()
                async with asyncio.timeout(BROKER_ANSWERS_WITHIN_S):
                    await self._publish(topics.state(self._station, "compartments"), message, qos=1, retain=True)
            with suppress(TimeoutError):
                async with asyncio.timeout(REFRESH_S):
                    seen = await self._picture.changes.after(seen)
                await asyncio.sleep(GATHER_S)
                seen = self._picture.changes.revision

    async def _message(self) -> CompartmentsState:
        compartments = tuple(CompartmentState(**asdict(each)) for each in await self._picture.published())
        return CompartmentsState(at=self._clock.now(), compartments=compartments)
