"""The session against both real brokers, through a network that breaks, and against peers that talk nonsense."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from contract.session import (
    MqttSession,
    NotConnectedError,
    Pace,
    Received,
    SessionSettings,
    Tls,
    Will,
)
from hall.addresses import free_port
from hall.broker import BrokerName
from hall.network import Link, Network
from hall.processes import until
from tests.unit.contract.sessions import next_connection, running, settings, take

EVENTS, ACK, PRESENCE = "nd1/st-1/events", "nd1/st-1/ack", "nd1/st-1/presence"


@pytest.fixture(params=["mosquitto", "iotcore"])
async def broker(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[int]:
    async with running(request.param, tmp_path) as (port, _):
        yield port


@pytest.fixture
async def mosquitto(tmp_path: Path) -> AsyncIterator[int]:
    async with running("mosquitto", tmp_path) as (port, _):
        yield port


async def test_a_message_goes_through_with_its_properties(broker: int) -> None:
    async with (
        MqttSession(settings(broker, "hub-1", subscriptions=("$share/hub/nd1/+/events",), clean_start=True)) as hub,
        MqttSession(settings(broker)) as station,
    ):
        assert (await next_connection(hub)).refused == ()
        await next_connection(station)
        await station.publish(EVENTS, b"{}", expiry_s=60)
        message = (await take(hub, 1))[0]
        assert (message.topic, message.payload, message.qos, message.retained) == (EVENTS, b"{}", 1, False)
        assert message.content_type == "application/json"


async def test_retained_messages_come_again_at_every_connect(broker: int) -> None:
    async with MqttSession(settings(broker)) as station:
        await next_connection(station)
        await station.publish(PRESENCE, b"here", retain=True)
    again = settings(broker, "hub-1", subscriptions=("nd1/+/presence",), needs_retained=True)
    for _ in range(2):
        async with MqttSession(again) as hub:
            message = (await take(hub, 1))[0]
            assert (message.payload, message.retained) == (b"here", True)
            message.ack()


async def test_five_hundred_messages_pass_in_order_and_acknowledged_out_of_order(broker: int) -> None:
    async with (
        MqttSession(settings(broker, "hub-1", subscriptions=(EVENTS,), receive_maximum=10)) as hub,
        MqttSession(settings(broker)) as station,
    ):
        await next_connection(hub)
        await next_connection(station)
        sending = asyncio.gather(*[station.publish(EVENTS, str(number).encode()) for number in range(500)])
        got: list[bytes] = []
        async with asyncio.timeout(20):
            while len(got) < 500:
                pair = await take(hub, 2)
                got += [message.payload for message in pair]
                for message in reversed(pair):
                    message.ack()
        await sending
        assert got == [str(number).encode() for number in range(500)]
        assert hub.connected


async def test_the_broker_keeps_what_was_not_acknowledged_and_stops_at_the_receive_maximum(mosquitto: int) -> None:
    hub_settings = settings(mosquitto, "hub-1", subscriptions=(EVENTS,), receive_maximum=10)
    async with MqttSession(settings(mosquitto)) as station:
        await next_connection(station)
        async with MqttSession(hub_settings) as hub:
            await next_connection(hub)
            for number in range(30):
                await station.publish(EVENTS, str(number).encode())
            first = await take(hub, 10)
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.3):
                    await take(hub, 1)
            first[0].ack()
            assert [message.payload for message in await take(hub, 1)] == [b"10"]
        async with MqttSession(hub_settings) as hub:
            assert (await next_connection(hub)).session_present
            again: list[Received] = []
            for _ in range(29):
                message = (await take(hub, 1))[0]
                message.ack()
                again.append(message)
            assert [message.payload for message in again] == [str(number).encode() for number in range(1, 30)]
            assert again[0].duplicate


async def test_an_old_message_is_never_acknowledged_on_a_new_connection(mosquitto: int) -> None:
    async with AsyncExitStack() as stack:
        port = free_port()
        network = await stack.enter_async_context(Network([Link("broker", port, mosquitto)]))
        hub = await stack.enter_async_context(MqttSession(settings(port, "hub-1", subscriptions=(EVENTS,))))
        station = await stack.enter_async_context(MqttSession(settings(mosquitto)))
        first = await next_connection(hub)
        await next_connection(station)
        await station.publish(EVENTS, b"one")
        old = (await take(hub, 1))[0]
        await network.cut()
        await network.heal()
        await next_connection(hub, after=first.number)
        again = (await take(hub, 1))[0]
        old.ack()
        assert (again.payload, again.duplicate) == (b"one", True)
        await network.cut()
        await network.heal()
        assert (await take(hub, 1))[0].payload == b"one"


@pytest.mark.parametrize(("answered", "longest"), [(True, 30.0), (False, 2.0)])
def test_pauses_grow_with_jitter_up_to_their_limit_and_begin_anew_after_a_good_connection(
    answered: bool, longest: float
) -> None:
    paces = [Pace(0.5, 30.0) for _ in range(200)]
    rounds = [[pace.after(answered=answered, lasted_s=0.1) for pace in paces] for _ in range(8)]
    assert all(0.5 <= pause <= 2.0 for pause in rounds[0])
    assert all(0.5 <= pause <= longest for pause in rounds[-1])
    assert max(rounds[-1]) > 0.8 * longest
    assert len({round(pause, 3) for pause in rounds[-1]}) > 100
    assert max(pace.after(answered=True, lasted_s=60.0) for pace in paces) <= 2.0


async def test_publish_without_a_connection_says_so() -> None:
    async with MqttSession(settings(free_port())) as session:
        with pytest.raises(NotConnectedError):
            await session.publish(EVENTS, b"{}")
        assert not session.connected


async def test_a_publish_that_the_cut_caught_is_told_to_its_caller(mosquitto: int) -> None:
    port = free_port()
    async with Network([Link("broker", port, mosquitto)]) as network, MqttSession(settings(port)) as station:
        first = await next_connection(station)
        await network.black_hole()
        caught = [asyncio.create_task(station.publish(EVENTS, b"{}")) for _ in range(50)]
        await asyncio.sleep(0)
        await network.cut()
        results = await asyncio.gather(*caught, return_exceptions=True)
        assert {type(result) for result in results} == {NotConnectedError}
        await network.heal()
        await next_connection(station, after=first.number)
        await station.publish(EVENTS, b"{}")


async def test_a_half_open_connection_is_noticed_by_keepalive(mosquitto: int) -> None:
    port = free_port()
    quick = settings(port, keepalive_s=1)
    async with Network([Link("broker", port, mosquitto)]) as network, MqttSession(quick) as station:
        await next_connection(station)
        await network.black_hole()

        async def noticed() -> bool:
            return not station.connected

        await until(noticed, 6, "the dead line is noticed")


async def test_the_will_comes_after_its_delay_and_not_after_a_goodbye(broker: int) -> None:
    number = 0

    async def will() -> Will:
        nonlocal number
        number += 1
        return Will(PRESENCE, f"gone {number}".encode(), delay_s=1)

    port = free_port()
    async with AsyncExitStack() as stack:
        network = await stack.enter_async_context(Network([Link("broker", port, broker)]))
        hub = await stack.enter_async_context(MqttSession(settings(broker, "hub-1", subscriptions=(PRESENCE,))))
        await next_connection(hub)
        async with MqttSession(settings(port, prepare=will)) as station:
            await next_connection(station)
        async with MqttSession(settings(port, prepare=will)) as station:
            await next_connection(station)
            await network.refuse()
            message = (await take(hub, 1))[0]
            assert message.payload == b"gone 2"
            message.ack()


async def test_a_broker_that_dies_is_found_again_and_subscriptions_are_made_again(
    tmp_path: Path, broker_name: BrokerName
) -> None:
    async with AsyncExitStack() as stack:
        port, child = await stack.enter_async_context(running(broker_name, tmp_path))
        station = await stack.enter_async_context(MqttSession(settings(port, subscriptions=(ACK,))))
        first = await next_connection(station)
        await child.kill()
        await child.start()
        second = await next_connection(station, after=first.number)
        assert not second.session_present
        await station.publish(ACK, b"answer")
        assert (await take(station, 1))[0].payload == b"answer"


@pytest.fixture(params=["mosquitto", "iotcore"])
def broker_name(request: pytest.FixtureRequest) -> BrokerName:
    name: BrokerName = request.param
    return name


async def test_a_slow_reader_loses_nothing_that_it_did_not_acknowledge(mosquitto: int) -> None:
    small = settings(mosquitto, "hub-1", subscriptions=(EVENTS,), receive_maximum=100, queue_limit=5)
    async with MqttSession(settings(mosquitto)) as station:
        await next_connection(station)
        async with MqttSession(small) as hub:
            await next_connection(hub)
            await asyncio.gather(*[station.publish(EVENTS, b"x") for _ in range(20)])

            async def overflowed() -> bool:
                return hub.dropped == 15

            await until(overflowed, 5, "the queue is full")
        async with MqttSession(settings(mosquitto, "hub-1", subscriptions=(EVENTS,))) as hub:
            assert len(await take(hub, 20)) == 20


async def test_a_clone_with_the_same_client_id_does_not_make_the_two_spin(mosquitto: int) -> None:
    async with MqttSession(settings(mosquitto, reconnect_max_s=5.0)) as one:
        await next_connection(one)
        async with MqttSession(settings(mosquitto, reconnect_max_s=5.0)) as two:
            await next_connection(two)
            deadline = asyncio.get_running_loop().time() + 2
            number = 0
            while asyncio.get_running_loop().time() < deadline:
                number = (await next_connection(one, after=number)).number
            assert number < 12


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x20\x03\x00\x87\x00",
        b"\x20\xff\xff\xff\xff\xff",
        b"\x20\x09\x00\x00\x06\x21\x00\x0a\xff\xff\xff",
        b"\xf0\x00",
        bytes(range(256)),
    ],
    ids=["silence", "http", "refused", "length", "property", "auth", "noise"],
)
async def test_a_peer_that_talks_nonsense_is_left_and_tried_again(answer: bytes) -> None:
    calls = 0

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal calls
        calls += 1
        await reader.read(100)
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, MqttSession(settings(port)) as session:

        async def tried_again() -> bool:
            return calls >= 3

        await until(tried_again, 5, "three attempts")
        assert not session.connected


async def test_leaving_never_waits_for_a_name_server_or_a_handshake() -> None:
    accepted = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        accepted.set()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    files = Tls(ca_file=Path(ssl.get_default_verify_paths().openssl_cafile or "none"))
    assert files.ca_file.parent.exists()
    async with server:
        session = MqttSession(SessionSettings(url=f"mqtts://127.0.0.1:{port}", client_id="st-1", tls=None))
        async with asyncio.timeout(2):
            async with session:
                await accepted.wait()


async def test_a_will_that_cannot_be_prepared_is_no_reason_to_give_up(mosquitto: int) -> None:
    tries = 0

    async def prepare() -> Will | None:
        nonlocal tries
        tries += 1
        if tries < 3:
            raise OSError("disk full")
        return None

    async with MqttSession(settings(mosquitto, prepare=prepare)) as session:
        assert (await next_connection(session)).number == 3
