"""A station of real processes for one visit full of markers, and everything that this visit could leave behind.

The agent and its workers run as on a station, but log everything that anybody logs; broker, hub and simulated devices
are real processes beside them. A listener on the broker keeps every topic and payload.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
import tomllib
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import cv2
import httpx
import numpy as np
import paho.mqtt.client as mqtt
import pikepdf
from paho.mqtt.enums import CallbackAPIVersion

from edge.scanners.document_camera.calibration_store import save
from edge.scanners.document_camera.http_simulator import HttpCameraSimulator
from edge.scanners.document_camera.mat_simulator import LaidDown, MatSimulator
from edge.scanners.usb_drive.simulator import write_image
from edge.scanners.usb_drive.simulator.documents import as_pdf, form_page
from hall.house import House
from hall.processes import environment
from hall.toml import write_toml

NAME, NUMBER, PHONE = "欧阳标记丙", "110105197001011233", "13800137531"
ADDRESS, PHOTO = "测试省测试市测试路", "PHOTO-MARKER-5190-OF-A-FACE"
PAGE, FILE, CONTENT = "PAGE-MARKER-8246-ON-PAPER", "标记文件丁9042", "CONTENT-MARKER-3377-IN-A-FILE"
MARKERS: tuple[str, ...] = (NAME, NUMBER, PHONE, ADDRESS, PHOTO, PAGE, FILE, CONTENT, "19700101")
MASK = "110105********1233"
# The command line's own set-up of logging does nothing once there is a handler; nobody is made quiet later.
_LOUD = (
    "import logging, sys; logging.basicConfig(level=logging.DEBUG, stream=sys.stderr);"
    "logging.Logger.setLevel = lambda *_: None;"
    "from edge.__main__ import main; sys.exit(main(sys.argv[1:]))"
)
_SIZE = (1052, 780)
_CODE = 140


class Listener:
    """Hears every topic; what it heard is `text`."""

    def __init__(self, port: int) -> None:
        self.text = b""
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, "listener", protocol=mqtt.MQTTv5)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()

    def _hear(self, _client: mqtt.Client, _data: object, message: mqtt.MQTTMessage) -> None:
        self.text += message.topic.encode() + b"\n" + message.payload + b"\n"

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


class Browser:
    """The kiosk's browser: it follows the page's forms."""

    def __init__(self, client: httpx.AsyncClient, origin: str) -> None:
        self.client, self._origin = client, origin
        self.page: httpx.Response

    async def look(self) -> str:
        self.page = await self.client.get("/")
        return self.page.text

    async def post(self, path: str, **fields: str) -> str:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', self.page.text))
        headers = {"origin": self._origin}
        self.page = await self.client.post(path, data=hidden | fields, headers=headers, follow_redirects=True)
        assert self.page.status_code == 200, (path, self.page.status_code, self.page.text)
        return self.page.text

    async def until(self, what: str, seconds: float = 25.0) -> str:
        """Look until the page holds `what`."""
        end = time.monotonic() + seconds
        while what not in (text := await self.look()):
            assert time.monotonic() < end, f"no {what} on {text}"
            await asyncio.sleep(0.1)
        return text


@dataclass
class Place:
    """One station; `edge` is its agent's process now."""

    house: House
    listener: Listener
    folder: Path
    station_file: Path
    mat: MatSimulator
    logs: list[bytes]
    edge: Process | None = None

    @property
    def data(self) -> Path:
        return self.house.directory.station_db.parent

    @property
    def searched(self) -> list[Path]:
        """Every folder in which a process of this place may write, but the drive that the visitor brought."""
        return [self.house.directory.path, self.folder / "cwd", self.folder / "tmp"]

    @property
    def texts(self) -> dict[str, bytes]:
        return {"topics and payloads": self.listener.text} | {f"log {n}": log for n, log in enumerate(self.logs)}

    def plug_in(self) -> None:
        drive = self.folder / "socket" / "drive.img"
        drive.with_suffix(".new").write_bytes(write_image("fat16", {f"材料/{FILE}.pdf": marked_pdf()}))
        drive.with_suffix(".new").replace(drive)

    def unplug(self) -> None:
        (self.folder / "socket" / "drive.img").unlink()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Browser]:
        """The agent, ready; killed at the end as by a power cut, with all that it said kept in `logs`."""
        command = (sys.executable, "-c", _LOUD, "run", "--station", str(self.station_file))
        env = environment() | {"TMPDIR": str(self.folder / "tmp")}
        self.edge = await asyncio.create_subprocess_exec(
            *command, cwd=self.folder / "cwd", stdout=PIPE, stderr=subprocess.STDOUT, env=env
        )
        assert self.edge.stdout is not None
        said: list[bytes] = []
        reading = asyncio.create_task(_keep(self.edge.stdout, said))
        try:
            async with asyncio.timeout(20):
                while not (ready := re.search(rb"^ready (\S+)$", b"".join(said), re.MULTILINE)):
                    assert self.edge.returncode is None, b"".join(said)
                    await asyncio.sleep(0.05)
            origin = ready[1].decode()
            async with httpx.AsyncClient(base_url=origin, timeout=20) as client:
                browser = Browser(client, origin)
                await browser.look()
                yield browser
        finally:
            if self.edge.returncode is None:
                self.edge.kill()
            await self.edge.wait()
            await reading
            self.logs.append(b"".join(said))


