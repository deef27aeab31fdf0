"""Papers through the real driver out of a simulated printer: what fails, who is called, and what is printed again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4

import pytest

from edge.core.printing import PrintStep
from edge.core.stock import Place
from edge.errors import StoreBusyError
from edge.printers.layouts.press import open_press
from edge.printers.licence.driver import Settings, open_ipp_printer
from edge.printers.licence.simulator import Device, SimulatedLicencePrinter, Tray, sheets_of
from edge.services.devices import Devices
from edge.services.issue_papers import IssuePapers
from edge.services.paper_parts import Machine, Patience
from edge.services.print_orders import PrintOrders
from edge.services.printer_alarm import DEVICE
from edge.services.refusals import RefusedError
from edge.store.files import Files
from edge.store.unit_of_work import Store, Transaction
from tests.paper_issuer import CLOCK, KEY, PLAIN, STAFF, TRAY, TRAYS, an_order_of, believed, prepare
from tests.print_orders import an_order, put_in_force, told
from tests.unit.edge.printers.layouts.examples import EXAMPLES

T = TypeVar("T")
ENDS = (PrintStep.PRINTED, PrintStep.UNVERIFIED, PrintStep.FAILED, PrintStep.TAKEN, PrintStep.LEFT)


async def until(probe: Callable[[], Awaitable[bool]]) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(5):
        while not await probe():  # noqa: ASYNC110 - neither a disk nor a printer sets an event
            await asyncio.sleep(0.01)


class Sensor:
    """Sees what lies in the output of the simulated printer."""

    def __init__(self, device: Device) -> None:
        self._device = device

    async def paper(self) -> bool | None:
        return self._device.sees_paper()


class UncertainStore(Store):
    """A store whose disk refuses the commits whose turn is in `refuses`, counted from 1."""

    refuses: frozenset[int] = frozenset()
    turn = 0

    async def transact(self, work: Callable[[Transaction], T]) -> T:
        self.turn += 1
        if self.turn in self.refuses:
            raise StoreBusyError("the disk is full")
        return await super().transact(work)


class Stand:
    """A station with three orders, and its printer."""

    def __init__(self, folder: Path, store: UncertainStore, files: Files, printer: SimulatedLicencePrinter) -> None:
        self.folder, self.store, self.files, self.printer = folder, store, files, printer
        self.orders = PrintOrders(store, files, believed)
        self.issue: IssuePapers
        self.devices = Devices(store)

    def mood(self, **moods: object) -> None:
        for name, value in moods.items():
            self.printer.device.moods.set(name, value)
        self.printer.device.wake()

    async def start(self, number: int = 0) -> UUID:
        return await self.issue.start(an_order_of(number), uuid4())

    async def ends(self, job: UUID, *steps: PrintStep) -> str:
        """Wait until it is there; return the reason."""
        async with asyncio.timeout(5):
            while (seen := await self.issue.view(job)).step not in (steps or ENDS):  # noqa: ASYNC110 - polled by itself
                await asyncio.sleep(0.01)
        assert not steps or seen.step in steps
        return seen.reason

    async def jobs(self, number: int = 0) -> list[PrintStep]:
        order = an_order_of(number).order
        return [job.step for job in await self.store.read(lambda tx: tx.jobs_of_order(order))]

    async def places(self) -> dict[str, Place]:
        return {each.number: each.place for each in (await self.store.read(lambda tx: tx.blanks())).values()}

    @property
    def sheets(self) -> int:
        return sum(count for name, count in sheets_of(self.folder / "printer").items() if "spoiled" not in name)

    async def kept(self, wanted: int) -> None:
        """Wait until that many contents are on the disk."""

        async def there() -> bool:
            return len(list(await self.files.all())) == wanted

        await until(there)


@pytest.fixture
async def stand(tmp_path: Path) -> AsyncIterator[Stand]:
    await prepare(tmp_path)
    trays = {TRAY: Tray(297_000, 420_000, "secure", 8), PLAIN: Tray(210_000, 297_000, "stationery", 8)}
    device = Device(tmp_path / "printer", trays)
    device.moods.sheet_seconds = 0.02
    machine = SimulatedLicencePrinter(device, tmp_path / "ipp")
    machine.plug()
    settings = Settings(answer_seconds=0.2)
    async with (
        await UncertainStore.open(tmp_path / "station.db", CLOCK) as store,
        open_press() as press,
        open_ipp_printer("licence", "ipp://localhost/ipp/print", settings, tmp_path / "ipp") as printer,
    ):
        with closing(Files(tmp_path / "papers", KEY)) as files:
            stand = Stand(tmp_path, store, files, machine)
            patience = Patience(poll_s=0.01, print_s=0.5, take_s=0.3, idle_s=0.05)
            stand.issue = IssuePapers(
                store, Machine(printer, TRAYS, Sensor(device)), press, stand.orders, CLOCK,
                new_id=uuid4, patience=patience, devices=stand.devices,
            )  # fmt: skip
            running = asyncio.create_task(stand.issue.run())
            yield stand
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
    machine.unplug()
    device.close()


async def test_a_paper_is_printed_taken_told_and_forgotten(stand: Stand) -> None:
    job = await stand.start()
    await stand.ends(job, PrintStep.PRINTED)
    with pytest.raises(RefusedError, match="print_already"):
        await stand.start()
    with pytest.raises(RefusedError, match="print_output_full"):
        await stand.start(1)
    stand.printer.device.take_output()
    await stand.ends(job, PrintStep.TAKEN)
    events = [kind for kind, data in await told(stand.store) if data.get("job") == str(job)]
    assert events == ["print_requested", "print_done", "paper_taken"]
    await stand.kept(2)
    assert stand.sheets == 1


async def test_a_paper_that_nobody_takes_is_left(stand: Stand) -> None:
    job = await stand.start()
    await stand.ends(job, PrintStep.LEFT)
    await stand.kept(2)


async def test_who_walks_away_in_the_middle_of_sending_leaves_no_job_behind(stand: Stand) -> None:
    stand.mood(answers="not_to_jobs")
    asked = asyncio.create_task(stand.start())

    async def taken_by_the_printer() -> bool:
        return bool(stand.printer.device.jobs)

    async def printed() -> bool:
        return await stand.jobs() == [PrintStep.PRINTED]

    await until(taken_by_the_printer)
    asked.cancel()
    await until(printed)
    assert stand.sheets == 1


@pytest.mark.parametrize("turn", range(1, 6))
async def test_whatever_commit_the_disk_refuses_the_paper_comes_out_once(stand: Stand, turn: int) -> None:
    stand.store.turn, stand.store.refuses = 0, frozenset({turn, turn + 1})
    with suppress(StoreBusyError):
        await stand.start()
    async with asyncio.timeout(5):
        while not {PrintStep.TAKEN, PrintStep.LEFT} & set(await stand.jobs()):
            job = next(iter(await stand.store.read(lambda tx: tx.open_print_jobs())), None)
            if job is None or job.step is PrintStep.PRINTED:
                stand.printer.device.take_output()
            if job is None:
                with suppress(RefusedError, StoreBusyError):
                    await stand.start()
            elif job.step is PrintStep.UNVERIFIED:
                await stand.issue.decide(job.id, "printed" if stand.sheets else "blank", STAFF)
            await asyncio.sleep(0.01)
    assert stand.sheets == 1
    assert list((await stand.places()).values()).count(Place.PRINTED) == 1


async def test_a_jam_is_a_doubt_and_the_printer_does_not_use_the_next_number(stand: Stand) -> None:
    stand.mood(jam=True)
    job = await stand.start()
    assert await stand.ends(job, PrintStep.UNVERIFIED) == "jam"
    stand.mood(jam=False)
    with pytest.raises(RefusedError, match="stock_to_inspect"):
        await stand.start(1)
    with pytest.raises(RefusedError, match="stock_two_persons"):
        await stand.issue.decide(job, "spoiled", (STAFF[0], STAFF[0]))
    await stand.issue.decide(job, "spoiled", STAFF)
    again = await stand.start()
    await stand.ends(again, PrintStep.PRINTED)
    assert (await stand.issue.view(again)).blank == "A0002"
    places = await stand.places()
    assert (places["A0001"], places["A0002"], stand.sheets) == (Place.VOIDED, Place.PRINTED, 1)


@pytest.mark.parametrize("remembers", ["ended", "nothing", "repeats"])
async def test_a_printer_that_lost_its_power_is_not_believed(stand: Stand, remembers: str) -> None:
    stand.mood(remembers=remembers, sheet_seconds=0.2)
    job = await stand.start()
    stand.printer.unplug()

    async def noticed() -> bool:
        return (await stand.issue.view(job)).faults == ("away",)

    await until(noticed)
    stand.printer.plug()
    assert await stand.ends(job, PrintStep.UNVERIFIED) in {"was_away", "job_unknown"}
    with pytest.raises(RefusedError, match="print_unverified"):
        await stand.start()


async def test_nothing_is_called_blank_while_the_printer_may_still_print_it(stand: Stand) -> None:
    """Switched off with the job in its memory, it would print when it is on again: a second sheet of one number."""
    stand.mood(remembers="repeats", sheet_seconds=0.3)
    job = await stand.start()
    stand.printer.unplug()
    await stand.ends(job, PrintStep.UNVERIFIED)
    with pytest.raises(RefusedError, match="print_away"):
        await stand.issue.decide(job, "blank")
    stand.mood(paused=True)
    stand.printer.plug()
    await stand.issue.decide(job, "blank")
    stand.mood(paused=False)
    again = await stand.start()
    await stand.ends(again, PrintStep.PRINTED)
    assert (stand.sheets, (await stand.issue.view(again)).blank) == (1, "A0001")


@pytest.mark.parametrize(
    ("moods", "reason"),
    [
        ({"comes": "nothing"}, "no_paper_seen"),
        ({"comes": "nothing_counted"}, "without_paper"),
        ({"comes": "two_sheets"}, "several_sheets"),
        ({"comes": "uncounted"}, "not_counted"),
        ({"sensor": "silent"}, "sensor_silent"),
        ({"forgets": True}, "job_unknown"),
    ],
)
async def test_without_evidence_a_person_looks(stand: Stand, moods: dict[str, object], reason: str) -> None:
    stand.mood(**moods)
    job = await stand.start()
    assert await stand.ends(job, PrintStep.UNVERIFIED) == reason
    assert (await stand.places())["A0001"] is Place.TO_INSPECT
    await stand.kept(3)


async def test_a_person_who_holds_the_paper_ends_the_doubt(stand: Stand) -> None:
    stand.mood(comes="uncounted")
    job = await stand.start()
    await stand.ends(job, PrintStep.UNVERIFIED)
    await stand.issue.decide(job, "printed")
    assert await stand.jobs() == [PrintStep.TAKEN]
    await stand.kept(2)


async def test_contents_are_wiped_again_until_they_are_gone(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    wipe, refused = stand.orders.wipe, [StoreBusyError("busy"), StoreBusyError("busy")]

    async def uncertain(order: UUID) -> None:
        if refused:
            raise refused.pop()
        await wipe(order)

    monkeypatch.setattr(stand.orders, "wipe", uncertain)
    job = await stand.start()
    await stand.ends(job, PrintStep.PRINTED)
    await stand.issue.taken(job)
    await stand.kept(2)


async def test_two_at_once_are_one_after_the_other(stand: Stand) -> None:
    first = asyncio.create_task(stand.start())
    await asyncio.sleep(0)
    with pytest.raises(RefusedError, match="print_busy"):
        await asyncio.gather(first, stand.start(1))


async def test_a_printer_that_is_off_uses_up_nothing(stand: Stand) -> None:
    stand.printer.unplug()
    with pytest.raises(RefusedError, match="print_away"):
        await stand.start()
    assert set((await stand.places()).values()) == {Place.TRAY}
    assert await stand.jobs() == []


async def test_a_printer_that_cannot_print_uses_up_nothing(stand: Stand) -> None:
    stand.mood(toner="empty")
    with pytest.raises(RefusedError, match="print_toner_empty"):
        await stand.start()
    assert set((await stand.places()).values()) == {Place.TRAY}
    assert await stand.jobs() == []


async def test_a_queue_that_stays_paused_calls_a_technician_before_a_citizen_comes(stand: Stand) -> None:
    async def out_of_order() -> bool:
        return (await stand.devices.all_failed()).get(DEVICE) == "paused"

    async def in_order() -> bool:
        return DEVICE not in await stand.devices.all_failed()

    stand.mood(paused=True)
    await until(out_of_order)
    stand.mood(paused=False)
    await until(in_order)


async def test_a_jam_calls_a_technician(stand: Stand) -> None:
    stand.mood(jam=True)
    await stand.ends(await stand.start(), PrintStep.UNVERIFIED)
    assert await stand.devices.all_failed() == {DEVICE: "jam"}


async def test_what_is_done_with_a_decision_is_one_commit(stand: Stand) -> None:
    stand.mood(comes="uncounted")
    job = await stand.start()
    await stand.ends(job, PrintStep.UNVERIFIED)

    def refused(_tx: Transaction) -> None:
        raise RefusedError("blank_two_persons")

    with pytest.raises(RefusedError, match="blank_two_persons"):
        await stand.issue.decide(job, "printed", also=refused)
    assert await stand.jobs() == [PrintStep.UNVERIFIED]
    await stand.issue.decide(job, "printed", also=lambda tx: tx.set_meta("looked", "yes"))
    assert await stand.store.read(lambda tx: tx.meta("looked", "")) == "yes"


async def test_older_papers_are_given_back_first(stand: Stand) -> None:
    with pytest.raises(RefusedError, match="print_not_returned"):
        await stand.issue.start(an_order_of(0).model_copy(update={"returns": ("OLD-1",)}), uuid4())
    assert set((await stand.places()).values()) == {Place.TRAY}


async def test_a_preview_is_a_picture_and_uses_up_nothing(stand: Stand) -> None:
    facts = json.dumps(EXAMPLES["licence_original"]).encode()
    order = an_order(facts)
    await put_in_force(stand.store, order, version=2)
    await stand.orders.keep(facts)
    (page,) = await stand.issue.preview(order)
    assert page.startswith(b"\x89PNG")
    assert await stand.store.read(lambda tx: tx.jobs_of_order(order.order)) == []
    wrong = an_order(b"{}")
    await put_in_force(stand.store, wrong, version=3)
    await stand.orders.keep(b"{}")
    assert await stand.issue.preview(wrong) == []
    with pytest.raises(RefusedError, match="print_layout"):
        await stand.issue.start(wrong, uuid4())
