"""The station looks at its own devices: every board is asked, the printer's status is read; outcomes are events."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from contract.events import SelfTestDone
from edge.services.changes import Changes
from edge.services.door_control import Doors
from edge.services.slips import PRINTER, Slips
from edge.store.unit_of_work import Store, Transaction


@dataclass(frozen=True, slots=True)
class Tested:
    """One device's outcome; `detail` says what is wrong, in the device's words."""

    device: str
    passed: bool
    detail: str = ""


class SelfTest:
    """Runs when asked; opens nothing and prints nothing. `last` is what the newest run found."""

    def __init__(self, store: Store, doors: Doors, slips: Slips) -> None:
        self._store, self._doors, self._slips = store, doors, slips
        self.last: tuple[Tested, ...] = ()
        self.changes = Changes()

    async def run(self, correlation: UUID | None = None) -> tuple[Tested, ...]:
        """Test every device and tell the outcome of each.

        Raises:
            StoreBusyError: nothing was told.
        """
        found = [Tested(f"board-{name}", *await self._board(name)) for name in self._doors.boards()]
        if self._slips.has_printer:
            fault = await self._slips.check()
            found.append(Tested(PRINTER, not fault, fault))

        def told(tx: Transaction) -> None:
            for each in found:
                tx.emit(SelfTestDone(device=each.device, passed=each.passed, detail=each.detail), correlation)

        await self._store.transact(told)
        self.last = tuple(found)
        self.changes.notify()
        return self.last

    async def _board(self, name: str) -> tuple[bool, str]:
        # A single lost frame on a noisy line is not news.
        answered = await self._doors.ask(name) or await self._doors.ask(name)
        return answered, "" if answered else "silent"


def summary(found: tuple[Tested, ...]) -> str:
    """Return the outcome in one line for an answer to the hub, at most 200 characters."""
    bad = [f"{each.device} {each.detail}".strip() for each in found if not each.passed]
    counted = f"{len(found) - len(bad)} of {len(found)} passed"
    return ": ".join([counted, "; ".join(bad)])[:200] if bad else counted
