"""Commands: every claim altered, every replay tried; what is done is one transaction with its journal and its event."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OKPKey

from contract.commands import COMMAND_TYP, CommandClaims, CommandType
from contract.envelope import Event
from contract.events import Purpose
from contract.signing import new_signing_key, sign
from edge.core.compartment import Allocation, Compartment
from edge.ports import Door
from edge.store.compartments import Fitted
from edge.store.unit_of_work import Store, Transaction
from edge.uplink.command_check import CommandRefusedError, Here, PinnedKey, check_claims, read_claims
from edge.uplink.commands import Carriers, Commands
from edge.uplink.compartment_commands import CARRY
from tests.unit.edge.hand_clock import HandClock

KEY, OTHER = new_signing_key("dispatch-1"), new_signing_key("dispatch-1")
STATION = "dc-24h-01"


class Station:
    """A real store with three compartments, and the commands that arrive there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.clock, self.changed = folder, HandClock(), list[Compartment]()
        self.armed = False

    async def open(self) -> None:
        self.store = await Store.open(self.folder / "station.db", self.clock)
        await self.store.transact(lambda tx: tx.fit([Fitted(number, "s", "middle") for number in (1, 2, 3)]))
        self.epoch: UUID = (await self.store.identity()).epoch
        until = datetime.fromisoformat("2030-01-01T00:00:00Z")
        self.commands = Commands(
            self.store,
            STATION,
            {"dispatch-1": PinnedKey(KEY, until)},
            self.clock,
            carriers=Carriers(carry=CARRY),
            changed=self.changed.extend,
            service_mode=lambda: self.armed,
        )

    async def restart(self) -> None:
        await self.store.close()
        self.clock.restart()
        await self.open()

    def claims(self, kind: str = "take_out", **other: object) -> dict[str, Any]:
        now = int(self.clock.now().timestamp())
        params = {"compartment": 2, "reason": "hinge"} if kind == "take_out" else {"compartment": 2}
        return {
            "jti": str(uuid4()),
            "iss": "hub",
            "aud": STATION,
            "iat": now,
            "nbf": now,
            "exp": now + 60,
            "epoch": str(self.epoch),
            "corr": str(uuid4()),
            "cmd": {"type": kind, "params": params},
        } | other

    async def told(self) -> list[tuple[str, dict[str, Any]]]:
        """What the hub will learn, from the second event on (the first says that the station started)."""
        rows = await self.store.pending(0, 1000)
        events = [Event.model_validate_json(row.body) for row in rows]
        return [(event.type, event.data) for event in events if event.type != "station_started"]

    async def compartment(self, number: int = 2) -> Compartment:
        return await self.store.read(lambda tx: tx.compartment(number))


def token(claims: dict[str, Any], key: OKPKey = KEY, typ: str = COMMAND_TYP) -> bytes:
    return sign(json.dumps(claims).encode(), key, typ=typ).encode()


@pytest.fixture
async def station(tmp_path: Path) -> AsyncIterator[Station]:
    made = Station(tmp_path)
    await made.open()
    yield made
    await made.store.close()


async def test_a_command_changes_the_compartment_and_tells_so_in_one_commit(station: Station) -> None:
    claims = station.claims()
    await station.commands.take(token(claims))
    assert not (await station.compartment()).in_service
    assert (await station.compartment()).out_reason == "hinge"
    assert [each.number for each in station.changed] == [2]
    assert await station.told() == [
        ("compartment_taken_out", {"compartment": 2, "reason": "hinge", "by": "command"}),
        ("command_done", {"jti": claims["jti"], "command": "take_out", "result": "done"}),
    ]
    await station.commands.take(token(station.claims("return_to_service")))
    assert (await station.compartment()).in_service


async def test_taking_out_what_is_out_is_done_already(station: Station) -> None:
    await station.commands.take(token(station.claims()))
    station.changed.clear()
    await station.commands.take(token(station.claims()))
    assert (await station.told())[-1][1]["result"] == "nothing to do"
    assert station.changed == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"aud": "dc-24h-02"}, "wrong_station"),
        ({"exp": 0}, "expired"),
        ({"exp": 1}, "expired"),
        ({"nbf": 10**10}, "not_yet_valid"),
        ({"iat": 10**10}, "not_yet_valid"),
        ({"epoch": str(uuid4())}, "wrong_epoch"),
        ({"cmd": {"type": "open_all", "params": {}}}, "unsupported"),
        ({"cmd": {"type": "reissue_code", "params": {"compartment": 2}}}, "unsupported"),
        ({"cmd": {"type": "send_logs", "params": {}}}, "unsupported"),
        ({"cmd": {"type": "test_unlock", "params": {"compartment": 2}}}, "service_mode_off"),
        ({"cmd": {"type": "emergency_release", "params": {"compartment": 2}}}, "service_mode_off"),
        ({"cmd": {"type": "take_out", "params": {}}}, "malformed"),
        ({"cmd": {"type": "take_out", "params": {"compartment": "2"}}}, "malformed"),
        ({"cmd": {"type": "take_out", "params": {"compartment": True}}}, "malformed"),
        ({"cmd": {"type": "take_out", "params": {"compartment": 2, "reason": "not_fitted"}}}, "malformed"),
        ({"cmd": {"type": "take_out", "params": {"compartment": 99}}}, "not_possible"),
    ],
)
async def test_each_claim_that_is_not_right_is_refused_with_its_reason(
    station: Station, change: dict[str, Any], reason: str
) -> None:
    before = await station.compartment()
    claims = station.claims() | change
    await station.commands.take(token(claims))
    assert await station.told() == [
        ("command_refused", {"jti": claims["jti"], "command": claims["cmd"]["type"], "reason": reason})
    ]
    assert await station.compartment() == before
    assert station.changed == []


