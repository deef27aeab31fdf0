"""One compartment: who holds it, what lies in it, and whether its door was seen open since.

Pure. Every transition returns a new `Compartment` or raises `BugError`; the door's reading comes in as an argument.
The one rule behind all of them: once a door was seen open, or could not be read, only a person's word about what lies
inside (staff, or a recipient who says the item is taken) makes the compartment free again; time alone never does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from contract.events import Purpose
from edge.errors import BugError, NoneFitsError
from edge.ports import Door

SIZES = ("s", "m", "l")
NOT_FITTED = "not_fitted"
_HANDS_OF_STAFF = frozenset({Purpose.LOAD, Purpose.CLEAR, Purpose.INSPECT, Purpose.SERVICE})
_LOOKING = frozenset({Purpose.INSPECT, Purpose.SERVICE})


class Allocation(StrEnum):
    """Whose the space inside is; separate from the door and from being in service."""

    FREE = "free"
    RESERVED = "reserved"
    OCCUPIED = "occupied"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Deposit:
    """A citizen's paper, known by its receipt number; `count` pieces, as the citizen said."""

    receipt_number: str
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """An issued item that waits for its recipient until `due`; a `withdrawn` one waits for staff alone.

    `expired_due` is the end of the period that the station has seen pass: a later `due` makes it collectable again.
    `extended`: its recipient has prolonged it once.
    """

    case_number: str
    due: datetime | None = None
    recipient_unknown: bool = False
    withdrawn: bool = False
    expired_due: datetime | None = None
    extended: bool = False

    @property
    def expired(self) -> bool:
        """Whether the period that holds now was seen to end."""
        return self.due is not None and self.expired_due == self.due


Content = Deposit | Item


