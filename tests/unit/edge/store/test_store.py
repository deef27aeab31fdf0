"""Units of work, grouped commits, one process, and a disk that refuses. Real files, real processes."""

from __future__ import annotations

import asyncio
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from contract.events import DoorOpened, Purpose
from edge.core.codes import PickupCode
from edge.core.compartment import Allocation, Compartment, Deposit, Item
from edge.core.grants import Grant, GrantState
from edge.core.throttle import Throttle
from edge.core.visit import Slip, Step, Visit
from edge.errors import BugError, ConfigError
from edge.store.compartments import Fitted
from edge.store.inbox import CommandRecord
from edge.store.papers import StoredDocument
from edge.store.unit_of_work import Store, Transaction
from tests.unit.edge.hand_clock import HandClock

EVENT = DoorOpened(compartment=1)


def _run(wrapper: list[str], code: str, path: Path) -> subprocess.CompletedProcess[str]:
    command = [*wrapper, sys.executable, "-c", code, str(path)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


async def test_everything_written_is_read_again_after_a_restart(path: Path, clock: HandClock) -> None:
    visit = Visit(uuid4(), Purpose.LOAD, Step.OPEN, 2, 1, case_number="0" * 43, staff="B1", due=clock.now(), pulses=1)
    compartments = [
        Compartment(1, "s", "low", Allocation.OCCUPIED, content=Deposit("7K3M9Q2T8X4")),
        Compartment(2, "m", purpose=Purpose.LOAD, visit=visit.id, allocation=Allocation.RESERVED, door_seen_open=True),
        Compartment(3, "l", "high", Allocation.OCCUPIED, False, "jammed", content=Item("0" * 43, clock.now(), True)),
    ]
    used = Grant(uuid4(), 2, Purpose.LOAD, visit.id, 1, GrantState.USED)
    code = PickupCode(3, "0" * 43, b"m" * 32)
    document = StoredDocument("staff", 4, "a" * 64, "a.b.c")
    command = CommandRecord(uuid4(), "test_print", "begun")
    slip_id = uuid4()

    def write(tx: Transaction) -> None:
        for compartment in compartments:
            tx.save(compartment)
        tx.save_visit(visit)
        tx.save_grant(used)
        tx.save_code(code)
        tx.save_throttle(Throttle("badge:B1", (1.0, 2.0)))
        tx.save_document(document)
        tx.save_command(command)
        tx.add_slip(slip_id, visit.id, Slip("7K3M9Q2T8X4", 2, "deposit_doubtful"))

    async with await Store.open(path, clock) as store:
        await store.transact(write)
    async with await Store.open(path, clock) as store:
        assert await store.read(lambda tx: tx.compartments()) == compartments
        assert await store.read(lambda tx: tx.open_visits()) == [visit]
        assert await store.read(lambda tx: tx.visit(visit.id)) == visit
        assert await store.read(lambda tx: tx.grant(used.id)) == used
        assert await store.read(lambda tx: tx.codes()) == [code]
        assert await store.read(lambda tx: tx.document("staff")) == document
        assert await store.read(lambda tx: tx.command(command.jti)) == command
        assert [slip.id for slip in await store.read(lambda tx: tx.waiting_slips())] == [slip_id]
        assert (await store.read(lambda tx: tx.throttle("badge:B1"))).tries_left == 3
        await store.transact(lambda tx: tx.mark_slip(slip_id, "printed"))
        assert await store.read(lambda tx: tx.waiting_slips()) == []


async def test_a_start_kills_live_grants_and_renews_lock_outs(path: Path, clock: HandClock) -> None:
    live = Grant(uuid4(), 1, Purpose.PICKUP, uuid4(), 1)
    async with await Store.open(path, clock) as store:
        await store.transact(lambda tx: tx.save_grant(live))
        await store.transact(lambda tx: tx.save_throttle(Throttle("compartment:1", (1.0,) * 5, clock.monotonic() + 3)))
    clock.restart()
    async with await Store.open(path, clock) as store:
        dead = await store.read(lambda tx: tx.grant(live.id))
        assert dead is not None
        assert dead.state is GrantState.DEAD
        with pytest.raises(BugError):
            await store.transact(lambda tx: tx.save_grant(live))
        throttle = await store.read(lambda tx: tx.throttle("compartment:1"))
        assert throttle.locked_until == clock.monotonic() + 900
        assert (await store.identity()).boot == 2


async def test_a_failing_work_rolls_back_alone_and_its_group_is_one_commit(path: Path, clock: HandClock) -> None:
    commits: list[str] = []

    def failing(tx: Transaction) -> None:
        tx.emit(EVENT)
        raise BugError("on purpose")

    async with await Store.open(path, clock) as store:
        before = store.last_seq
        await store.transact(lambda tx: tx._connection.set_trace_callback(commits.append))
        commits.clear()
        works: list[Callable[[Transaction], object]] = [lambda tx: tx.emit(EVENT).seq] * 50
        works[20] = failing
        results = await asyncio.gather(*(store.transact(work) for work in works), return_exceptions=True)
        assert isinstance(results[20], BugError)
        assert [each for each in results if isinstance(each, int)] == list(range(before + 1, before + 50))
        assert store.last_seq == before + 49
        rows = await store.pending(0, 100)
        assert [row.seq for row in rows] == list(range(1, before + 50))
        count = sum(statement == "COMMIT" for statement in commits)
        assert count <= 4, f"{count} commits for 50 works that came together"


async def test_a_lone_failing_work_leaves_nothing(path: Path, clock: HandClock) -> None:
    def failing(tx: Transaction) -> None:
        tx.emit(EVENT)
        raise BugError("on purpose")

    async with await Store.open(path, clock) as store:
        before = store.last_seq
        with pytest.raises(BugError, match="on purpose"):
            await store.transact(failing)
        assert (await store.identity()).last_seq == before == store.last_seq


async def test_a_read_cannot_write(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock) as store:
        with pytest.raises(Exception, match="readonly"):
            await store.read(lambda tx: tx.emit(EVENT))
        await store.transact(lambda tx: tx.emit(EVENT))


async def test_a_second_process_is_refused(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock):
        code = (
            "import asyncio, pathlib, sys\n"
            "from edge.clock import SystemClock\n"
            "from edge.store.unit_of_work import Store\n"
            "asyncio.run(Store.open(pathlib.Path(sys.argv[1]), SystemClock('Asia/Shanghai')))\n"
        )
        other = _run([], code, path)
        assert other.returncode != 0
        assert "a data directory that no other process uses" in other.stderr
    (await Store.open(path, clock)).require_room()


async def test_files_are_for_the_owner_alone(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock) as store:
        await store.transact(lambda tx: tx.emit(EVENT))
        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
        assert {"station.db", "station.db-wal", "station.lock"} <= set(modes)
        assert set(modes.values()) == {0o600}
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_waiting_for_new_rows(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock) as store:
        identity = await store.identity()
        waiting = asyncio.create_task(store.wait_appended(identity.epoch, identity.last_seq))
        await asyncio.sleep(0)
        assert not waiting.done()
        await store.transact(lambda tx: tx.emit(EVENT))
        await asyncio.wait_for(waiting, 5)
        renumbered = asyncio.create_task(store.wait_appended(identity.epoch, 1000))
        await store.new_epoch()
        await asyncio.wait_for(renumbered, 5)


async def test_unknown_things_are_bugs(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock) as store:
        for work in (lambda tx: tx.compartment(9), lambda tx: tx.visit(UUID(int=1))):
            with pytest.raises(BugError):
                await store.read(work)
        assert await store.read(lambda tx: (tx.grant(UUID(int=1)), tx.code(1), tx.command(UUID(int=1)))) == (None,) * 3
    with pytest.raises(BugError, match="closed"):
        await store.read(lambda tx: tx.compartments())
    await store.close()


async def test_the_station_file_is_adopted(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock) as store:
        fit = [Fitted(1, "s", "low"), Fitted(2, "m", "low")]
        assert len(await store.transact(lambda tx: tx.fit(fit))) == 2
        assert await store.transact(lambda tx: tx.fit([Fitted(1, "l", "high")])) == []
        first, second = await store.read(lambda tx: tx.compartments())
        assert (first.size, first.reach, second.in_service, second.out_reason) == ("l", "high", False, "not_fitted")
        await store.transact(lambda tx: tx.fit(fit))
        assert [each.in_service for each in await store.read(lambda tx: tx.compartments())] == [True, True]


async def test_a_file_of_a_newer_program_is_left_alone(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock) as store:
        await store.transact(lambda tx: tx._connection.execute("PRAGMA user_version=99"))
    with pytest.raises(ConfigError, match="schema 99"):
        await Store.open(path, clock)
    assert list(path.parent.glob("*.broken*")) == []


async def test_a_job_outlives_its_caller(path: Path, clock: HandClock) -> None:
    async with await Store.open(path, clock) as store:
        before = store.last_seq
        caller = asyncio.create_task(store.transact(lambda tx: tx.emit(EVENT)))
        await asyncio.sleep(0)
        caller.cancel()
        with pytest.raises(asyncio.CancelledError):
            await caller
        assert (await store.identity()).last_seq == before + 1


async def test_what_was_over_long_ago_is_forgotten(path: Path, clock: HandClock) -> None:
    done = Visit(uuid4(), Purpose.DEPOSIT, Step.DONE, 1, 1, receipt_number="7K3M9Q2T8X4")
    running = Visit(uuid4(), Purpose.DEPOSIT, Step.OPEN, 1, 1, receipt_number="7K3M9Q2T8X4")
    used = Grant(uuid4(), 1, Purpose.DEPOSIT, done.id, 1, GrantState.USED)

    def write(tx: Transaction) -> None:
        tx.save_visit(done)
        tx.save_visit(running)
        tx.save_grant(used)
        for state in ("begun", "done"):
            tx.save_command(CommandRecord(uuid4(), "test_print", "begun" if state == "begun" else "done"))
        for _ in range(2):
            tx.add_slip(uuid4(), done.id, Slip("7K3M9Q2T8X4", 1))
        tx.mark_slip(tx.waiting_slips()[0].id, "printed")

    async with await Store.open(path, clock) as store:
        await store.transact(write)
        clock.wait(89 * 86_400)
        assert await store.transact(lambda tx: tx.forget_history()) == 0
        clock.wait(2 * 86_400)
        clock.synced = False
        assert await store.transact(lambda tx: tx.forget_history()) == 0
        clock.synced = True
        assert await store.transact(lambda tx: tx.forget_history()) == 4
        assert await store.read(lambda tx: tx.open_visits()) == [running]
        assert len(await store.read(lambda tx: tx.waiting_slips())) == 1
