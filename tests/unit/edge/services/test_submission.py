"""A whole submission: gathered as drafts, handed in at once or wiped; never dropped with paper in a compartment."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from edge.core.visit import Answer
from edge.errors import StoreBusyError
from edge.ports import Capture
from edge.services.refusals import RefusedError
from edge.services.view import Screen
from edge.store.files import Files
from tests.marker_search import search
from tests.materials import FILE_KEY
from tests.unit.edge.services.night import BADGE, PIN, Night, night, step, to_closed, unseal, until
from tests.unit.edge.services.stand_ins import StandInCamera, StandInDrive, page

PHONE = "13812345678"
MARKER = "张三的材料MARKER7531"


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Night]:
    async with night(tmp_path) as scene:
        await scene.crash()
        scene.camera, scene.drive = StandInCamera(), StandInDrive()
        await scene.start()
        yield scene


def camera(scene: Night) -> StandInCamera:
    assert isinstance(scene.camera, StandInCamera)
    return scene.camera


def drive(scene: Night) -> StandInDrive:
    assert isinstance(scene.drive, StandInDrive)
    return scene.drive


async def gather_pages(scene: Night, *marks: bytes) -> None:
    """Capture pages and put the document of them on the list."""
    desk = scene.station.desk
    if desk.form == "home":
        desk.go(Screen.SUBMISSION)
    await desk.submission.open_camera()
    for mark in marks:
        camera(scene).mat.put_nowait(Capture("found", (page(mark),)))
    await until(lambda: len(desk.submission.camera.view().pages) == len(marks))
    await desk.submission.camera.finish()


async def gather_files(scene: Night, files: dict[str, bytes | None]) -> None:
    """Plug a drive in, tick everything and copy it."""
    desk = scene.station.desk
    if desk.form == "home":
        desk.go(Screen.SUBMISSION)
    desk.submission.open_drive()
    drive(scene).plug(files)
    await until(lambda: len(desk.submission.drive.view().files) == len(files))
    for key in range(1, len(files) + 1):
        desk.submission.drive.tick(key)
    desk.submission.drive.copy()
    await until(lambda: not desk.submission.drive.view().copying)


async def put_paper(scene: Night) -> int:
    """Put paper of the submission into a compartment, and go back to the list."""
    desk = scene.station.desk
    desk.submission.put_paper()
    desk.choose_size("s")
    await desk.start_deposit("")
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, Answer.CONFIRMED, 3)
    await desk.finish(closed.visit)
    assert closed.compartment is not None
    return closed.compartment


async def stored(scene: Night) -> list[str]:
    """Return the states of the files' rows."""
    return [row.state for row in await scene.store.read(lambda tx: tx.wanted_files())]


def on_disk(scene: Night) -> int:
    """Return how many contents lie in the station's folder."""
    return len([each for each in (scene.folder / "files").iterdir() if each.is_file()])


async def test_pages_files_and_paper_have_one_number(scene: Night) -> None:
    desk = scene.station.desk
    await gather_pages(scene, b"one", b"two")
    await gather_files(scene, {f"{MARKER}.pdf": b"a file"})
    number = await put_paper(scene)
    desk.submission.send()
    await desk.submission.hand_in(PHONE)
    view = await step(scene, "sent")
    made = await scene.last("submission_made")
    assert made["receipt_number"] == view.receipt_number == (await scene.last("deposit_made"))["receipt_number"]
    assert made["parts"] == [
        {"kind": "camera", "count": 1},
        {"kind": "usb", "count": 1},
        {"kind": "paper", "count": 3, "compartment": number},
    ]
    assert unseal(made["phone_sealed"]) == PHONE
    assert (await scene.last("document_captured"))["pages"] == 2
    assert await stored(scene) == ["wanted"] * 3
    files = Files(scene.folder / "files", FILE_KEY)
    manifest = json.loads(await files.read(made["manifest"]["sha256"]))
    assert [part["name"] for part in manifest["parts"]] == ["", f"{MARKER}.pdf"]
    assert manifest["compartment"] == number
    captured = (await scene.last("document_captured"))["file"]["sha256"]
    assert await files.read(captured) == b"pages|jpeg one|jpeg two"
    files.close()
    await until(lambda: desk.state().slip == "printed")
    # On one line each: the narrow paper breaks a longer one in the middle of a word.
    assert {"扫描 Scanned  1 份, 2 页/pp", "U盘文件 USB files  1"} <= set((await scene.world.paper()).splitlines())


