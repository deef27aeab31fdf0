"""What the tongues of the serial families make of what stands on the line; frames spelled by hand."""

from __future__ import annotations

import pytest

from edge.lockers.board import Tongue
from edge.lockers.cu60 import driver as cu60
from edge.lockers.dc02 import driver as dc02
from edge.lockers.kerong_cu16 import driver as cu16
from edge.lockers.winnsen import driver as winnsen
from edge.lockers.wkly import driver as wkly
from edge.ports import Door, Inside

DC02 = dc02.Dc02(1, range(1, 13), dc02.Settings())
WINNSEN = winnsen.Winnsen(0, range(1, 17), winnsen.Settings())
CU60 = cu60.Cu60(0, range(1, 49), cu60.Settings())
CU16 = cu16.KerongCu16(0, range(1, 17), cu16.Settings())
WKLY = wkly.Wkly(0, range(1, 5), wkly.Settings())


@pytest.mark.parametrize(
    ("tongue", "channel", "heard", "says"),
    [
        (DC02, 1, "DC FE 01 10 02 01 01 15", "ok"),
        (DC02, 1, "DC FE 01 10 01 01 13", "ok"),
        (DC02, 1, "DC FE 01 10 02 01 00 14", "result 00"),
        (DC02, 1, "DC FE 02 10 02 01 01 16", None),  # another board
        (DC02, 1, "DC FE 01 12 02 00 00 15", None),  # the answer to a question
        (DC02, 1, "DC 02 01 10 01 01 13", None),  # the echo
        (WINNSEN, 1, "90 07 85 00 01 01 03", "ok"),
        (WINNSEN, 1, "90 07 85 00 01 00 03", "failed, or still cooling down"),
        (WINNSEN, 1, "90 07 85 00 02 01 03", None),  # another lock
        (WINNSEN, 1, "90 07 85 01 01 01 03", None),  # another station
        (WINNSEN, 1, "90 06 05 00 01 03", None),
        (CU60, 1, "02 00 00 75 00 77", "ok"),
        (CU60, 1, "02 01 00 75 00 78", None),
        (CU60, 1, "02 00 00 61 03 66", None),
        (CU16, 1, "02 00 35 FE FF 00 00 03 37", "answered"),
        (CU16, 1, "02 10 35 FE FF 00 00 03 47", None),
        (CU16, 1, "02 00 31 03 36", None),
        (WKLY, 1, "57 4B 4C 59 0B 00 82 00 01 00 81", "result 00, door 00"),
        (WKLY, 2, "57 4B 4C 59 0B 00 82 00 01 00 81", None),
        (WKLY, 1, "57 4B 4C 59 09 00 82 01 83", None),
    ],
)
def test_what_the_answer_to_an_unlock_says(tongue: Tongue, channel: int, heard: str, says: str | None) -> None:
    assert tongue.feedback(channel, bytes.fromhex(heard)) == says


def test_winnsen_asks_for_each_door_and_takes_the_answer_about_that_one() -> None:
    questions = WINNSEN.questions()
    assert [question.request.hex(" ") for question in questions[:2]] == ["90 06 12 00 01 03", "90 06 12 00 02 03"]
    assert len(questions) == 16
    about_2 = bytes.fromhex("90 07 92 00 02 01 03")
    assert questions[0].find(about_2) is None
    answer = questions[1].find(about_2)
    assert answer is not None
    assert answer.doors == {2: Door.OPEN}


def test_winnsen_believes_the_newest_of_two_answers() -> None:
    answer = WINNSEN.questions()[0].find(bytes.fromhex("90 07 92 00 01 01 03 90 07 92 00 01 00 03"))
    assert answer is not None
    assert answer.doors == {1: Door.CLOSED}


@pytest.mark.parametrize(
    ("infrared", "inside"),
    [
        ("none", {}),
        ("one_is_item", {1: Inside.PRESENT, 2: Inside.ABSENT}),
        ("one_is_empty", {1: Inside.ABSENT, 2: Inside.PRESENT}),
    ],
)
def test_items_are_told_of_where_sensors_are_fitted(infrared: str, inside: dict[int, Inside]) -> None:
    tongue = cu16.KerongCu16(0, range(1, 3), cu16.Settings.model_validate({"infrared": infrared}))
    answer = tongue.questions()[0].find(bytes.fromhex("02 00 35 FF FF 01 00 03 39"))
    assert answer is not None
    assert answer.inside == inside
    assert answer.doors == {1: Door.CLOSED, 2: Door.CLOSED}


@pytest.mark.parametrize(
    ("heard", "hints"),
    [
        ("57 4B 4C 59 0A 00 85 01 01 86", [(1, Door.CLOSED)]),
        ("57 4B 4C 59 0A 00 85 01 00 87", [(1, Door.OPEN)]),
        ("57 4B 4C 59 0A 00 85 01 02 85", [(1, Door.UNKNOWN)]),
        ("57 4B 4C 59 0A 01 85 01 01 87", []),  # another board
        ("57 4B 4C 59 0A 00 85 01 01 87", []),  # a wrong check
        ("57 4B 4C 59 0B 00 82 00 01 00 81", []),  # the answer to an unlock
        ("57 4B 4C 59 0A 00 85 01 00 87 57 4B 4C 59 0A 00 85 02 01 85", [(1, Door.OPEN), (2, Door.CLOSED)]),
    ],
)
def test_what_a_wkly_board_tells_unasked(heard: str, hints: list[tuple[int, Door]]) -> None:
    assert WKLY.hints(bytes.fromhex(heard)) == hints


def test_a_winnsen_lock_rests_longer_than_its_firmware_wants() -> None:
    assert winnsen.Settings().unlock_interval_ms > 15000


def test_a_wkly_status_with_a_result_that_is_not_ok_is_no_answer() -> None:
    find = WKLY.questions()[0].find
    assert find(bytes.fromhex("57 4B 4C 59 0E 00 84 01 04 00 01 01 00 86")) is None
    assert find(bytes.fromhex("57 4B 4C 59 0E 00 84 00 04 00 01 01 00 87")) is not None
