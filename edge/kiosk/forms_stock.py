"""Forms of the blank stock to calls of the desk; part of `forms.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from edge.core.printing import Found
from edge.kiosk.form import Form
from edge.services.desk import Desk
from edge.services.desk_stock import VOID_REASONS

_LONGEST = 32
_FOUND: Mapping[str, Found] = {"printed": "printed", "blank": "blank", "spoiled": "spoiled"}


async def _open(desk: Desk, _form: Form) -> None:
    desk.stock.open()


async def _arm(desk: Desk, form: Form) -> None:
    desk.stock.arm(on=form.choice("arm", "yes", "no") == "yes")


async def _range(desk: Desk, form: Form) -> None:
    desk.stock.ask_range(form.text("tray", _LONGEST))


async def _give(desk: Desk, form: Form) -> None:
    kind = form.text("kind", _LONGEST)
    await desk.stock.give_range(kind, form.text("first", _LONGEST), form.text("last", _LONGEST))


async def _unload(desk: Desk, form: Form) -> None:
    await desk.stock.unload(form.text("tray", _LONGEST))


async def _void(desk: Desk, form: Form) -> None:
    if form.has("number"):
        await desk.stock.void(form.text("number", _LONGEST), form.choice("reason", *VOID_REASONS))
    else:
        desk.stock.ask_void()


async def _look(desk: Desk, form: Form) -> None:
    await desk.stock.inspect(form.text("number", _LONGEST), _FOUND[form.choice("found", *_FOUND)])


async def _destroy(desk: Desk, _form: Form) -> None:
    await desk.stock.destroy()


async def _sign(desk: Desk, form: Form) -> None:
    await desk.stock.sign(form.text("badge", 32), form.text("pin", 64))


async def _print(desk: Desk, form: Form) -> None:
    await desk.stock.print_paper("list" if form.choice("what", "count", "list") == "list" else "count")


STOCK_ACTIONS: Mapping[str, Callable[[Desk, Form], Awaitable[None]]] = {
    "/stock": _open,
    "/stock/arm": _arm,
    "/stock/range": _range,
    "/stock/give": _give,
    "/stock/unload": _unload,
    "/stock/void": _void,
    "/stock/look": _look,
    "/stock/destroy": _destroy,
    "/stock/sign": _sign,
    "/stock/print": _print,
}
"""What each path does."""
