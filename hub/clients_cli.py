"""`python -m hub client add|disable|list`: programs of the back office that may speak HTTP to the hub."""

from __future__ import annotations

import argparse
import json
import os
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from hub import people_cli
from hub.core.times import SHANGHAI
from hub.people_cli import Group
from hub.services.clients import EVERYWHERE, Scope, all_clients, disable_client, give_client_token


def add_commands(subparsers: Group) -> None:
    """Add `client`."""
    parser = subparsers.add_parser("client", help="tokens of back-office programs")
    group = parser.add_subparsers(required=True, metavar="add|disable|list")
    add = people_cli.command(group, "add", _add, "write a new token for a program; an older one stops working")
    add.add_argument("name")
    add.add_argument("--scope", action="append", required=True, choices=[*Scope], help="may be given several times")
    add.add_argument("--station", action="append", help="a station's id, several times; every one if absent")
    add.add_argument("--token-file", type=Path, required=True, help="written with mode 0600")
    disable = people_cli.command(group, "disable", _disable, "end a program's token at once")
    disable.add_argument("name")
    people_cli.command(group, "list", _list, "show programs, without tokens")


async def _add(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    # Opened before the old token ends: a folder that can't be written must not leave the program without one.
    descriptor = people_cli.open_private(arguments.token_file)
    try:
        scopes, stations = [Scope(name) for name in arguments.scope], arguments.station or [EVERYWHERE]
        token = await give_client_token(engine, now, people_cli.deed_by(), arguments.name, scopes, stations)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{token}\n".encode())
    finally:
        os.close(descriptor)


async def _disable(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    await disable_client(engine, now, people_cli.deed_by(), arguments.name)


async def _list(_arguments: argparse.Namespace, engine: AsyncEngine, _now: datetime) -> None:
    for row in await all_clients(engine):
        scopes, stations = (", ".join(json.loads(text)) for text in (row.scopes, row.stations))
        ended = "" if row.disabled_at is None else f"disabled {row.disabled_at.astimezone(SHANGHAI):%Y-%m-%d}"
        people_cli.show(row.name, scopes, stations, ended)
