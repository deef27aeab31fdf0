"""The desk over real ASGI and a real SQLite file; logins are opened as rows, but for the tests that sign in."""

from __future__ import annotations

import asyncio
import secrets
import shutil
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette

from hub.config import WebConfig
from hub.db.changes import ChangeFeed
from hub.db.engine import make_engine
from hub.db.migrate import migrate
from hub.db.tables import logins
from hub.services.file_disk import FileDisk
from hub.services.file_format import FileKeys
from hub.services.people import People, Person, Role
from hub.services.sign_in import token_hash
from hub.services.submission_files import SubmissionFiles
from hub.web.app import create_web
from tests.unit.hub.services.samples import NOW, cheap_passwords, put

OWN = "http://127.0.0.1:8201"
PASSWORD = "correct horse battery"
PEOPLE = {
    "zhangli": Person("zhangli", "张丽", frozenset({Role.CLERK})),
    "wangqiang": Person("wangqiang", "王强", frozenset({Role.TECHNICIAN})),
    "chief": Person("chief", "主任", frozenset({Role.ADMIN})),
}

CARD_KEY = b"c" * 32


class HandClock:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def now(self) -> datetime:
        return NOW + self.passed

    def monotonic(self) -> float:
        return self.passed.total_seconds()

    def move(self, minutes: float) -> None:
        self.passed += timedelta(minutes=minutes)


class Browser:
    """One visitor; sends what a browser sends from the desk's own page."""

    def __init__(self, app: Starlette, engine: AsyncEngine, clock: HandClock) -> None:
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url=OWN)
        self._engine, self._clock = engine, clock
        self.form_token = ""

    async def become(self, name: str) -> Browser:
        token, self.form_token = secrets.token_urlsafe(16), secrets.token_urlsafe(16)
        now = self._clock.now()
        row = {"token_sha256": token_hash(token), "user": name, "form_token": self.form_token}
        await put(self._engine, logins, {**row, "made_at": now, "seen_at": now})
        self.http.cookies.set("nd_login", token)
        return self

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def post(self, path: str, **fields: str) -> httpx.Response:
        sent = {"form_token": self.form_token, **fields}
        return await self.http.post(path, data=sent, headers={"origin": OWN})


async def _make_template(path: Path) -> None:
    engine = make_engine(f"sqlite:///{path}")
    await migrate(engine)
    for person in PEOPLE.values():
        await People(engine, cheap_passwords()).add("console", NOW, person, PASSWORD)
    await engine.dispose()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("web") / "template.db"
    asyncio.run(_make_template(path))
    return path


@pytest_asyncio.fixture
async def engine(template: Path, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    shutil.copy(template, tmp_path / "hub.db")
    engine = make_engine(f"sqlite:///{tmp_path}/hub.db")
    yield engine
    await engine.dispose()


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def feed(engine: AsyncEngine) -> ChangeFeed:
    """Not watching yet: most tests ask for pages only."""
    return ChangeFeed(engine)


@pytest.fixture
def disk(tmp_path: Path) -> FileDisk:
    return FileDisk(tmp_path / "hub-files", FileKeys(b"k" * 32))


@pytest.fixture
def app(engine: AsyncEngine, clock: HandClock, feed: ChangeFeed, disk: FileDisk) -> Starlette:
    return create_web(engine, WebConfig(card_key=CARD_KEY), clock, feed, SubmissionFiles(engine, disk))


@pytest_asyncio.fixture
async def browser(app: Starlette, engine: AsyncEngine, clock: HandClock) -> AsyncIterator[Browser]:
    browser = Browser(app, engine, clock)
    yield browser
    await browser.http.aclose()
