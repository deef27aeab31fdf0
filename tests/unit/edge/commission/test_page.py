"""The wizard on the station's own screen: the same dialogue over HTTP, on a real pseudo-terminal."""

from __future__ import annotations

import asyncio
import re
import socket
from html import unescape
from pathlib import Path

import httpx
import pytest

from edge.commission.page import create_pages, serve
from edge.commission.person import LeftError
from edge.commission.run import Manner
from edge.commission.scan import Patience
from edge.commission.screen import ScreenPerson
from edge.config import load_station
from edge.kiosk.pages import Frame
from edge.lockers.kerong_cu48.simulator import KerongCu48Simulator
from tests.unit.edge.commission.cabinet import FAST_PTY, Cabinet, Hands, bank, on_pty
from tests.unit.edge.commission.test_station_file import demo

MANNER = Manner(Patience(answer_ms=40, silence_ms=12, quiet_ms=2), ["kerong_cu48"], 0.3, FAST_PTY)
ORIGIN = "http://127.0.0.1:8101"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def station(folder: Path, port: int) -> Path:
    """A station of one bus, with its kiosk at `port`."""
    path = demo(folder)
    text = path.read_text(encoding="utf-8").replace("var/ptys/lock-annex", str(folder / "bus"))
    text = text.replace('"var/', f'"{folder}/').replace("port = 8101", f"port = {port}")
    main, annex = text.index("[[boards]]"), text.index('[[boards]]\nname = "annex"')
    kept = text.index('[[compartments]]\nnumber = 19\nboard = "annex"')
    rest = text.index("[[cabinets]]"), text.index("[receipt_printer]")
    boards = text[annex : text.index("[[compartments]]")]
    path.write_text(text[:main] + boards + text[kept : rest[0]] + text[rest[1] :], encoding="utf-8")
    return path


class Browser:
    """Reads the question of the page and posts what the hands do about it."""

    def __init__(self, client: httpx.AsyncClient, hands: Hands) -> None:
        self._client, self._hands = client, hands
        self.keys: list[str] = []

    async def walk(self) -> None:
        """Answer until the wizard says that it has ended; then leave."""
        while True:
            page = await self._page()
            key = re.search(r'data-test="question" data-key="(\w+)"', page)
            if key is None:
                await asyncio.sleep(0.02)
                continue
            self.keys.append(key[1])
            if key[1] == "back_to_station":
                await self.post(page, "/answer", answer="back")
                return
            await self.post(page, "/answer", answer=await self._answer(page, key[1]))

    async def post(self, page: str, path: str, **fields: str) -> None:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))
        await self._client.post(path, data=hidden | fields, headers={"origin": str(self._client.base_url).rstrip("/")})

    async def _page(self) -> str:
        return unescape((await self._client.get("/")).text)

    async def _answer(self, page: str, key: str) -> str:
        for said in re.findall(r'data-test="said" data-key="(\w+)">(.*?)</p>', page):
            number = re.match(r"(\d+) 号门已记住", said[1])
            if said[0] == "door_met" and number:
                await self._hands.tell("door_met", number=int(number[1]))
        options = re.findall(r'data-test="option" data-key="(\w+)"', page)
        asked = re.search(r'data-test="question"[^>]*>(.*?)</h2>', page, re.DOTALL)
        numbers = re.findall(r"(\d+) 号门", asked[1] if asked else "")
        facts = {"number": int(numbers[0])} if numbers else {}
        if options:
            return await self._hands.choose(key, options, **facts)
        typed = re.search(r'name="answer" value="([^"]*)"', page)
        return await self._hands.ask(key, default=typed[1] if typed else "")


async def test_a_cabinet_is_commissioned_on_the_screen(tmp_path: Path) -> None:
    port = free_port()
    path = station(tmp_path, port)
    cabinet = Cabinet([KerongCu48Simulator(3, bank([2, 40]), locked_bit=0)], {5: (0, 40), 6: (0, 2)})
    with on_pty(cabinet, tmp_path / "bus"):
        serving = asyncio.create_task(serve(path, MANNER))
        transport = httpx.AsyncHTTPTransport(retries=5)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", transport=transport) as client:
            browser = Browser(client, Hands(cabinet))
            async with asyncio.timeout(20):
                await browser.walk()
                assert await serving
    config = load_station(path)
    [board] = config.boards
    assert (board.name, board.address, board.settings["bitmap_polarity"]) == ("board-1", 3, "one_is_unlocked")
    assert {each.number: each.channel for each in config.compartments} == {5: 40, 6: 2}
    assert browser.keys[0] == "shut_all"
    assert browser.keys.count("prove_by_hand") == 2


async def test_whoever_leaves_gets_the_station_back_and_the_old_file(tmp_path: Path) -> None:
    port = free_port()
    path = station(tmp_path, port)
    before = path.read_bytes()
    cabinet = Cabinet([KerongCu48Simulator(3, bank([2]))], {5: (0, 2)})
    with on_pty(cabinet, tmp_path / "bus"):
        serving = asyncio.create_task(serve(path, MANNER))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client, asyncio.timeout(20):
            browser = Browser(client, Hands(cabinet))
            while not serving.done():
                try:
                    page = (await client.get("/")).text
                    await browser.post(page, "/leave")
                except httpx.TransportError:
                    await asyncio.sleep(0.02)
            assert serving.result()
    assert path.read_bytes() == before


async def test_an_answer_counts_once_and_for_its_own_question() -> None:
    person = ScreenPerson()
    asking = asyncio.create_task(person.choose("next_door", ["by_hand", "all_met"], count=0))
    await person.changes.after(person.changes.revision)
    assert person.question is not None
    turn = person.question.turn
    person.answer(turn - 1, "all_met")
    person.answer(turn, "write")
    assert not asking.done()
    person.answer(turn, "by_hand")
    person.answer(turn, "all_met")
    assert await asking == "by_hand"


async def test_nobody_there_is_leaving() -> None:
    with pytest.raises(LeftError):
        await ScreenPerson(idle_s=0.01).ask("which_number")


async def test_another_page_of_the_browser_cannot_answer() -> None:
    person = ScreenPerson()
    app = create_pages(person, Frame("自助区", "Area", simulated=False), origin=ORIGIN)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=ORIGIN) as client:
        page = (await client.get("/")).text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]+)"', page))
        foreign = await client.post("/leave", data=hidden, headers={"origin": "http://elsewhere.example"})
        without = await client.post("/leave", data={"token": "guessed"}, headers={"origin": ORIGIN})
        assert (foreign.status_code, without.status_code) == (403, 403)
        assert not person.left.is_set()
        await client.post("/language", data=hidden | {"language": "en"}, headers={"origin": ORIGIN})
        assert "Commissioning of the lockers" in (await client.get("/")).text
        await client.post("/leave", data=hidden, headers={"origin": ORIGIN})
        assert person.left.is_set()