async def test_nothing_in_clear_is_left_on_the_disk(scene: Night) -> None:
    await gather_pages(scene, MARKER.encode())
    await gather_files(scene, {f"{MARKER}.pdf": MARKER.encode()})
    desk = scene.station.desk
    desk.submission.send()
    await desk.submission.hand_in(PHONE)
    await until(lambda: desk.state().slip == "printed")
    await desk.cancel(None)
    bodies = {event["id"]: json.dumps(event, ensure_ascii=False).encode() for event in await scene.events()}
    await scene.crash()
    assert search(MARKER, [scene.folder], bodies) == []
    await scene.start()


async def test_giving_up_asks_and_then_wipes(scene: Night) -> None:
    desk = scene.station.desk
    await gather_pages(scene, b"one")
    await desk.cancel(None)
    assert desk.state().step == "give_up"
    await desk.cancel(None)
    assert desk.state().step == "materials"
    await desk.cancel(None)
    await desk.submission.give_up()
    assert desk.state().step == "home"
    await until(lambda: on_disk(scene) == 0)
    assert "submission_made" not in await scene.types()


async def test_a_document_can_be_taken_out_again(scene: Night) -> None:
    desk = scene.station.desk
    await gather_pages(scene, b"one")
    await gather_pages(scene, b"two")
    first = desk.state().submission
    assert first is not None
    await desk.submission.remove(first.materials[0].sha256)
    desk.submission.send()
    await desk.submission.hand_in("")
    assert (await scene.types()).count("document_captured") == 1
    assert on_disk(scene) == 2  # the other document and the list


async def test_who_leaves_with_paper_inside_has_handed_in(scene: Night) -> None:
    await gather_pages(scene, b"one")
    await put_paper(scene)
    await scene.station.desk.submission.leave()
    made = await scene.last("submission_made")
    assert (made["ended"], [part["kind"] for part in made["parts"]]) == ("idle", ["camera", "paper"])


async def test_who_leaves_without_paper_leaves_nothing(scene: Night) -> None:
    await gather_pages(scene, b"one")
    await scene.station.desk.submission.leave()
    assert "submission_made" not in await scene.types()
    assert on_disk(scene) == 0


@pytest.mark.parametrize("paper", [True, False])
async def test_a_crash_in_the_middle_is_judged_at_the_start(scene: Night, *, paper: bool) -> None:
    await gather_pages(scene, b"one")
    if paper:
        await put_paper(scene)
    await scene.crash()
    await scene.start()
    types = await scene.types()
    assert ("submission_made" in types) == paper
    assert on_disk(scene) == (2 if paper else 0)
    if paper:
        assert (await scene.last("submission_made"))["ended"] == "restarted"


async def test_refused_files_say_why_and_the_rest_is_kept(scene: Night) -> None:
    await gather_files(scene, {"good.pdf": b"good", "locked.pdf": b""})
    files = scene.station.desk.submission.drive.view().files
    assert [(each.copied, each.refused) for each in files] == [(True, ""), (False, "file_encrypted")]
    assert (await scene.last("usb_refused"))["reason"] == "encrypted"
    held = scene.station.submissions.current
    assert held is not None
    assert len(held.parts) == 1


async def test_a_pulled_drive_leaves_nothing_half(scene: Night) -> None:
    await gather_files(scene, {"good.pdf": b"good", "pulled.pdf": None})
    message = scene.station.desk.state().message
    assert message is not None
    assert message.key == "drive_gone"
    held = scene.station.submissions.current
    assert held is not None
    assert len(held.parts) == 1


async def test_a_broken_camera_is_said_and_told_once(scene: Night) -> None:
    desk = scene.station.desk
    camera(scene).broken = True
    desk.go(Screen.SUBMISSION)
    for _ in range(2):
        with pytest.raises(RefusedError, match="camera_failed"):
            await desk.submission.open_camera()
    assert (await scene.types()).count("device_failed") == 1
    camera(scene).broken = False
    await desk.submission.open_camera()
    assert (await scene.types()).count("device_recovered") == 1


async def test_paper_first_and_pages_afterwards(scene: Night) -> None:
    desk = scene.station.desk
    desk.go(Screen.SUBMISSION)
    await put_paper_alone(scene)
    current = scene.station.visits.current
    assert current is not None
    assert "add_more" in desk.state().actions
    await desk.add_more(current.visit.id)
    await gather_pages(scene, b"one")
    desk.submission.send()
    await desk.submission.hand_in("")
    made = await scene.last("submission_made")
    assert made["receipt_number"] == current.visit.receipt_number
    assert [part["kind"] for part in made["parts"]] == ["camera", "paper"]


