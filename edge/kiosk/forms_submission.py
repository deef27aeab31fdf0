"""Forms of submissions to calls of the desk; part of `forms.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from edge.kiosk.form import Form
from edge.services.desk import Desk


async def _identity(desk: Desk, form: Form) -> None:
    match form.choice("do", "skip", "ask", "forget"):
        case "ask":
            await desk.submission.identify("ask")
        case "forget":
            await desk.submission.identify("forget")
        case _:
            await desk.submission.identify("skip")


async def _paper(desk: Desk, _form: Form) -> None:
    desk.submission.put_paper()


async def _camera(desk: Desk, _form: Form) -> None:
    await desk.submission.open_camera()


async def _drive(desk: Desk, _form: Form) -> None:
    desk.submission.open_drive()


async def _remove(desk: Desk, form: Form) -> None:
    await desk.submission.remove(form.sha256("file"))


async def _send(desk: Desk, _form: Form) -> None:
    desk.submission.send()


async def _hand_in(desk: Desk, form: Form) -> None:
    await desk.submission.hand_in("" if form.has("skip") else form.digits("phone"))


async def _give_up(desk: Desk, _form: Form) -> None:
    await desk.submission.give_up()


async def _add_more(desk: Desk, form: Form) -> None:
    await desk.add_more(form.visit())


async def _capture(desk: Desk, _form: Form) -> None:
    await desk.submission.camera.capture()


async def _page(desk: Desk, form: Form) -> None:
    camera, key = desk.submission.camera, form.key("page")
    match form.choice("do", "pick", "close", "retake", "turn", "up", "down", "remove"):
        case "pick":
            camera.pick(key)
        case "close":
            camera.pick(None)
        case "retake":
            await camera.retake(key)
        case "turn":
            await camera.turn(key)
        case "up":
            await camera.move(key, -1)
        case "down":
            await camera.move(key, 1)
        case "remove":
            await camera.remove(key)


async def _joining(desk: Desk, form: Form) -> None:
    desk.submission.camera.join_as("card" if form.choice("how", "pages", "card") == "card" else "pages")


async def _pages_done(desk: Desk, _form: Form) -> None:
    await desk.submission.camera.finish()


async def _tick(desk: Desk, form: Form) -> None:
    desk.submission.drive.tick(form.key("file"))


async def _copy(desk: Desk, _form: Form) -> None:
    desk.submission.drive.copy()


SUBMISSION_ACTIONS: Mapping[str, Callable[[Desk, Form], Awaitable[None]]] = {
    "/submission/identity": _identity,
    "/submission/paper": _paper,
    "/submission/camera": _camera,
    "/submission/drive": _drive,
    "/submission/remove": _remove,
    "/submission/send": _send,
    "/submission/hand-in": _hand_in,
    "/submission/give-up": _give_up,
    "/submission/add-more": _add_more,
    "/camera/capture": _capture,
    "/camera/page": _page,
    "/camera/joining": _joining,
    "/camera/finish": _pages_done,
    "/drive/tick": _tick,
    "/drive/copy": _copy,
}
"""What each path does."""
