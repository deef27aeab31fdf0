"""Children of the demonstration: real processes that are started, killed, and restarted when they die alone."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from hall.addresses import free_port
from hall.broker import BrokerName, answers, choose, make_broker
from hall.processes import Child, HouseError, Processes, until

SAY_READY = "import time, pathlib, sys; pathlib.Path(sys.argv[1]).touch(); time.sleep(60)"


def sleeper(tmp_path: Path, name: str = "sleeper", program: str = SAY_READY) -> Child:
    flag = tmp_path / f"{name}-ready"

    async def ready() -> bool:
        return flag.exists()

    return Child(name, [sys.executable, "-c", program, str(flag)], tmp_path / f"{name}.log", ready)


def runs(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return stat.exists() and ") Z" not in stat.read_text()


async def test_starts_and_stops(tmp_path: Path) -> None:
    child = sleeper(tmp_path)
    await child.start()
    assert child.alive
    assert await child.stop() == -signal.SIGTERM
    assert not child.alive


async def test_insists_when_sigterm_is_ignored(tmp_path: Path) -> None:
    child = sleeper(tmp_path, program=f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SAY_READY}")
    await child.start()
    assert await child.stop(grace_s=0.2) == -signal.SIGKILL


async def test_a_start_that_fails_shows_the_log(tmp_path: Path) -> None:
    child = sleeper(tmp_path, program="raise SystemExit('no such board')")
    with pytest.raises(HouseError, match=r"(?s)ended with 1.*no such board") as caught:
        await child.start()
    assert "sleeper" in str(caught.value)


async def test_restarts_what_died_alone_and_says_so(tmp_path: Path) -> None:
    said: list[str] = []
    processes = Processes(said.append)
    child = processes.add(sleeper(tmp_path))
    await processes.start()
    first = child.pid
    supervision = asyncio.create_task(processes.supervise())
    os.kill(first, signal.SIGKILL)

    async def again() -> bool:
        return child.alive and child.pid != first

    await until(again, 10, "restarted")
    assert any("ended by itself (-9)" in line for line in said)
    await child.kill()
    supervision.cancel()
    assert child.starts == 2


async def test_what_was_killed_on_purpose_stays_dead(tmp_path: Path) -> None:
    processes = Processes()
    victim, other = processes.add(sleeper(tmp_path, "victim")), processes.add(sleeper(tmp_path, "other"))
    await processes.start()
    supervision = asyncio.create_task(processes.supervise())
    await victim.kill()
    # The supervisor's next round restarts the other one: by then it has looked at the victim too.
    os.kill(other.pid, signal.SIGKILL)

    async def other_is_back() -> bool:
        return other.starts == 2 and other.alive

    await until(other_is_back, 10, "the other is back")
    assert (victim.alive, victim.starts) == (False, 1)
    supervision.cancel()
    await processes.stop()
    assert not other.alive


async def test_children_die_with_the_house(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    program = (
        "import asyncio, os, sys, pathlib\nfrom hall.processes import Child\n"
        "async def main():\n"
        "    sleep = [sys.executable, '-c', 'import time; time.sleep(60)']\n"
        "    child = Child('c', sleep, pathlib.Path(sys.argv[1] + '.log'))\n"
        "    await child.start()\n"
        "    pathlib.Path(sys.argv[1]).write_text(str(child.pid))\n"
        "    await asyncio.sleep(60)\n"
        "asyncio.run(main())\n"
    )

    async def started() -> bool:
        return pid_file.exists() and pid_file.read_text() != ""

    house = Child("house", [sys.executable, "-c", program, str(pid_file)], tmp_path / "house.log", started)
    await house.start()
    grandchild = int(pid_file.read_text())
    os.kill(house.pid, signal.SIGKILL)

    async def gone() -> bool:
        return not runs(grandchild)

    await until(gone, 5, "the grandchild died")
    await house.wait()


@pytest.mark.parametrize("name", ["mosquitto", "iotcore"])
async def test_each_broker_starts_dies_and_starts_again(tmp_path: Path, name: BrokerName) -> None:
    port = free_port()
    broker = make_broker(choose(name), tmp_path / "broker", port, tmp_path / "logs" / "broker.log")
    await broker.start()
    assert await answers(port)
    await broker.kill()
    assert not await answers(port)
    await broker.start()
    assert await broker.stop() in (0, -signal.SIGTERM)
