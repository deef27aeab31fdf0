"""QR code, card, relative, second factor: who is let in, who is not, and that everything works once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from contract.ids import card_hash
from edge.core import pickup_token
from edge.core.compartment import Allocation
from edge.core.throttle import KIOSK
from edge.core.visit import Answer
from edge.errors import LockedOutError, WrongCodeError
from edge.ports import IdCard
from edge.services import asking
from edge.services.collect_item import Proofs
from edge.services.refusals import RefusedError
from edge.services.view import Screen
from tests.marker_search import search
from tests.unit.edge.services.moved_clock import MovedClock
from tests.unit.edge.services.night import (
    BADGE,
    CASE,
    CODE_KEY,
    PIN,
    Night,
    eventually,
    night,
    step,
    to_closed,
    unseal,
    until,
)

CARD_KEY = b"c" * 32
OWN, RELATIVE, STRANGER = "11010519491231002X", "110105197001011233", "110105198001011238"
CLAIM: dict[str, object] = {"card_hash": card_hash(CARD_KEY, OWN), "collectors": [card_hash(CARD_KEY, RELATIVE)]}


class Line:
    """Whether the hub could send a text message."""

    def __init__(self) -> None:
        self.up = True


@pytest.fixture
def line() -> Line:
    return Line()


@pytest.fixture
async def scene(tmp_path: Path, line: Line) -> AsyncIterator[Night]:
    proofs = Proofs("night-1", CARD_KEY, online=lambda: line.up)
    async with night(tmp_path, clock=MovedClock(), proofs=proofs) as scene:
        await scene.give_documents(case=CLAIM)
        yield scene


async def load(scene: Night) -> tuple[int, str, str]:
    """Load the one expected case; return compartment, code and QR token."""
    desk = scene.station.desk
    desk.go(Screen.STAFF)
    await desk.staff_login(BADGE, PIN)
    await desk.start_load(CASE)
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, Answer.CONFIRMED)
    await desk.finish(closed.visit)
    await desk.staff_logout()
    loaded = await scene.last("item_loaded")
    return int(loaded["compartment"]), unseal(loaded["code_sealed"]), unseal(loaded["qr_sealed"])


async def scan(scene: Night, text: str) -> None:
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("qr")
    await scene.station.desk.pickup.start_by_token(text)


async def enter(scene: Night, number: int, code: str) -> None:
    desk = scene.station.desk
    desk.go(Screen.PICKUP)
    desk.choose_compartment(str(number))
    await desk.start_pickup(code)


async def take(scene: Night) -> None:
    closed = await to_closed(scene)
    await scene.station.desk.confirm(closed.visit, Answer.CONFIRMED)
    await scene.station.desk.finish(closed.visit)


async def put(scene: Night, number: str) -> None:
    """Put a card on the reader, where perhaps another one lies."""
    await scene.world.do("card", on=True, number=number)


async def lift(scene: Night) -> None:
    """Take the card away, and wait until the reader was asked for one often enough to notice."""
    await scene.world.do("card", on=False)
    before = (await scene.world.do("state"))["id_reader"]["asked"]

    async def asked() -> list[str]:
        return ["enough"] if (await scene.world.do("state"))["id_reader"]["asked"] > before + 2 else []

    await eventually(asked, "enough")


async def said(scene: Night, key: str) -> None:
    await until(lambda: (shown := scene.station.desk.state().message) is not None and shown.key == key)


async def reasons(scene: Night) -> list[str]:
    return [e["data"]["reason"] for e in await scene.events() if e["type"] == "pickup_refused"]


async def test_a_qr_code_opens_its_door_once(scene: Night) -> None:
    number, _, token = await load(scene)
    await scan(scene, token)
    await take(scene)
    assert (await scene.last("item_collected"))["means"] == "qr"
    with pytest.raises(RefusedError, match="wrong_token"):
        await scan(scene, token)
    assert await scene.world.coils() == {number: 2}


async def test_no_other_text_opens_and_each_is_counted_at_the_kiosk(scene: Night) -> None:
    number, code, token = await load(scene)
    kept = await scene.store.read(lambda tx: tx.code(number))
    assert kept is not None
    later = scene.clock.now() + timedelta(days=1)
    head, _, signature = token.rpartition(".")
    wrong = [
        "", "https://example.org/", f"{number}:{code}", head + ".", f"{head}.{signature[:-1]}", token + "A", "一" * 40,
        "eyJhbGciOiJub25lIn0." + token.split(".")[1] + ".",
        pickup_token.make(b"x" * 32, "night-1", kept, later),
        pickup_token.make(CODE_KEY, "night-2", kept, later),
        pickup_token.make(CODE_KEY, "night-1", kept, scene.clock.now()),
        pickup_token.make(CODE_KEY, "night-1", replace(kept, compartment=number + 1), later),
        pickup_token.make(CODE_KEY, "night-1", replace(kept, mac=b"1" * 32), later),
    ]  # fmt: skip
    for text in wrong:
        with pytest.raises(RefusedError, match="wrong_token"):
            await scan(scene, text)
    assert await reasons(scene) == ["wrong_token"] * len(wrong)
    assert len((await scene.store.read(lambda tx: tx.throttle(KIOSK))).wrong) == len(wrong)
    assert await scene.world.coils() == {number: 1}


async def test_a_locked_compartment_is_locked_for_its_qr_code_too(scene: Night) -> None:
    number, code, token = await load(scene)
    for _ in range(5):
        with pytest.raises((WrongCodeError, LockedOutError)):
            await enter(scene, number, f"{(int(code) + 1) % 10**8:08d}")
    with pytest.raises(LockedOutError):
        await scan(scene, token)


@pytest.mark.parametrize(("number", "means"), [(OWN, "card"), (RELATIVE, "relative")])
async def test_the_recipients_card_and_an_authorised_one_open(scene: Night, number: str, means: str) -> None:
    compartment, _, _ = await load(scene)
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("card")
    await put(scene, number)
    await take(scene)
    assert await scene.last("item_collected") == {"case_number": CASE, "compartment": compartment, "means": means}
    assert await scene.store.read(lambda tx: tx.code(compartment)) is None


async def test_a_card_of_nobody_opens_nothing_and_is_nowhere_on_the_disk(scene: Night) -> None:
    await load(scene)
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("card")
    await put(scene, STRANGER)
    await said(scene, "card_no_item")
    assert await reasons(scene) == ["unknown_card"]
    # The log of the bytes on all wires of the simulated devices is in that folder too.
    assert search(STRANGER, [scene.folder]) + search(OWN, [scene.folder]) == []
    assert STRANGER not in repr(IdCard(STRANGER))


async def test_a_newer_list_does_not_change_who_may_collect(scene: Night) -> None:
    await load(scene)
    other = {"card_hash": card_hash(CARD_KEY, STRANGER), "second_factor": False}
    await scene.give_documents(case=other)
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("card")
    await put(scene, STRANGER)
    await said(scene, "card_no_item")
    await put(scene, OWN)
    await take(scene)


async def test_with_a_second_factor_neither_code_nor_card_alone_opens(scene: Night) -> None:
    await scene.give_documents(case=CLAIM | {"second_factor": True})
    number, code, token = await load(scene)
    await enter(scene, number, code)
    assert scene.station.desk.state().step == "factor"
    scene.station.desk.pickup.choose("card")
    await scene.station.desk.cancel(None)
    await scan(scene, token)
    assert scene.station.desk.state().step == "factor"
    await scene.station.desk.cancel(None)
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("card")
    await put(scene, OWN)
    await said(scene, "card_and_code")
    assert await scene.world.coils() == {number: 1}
    await enter(scene, number, code)
    await put(scene, STRANGER)
    await said(scene, "card_not_yours")
    await put(scene, RELATIVE)
    await take(scene)
    assert (await scene.last("item_collected"))["means"] == "relative"


async def test_a_one_time_code_is_a_second_factor(scene: Night) -> None:
    await scene.give_documents(case=CLAIM | {"second_factor": True})
    number, code, _ = await load(scene)
    await enter(scene, number, code)
    desk = scene.station.desk
    with pytest.raises(WrongCodeError):
        await desk.pickup.second("000000")
    await desk.pickup.send_one_time_code()
    with pytest.raises(RefusedError, match="one_time_wait"):
        await desk.pickup.send_one_time_code()
    issued = await scene.last("one_time_code_issued")
    digits = unseal(issued["code_sealed"])
    assert (issued["case_number"], issued["compartment"], len(digits)) == (CASE, number, 6)
    with pytest.raises(WrongCodeError):
        await desk.pickup.second(f"{(int(digits) + 1) % 10**6:06d}")
    await desk.pickup.second(digits)
    await take(scene)
    assert (await scene.last("item_collected"))["means"] == "code"


async def test_three_wrong_tries_spend_a_one_time_code_even_if_the_code_is_entered_anew(scene: Night) -> None:
    await scene.give_documents(case=CLAIM | {"second_factor": True})
    number, code, _ = await load(scene)
    await enter(scene, number, code)
    await scene.station.desk.pickup.send_one_time_code()
    digits = unseal((await scene.last("one_time_code_issued"))["code_sealed"])
    for _ in range(3):
        with pytest.raises(WrongCodeError):
            await scene.station.desk.pickup.second(f"{(int(digits) + 1) % 10**6:06d}")
        await scene.station.desk.cancel(None)
        await enter(scene, number, code)
    with pytest.raises(WrongCodeError):
        await scene.station.desk.pickup.second(digits)
    assert await scene.world.coils() == {number: 1}


async def test_who_goes_away_leaves_no_proof_behind(scene: Night) -> None:
    await scene.give_documents(case=CLAIM | {"second_factor": True})
    number, code, _ = await load(scene)
    await enter(scene, number, code)
    await scene.station.desk.pickup.send_one_time_code()
    digits = unseal((await scene.last("one_time_code_issued"))["code_sealed"])
    await scene.station.desk.cancel(None)
    with pytest.raises(RefusedError, match="factor_over"):
        await scene.station.desk._its.pickup.second_by_one_time_code(digits)


async def test_what_cannot_be_checked_here_is_never_opened(tmp_path: Path, line: Line) -> None:
    line.up = False
    async with night(tmp_path, clock=MovedClock(), proofs=Proofs("night-1", None, None, lambda: line.up)) as scene:
        await scene.give_documents(case=CLAIM | {"second_factor": True})
        number, code, token = await load(scene)
        for show in (enter(scene, number, code), scan(scene, token)):
            with pytest.raises(RefusedError, match="second_factor_here"):
                await show
        assert await reasons(scene) == ["second_factor"] * 2
        assert await scene.world.coils() == {number: 1}
        assert (await scene.compartment(number)).allocation is Allocation.OCCUPIED


@pytest.mark.parametrize(("answer", "reason", "on_paper"), [
    (Answer.MISSING, "item_missing", "柜内没有证件"),
    (Answer.WRONG, "wrong_item", "柜内不是本人证件"),
])  # fmt: skip
async def test_what_the_recipient_reports_is_looked_into(
    scene: Night, answer: Answer, reason: str, on_paper: str
) -> None:
    number, code, _ = await load(scene)
    await enter(scene, number, code)
    closed = await to_closed(scene)
    assert {"missing", "wrong"} <= closed.actions
    await scene.station.desk.confirm(closed.visit, answer)
    ended = await step(scene, "result")
    assert (ended.ending, (await scene.compartment(number)).allocation) == ("doubtful", Allocation.DOUBTFUL)
    doubt = await scene.last("compartment_doubtful")
    assert (doubt["reason"], doubt["case_number"], doubt["receipt_number"]) == (reason, CASE, ended.receipt_number)
    await until(lambda: scene.station.desk.state().slip == "printed")
    assert on_paper in await scene.world.paper()
    await scene.station.desk.finish(closed.visit)
    with pytest.raises(WrongCodeError):
        await enter(scene, number, code)


async def test_a_forced_compartment_is_not_called_safe(scene: Night) -> None:
    number, code, _ = await load(scene)
    await scene.world.do("force", compartment=number)
    await until(lambda: number in {each.number for each in scene.station.desk._its.clear.to_inspect()})
    coils = await scene.world.coils()
    await enter(scene, number, code)
    shown = scene.station.desk.state()
    assert (shown.step, shown.ending) == ("result", "doubtful")
    assert await scene.world.coils() == coils


async def test_a_card_that_cannot_be_read_is_told_and_can_be_put_again(scene: Night) -> None:
    await load(scene)
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("card")
    await scene.world.do("card", on=True, number=OWN, fault="taken_away")
    await said(scene, "card_again")
    await lift(scene)
    await scene.world.do("card", on=True, number=OWN, fault="wrong_card")
    await said(scene, "card_other_kind")
    await scene.world.do("card", on=True, number=OWN, fault="none")
    await take(scene)


async def test_an_expired_card_collects_nothing(scene: Night) -> None:
    await load(scene)
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("card")
    await scene.world.do("card", on=True, person="zhao")
    await said(scene, "card_expired")
    assert scene.station.visits.active is None


async def test_a_reader_that_is_unplugged_is_told_offered_no_more_and_offered_again(
    scene: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "AGAIN_S", 0.1)
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("card")
    await scene.world.do("unplug", board="id-reader")
    await said(scene, "card_reader_failed")
    assert scene.station.desk.state().ways == {"qr", "sms"}
    assert await scene.last("device_failed") == {"device": "id-reader", "fault": "no_answer"}
    await scene.world.do("plug", board="id-reader")
    await until(lambda: "card" in scene.station.desk.state().ways)
    assert await scene.last("device_recovered") == {"device": "id-reader"}


async def test_the_code_reader_looks_only_while_a_form_wants_a_code_and_acts_as_if_typed(scene: Night) -> None:
    number, _, token = await load(scene)

    async def looking() -> bool:
        return bool((await scene.world.do("state"))["barcode_reader"]["looking"])

    async def until_looking(*, wanted: bool) -> None:
        await eventually(lambda: _told(looking), str(wanted))

    await until_looking(wanted=False)
    scene.station.desk.go(Screen.PICKUP)
    scene.station.desk.pickup.choose("qr")
    await until_looking(wanted=True)
    await scene.world.do("scan", text="https://example.org/")
    await said(scene, "wrong_token")
    await scene.world.do("scan", text=token)
    await take(scene)
    assert (await scene.last("item_collected"))["means"] == "qr"
    await until_looking(wanted=False)
    assert await scene.world.coils() == {number: 2}


async def _told(look: Callable[[], Awaitable[bool]]) -> list[str]:
    return [str(await look())]


async def test_a_label_is_scanned_by_staff_on_list_and_trolley(scene: Night) -> None:
    desk = scene.station.desk
    desk.go(Screen.STAFF)
    await desk.staff_login(BADGE, PIN)
    await scene.world.do("scan", text="x" * 70)
    await said(scene, "bad_label")
    await scene.world.do("scan", text=CASE)
    await until(lambda: desk.state().screen is Screen.LOAD)
