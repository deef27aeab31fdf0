"""One migrated database of each kind for all tests of the services, emptied before each: migrating takes longer."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.core.audit import START
from hub.db.engine import make_engine, writing
from hub.db.migrate import migrate
from hub.db.tables import hub_meta, metadata
from tests.postgres import Cluster


def _migrated(url: str) -> str:
    async def work() -> None:
        engine = make_engine(url)
        await migrate(engine)
        await engine.dispose()

    asyncio.run(work())
    return url


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("services") / "template.db"
    _migrated(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql_url(cluster: Cluster) -> str:
    return _migrated(cluster.database("services"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql_url"))
    shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / "hub.db")
    return f"sqlite:///{tmp_path}/hub.db"


@pytest_asyncio.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = make_engine(database_url)
    if engine.dialect.name == "postgresql":
        await _empty(engine)
    yield engine
    await engine.dispose()


async def _empty(engine: AsyncEngine) -> None:
    names = ", ".join(name for name in metadata.tables if name != "hub_meta")
    async with writing(engine) as connection:
        await connection.execute(text(f"TRUNCATE {names}"))
        for name, value in {"user_audit_head": START, "user_audit_n": "0"}.items():
            await connection.execute(hub_meta.update().where(hub_meta.c.name == name).values(value=value))
