"""A visit with a real drive at a real station: plugged in, ticked, copied, handed in; or pulled in the middle."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from edge.scanner_sections import UsbDriveConfig
from edge.scanners.registry import open_usb_drive
from edge.services import self_test
from edge.services.submission_view import DriveView
from edge.store.files import Files
from tests.integration.test_usb_drive import PDF, Port, picture, workers
from tests.marker_search import search
from tests.materials import FILE_KEY
from tests.real_drives import fat
from tests.unit.edge.kiosk.page import Person, message, person, screen
from tests.unit.edge.scanners.intake.test_clamd import clamd
from tests.unit.edge.services.night import Night, night, until

NAME = "张三的申请表MARKER8642"
FILES = {f"{NAME}.pdf": PDF, "材料/照片.jpg": picture((4000, 3000)), "坏的.pdf": b"%PDF-1.4 broken", "程序.exe": b"MZ"}


@dataclass
class Visit:
    """A person at the kiosk, with a drive in hand."""

    scene: Night
    one: Person
    port: Port

    async def open_drive(self, image: bytes) -> None:
        await self.one.post("/submission/drive")
        self.port.plug(image)
        await until(lambda: self.view.state == "ready", 20)
        await self.one.look()

    @property
    def view(self) -> DriveView:
        return self.scene.station.desk.submission.drive.view()

    async def tick(self, name: str) -> None:
        (key,) = (each.key for each in self.view.files if each.name == name)
        await self.one.post("/drive/tick", file=str(key))

    async def copy(self) -> None:
        await self.one.post("/drive/copy")
        await until(lambda: not self.view.copying, 20)
        await self.one.look()


@asynccontextmanager
async def visiting(folder: Path, **config: object) -> AsyncIterator[Visit]:
    station = folder / "station"
    station.mkdir()
    port = Port(folder / "drive.img")
    settings = UsbDriveConfig.model_validate({"port": str(port.path), **config})
    async with AsyncExitStack() as stack:
        scene = await stack.enter_async_context(night(station))
        await scene.crash()
        scene.drive = await stack.enter_async_context(open_usb_drive(settings))
        await scene.start()
        one = await stack.enter_async_context(person(scene))
        await one.post("/go", to="submission")
        yield Visit(scene, one, port)
        await scene.crash()
    assert workers() == []


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        yield visit


def stored(scene: Night) -> list[Path]:
    return [each for each in (scene.folder / "files").iterdir() if each.is_file()]


async def test_what_is_ticked_is_handed_in_and_nothing_else(visit: Visit, tmp_path: Path) -> None:
    scene, one = visit.scene, visit.one
    await visit.open_drive(fat(tmp_path / "made", "32", FILES).read_bytes())
    assert [each.name for each in visit.view.files] == ["坏的.pdf", f"{NAME}.pdf", "照片.jpg"]
    for name in (f"{NAME}.pdf", "坏的.pdf"):
        await visit.tick(name)
    await visit.copy()
    assert message(one.page) == "files_refused"
    assert "这个文件已损坏" in one.page.text
    await one.post("/cancel")
    await one.post("/submission/send")
    await one.post("/submission/hand-in", skip="yes", phone="")
    assert screen(one.page) == ("submission", "sent")
    made = await scene.last("submission_made")
    assert made["parts"] == [{"kind": "usb", "count": 1}]
    assert (await scene.last("usb_refused"))["reason"] == "broken"
    files = Files(scene.folder / "files", FILE_KEY)
    manifest = json.loads(await files.read(made["manifest"]["sha256"]))
    content = await files.read(manifest["parts"][0]["file"]["sha256"])
    files.close()
    assert content.startswith(b"%PDF-")
    assert [part["name"] for part in manifest["parts"]] == [f"{NAME}.pdf"]
    bodies = {event["id"]: json.dumps(event, ensure_ascii=False).encode() for event in await scene.events()}
    await scene.crash()
    assert workers() == []
    for marker in (NAME, content[:24], content[-200:-160], PDF[200:240]):
        assert search(marker, [scene.folder], bodies) == []
    await scene.start()


async def test_a_drive_pulled_while_it_is_copied_leaves_nothing_half(visit: Visit) -> None:
    scene, one = visit.scene, visit.one
    made = visit.port.path.with_suffix(".made")
    await visit.open_drive(fat(made, "32", FILES, 64).read_bytes())
    await visit.tick(f"{NAME}.pdf")
    await visit.copy()
    assert message(one.page) == "files_added"
    before = {each.name: each.read_bytes() for each in stored(scene)}
    await one.post("/submission/drive")
    await visit.tick("照片.jpg")
    await one.post("/drive/copy")
    async with asyncio.timeout(10):
        while len(workers()) < 2:  # noqa: ASYNC110 - the kernel has no event for it
            await asyncio.sleep(0.002)
    visit.port.pull()
    await until(lambda: not visit.view.copying, 20)
    await one.look()
    assert message(one.page) == "drive_gone"
    assert {each.name: each.read_bytes() for each in stored(scene)} == before
    await one.post("/cancel")
    await one.post("/submission/send")
    await one.post("/submission/hand-in", skip="yes", phone="")
    assert (await scene.last("submission_made"))["parts"] == [{"kind": "usb", "count": 1}]


async def test_a_scanner_that_is_away_is_said_and_told(tmp_path: Path) -> None:
    async with visiting(tmp_path, clamd_socket=str(tmp_path / "clamd")) as visit:
        await visit.open_drive(fat(tmp_path / "made", "16", {"a.pdf": PDF}).read_bytes())
        await visit.tick("a.pdf")
        await visit.copy()
        assert "病毒检查暂时不能用" in visit.one.page.text
        assert await visit.scene.last("device_failed") == {"device": "virus-scanner", "fault": "no_answer"}
        assert stored(visit.scene) == []
        tested = await visit.scene.station.service.self_test.run()
        assert self_test.Tested("usb-drive", passed=False, detail="no_scanner") in tested
        async with clamd(tmp_path):
            visit.port.pull()
            await until(lambda: visit.view.state == "absent")
            await visit.open_drive((tmp_path / "made").read_bytes())
            await visit.tick("a.pdf")
            await visit.copy()
        assert message(visit.one.page) == "files_added"
        assert await visit.scene.last("device_recovered") == {"device": "virus-scanner"}
