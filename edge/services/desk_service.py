"""What a technician asks for at the screen, and what anybody there says against a sensor; the desk composes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from edge.clock import Clock
from edge.core.compartment import NOT_FITTED, Allocation, Compartment
from edge.core.story import SENSOR_FAULTS
from edge.ports import Door
from edge.services.contradictions import Contradictions
from edge.services.devices import CAMERA, Devices
from edge.services.door_control import Doors
from edge.services.maintain_station import MaintainStation
from edge.services.paper_roll import RollView
from edge.services.picture import Picture
from edge.services.printer_alarm import DEVICE as LICENCE_PRINTER
from edge.services.refusals import RefusedError
from edge.services.self_test import SelfTest, Tested
from edge.services.service_visits import ServiceVisits
from edge.services.slips import PRINTER, Slips
from edge.services.staff import Staff
from edge.services.upkeep import Upkeep
from edge.store.door_counts import DoorCount

REASONS = ("release_jammed", "release_citizen", "release_hazard", "release_order", "release_other")
"""Why an emergency release may be asked for at the screen; keys of the kiosk's texts and words of the event."""


@dataclass(frozen=True, slots=True)
class TroubledCompartment:
    """A compartment that is out of service or in doubt, and what may be done about it here."""

    number: int
    reason: str
    doubtful: bool
    door: str
    may_return: bool


@dataclass(frozen=True, slots=True)
class TechnicianWork:
    """What the technician's page shows.

    `printer`, `licences` (the printer of papers) and `camera` are "ok", "none" or what is wrong with it.

    `worn` are the doors whose upkeep is due; `stock` says whether the station prints on numbered blanks; `roll` is the
    receipt printer's.
    """

    troubled: tuple[TroubledCompartment, ...]
    testable: tuple[int, ...]
    numbers: tuple[int, ...]
    boards: tuple[tuple[str, bool], ...]
    printer: str
    camera: str
    tested: tuple[Tested, ...]
    test_slip: str
    worn: tuple[DoorCount, ...]
    first: str | None
    second: str | None
    stock: bool = False
    roll: RollView | None = None
    licences: str = "none"


@dataclass(frozen=True, slots=True)
class ServiceParts:
    """What the technician's wishes need."""

    doors: Doors
    picture: Picture
    devices: Devices
    slips: Slips
    staff: Staff
    maintain: MaintainStation
    visits: ServiceVisits
    self_test: SelfTest
    contradictions: Contradictions
    upkeep: Upkeep
    has_camera: bool = False
    has_stock: bool = False
    has_licences: bool = False


