"""One connection to an MQTT 5 broker: the only file that knows the MQTT library (paho-mqtt 2).

Each connection gets a paho client of its own, driven by the event loop. Only resolving, connecting and the TLS
handshake block, so they run in a daemon thread that nobody waits for when the session ends.

Quirks this file knows: paho reads one packet per call, and TLS may hold more bytes than the socket shows; it notices a
half-open connection only when `loop_misc` runs; rumqttd (the broker in the iotcore wheel) ignores the receive maximum
and demands PUBACKs in the order of receipt, as MQTT 5 section 4.6 does too, so acknowledgements are put in order.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, DisconnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from contract.topics import KEEPALIVE_S, SESSION_EXPIRY_S, WILL_DELAY_S

T = TypeVar("T")

JSON = "application/json"
CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S, CLOSE_TIMEOUT_S = 5.0, 10.0, 1.0
# More at once is slower with mosquitto, and its default receive maximum is 20.
PUBLISHES_IN_FLIGHT = 20


class SessionError(Exception):
    """Base of what this module raises."""


class NotConnectedError(SessionError):
    """There is no connection, or it died before the broker answered; the message may or may not have arrived."""


class PublishRefusedError(SessionError):
    """The broker answered with a failure; `code` is the MQTT 5 reason code (135: not authorised)."""

    def __init__(self, code: int, name: str) -> None:
        super().__init__(f"refused by the broker: {name} ({code})")
        self.code = code


@dataclass(frozen=True)
class Will:
    """What the broker publishes `delay_s` seconds after the connection died without a goodbye."""

    topic: str
    payload: bytes
    retain: bool = True
    delay_s: int = WILL_DELAY_S


@dataclass(frozen=True)
class Tls:
    """PEM files; read again at every connect, so that a renewed certificate needs no restart."""

    ca_file: Path
    cert_file: Path | None = None
    key_file: Path | None = None


@dataclass(frozen=True)
class SessionSettings:
    """How to reach the broker and who to be there.

    `url` is `mqtt://host[:port]` or `mqtts://host[:port]`; `prepare` runs before every CONNECT and returns the will of
    that connection (counters that a will repeats must be durable before CONNECT). `needs_retained`: see `MqttSession`.
    """

    url: str
    client_id: str
    subscriptions: tuple[str, ...] = ()
    clean_start: bool = False
    session_expiry_s: int = SESSION_EXPIRY_S
    receive_maximum: int = 50
    queue_limit: int = 1000
    keepalive_s: int = KEEPALIVE_S
    username: str | None = None
    password: str | None = None
    tls: Tls | None = None
    prepare: Callable[[], Awaitable[Will | None]] | None = None
    needs_retained: bool = False
    reconnect_min_s: float = 0.5
    reconnect_max_s: float = 30.0


@dataclass(frozen=True)
class Connection:
    """A connection is up and subscribed. `refused` names subscriptions that the broker did not grant."""

    number: int
    session_present: bool
    refused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Received:
    """One message. `properties` are the user properties; `retained` says that it is the topic's last known value."""

    topic: str
    payload: bytes
    retained: bool
    qos: int
    duplicate: bool
    content_type: str | None
    properties: tuple[tuple[str, str], ...]
    _acknowledge: Callable[[], None] = field(repr=False)

    def ack(self) -> None:
        """Let the broker forget this message; without it the broker keeps it and delivers it again after a reconnect.

        PUBACKs leave in the order of receipt, so a message that is never acknowledged holds back those after it. Does
        nothing when the connection it came by is gone.
        """
        self._acknowledge()


