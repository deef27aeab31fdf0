"""A clerk looks at what a citizen handed in: list, small pictures, viewer, keys, download; and what the audit keeps."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from hub.services.file_disk import FileDisk
from hub.services.file_format import FileKeys
from hub.services.picture.submissions import document_id
from tests.e2e.test_desk_pages import SIZES, Desk, chromium, desk, person
from tests.unit.hub.services.submission_samples import (
    DRIVE,
    LATE,
    LETTER,
    PAGES,
    PDF,
    PHOTO,
    Brought,
    Submitted,
    a_submission,
    sha,
    store,
)

__all__ = ["chromium", "desk"]  # fixtures
BROKEN = Brought("usb", b"%PDF-1.7 nothing behind it", PDF, 1, "坏.pdf")
# Resolved when the picture is there, rejected when there will be none.
NATURAL = "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])"


@pytest.fixture
def disk(tmp_path: Path) -> FileDisk:
    return FileDisk(tmp_path / "hub-files", FileKeys(b"k" * 32))


@pytest.fixture
def made(desk: Desk, disk: FileDisk) -> Submitted:
    brought = (PAGES, DRIVE, PHOTO, LETTER, LATE, BROKEN)
    found: Submitted = desk.do(a_submission(desk.engine, disk, *brought, made_at=datetime.now(UTC)))
    return found


def page_of(made: Submitted) -> str:
    return f"/deposits/{quote(made.receipt, '')}"


def path_of(made: Submitted, brought: Brought) -> str:
    return f"{page_of(made)}/documents/{document_id(made.receipt, sha(brought.content))}"


def seen(page: Page, source: str) -> list[int]:
    """Natural size of a picture, once it is there."""
    picture = page.locator(f'#stage img[src="{source}"]')
    size: list[int] = picture.evaluate(NATURAL)
    return size


def test_a_clerk_reads_what_was_handed_in(chromium: Browser, desk: Desk, made: Submitted) -> None:
    path = path_of(made, PAGES)
    with person(chromium, desk, "zhangli", (1440, 900), refused=422) as page:
        page.goto(page_of(made))
        expect(page.locator(".materials li", has_text=BROKEN.name).get_by_text("PDF", exact=True)).to_be_visible()
        item = page.locator(".materials li", has_text="材料 1")
        expect(item.get_by_text("第 2 页：有反光")).to_be_visible()
        item.locator("img").evaluate(NATURAL)
        item.get_by_role("link", name="查看").click()
        width, height = seen(page, f"{path}/pages/1/page")
        assert width < height
        box = page.locator("#stage img").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 900, "a whole page fits under its buttons"
        page.keyboard.press("ArrowRight")
        seen(page, f"{path}/pages/2/page")
        expect(page.get_by_text("第 2 页，共 3 页")).to_be_visible()
        expect(page.locator(".leaves a[aria-current]")).to_have_attribute("data-page", "2")
        page.keyboard.press("+")
        expect(page.locator(".stage.width")).to_be_visible()
        page.keyboard.press("+")
        large = seen(page, f"{path}/pages/2/large")
        assert large[0] > width * 1.9
        page.keyboard.press("0")
        page.keyboard.press("r")
        turned = seen(page, f"{path}/pages/2/page?turn=90")
        assert turned == [height, width]
        page.locator('.leaves a[data-page="3"]').click()
        seen(page, f"{path}/pages/3/page")
        assert page.url.endswith("?page=3")
        for key in ("ArrowLeft", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowLeft", "l"):
            page.keyboard.press(key)  # faster than the pages come: none is lost
        seen(page, f"{path}/pages/2/page?turn=270")
        page.go_back()
        seen(page, f"{path}/pages/2/page")


def test_a_download_is_the_file_byte_for_byte(chromium: Browser, desk: Desk, made: Submitted) -> None:
    with person(chromium, desk, "zhangli") as page:
        page.goto(path_of(made, DRIVE))
        for _ in range(2):
            with page.expect_download() as downloading:
                page.get_by_role("button", name="下载原文件").click()
            assert downloading.value.suggested_filename == f"{made.receipt}-2.pdf"
            assert downloading.value.path().read_bytes() == DRIVE.content
    with person(chromium, desk, "chief") as page:
        page.goto("/audit")
        rows = page.locator("tbody tr", has_text=made.receipt)
        expect(rows.filter(has_text="下载了材料")).to_have_count(2)
        expect(rows.filter(has_text="查看了材料").first).to_be_visible()
        assert "章程" not in page.content()


def test_a_file_that_arrives_is_seen_without_asking(
    chromium: Browser, desk: Desk, made: Submitted, disk: FileDisk
) -> None:
    asked: list[str] = []
    with person(chromium, desk, "zhangli", refused=422) as page:  # one of them is broken
        page.on("request", lambda request: asked.append(request.url) if "thumbnail" in request.url else None)
        page.goto(page_of(made))
        late = page.locator(".materials li", has_text=LATE.name)
        expect(late.get_by_text("还没有到")).to_be_visible()
        for each in (PAGES, DRIVE, PHOTO):
            page.locator(f".materials img[src*='{path_of(made, each)}']").evaluate(NATURAL)
        desk.do(store(desk.engine, disk, LATE.content, PDF))
        expect(late.get_by_text("已收到，内容校验一致")).to_be_visible()
        expect(page.get_by_text("6 / 6 份已到")).to_be_visible()
        expect(late.locator("img")).to_be_visible()
        late.locator("img").evaluate(NATURAL)
    assert len(asked) == len(set(asked)), "a picture that was there was drawn again"


def test_a_document_that_is_looked_at_before_it_arrives(
    chromium: Browser, desk: Desk, made: Submitted, disk: FileDisk
) -> None:
    with person(chromium, desk, "zhangli") as page:
        page.goto(path_of(made, LATE))
        expect(page.get_by_text("还没有到")).to_be_visible()
        desk.do(store(desk.engine, disk, LATE.content, PDF))
        seen(page, f"{path_of(made, LATE)}/pages/1/page")


def test_what_cannot_be_drawn_is_said(chromium: Browser, desk: Desk, made: Submitted) -> None:
    with person(chromium, desk, "zhangli", refused=422) as page:
        page.goto(path_of(made, BROKEN))
        expect(page.get_by_text("这一页无法显示")).to_be_visible()
        expect(page.locator("#stage img")).to_be_hidden()
        page.goto(path_of(made, LETTER))
        expect(page.get_by_text("不能在这里显示")).to_be_visible()


def test_what_is_said_of_a_picture_stays_when_the_page_renews_itself(
    chromium: Browser, desk: Desk, made: Submitted, disk: FileDisk
) -> None:
    with person(chromium, desk, "zhangli", refused=422) as page:
        page.goto(path_of(made, BROKEN))
        expect(page.get_by_text("这一页无法显示")).to_be_visible()
        page.evaluate("document.addEventListener('htmx:afterSettle', () => { document.body.dataset.renewed = 1 })")
        desk.do(store(desk.engine, disk, LATE.content, PDF))
        expect(page.locator("body")).to_have_attribute("data-renewed", "1")
        expect(page.get_by_text("这一页无法显示")).to_be_visible()


def test_a_picture_that_fails_before_the_script_is_there_is_said_too(
    chromium: Browser, desk: Desk, made: Submitted
) -> None:
    with person(chromium, desk, "zhangli", refused=422) as page:
        failed: list[str] = []
        page.on("response", lambda response: failed.append(response.url) if response.status == 422 else None)

        def late(route: Route) -> None:
            while not failed:
                page.wait_for_timeout(20)
            page.wait_for_timeout(300)  # the page hears of it a moment after the response
            route.continue_()

        page.route("**/desk.js", late)
        page.goto(path_of(made, BROKEN))
        expect(page.get_by_text("这一页无法显示")).to_be_visible()
        expect(page.locator("#stage img")).to_be_hidden()


def test_no_page_is_wider_than_its_screen_in_either_language(chromium: Browser, desk: Desk, made: Submitted) -> None:
    ours = "".join(each.name for each in made.brought) + "李敏"
    with person(chromium, desk, "zhangli", SIZES["phone"], refused=422) as page:
        for language in ("zh", "en"):
            if language == "en":
                page.get_by_role("button", name="English").click()
            for path in (page_of(made), *(path_of(made, each) for each in (PAGES, LETTER))):
                page.goto(path)
                assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
                chinese = re.findall(r"[一-鿿]", page.locator("main").inner_text())
                assert language == "zh" or [word for word in chinese if word not in ours] == [], path
