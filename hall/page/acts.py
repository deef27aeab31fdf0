"""What a visitor may do to the world: one function per kind of act, nothing else is carried out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from hall.back_office import order_papers
from hall.house import House
from hall.processes import Child, HouseError
from hall.world import WorldError

Form = Mapping[str, str]
EVENING, MORNING = (22, 3), (8, 30)
SLOW_S = 2.0
SHEETS = 20


class ActRefusedError(Exception):
    """The act cannot be carried out now; the message is for the visitor."""


async def carry_out(house: House, form: Form) -> None:
    """Do what the form says.

    Raises:
        ActRefusedError: it is unknown, its fields are wrong, or the world refuses.
    """
    act = ACTS.get(form.get("do", ""))
    if act is None:
        raise ActRefusedError("没有这个操作 no such act")
    try:
        await act(house, form)
    except (WorldError, HouseError) as error:
        raise ActRefusedError(str(error)) from error
    except (KeyError, ValueError) as error:
        raise ActRefusedError(f"表单不完整 incomplete form: {error}") from error


def next_time(now: datetime, hour: int, minute: int) -> datetime:
    """The next moment after `now` at which its zone's clock shows that time."""
    today = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return today if today > now else today + timedelta(days=1)


async def _door(house: House, form: Form) -> None:
    await house.world.do(form["do"], compartment=int(form["compartment"]))


async def _jam(house: House, form: Form) -> None:
    await house.world.do("jam", compartment=int(form["compartment"]), jammed=_flag(form["jammed"]))


async def _stick(house: House, form: Form) -> None:
    await house.world.do("stick", compartment=int(form["compartment"]), sensor=form.get("sensor") or None)


async def _item(house: House, form: Form) -> None:
    await house.world.do("item", compartment=int(form["compartment"]), inside=_flag(form["inside"]))


async def _board(house: House, form: Form) -> None:
    await house.world.do(form["do"], board=form["board"])


async def _printer(house: House, form: Form) -> None:
    await house.world.do("printer", paper=form["paper"])


async def _sheet(house: House, form: Form) -> None:
    place = {key: float(form.get(key, "0")) for key in ("x_mm", "y_mm", "angle")}
    await house.world.do("sheet", id=form["id"], kind=form.get("kind", ""), **place)


async def _hand(house: House, form: Form) -> None:
    await house.world.do("hand", on=_flag(form["on"]))


async def _camera(house: House, form: Form) -> None:
    await house.world.do("camera", fault=form.get("fault") or None)


async def _card(house: House, form: Form) -> None:
    if "person" in form:
        await house.world.do("card", person=form["person"], on=_flag(form["on"]))
    else:
        await house.world.do("card", fault=form["fault"])


async def _scan(house: House, form: Form) -> None:
    await house.world.do("scan", text=form["text"])


async def _drive(house: House, form: Form) -> None:
    await house.world.do("drive", on=_flag(form["on"]), kind=form.get("kind"))


async def _order(house: House, _form: Form) -> None:
    house.note(f"back office: {await order_papers(house)} papers ordered")


async def _licence(house: House, form: Form) -> None:
    """One act of a hand at the licence printer."""
    what, on = form["what"], form.get("on") == "true"
    acts: Mapping[str, Mapping[str, Any]] = {
        "take": {"take": True},
        "plugged": {"plugged": on},
        "fill": {"tray": form.get("tray", ""), "sheets": SHEETS},
        "empty": {"tray": form.get("tray", ""), "sheets": 0},
        "jam": {"moods": {"jam": on}},
        "cover_open": {"moods": {"cover_open": on}},
        "toner": {"moods": {"toner": "empty" if on else "ok"}},
        "comes": {"moods": {"comes": "nothing_counted" if on else "sheet"}},
    }
    await house.world.do("licence_printer", **acts[what])


async def _network(house: House, form: Form) -> None:
    faults: Mapping[str, Callable[[], Awaitable[None]]] = {
        "none": house.network.heal,
        "cut": house.network.cut,
        "refuse": house.network.refuse,
        "black_hole": house.network.black_hole,
        "delay": lambda: house.network.delay(SLOW_S),
    }
    await faults[form["fault"]]()


async def _kill(house: House, form: Form) -> None:
    child = _mortal(house, form)
    await child.kill()
    house.note(f"{child.name}: kill -9")


async def _start(house: House, form: Form) -> None:
    child = _mortal(house, form)
    await child.start()
    house.note(f"{child.name} is ready (pid {child.pid})")


async def _clock(house: House, form: Form) -> None:
    hour, minute = {"evening": EVENING, "morning": MORNING}[form["to"]]
    moment = next_time(house.directory.now(), hour, minute)
    house.directory.shift_clock(moment)
    house.note(f"the clock says {moment:%Y-%m-%d %H:%M}")


def _mortal(house: House, form: Form) -> Child:
    # The simulated devices are the world itself; with them the doors would vanish.
    if form["process"] == "simulate":
        raise ValueError("process")
    return house.processes[form["process"]]


def _flag(text: str) -> bool:
    return {"true": True, "false": False}[text]


ACTS: Mapping[str, Callable[[House, Form], Awaitable[None]]] = {
    "pull": _door,
    "push": _door,
    "force": _door,
    "jam": _jam,
    "stick": _stick,
    "item": _item,
    "plug": _board,
    "unplug": _board,
    "printer": _printer,
    "sheet": _sheet,
    "hand": _hand,
    "camera": _camera,
    "card": _card,
    "scan": _scan,
    "drive": _drive,
    "order": _order,
    "licence": _licence,
    "network": _network,
    "kill": _kill,
    "start": _start,
    "clock": _clock,
}
