"""Codes from serial readers and from keyboards, over real pseudo-terminals and pipes."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import ConfigError, LinkError, NoAnswerError
from edge.links.simulator import Noise
from edge.ports import BarcodeReader
from edge.scanner_sections import BarcodeReaderConfig
from edge.scanners.barcode_reader import codec
from edge.scanners.barcode_reader.codec import LONGEST_CODE, CodeParser, decode
from edge.scanners.barcode_reader.keyboard import KeyboardCodeReader, Settings, grab_keyboard
from edge.scanners.barcode_reader.keys import KEY_ENTER, KEY_J, KEYS, KeyParser, event
from edge.scanners.barcode_reader.simulator import typed
from edge.scanners.registry import check_barcode_reader
from tests.unit.edge.scanners.desk import STATION, code_reader, shown_until_read, unread, until

LABEL = "11110101MB00001A9B4000131001000202601050001"


@pytest.mark.parametrize("family", ["plain", "gm65", "gm72"])
@pytest.mark.parametrize("terminator", [b"\r", b"\n", b"\r\n", b""])
async def test_a_code_is_read_whatever_ends_it(tmp_path: Path, family: str, terminator: bytes) -> None:
    async with code_reader(tmp_path, family, terminator=terminator) as (reader, simulator, _):
        assert isinstance(reader, BarcodeReader)
        for text in (LABEL, "取件码"):
            waiting = asyncio.create_task(reader.wait_for_code(5))
            await until(lambda: simulator.looking)
            await shown_until_read(simulator, waiting, text)
            assert await waiting == text


async def test_a_reader_looks_only_while_a_code_is_wanted(tmp_path: Path) -> None:
    async with code_reader(tmp_path, "gm65") as (reader, simulator, _):
        waiting = asyncio.create_task(reader.wait_for_code(0.2))
        await until(lambda: simulator.looking)
        assert await waiting is None
        await until(lambda: not simulator.looking)


async def test_a_reader_that_gave_up_by_itself_is_told_again(tmp_path: Path) -> None:
    async with code_reader(tmp_path, "gm72") as (reader, simulator, _):
        waiting = asyncio.create_task(reader.wait_for_code(5))
        await until(lambda: simulator.looking)
        simulator.looking = False
        simulator.show(LABEL)
        assert await waiting == LABEL


async def test_what_was_read_before_is_thrown_away(tmp_path: Path) -> None:
    async with code_reader(tmp_path, "plain", idle_ms=10) as (reader, simulator, _):
        assert await reader.wait_for_code(0.05) is None  # a wire that is being opened throws away what lies in it
        simulator.show("early")
        await asyncio.sleep(0.2)  # on its way through the kernel or read already: nothing tells which
        waiting = asyncio.create_task(reader.wait_for_code(5))
        await shown_until_read(simulator, waiting, "late")
        assert await waiting == "late"


async def test_a_chopped_line_and_an_unplugged_one(tmp_path: Path) -> None:
    async with code_reader(tmp_path, "gm65", terminator=b"", idle_ms=300) as (reader, simulator, pty):
        pty.noise_out = Noise(1.0, 3, ("chop",))
        waiting = asyncio.create_task(reader.wait_for_code(5))
        await until(lambda: simulator.looking)
        simulator.show(LABEL)
        assert await waiting == LABEL
        waiting = asyncio.create_task(reader.wait_for_code(5))
        await until(lambda: simulator.looking)
        pty.unplug()
        with pytest.raises(LinkError):
            await waiting


def test_settings_are_typed() -> None:
    config = BarcodeReaderConfig(family="grab", port="/dev/input/by-id/x", settings={"baud": 9600})
    with pytest.raises(ConfigError, match=r"barcode_reader\.settings\.baud"):
        check_barcode_reader(STATION, config)


# The codec alone

CODE = st.binary(min_size=1, max_size=30).filter(lambda code: not set(code) & {10, 13})


@given(st.lists(CODE, max_size=4), st.lists(st.integers(0, 200), max_size=8), st.sampled_from([b"\r", b"\n", b"\r\n"]))
def test_codes_are_found_however_they_are_cut(codes: list[bytes], places: list[int], end: bytes) -> None:
    line = b"".join(code + end for code in codes)
    marks = [0, *sorted(place % (len(line) + 1) for place in places), len(line)]
    parser, found = CodeParser(), []
    for a, b in pairwise(marks):
        found += parser.feed(line[a:b])
    assert found == codes
    assert parser.silence() == []


def test_a_code_that_is_too_long_is_none_to_its_end() -> None:
    parser = CodeParser()
    assert parser.feed(b"x" * LONGEST_CODE) + parser.feed(b"x" * 10) + parser.feed(b"tail\rnext\r") == [b"next"]
    assert parser.feed(b"y" * (LONGEST_CODE + 1)) + parser.silence() == []
    assert parser.feed(b"z" * LONGEST_CODE + b"\n") == [b"z" * LONGEST_CODE]


def test_an_answer_is_no_code() -> None:
    ack = codec.gm65_ack()
    parser = CodeParser((ack,))
    assert parser.feed(ack[:3]) + parser.feed(ack[3:] + b"code") + parser.silence() == [b"code"]
    assert parser.feed(ack[:4]) + parser.silence() == []


def test_text_is_utf8_or_gb18030_or_none() -> None:
    assert decode("取件".encode()) == decode("取件".encode("gb18030")) == "取件"
    assert decode(b"\xff\xff\xff") is None


# Keyboards


@pytest.mark.parametrize("family", ["plain", "gm65", "gm72"])
async def test_a_reader_is_asked_whether_it_is_there(tmp_path: Path, family: str) -> None:
    async with code_reader(tmp_path, family) as (reader, simulator, pty):
        await reader.check()
        # A family that cannot be asked is there as long as its wire is.
        pty.noise_out = Noise(1.0, 3, ("drop",))
        if family == "plain":
            await reader.check()
        else:
            with pytest.raises(NoAnswerError):
                await reader.check()
        pty.noise_out = Noise(0.0, 3, ())
        waiting = asyncio.create_task(reader.wait_for_code(5))
        await until(lambda: simulator.looking)
        # One that is waited for is left alone.
        await reader.check()
        await shown_until_read(simulator, waiting, LABEL)
        assert await waiting == LABEL
        pty.unplug()
        with pytest.raises(LinkError):
            await reader.check()


def test_an_answer_is_told_by_its_check_wherever_it_stands() -> None:
    answer = codec.gm65_ack(b"\x39\x01")
    assert codec.is_gm65_answer(b"noise\x02\x00" + answer)
    assert not codec.is_gm65_answer(answer[:-1])
    assert not codec.is_gm65_answer(answer[:-1] + bytes([answer[-1] ^ 1]))
    assert not codec.is_gm65_answer(b"")


async def test_a_keyboard_is_there_when_it_can_be_grabbed(pipe: tuple[Path, int], tmp_path: Path) -> None:
    reader = KeyboardCodeReader("codes", str(pipe[0]), Settings(), lambda _: None)
    await reader.check()
    os.write(pipe[1], typed("early"))
    await reader.check()
    reader.close()
    with pytest.raises(LinkError):
        await KeyboardCodeReader("codes", str(tmp_path / "none"), Settings()).check()


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    path = tmp_path / "event-kbd"
    os.mkfifo(path)
    writer = os.open(path, os.O_RDWR | os.O_NONBLOCK)
    yield path, writer
    os.close(writer)


async def test_a_keyboard_types_a_code_that_enter_ends(pipe: tuple[Path, int]) -> None:
    path, writer = pipe
    grabbed: list[int] = []
    reader = KeyboardCodeReader("codes", str(path), Settings(), grabbed.append)
    reader.open()
    os.write(writer, typed("early"))
    waiting = asyncio.create_task(reader.wait_for_code(5))
    await until(lambda: unread(writer) == 0)
    events = typed("eyJhbGci_OiJ.9-AZ/+")
    for n in range(0, len(events), 7):
        os.write(writer, events[n : n + 7])
        await asyncio.sleep(0)
    assert await waiting == "eyJhbGci_OiJ.9-AZ/+"
    assert len(grabbed) == 1
    reader.close()


async def test_keys_without_an_end_are_forgotten(pipe: tuple[Path, int]) -> None:
    path, writer = pipe
    grabbed: list[int] = []
    reader = KeyboardCodeReader("codes", str(path), Settings(forget_ms=50), grabbed.append)
    waiting = asyncio.create_task(reader.wait_for_code(5))
    await until(lambda: bool(grabbed))
    os.write(writer, event(30, 1))
    await until(lambda: unread(writer) == 0)
    await asyncio.sleep(0.15)  # the silence itself is what is tested; a longer one is as good
    os.write(writer, typed("whole"))
    assert await waiting == "whole"
    reader.close()


async def test_a_device_that_is_gone_missing_or_cannot_be_grabbed(pipe: tuple[Path, int], tmp_path: Path) -> None:
    path, writer = pipe
    with pytest.raises(LinkError):
        await KeyboardCodeReader("codes", str(tmp_path / "none"), Settings()).wait_for_code(1)
    # A pipe is no input device: the kernel refuses the real ioctl.
    with pytest.raises(LinkError, match="grabbed"):
        await KeyboardCodeReader("codes", str(path), Settings()).wait_for_code(1)
    with pytest.raises(OSError, match=os.strerror(errno.ENOTTY)):
        grab_keyboard(writer)
    grabbed: list[int] = []
    reader = KeyboardCodeReader("codes", str(path), Settings(), grabbed.append)
    waiting = asyncio.create_task(reader.wait_for_code(5))
    await until(lambda: bool(grabbed))
    path.unlink()
    other = os.open(os.devnull, os.O_RDONLY)
    os.dup2(other, writer)  # the last writer goes: the pipe ends
    os.close(other)
    with pytest.raises(LinkError):
        await waiting


def test_only_keys_that_go_down_count_and_alt_types_nothing() -> None:
    parser = KeyParser()
    a = 30
    assert parser.feed(event(a, 1) + event(a, 2) + event(a, 2) + event(a, 0) + event(KEY_ENTER, 1)) == ["a"]
    assert parser.feed(event(56, 1) + event(a, 1) + event(56, 0) + event(a, 1) + event(29, 1) + event(KEY_J, 1)) == [
        "a"
    ]
    assert parser.feed(event(KEY_ENTER, 0) + event(29, 0) + event(KEY_ENTER, 1)) == []
    assert len(KEYS) == 61


@given(st.binary(max_size=600))
def test_any_bytes_are_events_or_nothing(data: bytes) -> None:
    assert all(isinstance(text, str) for text in KeyParser().feed(data))
