"""A few cases of `python -m tests.proofs prints`, and its judge, which sees each wrong that it is there for."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import pytest

from contract.events import PaperTaken, PrintDone, PrintUnverified
from edge.core import printing
from edge.core.printing import PrintJob, PrintStep
from edge.store.unit_of_work import Store, Transaction
from tests.paper_issuer import CLOCK, KIND, TRAY, prepare
from tests.proofs.prints import Case, play
from tests.proofs.prints_judge import Judge

JOB = PrintJob(UUID(int=1), UUID(int=9), "received", "CERT-9", KIND, "nd-1")
DOUBLE_JOB = "DOUBLE: two jobs of one order were printed"
DOUBLE_SHEET = "DOUBLE: two sheets of one job, and nobody was called"


@pytest.mark.parametrize(
    "case",
    [
        Case("sensor", (("fdatasync", 6),)),
        Case("silent after taking the job", (("fdatasync", 5), ("fdatasync", 4))),
        Case("slow", (("fdatasync", 14),), (2, 0.02, "repeats")),
    ],
    ids=str,
)
async def test_papers_come_out_once_whatever_is_killed(case: Case, tmp_path: Path) -> None:
    played = await play(case, tmp_path / "run")
    assert played.wrong == []
    assert played.kills == len(case.kills)
    assert played.power_cuts == (case.power is not None)
    assert played.judged == played.kills + 1


class Disk:
    """The disks of a station and a printer, written as a run would leave them; right until one says otherwise."""

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder, self.store = folder, store
        (folder / "printer").mkdir()

    def sheets(self, *names: str, tray: str = TRAY) -> None:
        lines = [json.dumps({"what": "printed", "job": name, "tray": tray}) + "\n" for name in names]
        (self.folder / "printer" / "sheets.jsonl").write_text("".join(lines))

    async def job(self, *, step: PrintStep, job: PrintJob = JOB) -> None:
        """Bring a job to a step by the station's own rules, events and all."""

        def work(tx: Transaction) -> None:
            tx.carry_out_print(printing.reserve(job, tx.blanks(), TRAY))
            if step is PrintStep.FAILED:
                held = tx.print_job(job.id)
                assert held is not None
                return tx.carry_out_print(printing.never_moved(held, tx.blanks(), "away"))
            for rule in (printing.sending, lambda each: printing.sent(each, 1)):
                held = tx.print_job(job.id)
                assert held is not None
                tx.carry_out_print(rule(held))
            held = tx.print_job(job.id)
            assert held is not None
            if step is PrintStep.UNVERIFIED:
                tx.carry_out_print(printing.doubt(held, tx.blanks(), "jam"))
                tx.emit(PrintUnverified(job=job.id, layout="received"))
            if step is PrintStep.TAKEN:
                done = printing.printed(held, tx.blanks())
                tx.carry_out_print(done)
                tx.emit(PrintDone(job=job.id, layout="received"))
                tx.carry_out_print(printing.handed_over(done.job, taken=True))
                tx.emit(PaperTaken(job=job.id, layout="received"))
            return None

        await self.store.transact(work)


@pytest.fixture
async def disk(tmp_path: Path) -> Disk:
    await prepare(tmp_path)
    for path in (tmp_path / "papers").iterdir():
        path.unlink()
    return Disk(tmp_path, await Store.open(tmp_path / "station.db", CLOCK))


async def _looked(disk: Disk) -> list[str]:
    await disk.store.close()
    judge = Judge(disk.folder)
    judge.look()
    return judge.wrong


async def test_what_is_right_is_called_right(disk: Disk) -> None:
    disk.sheets(JOB.name)
    await disk.job(step=PrintStep.TAKEN)
    await disk.store.close()
    judge = Judge(disk.folder)
    judge.at_the_end(1)
    assert judge.wrong == []


async def test_two_papers_of_one_order_are_seen(disk: Disk) -> None:
    disk.sheets("nd-1", "nd-2")
    await disk.job(step=PrintStep.TAKEN)
    other = PrintJob(UUID(int=2), JOB.order, "received", "CERT-9", KIND, "nd-2")
    await disk.job(step=PrintStep.TAKEN, job=other)
    assert DOUBLE_JOB in await _looked(disk)


@pytest.mark.parametrize(("step", "wrong"), [(PrintStep.TAKEN, [DOUBLE_SHEET]), (PrintStep.UNVERIFIED, [])])
async def test_two_sheets_of_one_job_are_for_staff(disk: Disk, step: PrintStep, wrong: list[str]) -> None:
    disk.sheets("nd-1", "nd-1")
    await disk.job(step=step)
    assert await _looked(disk) == wrong


async def test_a_paper_that_never_came_out_is_seen(disk: Disk) -> None:
    await disk.job(step=PrintStep.TAKEN)
    assert await _looked(disk) == ["counted as printed, and no sheet came out"]


async def test_a_failed_job_whose_sheet_is_there_is_seen(disk: Disk) -> None:
    disk.sheets("nd-1")
    await disk.job(step=PrintStep.FAILED)
    assert await _looked(disk) == ["given up as failed, and its sheet came out"]


async def test_a_sheet_of_nobody_is_seen(disk: Disk) -> None:
    disk.sheets("nd-7")
    assert await _looked(disk) == ["a sheet of a job that the station does not know"]


@pytest.mark.parametrize(
    ("sql", "wrong"),
    [
        ("DELETE FROM blanks WHERE number = 'A0008'", "a blank is missing, or a new one there"),
        ("UPDATE blanks SET place = 'lost' WHERE number = 'A0008'", "the ledger does not balance"),
        (
            "UPDATE blanks SET place = 'reserved' WHERE number = 'A0008'",
            "held blanks and open jobs do not fit together",
        ),
        (
            "UPDATE blanks SET certificate = 'CERT-8' WHERE number = 'A0001'",
            "printed blanks and certificates do not fit together",
        ),
    ],
)
async def test_a_ledger_that_does_not_balance_is_seen(disk: Disk, sql: str, wrong: str) -> None:
    disk.sheets(JOB.name)
    await disk.job(step=PrintStep.TAKEN)
    await disk.store.transact(lambda tx: tx._connection.execute(sql))
    assert wrong in await _looked(disk)


async def test_another_number_than_on_the_sheet_a_content_and_an_untold_end_are_seen(disk: Disk) -> None:
    disk.sheets("nd-0", JOB.name)
    await disk.job(step=PrintStep.TAKEN)
    (disk.folder / "papers" / "one").touch()
    await disk.store.close()
    judge = Judge(disk.folder)
    judge.at_the_end(2)
    assert {
        "a certificate is bound to another sheet than it is on",
        "a content is still on the disk",
        "an order is not out, once",
        "print_done was not told once for each order",
    } <= set(judge.wrong)
