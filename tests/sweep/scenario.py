"""The story that every sweep tells with another fault in it, and what comes after healing."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Awaitable, Callable

from hall.processes import HouseError, until
from tests.sweep.errands import Deposit, Pickup, StaffRound
from tests.sweep.evidence import Evidence
from tests.sweep.person import GaveUpError, Person
from tests.sweep.station import SweptStation

PHONE = "13800001234"
CODE_WITHIN_S = 20.0
Between = Callable[[str], Awaitable[None]]


async def nothing(_where: str) -> None:
    """Let the story go on undisturbed."""


async def tell_story(station: SweptStation, seed: int, between: Between = nothing) -> Evidence:
    """Hand in, clear and load, collect; heal; settle, hand in once more; return the evidence.

    `between` is called with the name of what comes next: `deposit`, `staff`, `code` (the recipient waits for it),
    `pickup`, `healed`.
    """
    rng = random.Random(seed)
    async with Person(station, rng) as person:
        try:
            await _story(station, person, between)
        except (GaveUpError, HouseError) as error:
            station.ledger.tell("gave_up", why=str(error))
        await between("healed")
        await station.stand.heal()
        await afterwards(station, person)
    return await station.evidence()


async def _story(station: SweptStation, person: Person, between: Between) -> None:
    await between("deposit")
    await person.do(Deposit("s", PHONE))
    await between("staff")
    await station.until_documents()
    await person.do(StaffRound(load=True))
    await between("code")
    code = await _text_message(station)
    await between("pickup")
    if code is not None:
        await person.do(Pickup(*code))


async def afterwards(station: SweptStation, person: Person) -> None:
    """Everything is healed: staff settles what is in doubt, a citizen hands in, and everything is delivered."""
    try:
        await station.until_documents()
        await person.do(StaffRound())
        last = Deposit("l", last=True)
        await person.do(last)
        if last.receipt is not None:
            station.ledger.tell("alive", receipt_number=last.receipt)
    except (GaveUpError, HouseError) as error:
        station.ledger.tell("gave_up", why=str(error))
    await station.until_quiet()


async def _text_message(station: SweptStation) -> tuple[int, str] | None:
    """Wait for the code as the recipient does; None when nothing was loaded or the network is gone."""
    found: list[tuple[int, str]] = []

    async def came() -> bool:
        code = await station.code()
        found[:] = [] if code is None else [code]
        return bool(found)

    with contextlib.suppress(HouseError):
        await until(came, CODE_WITHIN_S, "a code")
    return found[0] if found else None
