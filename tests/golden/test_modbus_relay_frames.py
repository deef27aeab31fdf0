"""Frames of the Waveshare Modbus RTU Relay as its vendor prints them, and pymodbus as a judge of the check sums."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymodbus.framer.rtu import FramerRTU

from edge.lockers.frames import FrameError
from edge.lockers.modbus_relay.codec import (
    LOCKS,
    AllOff,
    Bits,
    ReadInputs,
    ReadRelays,
    Refusal,
    Unlock,
    crc16,
    inputs_in,
    refusals_in,
    relays_in,
)
from edge.lockers.modbus_relay.simulator import ModbusRelaySimulator, check_bytes
from edge.lockers.simulator import SimulatedBank
from edge.ports import Door


def frame(text: str) -> bytes:
    return bytes.fromhex(text)


def simulator() -> ModbusRelaySimulator:
    return ModbusRelaySimulator(1, SimulatedBank(LOCKS))


@pytest.mark.parametrize(
    ("made", "wire"),
    [
        (Unlock(1, 1, 7), "01 05 02 00 00 07 8D B0"),
        (Unlock(1, 3, 5), "01 05 02 02 00 05 AD B1"),
        (AllOff(1), "01 05 00 FF 00 00 FD FA"),
        (ReadRelays(1), "01 01 00 00 00 08 3D CC"),
        (ReadInputs(1), "01 02 00 00 00 08 79 CC"),
        (Bits(1, True, 0x01), "01 02 01 01 60 48"),
        (Refusal(1, 5, 2), "01 85 02 C3 51"),
    ],
)
def test_made_as_printed(made: Unlock | AllOff | ReadRelays | ReadInputs | Bits | Refusal, wire: str) -> None:
    assert made.to_bytes() == frame(wire)


def test_input_1_on() -> None:
    bits = Bits.from_bytes(frame("01 02 01 01 60 48"))
    assert (bits, bits.channels()) == (Bits(1, True, 1), frozenset({1}))
    assert {n for n, door in bits.doors(LOCKS, on_is_closed=True).items() if door is Door.CLOSED} == {1}
    assert {n for n, door in bits.doors(LOCKS, on_is_closed=False).items() if door is Door.OPEN} == {1}


def test_a_refusal_has_a_reason() -> None:
    assert Refusal.from_bytes(frame("01 85 02 C3 51")).reason == "illegal address"
    assert refusals_in(frame("01 85 02 C3 51"), 1) == [Refusal(1, 5, 2)]
    assert refusals_in(frame("01 85 02 C3 51"), 2) == []


@pytest.mark.parametrize("units", [-1, 0, 11, 0x7FFF, 0xFF00])
def test_no_flash_of_more_than_a_second(units: int) -> None:
    with pytest.raises(FrameError, match="expected 1 to 10"):
        Unlock(1, 1, units)


@pytest.mark.parametrize("lock", [-1, 0, 9, 0xFF, 0x100])
def test_no_flash_of_every_relay(lock: int) -> None:
    with pytest.raises(FrameError):
        Unlock(1, lock, 3)


@pytest.mark.parametrize("address", [-1, 0, 256])
def test_no_frame_to_every_board(address: int) -> None:
    for make in (lambda: Unlock(address, 1, 3), lambda: AllOff(address), lambda: ReadRelays(address)):
        with pytest.raises(FrameError):
            make()
    with pytest.raises(FrameError):
        ReadInputs(address)


@given(st.binary(max_size=40))
def test_three_ways_to_the_same_check(body: bytes) -> None:
    """The codec's, the simulator's and pymodbus's (which counts the bytes the other way round)."""
    assert crc16(body) == check_bytes(body) == FramerRTU.compute_CRC(body).to_bytes(2, "big")


def test_answers_are_found_by_address_and_function() -> None:
    """Among a query, its echo, another board's answer and half a frame: RTU frames have no head to look for."""
    mine, other = Bits(1, True, 0x81).to_bytes(), Bits(2, True, 0xFF).to_bytes()
    heard = ReadInputs(1).to_bytes() + other + mine[:4] + mine + Bits(1, False, 0).to_bytes() + other
    assert inputs_in(heard, 1) == [Bits(1, True, 0x81)]
    assert relays_in(heard, 1) == [Bits(1, False, 0)]


def test_an_answer_with_any_one_wrong_byte_is_none() -> None:
    whole = Bits(1, True, 0x40).to_bytes()
    for at in range(len(whole)):
        for byte in set(range(256)) - {whole[at]}:
            assert inputs_in(whole[:at] + bytes([byte]) + whole[at + 1 :], 1) == [], (at, byte)


@pytest.mark.parametrize(
    "wire",
    [
        "01 05 00 00 FF 00 8C 3A",
        "01 05 00 00 00 00 CD CA",
        "01 05 00 FF 00 00 FD FA",
        "01 05 02 00 00 07 8D B0",
        "01 05 02 02 00 05 AD B1",
        "01 05 04 00 00 07 8D 38",
    ],
)
def test_the_simulator_echoes_what_it_obeys(wire: str) -> None:
    assert simulator().receive(frame(wire), 0.0) == [frame(wire)]


def test_the_simulator_answers_as_printed() -> None:
    board = simulator()
    for channel in set(LOCKS) - {1}:
        board.bank.force(channel)
    assert board.receive(frame("01 02 00 00 00 08 79 CC"), 0.0) == [frame("01 02 01 01 60 48")]
    assert board.receive(frame("01 0F 00 00 00 08 01 00 FE 95"), 0.1) == [frame("01 0F 00 00 00 08 54 0D")]
    assert board.receive(frame("01 05 10 00 FF 00 88 FA"), 0.2) == [frame("01 85 02 C3 51")]


def test_a_flash_is_over_after_its_units() -> None:
    board = simulator()
    board.receive(Unlock(1, 3, 5).to_bytes(), 10.0)
    on, off = Bits(1, False, 0b100).to_bytes(), Bits(1, False, 0).to_bytes()
    assert board.receive(ReadRelays(1).to_bytes(), 10.45) == [on]
    assert board.receive(ReadRelays(1).to_bytes(), 10.55) == [off]
    assert board.bank.doors[3].pulses == 1
    assert board.burnt == set()


def test_a_flash_of_ff00_burns_the_coil() -> None:
    """What `write_coil(0x0200, 7)` of a library for standard coils puts on the wire."""
    board = simulator()
    board.receive(frame("01 05 02 00 FF 00 8D 82"), 0.0)
    assert board.look(4.0) == {0}
    assert board.burnt == set()
    assert board.look(6.0) == {0}
    assert board.burnt == {1}
    assert board.look(6527.0) == {0}
    assert board.look(6528.5) == frozenset()
    board.bank.push(1)
    board.receive(Unlock(1, 1, 3).to_bytes(), 7000.0)
    assert board.bank.doors[1].leaf == "closed", "a burnt coil releases nothing"


def test_off_for_a_while_is_on_for_good() -> None:
    board = simulator()
    board.receive(frame("01 05 04 00 00 07 8D 38"), 0.0)
    assert board.look(0.6) == frozenset()
    assert board.look(0.8) == {0}
    board.receive(AllOff(1).to_bytes(), 1.0)
    assert board.look(1.0) == frozenset()
