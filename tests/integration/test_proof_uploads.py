"""The judge of `python -m tests.proofs uploads` sees each wrong that it is there for."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hub.db.engine import make_engine
from hub.db.file_tables import files
from hub.db.migrate import migrate
from hub.services.file_format import Announced
from hub.services.file_key import open_disk
from tests.proofs.uploads import Judge, Sent
from tests.unit.hub.services.samples import NOW, put
from tests.unit.hub.services.submission_samples import PDF, place, sha
from tests.upload_stand import Run

CONTENT = b"a page of paper" * 1000
SAID = Announced(sha(CONTENT), len(CONTENT), PDF)


@asynccontextmanager
async def a_judge(folder: Path, *, row: bool, whole: bool, kept: bool) -> AsyncIterator[Judge]:
    """A station and a hub whose disks say what a run left, without their processes."""
    run = Run(folder, "mqtt://127.0.0.1:1", f"sqlite:///{folder}/hub.db")
    (run.station / "files").mkdir(parents=True)
    if kept:
        (run.station / "files" / "one").touch()
    disk = open_disk(run.files, folder / "hub-files.key")
    place(disk, SAID, CONTENT)
    if not whole:
        there = disk.place(SAID.sha256)
        there.write_bytes(there.read_bytes()[:-40])
    engine = make_engine(run.database)
    await migrate(engine)
    if row:
        values = {"sha256": SAID.sha256, "size": SAID.size, "media_type": PDF, "state": "verified"}
        await put(engine, files, {**values, "verified_at": NOW})
    await engine.dispose()
    yield Judge(Sent(1, "sqlite"), run, SAID.sha256)


@pytest.mark.parametrize(
    ("row", "whole", "wrong"),
    [
        (True, True, []),
        (False, True, ["the station removed its file before the hub had its row"]),
        (True, False, ["a content was half in its place"]),
    ],
)
async def test_a_file_that_left_too_early_is_seen(tmp_path: Path, row: bool, whole: bool, wrong: list[str]) -> None:
    async with a_judge(tmp_path, row=row, whole=whole, kept=False) as judge:
        await asyncio.wait_for(judge.watch(), 5)
        assert judge.sent.wrong == wrong


async def test_half_a_content_in_its_place_is_seen_at_once(tmp_path: Path) -> None:
    async with a_judge(tmp_path, row=True, whole=False, kept=True) as judge:
        judge.look()
        assert judge.sent.wrong == ["a content was half in its place"]


async def test_an_upload_that_began_anew_is_seen(tmp_path: Path) -> None:
    async with a_judge(tmp_path, row=True, whole=True, kept=True) as judge:
        judge.look()
        judge.run.disk.place(SAID.sha256).unlink()
        judge.look()
        assert judge.sent.wrong == [f"an upload fell back from {len(CONTENT):,} to 0 bytes"]
