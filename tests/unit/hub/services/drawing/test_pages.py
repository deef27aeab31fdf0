"""Pages are drawn by a process that may do nothing else, and that is gone afterwards, whatever the bytes did to it."""

from __future__ import annotations

import asyncio
import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

import hub
from hub.services.drawing import pages
from hub.services.drawing.pages import Drawn, Job, PageDrawer, UndrawableError
from tests.hostile import pdfs, pictures
from tests.hostile.case import Case
from tests.hostile.pictures import encoded
from tests.unit.hub.services.submission_samples import a_pdf, a_png

ROOT = Path(hub.__file__).parents[1]
HOSTILE = [*pdfs.cases()[::3], *pictures.cases()[::3]]


async def draw(content: bytes, job: Job = Job(1, 160)) -> Drawn:  # noqa: B008 - frozen
    async def whole() -> AsyncIterator[bytes]:
        yield content

    return await PageDrawer().draw(whole(), job)


def workers() -> set[int]:
    """Process ids of all workers that this test process has."""
    found = set()
    for each in Path("/proc").glob("[0-9]*"):
        try:
            words = (each / "cmdline").read_bytes().split(b"\0")
            parent = (each / "stat").read_text().rpartition(")")[2].split()[1]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if pages._MODULE.encode() in words and parent == str(os.getpid()):
            found.add(int(each.name))
    return found


async def one_worker() -> int:
    """Between its start and its first instruction a process still looks like its parent."""
    async with asyncio.timeout(10):
        while len(found := workers()) != 1:  # noqa: ASYNC110 - the kernel sets no event
            await asyncio.sleep(0.01)
    return found.pop()


@pytest.mark.parametrize("mode", ["1", "L", "P", "I;16", "CMYK", "RGBA"])
@pytest.mark.parametrize("form", ["TIFF", "PNG", "JPEG"])
async def test_pictures_of_every_kind_are_drawn(form: str, mode: str) -> None:
    possible = {"PNG": {"1", "L", "P", "I;16", "RGBA"}, "JPEG": {"L", "CMYK"}}.get(form, {mode})
    if mode in possible:
        drawn = await draw(encoded(form, mode))
        assert (drawn.pages, Image.open(io.BytesIO(drawn.jpeg)).mode) == (1, "RGB")


async def test_every_page_of_a_picture_with_several_is_drawn() -> None:
    out = io.BytesIO()
    sheets = [Image.new("L", (300, 400), shade) for shade in (0, 120, 250)]
    sheets[0].save(out, "TIFF", save_all=True, append_images=sheets[1:])
    for number, shade in enumerate((0, 120, 250), 1):
        drawn = await draw(out.getvalue(), Job(number, 160))
        assert drawn.pages == 3
        seen = Image.open(io.BytesIO(drawn.jpeg)).convert("L").getpixel((50, 50))
        assert isinstance(seen, int)
        assert abs(seen - shade) < 6


async def test_a_picture_is_upright_as_its_camera_says() -> None:
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    Image.new("RGB", (400, 200)).save(out, "JPEG", exif=exif)
    shown = Image.open(io.BytesIO((await draw(out.getvalue())).jpeg))
    assert shown.height > shown.width


async def test_what_was_typed_into_a_form_is_shown() -> None:
    """And what a page says of its own rotation is followed."""
    document = pypdfium2.PdfDocument(a_pdf("one"))
    document[0].set_rotation(90)
    out = io.BytesIO()
    document.save(out)
    shown = Image.open(io.BytesIO((await draw(out.getvalue())).jpeg))
    assert shown.width > shown.height


@pytest.mark.parametrize("width", pages.WIDTHS.values())
async def test_the_size_is_ours_not_the_documents(width: int) -> None:
    document = pypdfium2.PdfDocument.new()
    document.new_page(14_000, 200)
    out = io.BytesIO()
    document.save(out)
    shown = Image.open(io.BytesIO((await draw(out.getvalue(), Job(1, width))).jpeg))
    assert max(shown.size) <= width * 1.42


