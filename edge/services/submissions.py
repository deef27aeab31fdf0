"""Submissions: kept as encrypted drafts while the citizen gathers, handed in whole by one commit, or wiped.

A draft's files are durable before the screen lists them; handing in changes their rows and emits the events in one
transaction. A station that stopped in between judges what it finds: with paper in a compartment the submission is
handed in as it was, without it nothing was ever promised and the drafts go.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal
from uuid import UUID

from pydantic import ValidationError

from contract.events import FileReference, SubmissionMade
from contract.ids import RandomBelow, new_receipt_number
from contract.manifest import MANIFEST_TYPE, Manifest, PageCheck, Submitter
from edge.core.compartment import Allocation, Deposit
from edge.core.submission import MaterialKind, Submission, material
from edge.core.visit import Slip
from edge.errors import NightdeskError
from edge.services.deposit_documents import Sealer
from edge.services.refusals import RefusedError
from edge.services.slips import Slips
from edge.store.papers import StoredSlip
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store, Transaction

Ended = Literal["handed_in", "idle", "restarted"]
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What the last page of a submission shows."""

    id: UUID
    receipt_number: str
    compartment: int | None


class Submissions:
    """The submission of the person in front of the screen; `current` is None before its first document."""

    def __init__(
        self,
        store: Store,
        shelf: Shelf,
        slips: Slips,
        sealer: Sealer,
        *,
        new_id: Callable[[], UUID],
        random_below: RandomBelow,
    ) -> None:
        self._store, self._shelf, self._slips, self._sealer = store, shelf, slips, sealer
        self._new_id, self._random_below = new_id, random_below
        self.current: Submission | None = None

    async def keep(
        self,
        kind: MaterialKind,
        content: bytes,
        media_type: str,
        pages: int,
        *,
        name: str = "",
        notes: tuple[str, ...] = (),
        checks: tuple[PageCheck, ...] = (),
    ) -> None:
        """Add a document to the submission; when this returns it is on the disk, encrypted.

        Raises:
            RefusedError: the submission is full.
            StoreBusyError: the disk refuses; nothing was added.
        """
        self._store.require_room()
        held = self.current or Submission(new_receipt_number(self._random_below))
        if not held.takes(len(content)):
            raise RefusedError("submission_full")
        stored = await self._shelf.take(content, media_type, held.receipt_number)
        if held.has(stored.sha256):
            return
        file = FileReference(sha256=stored.sha256, size=stored.size, media_type=media_type)
        await self._save(held.plus(material(kind, file, pages, name=name, notes=notes, checks=checks)))

    async def remove(self, sha256: str) -> None:
        """Take a document out again; its file is wiped. Raises `StoreBusyError`."""
        if self.current is None or not self.current.has(sha256):
            return
        await self._save(self.current.minus(sha256))
        await self._shelf.drop_one(sha256, self.current.receipt_number)

    async def paper(self) -> tuple[int, int | None] | None:
        """Return the compartment with this submission's paper, and how many pieces."""
        if self.current is None:
            return None
        number = self.current.receipt_number
        return await self._store.read(lambda tx: _paper(tx, number))

    async def adopt(self, receipt_number: str) -> None:
        """Go on with the hand-in that a deposit has begun. Raises `StoreBusyError`."""
        if self.current is None:
            await self._save(Submission(receipt_number))

    async def name(self, submitter: Submitter | None) -> None:
        """Say whose submission it is, or that nobody says so any more; it begins by that if nothing is in it yet.

        Raises:
            StoreBusyError: the disk refuses; it is as it was.
        """
        self._store.require_room()
        held = self.current or Submission(new_receipt_number(self._random_below))
        await self._save(replace(held, submitter=submitter))

    async def hand_in(self, phone: str = "", ended: Ended = "handed_in") -> HandedIn | None:
        """Hand everything in; when this returns, the station has it on record and a slip is on its way.

        Raises:
            StoreBusyError: the disk refuses; everything is still a draft.
        """
        held, event_id, slip_for = self.current, self._new_id(), self._new_id()
        if held is None:
            return None
        identity = held.identity()
        sealed = self._sealer.seal(phone, event_id, "phone_sealed") if phone else None
        paper = await self.paper()
        manifest = await self._list(held, None if paper is None else paper[0])
        number, pieces = paper or (None, None)
        made = SubmissionMade(
            receipt_number=held.receipt_number,
            parts=held.summary(number, pieces),
            manifest=manifest,
            ended=ended,
            phone_sealed=sealed,
        )
        slip = Slip(held.receipt_number, number or 0, "submission_done", pieces, _lines(held))

        def work(tx: Transaction) -> StoredSlip:
            for event in held.events():
                tx.emit(event, slip_for)
            tx.emit(made, slip_for, event_id)
            # After it, so that the hub has a row to which the card belongs.
            if identity is not None:
                tx.emit(identity, slip_for)
            self._name(tx, held, manifest.sha256)
            tx.want_files(held.receipt_number)
            tx.forget_submission(held.receipt_number)
            return self._slips.add(tx, slip_for, slip)

        stored = await self._store.transact(work)
        self.current = None
        self._slips.print_soon(stored)
        return HandedIn(slip_for, held.receipt_number, number)

    async def drop(self) -> None:
        """Wipe the drafts. Raises `StoreBusyError`."""
        held, self.current = self.current, None
        if held is not None:
            await self._store.transact(lambda tx: tx.forget_submission(held.receipt_number))
            await self._shelf.drop(held.receipt_number)

    async def leave(self) -> None:
        """The person is gone: with paper in a compartment it is handed in as it is, else wiped.

        Raises:
            StoreBusyError: the disk refuses; the next start settles it, and the next person never sees it.
        """
        try:
            await (self.drop() if await self.paper() is None else self.hand_in(ended="idle"))
        finally:
            self.current = None

    async def recover(self) -> None:
        """Judge what a stop of the station interrupted; once, at start: after the visits, before the shelf is swept."""
        for number, manifest in await self._store.read(lambda tx: tx.submissions()):
            self.current = await self._reread(number, manifest)
            await (self.drop() if await self.paper() is None else self.hand_in(ended="restarted"))
        self.current = None

    async def _save(self, submission: Submission) -> None:
        manifest = await self._list(submission, None)
        old = await self._store.transact(lambda tx: self._name(tx, submission, manifest.sha256))
        self.current = submission
        if old is not None:
            await self._shelf.let_go(old)

    async def _list(self, submission: Submission, compartment: int | None) -> FileReference:
        number, content = submission.receipt_number, submission.manifest(compartment).to_bytes()
        stored = await self._shelf.take(content, MANIFEST_TYPE, number)
        return FileReference(sha256=stored.sha256, size=stored.size, media_type=MANIFEST_TYPE)

    def _name(self, tx: Transaction, submission: Submission, manifest: str) -> str | None:
        """Have the submission's row name this list, and let go of the one before; return that one's hash."""
        number = submission.receipt_number
        old = dict(tx.submissions()).get(number)
        tx.save_submission(number, manifest)
        if old is None or old == manifest:
            return None
        tx.drop_draft(old, number)
        return old

    async def _reread(self, number: str, manifest: str) -> Submission:
        try:
            listed = Manifest.model_validate_json(await self._shelf.files.read(manifest))
        except (NightdeskError, ValidationError):
            # Its paper is on record all the same; what cannot be listed cannot be promised.
            _log.error("the list of an unfinished submission cannot be read")
            return Submission(number)
        return Submission(number, listed.parts, listed.submitter)


def _paper(tx: Transaction, receipt_number: str) -> tuple[int, int | None] | None:
    """Return where the paper of a submission lies, in doubt or not, and how many pieces were counted."""
    for each in tx.compartments():
        content = each.content
        held = each.allocation in (Allocation.OCCUPIED, Allocation.DOUBTFUL)
        if held and isinstance(content, Deposit) and content.receipt_number == receipt_number:
            return each.number, content.count
    return None


def _lines(held: Submission) -> tuple[str, ...]:
    """Return what the slip lists; names of files are the citizen's and stay off it."""
    scanned = [part.pages for part in held.parts if part.kind == "camera"]
    files = sum(part.kind == "usb" for part in held.parts)
    lines = []
    if scanned:
        lines.append(f"扫描 Scanned  {len(scanned)} 份, {sum(scanned)} 页/pp")
    if files:
        lines.append(f"U盘文件 USB files  {files}")
    return tuple(lines)
