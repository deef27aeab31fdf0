"""The services that the desk speaks to, and the lists that it shows to staff."""

from __future__ import annotations

from dataclasses import dataclass

from edge.ports import DocumentCamera, UsbDrive
from edge.services.care_for_items import CareForItems
from edge.services.clear_deposits import ClearDeposits
from edge.services.collect_item import CollectItem
from edge.services.deposit_documents import DepositDocuments
from edge.services.desk_service import ServiceParts
from edge.services.devices import Devices
from edge.services.door_control import Doors
from edge.services.door_watch import DoorWatch
from edge.services.issue_papers import IssuePapers
from edge.services.keep_stock import KeepStock
from edge.services.load_items import LoadItems
from edge.services.load_trolley import LoadTrolley
from edge.services.maintain_station import MaintainStation
from edge.services.paper_slips import PaperSlips
from edge.services.picture import Picture
from edge.services.print_orders import PrintOrders
from edge.services.print_view import PaperView
from edge.services.slips import Slips
from edge.services.staff import Staff
from edge.services.submissions import Submissions
from edge.services.view import CompartmentWork, LoadableCase
from edge.services.visits import Visits
from edge.services.waiting_list import WaitingList
from edge.store.unit_of_work import Store


@dataclass(frozen=True, slots=True)
class StaffWork:
    """What waits for the person who is signed in."""

    loadable: list[LoadableCase]
    to_clear: list[CompartmentWork]
    to_inspect: list[CompartmentWork]
    to_print: list[PaperView]


@dataclass(frozen=True, slots=True)
class PrintParts:
    """What prints papers: their orders, the queue of the printer, and slips for what did not come out."""

    orders: PrintOrders
    papers: IssuePapers
    slips: PaperSlips
    stock: KeepStock | None = None


@dataclass(frozen=True, slots=True)
class Services:
    """Everything the desk speaks to."""

    store: Store
    doors: Doors
    watch: DoorWatch
    visits: Visits
    picture: Picture
    slips: Slips
    deposit: DepositDocuments
    waiting: WaitingList
    pickup: CollectItem
    load: LoadItems
    trolley: LoadTrolley
    clear: ClearDeposits
    care: CareForItems
    staff: Staff
    maintain: MaintainStation
    service: ServiceParts
    devices: Devices
    submissions: Submissions
    camera: DocumentCamera | None
    drive: UsbDrive | None
    prints: PrintParts | None
