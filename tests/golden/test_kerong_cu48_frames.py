"""Frames of the KERONG CU48 as its protocol v2.1 (2020-03-23) prints them."""

from __future__ import annotations

import pytest

from edge.lockers.frames import FrameError
from edge.lockers.kerong_cu48.codec import GetStatus, Status, Unlock, frames_in
from edge.lockers.kerong_cu48.simulator import KerongCu48Simulator
from edge.lockers.simulator import SimulatedBank
from edge.ports import Door

LOCKS = range(1, 49)


def frame(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("address", "lock", "wire"),
    [(0, 1, "02 00 00 51 03 56"), (1, 12, "02 01 0B 51 03 62"), (9, 48, "02 09 2F 51 03 8E")],
)
def test_unlock(address: int, lock: int, wire: str) -> None:
    assert Unlock(address, lock).to_bytes() == frame(wire)


def test_get_status() -> None:
    assert GetStatus(0).to_bytes() == frame("02 00 00 50 03 55")


@pytest.mark.parametrize(
    ("wire", "address", "locked"),
    [
        ("02 00 00 65 07 00 00 00 00 C0 03 31", 0, {1, 2, 3, 47, 48}),
        ("02 01 00 65 00 00 80 00 00 00 03 EB", 1, {24}),
        ("02 00 00 65 FE FF FF FF FF FF 03 63", 0, set(LOCKS) - {1}),
    ],
)
def test_status(wire: str, address: int, locked: set[int]) -> None:
    status = Status.from_bytes(frame(wire))
    assert status.address == address
    assert status.to_bytes() == frame(wire)
    doors = status.doors(LOCKS, one_is_locked=True)
    assert {channel for channel, door in doors.items() if door is Door.CLOSED} == locked
    inverted = status.doors(LOCKS, one_is_locked=False)
    assert {channel for channel, door in inverted.items() if door is Door.OPEN} == locked


def test_the_third_byte_means_nothing() -> None:
    plain = frame("02 00 00 65 07 00 00 00 00 C0 03 31")
    other = frame("02 00 2F 65 07 00 00 00 00 C0 03 60")
    assert Status.from_bytes(other) == Status.from_bytes(plain)


@pytest.mark.parametrize("lock", [-1, 0, 49, 255, 256])
def test_no_unlock_of_every_lock(lock: int) -> None:
    with pytest.raises(FrameError):
        Unlock(0, lock)


@pytest.mark.parametrize("address", [-1, 10, 255, 256])
def test_no_frame_to_every_board(address: int) -> None:
    with pytest.raises(FrameError):
        Unlock(address, 1)
    with pytest.raises(FrameError):
        GetStatus(address)


def test_a_wrong_check_names_both() -> None:
    with pytest.raises(FrameError, match="SUM expected 31, received 30"):
        Status.from_bytes(frame("02 00 00 65 07 00 00 00 00 C0 03 30"))


def test_the_reader_finds_frames_among_other_bytes() -> None:
    one, two = frame("02 00 00 65 07 00 00 00 00 C0 03 31"), frame("02 01 00 65 00 00 80 00 00 00 03 EB")
    heard = b"\x02\x00" + one + GetStatus(0).to_bytes() + two
    assert frames_in(heard[:-1]) == [Status.from_bytes(one)]
    assert frames_in(heard) == [Status.from_bytes(one), Status.from_bytes(two)]


def test_the_simulator_answers_as_printed() -> None:
    bank = SimulatedBank(LOCKS)
    for channel in set(LOCKS) - {1, 2, 3, 47, 48}:
        bank.force(channel)
    board = KerongCu48Simulator(0, bank)
    assert board.receive(frame("02 00 00 50 03 55"), 0.0) == [frame("02 00 00 65 07 00 00 00 00 C0 03 31")]


def test_every_board_answers_the_question_to_all() -> None:
    bank = SimulatedBank(LOCKS)
    for channel in set(LOCKS) - {24}:
        bank.force(channel)
    board = KerongCu48Simulator(1, bank)
    assert board.receive(frame("02 0A 00 50 03 5F"), 0.0) == [frame("02 01 00 65 00 00 80 00 00 00 03 EB")]


def test_the_simulator_says_nothing_to_an_unlock() -> None:
    bank = SimulatedBank(LOCKS)
    board = KerongCu48Simulator(0, bank)
    assert board.receive(frame("02 00 00 51 03 56"), 0.0) == []
    assert board.receive(frame("02 00 00 50 03 55"), 0.1) == [frame("02 00 00 65 FE FF FF FF FF FF 03 63")]


@pytest.mark.parametrize("wire", ["02 00 30 51 03 86", "02 0A 30 51 03 90"])
def test_the_simulator_opens_all_as_the_board_does(wire: str) -> None:
    bank = SimulatedBank(LOCKS)
    KerongCu48Simulator(0, bank).receive(frame(wire), 0.0)
    assert all(door.pulses == 1 for door in bank.doors.values())


def test_a_status_with_any_one_wrong_byte_is_none() -> None:
    whole = frame("02 00 00 65 07 00 00 00 00 C0 03 31")
    for at in range(len(whole)):
        for byte in set(range(256)) - {whole[at]}:
            assert frames_in(whole[:at] + bytes([byte]) + whole[at + 1 :]) == [], (at, byte)