@pytest.mark.parametrize("case", HOSTILE, ids=lambda case: case.name.encode("ascii", "replace").decode())
async def test_a_hostile_file_is_drawn_or_refused_and_nothing_is_left(case: Case) -> None:
    reason, drawn = "", Drawn(b"", 0)
    try:
        drawn = await draw(case.build())
    except UndrawableError as refused:
        reason = refused.reason
    assert reason in {"broken", "encrypted", "no_page"} or max(Image.open(io.BytesIO(drawn.jpeg)).size) < 400
    assert workers() == set()


async def test_a_worker_that_is_too_slow_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "DEADLINE_S", 0.3)
    never = asyncio.Event()

    async def stalls() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7"
        await never.wait()

    with pytest.raises(UndrawableError, match="too_slow"):
        await PageDrawer().draw(stalls(), Job(1, 160))
    assert workers() == set()


async def test_a_worker_that_dies_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    async def killed() -> AsyncIterator[bytes]:
        os.kill(await one_worker(), signal.SIGKILL)
        for _ in range(100):
            yield bytes(100_000)

    with pytest.raises(UndrawableError, match="broken"):
        await PageDrawer().draw(killed(), Job(1, 160))
    assert workers() == set()


async def test_who_leaves_takes_the_worker_along() -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def stalls() -> AsyncIterator[bytes]:
        yield b"%PDF-1.7"
        begun.set()
        await never.wait()

    drawing = asyncio.create_task(PageDrawer().draw(stalls(), Job(1, 160)))
    await begun.wait()
    await one_worker()
    drawing.cancel()
    await asyncio.wait({drawing})
    assert workers() == set()


async def test_a_few_at_once_and_small_ones_one_after_the_other() -> None:
    drawer, now, most = PageDrawer(), [0, 0], [0, 0]
    content, both = a_png(), asyncio.Event()

    async def counted(large: bool) -> AsyncIterator[bytes]:
        now[large] += 1
        most[large] = max(most[large], now[large])
        if now[1] == pages.AT_ONCE:
            both.set()
        if large:
            await both.wait()
        yield content
        now[large] -= 1

    await asyncio.gather(*(drawer.draw(counted(n % 2 > 0), Job(1, (160, 1240)[n % 2])) for n in range(8)))
    assert most == [1, pages.AT_ONCE]


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{}\n",
        b'{"pages": 1}\n<html>',
        b'{"pages": 0}\n\xff\xd8\xff',
        b'{"pages": "x"}\n\xff\xd8\xff',
        b"[]\n\xff\xd8\xff",
        b'{"pages": 1e999}\n\xff\xd8\xff',
        b"[" * 100_000 + b"\n\xff\xd8\xff",
        b'{"refused": "anything"}\n',
        b"\xff\xd8\xff" * 10,
    ],
)
def test_nothing_of_a_worker_is_believed(answer: bytes) -> None:
    with pytest.raises(UndrawableError, match="broken"):
        pages._read(answer)


TRIES = {
    "reads a file of the hub": "open('/etc/hostname').read()",
    "looks around": "os.listdir('/')",
    "writes": "open('/dev/shm/nightdesk-wall', 'w').write('x')",
    "connects": "socket.create_connection(('127.0.0.1', 9), 1)",
    "takes memory": "bytearray(3 << 30)",
    "starts something": "os.posix_spawn('/bin/true', ['/bin/true'], {})",
}


@pytest.mark.parametrize("what", TRIES)
def test_the_walls_hold(what: str) -> None:
    code = (
        "import os, socket\nfrom hub.services.drawing import walls\nshut = walls.raise_walls()\n"
        f"try:\n    {TRIES[what]}\n    done = 'done'\nexcept (OSError, MemoryError) as error:\n"
        "    done = type(error).__name__\nprint(shut, done)"
    )
    ran = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    shut, done = (ran.stdout.split() or ["killed", "killed"])[:2]
    if shut == "False":  # a kernel without Landlock: memory and written bytes are limited all the same
        assert (done == "done") == (what not in {"takes memory", "writes"})
    else:
        wanted = {"takes memory": {"MemoryError"}, "connects": {"PermissionError"}}.get(what, {"PermissionError"})
        assert done in wanted, ran.stderr
