"""Stored files and their rows: durable, shared, swept, refused; and killed at every call to the disk."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.errors import FileLostError, StoreBusyError
from edge.store.file_rows import FileRow
from edge.store.files import Files
from edge.store.room import TIGHT_BYTES
from edge.store.shelf import SALVAGED, Shelf
from edge.store.transaction import FILES_LOST
from edge.store.unit_of_work import Store
from tests.unit.edge.hand_clock import HandClock

KEY = b"k" * 32
PDF = "application/pdf"
PAGE, OTHER = b"%PDF-1.7 " + b"page" * 20_000, b"%PDF-1.7 another"


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
async def store(path: Path, clock: HandClock) -> AsyncIterator[Store]:
    async with await Store.open(path, clock) as opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "station" / "files"


@pytest.fixture
def shelf(store: Store, folder: Path) -> Shelf:
    return Shelf(store, Files(folder, KEY))


async def _pieces(content: bytes, step: int = 10_000) -> AsyncIterator[bytes]:
    for at in range(0, len(content), step):
        yield content[at : at + step]


def _names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


async def test_a_content_comes_back_whole_and_from_any_place(folder: Path) -> None:
    files = Files(folder, KEY)
    stored = await files.put(_pieces(PAGE))
    assert (stored.sha256, stored.size) == (sha(PAGE), len(PAGE))
    assert await files.put(PAGE) == stored
    assert await files.read(stored.sha256) == PAGE
    assert b"".join([piece async for piece in files.chunks(stored.sha256, 70_000)]) == PAGE[70_000:]
    assert await files.all() == [stored]
    reopened = Files(folder, KEY)
    assert await reopened.has(stored.sha256)
    assert not await reopened.has(sha(OTHER))
    await reopened.delete(stored.sha256)
    await reopened.delete(stored.sha256)
    assert _names(folder) == []


async def test_neither_names_nor_bytes_say_anything(folder: Path) -> None:
    files = Files(folder, KEY)
    await files.put(PAGE)
    (name,) = _names(folder)
    on_disk = (folder / name).read_bytes()
    assert sha(PAGE) not in name
    assert b"pagepage" not in on_disk
    assert bytes.fromhex(sha(PAGE)) not in on_disk
    assert not await Files(folder, b"x" * 32).has(sha(PAGE))
    assert (folder / name).stat().st_mode & 0o777 == 0o600


async def test_a_damaged_or_exchanged_file_is_told_and_not_delivered(folder: Path) -> None:
    files = Files(folder, KEY)
    await files.put(PAGE)
    (page,) = _names(folder)
    await files.put(OTHER)
    (other,) = set(_names(folder)) - {page}
    (folder / other).write_bytes((folder / page).read_bytes())
    with pytest.raises(FileLostError):
        await files.read(sha(OTHER))
    broken = bytearray((folder / page).read_bytes())
    broken[5000] ^= 1
    (folder / page).write_bytes(broken)
    with pytest.raises(FileLostError):
        await files.read(sha(PAGE))
    assert await files.put(PAGE)  # putting it again heals it
    assert await files.read(sha(PAGE)) == PAGE


async def test_no_room_is_said_before_anything_is_taken(folder: Path) -> None:
    free = TIGHT_BYTES + 2**20
    files = Files(folder, KEY, free=lambda _: free)
    files.require_room(1000)
    with pytest.raises(StoreBusyError):
        await files.put(b"x" * 2**21)
    free = 0
    with pytest.raises(StoreBusyError):
        await files.put(_pieces(PAGE))
    assert _names(folder) == []


@pytest.mark.parametrize("call", ["write", "fsync", "rename"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
async def test_a_disk_that_refuses_leaves_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch, call: str, code: int
) -> None:
    files = Files(folder, KEY)

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        with pytest.raises(StoreBusyError):
            await files.put(PAGE)
    assert await files.all() == []  # waits for the thread to have cleaned up
    assert _names(folder) == []
    await files.put(PAGE)
    assert await files.read(sha(PAGE)) == PAGE


async def test_a_cancelled_put_leaves_nothing(folder: Path) -> None:
    files, begun = Files(folder, KEY), asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x" * 100_000
        begun.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(files.put(endless()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await files.all() == []
    assert _names(folder) == []


async def test_drafts_become_wanted_or_go(shelf: Shelf, store: Store, folder: Path) -> None:
    await shelf.take(PAGE, PDF, "a")
    await shelf.take(OTHER, PDF, "a")
    await shelf.drop_one(sha(OTHER), "a")
    assert len(_names(folder)) == 1
    assert await store.read(lambda tx: tx.wanted_files()) == []
    assert await store.transact(lambda tx: tx.want_files("a")) == 1
    await shelf.take(OTHER, PDF, "b")
    await shelf.drop("b")
    await shelf.drop("a")
    assert await store.read(lambda tx: tx.wanted_files()) == [FileRow(sha(PAGE), len(PAGE), PDF, "wanted", "a")]
    assert await store.read(lambda tx: tx.files_of("b")) == []
    assert len(_names(folder)) == 1


async def test_a_content_of_two_submissions_stays_for_the_second(shelf: Shelf, store: Store) -> None:
    await shelf.take(PAGE, PDF, "a")
    await store.transact(lambda tx: tx.want_files("a"))
    await shelf.take(PAGE, PDF, "b")
    assert await store.transact(lambda tx: tx.mark_file(sha(PAGE), "verified")) == ["a"]
    await shelf.let_go(sha(PAGE))
    assert await shelf.files.read(sha(PAGE)) == PAGE
    await shelf.drop("b")
    assert not await shelf.files.has(sha(PAGE))


async def test_a_deletion_never_takes_a_file_that_is_just_put(shelf: Shelf, store: Store) -> None:
    for _ in range(20):
        await asyncio.gather(shelf.take(PAGE, PDF, "a"), shelf.let_go(sha(PAGE)), shelf.let_go(sha(PAGE)))
        assert await shelf.files.has(sha(PAGE))
        await shelf.drop("a")


async def test_the_start_sweeps_and_tells(shelf: Shelf, store: Store, folder: Path) -> None:
    await shelf.take(PAGE, PDF, "a")
    await store.transact(lambda tx: tx.want_files("a"))
    await shelf.take(OTHER, PDF, "b")
    await shelf.files.put(b"without a row")
    (folder / "0123.part").write_bytes(b"half")
    await shelf.sweep()
    assert len(_names(folder)) == 1
    assert await store.read(lambda tx: tx.needed_files()) == {sha(PAGE)}
    await shelf.files.delete(sha(PAGE))
    before = store.last_seq
    await shelf.sweep()
    await shelf.sweep()
    (row,) = await store.pending(before, 10)
    assert b'"device_failed"' in row.body
    assert b"submission a is lost" in row.body
    assert [each.state for each in await store.read(lambda tx: tx.files_of("a"))] == ["lost"]


async def test_after_a_salvage_files_without_rows_are_sent_not_swept(shelf: Shelf, store: Store) -> None:
    await shelf.files.put(PAGE)
    await store.transact(lambda tx: tx.set_meta(FILES_LOST, "1"))
    await shelf.sweep()
    (row,) = await store.read(lambda tx: tx.wanted_files())
    assert (row.sha256, row.size, row.submission) == (sha(PAGE), len(PAGE), SALVAGED)
    await shelf.sweep()
    assert await shelf.files.has(sha(PAGE))


# Children that die by SIGKILL right before or right after the n-th call that matters, n = 1, 2, ... until one lives.
_PARENT = """
import asyncio, os, pathlib, signal, sys
from edge.clock import SystemClock
from edge.store.files import Files
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store
base, after = pathlib.Path(sys.argv[1]), sys.argv[2] == "after"
when = calls = 0
real_write = os.write
def deadly(call):
    def wrapped(*args, **more):
        global calls
        calls += 1
        if calls == when and not after: os.kill(os.getpid(), signal.SIGKILL)
        result = call(*args, **more)
        if calls == when and after: os.kill(os.getpid(), signal.SIGKILL)
        return result
    return wrapped
