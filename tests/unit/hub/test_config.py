from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from hub.clock import ShiftedClock, SystemClock, clock_from
from hub.config import HubConfig, database_url, is_loopback, shown, worker_name
from hub.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("postgresql://u:p@h/n", "postgresql+asyncpg://u:p@h/n"),
        ("postgres://h/n", "postgresql+asyncpg://h/n"),
        ("sqlite:///var/hub.db", "sqlite+aiosqlite:///var/hub.db"),
        ("sqlite+aiosqlite:////x", "sqlite+aiosqlite:////x"),
    ],
)
def test_the_asynchronous_driver_is_named(text: str, url: str) -> None:
    assert database_url(text) == url
    assert HubConfig(database=text).database == url


def test_a_password_is_never_shown() -> None:
    assert shown("postgresql://user:s3cret@host/name") == "postgresql://user:***@host/name"
    assert shown("postgresql://user@host/name") == "postgresql://user@host/name"
    assert "pass@word" not in shown("postgresql://user:pass@word@host/name")


@pytest.mark.parametrize(
    ("host", "local"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("10.0.0.1", False)]
)
def test_loopback(host: str, local: bool) -> None:
    assert is_loopback(host) is local


@pytest.mark.parametrize("host", ["Hub_A.Example", "长城", "", "x" * 99])
def test_a_worker_has_a_name_that_fits_into_a_topic(host: str) -> None:
    assert HubConfig(worker=worker_name(host, 8201)).worker.endswith("-8201")


def test_a_shifted_clock_follows_its_file(tmp_path: Path) -> None:
    file = tmp_path / "shift"
    clock = clock_from(file)
    assert abs((clock.now() - SystemClock().now()).total_seconds()) < 5
    file.write_text("86400 unsynced")
    assert (clock.now() - SystemClock().now()).total_seconds() > 86_000
    file.write_text("not a number at all")
    assert (clock.now() - SystemClock().now()).total_seconds() > 86_000
    file.unlink()
    assert abs((clock.now() - SystemClock().now()).total_seconds()) < 5
    assert isinstance(clock, ShiftedClock)
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize(
    ("database", "named", "folder"),
    [
        ("sqlite:///var/hub.db", None, "var/hub-files"),
        ("sqlite:////srv/nightdesk/hub.db?timeout=5", None, "/srv/nightdesk/hub-files"),
        ("postgresql://u@h/n", None, "var/hub-files"),
        ("sqlite:///var/hub.db", "/srv/files", "/srv/files"),
    ],
)
def test_contents_lie_beside_the_database_unless_a_folder_is_named(
    database: str, named: str | None, folder: str
) -> None:
    config = HubConfig(database=database, files=None if named is None else Path(named))
    assert config.files_folder == Path(folder)
    assert config.files_key_file == Path(f"{folder}.key")


def test_the_key_of_contents_may_lie_elsewhere() -> None:
    assert HubConfig(files_key=Path("/etc/nightdesk/files.key")).files_key_file == Path("/etc/nightdesk/files.key")


@pytest.mark.parametrize(("days", "right"), [(0, True), (30, True), (180, True), (29, False), (-1, False)])
def test_a_grace_that_a_station_without_a_line_may_outlast_is_refused(days: int, right: bool) -> None:
    with contextlib.nullcontext() if right else pytest.raises(ConfigError):
        HubConfig(days_unnamed=days)
