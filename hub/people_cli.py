"""`python -m hub user|staff|station`: who may sign in, who may work at the stations, which stations may speak HTTP.

Passwords and PINs come from a prompt or a file, never from the command line, which every user of the machine can read.
"""

from __future__ import annotations

import argparse
import asyncio
import getpass
import json
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time
from pathlib import Path
from typing import TypeAlias

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.clock import clock_from
from hub.config import DEFAULT_DATABASE
from hub.core.times import SHANGHAI
from hub.db.engine import is_away, make_engine
from hub.db.migrate import migrate
from hub.services.passwords import Passwords, pin_hasher
from hub.services.people import People, Person, Role
from hub.services.refusals import RefusedError
from hub.services.staff import EVERYWHERE, RIGHTS, Staff, StaffDraft
from hub.services.station_tokens import give_token, known_stations
from hub.web.texts import say

Job = Callable[[argparse.Namespace, AsyncEngine, datetime], Awaitable[None]]
Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_commands(subparsers: Group) -> None:
    """Add `user`, `staff` and `station`; the default `run` of each takes the arguments, returns the exit status."""
    _add_user(subparsers.add_parser("user", help="accounts of the hub desk"))
    _add_staff(subparsers.add_parser("staff", help="people with badge and PIN at the stations"))
    _add_station(subparsers.add_parser("station", help="tokens with which stations fetch their documents"))


def _add_user(parser: argparse.ArgumentParser) -> None:
    group = parser.add_subparsers(required=True, metavar="add|disable|password")
    add = command(group, "add", _user_add, "make an account")
    add.add_argument("name")
    add.add_argument("--role", action="append", required=True, choices=[*Role], help="may be given several times")
    add.add_argument("--shown-as", help="the name on the pages; the user name otherwise")
    _secret(add, "--password-file")
    disable = command(group, "disable", _user_disable, "close an account; its logins end at once")
    disable.add_argument("name")
    password = command(group, "password", _user_password, "set a new password and unlock")
    password.add_argument("name")
    _secret(password, "--password-file")


def _add_staff(parser: argparse.ArgumentParser) -> None:
    group = parser.add_subparsers(required=True, metavar="add|remove|list")
    add = command(group, "add", _staff_add, "add a person, or renew the one with this badge")
    add.add_argument("badge")
    add.add_argument("--name", default="", help="shown at the station")
    add.add_argument("--right", action="append", required=True, choices=RIGHTS, help="may be given several times")
    add.add_argument("--station", action="append", help="a station's id, several times; every one if absent")
    add.add_argument("--valid-until", type=_day, required=True, metavar="YYYY-MM-DD", help="the last day")
    _secret(add, "--pin-file")
    remove = command(group, "remove", _staff_remove, "take a person off every station's list")
    remove.add_argument("badge")
    command(group, "list", _staff_list, "show everyone, without PINs")


def _add_station(parser: argparse.ArgumentParser) -> None:
    group = parser.add_subparsers(required=True, metavar="add|list")
    add = command(group, "add", _station_add, "write a new token for a station; an older one stops working")
    add.add_argument("station")
    add.add_argument("--token-file", type=Path, required=True, help="written with mode 0600")
    command(group, "list", _station_list, "show stations with a token or ever heard")


def command(group: Group, name: str, job: Job, text: str) -> argparse.ArgumentParser:
    """Add a command that works on the database."""
    parser = group.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.add_argument("--database", default=DEFAULT_DATABASE, metavar="URL")
    parser.add_argument("--clock-shift", type=Path, metavar="FILE", help="seconds to add to the clock (demonstration)")
    parser.set_defaults(run=lambda arguments: _run(arguments, job))
    return parser


def _secret(parser: argparse.ArgumentParser, option: str) -> None:
    parser.add_argument(
        option, dest="secret_file", type=Path, metavar="FILE", help="its first line; a prompt asks otherwise"
    )


def _day(text: str) -> datetime:
    """Return the end of a local day in UTC."""
    return datetime.combine(datetime.strptime(text, "%Y-%m-%d").date(), time.max, SHANGHAI).astimezone(UTC)  # noqa: DTZ007 -- only the date is used


def _run(arguments: argparse.Namespace, job: Job) -> int:
    try:
        asyncio.run(_with_engine(arguments, job))
    except RefusedError as error:
        sys.stderr.write(f"{say('zh', error.key)}\n{say('en', error.key)}\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except DBAPIError as error:
        if not is_away(error):
            raise
        sys.stderr.write(f"{say('zh', 'problem_database')}\n{say('en', 'problem_database')}\n")
        return 1
    return 0


async def _with_engine(arguments: argparse.Namespace, job: Job) -> None:
    engine = make_engine(arguments.database)
    try:
        await migrate(engine)
        await job(arguments, engine, clock_from(arguments.clock_shift).now())
    finally:
        await engine.dispose()


def deed_by() -> str:
    """Return who did it, for the audit."""
    return f"console:{getpass.getuser()}"[:64]


def _ask(arguments: argparse.Namespace, what: str) -> str:
    if arguments.secret_file is not None:
        lines: list[str] = arguments.secret_file.read_text(encoding="utf-8").splitlines()
        return lines[0] if lines else ""
    first = getpass.getpass(f"{what}: ")
    if getpass.getpass(f"{what} (again): ") != first:
        raise RefusedError("secrets_differ")
    return first


def show(*columns: object) -> None:
    """Print one line of a list."""
    sys.stdout.write("\t".join(str(column) for column in columns) + "\n")


async def _user_add(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    roles = frozenset(Role(name) for name in arguments.role)
    person = Person(arguments.name, arguments.shown_as or arguments.name, roles)
    await People(engine, Passwords()).add(deed_by(), now, person, _ask(arguments, "password"))


async def _user_disable(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    await People(engine, Passwords()).disable(deed_by(), now, arguments.name)


async def _user_password(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    await People(engine, Passwords()).set_password(deed_by(), now, arguments.name, _ask(arguments, "password"))


async def _staff_add(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    stations = tuple(arguments.station or [EVERYWHERE])
    draft = StaffDraft(arguments.badge, arguments.name, tuple(arguments.right), stations, arguments.valid_until)
    await Staff(engine, Passwords(pin_hasher())).add(deed_by(), now, draft, _ask(arguments, "PIN"))


async def _staff_remove(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    await Staff(engine, Passwords()).remove(deed_by(), now, arguments.badge)


async def _staff_list(_arguments: argparse.Namespace, engine: AsyncEngine, _now: datetime) -> None:
    for row in await Staff(engine, Passwords()).everyone():
        rights, stations = (", ".join(json.loads(text)) for text in (row.rights, row.stations))
        show(row.badge, row.name, rights, stations, f"{row.valid_until.astimezone(SHANGHAI):%Y-%m-%d}")


async def _station_add(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    # Opened before the old token ends: a folder that can't be written must not leave the station without one.
    descriptor = open_private(arguments.token_file)
    try:
        token = await give_token(engine, now, deed_by(), arguments.station)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{token}\n".encode())
    finally:
        os.close(descriptor)


def open_private(path: Path) -> int:
    """Open a file that only its owner reads, to write a token into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    return descriptor


async def _station_list(_arguments: argparse.Namespace, engine: AsyncEngine, _now: datetime) -> None:
    for row in await known_stations(engine):
        token = "token" if row.made_at is not None else "no token"
        heard = "never heard" if row.heard_at is None else f"heard {row.heard_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        show(row.station, token, heard)
