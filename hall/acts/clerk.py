"""The clerk at the desk: makes a case of the deposit and marks its certificate ready."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from hall.acts.stage import Stage
from hall.visitor import Form, Page, PageError, Visitor


async def make_case_and_mark_ready(stage: Stage) -> None:
    """Drive the desk's real forms with a login of one's own."""
    people = stage.house.directory.people()
    async with Visitor(stage.house.ports.hub_url) as visitor:
        page = await visitor.open("/sign-in")
        await _send(visitor, page, "/sign-in", name=people.user, password=people.password)
        stage.timeline.line("窗口 clerk", f"{people.user} 登录工作台  signs in at the desk")
        page = await visitor.open(f"/deposits/{quote(stage.receipt_number, '')}")
        page = await _send(visitor, page, "/case", recipient=stage.secrets.name)
        stage.case_number = unquote(urlsplit(page.url).path.rpartition("/")[2])
        stage.ledger.tell("case", case_number=stage.case_number, receipt_number=stage.receipt_number)
        stage.timeline.line("窗口 clerk", f"立案 makes case {stage.case_number}")
        await _send(visitor, page, "/ready", station=stage.station)
        stage.ledger.tell("ready", case_number=stage.case_number)
        stage.timeline.line("窗口 clerk", "证照已备好  marks the certificate ready")
    row = await stage.until_hub("the case", "select * from cases where case_number = ?", stage.case_number)
    stage.timeline.row("cases", **{name: row[name] for name in ("case_number", "state", "station", "recipient_mask")})


async def _send(visitor: Visitor, page: Page, ending: str, **typed: str) -> Page:
    """Fill the form whose action ends so, and press its only button."""

    def wanted(form: Form) -> bool:
        return form.action.endswith(ending)

    form = page.form(wanted, f"to …{ending}")
    answer = await visitor.send(page, form, next(iter(form.buttons), None), typed)
    if answer.status != 200 or answer.find(data_problem="") is not None:
        raise PageError(f"{ending}: {answer.status}: {answer.text[:600]}")
    return answer
