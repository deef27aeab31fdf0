"""The command line for people and stations, as one calls it."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Table

from hub import clients_cli
from hub.db.client_tables import clients
from hub.db.engine import make_engine
from hub.db.tables import document_requests, staff, station_tokens, users
from hub.people_cli import add_commands
from tests.unit.hub.services.samples import rows_of

PASSWORD = "correct horse battery"


class Console:
    """One operator with one database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.url = f"sqlite:///{folder}/hub.db"

    def run(self, *words: str) -> int:
        parser = argparse.ArgumentParser()
        group = parser.add_subparsers(required=True)
        add_commands(group)
        clients_cli.add_commands(group)
        arguments = parser.parse_args([*words, "--database", self.url])
        status: int = arguments.run(arguments)
        return status

    def secret(self, text: str) -> str:
        path = self.folder / "secret"
        path.write_text(f"{text}\n", encoding="utf-8")
        return str(path)

    def rows(self, table: Table) -> list[Row[Any]]:
        async def read() -> list[Row[Any]]:
            engine = make_engine(self.url)
            found = await rows_of(engine, table)
            await engine.dispose()
            return found

        return asyncio.run(read())


@pytest.fixture
def console(tmp_path: Path) -> Console:
    return Console(tmp_path)


def test_an_account_is_made_renewed_and_closed(console: Console) -> None:
    add = ["user", "add", "zhangli", "--role", "clerk", "--role", "technician", "--shown-as", "张丽"]
    assert console.run(*add, "--password-file", console.secret(PASSWORD)) == 0
    (row,) = console.rows(users)
    assert (row.name, row.shown_as, row.roles) == ("zhangli", "张丽", '["clerk", "technician"]')
    assert console.run("user", "password", "zhangli", "--password-file", console.secret("another good one")) == 0
    (renewed,) = console.rows(users)
    assert renewed.password != row.password
    assert console.run("user", "disable", "zhangli") == 0
    assert console.rows(users)[0].disabled_at is not None


def test_a_refusal_is_said_in_both_languages(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    add = ["user", "add", "zhangli", "--role", "clerk", "--password-file", console.secret("short")]
    assert console.run(*add) == 1
    assert capsys.readouterr().err == "密码长度应为10至256个字符。\nA password has 10 to 256 characters.\n"
    assert console.run("user", "disable", "nobody") == 1
    assert console.rows(users) == []


def test_the_password_is_never_an_argument(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        console.run("user", "add", "zhangli", "--role", "clerk", "--password", PASSWORD)
    assert "unrecognized arguments" in capsys.readouterr().err


def test_a_missing_file_is_named(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    assert console.run("user", "add", "zhangli", "--role", "clerk", "--password-file", "/no/such/file") == 1
    assert "/no/such/file" in capsys.readouterr().err


def test_a_database_that_is_away_is_said_in_words(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    (console.folder / "hub.db").mkdir()
    assert console.run("user", "disable", "zhangli") == 1
    assert "The database is away just now" in capsys.readouterr().err


def test_staff_are_added_listed_and_removed(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    add = ["staff", "add", "B-1001", "--name", "王强", "--right", "load", "--right", "clear", "--station", "dc-24h-01"]
    assert console.run(*add, "--valid-until", "2027-12-31", "--pin-file", console.secret("135790")) == 0
    assert console.run("staff", "list") == 0
    assert capsys.readouterr().out == "B-1001\t王强\tload, clear\tdc-24h-01\t2027-12-31\n"
    assert [(row.station, row.kind) for row in console.rows(document_requests)] == [("dc-24h-01", "staff")]
    assert console.run("staff", "remove", "B-1001") == 0
    assert console.rows(staff) == []


def test_a_station_gets_a_token_in_a_private_file(console: Console, capsys: pytest.CaptureFixture[str]) -> None:
    path = console.folder / "keys" / "token"
    for _ in range(2):
        assert console.run("station", "add", "dc-24h-01", "--token-file", str(path)) == 0
    token = path.read_text().strip()
    assert path.stat().st_mode & 0o777 == 0o600
    (row,) = console.rows(station_tokens)
    assert row.token_sha256 == hashlib.sha256(token.encode()).hexdigest()
    assert console.run("station", "list") == 0
    assert capsys.readouterr().out == "dc-24h-01\ttoken\tnever heard\n"
    assert console.run("station", "add", "hub", "--token-file", str(path)) == 1


def test_a_program_gets_a_token_that_only_its_owner_reads(console: Console) -> None:
    file = console.folder / "office" / "token"
    add = ["client", "add", "licensing", "--scope", "print_orders:write", "--token-file", str(file)]
    assert console.run(*add) == 0
    first = file.read_text().strip()
    assert file.stat().st_mode & 0o777 == 0o600
    assert console.run(*add, "--station", "dc-24h-01") == 0
    (row,) = console.rows(clients)
    assert row.token_sha256 == hashlib.sha256(file.read_bytes().strip()).hexdigest()
    assert file.read_text().strip() != first
    assert (row.scopes, row.stations) == ('["print_orders:write"]', '["dc-24h-01"]')
    assert console.run("client", "list") == 0
    assert console.run("client", "disable", "licensing") == 0
    assert console.rows(clients)[0].disabled_at is not None
    assert console.run("client", "disable", "nobody") == 1
    odd = ["client", "add", "Odd Name", "--scope", "print_orders:read", "--token-file", str(file)]
    assert console.run(*odd) == 1
