"""Where a house listens: all on loopback, the usual ports if they are free, else others."""

from __future__ import annotations

import socket
from dataclasses import dataclass, fields

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """TCP ports of one house on 127.0.0.1. The station reaches broker and hub through the two network ports."""

    kiosk: int = 8101
    hub: int = 8201
    world: int = 8301
    broker: int = 18830
    network_mqtt: int = 18831
    network_documents: int = 18832
    camera: int = 18833

    @property
    def kiosk_url(self) -> str:
        """Where the citizen's screen is."""
        return f"http://{HOST}:{self.kiosk}"

    @property
    def hub_url(self) -> str:
        """Where the staff desk is."""
        return f"http://{HOST}:{self.hub}"

    @property
    def world_url(self) -> str:
        """Where the world page is."""
        return f"http://{HOST}:{self.world}"

    @property
    def broker_url(self) -> str:
        """The broker without the network between, for the hub's processes."""
        return f"mqtt://{HOST}:{self.broker}"


def is_free(port: int) -> bool:
    """Whether one can listen on that port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def pick_ports(usual: Ports | None = None) -> Ports:
    """The usual ports where they are free, others where not."""
    usual = usual or Ports()
    return Ports(*(port if is_free(port) else free_port() for port in _values(usual)))


def fresh_ports() -> Ports:
    """Free ports, for houses that stand side by side."""
    return Ports(*(free_port() for _ in fields(Ports)))


def _values(ports: Ports) -> list[int]:
    return [getattr(ports, field.name) for field in fields(ports)]
