"""Composition of the hub's processes: what `run`, `dispatch` and `notify` consist of, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn
from joserfc.jwk import ECKey
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.applications import Starlette
from starlette.routing import Mount

from contract.pdf_signatures import PdfSignatures
from contract.session import MqttSession
from hub.api.documents import StationDocuments
from hub.api.health import Health
from hub.api.paper_keys import PaperKeys
from hub.api.print_contents import PrintContents
from hub.api.print_orders import PrintOrdersApi
from hub.api.uploads import Uploads
from hub.clock import Clock, clock_from
from hub.config import HubConfig, shown
from hub.db.changes import ChangeFeed
from hub.db.engine import is_away, make_engine
from hub.db.migrate import migrate
from hub.dispatch.service import Dispatch, SigningKeys
from hub.dispatch.service import session_settings as dispatch_session
from hub.ingest.service import Ingest, session_settings
from hub.notify.gateway import LogGateway
from hub.notify.service import Notify
from hub.notify.texts import Wording
from hub.services.file_key import open_disk
from hub.services.file_store import FileStore
from hub.services.file_sweep import FileSweep
from hub.services.paper_codes import PaperCodes
from hub.services.paper_sweep import PaperSweep
from hub.services.print_orders import PaperSeal
from hub.services.submission_files import SubmissionFiles
from hub.web.app import create_web

log = logging.getLogger(__name__)

MIGRATE_AGAIN_S = 1.0
SERVER_GRACE_S = 3.0


async def run_hub(config: HubConfig) -> None:
    """Ingest, desk and API in one process, until SIGTERM or SIGINT."""
    disk = open_disk(config.files_folder, config.files_key_file)
    async with database(config.database) as engine:
        clock = clock_from(config.clock_shift)
        session = MqttSession(session_settings(config))
        async with ChangeFeed(engine) as feed, session:
            ingest = Ingest(engine, session, config.worker, clock)
            store = FileStore(engine, disk, clock)
            sweep = FileSweep(store, config.days_unnamed)
            server = _server(config, _application(config, clock, feed, session, store))
            log.info("hub %s on %s", config.worker, shown(config.database))
            papers = PaperSweep(engine, clock)
            await until_signalled(ingest.run, sweep.keep, papers.keep, server=server)


async def run_dispatch(config: HubConfig, keys: SigningKeys) -> None:
    """Sign and send what others asked for, until SIGTERM or SIGINT."""
    async with database(config.database) as engine:
        session = MqttSession(dispatch_session(config.broker, config.worker))
        async with ChangeFeed(engine) as feed, session:
            dispatch = Dispatch(engine, session, keys, clock_from(config.clock_shift))
            log.info("dispatch on %s", shown(config.database))
            await until_signalled(lambda: dispatch.run(feed))


async def run_notify(config: HubConfig, key: ECKey, sms_log: Path, wording: Wording) -> None:
    """Tell recipients their pickup codes, until SIGTERM or SIGINT."""
    async with database(config.database) as engine, ChangeFeed(engine) as feed:
        clock = clock_from(config.clock_shift)
        notify = Notify(engine, key, LogGateway(sms_log, clock.now), clock, wording)
        log.info("notify on %s", shown(config.database))
        await until_signalled(lambda: notify.run(feed))


@asynccontextmanager
async def database(url: str) -> AsyncIterator[AsyncEngine]:
    """Open the database, migrated; waits for one that is not there yet."""
    engine = make_engine(url)
    try:
        await _migrate_when_there(engine)
        yield engine
    finally:
        await engine.dispose()


async def _migrate_when_there(engine: AsyncEngine) -> None:
    while True:
        try:
            await migrate(engine)
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("the database is not there yet (%s)", type(error).__name__)
        else:
            return
        await asyncio.sleep(MIGRATE_AGAIN_S)


def _application(
    config: HubConfig, clock: Clock, feed: ChangeFeed, session: MqttSession, store: FileStore
) -> Starlette:
    engine = store.engine
    health = Health(engine, lambda: session.connected)
    api = [*StationDocuments(engine).routes(), *Uploads(engine, store).routes(), *health.routes()]
    seal = PaperSeal(store.disk.keys)
    api += [*PrintContents(engine, seal).routes(), *PaperKeys(engine, clock).routes()]
    signatures = None if config.pdf_roots is None else PdfSignatures(config.pdf_roots)
    codes = PaperCodes(config.paper_keys, config.paper_link, signatures)
    api += PrintOrdersApi(engine, seal, clock, codes, config.web.card_key).routes()
    web = create_web(engine, config.web, clock, feed, SubmissionFiles(engine, store.disk))
    return Starlette(routes=[*api, Mount("/", web)])


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling: the process has one place for that."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    def stop(self) -> None:
        """Finish what is being answered and end."""
        self.should_exit = True


def _server(config: HubConfig, application: Starlette) -> _Server:
    web = config.web
    settings = uvicorn.Config(
        application, host=web.host, port=web.port, ssl_certfile=web.tls_cert, ssl_keyfile=web.tls_key,
        log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2, lifespan="off",
    )  # fmt: skip
    return _Server(settings)


async def until_signalled(*work: Callable[[], Awaitable[None]], server: _Server | None = None) -> None:
    """Run `work` until SIGTERM or SIGINT, or until one of them fails, which is raised.

    Work is cancelled; a server may finish what it is answering first.
    """
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    tasks = [asyncio.ensure_future(each()) for each in (*work, ended.wait)]
    serving = [asyncio.ensure_future(server.serve())] if server is not None else []
    done, rest = await asyncio.wait([*tasks, *serving], return_when=asyncio.FIRST_COMPLETED)
    if server is not None:
        server.stop()
        await asyncio.wait(serving, timeout=SERVER_GRACE_S)
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    for task in done:
        task.result()
