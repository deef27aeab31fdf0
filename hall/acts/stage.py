"""What every act needs: the house, the ledger of what people were told, the timeline, and patience."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime

from hall import records
from hall.house import House
from hall.ledger import Ledger
from hall.processes import until
from hall.timeline import Timeline

WITHIN_S = 20.0


@dataclass
class Secrets:
    """Personal data of the story's synthetic person; none of it may appear outside the SMS gateway's log."""

    name: str
    phone: str
    codes: list[str] = field(default_factory=list)
    papers: list[str] = field(default_factory=list)
    """Name and number of whoever printed a paper."""


@dataclass
class Stage:
    """One performance."""

    house: House
    ledger: Ledger
    timeline: Timeline
    secrets: Secrets
    receipt_number: str = ""
    case_number: str = ""

    @property
    def station(self) -> str:
        """The station's id."""
        return str(self.house.directory.table()["station"]["id"])

    def set_clock(self, to: datetime) -> None:
        """Move the clock of station and hub."""
        self.house.directory.shift_clock(to)
        self.timeline.line("时钟 clock", f"{to:%Y-%m-%d %H:%M}")

    def hub(self, sql: str, *parameters: str | int) -> records.Row | None:
        """The first row of a query to the hub's database."""
        return records.one(self.house.directory.hub_db, sql, *parameters)

    async def until_hub(self, what: str, sql: str, *parameters: str | int) -> records.Row:
        """Wait until a query to the hub's database has a row, and return it; HouseError when it never has."""
        found: list[records.Row] = []

        async def there() -> bool:
            found.extend(records.rows(self.house.directory.hub_db, sql, *parameters))
            return bool(found)

        await until(there, WITHIN_S, f"at the hub: {what}")
        return found[0]

    async def until(self, probe: Callable[[], Awaitable[bool]], what: str) -> None:
        """Wait for anything else."""
        await until(probe, WITHIN_S, what)

    async def until_document(self, kind: str, after: int = 0) -> int:
        """Wait until the station applied a document of that kind newer than version `after`; its version."""
        sql = "select max(version) as version from documents where station = ? and kind = ? and applied = 'applied'"
        row = await self.until_hub(
            f"document {kind} applied", f"{sql} having max(version) > ?", self.station, kind, after
        )
        return int(row["version"])
