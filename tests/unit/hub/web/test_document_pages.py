"""Documents of a submission at the desk: what is shown of them, who may look, and what the audit says of it."""

from __future__ import annotations

import io
import json
import re
from urllib.parse import quote

import httpx
import pytest
from PIL import Image
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import reading
from hub.db.tables import audit
from hub.services.drawing.pages import WIDTHS
from hub.services.file_disk import FileDisk
from hub.services.picture.submissions import document_id
from tests.unit.hub.services.samples import a_deposit, deeds
from tests.unit.hub.services.submission_samples import (
    DRIVE,
    LATE,
    LETTER,
    PAGES,
    PDF,
    PHOTO,
    Brought,
    Submitted,
    a_pdf,
    a_submission,
    sha,
    store,
)
from tests.unit.hub.web.conftest import Browser, HandClock

ALL = (PAGES, DRIVE, PHOTO, LETTER, LATE)


def page_of(made: Submitted) -> str:
    return f"/deposits/{quote(made.receipt, '')}"


def path_of(made: Submitted, brought: Brought) -> str:
    return f"{page_of(made)}/documents/{document_id(made.receipt, sha(brought.content))}"


def item_of(page: httpx.Response, brought: Brought) -> str:
    """What the list says of one document, without marks."""
    items = re.findall(r"<li data-kind.*?</li>\s*(?=<li data-kind|</ul>)", page.text, re.DOTALL)
    found = [item for item in items if (brought.name or "材料 1") in item]
    assert len(found) == 1
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0]))


async def looks(engine: AsyncEngine) -> list[dict[str, object]]:
    async with reading(engine) as connection:
        bodies = await connection.scalars(select(audit.c.body).where(audit.c.chain == "hub:users").order_by(audit.c.n))
        return [found for body in bodies if (found := json.loads(body))["action"].startswith("document_")]


@pytest.fixture
async def made(engine: AsyncEngine, disk: FileDisk, browser: Browser) -> Submitted:
    await browser.become("zhangli")
    return await a_submission(engine, disk, *ALL)


async def test_each_document_is_listed_with_what_is_known(browser: Browser, made: Submitted) -> None:
    page = await browser.get(page_of(made))
    assert "4 / 5 份已到" in page.text
    assert "高拍仪扫描件 · 3 页" in item_of(page, PAGES)
    assert "第 2 页： 有反光" in item_of(page, PAGES).replace("：有", "： 有")
    assert "站点已去掉网址链接" in item_of(page, DRIVE)
    assert "已收到，内容校验一致" in item_of(page, DRIVE)
    assert "还没有到" in item_of(page, LATE)
    assert "不能在这里显示" in item_of(page, LETTER)
    assert "在 12 号柜中 · 市民称 3 件" in page.text
    assert "\u202e" not in page.text
    small = re.findall(r'<img id="small-\w+" hx-preserve src="([^"]+)"', page.text)
    assert small == [f"{path_of(made, each)}/pages/1/thumbnail" for each in (PAGES, DRIVE, PHOTO)]


@pytest.mark.parametrize("read", [True, False])
async def test_the_desk_shows_whose_card_was_read(
    browser: Browser, engine: AsyncEngine, disk: FileDisk, *, read: bool
) -> None:
    await browser.become("zhangli")
    mask, kind = ("810000********0113", "hmt_resident") if read else (None, None)
    made = await a_submission(engine, disk, PAGES, card_hash="c" * 64, card_mask=mask, card_kind=kind)
    page = (await browser.get(page_of(made))).text
    assert ("810000********0113" in page, "港澳台居民居住证" in page, "未刷证件" in page) == (read, read, not read)
    assert "c" * 64 not in page


async def test_before_the_list_arrives_the_promised_files_are_shown(
    browser: Browser, engine: AsyncEngine, disk: FileDisk
) -> None:
    await browser.become("zhangli")
    made = await a_submission(engine, disk, PAGES, DRIVE, list_is_here=False)
    before = (await browser.get(page_of(made))).text
    assert ("清单还没有到" in before, DRIVE.name in before, "2 / 2 份已到" in before) == (True, False, True)
    await store(engine, disk, made.manifest, "application/vnd.nightdesk.manifest+json")
    assert DRIVE.name in (await browser.get(page_of(made))).text


@pytest.mark.parametrize("garbled", [b"no list", b"{}", b'{"v":1,"receipt_number":"7K3M9Q2T8XH","parts":[]}'])
async def test_a_list_that_is_none_of_this_submission_is_not_believed(
    browser: Browser, engine: AsyncEngine, disk: FileDisk, garbled: bytes
) -> None:
    await browser.become("zhangli")
    made = await a_submission(engine, disk, PAGES, garbled=garbled)
    assert "清单无法读取" in (await browser.get(page_of(made))).text
    assert (await browser.get(f"{path_of(made, PAGES)}/pages/1/thumbnail")).status_code == 200


