"""A recipient collects an item: by compartment number and code, by QR code, by card; guessing is made slow, on disk.

Where the item wants a second factor, code or QR alone opens nothing: the right to it is kept as `pending` until a card
or a one-time code comes, or the person goes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar
from uuid import UUID

from contract.events import ItemExtended, PickupRefused
from contract.ids import RandomBelow, card_hash, new_receipt_number
from edge.clock import Clock
from edge.core import pickup
from edge.core.compartment import Compartment, Item
from edge.core.visit import Decision
from edge.errors import AskCitizenError
from edge.ports import BarcodeReader, Door, IdCard, IdReader
from edge.services import documents, pickup_proof
from edge.services.asking import Asked
from edge.services.one_time_codes import OneTimeCodes
from edge.services.pickup_proof import Proven
from edge.services.refusals import RefusedError
from edge.services.visits import Visits
from edge.services.wrong_tries import Sleep, slow_down
from edge.store.unit_of_work import Store, Transaction

T = TypeVar("T")
Next = Literal["open", "second", "slip"]


@dataclass(frozen=True, slots=True)
class Proofs:
    """What this station can check beside codes.

    `card_key` keys the hashes of citizen numbers; without it and a `reader` no card is asked for. `online` says whether
    a text message could be on its way in a moment. `scanner` reads QR codes and labels.
    """

    station: str = ""
    card_key: bytes | None = None
    reader: IdReader | None = None
    online: Callable[[], bool] = lambda: False
    scanner: BarcodeReader | None = None

    @property
    def reads_cards(self) -> bool:
        """Whether a card can be judged here."""
        return self.reader is not None and self.card_key is not None


CODES_ONLY = Proofs()


class CollectItem:
    """The recipient's wishes; `code_key` is the station's key, which lies outside the database."""

    def __init__(
        self,
        store: Store,
        visits: Visits,
        clock: Clock,
        one_time: OneTimeCodes,
        *,
        code_key: bytes,
        new_id: Callable[[], UUID],
        random_below: RandomBelow,
        proofs: Proofs = CODES_ONLY,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._store, self._visits, self._clock, self._one_time = store, visits, clock, one_time
        self._code_key, self._new_id, self._sleep = code_key, new_id, sleep
        self._random_below = random_below
        self._turn = asyncio.Lock()
        self.proofs = proofs
        self.pending: Proven | None = None
        self.asked: Asked | None = None

    def dismiss(self) -> None:
        """The person has gone: whatever was proved is forgotten."""
        self.pending = None

    async def start(self, number: int, code: str) -> bool:
        """Begin a pickup by code; False when a second factor is needed first (`pending`).

        Raises:
            WrongCodeError: compartment and code do not belong together.
            LockedOutError: too many wrong tries at this compartment.
            RefusedError: out of service, overdue, no way to check the second factor here, or another visit is open.
        """
        return await self._prove(lambda tx: pickup_proof.by_code(tx, self._clock, self._code_key, number, code))

    async def start_by_token(self, text: str) -> bool:
        """Begin a pickup by what a scanner read from a QR code; as `start`."""
        station = self.proofs.station
        return await self._prove(lambda tx: pickup_proof.by_token(tx, self._clock, self._code_key, station, text))

    async def start_by_card(self, card: IdCard) -> None:
        """Begin a pickup by the recipient's own card, or that of an authorised relative.

        Raises:
            RefusedError: no item waits for this card, it cannot be handed out now, or it needs its code as well.
        """
        hashed = self._hash(card)
        if not await self._prove(lambda tx: pickup_proof.by_card(tx, hashed)):
            self.pending = None
            raise RefusedError("card_and_code")

    async def second_by_card(self, card: IdCard) -> None:
        """Go on with a card as second factor.

        Raises:
            RefusedError: it is not the recipient's and not an authorised person's, or nothing is pending.
        """
        proven, hashed = self._need_pending(), self._hash(card)

        def judge(tx: Transaction) -> Proven | AskCitizenError:
            whose = documents.claim_on(tx, proven.case_number).whose(hashed)
            if whose is None:
                tx.emit(PickupRefused(compartment=proven.compartment, reason="unknown_card"))
                return RefusedError("card_not_yours")
            return replace(proven, means="relative") if whose == "relative" else proven

        await self._open(await self._judged(judge))

    async def send_one_time_code(self) -> None:
        """Have a one-time code sent to the phone that got the pickup code; raises `RefusedError`, and why not."""
        proven = self._need_pending()
        if not self._may_send:
            raise RefusedError("one_time_offline")
        await self._one_time.send(proven)

    async def second_by_one_time_code(self, typed: str) -> None:
        """Go on with a one-time code as second factor.

        Raises:
            WrongCodeError, LockedOutError: counted as wrong tries at the compartment are.
        """
        proven = self._need_pending()

        def judge(tx: Transaction) -> Proven | AskCitizenError:
            locked = pickup_proof.locked(tx, self._clock, proven.compartment)
            if locked is not None:
                return locked
            if self._one_time.fits(proven, typed):
                return proven
            return pickup_proof.wrong_try(tx, self._clock, proven.compartment, "wrong_one_time_code")

        await self._open(await self._judged(judge))

    async def extend(self, number: int, code: str) -> tuple[datetime, Compartment]:
        """Let the item wait longer, once; return its new end and the compartment as committed. Raises as `start`."""

        def judge(tx: Transaction) -> tuple[datetime, Compartment] | AskCitizenError:
            proven = pickup_proof.by_code(tx, self._clock, self._code_key, number, code)
            if isinstance(proven, AskCitizenError):
                return proven
            refusal = pickup_proof.obstacle(tx, self._clock, proven)
            return self._extended(tx, number) if refusal is None else refusal

        return await self._judged(judge)

    def ways(self) -> frozenset[str]:
        """Return by what an item can be collected, or a second factor shown, here and now."""
        works = self.asked is None or self.asked.works
        card = {"card"} if self.proofs.reads_cards and works else set()
        return frozenset({"qr"} | card | ({"sms"} if self._may_send else set()))

    @property
    def _may_send(self) -> bool:
        # Without a set clock the hub could not tell whether the code is still good.
        return self.proofs.online() and self._clock.synced

    async def _prove(self, judge: Callable[[Transaction], Proven | AskCitizenError]) -> bool:
        """Judge what is shown; open, or keep it as pending."""

        def whole(tx: Transaction) -> tuple[Proven, Next] | AskCitizenError:
            proven = judge(tx)
            if isinstance(proven, AskCitizenError):
                return proven
            if pickup_proof.in_doubt(tx, proven):
                return proven, "slip"
            refusal = pickup_proof.obstacle(tx, self._clock, proven)
            needs = documents.claim_on(tx, proven.case_number).second_factor
            if refusal is None and needs and not self.ways() & {"card", "sms"}:
                tx.emit(PickupRefused(compartment=proven.compartment, reason="second_factor"))
                return RefusedError("second_factor_here")
            return (proven, "second" if needs else "open") if refusal is None else refusal

        proven, what = await self._judged(whole)
        if what == "second":
            self.pending = proven
            return False
        await (self._open(proven) if what == "open" else self._meet_doubt(proven))
        return True

    async def _judged(self, judge: Callable[[Transaction], T | AskCitizenError]) -> T:
        """Judge in one transaction whose counts stay, whatever it says; slowly if there were too many wrong tries."""
        async with self._turn:
            await slow_down(self._store, self._clock, self._sleep)
            result = await self._store.transact(judge)
        if isinstance(result, AskCitizenError):
            raise result
        return result

    async def _open(self, proven: Proven) -> None:
        def work(tx: Transaction, _doors: dict[int, Door]) -> Decision:
            refusal = pickup_proof.obstacle(tx, self._clock, proven)
            if refusal is not None:
                raise refusal
            return pickup.begin(
                self._new_id(),
                tx.compartment(proven.compartment),
                self._new_id(),
                receipt_number=new_receipt_number(self._random_below),
                boot=self._visits.boot,
                means=proven.means,
            )

        await self._visits.begin(work)
        self.pending = None

    async def _meet_doubt(self, proven: Proven) -> None:
        """No door, but a slip: whoever proved a right to an item in doubt does not leave without a number."""

        def work(tx: Transaction, _doors: dict[int, Door]) -> Decision:
            if not pickup_proof.in_doubt(tx, proven):
                raise RefusedError("try_again")
            number = new_receipt_number(self._random_below)
            compartment = tx.compartment(proven.compartment)
            return pickup.meet_doubt(self._new_id(), compartment, receipt_number=number, boot=self._visits.boot)

        await self._visits.begin(work)

    def _extended(self, tx: Transaction, number: int) -> tuple[datetime, Compartment] | AskCitizenError:
        compartment, hours = tx.compartment(number), documents.settings(tx).extension_hours
        item = compartment.content
        if not isinstance(item, Item) or item.due is None or hours == 0 or compartment.visit is not None:
            return RefusedError("no_extension")
        if item.extended:
            return RefusedError("extended_already")
        due = item.due + timedelta(hours=hours)
        longer = replace(compartment, content=replace(item, due=due, extended=True))
        tx.save(longer)
        tx.emit(ItemExtended(case_number=item.case_number, compartment=number, due=due, by="citizen"))
        return due, longer

    def _need_pending(self) -> Proven:
        if self.pending is None:
            raise RefusedError("second_factor_over")
        return self.pending

    def _hash(self, card: IdCard) -> str:
        if self.proofs.card_key is None:
            raise RefusedError("card_no_item")
        return card_hash(self.proofs.card_key, card.citizen_number)
