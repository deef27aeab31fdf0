"""Frames of the WKLY board as unit tests that quote the vendor's demonstration print them."""

from __future__ import annotations

import pytest

from edge.lockers.frames import FrameError
from edge.lockers.simulator import SimulatedBank
from edge.lockers.wkly.codec import Change, QueryAll, Status, Unlock, Unlocked, frames_in
from edge.lockers.wkly.simulator import WklySimulator
from edge.ports import Door

STATUS = "57 4B 4C 59 0E 00 84 00 04 00 01 01 00 87"
CHANGE = "57 4B 4C 59 0A 00 85 01 01 86"


def frame(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("address", "lock", "wire"),
    [
        (0, 1, "57 4B 4C 59 09 00 82 01 83"),
        (1, 12, "57 4B 4C 59 09 01 82 0C 8F"),
        (31, 50, "57 4B 4C 59 09 1F 82 32 AF"),
    ],
)
def test_unlock(address: int, lock: int, wire: str) -> None:
    assert Unlock(address, lock).to_bytes() == frame(wire)


def test_query_of_a_board() -> None:
    assert QueryAll(0).to_bytes() == frame("57 4B 4C 59 08 00 84 85")


def test_the_answer_to_an_unlock() -> None:
    answer = Unlocked.from_bytes(frame("57 4B 4C 59 0B 00 82 00 01 00 81"))
    assert answer == Unlocked(address=0, result=0, lock=1, door=0)
    assert answer.to_bytes() == frame("57 4B 4C 59 0B 00 82 00 01 00 81")


def test_a_door_that_moved() -> None:
    assert Change.from_bytes(frame(CHANGE)) == Change(address=0, lock=1, door=1)
    assert Change(0, 1, 1).to_bytes() == frame(CHANGE)


def test_status() -> None:
    status = Status.from_bytes(frame(STATUS))
    assert status.to_bytes() == frame(STATUS)
    assert status.doors(range(1, 6), zero_is_open=True) == {
        1: Door.OPEN,
        2: Door.CLOSED,
        3: Door.CLOSED,
        4: Door.OPEN,
        5: Door.UNKNOWN,
    }
    assert status.doors(range(1, 3), zero_is_open=False) == {1: Door.CLOSED, 2: Door.OPEN}


def test_a_state_that_is_neither_is_unknown() -> None:
    assert Status(0, b"\x00\x02").doors(range(1, 3), zero_is_open=True) == {1: Door.OPEN, 2: Door.UNKNOWN}


@pytest.mark.parametrize("lock", [-1, 0, 51, 255, 256])
def test_no_unlock_of_no_lock_or_every_lock(lock: int) -> None:
    with pytest.raises(FrameError):
        Unlock(0, lock)


@pytest.mark.parametrize("address", [-1, 32, 255, 256])
def test_no_address_that_might_be_every_board(address: int) -> None:
    with pytest.raises(FrameError):
        Unlock(address, 1)
    with pytest.raises(FrameError):
        QueryAll(address)


def test_a_change_between_question_and_answer() -> None:
    """With half a frame before and a single head byte between."""
    heard = frame("57 4B 4C 59 0A 00") + frame(CHANGE) + b"\x57" + frame(STATUS) + frame(CHANGE)
    found = frames_in(heard)
    assert found == [Change(0, 1, 1), Status.from_bytes(frame(STATUS)), Change(0, 1, 1)]


@pytest.mark.parametrize(
    "wire",
    [
        "57 4B 4C 59 08 00 84 85",  # an echo of the question
        "57 4B 4C 59 09 00 82 01 83",  # an echo of an unlock
        "57 4B 4C 59 0E 00 84 01 04 00 01 01 00 86",  # a result other than 00
        "57 4B 4C 59 0E 00 84 00 05 00 01 01 00 86",  # five doors announced, four there
        "57 4B 4C 59 0E 00 84 00 04 00 01 01 87",  # a byte short
        "57 4B 4C 59",
    ],
)
def test_what_is_no_answer(wire: str) -> None:
    assert frames_in(frame(wire)) == []


def test_a_wrong_check_names_both() -> None:
    with pytest.raises(FrameError, match="XOR expected 87, received 86"):
        Status.from_bytes(frame(STATUS)[:-1] + b"\x86")


def test_a_status_with_any_one_wrong_byte_is_none() -> None:
    whole = frame(STATUS)
    for at in range(len(whole)):
        for byte in set(range(256)) - {whole[at]}:
            assert frames_in(whole[:at] + bytes([byte]) + whole[at + 1 :]) == [], (at, byte)


@pytest.mark.parametrize(
    ("host", "answer"),
    [
        ("57 4B 4C 59 09 00 82 01 83", "57 4B 4C 59 0B 00 82 00 01 00 81"),
        ("57 4B 4C 59 09 00 81 01 80", "57 4B 4C 59 0A 00 81 00 01 83"),
        ("57 4B 4C 59 09 00 83 01 82", "57 4B 4C 59 0B 00 83 00 01 01 81"),
        ("57 4B 4C 59 08 00 84 85", "57 4B 4C 59 0E 00 84 00 04 01 01 01 01 87"),
    ],
)
def test_the_simulator_answers_as_printed(host: str, answer: str) -> None:
    board = WklySimulator(0, SimulatedBank(range(1, 5)))
    assert board.receive(frame(host), 0.0) == [frame(answer)]


def test_the_simulator_tells_of_two_open_doors_as_printed() -> None:
    bank = SimulatedBank(range(1, 5))
    for channel in (1, 4):
        bank.force(channel)
    assert WklySimulator(0, bank).receive(frame("57 4B 4C 59 08 00 84 85"), 0.0) == [frame(STATUS)]


@pytest.mark.parametrize(
    ("host", "answer", "opened"),
    [
        ("57 4B 4C 59 0C 00 80 03 01 02 03 86", "57 4B 4C 59 09 00 80 00 80", [1, 2, 3]),
        ("57 4B 4C 59 0C 00 87 03 01 02 03 81", "57 4B 4C 59 09 00 87 00 87", [1, 2, 3]),
        ("57 4B 4C 59 08 00 86 87", "57 4B 4C 59 09 00 86 00 86", [1, 2, 3, 4]),
    ],
)
def test_the_simulator_opens_several_as_the_board_does(host: str, answer: str, opened: list[int]) -> None:
    bank = SimulatedBank(range(1, 5))
    assert WklySimulator(0, bank).receive(frame(host), 0.0) == [frame(answer)]
    assert [channel for channel, door in bank.doors.items() if door.pulses] == opened


def test_the_simulator_holds_a_channel_as_the_board_does() -> None:
    """Power that stays on releases the lock too; that the answer is result and channel is all that is known of it."""
    bank = SimulatedBank(range(1, 5))
    board = WklySimulator(1, bank)
    assert board.receive(frame("57 4B 4C 59 09 01 88 01 88"), 0.0) == [frame("57 4B 4C 59 0A 01 88 00 01 8B")]
    assert board.receive(frame("57 4B 4C 59 09 01 89 01 89"), 0.0) == [frame("57 4B 4C 59 0A 01 89 00 01 8A")]
    assert bank.doors[1].pulses == 1


def test_the_simulator_speaks_unasked() -> None:
    bank = SimulatedBank(range(1, 5))
    board = WklySimulator(0, bank)
    assert board.door_changed(bank.doors[1]) == [frame(CHANGE)]
    bank.force(1)
    assert board.door_changed(bank.doors[1]) == [frame("57 4B 4C 59 0A 00 85 01 00 87")]
    assert WklySimulator(0, bank, unsolicited=False).door_changed(bank.doors[1]) == []
