"""Real brokers and databases for the hub's integration tests."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.broker import Mosquitto
from tests.postgres import Cluster

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """One cluster of the run; durable, because hubs are killed here."""
    folder = Path(tempfile.mkdtemp(prefix="nightdesk-pg-"))
    folder.chmod(0o755)
    server = Cluster(folder / "cluster")
    server.create()
    server.start()
    yield server
    server.stop("immediate")
    shutil.rmtree(folder)


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path)
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture(scope="session")
def new_postgres(postgres_cluster: Cluster) -> Callable[[], str]:
    """Make one empty database after the other."""
    return lambda: postgres_cluster.database(f"i{next(_numbers)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def hub_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/hub.db"
    make: Callable[[], str] = request.getfixturevalue("new_postgres")
    return make()
