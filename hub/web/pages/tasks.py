"""Tasks: what somebody must see to at a station."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.services.close_task import close_task
from hub.services.people import Role
from hub.services.picture.tasks import list_tasks
from hub.web.render import render
from hub.web.visit import Visit, page


@page()
async def show(visit: Visit) -> Response:
    """Show open tasks, and the last closed ones."""
    still, done = await list_tasks(visit.desk.engine)
    return render(visit, "tasks.html", {"still": still, "done": done})


@page(Role.CLERK, Role.TECHNICIAN)
async def close(visit: Visit) -> Response:
    """Close a task; closing it twice is closing it once."""
    fields = await visit.form()
    await close_task(visit.desk.engine, visit.now, visit.person.name, fields.get("task", ""))
    return RedirectResponse("/tasks", status_code=303)


routes = [
    Route("/tasks", show),
    Route("/tasks/close", close, methods=["POST"]),
]
