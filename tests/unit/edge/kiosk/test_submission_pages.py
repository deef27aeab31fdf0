"""The pages of a submission over plain HTTP: every form, every message, every picture."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.ports import Capture
from tests.unit.edge.kiosk.page import Person, message, person, screen
from tests.unit.edge.services.night import Night, night, until
from tests.unit.edge.services.stand_ins import StandInCamera, StandInDrive, page


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.crash()
        scene.camera, scene.drive = StandInCamera(), StandInDrive()
        await scene.start()
        yield scene


@pytest.fixture
async def one(scene: Night) -> AsyncIterator[Person]:
    async with person(scene) as one:
        await one.post("/go", to="submission")
        yield one


async def captured(scene: Night, one: Person, *flaws: str) -> None:
    camera, desk = scene.camera, scene.station.desk
    assert isinstance(camera, StandInCamera)
    before = len(desk.submission.camera.view().pages)
    camera.mat.put_nowait(Capture("found", (page(b"%d" % before, *flaws),)))
    await until(lambda: len(desk.submission.camera.view().pages) > before)
    await one.look()


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_from_an_empty_mat_to_a_receipt_number(scene: Night, one: Person, language: str) -> None:
    await one.post("/language", language=language)
    assert screen(one.page) == ("submission", "materials")
    await one.post("/submission/camera")
    assert screen(one.page) == ("submission", "camera")
    await captured(scene, one, "blur", "glare", "blank", "finger", "cut", "duplicate")
    await captured(scene, one)
    assert one.page.text.count('data-test="flaw"') == 6
    for act in ("retake", "retake", "turn", "down", "up"):
        await one.post("/camera/page", page="1", do=act)
        assert screen(one.page) == ("submission", "camera")
    assert (await one.client.get("/camera/page/1")).content == b"small 0"
    await one.post("/camera/joining", how="card")
    await one.post("/camera/finish")
    assert (screen(one.page), message(one.page)) == (("submission", "materials"), "document_added")
    await one.post("/submission/send")
    await one.post("/submission/hand-in", phone="123")
    assert message(one.page) == "bad_phone"
    await one.post("/submission/hand-in", skip="yes", phone="")
    assert screen(one.page) == ("submission", "sent")
    assert 'data-test="receipt-number"' in one.page.text
    await one.post("/cancel")
    assert screen(one.page) == ("home", "home")


async def test_a_drive_is_ticked_copied_and_said(scene: Night, one: Person) -> None:
    await one.post("/submission/drive")
    assert screen(one.page) == ("submission", "drive")
    drive = scene.drive
    assert isinstance(drive, StandInDrive)
    drive.plug({"一.pdf": b"one", "<b>二</b>.pdf": b"two"})
    await until(lambda: len(scene.station.desk.submission.drive.view().files) == 2)
    await one.look()
    assert "&lt;b&gt;二&lt;/b&gt;.pdf" in one.page.text
    assert (await one.client.get("/drive/file/1")).content == b"thumb 1"
    await one.post("/drive/tick", file="1")
    assert 'data-state="ticked"' in one.page.text
    await one.post("/drive/copy")
    await until(lambda: scene.station.desk.state().step == "materials")
    await one.look()
    assert message(one.page) == "files_added"
    await one.post("/cancel")
    assert screen(one.page) == ("submission", "give_up")
    await one.post("/submission/give-up")
    assert screen(one.page) == ("home", "home")


async def test_pictures_are_shown_only_to_the_form_they_belong_to(one: Person) -> None:
    assert (await one.client.get("/camera/live?after=0")).status_code == 204
    assert (await one.client.get("/drive/file/1")).headers["content-type"] == "image/gif"
    await one.post("/submission/camera")
    live = await one.client.get("/camera/live?after=4")
    assert (live.content, live.headers["nightdesk-number"], live.headers["nightdesk-hint"]) == (b"live", "5", "still")
    assert live.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/camera/page", {"page": "x", "do": "turn"}),
        ("/camera/page", {"page": "1", "do": "sell"}),
        ("/submission/remove", {"file": "../../etc"}),
        ("/drive/tick", {"file": "99999999999"}),
    ],
)
async def test_a_form_of_another_shape_is_refused(one: Person, path: str, fields: dict[str, str]) -> None:
    assert (await one.post(path, **fields)).status_code == 400


async def test_what_a_person_can_mend_is_said(scene: Night, one: Person) -> None:
    await one.post("/submission/send")
    assert message(one.page) == "submission_empty"
    await one.post("/submission/camera")
    await one.post("/camera/finish")
    assert message(one.page) == "no_pages"
    await captured(scene, one)
    await one.post("/camera/joining", how="card")
    await one.post("/camera/finish")
    assert message(one.page) == "card_sides"
    await one.post("/camera/capture")
    assert message(one.page) == "capture_no_sheet"
