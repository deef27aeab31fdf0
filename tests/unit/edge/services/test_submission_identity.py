"""A card says whose submission it is: every kind of card, none at all, and everything that a reader can do wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from contract.ids import card_hash
from edge.core.visit import Answer
from edge.ports import Capture
from edge.scanners.id_reader.simulator import PERSONS
from edge.services import asking
from edge.services.collect_item import Proofs
from edge.services.view import Screen
from tests.marker_search import search
from tests.unit.edge.services.moved_clock import MovedClock
from tests.unit.edge.services.night import Night, night, step, to_closed, until
from tests.unit.edge.services.stand_ins import StandInCamera, page

CARD_KEY = b"c" * 32


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
async def scene(tmp_path: Path, clock: MovedClock) -> AsyncIterator[Night]:
    async with night(tmp_path, clock=clock, proofs=Proofs("night-1", CARD_KEY)) as scene:
        await scene.crash()
        scene.camera = StandInCamera()
        await scene.start()
        scene.station.desk.go(Screen.SUBMISSION)
        yield scene


async def put(scene: Night, person: str, fault: str = "none") -> None:
    await scene.world.do("card", on=True, person=person, fault=fault)


async def said(scene: Night, key: str) -> None:
    await until(lambda: (shown := scene.station.desk.state().message) is not None and shown.key == key)


async def capture_one(scene: Night) -> None:
    desk = scene.station.desk
    assert isinstance(scene.camera, StandInCamera)
    await desk.submission.open_camera()
    scene.camera.mat.put_nowait(Capture("found", (page(b"one"),)))
    await until(lambda: desk.submission.camera.view().pages)
    await desk.submission.camera.finish()


async def hand_in(scene: Night) -> None:
    scene.station.desk.submission.send()
    await scene.station.desk.submission.hand_in("")


@pytest.mark.parametrize(
    ("person", "name", "mask"),
    [
        ("wang", "王*试", "110101********0011"),
        ("li", "李*例", "110101********002X"),
        ("chan", "陈*生", "810000********0113"),
        ("smith", "样*姆", "USA********1211"),
        ("jones", "样*", "911840********0019"),
    ],
)
async def test_each_kind_of_card_says_whose_it_is(scene: Night, person: str, name: str, mask: str) -> None:
    card = PERSONS[person]
    assert scene.station.desk.state().step == "identity"
    await put(scene, person)
    shown = (await step(scene, "materials")).submission
    assert shown is not None
    assert shown.submitter is not None
    assert (shown.submitter.name, shown.submitter.kind) == (name, card.kind)
    await said(scene, "identity_read")
    assert "identity_read" not in await scene.types()
    await capture_one(scene)
    await hand_in(scene)
    made, read = await scene.last("submission_made"), await scene.last("identity_read")
    number = card.fields["number"]
    assert read == {
        "card_hash": card_hash(CARD_KEY, number),
        "mask": mask,
        "kind": card.kind,
        "receipt_number": made["receipt_number"],
    }
    # The hub has a row for the card only once it knows the submission.
    types = await scene.types()
    assert types.index("identity_read") > types.index("submission_made")


async def test_one_can_go_on_without_a_card_and_say_it_later_or_take_it_back(scene: Night) -> None:
    desk = scene.station.desk
    await desk.submission.identify("skip")
    assert desk.state().step == "materials"
    await capture_one(scene)
    await desk.submission.identify("ask")
    await put(scene, "wang")
    await step(scene, "materials")
    await desk.submission.identify("forget")
    shown = desk.state().submission
    assert shown is not None
    assert shown.submitter is None
    assert len(shown.materials) == 1
    await hand_in(scene)
    assert "identity_read" not in await scene.types()


async def test_a_card_alone_is_no_submission(scene: Night) -> None:
    desk = scene.station.desk
    await put(scene, "wang")
    await step(scene, "materials")
    with pytest.raises(Exception, match="submission_empty"):
        desk.submission.send()
    await desk.cancel(None)
    assert desk.state().step == "home"
    assert scene.station.submissions.current is None
    assert not {"identity_read", "submission_made"} & set(await scene.types())


async def test_with_paper_alone_the_card_belongs_to_its_receipt_number_also_after_a_power_cut(scene: Night) -> None:
    desk = scene.station.desk
    await put(scene, "wang")
    await step(scene, "materials")
    desk.submission.put_paper()
    desk.choose_size("s")
    await desk.start_deposit("")
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, Answer.CONFIRMED, 1)
    deposit = await scene.last("deposit_made")
    await scene.crash()
    await scene.start()
    assert (await scene.last("submission_made"))["ended"] == "restarted"
    read = await scene.last("identity_read")
    assert (read["receipt_number"], read["mask"]) == (deposit["receipt_number"], "110101********0011")


async def test_an_expired_card_is_refused_in_words_unless_nothing_has_set_the_clock(
    scene: Night, clock: MovedClock
) -> None:
    await put(scene, "zhao")
    await said(scene, "identity_expired")
    assert scene.station.desk.state().step == "identity"
    assert scene.station.submissions.current is None
    clock.known = False
    await scene.world.do("card", on=False)
    await put(scene, "li")
    await step(scene, "materials")


@pytest.mark.parametrize(
    ("fault", "key"),
    [("taken_away", "identity_again"), ("unreadable", "identity_again"), ("wrong_card", "identity_other_kind")],
)
async def test_what_cannot_be_read_is_said_and_one_goes_on(scene: Night, fault: str, key: str) -> None:
    await put(scene, "wang", fault)
    await said(scene, key)
    desk = scene.station.desk
    assert desk.state().step == "identity"
    await desk.submission.identify("skip")
    assert desk.state().step == "materials"


@pytest.mark.parametrize("how", ["self_test", "unplugged"])
async def test_a_reader_that_fails_is_told_and_asked_for_no_more(
    scene: Night, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(asking, "AGAIN_S", 0.1)
    if how == "unplugged":
        await scene.world.do("unplug", board="id-reader")
    else:
        await scene.world.do("card", fault=how)
    await said(scene, "identity_reader_failed")
    desk = scene.station.desk
    shown = desk.state()
    assert (shown.step, shown.submission and shown.submission.asks_identity) == ("identity", False)
    assert (await scene.last("device_failed"))["device"] == "id-reader"
    await desk.submission.identify("skip")
    await desk.cancel(None)
    desk.go(Screen.SUBMISSION)
    assert desk.state().step == "materials"


async def test_the_self_test_asks_card_and_code_reader_and_their_faults_are_tasks(scene: Night) -> None:
    test = scene.station.service.self_test

    async def found() -> dict[str, str]:
        return {each.device: each.detail for each in await test.run() if each.device.endswith("-reader")}

    assert await found() == {"id-reader": "", "barcode-reader": ""}
    await scene.world.do("card", fault="refused")
    await scene.world.do("unplug", board="barcode-reader")
    assert await found() == {"id-reader": "sam_refused", "barcode-reader": "reader_gone"}
    failed = [each["data"] for each in await scene.events() if each["type"] == "device_failed"]
    assert {"device": "barcode-reader", "fault": "reader_gone"} in failed
    await scene.world.do("card", fault="none")
    await scene.world.do("plug", board="barcode-reader")
    async with asyncio.timeout(5):
        while await found() != {"id-reader": "", "barcode-reader": ""}:  # noqa: ASYNC110 - a wire is tried in its own time
            await asyncio.sleep(0.1)
    assert "device_recovered" in await scene.types()


async def test_nothing_that_the_card_says_is_on_the_disk_or_in_an_event(scene: Night) -> None:
    name, number = "欧阳标记甲", "110105197001011233"
    await scene.world.do("card", on=True, name=name, number=number)
    await step(scene, "materials")
    await capture_one(scene)
    events = str(await scene.events()).encode()
    for marker in (name, number, "19700101"):
        assert search(marker, [scene.folder], {"events": events}) == []
    await hand_in(scene)
    await scene.crash()
    for marker in (name, number, "19700101"):
        assert search(marker, [scene.folder]) == []
