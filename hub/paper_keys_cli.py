"""`python -m hub paper`: the keys that issue papers, and papers that are no longer in force."""

from __future__ import annotations

import argparse
import sys
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from hub.people_cli import Group, command, deed_by
from hub.services.issuing_keys import add_station_key, key_list, make_key, revoke_key
from hub.services.paper_codes import revoke_paper


def add_commands(subparsers: Group, folder: Path) -> None:
    """Add `paper`; private keys of the hub lie in `folder` unless told otherwise."""
    parser = subparsers.add_parser("paper", help="keys that issue papers; papers no longer in force")
    group = parser.add_subparsers(required=True, metavar="make-key|rotate-key|revoke-key|station-key|keys|revoke")
    for name, text in (
        ("make-key", "make the first key"),
        ("rotate-key", "make a new key; papers of the old one stay good"),
    ):
        make = command(group, name, _make, text)
        make.set_defaults(rotate=name == "rotate-key")
        _folder(make, folder)
        make.add_argument("--days", type=int, default=400, help="how long it issues papers")
    revoke = command(group, "revoke-key", _revoke_key, "a key was lost: no signature of it proves anything any more")
    _folder(revoke, folder)
    revoke.add_argument("kid")
    revoke.add_argument("--reason", required=True, help="published")
    station = command(group, "station-key", _station_key, "publish the key with which a station signs its slips")
    station.add_argument("station")
    station.add_argument("public", type=Path, metavar="FILE", help="written by `python -m edge keys`")
    station.add_argument("--days", type=int, default=3650)
    command(group, "keys", _keys, "print the published list as JSON")
    paper = command(group, "revoke", _revoke, "a paper is no longer in force")
    paper.add_argument("number")
    paper.add_argument("--reason", required=True)


def _folder(parser: argparse.ArgumentParser, folder: Path) -> None:
    parser.add_argument("--keys", type=Path, default=folder, metavar="DIR", help="folder of private keys")


async def _make(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    kid = await make_key(engine, arguments.keys, now, deed_by(), arguments.days, rotate=arguments.rotate)
    sys.stdout.write(f"{kid}\n")


async def _revoke_key(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    await revoke_key(engine, arguments.keys, now, deed_by(), arguments.kid, arguments.reason)


async def _station_key(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    kid = await add_station_key(engine, now, deed_by(), arguments.station, arguments.public, arguments.days)
    sys.stdout.write(f"{kid}\n")


async def _keys(_arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    sys.stdout.write((await key_list(engine, now)).to_bytes().decode() + "\n")


async def _revoke(arguments: argparse.Namespace, engine: AsyncEngine, now: datetime) -> None:
    await revoke_paper(engine, now, deed_by(), arguments.number, arguments.reason)
