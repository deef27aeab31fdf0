"""A new code, a longer period, an item that is nobody's any more: each one transaction, and never near a coil."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from contract.events import Purpose
from edge.core.compartment import Allocation, Item
from edge.services.pickup_codes import PickupCodes
from edge.store.unit_of_work import Transaction
from edge.uplink.command_check import PinnedKey
from edge.uplink.commands import Carriers, Commands
from edge.uplink.item_commands import ItemCommands
from tests.unit.edge.services.night import GlassSealer, unseal
from tests.unit.edge.uplink.test_commands import KEY, STATION, Station, token

CASE = "11110101MB00001A9B400013100100020261124" + "0001"
OTHER = "11110101MB00001A9B400013100100020261124" + "0002"
CODE_KEY = b"k" * 32


class Waiting(Station):
    """An item waits in compartment 2 until tomorrow, with a live code."""

    async def open(self) -> None:
        await super().open()
        digits = iter(range(12_345_678, 99_999_999))
        codes = PickupCodes(
            GlassSealer(), station=STATION, code_key=CODE_KEY, new_id=uuid4, random_below=lambda _: next(digits)
        )
        until = datetime.fromisoformat("2030-01-01T00:00:00Z")
        self.commands = Commands(
            self.store,
            STATION,
            {"dispatch-1": PinnedKey(KEY, until)},
            self.clock,
            carriers=Carriers(carry=ItemCommands(codes, self.clock).carry),
            changed=self.changed.extend,
            service_mode=lambda: False,
        )
        self.due = self.clock.now() + timedelta(days=1)

        def put(tx: Transaction) -> None:
            empty = tx.compartment(2)
            tx.save(replace(empty, allocation=Allocation.OCCUPIED, content=Item(CASE, self.due)))
            codes.draw(tx, 2, CASE, self.due)

        await self.store.transact(put)

    async def ask(self, kind: str, **params: object) -> tuple[str, dict[str, Any]]:
        """Send a command about the item; return the last thing told."""
        cmd = {"type": kind, "params": {"compartment": 2, "case_number": CASE} | params}
        await self.commands.take(token(self.claims(cmd=cmd)))
        return (await self.told())[-1]

    async def fits(self, digits: str) -> bool:
        kept = await self.store.read(lambda tx: tx.code(2))
        return kept is not None and kept.fits(CODE_KEY, digits)


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Waiting]:
    made = Waiting(tmp_path)
    await made.open()
    yield made
    await made.store.close()


async def test_a_new_code_is_sealed_and_the_old_one_is_dead(station: Waiting) -> None:
    assert await station.fits("12345678")
    kind, answer = await station.ask("reissue_code")
    assert (kind, answer["result"]) == ("command_done", "done")
    told = dict(await station.told())["code_reissued"]
    new = unseal(told["code_sealed"])
    assert (told["case_number"], told["compartment"]) == (CASE, 2)
    assert await station.fits(new)
    assert not await station.fits("12345678")
    assert new not in str([await station.compartment(), answer])


async def test_no_new_code_while_the_clock_is_unsynced(station: Waiting) -> None:
    station.clock.synced = False
    assert await station.ask("reissue_code") == (
        "command_refused",
        {"jti": (await station.told())[-1][1]["jti"], "command": "reissue_code", "reason": "clock_unsynced"},
    )
    assert await station.fits("12345678")


@pytest.mark.parametrize(
    ("kind", "params", "reason"),
    [
        ("reissue_code", {"case_number": OTHER}, "not_possible"),
        ("reissue_code", {"compartment": 1}, "not_possible"),
        ("reissue_code", {"compartment": 99}, "not_possible"),
        ("reissue_code", {"case_number": 7}, "malformed"),
        ("withdraw_item", {"case_number": OTHER}, "not_possible"),
        ("withdraw_item", {"compartment": "2"}, "malformed"),
        ("extend_item", {}, "malformed"),
        ("extend_item", {"due": "2026-12-01T00:00:00"}, "malformed"),
        ("extend_item", {"due": "2000-12-01T00:00:00+08:00"}, "not_possible"),
        ("extend_item", {"due": "2030-12-01T00:00:00+08:00", "case_number": OTHER}, "not_possible"),
    ],
)
async def test_what_does_not_fit_what_lies_there_is_refused(
    station: Waiting, kind: str, params: dict[str, Any], reason: str
) -> None:
    before = await station.compartment()
    told, answer = await station.ask(kind, **params)
    assert (told, answer["reason"]) == ("command_refused", reason)
    assert await station.compartment() == before
    assert await station.fits("12345678")


async def test_an_item_that_a_visit_holds_or_that_is_in_doubt_is_left_alone(station: Waiting) -> None:
    waiting = await station.compartment()
    for state in (waiting.engage(Purpose.PICKUP, uuid4()), waiting.mark_doubtful()):
        await station.store.transact(lambda tx, state=state: tx.save(state))  # type: ignore[misc]  # binds the loop's value
        assert (await station.ask("withdraw_item"))[1]["reason"] == "not_possible"


async def test_a_withdrawn_item_has_no_code_and_waits_for_staff(station: Waiting) -> None:
    assert (await station.ask("withdraw_item"))[0] == "command_done"
    content = (await station.compartment()).content
    assert isinstance(content, Item)
    assert content.withdrawn
    assert not await station.fits("12345678")
    assert ("item_withdrawn", {"case_number": CASE, "compartment": 2}) in await station.told()
    assert (await station.ask("withdraw_item"))[1]["result"] == "nothing to do"
    assert (await station.ask("reissue_code"))[1]["reason"] == "not_possible"
    later = (station.due + timedelta(days=9)).isoformat()
    assert (await station.ask("extend_item", due=later))[1]["reason"] == "not_possible"


async def test_a_longer_period_is_told_with_who_wanted_it(station: Waiting) -> None:
    later = station.due + timedelta(days=2)
    assert (await station.ask("extend_item", due=later.isoformat()))[0] == "command_done"
    content = (await station.compartment()).content
    assert isinstance(content, Item)
    assert content.due == later
    told = dict(await station.told())["item_extended"]
    assert (told["by"], datetime.fromisoformat(told["due"])) == ("command", later)
    assert (await station.ask("extend_item", due=later.isoformat()))[1]["result"] == "nothing to do"


async def test_an_item_that_is_overdue_gets_a_new_code_only_after_a_longer_period(station: Waiting) -> None:
    station.clock.wait(2 * 86400)
    assert (await station.ask("reissue_code"))[1]["reason"] == "not_possible"
    later = station.clock.now() + timedelta(days=2)
    assert (await station.ask("extend_item", due=later.isoformat()))[0] == "command_done"
    assert (await station.ask("reissue_code"))[0] == "command_done"