def say(word): real_write(1, f"{when} {word}\\n".encode())
async def main(folder):
    async with await Store.open(folder / "station.db", SystemClock("Asia/Shanghai")) as store:
        shelf = Shelf(store, Files(folder / "files", b"k" * 32))
        for name in ("write", "fsync", "rename", "unlink"): setattr(os, name, deadly(getattr(os, name)))
        kept = await shelf.take(b"kept" * 30000, "t", "a"); say("draft")
        await store.transact(lambda tx: tx.want_files("a")); say("wanted")
        await shelf.take(b"thrown away", "t", "b"); await shelf.drop("b"); say("dropped")
        await store.transact(lambda tx: tx.mark_file(kept.sha256, "verified")); say("verified")
        await shelf.let_go(kept.sha256); say("gone")
    os._exit(0)
code = 9
while code == 9:
    when += 1
    child = os.fork()
    if not child: asyncio.run(main(base / str(when)))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1
sys.exit(code)
"""


def _told(base: Path, moment: str) -> dict[int, list[str]]:
    command = [sys.executable, "-c", _PARENT, str(base), moment]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    told: dict[int, list[str]] = {int(each.name): [] for each in base.iterdir()}
    for when, word in (line.split() for line in ended.stdout.splitlines()):
        told[int(when)].append(word)
    return told


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_killed_at_every_call_what_was_told_holds(tmp_path: Path, moment: str) -> None:
    told = await asyncio.to_thread(_told, tmp_path, moment)
    assert told[max(told)] == ["draft", "wanted", "dropped", "verified", "gone"]
    assert len(told) > 10
    for when, words in told.items():
        await _judge(tmp_path / str(when), words)


async def _judge(folder: Path, told: list[str]) -> None:
    async with await Store.open(folder / "station.db", HandClock()) as store:
        shelf = Shelf(store, Files(folder / "files", KEY))
        before = store.last_seq
        await shelf.sweep()
        assert store.last_seq == before, "a loss was told"
        rows = await store.read(lambda tx: tx.files_of("a"))
        wanted = [each.sha256 for each in rows if each.state == "wanted"]
        assert [each.sha256 for each in await shelf.files.all()] == wanted
        assert len(_names(folder / "files")) == len(wanted)
        assert await store.read(lambda tx: tx.files_of("b")) == []
        if "wanted" in told and "dropped" not in told:
            assert await shelf.files.read(wanted[0]) == b"kept" * 30000
        if "verified" in told:
            assert [each.state for each in rows] == ["verified"]
