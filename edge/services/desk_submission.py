"""The part of the desk for a whole submission: the list of materials, and its end. Composed by `desk.py`.

The document camera and the USB drive have parts of their own (`desk_camera.py`, `desk_drive.py`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Literal, Protocol

from contract.events import Purpose
from contract.ids import card_hash, mask_citizen_number, mask_name
from contract.manifest import Submitter
from edge.core.visit import Step, Visit
from edge.errors import NightdeskError
from edge.ports import IdCard
from edge.services.changes import Changes
from edge.services.desk_camera import DeskCamera
from edge.services.desk_drive import DeskDrive
from edge.services.parts import Services
from edge.services.refusals import RefusedError
from edge.services.submission_view import MaterialView, SubmissionView, SubmitterView
from edge.services.submissions import HandedIn
from edge.services.view import KioskView, Message

SubmissionForm = Literal["identity", "materials", "camera", "drive", "send", "sent", "give_up"]
FORMS: frozenset[str] = frozenset({"identity", "materials", "camera", "drive", "send", "sent", "give_up"})
_PHONE = re.compile(r"1[3-9][0-9]{9}")


class Counter(Protocol):
    """What the desk lends: the form that is shown, and how to show another one."""

    changes: Changes

    @property
    def form(self) -> str:
        """The form on the screen."""

    def show(self, form: SubmissionForm | Literal["home", "size"]) -> None:
        """Show another form."""

    def say(self, error: NightdeskError) -> None:
        """Show what a person can do about an error."""

    def tell(self, message: Message) -> None:
        """Show a message."""


class DeskSubmission:
    """What a citizen may ask for who hands in more than paper."""

    def __init__(self, counter: Counter, services: Services) -> None:
        self._desk, self._its = counter, services
        self.camera = DeskCamera(counter, services)
        self.drive = DeskDrive(counter, services)
        self._paper: tuple[int, int | None] | None = None
        self._sent: HandedIn | None = None
        # The mask of the name, as long as the person is here; what is kept are hash and mask of the number.
        self._name = ""

    @property
    def offered(self) -> bool:
        """Whether this station takes more than paper."""
        return self._its.camera is not None or self._its.drive is not None

    @property
    def first(self) -> SubmissionForm:
        """The form that a submission begins with: whose it is may be said where cards are read, and need not be."""
        return "identity" if self._asks_identity else "materials"

    @property
    def begun(self) -> bool:
        """Whether something was gathered already."""
        return self._its.submissions.current is not None

    @property
    def _asks_identity(self) -> bool:
        return "card" in self._its.pickup.ways()

    def dress(self, frame: KioskView) -> KioskView:
        """Return a form's screen with what a submission shows there."""
        if frame.step not in FORMS:
            return frame
        held = self._its.submissions.current
        parts = () if held is None else held.parts
        view = SubmissionView(
            materials=tuple(
                MaterialView(part.file.sha256, part.kind, part.pages, part.name, part.notes) for part in parts
            ),
            paper=None if self._paper is None else self._paper[0],
            has_camera=self._its.camera is not None,
            has_drive=self._its.drive is not None,
            submitter=self._submitter(),
            asks_identity=self._asks_identity,
            camera=self.camera.view() if frame.step == "camera" else None,
            drive=self.drive.view() if frame.step == "drive" else None,
        )
        if frame.step != "sent" or self._sent is None:
            return replace(frame, submission=view)
        view = replace(view, paper=self._sent.compartment)
        slip = self._its.slips.status(self._sent.id)
        return replace(frame, submission=view, receipt_number=self._sent.receipt_number, slip=slip)

    def materials(self) -> None:
        """Show the list."""
        self._desk.show("materials")

    async def name(self, card: IdCard) -> None:
        """Take a card as the word on whose submission this is. Raises `StoreBusyError`."""
        key = self._its.pickup.proofs.card_key
        if self._desk.form != "identity" or key is None:
            return
        number = card.citizen_number
        who = Submitter(card_hash=card_hash(key, number), mask=mask_citizen_number(number), kind=card.kind)
        await self._its.submissions.name(who)
        self._name = mask_name(card.name)
        self._desk.show("materials")
        self._desk.tell(Message("identity_read", {"name": self._name}, good=True))

    async def identify(self, do: Literal["skip", "ask", "forget"]) -> None:
        """Go on without a card, ask for one from the list, or forget the one that was read. Raises `StoreBusyError`."""
        if do == "ask" and self._desk.form == "materials" and self._asks_identity:
            self._desk.show("identity")
        elif do == "skip" and self._desk.form == "identity":
            self._desk.show("materials")
        elif do == "forget" and self._desk.form == "materials":
            await self._unname()
            self._desk.show("materials")

    def _submitter(self) -> SubmitterView | None:
        held = self._its.submissions.current
        return None if held is None or held.submitter is None else SubmitterView(self._name, held.submitter.kind)

    async def _unname(self) -> None:
        held = self._its.submissions.current
        if held is not None and held.submitter is not None:
            nothing_else = not held.parts and await self._its.submissions.paper() is None
            await (self._its.submissions.drop() if nothing_else else self._its.submissions.name(None))
        self._name = ""

    async def open_camera(self) -> None:
        """Begin to look at the mat.

        Raises:
            RefusedError: there is no camera, or it does not work now.
        """
        if self._desk.form == "materials":
            await self.camera.open()

    def open_drive(self) -> None:
        """Look at the public USB port; raises `RefusedError` if there is none."""
        if self._desk.form == "materials":
            self.drive.open()

    def put_paper(self) -> None:
        """Put paper into a compartment, under the same receipt number; the size is next."""
        if self._desk.form == "materials" and self._paper is None:
            self._desk.show("size")

    async def after_deposit(self, visit: Visit) -> None:
        """Go on with the list after a deposit that belongs to a submission."""
        if visit.kind is Purpose.DEPOSIT and visit.step in (Step.DONE, Step.DOUBTFUL):
            self._paper = await self._its.submissions.paper()
        self._desk.show("materials")

    async def add_to(self, visit: Visit) -> None:
        """Add to a hand-in of paper that has just ended. Raises `StoreBusyError`."""
        if visit.receipt_number is not None and visit.step is Step.DONE:
            await self._its.submissions.adopt(visit.receipt_number)
            await self.after_deposit(visit)

    async def remove(self, sha256: str) -> None:
        """Take a document out of the list. Raises `StoreBusyError`."""
        if self._desk.form == "materials":
            await self._its.submissions.remove(sha256)
            self._desk.show("materials")

    def send(self) -> None:
        """Hand in; the phone number is next. Raises `RefusedError` for an empty list."""
        if self._desk.form not in {"materials", "give_up"}:
            return
        held = self._its.submissions.current
        if held is None or not (held.parts or self._paper):
            raise RefusedError("submission_empty")
        self._desk.show("send")

    async def hand_in(self, phone: str) -> None:
        """Hand everything in; `phone` may be empty.

        Raises:
            RefusedError: that is no mobile number.
            StoreBusyError: the disk refuses; the list is as it was.
        """
        if self._desk.form != "send":
            return
        if phone and not _PHONE.fullmatch(phone):
            raise RefusedError("bad_phone")
        self._sent = await self._its.submissions.hand_in(phone)
        await self.drive.forget()
        self._desk.show("sent" if self._sent is not None else "home")

    async def give_up(self) -> None:
        """Wipe what was gathered, after being asked whether that is meant; never with paper in a compartment."""
        if self._desk.form == "give_up" and await self._its.submissions.paper() is None:
            await self._its.submissions.drop()
            self._desk.show("home")

    async def back(self) -> bool:
        """Leave a form for the one before it; False when that is the start page."""
        form = self._desk.form
        held = self._its.submissions.current
        if form == "materials" and held is not None and (held.parts or self._paper):
            self._desk.show("give_up")
        elif form == "identity" and self.begun:
            self._desk.show("materials")
        elif form in {"camera", "drive", "send", "give_up"} or (self.begun and form in {"size", "reach", "phone"}):
            await self.camera.close()
            self._desk.show("materials")
        else:
            return False
        return True

    async def leave(self) -> None:
        """The person is done or gone. What cannot be settled now is settled at the next start."""
        await self.camera.close()
        await self.drive.forget()
        self._paper, self._sent, self._name = None, None, ""
        await self._its.submissions.leave()
