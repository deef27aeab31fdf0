"""The simulated machine: jobs one after another, sheets out of trays, an output where they lie until they are taken."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from edge.links.simulator_log import SyncedLog
from edge.paper_ports import Stock
from edge.printers.licence.simulator.moods import Moods

PENDING, PROCESSING, HALTED, CANCELED, ABORTED, COMPLETED = 3, 5, 6, 7, 8, 9
UNFINISHED = frozenset({PENDING, PROCESSING, HALTED})


@dataclass(slots=True)
class Tray:
    """What lies in a tray. The printer measures the size; the type is what somebody told its panel."""

    width_um: int
    height_um: int
    type: str
    sheets: int

    def holds(self, stock: Stock) -> bool:
        """Whether this is the paper that a job asks for."""
        return (self.width_um, self.height_um, self.type) == (stock.width_um, stock.height_um, stock.type)


@dataclass(slots=True)
class Job:
    """One job; the document is counted in bytes and dropped."""

    number: int
    name: str
    size: int
    stock: Stock | None
    state: int = PENDING
    reason: str = "none"
    impressions: int | None = 0


class Device:
    """A printer with its state in `folder`: `sheets.jsonl`, each sheet before it comes out, and `jobs.json`."""

    def __init__(self, folder: Path, trays: dict[str, Tray], moods: Moods | None = None) -> None:
        self._folder, self.trays, self.moods = folder, trays, moods or Moods()
        self._log = SyncedLog(folder / "sheets.jsonl")
        self.jobs: dict[int, Job] = {}
        self.next_number = 1
        self.output: list[str] = []
        self.powered = False
        self.changed: Callable[[], None] = lambda: None
        self._running: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()

    # Power

    def power_on(self) -> None:
        """Start; what it remembers of earlier jobs is its mood."""
        if self.powered:
            return
        self.jobs, self.next_number = {}, 1
        if self.moods.remembers != "nothing":
            self._recall()
        self.powered = True
        self._running = asyncio.get_running_loop().create_task(self._run(), name="licence-printer")

    def power_off(self) -> None:
        """Lose power at once: a sheet on its way stays inside."""
        self.powered = False
        if self._running is not None:
            self._running.cancel()
            self._running = None

    def close(self) -> None:
        """End for good."""
        self.power_off()
        self._log.close()

    def _recall(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            for said in json.loads((self._folder / "jobs.json").read_text()):
                stock = None if said["stock"] is None else Stock(**said["stock"])
                job = Job(**{**said, "stock": stock})
                if job.state in UNFINISHED:
                    job.state = PENDING if self.moods.remembers == "repeats" else ABORTED
                    job.reason = "none" if job.state == PENDING else "aborted-by-system"
                self.jobs[job.number] = job
        self.next_number = max(self.jobs, default=0) + 1

    def _keep(self) -> None:
        fresh = self._folder / "jobs.json.new"
        fresh.write_text(json.dumps([asdict(job) for job in self.jobs.values()]))
        fresh.replace(self._folder / "jobs.json")

    # Jobs

    def take(self, name: str, size: int, stock: Stock | None) -> Job:
        """Put a job behind those that wait."""
        job = Job(self.next_number, name, size, stock)
        self.next_number += 1
        self.jobs[job.number] = job
        self._noted()
        return job

    def cancel(self, job: Job) -> bool:
        """Drop a job that has not ended; a sheet that is on its way comes out all the same."""
        if job.state not in UNFINISHED:
            return False
        job.state, job.reason = CANCELED, "job-canceled-by-user"
        self._noted()
        return True

    @property
    def busy(self) -> bool:
        """Whether a job is not over."""
        return any(job.state in UNFINISHED for job in self.jobs.values())

    def wake(self) -> None:
        """Look again: a mood, a tray or the output is another one."""
        self._wake.set()
        self.changed()

    # Hands of persons

    def take_output(self) -> list[str]:
        """Take what lies in the output; the names of the jobs whose sheets these are."""
        taken, self.output = self.output, []
        self.wake()
        return taken

    def sees_paper(self) -> bool | None:
        """What the sensor at the output says."""
        said: dict[str, bool | None] = {"silent": None, "stuck_paper": True, "stuck_empty": False}
        return said.get(self.moods.sensor, bool(self.output))

    # The paper's way

    def halted_by(self) -> list[str]:
        """Return why nothing can be printed now, in IPP's keywords."""
        moods = self.moods
        troubles = {
            "media-jam-error": moods.jam and self._caught,
            "cover-open-error": moods.cover_open,
            "toner-empty-error": moods.toner == "empty",
            "output-area-full-error": moods.output_full,
            "paused": moods.paused,
        }
        return [keyword for keyword, there in troubles.items() if there]

    _caught = False

    def _missing(self, job: Job) -> list[str]:
        tray = self.trays.get(job.stock.tray) if job.stock else next(iter(self.trays.values()))
        if tray is None:
            return ["input-tray-missing-error"]
        if tray.sheets <= 0:
            return ["media-empty-error", "media-needed-error"]
        return ["media-needed-error"] if job.stock is not None and not tray.holds(job.stock) else []

    def reasons(self) -> list[str]:
        """Return what the printer says of itself."""
        working = [job for job in self.jobs.values() if job.state in {PROCESSING, HALTED}]
        missing = self._missing(working[0]) if working else []
        low = ["toner-low-warning"] if self.moods.toner == "low" else []
        empty = ["media-empty-report"] if any(tray.sheets <= 0 for tray in self.trays.values()) and not missing else []
        return [*self.halted_by(), *missing, *low, *empty]

    async def _run(self) -> None:
        while True:
            job = next((each for each in self.jobs.values() if each.state == PENDING), None)
            if job is None or self.moods.paused:
                self._wake.clear()
                await self._wake.wait()
            else:
                await self._print(job)
                self._noted()

    async def _print(self, job: Job) -> None:
        job.state = PROCESSING
        self._noted()
        await self._until_possible(job)
        if job.state == CANCELED:
            return
        await asyncio.sleep(self.moods.sheet_seconds)
        while self.moods.jam and job.state != CANCELED:
            await self._jammed(job)
        if job.state in {CANCELED, ABORTED}:
            return
        self._come_out(job)
        job.state, job.reason = COMPLETED, "job-completed-successfully"
        if self.moods.forgets:
            self.jobs.pop(job.number, None)

    async def _until_possible(self, job: Job) -> None:
        while job.state != CANCELED and (self.halted_by() or self._missing(job)):
            job.state, job.reason = HALTED, "printer-stopped"
            await self._changes()
        if job.state == HALTED:
            job.state, job.reason = PROCESSING, "job-printing"

    async def _jammed(self, job: Job) -> None:
        """A sheet is caught: it has left its tray and is worth nothing."""
        self._sheet(job, "spoiled")
        self._caught = True
        while self.moods.jam and job.state != CANCELED:
            job.state, job.reason = HALTED, "printer-stopped"
            await self._changes()
        self._caught = self.moods.jam
        if job.state == HALTED and not self.moods.jam_recovery:
            job.state, job.reason = ABORTED, "aborted-by-system"
        elif job.state == HALTED:
            await self._until_possible(job)

    async def _changes(self) -> None:
        self._noted()
        self._wake.clear()
        await self._wake.wait()

    def _come_out(self, job: Job) -> None:
        comes = self.moods.comes
        for _ in range({"sheet": 1, "uncounted": 1, "two_sheets": 2}.get(comes, 0)):
            self._sheet(job, "printed")
            self.output.append(job.name)
        job.impressions = {"nothing_counted": 0, "uncounted": None, "two_sheets": 2}.get(comes, 1)

    def _sheet(self, job: Job, what: str) -> None:
        tray = job.stock.tray if job.stock else next(iter(self.trays))
        self._log.write(what=what, job=job.name, number=job.number, tray=tray, bytes=job.size)
        if tray in self.trays:
            self.trays[tray].sheets -= 1

    def _noted(self) -> None:
        self._keep()
        self._wake.set()
        self.changed()


def sheets_of(folder: Path) -> Counter[str]:
    """Return how many sheets came out for each name of a job, spoiled ones apart as `NAME spoiled`."""
    counted: Counter[str] = Counter()
    with contextlib.suppress(FileNotFoundError):
        for line in (folder / "sheets.jsonl").read_text(encoding="utf-8").splitlines():
            said = json.loads(line)
            counted[said["job"] if said["what"] == "printed" else f"{said['job']} {said['what']}"] += 1
    return counted
