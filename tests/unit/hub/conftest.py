"""Databases for the hub's tests: a new SQLite file, or a new database in one PostgreSQL cluster per test run.

Migrating takes longer than most tests, so each kind is migrated once and copied.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.engine import make_engine
from hub.db.migrate import migrate
from tests.postgres import Cluster

KINDS = ("sqlite", "postgresql")
TEMPLATE = "migrated"
_numbers = itertools.count(1)


async def _migrated(url: str) -> None:
    engine = make_engine(url)
    await migrate(engine)
    await engine.dispose()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    # Not pytest's own temporary folder, which the user postgres may not enter.
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-pg-"))
    folder.chmod(0o755)
    server = Cluster(folder / "cluster", durable=False)
    server.create()
    server.start()
    yield server
    server.stop("immediate")
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hub") / "migrated.db"
    asyncio.run(_migrated(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_database(cluster: Cluster) -> str:
    asyncio.run(_migrated(cluster.database(TEMPLATE)))
    return TEMPLATE


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    server: Cluster = request.getfixturevalue("cluster")
    return server.database(f"t{next(_numbers)}")


@pytest.fixture(params=KINDS)
def migrated_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A migrated database of each kind."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "hub.db")
        return f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    template: str = request.getfixturevalue("migrated_database")
    server: Cluster = request.getfixturevalue("cluster")
    return server.database(f"t{next(_numbers)}", template)


@pytest_asyncio.fixture
async def engine(migrated_url: str) -> AsyncIterator[AsyncEngine]:
    """Both kinds of database, migrated."""
    engine = make_engine(migrated_url)
    yield engine
    await engine.dispose()
