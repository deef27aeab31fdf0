from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest

from edge.links.simulator import Noise, NoiseMode, Pty
from edge.links.simulator_log import SyncedLog
from edge.links.wire import open_link

FRAME = bytes(range(10))


def _many(mode: NoiseMode, count: int = 200) -> list[list[tuple[float, bytes]]]:
    noise = Noise(0.5, 3, (mode,), late=0.4)
    return [noise.disturb(FRAME) for _ in range(count)]


def test_no_noise_changes_nothing() -> None:
    assert Noise().disturb(FRAME) == [(0.0, FRAME)]


def test_the_same_seed_is_the_same_noise() -> None:
    assert _many("flip") == _many("flip")


def test_flip_changes_one_byte_at_most() -> None:
    frames = [portions[0][1] for portions in _many("flip")]
    changed = [sum(a != b for a, b in zip(frame, FRAME, strict=True)) for frame in frames]
    assert set(changed) == {0, 1}


def test_drop_loses_one_byte_or_all() -> None:
    lengths = {len(portions[0][1]) if portions else 0 for portions in _many("drop")}
    assert lengths == {0, 9, 10}


def test_chop_loses_nothing() -> None:
    portions = _many("chop")
    assert {len(parts) for parts in portions} == {1, 2}
    assert all(b"".join(part for _, part in parts) == FRAME for parts in portions)


def test_delay_is_late() -> None:
    assert {portions[0][0] for portions in _many("delay")} == {0.0, 0.4}


def test_glue_holds_a_frame_for_the_next() -> None:
    noise = Noise(1.0, 1, ("glue",))
    assert noise.disturb(b"one") == []
    assert noise.disturb(b"two") == [(0.0, b"onetwo")]
    assert noise.disturb(b"three") == []
    assert noise.release() == b"three"
    assert noise.release() == b""


async def test_a_pty_passes_every_byte(tmp_path: Path) -> None:
    heard: list[bytes] = []
    pty = Pty(tmp_path / "deep" / "tty", heard.append)
    pty.plug()
    link = await open_link(str(tmp_path / "deep" / "tty"), 9600)
    await link.write(bytes(range(256)))
    async with asyncio.timeout(5):
        while sum(map(len, heard)) < 256:  # noqa: ASYNC110 - the terminal sets no event
            await asyncio.sleep(0.005)
    assert b"".join(heard) == bytes(range(256))
    pty.send(b"\x03\x04\x0d\x0a")
    assert await link.read(10, 5) == b"\x03\x04\x0d\x0a"
    pty.unplug()
    pty.unplug()
    await link.close()


async def test_unplug_takes_the_link_away_and_plug_brings_it_back(tmp_path: Path) -> None:
    path = tmp_path / "tty"
    pty = Pty(path, lambda _: None)
    pty.plug()
    first = os.readlink(path)
    pty.plug()
    assert os.readlink(path) == first
    pty.unplug()
    assert not path.is_symlink()
    assert not pty.plugged
    pty.send(b"nobody hears")
    pty.plug()
    assert path.is_symlink()
    pty.unplug()


async def test_an_echoing_line_returns_what_it_heard(tmp_path: Path) -> None:
    pty = Pty(tmp_path / "tty", lambda _: None)
    pty.noise_in = Noise(0.0, 0, ("echo",))
    pty.plug()
    link = await open_link(str(tmp_path / "tty"), 9600)
    await link.write(b"\x8a\x01")
    assert await link.read(10, 5) == b"\x8a\x01"
    await link.close()
    pty.unplug()


def test_the_log_is_a_line_each_and_rotates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edge.links.simulator_log._ROTATE_BYTES", 200)
    log = SyncedLog(tmp_path / "var" / "log.jsonl")
    for channel in range(4):
        log.write(what="pulse", channel=channel)
    log.close()
    files = [tmp_path / "var" / "log.jsonl.1", tmp_path / "var" / "log.jsonl"]
    lines = [json.loads(line) for file in files if file.exists() for line in file.read_text().splitlines()]
    assert lines[-1]["channel"] == 3
    assert files[0].exists()
    assert {"at", "mono", "what", "channel"} == set(lines[0])
