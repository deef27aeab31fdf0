"""Frames of the KERONG CU16 and CU12 as public code for them spells them (jin0949/KR-CU16_locker and others)."""

from __future__ import annotations

import pytest

from edge.lockers.frames import FrameError
from edge.lockers.kerong_cu16.codec import GetStatus, Status, Unlock, frames_in
from edge.lockers.kerong_cu16.simulator import KerongCu16Simulator
from edge.lockers.simulator import SimulatedBank
from edge.ports import Door, Inside

LOCKS = range(1, 17)
LOCK_1_OPEN = "02 00 35 FE FF 00 00 03 37"


def frame(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("address", "lock", "wire"),
    [
        (0, 1, "02 00 31 03 36"),
        (0, 16, "02 0F 31 03 45"),
        (1, 1, "02 10 31 03 46"),
        (9, 16, "02 9F 31 03 D5"),
    ],
)
def test_unlock(address: int, lock: int, wire: str) -> None:
    assert Unlock(address, lock).to_bytes() == frame(wire)


@pytest.mark.parametrize(("address", "wire"), [(0, "02 00 30 03 35"), (1, "02 10 30 03 45"), (9, "02 90 30 03 C5")])
def test_get_status(address: int, wire: str) -> None:
    assert GetStatus(address).to_bytes() == frame(wire)


def test_status() -> None:
    status = Status.from_bytes(frame(LOCK_1_OPEN))
    assert status == Status(address=0, hooks=0xFFFE, items=0)
    assert status.to_bytes() == frame(LOCK_1_OPEN)
    assert [c for c, door in status.doors(LOCKS, one_is_locked=True).items() if door is Door.OPEN] == [1]
    assert [c for c, door in status.doors(LOCKS, one_is_locked=False).items() if door is Door.CLOSED] == [1]
    assert status.doors(range(16, 18), one_is_locked=True) == {16: Door.CLOSED, 17: Door.UNKNOWN}


def test_what_lies_inside() -> None:
    status = Status.from_bytes(frame("02 20 35 FF FF 01 80 03 D9"))
    assert status.address == 2
    assert [c for c, seen in status.inside(LOCKS, one_is_item=True).items() if seen is Inside.PRESENT] == [1, 16]
    assert [c for c, seen in status.inside(LOCKS, one_is_item=False).items() if seen is Inside.ABSENT] == [1, 16]
    assert status.inside(range(17, 18), one_is_item=True) == {17: Inside.UNKNOWN}


def test_the_low_nibble_of_an_answer_means_nothing() -> None:
    assert Status.from_bytes(frame("02 05 35 FE FF 00 00 03 3C")) == Status.from_bytes(frame(LOCK_1_OPEN))


@pytest.mark.parametrize("lock", [-1, 0, 17, 255, 256])
def test_no_lock_that_would_spill_into_the_address(lock: int) -> None:
    with pytest.raises(FrameError):
        Unlock(0, lock)


@pytest.mark.parametrize("address", [-1, 10, 15, 255, 256])
def test_no_frame_to_every_board(address: int) -> None:
    with pytest.raises(FrameError):
        Unlock(address, 1)
    with pytest.raises(FrameError):
        GetStatus(address)


def test_statuses_among_other_bytes() -> None:
    heard = b"\x02\x00" + frame(LOCK_1_OPEN) + frame("02 00 30 03 35") + frame(LOCK_1_OPEN)
    assert frames_in(heard) == [Status.from_bytes(frame(LOCK_1_OPEN))] * 2
    assert frames_in(frame("02 00 36 FE FF 00 00 03 38")) == [], "the answer to a question to all boards"


def test_a_wrong_check_names_both() -> None:
    with pytest.raises(FrameError, match="SUM expected 37, received 36"):
        Status.from_bytes(frame("02 00 35 FE FF 00 00 03 36"))


def test_a_status_with_any_one_wrong_byte_is_none() -> None:
    whole = frame(LOCK_1_OPEN)
    for at in range(len(whole)):
        for byte in set(range(256)) - {whole[at]}:
            assert frames_in(whole[:at] + bytes([byte]) + whole[at + 1 :]) == [], (at, byte)


def test_the_simulator_answers_as_printed() -> None:
    bank = SimulatedBank(LOCKS)
    board = KerongCu16Simulator(0, bank)
    assert board.receive(frame("02 00 31 03 36"), 0.0) == [frame(LOCK_1_OPEN)]
    assert board.receive(frame("02 00 30 03 35"), 0.1) == [frame(LOCK_1_OPEN)]
    assert bank.doors[1].pulses == 1
    assert KerongCu16Simulator(0, bank, answers_unlock=False).receive(frame("02 00 31 03 36"), 0.2) == []


def test_the_simulator_sees_items() -> None:
    bank = SimulatedBank(range(1, 13))
    bank.doors[12].item = True
    for channel in bank.doors:
        bank.push(channel)
    answer = frame("02 00 35 FF 0F 00 08 03 50")
    assert KerongCu16Simulator(0, bank).receive(frame("02 00 30 03 35"), 0.0) == [answer], "a CU12: nothing on 13 to 16"


def test_every_board_answers_the_question_to_all() -> None:
    board = KerongCu16Simulator(1, SimulatedBank(LOCKS))
    assert board.receive(frame("02 F0 32 03 27"), 0.0) == [frame("02 10 36 FF FF 00 00 03 49")]


def test_the_simulator_opens_all_as_the_board_does() -> None:
    bank = SimulatedBank(LOCKS)
    KerongCu16Simulator(0, bank).receive(frame("02 00 33 03 38"), 0.0)
    assert all(door.pulses == 1 for door in bank.doors.values())


def test_the_check_that_one_source_prints_wrong_moves_no_question() -> None:
    """`02 10 30 03 3E` in a public README; the sum is 45."""
    assert KerongCu16Simulator(1, SimulatedBank(LOCKS)).receive(frame("02 10 30 03 3E"), 0.0) == []
