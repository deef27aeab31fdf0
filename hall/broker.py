"""The broker of a house: mosquitto where it is installed, else the one inside the `iotcore` wheel (rumqttd).

Both are children of their own, bound to loopback, and forget everything when killed: the end-to-end acknowledgement
must survive that anyway.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from hall.processes import Child, HouseError, python

BrokerName = Literal["mosquitto", "iotcore"]

HOST = "127.0.0.1"
# Debian puts the daemon where an ordinary user's PATH does not look.
SYSTEM_PATH = "/usr/sbin:/usr/local/sbin"

# `max_queued_messages 0`: mosquitto 2.0.11 otherwise drops silently what an offline subscriber cannot take.
# `user` matters only when started as root: mosquitto would become a user who cannot read the run directory.
_MOSQUITTO = """\
listener {port} 127.0.0.1
allow_anonymous true
persistence false
max_queued_messages 0
max_inflight_messages 100
set_tcp_nodelay true
log_type error
log_type warning
log_type notice
log_dest stderr
connection_messages false
{user}"""

_IOTCORE = """\
id = 0

[router]
id = 0
max_connections = 1000
max_outgoing_packet_count = 1000
max_segment_size = 10485760
max_segment_count = 100

[v5.1]
name = "v5-1"
listen = "127.0.0.1:{port}"
next_connection_delay_ms = 1

[v5.1.connections]
connection_timeout_ms = 60000
max_payload_size = 1048576
max_inflight_count = 100
dynamic_filters = true
"""

# MQTT 5, section 3.1: CONNECT, protocol level 5, clean start, keep alive 10 s, no properties, empty client id.
_CONNECT = bytes.fromhex("100d00044d5154540502000a000000")
_CONNACK = 0x20


def mosquitto_path(environ: Mapping[str, str] = os.environ) -> str | None:
    """Where mosquitto is, looking at PATH and the system directories; None when it is not installed."""
    return shutil.which("mosquitto", path=os.pathsep.join((environ.get("PATH", ""), SYSTEM_PATH)))


def choose(wish: BrokerName | None) -> BrokerName:
    """The broker that was wished for, or mosquitto if it is on PATH, or the one of the wheel.

    Raises:
        HouseError: mosquitto was wished for and is not installed.
    """
    if wish == "mosquitto" and mosquitto_path() is None:
        raise HouseError("mosquitto is not installed; without --broker the one of the iotcore wheel is taken")
    return wish or ("mosquitto" if shutil.which("mosquitto") else "iotcore")


def make_broker(name: BrokerName, directory: Path, port: int, log: Path) -> Child:
    """Write the broker's configuration into `directory` and return its child, not started yet."""
    directory.mkdir(parents=True, exist_ok=True)
    return Child("broker", _command(name, directory, port), log, ready=lambda: answers(port))


def _command(name: BrokerName, directory: Path, port: int) -> list[str]:
    if name == "mosquitto":
        file = directory / "mosquitto.conf"
        file.write_text(_MOSQUITTO.format(port=port, user="user root\n" if os.geteuid() == 0 else ""))
        return [mosquitto_path() or "mosquitto", "-c", str(file)]
    file = directory / "rumqttd.toml"
    file.write_text(_IOTCORE.format(port=port))
    # rumqttd logs every routed packet as an error; only its own end would be news, and that shows anyway.
    return [*python("iotcore"), "--config", str(file), "--log-level", "CRITICAL"]


async def answers(port: int) -> bool:
    """Whether an MQTT 5 broker answers CONNECT with CONNACK on that port."""
    try:
        reader, writer = await asyncio.open_connection(HOST, port)
    except OSError:
        return False
    try:
        writer.write(_CONNECT)
        await writer.drain()
        head = await asyncio.wait_for(reader.read(1), 1.0)
    except (OSError, TimeoutError):
        return False
    finally:
        writer.transport.abort()
    return head == bytes([_CONNACK])
