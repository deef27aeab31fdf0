"""The citizen prints a record at night, with the network cut: the card, the list, the paper, and out of the tray."""

from __future__ import annotations

from hall.acts.kiosk import Kiosk
from hall.acts.stage import Stage
from hall.back_office import order_papers
from hall.processes import HouseError
from hall.visitor import Page, PageError, Visitor

PERSON = "li"
_RECORD = "纳税记录"


async def order(stage: Stage) -> None:
    """The back office orders papers; the station learns of them and fetches what stands on them, ahead."""
    ordered = await order_papers(stage.house)
    version = await stage.until_document("print")
    stage.timeline.line("站点 station", f"收到打印清单  received the list of papers ({version})")
    folder = stage.house.directory.station_db.parent / "papers"

    async def fetched() -> bool:
        return sum(1 for _ in folder.iterdir()) >= ordered

    await stage.until(fetched, f"{ordered} contents fetched")
    stage.timeline.line("站点 station", f"{ordered} 份内容已加密存放  contents kept, encrypted")


async def print_record(stage: Stage) -> None:
    """Print one's tax record without a line, take it, and see it on record once the line is back."""
    await stage.house.network.cut()
    stage.timeline.line("网络 network", "断开  cut")
    async with Visitor(stage.house.ports.kiosk_url) as visitor:
        kiosk = Kiosk(stage, visitor)
        await kiosk.press(await kiosk.home(), "print")
        await stage.house.world.do("card", person=await _person(stage), on=True)
        stage.timeline.line("市民 citizen", "放身份证  lays the ID card on the reader")
        chosen = await _choose(kiosk, await _until(stage, kiosk, "papers"))
        await kiosk.press(await _until(stage, kiosk, "preview"), "print-go")
        await _phase(stage, kiosk, "take")
        await _take(stage)
        page = await kiosk.look()
        if page.find(data_test="print-taken") is not None:
            await kiosk.press(page, "print-taken")
        stage.ledger.tell("printed", order=chosen)
        await kiosk.press(await _phase(stage, kiosk, "thanks"), "finish")
        await stage.house.world.do("card", on=False)
    stage.timeline.line("打印机 printer", "一份纳税记录，已取走  one record, taken")
    await stage.house.network.heal()
    stage.timeline.line("网络 network", "接通  healed")
    await stage.until_hub("the paper", "select 1 from print_jobs where order_id = ? and state = 'taken'", chosen)


async def _person(stage: Stage) -> str:
    persons = ((await stage.house.world.state()).id_reader or {}).get("persons", {})
    name = persons[PERSON]
    stage.secrets.papers += [name["name"], name["number"]]
    return PERSON


async def _choose(kiosk: Kiosk, page: Page) -> str:
    rows = [each for each in page.marked if each.attributes.get("data-test") == "paper" and _RECORD in each.text]
    if len(rows) != 1:
        raise PageError(f"there should be one tax record on the list; the kiosk says: {page.text[:600]}")
    chosen = rows[0].attributes["data-value"]
    await kiosk.press(page, "paper-choose", chosen)
    return chosen


async def _take(stage: Stage) -> None:
    output = ((await stage.house.world.state()).licence_printer or {}).get("output", [])
    if len(output) != 1:
        raise HouseError(f"one sheet should lie in the output: {len(output)}")
    await stage.house.world.do("licence_printer", take=True)


async def _until(stage: Stage, kiosk: Kiosk, test: str) -> Page:
    pages: list[Page] = []

    async def shown() -> bool:
        pages[:] = [await kiosk.look()]
        return pages[0].find(data_test=test) is not None

    await stage.until(shown, f"the kiosk shows {test}")
    return pages[0]


async def _phase(stage: Stage, kiosk: Kiosk, phase: str) -> Page:
    pages: list[Page] = []

    async def shown() -> bool:
        pages[:] = [await kiosk.look()]
        return pages[0].data("phase") == phase

    try:
        await stage.until(shown, f"the paper's phase is {phase}")
    except HouseError as error:
        raise PageError(f"{error}; it says: {pages[0].text[:600]}") from error
    return pages[0]
