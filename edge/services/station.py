"""All services of one station, put together from store, doors and printer; the composition root adds the devices."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID, uuid4

from contract.ids import RandomBelow
from edge.cabinets import Fitting
from edge.clock import Clock
from edge.paper_ports import Press, ReceiptPrinter
from edge.ports import BarcodeReader, DocumentCamera, IdReader, LockBoard, UsbDrive
from edge.services.care_for_items import CareForItems
from edge.services.changes import Changes
from edge.services.clear_deposits import ClearDeposits
from edge.services.collect_item import CODES_ONLY, CollectItem, Proofs
from edge.services.contradictions import Contradictions
from edge.services.deposit_documents import DepositDocuments, Sealer
from edge.services.desk import Desk
from edge.services.desk_service import ServiceParts
from edge.services.devices import Devices
from edge.services.door_control import Channel, Doors
from edge.services.door_watch import LEFT_OPEN_ALARM_S, LEFT_OPEN_PROMPT_S, DoorWatch
from edge.services.issue_papers import IssuePapers
from edge.services.keep_stock import KeepStock
from edge.services.load_items import LoadItems
from edge.services.load_trolley import LoadTrolley
from edge.services.maintain_station import MaintainStation
from edge.services.one_time_codes import OneTimeCodes
from edge.services.paper_parts import PATIENT, Machine, Patience
from edge.services.paper_slips import PaperSlips
from edge.services.parts import PrintParts, Services
from edge.services.pickup_codes import PickupCodes
from edge.services.picture import Picture
from edge.services.print_orders import PrintOrders
from edge.services.recovery import recover
from edge.services.self_test import SelfTest
from edge.services.service_visits import ServiceVisits
from edge.services.slips import RETRY_SECONDS, Slips
from edge.services.staff import Staff
from edge.services.submissions import Submissions
from edge.services.upkeep import Upkeep
from edge.services.view import CompartmentPicture
from edge.services.visits import OPENS_WITHIN_S, Visits
from edge.services.waiting_list import WaitingList
from edge.services.wrong_tries import Sleep
from edge.store.compartments import Fitted
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store


@dataclass(frozen=True, slots=True)
class FittedCompartment:
    """One compartment of the station file: its place in the cabinet and on the wire."""

    fitted: Fitted
    channel: Channel
    fitting: Fitting | None = None


@dataclass(frozen=True, slots=True)
class Materials:
    """Where documents are kept, and what brings them."""

    shelf: Shelf
    camera: DocumentCamera | None = None
    drive: UsbDrive | None = None


@dataclass(frozen=True, slots=True)
class Printing:
    """What papers are printed with; without a machine there is only the list of what would be printed."""

    orders: PrintOrders
    press: Press
    machine: Machine | None = None
    patience: Patience = PATIENT


@dataclass(frozen=True, slots=True)
class Timings:
    """Seconds; tests shorten them."""

    idle_s: int = 60
    opens_within_s: float = OPENS_WITHIN_S
    prompt_s: float = LEFT_OPEN_PROMPT_S
    alarm_s: float = LEFT_OPEN_ALARM_S
    slip_retry_s: float = RETRY_SECONDS


class Station:
    """The running services. `start` before anything else, then `run` beside the kiosk and the uplink."""

    def __init__(
        self,
        store: Store,
        boards: Mapping[str, LockBoard],
        printer: ReceiptPrinter | None,
        compartments: Iterable[FittedCompartment],
        materials: Materials,
        clock: Clock,
        sealer: Sealer,
        *,
        boot: int,
        code_key: bytes,
        names: tuple[str, str],
        timings: Timings = Timings(),
        proofs: Proofs = CODES_ONLY,
        printing: Printing | None = None,
        new_id: Callable[[], UUID] = uuid4,
        random_below: RandomBelow = secrets.randbelow,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        listed, self._store, self.clock, self._materials = list(compartments), store, clock, materials
        self._fitted, self.devices = [each.fitted for each in listed], Devices(store)
        self.doors = Doors(boards, {each.fitted.number: each.channel for each in listed}, clock)
        self.picture, self.upkeep = self._for_compartments(listed)
        self.slips = Slips(store, printer, self.devices, names=names, new_id=new_id, retry_seconds=timings.slip_retry_s)
        self.visits = Visits(
            store, self.doors, self.picture, self.slips, clock,
            boot=boot, new_id=new_id, opens_within_s=timings.opens_within_s,
        )  # fmt: skip
        contradictions = Contradictions(store, self.doors, self.visits, self.picture, clock)
        self.watch = self._watch(contradictions, timings)
        self.staff = Staff(store, clock, new_id=new_id, sleep=sleep)
        self.prints = self._for_papers(printing, new_id, random_below)
        self.service = self._for_technicians(contradictions, new_id, (proofs.reader, proofs.scanner))
        deposit = DepositDocuments(store, self.visits, sealer, new_id=new_id, random_below=random_below)
        self.codes = codes = self._for_codes(sealer, proofs.station, code_key, new_id, random_below)
        self.care = CareForItems(store, self.picture, codes, clock)
        one_time = OneTimeCodes(store, sealer, clock, code_key=code_key, new_id=new_id, random_below=random_below)
        pickup = CollectItem(
            store, self.visits, clock, one_time,
            code_key=code_key, new_id=new_id, random_below=random_below, proofs=proofs, sleep=sleep,
        )  # fmt: skip
        self.waiting = WaitingList(store, self.slips, sealer, clock, new_id=new_id, random_below=random_below)
        load = LoadItems(store, self.visits, codes, clock, new_id=new_id)
        self.trolley = self._for_trolleys(load, new_id, random_below)
        self.submissions = self._for_submissions(sealer, new_id, random_below)
        its = self._services(deposit, pickup, load, clock, new_id)
        self.desk = Desk(its, clock, idle_seconds=timings.idle_s, alarm_s=timings.alarm_s)

    def _for_codes(
        self, sealer: Sealer, station: str, code_key: bytes, new_id: Callable[[], UUID], random_below: RandomBelow
    ) -> PickupCodes:
        return PickupCodes(sealer, station=station, code_key=code_key, new_id=new_id, random_below=random_below)

    def _for_papers(
        self, given: Printing | None, new_id: Callable[[], UUID], random_below: RandomBelow
    ) -> PrintParts | None:
        if given is None:
            return None
        papers = IssuePapers(
            self._store, given.machine, given.press, given.orders, self.clock,
            new_id=new_id, patience=given.patience, devices=self.devices,
        )  # fmt: skip
        slips = PaperSlips(self._store, self.slips, random_below=random_below, new_id=new_id)
        trays = {} if given.machine is None else given.machine.numbered()
        stock = KeepStock(self._store, trays, papers.decide) if trays else None
        return PrintParts(given.orders, papers, slips, stock)

    def _for_compartments(self, listed: list[FittedCompartment]) -> tuple[Picture, Upkeep]:
        fittings = {each.fitted.number: each.fitting for each in listed if each.fitting is not None}
        picture = Picture(self._store, self.doors, fittings)
        return picture, Upkeep(self._store, fittings, picture.changes)

    def _for_submissions(self, sealer: Sealer, new_id: Callable[[], UUID], random_below: RandomBelow) -> Submissions:
        shelf = self._materials.shelf
        return Submissions(self._store, shelf, self.slips, sealer, new_id=new_id, random_below=random_below)

    def _services(
        self,
        deposit: DepositDocuments,
        pickup: CollectItem,
        load: LoadItems,
        clock: Clock,
        new_id: Callable[[], UUID],
    ) -> Services:
        return Services(
            store=self._store,
            doors=self.doors,
            watch=self.watch,
            visits=self.visits,
            picture=self.picture,
            slips=self.slips,
            deposit=deposit,
            waiting=self.waiting,
            pickup=pickup,
            load=load,
            trolley=self.trolley,
            clear=ClearDeposits(self.visits, self.picture, clock, new_id=new_id),
            care=self.care,
            staff=self.staff,
            maintain=self.maintain,
            service=self.service,
            devices=self.devices,
            submissions=self.submissions,
            camera=self._materials.camera,
            drive=self._materials.drive,
            prints=self.prints,
        )

    def _watch(self, contradictions: Contradictions, timings: Timings) -> DoorWatch:
        return DoorWatch(
            self._store,
            self.doors,
            self.visits,
            self.picture,
            self.devices,
            contradictions,
            self.clock,
            prompt_s=timings.prompt_s,
            alarm_s=timings.alarm_s,
        )

    def _for_trolleys(self, load: LoadItems, new_id: Callable[[], UUID], random_below: RandomBelow) -> LoadTrolley:
        return LoadTrolley(
            self._store,
            self.visits,
            self.doors,
            self.picture,
            self.slips,
            load,
            new_id=new_id,
            random_below=random_below,
        )

    def _for_technicians(
        self,
        contradictions: Contradictions,
        new_id: Callable[[], UUID],
        readers: tuple[IdReader | BarcodeReader | None, ...],
    ) -> ServiceParts:
        maintain = MaintainStation(self.clock)
        visits = ServiceVisits(self._store, self.visits, self.doors, self.picture, maintain, new_id=new_id)
        return ServiceParts(
            doors=self.doors,
            picture=self.picture,
            devices=self.devices,
            slips=self.slips,
            staff=self.staff,
            maintain=maintain,
            visits=visits,
            self_test=SelfTest(
                self._store,
                self.doors,
                self.slips,
                self.devices,
                self._materials.camera,
                readers,
                self._materials.drive,
            ),
            contradictions=contradictions,
            upkeep=self.upkeep,
            has_camera=self._materials.camera is not None,
            has_stock=self.prints is not None and self.prints.stock is not None,
            has_licences=self.prints is not None and self.prints.papers.has_printer,
        )

    @property
    def maintain(self) -> MaintainStation:
        """Whether service mode is armed, and by whom."""
        return self.service.maintain

    async def start(self) -> None:
        """Read every door and recover what a crash interrupted; opens nothing."""
        await recover(self._store, self.doors, self.visits, self.watch, self.picture, self._fitted)
        await self.trolley.recover()
        await self.submissions.recover()
        await self._materials.shelf.sweep()
        await self.desk.adopt_settings()

    async def run(self) -> None:
        """Run until cancelled; an error that nobody expected ends it, so that the process starts afresh."""
        try:
            async with asyncio.TaskGroup() as group:
                for part in (self.doors, self.visits, self.watch, self.slips, self.desk, self.care, self.upkeep):
                    group.create_task(part.run())
                if self.prints is not None:
                    group.create_task(self.prints.papers.run())
        finally:
            self.staff.close()

    async def compartments_state(self) -> list[CompartmentPicture]:
        """Return the live picture for the hub; `compartments_changed` tells when to ask again."""
        return await self.picture.published()

    @property
    def compartments_changed(self) -> Changes:
        """Counts changes of allocation, service and doors."""
        return self.picture.changes
