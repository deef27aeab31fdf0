"""What permits a pickup (codes, claims), and throttles, on disk."""

from __future__ import annotations

import json
import sqlite3

from edge.core.claim import Claim
from edge.core.codes import PickupCode
from edge.core.throttle import Throttle
from edge.store.rows import Rows


class Guessing(Rows):
    """Tables `codes`, `claims` and `throttles`."""

    def codes(self) -> list[PickupCode]:
        """Return every live code's keyed hash."""
        return [code_of(row) for row in self._all("SELECT * FROM codes ORDER BY compartment")]

    def code(self, compartment: int) -> PickupCode | None:
        """Return the live code of one compartment, or None."""
        row = self._one("SELECT * FROM codes WHERE compartment = ?", compartment)
        return None if row is None else code_of(row)

    def save_code(self, code: PickupCode) -> None:
        """Make a code live, in place of the compartment's old one."""
        self._put("codes", compartment=code.compartment, case_number=code.case_number, mac=code.mac)

    def drop_code(self, compartment: int) -> None:
        """Spend the compartment's code, if it has one."""
        self._connection.execute("DELETE FROM codes WHERE compartment = ?", (compartment,))

    def claim(self, case_number: str) -> Claim | None:
        """Return who may collect the item of a case, as it was when it was loaded; None if that was not kept."""
        row = self._one("SELECT * FROM claims WHERE case_number = ?", case_number)
        return None if row is None else claim_of(row)

    def save_claim(self, case_number: str, claim: Claim) -> None:
        """Keep who may collect the item of a case."""
        self._put(
            "claims",
            case_number=case_number,
            card_hash=claim.card_hash,
            collectors=json.dumps(claim.collectors),
            second_factor=int(claim.second_factor),
        )

    def forget_claims(self) -> int:
        """Drop the claims on items that lie here no more; return how many."""
        here = "SELECT case_number FROM compartments WHERE case_number IS NOT NULL"
        return self._connection.execute(f"DELETE FROM claims WHERE case_number NOT IN ({here})").rowcount  # noqa: S608  our names

    def throttle(self, key: str) -> Throttle:
        """Return what is remembered under a key; an empty one if nothing is."""
        row = self._one("SELECT * FROM throttles WHERE key = ?", key)
        return Throttle(key) if row is None else throttle_of(row)

    def throttles(self) -> list[Throttle]:
        """Return all that remember something."""
        return [throttle_of(row) for row in self._all("SELECT * FROM throttles")]

    def save_throttle(self, throttle: Throttle) -> None:
        """Write one; an empty one leaves no row."""
        if throttle == Throttle(throttle.key):
            self._connection.execute("DELETE FROM throttles WHERE key = ?", (throttle.key,))
        else:
            wrong = json.dumps(throttle.wrong)
            self._put("throttles", key=throttle.key, wrong=wrong, locked_until=throttle.locked_until)


def code_of(row: sqlite3.Row) -> PickupCode:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    return PickupCode(row["compartment"], row["case_number"], row["mac"])


def claim_of(row: sqlite3.Row) -> Claim:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    return Claim(row["card_hash"], tuple(json.loads(row["collectors"])), bool(row["second_factor"]))


def throttle_of(row: sqlite3.Row) -> Throttle:
    """Read one row; `ValueError` when it holds what this program never wrote."""
    return Throttle(row["key"], tuple(json.loads(row["wrong"])), row["locked_until"])