async def put_paper_alone(scene: Night) -> None:
    desk = scene.station.desk
    desk.submission.put_paper()
    desk.choose_size("s")
    await desk.start_deposit("")
    closed = await to_closed(scene)
    await desk.confirm(closed.visit, Answer.CONFIRMED, 1)


async def test_an_empty_list_is_not_handed_in(scene: Night) -> None:
    desk = scene.station.desk
    desk.go(Screen.SUBMISSION)
    with pytest.raises(RefusedError, match="submission_empty"):
        desk.submission.send()


async def test_with_paper_inside_giving_up_hands_in_instead(scene: Night) -> None:
    desk = scene.station.desk
    await gather_pages(scene, b"one")
    await put_paper(scene)
    await desk.cancel(None)
    await desk.submission.give_up()
    assert "submission_made" not in await scene.types()
    assert desk.state().step == "give_up"
    desk.submission.send()
    assert desk.state().step == "send"


async def test_a_disk_that_refuses_never_leaves_one_persons_list_to_the_next(
    scene: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    await gather_pages(scene, b"one")
    await put_paper(scene)

    async def refuse(*_: object) -> None:
        raise StoreBusyError("full")

    with monkeypatch.context() as patched:
        patched.setattr(scene.store, "transact", refuse)
        with pytest.raises(StoreBusyError):
            await scene.station.desk.submission.leave()
    assert scene.station.submissions.current is None
    assert "submission_made" not in await scene.types()
    await scene.crash()
    await scene.start()
    assert (await scene.last("submission_made"))["ended"] == "restarted"


async def test_small_pictures_are_read_once_and_forgotten_with_the_drive(scene: Night) -> None:
    desk = scene.station.desk
    desk.go(Screen.SUBMISSION)
    desk.submission.open_drive()
    drive(scene).plug({"good.pdf": b"good", "other.pdf": b"other"})
    await until(lambda: len(desk.submission.drive.view().files) == 2)
    pictures = [await desk.submission.drive.thumbnail(key) for key in (1, 2, 1, 1)]
    assert pictures == [b"thumb 1", b"thumb 2", b"thumb 1", b"thumb 1"]
    assert drive(scene).asked == [1, 2]
    assert desk.submission.drive.kind(1) == "pdf"
    drive(scene).plug({"another.pdf": b"another"})
    await until(lambda: len(desk.submission.drive.view().files) == 1)
    await desk.submission.drive.thumbnail(1)
    assert drive(scene).asked == [1, 2, 1]
    assert (desk.submission.drive.kind(2), await desk.submission.drive.thumbnail(2)) == ("", b"")


async def test_that_the_drive_was_pulled_stays_said_until_it_is_back(scene: Night) -> None:
    await gather_files(scene, {"good.pdf": b"good", "pulled.pdf": None})
    desk = scene.station.desk
    # The copying fails first, and a moment later the port has noticed as well.
    drive(scene).pull()
    await until(lambda: desk.submission.drive.view().state == "absent")
    message = desk.state().message
    assert message is not None
    assert message.key == "drive_gone"
    drive(scene).plug({"good.pdf": b"good"})
    await until(lambda: desk.submission.drive.view().state == "ready")
    assert desk.state().message is None
    drive(scene).pull()
    await until(lambda: desk.submission.drive.view().state == "absent")
    assert desk.state().message is None


async def test_the_station_s_test_asks_the_camera_and_calls_a_technician(scene: Night) -> None:
    await scene.give_documents()
    desk, device = scene.station.desk, camera(scene)
    desk.go(Screen.STAFF)
    await desk.staff_login(BADGE, PIN)
    desk.service.enter()
    device.broken, device.fault = True, "moved"
    for _ in range(2):
        await desk.service.test_devices()
    work = await desk.service.work()
    assert (work.camera, [each.detail for each in work.tested if each.device == "camera"]) == ("moved", ["moved"])
    assert (await scene.types()).count("device_failed") == 1
    tested = [each["data"] for each in await scene.events() if each["type"] == "self_test_done"]
    assert ("camera", False, "moved") in {(each["device"], each["passed"], each["detail"]) for each in tested}
    device.broken = False
    await desk.service.test_devices()
    assert (await desk.service.work()).camera == "ok"
    assert (await scene.last("device_recovered"))["device"] == "camera"