class Wire:
    """One connection: a paho client attached to the event loop until it is lost; `answered` by a CONNACK, or not."""

    def __init__(self, settings: SessionSettings, will: Will | None, deliver: Callable[[Received], bool]) -> None:
        self._settings, self._deliver = settings, deliver
        self._loop = asyncio.get_running_loop()
        self._connack: asyncio.Future[tuple[bool, ReasonCode, int]] = self._loop.create_future()
        self._suback: asyncio.Future[list[ReasonCode]] = self._loop.create_future()
        self.lost: asyncio.Future[str] = self._loop.create_future()
        self._published: dict[int, asyncio.Future[ReasonCode | None]] = {}
        self._unacknowledged: OrderedDict[int, bool] = OrderedDict()
        self._slots = asyncio.Semaphore(PUBLISHES_IN_FLIGHT)
        self._ticker: asyncio.Task[None] | None = None
        self._client = _new_client(settings, will)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish
        self._client.on_message = self._on_message
        self._client.on_socket_close = self._on_socket_close
        self._client.on_socket_register_write = self._on_register_write
        self._client.on_socket_unregister_write = self._on_unregister_write
        self._fileno: int | None = None
        self.answered = False

    async def open(self, number: int) -> Connection:
        """Connect and subscribe.

        Raises:
            OSError, ValueError: no way to the broker, or the TLS files are wrong.
            NotConnectedError: the broker refused, or fell silent.
        """
        await _in_daemon_thread(self._connect, self._abandon)
        self._attach()
        present, code, receive_maximum = await self._answer(self._connack)
        if code.is_failure:
            raise NotConnectedError(f"the broker refused the connection: {code.getName()}")
        self._slots = asyncio.Semaphore(min(PUBLISHES_IN_FLIGHT, receive_maximum))
        return Connection(number, present, await self._subscribe())

    async def close(self) -> None:
        """Send DISCONNECT if the wire is up, give it a moment, close."""
        if self._fileno is not None and not self.lost.done():
            self._client.disconnect()
            await asyncio.wait({self.lost}, timeout=CLOSE_TIMEOUT_S)
        if self._ticker is not None:
            self._ticker.cancel()
        self._abandon()
        self._lose("closed")

    async def publish(
        self, topic: str, payload: bytes, *, qos: int, retain: bool, expiry_s: int | None, content_type: str
    ) -> None:
        """See `MqttSession.publish`."""
        properties = _properties(PacketTypes.PUBLISH)
        properties.ContentType = content_type
        if expiry_s is not None:
            properties.MessageExpiryInterval = expiry_s
        async with self._slots:
            if self.lost.done():
                raise NotConnectedError(self.lost.result())
            info = self._client.publish(topic, payload, qos, retain, properties)
            if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise NotConnectedError(f"not accepted by the client: {MQTTErrorCode(info.rc).name}")
            answer = self._published[info.mid] = self._loop.create_future()
            try:
                code = await answer
            finally:
                self._published.pop(info.mid, None)
        if code is None:
            raise NotConnectedError("the connection died before the broker answered")
        if code.is_failure:
            raise PublishRefusedError(code.value, code.getName())

    def _connect(self) -> None:
        """Resolve, connect, shake hands; blocking, in the daemon thread."""
        settings = self._settings
        parts = urlsplit(settings.url)
        if settings.tls is not None:
            self._client.tls_set_context(_tls_context(settings.tls))
        properties = _properties(PacketTypes.CONNECT)
        properties.SessionExpiryInterval = settings.session_expiry_s
        properties.ReceiveMaximum = settings.receive_maximum
        port = parts.port or (1883 if settings.tls is None else 8883)
        host, keepalive = parts.hostname or "", settings.keepalive_s
        self._client.connect(host, port, keepalive, clean_start=settings.clean_start, properties=properties)

    def _attach(self) -> None:
        sock = self._client.socket()
        if not isinstance(sock, socket.socket):  # TLS sockets are sockets too
            raise NotConnectedError("the connection died at once")
        # Acks are small and urgent: held back to be sent together (RFC 896), each costs the peer up to 40 ms.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._fileno = sock.fileno()
        self._loop.add_reader(self._fileno, self._readable)
        self._loop.add_writer(self._fileno, self._guarded, self._client.loop_write)
        self._ticker = asyncio.create_task(self._tick(), name=f"mqtt keepalive {self._settings.client_id}")

    def _abandon(self) -> None:
        self._detach()
        if (sock := self._client.socket()) is not None:
            sock.close()

    def _detach(self) -> None:
        fileno, self._fileno = self._fileno, None
        if fileno is not None:
            self._loop.remove_reader(fileno)
            self._loop.remove_writer(fileno)

    async def _answer(self, future: asyncio.Future[T]) -> T:
        either: set[asyncio.Future[Any]] = {future, self.lost}
        await asyncio.wait(either, timeout=ANSWER_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        if not future.done():
            raise NotConnectedError(self.lost.result() if self.lost.done() else "the broker is silent")
        return future.result()

    async def _subscribe(self) -> tuple[str, ...]:
        topics = self._settings.subscriptions
        if not topics:
            return ()
        self._client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in topics])
        codes = await self._answer(self._suback)
        return tuple(topic for topic, code in zip(topics, codes, strict=False) if code.is_failure)

    async def _tick(self) -> None:
        # Sends PINGREQ and closes when no PINGRESP comes: the only way to notice a half-open connection.
        while not self.lost.done():
            await asyncio.sleep(1)
            self._guarded(self._client.loop_misc)

    def _readable(self) -> None:
        self._guarded(self._client.loop_read)
        sock = self._client.socket()
        while isinstance(sock, ssl.SSLSocket) and not self.lost.done() and sock.pending():
            self._guarded(self._client.loop_read)

    def _guarded(self, step: Callable[[], MQTTErrorCode]) -> None:
        try:
            code = step()
        except Exception as error:  # noqa: BLE001 - bytes of a broken peer make paho raise nearly anything
            self._abandon()
            self._lose(f"the broker sent nonsense ({type(error).__name__})")
            return
        if code not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN):
            self._lose(code.name)

    def _lose(self, reason: str) -> None:
        if self.lost.done():
            return
        self.lost.set_result(reason)
        for answer in self._published.values():
            if not answer.done():
                answer.set_result(None)

    def _on_connect(
        self, _client: Client, _user: object, flags: ConnectFlags, code: ReasonCode, properties: Properties | None
    ) -> None:
        self.answered = True
        if not self._connack.done():
            receive_maximum = getattr(properties, "ReceiveMaximum", 65535)
            self._connack.set_result((flags.session_present, code, receive_maximum))

    def _on_disconnect(
        self, _client: Client, _user: object, flags: DisconnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self._lose(code.getName() if flags.is_disconnect_packet_from_server else "the connection was lost")

    def _on_subscribe(
        self, _client: Client, _user: object, _mid: int, codes: list[ReasonCode], _properties: Properties | None
    ) -> None:
        if not self._suback.done():
            self._suback.set_result(codes)

    def _on_publish(
        self, _client: Client, _user: object, mid: int, code: ReasonCode, _properties: Properties | None
    ) -> None:
        answer = self._published.get(mid)
        if answer is not None and not answer.done():
            answer.set_result(code)

    def _on_message(self, _client: Client, _user: object, message: MQTTMessage) -> None:
        mid, qos = message.mid, message.qos
        if self._deliver(_received(message, lambda: self._acknowledge(mid))) and qos:
            self._unacknowledged[mid] = False

    def _acknowledge(self, mid: int) -> None:
        if self.lost.done() or mid not in self._unacknowledged:
            return
        self._unacknowledged[mid] = True
        while self._unacknowledged:
            first = next(iter(self._unacknowledged))
            if not self._unacknowledged[first]:
                return
            del self._unacknowledged[first]
            self._client.ack(first, 1)

    def _on_socket_close(self, _client: Client, _user: object, _sock: object) -> None:
        self._detach()

    def _on_register_write(self, _client: Client, _user: object, _sock: object) -> None:
        # Called in the connecting thread too, where there is no number yet; `_attach` then starts with a writer.
        if self._fileno is not None:
            self._loop.add_writer(self._fileno, self._guarded, self._client.loop_write)

    def _on_unregister_write(self, _client: Client, _user: object, _sock: object) -> None:
        if self._fileno is not None:
            self._loop.remove_writer(self._fileno)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho leaves this class untyped


def _new_client(settings: SessionSettings, will: Will | None) -> Client:
    client = Client(CallbackAPIVersion.VERSION2, client_id=settings.client_id, protocol=MQTTv5, manual_ack=True)
    client.connect_timeout = CONNECT_TIMEOUT_S
    client.max_inflight_messages = 0  # unlimited: `Wire` counts what is in flight, nothing queues inside paho
    if settings.username is not None:
        client.username_pw_set(settings.username, settings.password)
    if will is not None:
        properties = _properties(PacketTypes.WILLMESSAGE)
        properties.WillDelayInterval = will.delay_s
        properties.ContentType = JSON
        client.will_set(will.topic, will.payload, qos=1, retain=will.retain, properties=properties)
    return client


def _tls_context(tls: Tls) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(tls.ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.cert_file is not None:
        context.load_cert_chain(tls.cert_file, tls.key_file)
    return context


def _received(message: MQTTMessage, acknowledge: Callable[[], None]) -> Received:
    content_type = getattr(message.properties, "ContentType", None)
    user = tuple(getattr(message.properties, "UserProperty", ()))
    payload = bytes(message.payload)
    return Received(message.topic, payload, message.retain, message.qos, message.dup, content_type, user, acknowledge)


async def _in_daemon_thread(work: Callable[[], None], undo: Callable[[], None]) -> None:
    """Run blocking `work` where nobody has to wait for it; `undo` runs if the waiter left before it was done."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Exception | None] = loop.create_future()

    def settle(error: Exception | None) -> None:
        if done.cancelled():
            undo()
        else:
            done.set_result(error)

    def run() -> None:
        error: Exception | None = None
        try:
            work()
        except Exception as caught:  # noqa: BLE001 - carried to the waiter
            error = caught
        try:
            loop.call_soon_threadsafe(settle, error)
        except RuntimeError:  # the loop is closed: the program is ending
            undo()

    threading.Thread(target=run, name="mqtt connect", daemon=True).start()
    if (error := await done) is not None:
        raise error
