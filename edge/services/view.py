"""What the kiosk's pages are made from: plain, frozen, and without personal data."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from edge.cabinets import Place
from edge.services.print_view import PrintView
from edge.services.submission_view import SubmissionView

Language = Literal["zh", "en"]
SlipStatus = Literal["none", "printing", "printed", "failed", "unverified"]
Ending = Literal["done", "failed", "cancelled", "doubtful"]


class Screen(StrEnum):
    """Which story the screen tells; with `KioskView.step` it names the page."""

    HOME = "home"
    DEPOSIT = "deposit"
    SUBMISSION = "submission"
    PICKUP = "pickup"
    PRINT = "print"
    LOAD = "load"
    CLEAR = "clear"
    INSPECT = "inspect"
    SERVICE = "service"
    RELEASE = "release"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Message:
    """A key of the kiosk's texts with its parameters; `good` says that nothing is wrong."""

    key: str
    params: dict[str, int | str] = field(default_factory=dict)
    good: bool = False


@dataclass(frozen=True, slots=True)
class StaffView:
    """Who is signed in, and for what."""

    name: str
    rights: frozenset[str]


@dataclass(frozen=True, slots=True)
class HandInView:
    """What the forms of a hand-in show.

    `low`: a compartment low down is wished for. `size` was chosen; `low_size` is the size in which a low one is free,
    `waiting` whether places in the waiting list are given, `until` and `ahead` tell of the person's own place. `texts`
    are the authority's words about window and courier, by language.
    """

    size: str
    low: bool = False
    low_size: str | None = None
    waiting: bool = False
    until: datetime | None = None
    ahead: int = 0
    texts: tuple[tuple[str, str], tuple[str, str]] = (("", ""), ("", ""))


@dataclass(frozen=True, slots=True)
class ItemView:
    """The item of a trolley whose door is open: the `nth` of `total`."""

    title: str
    nth: int
    total: int


@dataclass(frozen=True, slots=True)
class KioskView:
    """The current screen.

    `step` is, before a visit: `home`, `materials`, `camera`, `drive`, `send`, `sent`, `give_up`,
    `size`, `reach`, `phone`, `full`, `wait`, `kept`, `number`, `code`, `qr`,
    `card`, `factor`, `print_identity`, `print_list`, `print_paper`, `print_job`,
    `sign_in`, `list`, `unknown`, `trolley`, `witness`, `technician`, `second`,
    `stock`, `stock_range`, `stock_void`, `stock_second`; during one:
    `opening`, `open`, `closed`; after it: `result`, and `ending` says which. `actions` are what the person may do
    now, of `confirmed`, `nothing`, `left`, `missing`, `wrong`, `reopen`, `says_open` (about compartment `doubted`),
    `says_shut`. `sizes` are those for which a compartment is free; `ways` how an item can be collected (`qr`,
    `card`) or a second factor be shown (`card`, `sms`) here and now. `seconds_left` counts to the idle time-out
    (None: it is not running), which is `idle_seconds` when somebody moves; `counting_down` says that it must be
    shown. `revision` rises with every change that a person would see. `count` is the number of pieces to confirm,
    `hand_in`, `submission` and `paper` are there on their forms,
    `prints` says that papers are printed here, `gathering` while a submission has begun;
    `takes_files`: `camera`, `drive`, as there are.
    """

    screen: Screen
    step: str
    language: Language
    revision: int
    sizes: frozenset[str] = frozenset()
    ways: frozenset[str] = frozenset()
    visit: UUID | None = None
    compartment: int | None = None
    receipt_number: str | None = None
    case_number: str | None = None
    ending: Ending | None = None
    at: datetime | None = None
    slip: SlipStatus = "none"
    number: int | None = None
    message: Message | None = None
    notice: Message | None = None
    actions: frozenset[str] = frozenset()
    doubted: int | None = None
    staff: StaffView | None = None
    service_minutes: int = 0
    seconds_left: int | None = None
    idle_seconds: int = 0
    counting_down: bool = False
    count: int | None = None
    hand_in: HandInView | None = None
    submission: SubmissionView | None = None
    item: ItemView | None = None
    trolley: bool = False
    gathering: bool = False
    takes_files: frozenset[str] = frozenset()
    prints: bool = False
    paper: PrintView | None = None


@dataclass(frozen=True, slots=True)
class LoadableCase:
    """A case whose item may be loaded here now."""

    case_number: str
    title: str
    size: str
    recipient_mask: str
    due: datetime | None
    low: bool = False


@dataclass(frozen=True, slots=True)
class CompartmentWork:
    """A compartment that waits for staff: to be cleared, or to be looked into."""

    number: int
    receipt_number: str | None
    case_number: str | None
    doubtful: bool = False
    overdue: bool = False
    withdrawn: bool = False
    reason: str = ""
    count: int | None = None


@dataclass(frozen=True, slots=True)
class CompartmentPicture:
    """One compartment as it is published: allocation from the store, door from its sensor, place from its cabinet."""

    number: int
    size: str
    allocation: Literal["free", "reserved", "occupied", "doubtful"]
    door: Literal["open", "closed", "unknown"]
    in_service: bool
    reason: str | None = None
    openings: int = 0
    maintenance_due: bool = False
    place: Place | None = None