@pytest.mark.parametrize("lifetime", [61, 3600, 10**6])
async def test_whatever_concerns_doors_lives_a_minute_at_most_and_names_its_epoch(
    station: Station, lifetime: int
) -> None:
    long = station.claims("return_to_service")
    await station.commands.take(token(long | {"exp": long["iat"] + lifetime}))
    await station.commands.take(token(station.claims("return_to_service", epoch=None)))
    assert [data["reason"] for _, data in await station.told()] == ["too_long_lived", "wrong_epoch"]


async def test_nothing_moves_a_coil_even_with_service_mode_armed(station: Station) -> None:
    station.armed = True
    await station.commands.take(token(station.claims(CommandType.EMERGENCY_RELEASE.value)))
    assert [data["reason"] for _, data in await station.told()] == ["unsupported"]


async def test_while_the_clock_is_unsynced_nothing_near_a_door_is_done_and_the_rest_is(station: Station) -> None:
    station.clock.synced = False
    station.clock.jump(-56 * 365 * 86400)
    await station.commands.take(token(station.claims("return_to_service")))
    future = station.claims(iat=10**9, nbf=10**9, exp=10**9 + 60)
    await station.commands.take(token(future))
    told = await station.told()
    assert [kind for kind, _ in told] == ["command_refused", "compartment_taken_out", "command_done"]
    assert told[0][1]["reason"] == "clock_unsynced"


async def test_a_replay_changes_nothing_not_after_a_restart_and_not_after_the_clock_went_back(station: Station) -> None:
    claims = station.claims()
    out = token(claims)
    await station.commands.take(out)
    await station.commands.take(token(station.claims("return_to_service")))
    told = await station.told()
    await station.commands.take(out)
    await station.restart()
    await station.commands.take(out)
    station.clock.jump(-3600)
    await station.commands.take(out)
    station.clock.jump(7200)
    await station.commands.take(out)
    stored = ("command_done", {"jti": claims["jti"], "command": "take_out", "result": "done"})
    assert await station.told() == told + [stored] * 4
    assert (await station.compartment()).in_service


async def test_repeating_a_command_for_ever_does_not_fill_the_disk(station: Station) -> None:
    out = token(station.claims())
    for _ in range(30):
        await station.commands.take(out)
    assert [kind for kind, _ in await station.told()] == ["compartment_taken_out"] + ["command_done"] * 7
    await station.commands.take(token(station.claims("return_to_service")))
    assert (await station.compartment()).in_service


async def test_a_refused_command_stays_refused_when_it_comes_again(station: Station) -> None:
    early = station.claims(nbf=int(station.clock.now().timestamp()) + 30)
    await station.commands.take(token(early))
    station.clock.wait(31)
    await station.commands.take(token(early))
    told = await station.told()
    assert told == [("command_refused", {"jti": early["jti"], "command": "take_out", "reason": "not_yet_valid"})] * 2


async def test_an_hour_late_is_expired_and_the_door_stays_shut(station: Station) -> None:
    late = token(station.claims("return_to_service"))
    station.clock.wait(3600)
    await station.commands.take(late)
    assert [data["reason"] for _, data in await station.told()] == ["expired"]


