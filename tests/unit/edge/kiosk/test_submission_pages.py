"""The pages of a submission over plain HTTP: every form, every message, every picture."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.errors import CameraFault
from edge.kiosk.texts import text
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
    for act in ("retake", "retake", "pick", "turn", "down", "up", "close"):
        await one.post("/camera/page", page="1", do=act)
        assert screen(one.page) == ("submission", "camera")
    assert (await one.client.get("/camera/page/1")).content == b"small 0"
    assert (await one.client.get("/camera/page/1/large")).content == b"jpeg 0 turned"
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


async def test_a_page_that_is_tapped_is_shown_large_until_the_next_is_captured(scene: Night, one: Person) -> None:
    await one.post("/submission/camera")
    await captured(scene, one, "blur")
    await captured(scene, one)
    await one.post("/camera/page", page="1", do="pick")
    assert 'data-test="picked" data-key="1"' in one.page.text
    assert "data-live" not in one.page.text
    assert 'data-flaw="blur"' in one.page.text
    await one.post("/camera/page", page="1", do="down")
    assert 'data-test="picked" data-key="1"' in one.page.text
    await captured(scene, one)
    assert "data-live" in one.page.text
    await one.post("/camera/page", page="2", do="pick")
    await one.post("/camera/page", page="2", do="remove")
    assert "data-live" in one.page.text
    assert keys(one) == ["1", "3"]


async def test_both_sides_of_a_card_are_asked_for_one_after_the_other(scene: Night, one: Person) -> None:
    await one.post("/submission/camera")
    await one.post("/camera/joining", how="card")
    for title, hint in (("card_front", "card_front"), ("card_back", "hint_card_turn"), ("card_both", "hint_card_done")):
        assert f"<h1>{text(title, 'zh')}</h1>" in one.page.text
        assert text(hint, "zh") in one.page.text
        before = keys(one)
        await shown(scene, one)
    assert (keys(one), message(one.page)) == (before, "card_full")
    await one.post("/camera/page", page="2", do="remove")
    await shown(scene, one, b"same", "duplicate")
    assert (keys(one), message(one.page)) == (["1"], "card_same_side")
    await shown(scene, one)
    await one.post("/camera/page", page="3", do="retake")
    await shown(scene, one, b"same", "duplicate")
    assert keys(one) == ["1", "4"]
    await one.post("/camera/finish")
    assert message(one.page) == "document_added"


async def test_sides_too_large_for_one_page_are_said_and_kept(scene: Night, one: Person) -> None:
    await one.post("/submission/camera")
    for _ in range(2):
        await shown(scene, one, b"large")
    await one.post("/camera/joining", how="card")
    await one.post("/camera/finish")
    assert (message(one.page), keys(one)) == ("pages_refused", ["1", "2"])
    await one.post("/camera/joining", how="pages")
    await one.post("/camera/finish")
    assert message(one.page) == "document_added"


@pytest.mark.parametrize(
    ("fault", "said"), [("gone", "away"), ("hung", "away"), ("moved", "out"), ("other_size", "out")]
)
async def test_pages_outlive_the_camera_and_end_in_a_slip(
    scene: Night, one: Person, fault: CameraFault, said: str
) -> None:
    camera = scene.camera
    assert isinstance(camera, StandInCamera)
    await one.post("/submission/camera")
    await captured(scene, one)
    await captured(scene, one)
    camera.fault, camera.broken = fault, True
    revision = scene.station.desk.changes.revision
    for _ in range(3):
        assert (await one.client.get("/camera/live?after=4")).status_code == 204
    assert scene.station.desk.changes.revision == revision + 1
    await one.look()
    assert (f'data-fault="{said}"' in one.page.text, keys(one)) == (True, ["1", "2"])
    await one.post("/camera/capture")
    assert (message(one.page), keys(one)) == (f"camera_{said}", ["1", "2"])
    await one.post("/camera/finish")
    await one.post("/submission/send")
    await one.post("/submission/hand-in", skip="yes", phone="")
    number = re.search(r'data-test="receipt-number" data-value="([^"]+)"', one.page.text)
    assert number is not None
    await until(lambda: scene.station.desk.state().slip == "printed")
    assert number[1] in (await scene.world.paper()).replace(" ", "").replace("-", "")
    failed = await scene.last("device_failed")
    assert (failed["device"], failed["fault"]) == ("camera", fault)


async def test_a_camera_that_comes_back_goes_on_with_its_pages(scene: Night, one: Person) -> None:
    camera = scene.camera
    assert isinstance(camera, StandInCamera)
    await one.post("/submission/camera")
    await captured(scene, one)
    camera.broken = True
    await one.client.get("/camera/live?after=4")
    camera.broken = False
    assert (await one.client.get("/camera/live?after=4")).status_code == 200
    await one.look()
    assert ("data-fault" in one.page.text, keys(one)) == (False, ["1"])
    assert (await scene.last("device_recovered"))["device"] == "camera"
    await captured(scene, one)
    assert list(camera.compared) == [b"small 0", b"small 1"]
    await one.post("/camera/page", page="1", do="retake")
    assert list(camera.compared) == [b"small 1"]


async def shown(scene: Night, one: Person, mark: bytes = b"side", *flaws: str) -> None:
    """Lay a page on the mat and wait until the station has made up its mind about it."""
    camera, desk = scene.camera, scene.station.desk
    assert isinstance(camera, StandInCamera)
    before = desk.changes.revision
    camera.mat.put_nowait(Capture("found", (page(mark, *flaws),)))
    await until(lambda: desk.changes.revision > before)
    await one.look()


def keys(one: Person) -> list[str]:
    return re.findall(r'data-test="page" data-key="(\d+)"', one.page.text)
