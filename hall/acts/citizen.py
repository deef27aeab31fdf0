"""The citizen: hands in papers at night while the network is cut, and collects the certificate with the code."""

from __future__ import annotations

import re

from hall.acts.kiosk import Kiosk
from hall.acts.stage import Stage
from hall.processes import HouseError
from hall.tails import Follower, read_json
from hall.visitor import Page, PageError, Visitor

_CODE = re.compile(r"(?<!\d)\d{8}(?!\d)")
_COMPARTMENT = re.compile(r"(?<!\d)(\d{1,3}) ?号")


async def hand_in(stage: Stage) -> None:
    """Deposit papers; the network goes when the door is open, and the receipt comes all the same."""
    async with Visitor(stage.house.ports.kiosk_url) as visitor:
        kiosk = Kiosk(stage, visitor)
        page = await kiosk.press(await kiosk.home(), "hand-in")
        page = await kiosk.press(page, "size-s")
        stage.timeline.line("市民 citizen", "交文件：小，留手机号  hands in, small, leaves a phone number")
        await kiosk.press(page, "start-deposit", phone=stage.secrets.phone)

        async def put_in(number: int) -> None:
            await stage.house.network.cut()
            stage.timeline.line("网络 network", "断开  cut")
            await stage.house.world.put_in(number)

        page = await kiosk.door("市民 citizen", put_in)
        stage.receipt_number = page.get(data_test="receipt-number").attributes["data-value"]
        stage.ledger.tell("receipt", receipt_number=stage.receipt_number)
        stage.timeline.line("屏幕 screen", f"收件编号 receipt number {stage.receipt_number}")
        await _take_slip(stage, kiosk)
        await kiosk.press(await kiosk.until_step("result"), "finish")


async def network_comes_back(stage: Stage) -> None:
    """While the network was cut the hub knew nothing; healed, it has the record."""
    if stage.hub("select 1 from deposits where receipt_number = ?", stage.receipt_number):
        raise HouseError("the hub has the deposit although the network was cut: the cut does not cut")
    await stage.house.network.heal()
    stage.timeline.line("网络 network", "接通  healed")
    row = await stage.until_hub("the deposit", "select * from deposits where receipt_number = ?", stage.receipt_number)
    stage.timeline.line("中枢 hub", "收到记录  has the record")
    stage.timeline.row("deposits", **{name: row[name] for name in ("receipt_number", "compartment", "state")})


async def collect(stage: Stage) -> None:
    """Read the text message, try a wrong code, then the right one; take the certificate out."""
    compartment, code = await _read_sms(stage)
    async with Visitor(stage.house.ports.kiosk_url) as visitor:
        kiosk = Kiosk(stage, visitor)
        page = await kiosk.press(await kiosk.home(), "collect")
        page = await kiosk.press(page, "next", number=str(compartment))
        refused = await kiosk.press(page, "open", code=_another(code))
        said = refused.get(data_test="message").attributes.get("data-message")
        if said != "wrong_code":
            raise PageError(f"a wrong code should be refused as such; the kiosk says: {refused.text[:600]}")
        stage.ledger.tell("refused", compartment=compartment)
        stage.timeline.line(
            "市民 citizen", f"输错取件码  types a wrong code: “{refused.get(data_test='message').text.strip()}”"
        )
        page = await _code_page(kiosk, refused, compartment)
        await kiosk.press(page, "open", code=code)
        stage.timeline.line(
            "市民 citizen", f"{compartment} 号，取件码正确  compartment {compartment} and the right code"
        )
        await kiosk.door("市民 citizen", stage.house.world.take_out)
        stage.ledger.tell("collected", case_number=stage.case_number, compartment=compartment)
        stage.timeline.line("屏幕 screen", "取件完成  collected")
        await kiosk.press(await kiosk.until_step("result"), "finish")


async def _take_slip(stage: Stage, kiosk: Kiosk) -> None:
    async def printed() -> bool:
        return (await kiosk.until_step("result")).find(data_slip="printed") is not None

    await stage.until(printed, "the slip is printed")
    state = await stage.house.world.state()
    if stage.receipt_number.replace("-", "") not in state.slips.replace("-", ""):
        raise HouseError(f"the slip lacks the receipt number; it says:\n{state.slips}")
    stage.timeline.line("打印机 printer", "小票已出  the slip is out")


async def _code_page(kiosk: Kiosk, page: Page, compartment: int) -> Page:
    """After a wrong code the screen may ask for the compartment again."""
    if page.data("step") == "number":
        return await kiosk.press(page, "next", number=str(compartment))
    return page


async def _read_sms(stage: Stage) -> tuple[int, str]:
    """Compartment and code from the text message itself, as the citizen reads them."""
    log = stage.house.directory.sms_log
    texts: list[str] = []

    async def arrived() -> bool:
        lines = [read_json(line) for line in Follower(log, from_start=True).new_lines()]
        texts[:] = [line["text"] for line in lines if line.get("to") == stage.secrets.phone]
        return bool(texts)

    await stage.until(arrived, "a text message for the citizen")
    codes, compartments = _CODE.findall(texts[-1]), _COMPARTMENT.findall(texts[-1])
    stage.secrets.codes += codes
    stage.timeline.line("短信 SMS", texts[-1])
    if len(texts) != 1 or len(codes) != 1 or len(compartments) != 1:
        raise HouseError("there should be one text message with one code of eight digits and one compartment")
    return int(compartments[0]), codes[0]


def _another(code: str) -> str:
    return f"{(int(code) + 1) % 10**8:08d}"
