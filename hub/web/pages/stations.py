"""One station: its compartments as last known, and what a technician may ask of it."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from hub.services.ask_station import ask_devices, ask_station
from hub.services.people import Role
from hub.services.picture.cabinets import arrange
from hub.services.picture.station import StationPicture, station_picture
from hub.services.picture.timeline import Moment, door_history
from hub.services.refusals import UnknownSubjectError
from hub.web.forms import read_number
from hub.web.render import render
from hub.web.visit import Visit, number_in_path, page

WISHES = {
    "take-out": "take_out",
    "return": "return_to_service",
    "test-unlock": "test_unlock",
    "emergency-release": "emergency_release",
}
DEVICE_WISHES = {"self-test": "self_test", "test-print": "test_print"}


@page()
async def show(visit: Visit) -> Response:
    """Show what is known of the station, and how old that knowledge is."""
    station = number_in_path(visit, "station")
    chosen = read_number(visit.request.query_params.get("compartment", ""), 999)
    picture = await _picture(visit, station)
    compartment = next((row for row in picture.compartments if row.number == chosen), None)
    history = [] if compartment is None else await _history(visit, station, compartment.number)
    cabinets = arrange(picture.compartments)
    return render(
        visit, "station.html", {"picture": picture, "chosen": compartment, "history": history, "cabinets": cabinets}
    )


async def _history(visit: Visit, station: str, number: int) -> list[Moment]:
    async def read() -> list[Moment]:
        return await door_history(visit.desk.engine, station, number)

    return await (visit.desk.viewers.answer(("door", station, number), read) if visit.is_live else read())


async def _picture(visit: Visit, station: str) -> StationPicture:
    async def read() -> StationPicture | None:
        return await station_picture(visit.desk.engine, station)

    found = await (visit.desk.viewers.answer(("station", station), read) if visit.is_live else read())
    if found is None:
        raise UnknownSubjectError("station_unknown")
    return found


@page(Role.TECHNICIAN)
async def ask(visit: Visit) -> Response:
    """Ask the station for something about one compartment."""
    fields = await visit.form()
    station = number_in_path(visit, "station")
    number = read_number(str(visit.request.path_params["number"]), 999)
    wish = WISHES.get(str(visit.request.path_params["wish"]))
    if number is None or wish is None:
        raise UnknownSubjectError("compartment_unknown")
    engine, by = visit.desk.engine, visit.person.name
    await ask_station(engine, visit.now, by, station, wish, number, fields.get("reason", ""))
    return RedirectResponse(f"/stations/{station}?compartment={number}", status_code=303)


@page(Role.TECHNICIAN)
async def ask_devices_of(visit: Visit) -> Response:
    """Ask the station to test its devices."""
    await visit.form()
    station = number_in_path(visit, "station")
    wish = DEVICE_WISHES.get(str(visit.request.path_params["wish"]), "")
    await ask_devices(visit.desk.engine, visit.now, visit.person.name, station, wish)
    return RedirectResponse(f"/stations/{station}", status_code=303)


routes = [
    Route("/stations/{station}", show),
    Route("/stations/{station}/compartments/{number}/{wish}", ask, methods=["POST"]),
    Route("/stations/{station}/devices/{wish}", ask_devices_of, methods=["POST"]),
]
