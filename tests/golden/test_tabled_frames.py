"""Frames of the families that are tables (DC 02, Winnsen, the 60/61 variant of CU), as public code spells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from edge.lockers.cu60 import codec as cu60
from edge.lockers.cu60.simulator import Cu60Simulator
from edge.lockers.dc02 import codec as dc02
from edge.lockers.dc02.simulator import Dc02Simulator
from edge.lockers.frames import FrameError
from edge.lockers.simulator import BoardSimulator, SimulatedBank
from edge.lockers.tabled import TableFrame
from edge.lockers.winnsen import codec as winnsen
from edge.lockers.winnsen.simulator import WinnsenSimulator
from edge.ports import Door

GOLDEN: list[tuple[str, TableFrame]] = [
    ("DC 02 01 10 01 01 13", dc02.Unlock(1, 1)),
    ("DC 02 0F 10 01 0C 2C", dc02.Unlock(15, 12)),
    ("DC FE 01 10 02 01 01 15", dc02.Unlocked(1, 1, 1)),
    ("DC FE 01 10 01 01 13", dc02.UnlockedShort(1, 1)),
    ("DC 02 01 12 00 13", dc02.QueryAll(1)),
    ("DC FE 01 12 02 08 01 1E", dc02.Status(1, b"\x08\x01")),
    ("90 06 05 00 01 03", winnsen.Unlock(0, 1)),
    ("90 06 05 03 10 03", winnsen.Unlock(3, 16)),
    ("90 07 85 00 01 01 03", winnsen.Unlocked(0, 1, 1)),
    ("90 07 85 00 01 00 03", winnsen.Unlocked(0, 1, 0)),
    ("90 06 12 00 01 03", winnsen.Query(0, 1)),
    ("90 07 92 02 10 00 03", winnsen.Status(2, 16, 0)),
    ("02 00 00 60 03 65", cu60.GetStatus(0)),
    ("02 00 00 61 03 66", cu60.Unlock(0, 1)),
    ("02 09 2F 61 03 9E", cu60.Unlock(9, 48)),
    ("02 00 00 75 00 77", cu60.Unlocked(0)),
    ("02 00 00 75 06 FE FF FF FF FF FF 76", cu60.Status(0, b"\xfe\xff\xff\xff\xff\xff")),
]


def frame(text: str) -> bytes:
    return bytes.fromhex(text)


@pytest.mark.parametrize(("wire", "value"), GOLDEN, ids=[wire for wire, _ in GOLDEN])
def test_there_and_back(wire: str, value: TableFrame) -> None:
    assert value.to_bytes() == frame(wire)
    assert type(value).from_bytes(frame(wire)) == value
    with pytest.raises(FrameError, match="bytes, expected"):
        type(value).from_bytes(frame(wire)[:-1])


@pytest.mark.parametrize(
    ("unlock", "address", "wrong_locks", "wrong_addresses"),
    [
        (dc02.Unlock, 1, [-1, 0, 13, 14, 255, 256], [-1, 0, 16, 255]),
        (winnsen.Unlock, 0, [-1, 0, 17, 255, 256], [-1, 4, 255]),
        (cu60.Unlock, 0, [-1, 0, 49, 255, 256], [-1, 10, 255]),
    ],
)
def test_no_unlock_of_every_lock_or_board(
    unlock: Callable[[int, int], Any], address: int, wrong_locks: list[int], wrong_addresses: list[int]
) -> None:
    for lock in wrong_locks:
        with pytest.raises(FrameError, match="lock"):
            unlock(address, lock)
    for wrong in wrong_addresses:
        with pytest.raises(FrameError, match="address"):
            unlock(wrong, 1)


def test_no_question_beyond_the_switches() -> None:
    for query, address in ((dc02.QueryAll, 16), (cu60.GetStatus, 10)):
        with pytest.raises(FrameError):
            query(address)
    with pytest.raises(FrameError):
        winnsen.Query(4, 1)


def test_doors_of_dc02() -> None:
    status = dc02.Status(1, b"\x08\x01")
    assert [c for c, d in status.doors(dc02.LOCKS, high_first=True, one_is_open=True).items() if d is Door.OPEN] == [
        1,
        12,
    ]
    low = status.doors(dc02.LOCKS, high_first=False, one_is_open=True)
    assert [c for c, d in low.items() if d is Door.OPEN] == [4, 9]
    inverted = status.doors(dc02.LOCKS, high_first=True, one_is_open=False)
    assert [c for c, d in inverted.items() if d is Door.CLOSED] == [1, 12]
    assert status.doors(range(13, 14), high_first=True, one_is_open=True) == {13: Door.UNKNOWN}


def test_doors_of_cu60() -> None:
    status = cu60.Status(0, b"\xfe\xff\xff\xff\xff\x7f")
    doors = status.doors(range(1, 50), one_is_closed=True)
    assert [c for c, d in doors.items() if d is Door.OPEN] == [1, 48]
    assert doors[49] is Door.UNKNOWN
    inverted = status.doors(cu60.LOCKS, one_is_closed=False)
    assert [c for c, d in inverted.items() if d is Door.CLOSED] == [1, 48]


def test_a_wrong_check_names_both() -> None:
    with pytest.raises(FrameError, match="check expected 15, received 16"):
        dc02.Unlocked.from_bytes(frame("DC FE 01 10 02 01 01 16"))


@pytest.mark.parametrize("wire", ["90 07 92 00 00 01 03", "90 07 92 04 01 01 03", "90 07 92 00 01 02 03"])
def test_winnsen_values_that_do_not_exist(wire: str) -> None:
    """Without a check sum the ranges are part of the check."""
    assert winnsen.answers_in(frame(wire)) == []


def test_answers_among_other_bytes() -> None:
    echo, answer = frame("DC 02 01 12 00 13"), frame("DC FE 01 12 02 00 00 15")
    assert dc02.answers_in(b"\xdc" + echo + answer + b"\xdc\xfe" + answer) == [dc02.Status(1, b"\x00\x00")] * 2
    echo, answer = frame("90 06 12 00 01 03"), frame("90 07 92 00 01 01 03")
    assert winnsen.answers_in(b"\x90" + echo + answer + b"\x90\x07" + answer) == [winnsen.Status(0, 1, 1)] * 2
    echo, answer = frame("02 00 00 60 03 65"), frame("02 00 2A 75 06 00 00 00 00 00 00 A7")
    assert cu60.answers_in(b"\x02" + echo + answer + b"\x02\x00" + answer) == [cu60.Status(0, bytes(6))] * 2


@pytest.mark.parametrize(
    ("wire", "answers_in"),
    [
        ("DC FE 01 12 02 08 01 1E", dc02.answers_in),
        ("02 00 00 75 06 FE FF FF FF FF FF 76", cu60.answers_in),
    ],
)
def test_a_status_with_any_one_wrong_byte_is_none(wire: str, answers_in: Callable[[bytes], list[Any]]) -> None:
    whole = frame(wire)
    for at in range(len(whole)):
        for byte in set(range(256)) - {whole[at]}:
            found = answers_in(whole[:at] + bytes([byte]) + whole[at + 1 :])
            # The two bytes before the sum of DC 02 are not covered by it, but fixed.
            assert not any(isinstance(each, dc02.Status | cu60.Status) for each in found), (at, byte)


def _dc02() -> BoardSimulator:
    return Dc02Simulator(1, SimulatedBank(range(1, 13)))


def _winnsen() -> BoardSimulator:
    return WinnsenSimulator(0, SimulatedBank(range(1, 17)))


def _cu60() -> BoardSimulator:
    return Cu60Simulator(0, SimulatedBank(range(1, 49)))


@pytest.mark.parametrize(
    ("make", "host", "answer"),
    [
        (_dc02, "DC 02 01 10 01 01 13", "DC FE 01 10 02 01 01 15"),
        (_dc02, "DC 02 01 11 01 02 15", "DC FE 01 11 02 02 00 16"),
        (_dc02, "DC 02 01 12 00 13", "DC FE 01 12 02 00 00 15"),
        (_dc02, "DC 02 01 15 02 00 07 1F", "DC FE 01 15 02 00 07 1F"),
        (_dc02, "DC 02 01 18 02 00 07 22", "DC FE 01 18 02 00 07 22"),
        (_dc02, "DC 02 01 14 00 15", "DC FE 01 14 02 0F FF 25"),
        (_winnsen, "90 06 05 00 01 03", "90 07 85 00 01 01 03"),
        (_winnsen, "90 06 12 00 01 03", "90 07 92 00 01 00 03"),
        (_cu60, "02 00 00 61 03 66", "02 00 00 75 00 77"),
        (_cu60, "02 00 00 60 03 65", "02 00 00 75 06 FF FF FF FF FF FF 77"),
    ],
)
def test_the_simulators_answer_as_printed(make: Callable[[], BoardSimulator], host: str, answer: str) -> None:
    assert make().receive(frame(host), 0.0) == [frame(answer)]


def test_dc02_boards_that_do_not_repeat_the_lock() -> None:
    board = Dc02Simulator(1, SimulatedBank(range(1, 13)), short_answers=True)
    assert board.receive(frame("DC 02 01 10 01 01 13"), 0.0) == [frame("DC FE 01 10 01 01 13")]


def test_winnsen_cools_down_for_fifteen_seconds_per_lock() -> None:
    bank = SimulatedBank(range(1, 17))
    board = WinnsenSimulator(0, bank)
    unlock, ok, refused = (frame(f"90 {rest} 03") for rest in ("06 05 00 01", "07 85 00 01 01", "07 85 00 01 00"))
    assert board.receive(unlock, 0.0) == [ok]
    assert board.receive(unlock, 14.9) == [refused]
    assert board.receive(frame("90 06 05 00 02 03"), 15.0) == [frame("90 07 85 00 02 01 03")]
    assert board.receive(unlock, 15.2) == [ok]
    assert bank.doors[1].pulses == 2