async def _keep(stream: asyncio.StreamReader, said: list[bytes]) -> None:
    while piece := await stream.read(65536):
        said.append(piece)


@asynccontextmanager
async def marked_place(folder: Path) -> AsyncIterator[Place]:
    """Broker, hub and devices, running; the agent is started by `Place.running`."""
    for name in ("cwd", "tmp", "socket", "calibration"):
        (folder / name).mkdir()
    mat = MatSimulator(size=_SIZE)
    camera = HttpCameraSimulator(lambda: _with_code(mat), fps=6)
    try:
        async with House(folder / "house", broker="mosquitto", parts=("broker", "simulate", "hub")) as house:
            await house.start()
            listener = Listener(house.ports.broker)
            try:
                table = tomllib.loads(house.directory.station_file.read_text())
                table["document_camera"] |= {
                    "source": f"http://127.0.0.1:{camera.port}/",
                    "width": _SIZE[0],
                    "height": _SIZE[1],
                    "calibration_dir": str(folder / "calibration"),
                }
                table["usb_drive"]["port"] = str(folder / "socket" / "drive.img")
                save(folder / "calibration", mat.calibration())
                file = house.directory.path / "station-of-the-visit.toml"
                file.write_text(write_toml(table))
                yield Place(house, listener, folder, file, mat, [])
            finally:
                listener.close()
    finally:
        camera.close()


def lay_down(mat: MatSimulator) -> None:
    mat.sheets = {"page": LaidDown("a4", 230, 170, 0.0)}


def _with_code(mat: MatSimulator) -> bytes:
    """A frame in which the sheet carries a QR code with the page's marker."""
    jpeg = mat.jpeg()
    if not mat.sheets:
        return jpeg
    frame = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert frame is not None
    code = cv2.resize(cv2.QRCodeEncoder.create().encode(PAGE), (_CODE, _CODE), interpolation=cv2.INTER_NEAREST)
    top, left = (frame.shape[0] - _CODE) // 2, (frame.shape[1] - _CODE) // 2
    frame[top : top + _CODE, left : left + _CODE] = code[:, :, None]
    return bytes(cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 92])[1])


def marked_pdf() -> bytes:
    """A file of the visitor whose content says the marker in words and in its title."""
    out = BytesIO()
    with pikepdf.open(BytesIO(as_pdf(form_page()))) as pdf:
        pdf.docinfo["/Title"] = CONTENT
        page = pdf.pages[0]
        page.contents_add(pdf.make_stream(f"BT /F1 12 Tf 50 50 Td ({CONTENT}) Tj ET".encode()))
        pdf.save(out, compress_streams=False)
    assert CONTENT.encode() in out.getvalue()
    return out.getvalue()


def open_files(pid: int) -> set[Path]:
    """Regular files that a process and its children hold open for writing."""
    found: set[Path] = set()
    for fd in Path(f"/proc/{pid}/fd").iterdir():
        try:
            path, flags = fd.readlink(), int(_flags(pid, fd.name), 8)
        except (OSError, ValueError):
            continue
        if flags & os.O_ACCMODE and str(path).startswith("/") and path.is_file():
            found.add(path)
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return found.union(*(open_files(int(child)) for child in children))


def _flags(pid: int, fd: str) -> str:
    lines = Path(f"/proc/{pid}/fdinfo/{fd}").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith("flags:"))