@pytest.mark.parametrize(("brought", "upright"), [(PAGES, True), (DRIVE, True), (PHOTO, False)])
async def test_a_page_comes_as_a_picture_of_ours(
    browser: Browser, made: Submitted, brought: Brought, upright: bool
) -> None:
    path = f"{path_of(made, brought)}/pages/1"
    answer = await browser.get(f"{path}/page")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    picture = Image.open(io.BytesIO(answer.content))
    assert (picture.height > picture.width) == upright
    assert dark(picture, 0.08, 0.06), "the stroke is at the upper left"
    turned = Image.open(io.BytesIO((await browser.get(f"{path}/page?turn=90")).content))
    assert turned.size == picture.size[::-1]
    assert dark(turned, 0.94, 0.08), "turned clockwise it is at the upper right"
    small = Image.open(io.BytesIO((await browser.get(f"{path}/thumbnail")).content))
    assert max(small.size) < 2 * WIDTHS["thumbnail"]


def dark(picture: Image.Image, x: float, y: float) -> bool:
    spot = picture.convert("L").getpixel((round(x * picture.width), round(y * picture.height)))
    return isinstance(spot, int) and spot < 80


async def test_the_viewer_goes_from_page_to_page(browser: Browser, made: Submitted) -> None:
    path = path_of(made, PAGES)
    page = await browser.get(f"{path}?page=2&turn=90&zoom=large")
    assert "第 2 页，共 3 页" in page.text
    assert f"{path}/pages/2/large?turn=90" in page.text
    for query in (
        "page=1&amp;turn=90&amp;zoom=large",
        "page=3&amp;turn=90",
        "page=2&amp;turn=0",
        "page=2&amp;turn=180",
    ):
        assert f'href="{path}?{query}' in page.text
    assert len(re.findall(r"/thumbnail", page.text)) == 3
    live = await browser.get(f"{path}?page=2", hx_request="true")
    assert live.text.count("<section") == 1
    assert "<html" not in live.text
    odd = await browser.get(f"{path}?page=99&turn=45&zoom=%3Cb%3E")
    assert "第 3 页，共 3 页" in odd.text
    assert "还没有到" in (await browser.get(path_of(made, LATE))).text
    assert "不能在这里显示" in (await browser.get(path_of(made, LETTER))).text


async def test_no_page_stays_unseen_because_nobody_said_that_it_is_there(
    browser: Browser, engine: AsyncEngine, disk: FileDisk
) -> None:
    await browser.become("zhangli")
    more = Brought("usb", a_pdf("one", "two"), PDF, 1, "两页.pdf")
    made = await a_submission(engine, disk, more, DRIVE)
    page = (await browser.get(path_of(made, more))).text
    assert "第 1 页，共 2 页" in page
    assert "站点登记 1 页，文件实有 2 页" in page
    assert "站点登记" not in (await browser.get(path_of(made, DRIVE))).text
    late = await a_submission(engine, disk, Brought("usb", a_pdf(*"abc"), PDF, 3), list_is_here=False)
    assert "共 3 页" in (await browser.get(path_of(late, late.brought[0]))).text


async def test_the_list_of_deposits_says_what_is_still_on_its_way(
    browser: Browser, engine: AsyncEngine, disk: FileDisk
) -> None:
    await browser.become("zhangli")
    await a_submission(engine, disk, PAGES, LATE)
    await a_submission(engine, disk, DRIVE)
    await a_deposit(engine, "made")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", (await browser.get("/deposits")).text))
    assert (text.count(" 1 / 2 "), text.count(" 1 / 1 ")) == (1, 1)


async def test_a_download_is_an_attachment_without_a_type(browser: Browser, made: Submitted) -> None:
    for number, brought, ending in ((2, DRIVE, "pdf"), (4, LETTER, "docx")):
        answer = await browser.post(f"{path_of(made, brought)}/file")
        assert answer.content == brought.content
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == f'attachment; filename="{made.receipt}-{number}.{ending}"'
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert (await browser.get(f"{path_of(made, DRIVE)}/file")).status_code == 405
    assert (await browser.post(f"{path_of(made, DRIVE)}/file", form_token="other")).status_code == 403


