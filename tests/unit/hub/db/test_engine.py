from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import WAL_IS_SAFE, is_away, make_engine, reading, writing
from tests.postgres import Cluster, free_port


async def error_of(url: str, sql: str) -> BaseException:
    engine = make_engine(url)
    try:
        async with writing(engine) as connection:
            await connection.execute(text(sql))
    except (SQLAlchemyError, OSError) as error:
        return error
    finally:
        await engine.dispose()
    raise AssertionError("there was no error")


async def test_a_server_that_does_not_listen_is_away() -> None:
    assert is_away(await error_of(f"postgresql://app@127.0.0.1:{free_port()}/x", "SELECT 1"))


async def test_a_file_named_by_a_uri_lies_where_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    engine = make_engine(f"sqlite:///file:{tmp_path}/new/hub.db?uri=true")
    async with engine.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await engine.dispose()
    assert (tmp_path / "new").is_dir()
    assert list(elsewhere.iterdir()) == []


async def test_a_file_that_cannot_be_written_is_away(migrated_file: Path) -> None:
    url = f"sqlite:///file:{migrated_file}?mode=ro&uri=true"
    assert is_away(await error_of(url, "DELETE FROM hub_meta"))


async def test_a_connection_that_the_server_ends_is_away(cluster: Cluster) -> None:
    url = cluster.database("ended")
    assert is_away(await error_of(url, "SELECT pg_terminate_backend(pg_backend_pid())"))


async def test_a_server_that_only_reads_is_away(cluster: Cluster) -> None:
    url = cluster.database("only_reads")
    engine = make_engine(url)
    async with engine.connect() as connection:
        await connection.execute(text("SET TRANSACTION READ ONLY"))
        with pytest.raises(SQLAlchemyError) as caught:
            await connection.execute(text("CREATE TABLE x (n int)"))
    await engine.dispose()
    assert is_away(caught.value)


async def test_a_wrong_statement_is_not_away(migrated_url: str) -> None:
    assert not is_away(await error_of(migrated_url, "SELECT * FROM no_such_table"))


async def test_errors_show_no_values(engine: AsyncEngine) -> None:
    with pytest.raises(SQLAlchemyError) as caught:
        async with writing(engine) as connection:
            await connection.execute(text("INSERT INTO no_such_table VALUES (:phone)"), {"phone": "13800138000"})
    assert "13800138000" not in str(caught.value)


async def test_sqlite_survives_a_power_cut_by_its_settings(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path}/hub.db")
    async with engine.connect() as connection:
        journal = await connection.scalar(text("PRAGMA journal_mode"))
        synchronous = await connection.scalar(text("PRAGMA synchronous"))
    await engine.dispose()
    safe = sqlite3.sqlite_version_info >= WAL_IS_SAFE
    assert (journal, synchronous) == (("wal", 2) if safe else ("truncate", 3))


async def test_writers_wait_for_each_other(engine: AsyncEngine) -> None:
    async def count() -> None:
        async with writing(engine) as connection:
            raise_it = "UPDATE hub_meta SET value = CAST(CAST(value AS INTEGER) + 1 AS TEXT) WHERE name = :n"
            await connection.execute(text(raise_it), {"n": "presence_counter"})

    await asyncio.gather(*(count() for _ in range(20)))
    async with reading(engine) as connection:
        value = await connection.scalar(text("SELECT value FROM hub_meta WHERE name = 'presence_counter'"))
    assert value == "20"
