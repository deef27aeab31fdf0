"""Frames of the 0x8A family as vendors and captures print them (CSDN 147892413, FaceLocker, Open-Locker)."""

from __future__ import annotations

import pytest

from edge.lockers.frames import FrameError
from edge.lockers.lock8a.codec import Feedback, QueryAll, Status, Unlock, frames_in
from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.lockers.simulator import SimulatedBank
from edge.ports import Door


def frame(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(
    ("address", "lock", "wire"), [(1, 1, "8A 01 01 11 9B"), (2, 5, "8A 02 05 11 9C"), (32, 50, "8A 20 32 11 89")]
)
def test_unlock(address: int, lock: int, wire: str) -> None:
    assert Unlock(address, lock).to_bytes() == frame(wire)


def test_unlock_for_seconds() -> None:
    """One comment of one public program: `8A 01 01 11 03 98`, three seconds."""
    timed = Unlock(1, 1, 3)
    assert timed.to_bytes() == frame("8A 01 01 11 03 98")
    for seconds in (0, 10):
        with pytest.raises(FrameError):
            Unlock(1, 1, seconds)
    for knows, pulses in ((True, 1), (False, 0)):
        bank = SimulatedBank(range(1, 25))
        board = Lock8aSimulator(1, bank, timed=knows)
        board.receive(timed.to_bytes(), 0.0)
        assert bank.doors[1].pulses == pulses
        board.receive(Unlock(1, 2).to_bytes(), 1.0)
        assert bank.doors[2].pulses == 1


def test_query_of_a_board() -> None:
    assert QueryAll(1).to_bytes() == frame("80 01 00 33 B2")
    assert QueryAll.from_bytes(frame("80 01 00 33 B2")) == QueryAll(1)


@pytest.mark.parametrize(
    ("wire", "feedback"),
    [
        ("8A 01 01 00 8A", Feedback(False, 1, 1, 0x00)),
        ("8A 01 01 11 9B", Feedback(False, 1, 1, 0x11)),
        ("82 01 01 11 93", Feedback(True, 1, 1, 0x11)),
        ("82 01 01 00 82", Feedback(True, 1, 1, 0x00)),
    ],
)
def test_feedback(wire: str, feedback: Feedback) -> None:
    assert Feedback.from_bytes(frame(wire)) == feedback
    assert feedback.to_bytes() == frame(wire)


@pytest.mark.parametrize(
    ("wire", "high_first", "one_is_open", "opened"),
    [
        # FaceLocker and a Kotlin app: high group first, bit 1 = open.
        ("80 01 00 00 02 33 B0", True, True, {2}),
        ("80 01 00 00 20 33 92", True, True, {6}),
        # The captured 8-way board still answers with three status bytes.
        ("80 01 00 00 00 33 B2", True, True, set()),
        # A C# file: low group first; bit 1 = closed.
        ("80 01 00 00 02 33 B0", False, True, {18}),
        ("80 01 FF FF FD 33 4F", True, False, {2}),
        # 32 locks answer with four status bytes.
        ("80 01 80 00 00 00 33 32", True, True, {32}),
    ],
)
def test_status(wire: str, high_first: bool, one_is_open: bool, opened: set[int]) -> None:
    status = Status.from_bytes(frame(wire))
    assert status.to_bytes() == frame(wire)
    doors = status.doors(range(1, 8 * len(status.groups) + 1), high_first=high_first, one_is_open=one_is_open)
    assert {channel for channel, door in doors.items() if door is Door.OPEN} == opened
    assert frames_in(frame(wire)) == [status]


def test_channels_beyond_the_answer_are_unknown() -> None:
    doors = Status(1, bytes(3)).doors(range(1, 51), high_first=True, one_is_open=True)
    assert [doors[24], doors[25], doors[50]] == [Door.CLOSED, Door.UNKNOWN, Door.UNKNOWN]


def test_the_echo_of_a_query_is_not_a_status() -> None:
    """`80 01 00 33 B2` would be a valid status with one status byte, "all closed"."""
    assert frames_in(QueryAll(1).to_bytes()) == [QueryAll(1)]
    echoed = QueryAll(1).to_bytes() + frame("80 01 00 00 02 33 B0")
    assert frames_in(echoed) == [QueryAll(1), Status(1, b"\x00\x00\x02")]


def test_a_status_that_begins_like_a_query() -> None:
    status = Status(1, frame("00 33 B2"))
    assert status.to_bytes().startswith(QueryAll(1).to_bytes())
    assert frames_in(status.to_bytes()) == [status]


@pytest.mark.parametrize("lock", [-1, 0, 51, 255, 256])
def test_no_unlock_of_every_lock(lock: int) -> None:
    with pytest.raises(FrameError):
        Unlock(1, lock)


@pytest.mark.parametrize("address", [-1, 0, 33, 255, 256])
def test_no_address_beyond_the_switch(address: int) -> None:
    with pytest.raises(FrameError):
        Unlock(address, 1)
    with pytest.raises(FrameError):
        QueryAll(address)


def test_a_wrong_check_names_both() -> None:
    with pytest.raises(FrameError, match="BCC expected B0, received B1"):
        Status.from_bytes(frame("80 01 00 00 02 33 B1"))


@pytest.mark.parametrize(
    ("closed_contact", "host", "answer"),
    [
        (0x11, "8A 01 01 11 9B", "8A 01 01 00 8A"),  # closing feedback, opened
        (0x00, "8A 01 01 11 9B", "8A 01 01 11 9B"),  # opening feedback, opened
        (0x11, "80 01 01 33 B3", "80 01 01 11 91"),  # closing feedback, closed
        (0x00, "80 01 01 33 B3", "80 01 01 00 80"),  # opening feedback, closed
        (0x11, "80 01 00 33 B2", "80 01 00 00 00 33 B2"),
    ],
)
def test_the_simulator_answers_as_printed(closed_contact: int, host: str, answer: str) -> None:
    board = Lock8aSimulator(1, SimulatedBank(range(1, 9)), closed_contact=closed_contact)
    assert board.receive(frame(host), 0.0) == [frame(answer)]


def test_the_simulator_of_a_jammed_lock_answers_with_the_request() -> None:
    bank = SimulatedBank(range(1, 9))
    bank.doors[1].jammed = True
    assert Lock8aSimulator(1, bank).receive(frame("8A 01 01 11 9B"), 0.0) == [frame("8A 01 01 11 9B")]
    assert (bank.doors[1].pulses, bank.doors[1].leaf) == (1, "closed")


def test_the_simulator_opens_all_as_the_board_does() -> None:
    bank = SimulatedBank(range(1, 9))
    Lock8aSimulator(1, bank).receive(frame("8A 01 00 11 9A"), 0.0)
    assert all(door.pulses == 1 for door in bank.doors.values())


def test_the_simulator_speaks_unasked() -> None:
    bank = SimulatedBank(range(1, 9))
    board = Lock8aSimulator(1, bank, unsolicited=True)
    assert board.door_changed(bank.doors[1]) == [frame("82 01 01 11 93")]
    bank.force(1)
    assert board.door_changed(bank.doors[1]) == [frame("82 01 01 00 82")]


def test_a_status_with_any_one_wrong_byte_is_none() -> None:
    whole = frame("80 01 00 00 02 33 B0")
    for at in range(len(whole)):
        for byte in set(range(256)) - {whole[at]}:
            found = frames_in(whole[:at] + bytes([byte]) + whole[at + 1 :])
            assert not any(isinstance(each, Status) for each in found), (at, byte)