async def test_every_look_and_every_download_is_recorded(
    browser: Browser, made: Submitted, engine: AsyncEngine, clock: HandClock
) -> None:
    path = path_of(made, PAGES)
    for number in ("1/page", "1/large", "1/page?turn=90", "2/thumbnail", "3/thumbnail", "2/page"):
        assert (await browser.get(f"{path}/pages/{number}")).status_code == 200
    await browser.post(f"{path}/file")
    await browser.post(f"{path}/file")
    clock.move(minutes=11)
    await browser.get(f"{path}/pages/1/page")
    document = sha(PAGES.content)[:16]
    said = [(each["action"], each.get("page"), each["user"], each["subject"]) for each in await looks(engine)]
    who = ("zhangli", made.receipt)
    viewed = [("document_viewed", page, *who) for page in (1, "thumbnails", 2)]
    downloads = [("document_downloaded", None, *who)] * 2
    assert said == [*viewed, *downloads, ("document_viewed", 1, *who)]
    assert {each["document"] for each in await looks(engine)} == {document}
    assert len(await deeds(engine)) >= 6, "the chain holds"


async def test_what_is_recorded_names_nothing_that_a_citizen_wrote(
    browser: Browser, made: Submitted, engine: AsyncEngine
) -> None:
    await browser.get(f"{path_of(made, DRIVE)}/pages/1/page")
    await browser.post(f"{path_of(made, DRIVE)}/file")
    assert "章程" not in json.dumps(await looks(engine), ensure_ascii=False)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("{late}/pages/1/page", 404, "还没有从站点传来"),
        ("{pages}/pages/0/page", 404, "没有这一页"),
        ("{pages}/pages/1/huge", 404, "没有这一页"),
        ("{pages}/pages/1/page?turn=45", 404, "没有这一页"),
        ("{letter}/pages/1/page", 404, "没有这一页"),
        ("{pages}/pages/4/page", 422, "文件没有这一页"),
        ("{deposit}/documents/0123456789abcdef0123", 404, "没有这个材料"),
        ("/deposits/7K3M9Q2T8XH/documents/0123456789abcdef0123", 404, "没有这个收件编号"),
    ],
)
async def test_what_is_not_there_is_said(browser: Browser, made: Submitted, path: str, status: int, words: str) -> None:
    names = {"deposit": page_of(made), "pages": path_of(made, PAGES)}
    names |= {"late": path_of(made, LATE), "letter": path_of(made, LETTER)}
    answer = await browser.get(path.format(**names))
    assert (answer.status_code, words in answer.text) == (status, True)


async def test_a_document_of_another_submission_is_not_found_here(
    browser: Browser, made: Submitted, engine: AsyncEngine, disk: FileDisk
) -> None:
    other = await a_submission(engine, disk, Brought("usb", b"%PDF-other", PDF, 1))
    stolen = path_of(other, other.brought[0]).replace(quote(other.receipt, ""), quote(made.receipt, ""))
    assert (await browser.get(stolen)).status_code == 404
    assert (await browser.get(path_of(other, other.brought[0]))).status_code == 200


async def test_a_damaged_content_is_said_and_not_shown(browser: Browser, made: Submitted, disk: FileDisk) -> None:
    place = disk.place(sha(DRIVE.content))
    content = bytearray(place.read_bytes())
    content[len(content) // 2] ^= 1
    place.write_bytes(content)
    for answer in (
        await browser.get(f"{path_of(made, DRIVE)}/pages/1/page"),
        await browser.post(f"{path_of(made, DRIVE)}/file"),
    ):
        assert (answer.status_code, "缺失或损坏" in answer.text) == (404, True)
    place.unlink()
    assert (await browser.post(f"{path_of(made, DRIVE)}/file")).status_code == 404


async def test_who_may_not_look_gets_nothing(browser: Browser, made: Submitted, engine: AsyncEngine) -> None:
    paths = [path_of(made, PAGES), f"{path_of(made, PAGES)}/pages/1/page"]
    await browser.become("wangqiang")
    assert [(await browser.get(path)).status_code for path in paths] == [403, 403]
    assert (await browser.post(f"{paths[0]}/file")).status_code == 403
    browser.http.cookies.clear()
    assert [(await browser.get(path)).status_code for path in paths] == [303, 303]
    assert (await browser.post(f"{paths[0]}/file")).status_code == 303
    assert await looks(engine) == []


async def test_a_case_shows_the_documents_of_its_deposit(browser: Browser, made: Submitted) -> None:
    sent = {"item": "1111010 1MB00001A9B4".replace(" ", "") + "000709012000", "size": "s", "recipient": "李小敏"}
    case = await browser.post(f"{page_of(made)}/case", **sent)
    assert case.status_code == 303
    page = await browser.get(case.headers["location"])
    assert DRIVE.name in page.text
    assert f'href="{path_of(made, DRIVE)}"' in page.text
