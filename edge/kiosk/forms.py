"""Forms to calls of the desk: every field is checked here, none is believed beyond its shape."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from edge.core.pickup_token import LONGEST_TOKEN
from edge.core.visit import Answer, Destination
from edge.kiosk.form import LONGEST_LABEL, Form
from edge.kiosk.forms_print import PRINT_ACTIONS
from edge.kiosk.forms_stock import STOCK_ACTIONS
from edge.kiosk.forms_submission import SUBMISSION_ACTIONS
from edge.services.desk import Desk
from edge.services.desk_service import REASONS
from edge.services.view import Screen


async def _go(desk: Desk, form: Form) -> None:
    desk.go(Screen(form.choice("to", "deposit", "submission", "pickup", "print", "staff")))


async def _language(desk: Desk, form: Form) -> None:
    desk.speak("en" if form.choice("language", "zh", "en") == "en" else "zh")


async def _extend(desk: Desk, _form: Form) -> None:
    desk.extend()


async def _cancel(desk: Desk, form: Form) -> None:
    await desk.cancel(form.visit())


async def _size(desk: Desk, form: Form) -> None:
    desk.choose_size(form.choice("size", "s", "m", "l"))


async def _deposit(desk: Desk, form: Form) -> None:
    await desk.start_deposit("" if form.has("skip") else form.digits("phone"))


async def _reach(desk: Desk, form: Form) -> None:
    desk.hand_in.wish(low=form.choice("low", "yes", "no") == "yes")


async def _take(desk: Desk, form: Form) -> None:
    desk.hand_in.take(low=form.choice("reach", "low", "any") == "low")


async def _turn_away(desk: Desk, _form: Form) -> None:
    await desk.hand_in.turn_away()


async def _wait(desk: Desk, _form: Form) -> None:
    desk.hand_in.wait()


async def _join(desk: Desk, form: Form) -> None:
    await desk.hand_in.join(form.digits("phone"))


async def _number(desk: Desk, form: Form) -> None:
    desk.choose_compartment(form.digits("number"))


async def _pickup(desk: Desk, form: Form) -> None:
    await desk.start_pickup(form.digits("code"))


async def _confirm(desk: Desk, form: Form) -> None:
    await desk.confirm(form.visit(), Answer(form.choice("answer", *Answer)), form.count())


async def _reopen(desk: Desk, form: Form) -> None:
    await desk.reopen(form.visit())


async def _finish(desk: Desk, form: Form) -> None:
    await desk.finish(form.visit())


async def _sign_in(desk: Desk, form: Form) -> None:
    await desk.staff_login(form.text("badge", 32), form.text("pin", 64))


async def _sign_out(desk: Desk, _form: Form) -> None:
    await desk.staff_logout()


async def _load(desk: Desk, form: Form) -> None:
    await desk.start_load(form.text("case_number", 64))


async def _scan(desk: Desk, form: Form) -> None:
    await desk.trolley.scan(form.text("label", LONGEST_LABEL))


async def _unknown(desk: Desk, form: Form) -> None:
    await desk.trolley.load_unknown(form.choice("size", "s", "m", "l"))


async def _open_trolley(desk: Desk, _form: Form) -> None:
    desk.trolley.open()


async def _trolley_scan(desk: Desk, form: Form) -> None:
    await desk.trolley.scan_on(form.text("label", LONGEST_LABEL))


async def _trolley_remove(desk: Desk, form: Form) -> None:
    await desk.trolley.remove(form.text("case_number", LONGEST_LABEL))


async def _trolley_size(desk: Desk, form: Form) -> None:
    await desk.trolley.resize(form.text("case_number", LONGEST_LABEL), form.choice("size", "s", "m", "l"))


async def _trolley_plan(desk: Desk, _form: Form) -> None:
    await desk.trolley.make_plan()


async def _trolley_go(desk: Desk, _form: Form) -> None:
    await desk.trolley.go_on()


async def _trolley_again(desk: Desk, _form: Form) -> None:
    await desk.trolley.try_again()


async def _trolley_finish(desk: Desk, _form: Form) -> None:
    await desk.trolley.finish()


async def _clear(desk: Desk, form: Form) -> None:
    await desk.start_clear(form.number("number"))


async def _inspect(desk: Desk, form: Form) -> None:
    await desk.start_inspect(form.number("number"))


async def _service(desk: Desk, form: Form) -> None:
    await desk.arm_service(on=form.choice("arm", "yes", "no") == "yes")


async def _staff_list(desk: Desk, _form: Form) -> None:
    desk.go(Screen.STAFF)


async def _technician(desk: Desk, _form: Form) -> None:
    desk.service.enter()


async def _second(desk: Desk, form: Form) -> None:
    if form.has("badge"):
        await desk.service.second_person(form.text("badge", 32), form.text("pin", 64))
    else:
        desk.service.ask_second()


async def _test_unlock(desk: Desk, form: Form) -> None:
    await desk.service.test_unlock(form.number("number"))


async def _release(desk: Desk, form: Form) -> None:
    await desk.service.release(form.number("number"), form.choice("reason", *REASONS))


async def _bring_back(desk: Desk, form: Form) -> None:
    await desk.service.bring_back(form.number("number"))


async def _looked_after(desk: Desk, form: Form) -> None:
    await desk.service.looked_after(form.number("number"))


async def _self_test(desk: Desk, _form: Form) -> None:
    await desk.service.test_devices()


async def _test_print(desk: Desk, _form: Form) -> None:
    await desk.service.test_print()


async def _new_roll(desk: Desk, _form: Form) -> None:
    await desk.service.new_roll()


async def _commission(desk: Desk, _form: Form) -> None:
    desk.service.commission()


async def _says_open(desk: Desk, form: Form) -> None:
    await desk.service.says_open(form.visit(), form.number("number"))


async def _says_shut(desk: Desk, form: Form) -> None:
    await desk.service.says_shut(form.visit())


async def _way(desk: Desk, form: Form) -> None:
    desk.pickup.choose("qr" if form.choice("way", "qr", "card") == "qr" else "card")


async def _token(desk: Desk, form: Form) -> None:
    await desk.pickup.start_by_token(form.text("qr", LONGEST_TOKEN))


async def _extend_item(desk: Desk, form: Form) -> None:
    await desk.pickup.extend(form.digits("code"))


async def _send_one_time(desk: Desk, _form: Form) -> None:
    await desk.pickup.send_one_time_code()


async def _factor(desk: Desk, form: Form) -> None:
    await desk.pickup.second(form.digits("one_time"))


async def _witness(desk: Desk, form: Form) -> None:
    destination: Destination = "courier" if form.choice("destination", "window", "courier") == "courier" else "window"
    await desk.clearing.start_with_witness(form.text("badge", 32), form.text("pin", 64), destination)


async def _later(desk: Desk, _form: Form) -> None:
    desk.clearing.back()


ACTIONS: Mapping[str, Callable[[Desk, Form], Awaitable[None]]] = {
    "/go": _go,
    "/language": _language,
    "/extend": _extend,
    "/cancel": _cancel,
    "/deposit/size": _size,
    "/deposit/start": _deposit,
    "/deposit/low": _reach,
    "/deposit/reach": _take,
    "/deposit/turned-away": _turn_away,
    "/deposit/wait": _wait,
    "/deposit/join": _join,
    "/pickup/number": _number,
    "/pickup/start": _pickup,
    "/pickup/way": _way,
    "/pickup/qr": _token,
    "/pickup/extend": _extend_item,
    "/pickup/one-time": _send_one_time,
    "/pickup/factor": _factor,
    "/confirm": _confirm,
    "/reopen": _reopen,
    "/finish": _finish,
    "/staff/sign-in": _sign_in,
    "/staff/sign-out": _sign_out,
    "/staff/load": _load,
    "/staff/scan": _scan,
    "/staff/unknown": _unknown,
    "/staff/trolley": _open_trolley,
    "/staff/trolley/scan": _trolley_scan,
    "/staff/trolley/remove": _trolley_remove,
    "/staff/trolley/size": _trolley_size,
    "/staff/trolley/plan": _trolley_plan,
    "/staff/trolley/go": _trolley_go,
    "/staff/trolley/again": _trolley_again,
    "/staff/trolley/finish": _trolley_finish,
    "/staff/clear": _clear,
    "/staff/inspect": _inspect,
    "/staff/witness": _witness,
    "/staff/later": _later,
    "/staff/service": _service,
    "/staff/list": _staff_list,
    "/technician": _technician,
    "/technician/second": _second,
    "/technician/test-unlock": _test_unlock,
    "/technician/release": _release,
    "/technician/return": _bring_back,
    "/technician/looked-after": _looked_after,
    "/technician/self-test": _self_test,
    "/technician/test-print": _test_print,
    "/technician/new-roll": _new_roll,
    "/technician/commission": _commission,
    **SUBMISSION_ACTIONS,
    **PRINT_ACTIONS,
    **STOCK_ACTIONS,
    "/says-open": _says_open,
    "/says-shut": _says_shut,
}
"""What each path does."""
