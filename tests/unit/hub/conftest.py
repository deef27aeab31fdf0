"""Databases for the hub's tests: a new SQLite file, or a new database in one PostgreSQL cluster per test run."""

from __future__ import annotations

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

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    # Not pytest's own temporary folder, which the user postgres may not enter.
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-pg-"))
    folder.chmod(0o755)
    server = Cluster(folder / "cluster")
    server.create()
    server.start()
    yield server
    server.stop("immediate")
    shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    server: Cluster = request.getfixturevalue("cluster")
    return server.database(f"t{next(_numbers)}")


@pytest_asyncio.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    """Both databases, migrated."""
    engine = make_engine(database_url)
    await migrate(engine)
    yield engine
    await engine.dispose()
