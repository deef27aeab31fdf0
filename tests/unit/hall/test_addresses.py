"""Ports: the usual ones when they are free, others when not."""

from __future__ import annotations

import socket
from dataclasses import astuple, replace

from hall.addresses import HOST, fresh_ports, is_free, pick_ports


def test_a_taken_port_is_replaced_and_the_others_stay() -> None:
    usual = fresh_ports()
    with socket.create_server((HOST, usual.kiosk)):
        picked = pick_ports(usual)
        assert not is_free(usual.kiosk)
    assert picked.kiosk != usual.kiosk
    assert replace(picked, kiosk=usual.kiosk) == usual


def test_fresh_ports_differ() -> None:
    assert len(set(astuple(fresh_ports()))) == 7