class ServiceDesk:
    """Wishes of staff with the right `service`; each raises `RefusedError` without it, and while the store is busy."""

    def __init__(
        self, parts: ServiceParts, clock: Clock, show: Callable[[Literal["technician", "second"]], None]
    ) -> None:
        self._its, self._clock, self._show = parts, clock, show
        self._test_slip = ""
        self.commission_wanted = asyncio.Event()
        """Set once the station is to stop for the wizard that commissions its boards."""

    def enter(self) -> None:
        """Show the technician's page."""
        self._its.staff.require("service")
        self._show("technician")

    def ask_second(self) -> None:
        """Show the page at which a second person signs.

        Raises:
            RefusedError: service mode is off.
        """
        self._its.staff.require("service")
        self._its.maintain.require_armed()
        self._show("second")

    async def work(self) -> TechnicianWork:
        """Return what the page shows; empty lists for whoever may not see it."""
        session = self._its.staff.session
        if session is None or "service" not in session.member.rights:
            return TechnicianWork((), (), (), (), "none", "none", (), "", (), None, None)
        fitted = [each for each in self._its.picture.all() if each.out_reason != NOT_FITTED]
        failed, silent = await self._its.devices.all_failed(), self._its.doors.silent_boards()
        return TechnicianWork(
            troubled=tuple(self._troubled(each) for each in fitted if _is_troubled(each)),
            testable=tuple(each.number for each in fitted if each.allocation is Allocation.FREE and each.visit is None),
            numbers=tuple(each.number for each in fitted),
            boards=tuple((name, name not in silent) for name in self._its.doors.boards()),
            printer=failed.get(PRINTER, "ok") if self._its.slips.has_printer else "none",
            camera=failed.get(CAMERA, "ok") if self._its.has_camera else "none",
            tested=self._its.self_test.last,
            test_slip=self._test_slip,
            worn=await self._its.upkeep.due(),
            first=self._its.maintain.first,
            second=self._its.maintain.second,
            stock=self._its.has_stock,
            roll=await self._its.slips.roll.view(),
            licences=failed.get(LICENCE_PRINTER, "ok") if self._its.has_licences else "none",
        )

    async def second_person(self, badge: str, pin: str) -> None:
        """Take a second person's signature for one emergency release.

        Raises:
            RefusedError: service mode is off, the badge is the first person's, or lacks the right.
            WrongCodeError, LockedOutError: badge and PIN do not belong together.
        """
        first = self._its.staff.require("service")
        self._its.maintain.require_armed()
        member = await self._its.staff.vouch(badge, pin)
        if "service" not in member.rights:
            raise RefusedError("not_allowed")
        if member.badge == first:
            raise RefusedError("same_person")
        self._its.maintain.join(member.badge)
        self._show("technician")

    async def test_unlock(self, number: int) -> None:
        """Unlock a free compartment to test its door."""
        await self._its.visits.test(number, self._its.staff.require("service"))
        self._show("technician")

    async def release(self, number: int, reason: str) -> None:
        """Unlock one compartment for the two persons who signed."""
        await self._its.visits.release(number, reason, self._its.staff.require("service"))
        self._show("technician")

    async def bring_back(self, number: int) -> None:
        """Put a repaired compartment back in service."""
        await self._its.visits.bring_back(number, self._its.staff.require("service"))
        self._show("technician")

    async def looked_after(self, number: int) -> None:
        """Take the technician's word that lock, hinge and sensor of a door were looked after."""
        await self._its.upkeep.serviced(number, self._its.staff.require("service"))
        self._show("technician")

    async def test_devices(self) -> None:
        """Ask every board and the printer."""
        self._its.staff.require("service")
        await self._its.self_test.run()
        self._show("technician")

    async def test_print(self) -> None:
        """Print a test slip."""
        self._its.staff.require("service")
        self._test_slip = await self._its.slips.print_test(self._clock.now())
        self._show("technician")

    async def new_roll(self) -> None:
        """Take the technician's word that a new roll is in the receipt printer.

        Raises:
            RefusedError: the printer is not ready to print on it.
        """
        self._its.staff.require("service")
        # What the sensor said last was about the old roll.
        if await self._its.slips.check():
            raise RefusedError("roll_not_ready")
        await self._its.slips.roll.put_in()
        self._show("technician")

    def commission(self) -> None:
        """Have the station stop and the commissioning wizard take the screen and the wires.

        Raises:
            RefusedError: service mode is off, somebody is at a door, or a compartment is not empty for certain.
        """
        self._its.staff.require("service")
        self._its.maintain.require_armed()
        fitted = [each for each in self._its.picture.all() if each.out_reason != NOT_FITTED]
        if any(each.visit is not None for each in fitted):
            raise RefusedError("busy")
        if any(each.allocation is not Allocation.FREE for each in fitted):
            raise RefusedError("not_all_empty")
        self.commission_wanted.set()

    async def says_open(self, visit: UUID | None, number: int) -> None:
        """Anybody: that door stands open although the screen says it did not open."""
        await self._its.contradictions.says_open(visit, number)

    async def says_shut(self, visit: UUID | None) -> None:
        """Anybody: the door is shut although the screen waits for it.

        Raises:
            RefusedError: asked to push it once more.
        """
        await self._its.contradictions.says_shut(visit)

    def _troubled(self, each: Compartment) -> TroubledCompartment:
        doubtful, door = each.allocation is Allocation.DOUBTFUL, self._its.doors.door(each.number)
        back = not each.in_service and not doubtful and each.visit is None and each.out_reason not in SENSOR_FAULTS
        return TroubledCompartment(
            each.number, each.out_reason, doubtful, door.value, may_return=back and door is Door.CLOSED
        )


def _is_troubled(each: Compartment) -> bool:
    return each.allocation is Allocation.DOUBTFUL or not each.in_service