@dataclass(frozen=True, slots=True)
class Compartment:
    """The space behind one numbered door.

    `visit` and `purpose` name the visit that holds it now; no other may begin there. `door_seen_open` counts from the
    moment it was held. `booked` names the case of a trolley for which it is reserved before its visit begins.
    """

    number: int
    size: str
    reach: str = "middle"
    allocation: Allocation = Allocation.FREE
    in_service: bool = True
    out_reason: str = ""
    purpose: Purpose | None = None
    visit: UUID | None = None
    content: Content | None = None
    door_seen_open: bool = False
    booked: str | None = None

    def book(self, case_number: str) -> Compartment:
        """Reserve a free compartment for an item that still lies on the trolley.

        Raises:
            BugError: it is not free, held, or out of service.
        """
        self._need(self.allocation is Allocation.FREE and self.visit is None, "book what is not free")
        self._need(self.in_service, "book out of service")
        return replace(self, allocation=Allocation.RESERVED, purpose=Purpose.LOAD, booked=case_number)

    def unbook(self) -> Compartment:
        """Give a booked compartment back: nobody was permitted to open it.

        Raises:
            BugError: it is not booked, or its visit has begun.
        """
        self._need(self.booked is not None and self.visit is None, "unbook what is not booked")
        return replace(self, allocation=Allocation.FREE, purpose=None, booked=None)

    def reserve(self, purpose: Purpose, visit: UUID, door: Door) -> Compartment:
        """Hold a free compartment for a deposit or a load.

        Raises:
            BugError: it is not free, held, out of service, or its door is not closed now.
        """
        self._need(self.allocation is Allocation.FREE and self.visit is None, "reserve what is not free")
        self._need(self.in_service, "reserve out of service")
        self._need(door is Door.CLOSED, "reserve with the door not closed")
        return replace(self, allocation=Allocation.RESERVED, purpose=purpose, visit=visit, door_seen_open=False)

    def engage(self, purpose: Purpose, visit: UUID) -> Compartment:
        """Hold a compartment for a pickup, a clearing, an inspection or service; what lies inside stays as it is.

        Raises:
            BugError: another visit holds it, or it is not what that purpose needs.
        """
        self._need(self.visit is None, "engage what a visit holds")
        occupied = self.allocation is Allocation.OCCUPIED
        if purpose is Purpose.PICKUP:
            waits = isinstance(self.content, Item) and not self.content.withdrawn
            self._need(occupied and waits and self.in_service, "pick up where no item waits")
        elif purpose is Purpose.CLEAR:
            self._need(occupied, "clear what is not occupied")
        elif purpose is Purpose.SERVICE:
            self._need(self.out_reason != NOT_FITTED, "serve what is not fitted")
        else:
            inspectable = self.allocation is Allocation.DOUBTFUL or not self.in_service
            self._need(purpose is Purpose.INSPECT and inspectable, "inspect what is neither doubtful nor out")
        # A technician takes precedence over a trolley: its item finds another compartment.
        given_back = self.unbook() if self.booked is not None else self
        return replace(given_back, purpose=purpose, visit=visit, door_seen_open=False)

    def see_open(self) -> Compartment:
        """Remember that the holder's door was seen open, or could not be read.

        Raises:
            BugError: nobody holds it; an unexpected open door is `mark_doubtful`.
        """
        self._need(self.visit is not None, "door of a visit that does not exist")
        return replace(self, door_seen_open=True)

    def release(self, door: Door) -> Compartment:
        """Let go untouched: reserved becomes free, anything else stays what it was.

        Raises:
            BugError: the door was seen open in between, or is not read CLOSED now.
        """
        self._need(self.visit is not None, "release what nobody holds")
        self._need(door is Door.CLOSED, "release with the door not closed")
        self._need(not self.door_seen_open, "release after the door was seen open")
        free = self.allocation is Allocation.RESERVED
        return replace(self, allocation=Allocation.FREE if free else self.allocation, purpose=None, visit=None)

    def occupy(self, content: Content) -> Compartment:
        """Reserved, opened, closed and confirmed: the content lies inside.

        Raises:
            BugError: it is not reserved, or nobody saw its door open.
        """
        self._need(self.allocation is Allocation.RESERVED, "occupy what is not reserved")
        self._need(self.door_seen_open, "occupy behind a door that never opened")
        return self._settled(Allocation.OCCUPIED, content)

    def collected(self) -> Compartment:
        """The recipient opened, closed, and says the item is taken: free again.

        Raises:
            BugError: no pickup holds it, or nobody saw its door open.
        """
        held = self.purpose is Purpose.PICKUP and self.allocation is Allocation.OCCUPIED
        self._need(held and self.door_seen_open, "collected without a pickup or an open door")
        return self._settled(Allocation.FREE, None)

    def free_by_staff(self) -> Compartment:
        """Staff opened it, looked, closed it and said that nothing lies inside any more.

        Raises:
            BugError: no visit of staff holds it, or nobody saw its door open during one.
        """
        self._need(self.visit is not None and self.purpose in _HANDS_OF_STAFF, "freed without staff")
        self._need(self.door_seen_open, "freed behind a door that never opened")
        return self._settled(Allocation.FREE, None)

    def left_by_staff(self) -> Compartment:
        """Staff looked inside and left everything as it was; an occupied one stays occupied, a doubtful one doubtful.

        Raises:
            BugError: no inspection or service holds it, or nobody saw its door open.
        """
        self._need(self.purpose in _LOOKING and self.door_seen_open, "left alone without an inspection")
        return self._settled(self.allocation, self.content)

    def mark_doubtful(self, content: Content | None = None) -> Compartment:
        """Nobody can say what lies inside; `content` (or what was known before) is what may. Never refused."""
        return replace(
            self,
            allocation=Allocation.DOUBTFUL,
            content=content or self.content,
            purpose=None,
            visit=None,
            booked=None,
            door_seen_open=False,
        )

    def take_out(self, reason: str) -> Compartment:
        """Put out of service (the first reason stays); what lies inside and who holds it are another matter.

        A compartment that is only booked is given back: its item finds another one.
        """
        given_back = self.unbook() if self.booked is not None and self.visit is None else self
        return given_back if not self.in_service else replace(given_back, in_service=False, out_reason=reason)

    def return_to_service(self) -> Compartment:
        """Put back in service.

        Raises:
            BugError: it was in service.
        """
        self._need(not self.in_service, "returned, but it was in service")
        return replace(self, in_service=True, out_reason="")

    def _settled(self, allocation: Allocation, content: Content | None) -> Compartment:
        return replace(self, allocation=allocation, content=content, purpose=None, visit=None, door_seen_open=False)

    def _need(self, allowed: bool, refusal: str) -> None:
        if not allowed:
            raise BugError(f"compartment {self.number} ({self.allocation}, held for {self.purpose}): {refusal}")


def usable(compartment: Compartment, doors: Mapping[int, Door]) -> bool:
    """Whether something could be put in: free, held by nobody, in service, and its door read CLOSED now."""
    free = compartment.allocation is Allocation.FREE and compartment.visit is None
    return free and compartment.in_service and doors.get(compartment.number, Door.UNKNOWN) is Door.CLOSED


def choose(compartments: Iterable[Compartment], doors: Mapping[int, Door], size: str, reach: str = "") -> Compartment:
    """Return the smallest free compartment in service that fits `size`, whose door is read CLOSED now.

    Within a size the wanted `reach` comes first, then the lowest number. A door missing in `doors` is unknown.

    Raises:
        NoneFitsError: there is none.
    """
    fitting = [each for each in compartments if usable(each, doors) and SIZES.index(each.size) >= SIZES.index(size)]
    if not fitting:
        raise NoneFitsError(f"no free compartment of size {size}")
    return min(fitting, key=lambda each: (SIZES.index(each.size), bool(reach) and each.reach != reach, each.number))
