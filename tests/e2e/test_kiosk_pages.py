"""The kiosk in a real browser: fingers, live pages, the countdown, the policy, and what an eye must be able to read."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright

from edge.clock import Clock
from edge.kiosk.app import create_kiosk
from edge.services.collect_item import CODES_ONLY, Proofs
from tests.unit.edge.kiosk.page import NAMES
from tests.unit.edge.services.night import BADGE, CASE, PIN, QUICK, Night, night, unseal

CHROMIUM = "/usr/bin/chromium"
PORTRAIT, DESK = (1080, 1920), (1280, 800)
PHONE = "13812345678"
SHOWN = """e => e.offsetParent !== null && !e.disabled"""
SAYS = """e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())"""
# Every control that a finger must hit and that is too small for it.
SMALL = f"""() => [...document.querySelectorAll('button, a.button, input:not([type=hidden])')].filter({SHOWN})
    .filter(e => e.offsetWidth < 96 || e.offsetHeight < 96)
    .map(e => `${{e.id || e.textContent}} ${{e.offsetWidth}}x${{e.offsetHeight}}`)"""
FINE_PRINT = f"""() => [...document.querySelectorAll('main *')].filter({SHOWN}).filter({SAYS})
    .filter(e => parseFloat(getComputedStyle(e).fontSize) < 28).map(e => e.textContent.trim())"""
# Text whose contrast with its ground (WCAG 2.1, relative luminance) is below 4.5:1.
FAINT = f"""() => {{
    const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
    const linear = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
    const light = colour => {{ const [r, g, b] = rgb(colour).map(linear); return .2126 * r + .7152 * g + .0722 * b; }};
    const ground = e => {{
        for (; e; e = e.parentElement) {{
            const colour = getComputedStyle(e).backgroundColor;
            if (rgb(colour).length < 4 || rgb(colour)[3] > 0) return colour;
        }}
        return 'rgb(255, 255, 255)';
    }};
    const ratio = e => {{
        const [a, b] = [light(getComputedStyle(e).color), light(ground(e))];
        return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    }};
    return [...document.querySelectorAll('#page *')].filter({SHOWN}).filter({SAYS})
        .filter(e => ratio(e) < 4.5).map(e => [ratio(e), e.textContent.trim()]);
}}"""
# What a page of another port tries: without a word by script, and by a form that its visitor sends.
EVIL = """<form method="post" action="KIOSK/deposit/start"><input name="phone" value="">
<button id="go">x</button></form>
<script>
fetch("KIOSK/deposit/start", {method: "POST", mode: "no-cors", credentials: "include",
    headers: {"content-type": "application/x-www-form-urlencoded"}, body: "phone="})
    .finally(() => document.title = "tried");
