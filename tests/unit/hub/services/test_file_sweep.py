"""Contents that no submission names go after their grace; nothing else does, whatever happens at the same time."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.ids import new_receipt_number
from hub.db.engine import writing
from hub.db.file_tables import files
from hub.db.submission_tables import submission_files
from hub.services import file_sweep
from hub.services.file_disk import FileDisk
from hub.services.file_format import Announced
from hub.services.file_store import FileStore
from hub.services.file_sweep import FileSweep
from hub.services.submission_files import SubmissionFiles
from tests.file_sweeper import KEYS, Clock
from tests.unit.hub.services.samples import NOW, STATION, a_deposit, an_event, rows_of
from tests.unit.hub.services.submission_samples import PDF, a_pdf, place, promise, sha, store

OLD = [f"content {n}".encode() for n in range(4)]
ROOT = Path(file_sweep.__file__).parents[2]


@pytest.fixture
def disk(tmp_path: Path) -> FileDisk:
    return FileDisk(tmp_path / "hub-files", KEYS)


@pytest.fixture
def kept(engine: AsyncEngine, disk: FileDisk) -> FileStore:
    return FileStore(engine, disk, Clock())


def named(sha256: str) -> dict[str, object]:
    row = {"receipt_number": new_receipt_number(lambda n: n - 1), "sha256": sha256, "station": STATION, "kind": "usb"}
    return {**row, "size": 9, "media_type": PDF, "at": NOW}


async def here(engine: AsyncEngine, disk: FileDisk) -> set[bytes]:
    """Which of OLD are here by row and on the disk; what only one of both says fails."""
    by_row = await SubmissionFiles(engine, disk).here([sha(each) for each in OLD])
    by_disk = {sha(each) for each in OLD if disk.is_sound(sha(each))}
    assert by_row.keys() == by_disk
    assert list(disk.directory.glob("removed/*")) == []
    return {each for each in OLD if sha(each) in by_disk}


async def test_only_what_nobody_names_goes_and_only_after_its_grace(
    engine: AsyncEngine, disk: FileDisk, kept: FileStore
) -> None:
    unnamed, of_a_submission, listed, waiting = [await store(engine, disk, each, PDF) for each in OLD]
    receipt = await a_deposit(engine)
    reference = {"size": 9, "media_type": PDF}
    await promise(engine, receipt, [("usb", {"sha256": of_a_submission, **reference}, None)])
    await promise(engine, receipt, [("manifest", {"sha256": listed, **reference}, None)])
    async with writing(engine) as connection:
        await connection.execute(submission_files.delete().where(submission_files.c.kind == "manifest"))
    await an_event(engine, 9, "usb_imported_later", {"files": [{"sha256": waiting}]}, state="unknown")
    for days in (0, 201):
        await FileSweep(kept, days).once(0.0)
        assert await here(engine, disk) == set(OLD)
    await FileSweep(kept, 199).once(0.0)
    assert await here(engine, disk) == set(OLD[1:])
    assert not disk.place(unnamed).exists()


async def test_who_is_told_that_a_content_is_here_may_rely_on_it_for_a_whole_grace(
    engine: AsyncEngine, disk: FileDisk, kept: FileStore
) -> None:
    for each in OLD[:2]:
        await store(engine, disk, each, PDF)
    assert await kept.size_of(sha(OLD[0])) == len(OLD[0])
    await FileSweep(kept).once(0.0)
    assert await here(engine, disk) == {OLD[0]}
    assert await kept.size_of(sha(OLD[1])) is None


async def test_a_submission_that_comes_in_the_middle_keeps_its_content(
    engine: AsyncEngine, disk: FileDisk, kept: FileStore
) -> None:
    sha256 = await store(engine, disk, OLD[0], PDF)
    async with writing(engine) as connection:
        await connection.execute(submission_files.insert().values(named(sha256)))
        sweeping = asyncio.create_task(FileSweep(kept).once(0.0))
        done, _ = await asyncio.wait({sweeping}, timeout=0.3)
        assert not done, "it did not wait for the projection"
        assert disk.place(sha256).exists()
    await sweeping
    assert await here(engine, disk) == {OLD[0]}


async def test_a_content_that_goes_while_it_is_adopted_is_not_said_to_be_here(
    engine: AsyncEngine, disk: FileDisk, kept: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = Announced(sha(OLD[0]), len(OLD[0]), PDF)
    place(disk, said, OLD[0])
    adopt = kept.adopt

    async def and_gone(found: Announced) -> bool:
        done = await adopt(found)
        disk.place(found.sha256).unlink()
        return done

    monkeypatch.setattr(kept, "adopt", and_gone)
    assert await kept.size_of(said.sha256) is None


async def test_contents_without_rows_get_them(engine: AsyncEngine, disk: FileDisk, kept: FileStore) -> None:
    """A database restored from an older backup: the stations were told, and will not ask again."""
    for each in OLD[:2]:
        place(disk, Announced(sha(each), len(each), PDF), each)
    torn = disk.place(sha(OLD[1]))
    torn.write_bytes(torn.read_bytes()[:-1])
    await FileSweep(kept).once(0.0)
    rows = await rows_of(engine, files)
    assert [(row.sha256, row.size, row.media_type) for row in rows] == [(sha(OLD[0]), len(OLD[0]), PDF)]
    assert torn.exists(), "nobody removes what a person might still save"


@pytest.mark.parametrize("point", ["taken", "committed"])
async def test_a_sweep_that_is_killed_leaves_all_or_nothing(
    engine: AsyncEngine, database_url: str, disk: FileDisk, kept: FileStore, point: str
) -> None:
    for each in OLD[:3]:
        await store(engine, disk, each, PDF)
    async with writing(engine) as connection:
        await connection.execute(submission_files.insert().values(named(sha(OLD[2]))))
    command = [sys.executable, "-m", "tests.file_sweeper", database_url, str(disk.directory), point]
    ended = await asyncio.to_thread(subprocess.run, command, cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not disk.place(sha(OLD[0])).exists()
    await FileSweep(kept, 0).once(0.0)  # as the next start does; nothing is old enough for it
    assert await here(engine, disk) == (set(OLD[:3]) if point == "taken" else {OLD[2]})


async def test_the_same_content_sent_again_survives_a_sweep_that_was_killed(
    engine: AsyncEngine, disk: FileDisk, kept: FileStore
) -> None:
    said = Announced(sha(OLD[0]), len(OLD[0]), PDF)
    place(disk, said, OLD[0])
    disk.removed(said.sha256).parent.mkdir()
    disk.place(said.sha256).rename(disk.removed(said.sha256))
    await store(engine, disk, OLD[0], PDF)
    await FileSweep(kept, 0).once(0.0)
    assert await here(engine, disk) == {OLD[0]}


async def test_a_large_number_goes_in_portions(
    engine: AsyncEngine, disk: FileDisk, kept: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_sweep, "AT_ONCE", 2)
    for n in range(5):
        await store(engine, disk, a_pdf(str(n)), PDF)
    await FileSweep(kept, 30).once(0.0)
    assert await rows_of(engine, files) == []
    assert [path for path in disk.directory.rglob("*") if path.is_file()] == []


async def test_a_grace_counts_from_what_a_station_was_told(
    engine: AsyncEngine, disk: FileDisk, kept: FileStore
) -> None:
    sha256 = await store(engine, disk, OLD[0], PDF)
    async with writing(engine) as connection:
        await connection.execute(files.update().values(told_at=Clock().now() - timedelta(days=29)))
    await FileSweep(kept, 30).once(0.0)
    assert disk.place(sha256).exists()
