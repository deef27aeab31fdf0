"""Files on their way from a station to a hub, with cuts and kills at random places: whole there before gone here.

The seed is fixed; the places of the cuts follow from how many bytes the hub has of the file, not from time.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.broker import Mosquitto
from tests.upload_stand import MIB, Run, a_run, disturb, states
from tests.uploader import hand_in

SEED = 11


def assert_whole_there(run: Run, contents: list[bytes]) -> None:
    for content in contents:
        sha256 = hashlib.sha256(content).hexdigest()
        assert run.content(sha256) == content
    assert run.parts() == []


# Many more: `python -m tests.proofs uploads`.
@pytest.mark.parametrize(
    ("hub_database", "size", "cuts", "kills"),
    [("sqlite", 50 * MIB, 10, 2), ("postgresql", 16 * MIB, 4, 1)],
    indirect=["hub_database"],
)
async def test_a_file_survives_cuts_and_kills_of_both_ends(
    tmp_path: Path, mosquitto: Mosquitto, hub_database: str, size: int, cuts: int, kills: int
) -> None:
    dice = random.Random(SEED)
    content = dice.randbytes(size)
    places = sorted(dice.sample(range(MIB, size - 4 * MIB), cuts + 2 * kills))
    faults = ["cut"] * cuts + ["station"] * kills + ["hub"] * kills
    dice.shuffle(faults)
    async with a_run(tmp_path, mosquitto.url, hub_database) as run:
        (sha256,) = await hand_in(run.station, [content])
        run.start_hub()
        run.start_uploader()
        seen: list[int] = []
        for place, fault in zip(places, faults, strict=True):
            await run.until_arrived(sha256, place)
            await disturb(run, fault)
            seen.append(run.arrived(sha256))
            # The last pieces may have gone while a hub was starting.
            assert run.kept_here() == 1 or run.is_whole(sha256)
        assert seen == sorted(seen), "an upload began anew"
        await run.until_sent()
        assert_whole_there(run, [content])
        assert (run.kept_here(), await states(run)) == (0, {"verified"})
        # Everything that went over the line more than once: nothing like a second file.
        assert run.hub.log.count("Traceback") == 0


async def test_a_full_disk_at_the_hub_is_waited_for(tmp_path: Path, mosquitto: Mosquitto) -> None:
    contents = [random.Random(SEED).randbytes(size) for size in (6 * MIB, MIB)]
    async with a_run(tmp_path, mosquitto.url, f"sqlite:///{tmp_path}/hub.db") as run:
        large, small = await hand_in(run.station, contents)
        run.start_hub(("prlimit", f"--fsize={4 * MIB}"))
        run.start_uploader()

        async def full() -> bool:
            return "no room for uploads" in run.hub.log

        await run.until(full)
        # What a disk refuses of one file need not be so for others; here the uploader waits for the whole hub.
        assert run.arrived(large) <= 4 * MIB
        assert run.kept_here() == 2

        async def told() -> bool:
            return "507" in run.log()

        await run.until(told)
        run.hub.kill()
        run.start_hub()
        await run.until_sent()
        assert run.arrived(small) == MIB
        assert_whole_there(run, contents)
        assert (run.kept_here(), await states(run)) == (0, {"verified"})


async def test_a_hub_killed_between_place_and_row_adopts_the_file(tmp_path: Path, mosquitto: Mosquitto) -> None:
    content = random.Random(SEED).randbytes(3 * MIB)
    async with a_run(tmp_path, mosquitto.url, f"sqlite:///{tmp_path}/hub.db") as run:
        (sha256,) = await hand_in(run.station, [content])
        run.start_hub()
        with closing(sqlite3.connect(tmp_path / "hub.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # nobody else commits now
            run.start_uploader()

            async def in_place() -> bool:
                return run.is_whole(sha256)

            await run.until(in_place)
            await asyncio.sleep(0.2)
            assert run.kept_here() == 1
            run.hub.kill()
            other.execute("ROLLBACK")
            assert other.execute("SELECT count(*) FROM files").fetchone() == (0,)
        run.start_hub()
        await run.until_sent()
        assert "adopted" in run.hub.log
        assert (run.kept_here(), await states(run)) == (0, {"verified"})
        assert run.content(sha256) == content
