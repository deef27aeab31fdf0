"""ESC/POS bytes as the manuals print them (EPSON TM-U220 and TM-T85, SP91)."""

from __future__ import annotations

import pytest

from edge.printers.receipt.codec import PrinterStatus, is_answer, question, slip


def test_a_slip_in_chinese() -> None:
    expected = "1B 40 1C 26 CA DC C0 ED BB D8 D6 B4 0A 1D 56 42 00"
    assert slip(["受理回执"]) == bytes.fromhex(expected)


def test_a_slip_without_lines() -> None:
    assert slip([]) == bytes.fromhex("1B 40 1C 26 1D 56 42 00")


@pytest.mark.parametrize(
    ("character", "code"),
    [
        ("A", "41"),
        ("￥", "A3 A4"),
        ("¥", "A1 FE"),  # 81 30 84 36 would print as "0 6"
        ("𠮷", "A1 FE"),
        ("㐂", "A1 FE"),
        ("\u3000", "A1 A1"),
        ("\x1b", "A1 FE"),
        ("\x10", "A1 FE"),
        ("\n", "A1 FE"),
        ("\ud800", "A1 FE"),
        ("😀", "A1 FE"),
    ],
)
def test_characters(character: str, code: str) -> None:
    assert slip([character]) == bytes.fromhex(f"1B 40 1C 26 {code} 0A 1D 56 42 00")


def test_questions() -> None:
    assert question(1) == bytes.fromhex("10 04 01")


@pytest.mark.parametrize(
    ("answers", "troubles", "near_end"),
    [
        ((0x12, 0x12, 0x12), [], False),
        ((0x12, 0x12, 0x1E), [], True),
        ((0x1A, 0x32, 0x72), ["paper out", "offline"], False),
        ((0x1A, 0x12, 0x7E), ["paper out", "offline"], True),
        ((0x1A, 0x16, 0x12), ["cover open", "offline"], False),
        ((0x1A, 0x52, 0x12), ["error", "offline"], False),
        ((0x1A, 0x12, 0x12), ["offline"], False),
    ],
)
def test_status(answers: tuple[int, int, int], troubles: list[str], near_end: bool) -> None:
    status = PrinterStatus(*answers)
    assert (status.troubles, status.near_end) == (troubles, near_end)


@pytest.mark.parametrize(
    ("byte", "expected"),
    [(0x12, True), (0x1A, True), (0x7E, True), (0x11, False), (0x13, False), (0x10, False), (0, False)],
)
def test_which_bytes_are_answers(byte: int, expected: bool) -> None:
    assert is_answer(byte) is expected