async def test_six_commands_a_minute_and_then_again(station: Station) -> None:
    for _ in range(8):
        await station.commands.take(token(station.claims()))
    reasons = [data.get("reason") for kind, data in await station.told() if kind.startswith("command_")]
    assert reasons == [None] * 6 + ["rate_limited"] * 2
    station.clock.wait(60)
    await station.commands.take(token(station.claims()))
    assert (await station.told())[-1][0] == "command_done"


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (b"", "malformed"),
        (b"\xff\xfe garbage", "malformed"),
        (b"a.b.c", "malformed"),
        (b"x" * 9000, "malformed"),
        (token({"jti": "no"}), "malformed"),
        (token({}, OTHER), "bad_signature"),
        (token({}, new_signing_key("else")), "unknown_key"),
        (token({}, typ="nd-document+jwt"), "unknown_key"),
    ],
    ids=["empty", "bytes", "dots", "long", "claims", "forged", "kid", "document"],
)
async def test_what_no_pinned_key_signed_is_refused_and_cannot_fill_the_disk(
    station: Station, bad: bytes, reason: str
) -> None:
    for _ in range(20):
        await station.commands.take(bad)
    assert await station.told() == [("command_refused", {"reason": reason})] * 6
    await station.commands.take(token(station.claims()))
    assert (await station.told())[-1][0] == "command_done"


async def test_a_key_past_its_time_signs_nothing(station: Station) -> None:
    station.clock.jump(4 * 365 * 86400)
    await station.commands.take(token(station.claims()))
    assert await station.told() == [("command_refused", {"reason": "unknown_key"})]


async def test_no_algorithm_and_other_algorithms_are_refused(station: Station) -> None:
    def encode(part: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()

    for alg in ("none", "HS256", "RS256"):
        header = {"alg": alg, "kid": "dispatch-1", "typ": COMMAND_TYP}
        await station.commands.take(f"{encode(header)}.{encode(station.claims())}.AAAA".encode())
    assert {data["reason"] for _, data in await station.told()} <= {"unknown_key", "bad_signature", "malformed"}
    assert station.changed == []


async def test_what_a_visit_holds_is_not_touched(station: Station) -> None:
    visit = uuid4()
    await station.store.transact(lambda tx: tx.save(tx.compartment(2).reserve(Purpose.DEPOSIT, visit, Door.CLOSED)))
    await station.commands.take(token(station.claims()))
    assert [data["reason"] for _, data in await station.told()] == ["not_possible"]
    assert (await station.compartment()).allocation is Allocation.RESERVED


async def test_what_is_doubtful_only_a_person_brings_back(station: Station) -> None:
    await station.store.transact(lambda tx: tx.save(tx.compartment(2).mark_doubtful().take_out("forced")))
    await station.commands.take(token(station.claims("return_to_service")))
    assert [data["reason"] for _, data in await station.told()] == ["not_possible"]


async def test_a_failure_in_the_middle_leaves_no_journal_so_it_may_be_taken_again(station: Station) -> None:
    def breaks(tx: Transaction, _claims: CommandClaims) -> tuple[Compartment, ...]:
        tx.save(tx.compartment(2).take_out("half"))
        raise RuntimeError

    broken = Commands(
        station.store,
        STATION,
        {"dispatch-1": PinnedKey(KEY, datetime.fromisoformat("2030-01-01T00:00:00Z"))},
        station.clock,
        carriers=Carriers(carry={"take_out": breaks}),
        changed=station.changed.extend,
        service_mode=lambda: False,
    )
    claims = station.claims()
    with pytest.raises(RuntimeError):
        await broken.take(token(claims))
    assert (await station.compartment()).in_service
    await station.commands.take(token(claims))
    assert (await station.told())[-1][0] == "command_done"


HERE = Here(STATION, uuid4(), datetime.fromisoformat("2026-11-24T22:03:00+08:00"), synced=True)
WHOLE = token(
    {
        "jti": str(uuid4()),
        "iss": "hub",
        "aud": STATION,
        "iat": int(HERE.now.timestamp()),
        "nbf": int(HERE.now.timestamp()),
        "exp": int(HERE.now.timestamp()) + 60,
        "epoch": str(HERE.epoch),
        "cmd": {"type": "take_out", "params": {"compartment": 2}},
    }
)
PINNED = {"dispatch-1": PinnedKey(KEY, HERE.now + timedelta(days=1))}


def test_the_whole_token_is_accepted() -> None:
    check_claims(read_claims(WHOLE, PINNED, HERE), HERE)


@given(st.integers(0, len(WHOLE) - 1), st.sampled_from(b"ABab01-_.=\x00\xff"))
def test_no_byte_of_a_token_can_be_altered(place: int, byte: int) -> None:
    altered = WHOLE[:place] + bytes([byte]) + WHOLE[place + 1 :]
    try:
        claims = read_claims(altered, PINNED, HERE)
    except CommandRefusedError:
        return
    # Base64 leaves spare bits in a last symbol: the same signature in other letters is the same signature.
    assert claims == read_claims(WHOLE, PINNED, HERE)


async def test_two_at_once_share_nothing(station: Station) -> None:
    claims = station.claims()
    await asyncio.gather(station.commands.take(token(claims)), station.commands.take(token(claims)))
    assert [kind for kind, _ in await station.told()].count("command_done") == 1
