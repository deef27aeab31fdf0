"""Forms of papers that are printed here to calls of the desk; part of `forms.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from edge.kiosk.form import Form
from edge.services.desk import Desk


async def _choose(desk: Desk, form: Form) -> None:
    await desk.prints.choose(form.order())


async def _for_compartment(desk: Desk, form: Form) -> None:
    await desk.prints.choose_for_compartment(form.order())


async def _print(desk: Desk, _form: Form) -> None:
    desk.prints.print()


async def _taken(desk: Desk, _form: Form) -> None:
    await desk.prints.taken()


async def _more(desk: Desk, _form: Form) -> None:
    await desk.prints.more()


PRINT_ACTIONS: Mapping[str, Callable[[Desk, Form], Awaitable[None]]] = {
    "/print/choose": _choose,
    "/print/go": _print,
    "/print/taken": _taken,
    "/print/more": _more,
    "/staff/print": _for_compartment,
}
"""What each path does."""