</script>"""


@dataclass
class Kiosk:
    """A station, its address, and a browser in front of it."""

    scene: Night
    address: str
    browser: Browser
    complaints: list[str]

    async def page(self, size: tuple[int, int] = PORTRAIT, *, scripts: bool = True) -> Page:
        context = await self.browser.new_context(
            viewport={"width": size[0], "height": size[1]}, java_script_enabled=scripts
        )
        page = await context.new_page()
        page.set_default_timeout(8000)
        page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        await page.goto(self.address)
        return page


@asynccontextmanager
async def opened(
    folder: Path, idle_s: int = 60, clock: Clock | None = None, proofs: Proofs = CODES_ONLY, licences: str = ""
) -> AsyncIterator[Kiosk]:
    async with night(folder, replace(QUICK, idle_s=idle_s), clock, proofs, licences=licences) as scene:
        await scene.give_documents()
        listener = socket.create_server(("127.0.0.1", 0))
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        app = create_kiosk(scene.station.desk, NAMES, origin=origin)
        config = uvicorn.Config(app, log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with async_playwright() as player:
            # No sandbox: the tests run as root, where Chromium's sandbox refuses to.
            browser = await player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
            kiosk = Kiosk(scene, origin, browser, [])
            yield kiosk
            await browser.close()
        server.should_exit = True
        await serving
        assert kiosk.complaints == []


@pytest.fixture
async def kiosk(tmp_path: Path) -> AsyncIterator[Kiosk]:
    async with opened(tmp_path) as kiosk:
        yield kiosk


async def tap(page: Page, test: str) -> None:
    await page.click(f'[data-test="{test}"]')


async def type_in(page: Page, digits: str) -> None:
    for digit in digits:
        await page.click(f'.keypad:not([hidden]) [data-key="{digit}"]')


async def arrives(page: Page, screen: str, step: str) -> None:
    await page.wait_for_selector(f'main[data-screen="{screen}"][data-step="{step}"]')


async def readable(page: Page) -> None:
    await page.wait_for_load_state("load")
    assert await page.evaluate(SMALL) == []
    assert await page.evaluate(FINE_PRINT) == []
    assert await page.evaluate(FAINT) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def number_of(page: Page) -> int:
    return int(await page.text_content('[data-test="compartment"]') or "")


async def test_a_deposit_by_fingers_with_live_pages(kiosk: Kiosk) -> None:
    page = await kiosk.page()
    await readable(page)
    await tap(page, "hand-in")
    await arrives(page, "deposit", "size")
    await readable(page)
    await tap(page, "size-s")
    await type_in(page, "99")
    await page.click('[data-key="clear"]')
    await type_in(page, PHONE + "77")
    assert await page.input_value("#phone") == PHONE
    await readable(page)
    await tap(page, "start-deposit")
    await arrives(page, "deposit", "open")
    await readable(page)
    await kiosk.scene.world.do("push", compartment=await number_of(page))
    await arrives(page, "deposit", "closed")
    await readable(page)
    await tap(page, "confirm")
    await arrives(page, "deposit", "result")
    await page.wait_for_selector('[data-slip="printed"]')
    await readable(page)
    number = await page.get_attribute('[data-test="receipt-number"]', "data-value")
    assert number == (await kiosk.scene.last("deposit_made"))["receipt_number"]
    await tap(page, "finish")
    await arrives(page, "home", "home")


async def test_staff_load_and_a_recipient_collects(kiosk: Kiosk) -> None:
    page = await kiosk.page()
    await tap(page, "staff")
    await readable(page)
    await type_in(page, BADGE)
    await page.click("#pin")
    await type_in(page, PIN)
    await tap(page, "sign-in")
    await arrives(page, "staff", "list")
    await readable(page)
    await page.click(f'[data-test="load-button"][value="{CASE}"]')
    await arrives(page, "load", "open")
    number = await number_of(page)
    await kiosk.scene.world.do("push", compartment=number)
    await arrives(page, "load", "closed")
    await tap(page, "confirm")
    await arrives(page, "load", "result")
    await readable(page)
    await tap(page, "finish")
    await tap(page, "sign-out")
    code = unseal((await kiosk.scene.last("item_loaded"))["code_sealed"])
    await tap(page, "language-switch")
    await tap(page, "collect")
    await type_in(page, str(number))
    await readable(page)
    await tap(page, "next")
    await type_in(page, code)
    await readable(page)
    await tap(page, "open")
    await arrives(page, "pickup", "open")
    await kiosk.scene.world.do("push", compartment=number)
    await arrives(page, "pickup", "closed")
    await tap(page, "confirm")
    await arrives(page, "pickup", "result")
    assert "Collected" in (await page.text_content("h1") or "")
    await tap(page, "finish")
    assert "您好" in (await page.text_content("h1") or "")


async def test_the_whole_deposit_without_scripts(kiosk: Kiosk) -> None:
    page = await kiosk.page(DESK, scripts=False)
    await tap(page, "hand-in")
    await tap(page, "size-s")
    await page.fill("#phone", PHONE)
    await tap(page, "start-deposit")
    await arrives(page, "deposit", "open")
    await kiosk.scene.world.do("push", compartment=1)
    await arrives(page, "deposit", "closed")
    await tap(page, "confirm")
    await arrives(page, "deposit", "result")


async def test_the_countdown_is_seen_can_be_stopped_and_wipes_what_was_typed(tmp_path: Path) -> None:
    async with opened(tmp_path, idle_s=17) as kiosk:
        page = await kiosk.page()
        await tap(page, "hand-in")
        await tap(page, "size-s")
        assert not await page.is_visible('[data-test="countdown"]')
        await type_in(page, PHONE)
        await page.wait_for_selector('[data-test="countdown"]', state="visible")
        left = int(await page.text_content('[data-test="seconds-left"]') or "")
        assert 13 <= left <= 15
        await readable(page)
        # The page hides it at once; the station's own time begins anew when it has heard so.
        async with page.expect_response(lambda answer: answer.url.endswith("/extend")):
            await tap(page, "more-time")
        await page.wait_for_selector('[data-test="countdown"]', state="hidden")
        assert await page.input_value("#phone") == PHONE
        # The rest of the time, without waiting for all of it: the station's clock decides, and the page follows it.
        kiosk.scene.station.desk._time.deadline = kiosk.scene.clock.monotonic()  # the end of the idle time
        await arrives(page, "home", "home")
        assert PHONE not in await page.content()
        await page.go_back()
        await arrives(page, "home", "home")
        assert PHONE not in await page.content()


async def test_nothing_is_kept_in_the_browser(kiosk: Kiosk) -> None:
    page = await kiosk.page()
    await tap(page, "collect")
    await type_in(page, "1")
    await tap(page, "next")
    await type_in(page, "13572468")
    await tap(page, "open")
    await page.wait_for_selector('[data-message="wrong_code"]')
    await readable(page)
    await tap(page, "go-home")
    await arrives(page, "home", "home")
    kept: Any = await page.evaluate("[localStorage.length, {...sessionStorage}, document.cookie, location.href]")
    # htmx notes the path of the page, which is always the same.
    assert kept == [0, {"htmx-current-path-for-history": "/"}, "", f"{kiosk.address}/"]


async def test_a_page_of_another_port_cannot_open_a_door(kiosk: Kiosk) -> None:
    page = await kiosk.page()
    await tap(page, "hand-in")
    await tap(page, "size-s")
    evil = EVIL.replace("KIOSK", kiosk.address)

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {len(evil)}\r\nconnection: close\r\n\r\n"
        writer.write((head + evil).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    other = await page.context.new_page()
    await other.goto(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")
    await other.wait_for_function("document.title === 'tried'")
    await other.click("#go")
    await other.wait_for_selector('[data-message="error_origin"]')
    server.close()
    assert await kiosk.scene.world.coils() == {}
    assert kiosk.scene.station.desk.state().step == "phone"


async def test_an_unknown_address_is_a_page_with_a_way_home(kiosk: Kiosk) -> None:
    page = await kiosk.page(DESK)
    await page.goto(f"{kiosk.address}/nothing")
    await page.wait_for_selector('[data-message="error_not_found"]')
    await readable(page)
    await tap(page, "go-home")
    await arrives(page, "home", "home")
    # The browser itself complains of the 404.
    kiosk.complaints.clear()
