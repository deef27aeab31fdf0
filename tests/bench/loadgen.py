"""The load generator: a process of its own that speaks MQTT 5 on a plain socket, with everything encoded beforehand.

`python -m tests.bench.loadgen PORT SEED STATIONS EVENTS [--size N]` publishes EVENTS events of each station, at most
eight unacknowledged batches of a station in flight, and ends when the hub has acknowledged the last one. It prints one
JSON line `ready`, waits for a line on its standard input, and prints one JSON line with seconds and its own CPU time.
"""

from __future__ import annotations

import argparse
import json
import select
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from contract.envelope import WINDOW_BATCHES
from tests.bench.stations import make_stations

RECEIVE_MAXIMUM = 65535


def length(n: int) -> bytes:
    """Encode MQTT's variable byte integer (MQTT 5, section 1.5.5)."""
    out = bytearray()
    while True:
        n, low = divmod(n, 128)
        out.append(low | (128 if n else 0))
        if not n:
            return bytes(out)


def text(value: str) -> bytes:
    raw = value.encode()
    return len(raw).to_bytes(2, "big") + raw


def connect(client: str) -> bytes:
    properties = b"\x21" + RECEIVE_MAXIMUM.to_bytes(2, "big")
    body = text("MQTT") + b"\x05\x02" + (600).to_bytes(2, "big") + length(len(properties)) + properties + text(client)
    return b"\x10" + length(len(body)) + body


def subscribe(topic: str) -> bytes:
    body = b"\x00\x01\x00" + text(topic) + b"\x00"
    return b"\x82" + length(len(body)) + body


def publish(topic: str, packet: int, payload: bytes) -> bytes:
    body = text(topic) + packet.to_bytes(2, "big") + b"\x00" + payload
    return b"\x32" + length(len(body)) + body


@dataclass
class Flow:
    """One station's packets, each with the number of its last event."""

    packets: list[tuple[int, bytes]]
    next: int = 0
    through: int = 0
    unacknowledged: list[int] = field(default_factory=list)

    def sendable(self) -> Iterator[bytes]:
        """Yield what the window allows."""
        while self.next < len(self.packets) and len(self.unacknowledged) < WINDOW_BATCHES:
            last, packet = self.packets[self.next]
            self.next += 1
            self.unacknowledged.append(last)
            yield packet

    def acknowledged(self, through: int) -> None:
        """Take note of an ack."""
        self.through = max(self.through, through)
        self.unacknowledged = [last for last in self.unacknowledged if last > self.through]

    @property
    def done(self) -> bool:
        """Whether everything is acknowledged."""
        return not self.unacknowledged and self.next == len(self.packets)


class Wire:
    """The plain socket: what is to be written, and packets as they come."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.setblocking(False)
        self._out, self._in = bytearray(), bytearray()

    def write(self, packet: bytes) -> None:
        self._out += packet

    def turn(self) -> Iterator[tuple[int, bytes]]:
        """Wait until the socket can go on; yield the packets that are complete (first byte, rest)."""
        readable, writable, _ = select.select([self._socket], [self._socket] if self._out else [], [], 30)
        assert readable or writable, "nothing was acknowledged for 30 s"
        if writable:
            del self._out[: self._socket.send(self._out)]
        if readable:
            received = self._socket.recv(1 << 18)
            assert received, "the broker closed the connection"
            self._in += received
        yield from self._packets()

    def _packets(self) -> Iterator[tuple[int, bytes]]:
        start = 0
        while (found := _packet_at(self._in, start)) is not None:
            first, begin, end = found
            yield first, bytes(self._in[begin:end])
            start = end
        del self._in[:start]


def _packet_at(data: bytearray, start: int) -> tuple[int, int, int] | None:
    size, shift, at = 0, 0, start + 1
    while at < len(data):
        byte = data[at]
        size |= (byte & 127) << shift
        shift, at = shift + 7, at + 1
        if byte < 128:
            return (data[start], at, at + size) if at + size <= len(data) else None
    return None


def acks_in(first: int, body: bytes) -> tuple[str, int] | None:
    """Return station and `through` of an ack, None of any other packet."""
    if first >> 4 != 3:
        return None
    size = int.from_bytes(body[:2], "big")
    topic = body[2 : 2 + size].decode()
    # QoS 0, so no packet identifier; properties are shorter than 128 bytes.
    payload = body[3 + size + body[2 + size] :]
    return topic.split("/")[1], int(json.loads(payload)["through"])


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("port", "seed", "stations", "events"):
        parser.add_argument(name, type=int)
    parser.add_argument("--size", type=int, default=50)
    options = parser.parse_args()
    flows: dict[str, Flow] = {}
    packet = 0
    for station in make_stations(options.stations, options.seed):
        packets, last = [], 0
        for batch in station.batches(options.events, options.size):
            packet, last = packet % 65535 + 1, min(last + options.size, options.events)
            packets.append((last, publish(f"nd1/{station.name}/events", packet, batch)))
        flows[station.name] = Flow(packets)
    wire = Wire(options.port)
    wire.write(connect(f"loadgen-{options.seed}") + subscribe("nd1/+/ack"))
    ready = 0
    while ready < 2:  # CONNACK and SUBACK
        ready += sum(1 for _ in wire.turn())
    print(json.dumps({"ready": True, "batches": sum(len(flow.packets) for flow in flows.values())}), flush=True)
    sys.stdin.readline()
    run(wire, flows)
    return 0


def run(wire: Wire, flows: dict[str, Flow]) -> None:
    began, cpu = time.monotonic(), time.process_time()
    for flow in flows.values():
        for packet in flow.sendable():
            wire.write(packet)
    while not all(flow.done for flow in flows.values()):
        for first, body in wire.turn():
            ack = acks_in(first, body)
            if ack is None or ack[0] not in flows:
                continue
            flow = flows[ack[0]]
            flow.acknowledged(ack[1])
            for packet in flow.sendable():
                wire.write(packet)
    seconds = time.monotonic() - began
    print(json.dumps({"seconds": seconds, "cpu": time.process_time() - cpu}), flush=True)


if __name__ == "__main__":
    sys.exit(main())
