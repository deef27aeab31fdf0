"""The line to the hub: one session, and the parts that live on it. Each part fails and starts again alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from joserfc.jwk import OKPKey

from contract import topics
from contract.session import MqttSession, Received, SessionError, SessionSettings, Tls
from edge.clock import Clock
from edge.core.compartment import Compartment
from edge.errors import StoreBusyError
from edge.services.picture import Picture
from edge.services.print_orders import PrintOrders
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store
from edge.uplink.command_check import PinnedKey
from edge.uplink.commands import Carriers, Commands
from edge.uplink.compartment_commands import CARRY
from edge.uplink.delivery import Delivery
from edge.uplink.documents import Documents, Source
from edge.uplink.presence import PresenceKeeper
from edge.uplink.print_contents import PrintContents
from edge.uplink.states import States
from edge.uplink.supervision import keep_running
from edge.uplink.upload import Uploads

log = logging.getLogger(__name__)

FAREWELL_WITHIN_S = 1.0
BUSY_TRIES = 3
BUSY_PAUSE_S = 1.0


@dataclass(frozen=True)
class UplinkSettings:
    """Who the station is to the hub, where the hub is, and which keys are believed."""

    station: str
    broker: str
    documents: Source
    document_keys: Mapping[str, Mapping[str, OKPKey]]
    command_keys: Mapping[str, PinnedKey]
    software: str
    simulated: tuple[str, ...] = ()
    tls: Tls | None = None
    reconnect_min_s: float = 0.5
    reconnect_max_s: float = 30.0


@dataclass(frozen=True)
class Hooks:
    """What the rest of the station does for the uplink, and is told by it."""

    changed: Callable[[tuple[Compartment, ...]], None]
    service_mode: Callable[[], bool]
    document_applied: Callable[[str], None]
    carriers: Carriers = field(default_factory=lambda: Carriers(carry=CARRY))


class Uplink:
    """Runs until cancelled, with or without a broker.

    With a `shelf`, its wanted files go to the hub; with `orders`, the contents of print orders are fetched.
    """

    def __init__(
        self,
        store: Store,
        picture: Picture,
        clock: Clock,
        settings: UplinkSettings,
        hooks: Hooks,
        shelf: Shelf | None = None,
        orders: PrintOrders | None = None,
    ) -> None:
        station = settings.station
        self._station, self._hooks = station, hooks
        self._presence = PresenceKeeper(store, station, clock, software=settings.software, simulated=settings.simulated)
        self._session = MqttSession(self._session_settings(settings))
        publish = self._session.publish
        self.delivery = Delivery(
            store,
            station,
            clock,
            publish=publish,
            announce=self._birth,
            online=lambda: self._session.connected,
        )
        self._uploads = None if shelf is None else Uploads(store, shelf, settings.documents)
        self._contents = None if orders is None else PrintContents(orders, settings.documents)
        self._states = States(picture, station, clock, publish)
        self._documents = Documents(store, station, settings.document_keys, settings.documents, self._document_applied)
        self._commands = Commands(
            store,
            station,
            settings.command_keys,
            clock,
            carriers=hooks.carriers,
            changed=hooks.changed,
            service_mode=hooks.service_mode,
        )

    def _session_settings(self, settings: UplinkSettings) -> SessionSettings:
        station = settings.station
        return SessionSettings(
            url=settings.broker,
            client_id=station,
            username=station,
            tls=settings.tls,
            subscriptions=(
                topics.ack(station),
                topics.commands(station),
                topics.desired(station),
                topics.HUB_PRESENCE,
            ),
            needs_retained=True,
            prepare=self._presence.prepare,
            reconnect_min_s=settings.reconnect_min_s,
            reconnect_max_s=settings.reconnect_max_s,
        )

    @property
    def online(self) -> bool:
        """Whether there is a connection to the broker."""
        return self._session.connected

    def wake_uploads(self) -> None:
        """Have wanted files and contents tried at once; safe to call at any time from the loop."""
        for part in (self._uploads, self._contents):
            if part is not None:
                part.wake()

    async def run(self) -> None:
        """Keep the line until cancelled, then say farewell."""
        parts = {
            "delivery": self.delivery.run,
            "documents": self._documents.run,
            "state": self._states.run,
            "presence": self._follow_connections,
            "messages": self._follow_messages,
        }
        if self._uploads is not None:
            parts["uploads"] = self._uploads.run
        if self._contents is not None:
            parts["print contents"] = self._contents.run
        async with self._session:
            try:
                async with asyncio.TaskGroup() as group:
                    for name, run in parts.items():
                        group.create_task(keep_running(f"uplink {name}", run), name=f"uplink {name}")
            finally:
                await self._farewell()

    async def _follow_connections(self) -> None:
        async for _ in self._session.connections():
            with suppress(SessionError):
                await self._birth()
                self.delivery.connected()
                self.wake_uploads()
                self._states.connected()

    async def _birth(self) -> None:
        await self._presence.born(self._session.publish)

    async def _farewell(self) -> None:
        with suppress(SessionError, StoreBusyError, TimeoutError):
            async with asyncio.timeout(FAREWELL_WITHIN_S):
                await self._presence.farewell(self._session.publish)

    async def _document_applied(self, kind: str) -> None:
        self._hooks.document_applied(kind)
        if self._contents is not None and kind == "print":
            self._contents.wake()
        with suppress(SessionError):
            await self._birth()

    async def _follow_messages(self) -> None:
        await self._commands.settle_interrupted()
        async for message in self._session.messages():
            await self._route(message)
            message.ack()

    async def _route(self, message: Received) -> None:
        if message.topic == topics.ack(self._station):
            self.delivery.ack_arrived(message.payload)
        elif message.topic == topics.desired(self._station):
            self._documents.desired_arrived(message.payload)
        elif message.topic == topics.commands(self._station):
            await self._take_command(message)
        else:
            self.delivery.hub_presence_arrived(message.topic, message.payload, retained=message.retained)
            self.wake_uploads()

    async def _take_command(self, message: Received) -> None:
        if message.retained:
            # Commands are never retained: one that is would come again at every connect.
            log.error("a retained command was ignored")
            return
        for _ in range(BUSY_TRIES):
            try:
                await self._commands.take(message.payload)
            except StoreBusyError as error:
                log.warning("a command waits: %s", error)
                await asyncio.sleep(BUSY_PAUSE_S)
            else:
                return
        log.error("a command was not taken: the store is busy")
