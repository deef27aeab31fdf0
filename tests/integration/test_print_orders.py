"""A print order from the back office's request to the paper and back, by hub, dispatch, broker and HTTP as they run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contract.events import EventData, PaperTaken, PrintDone, PrintRequested
from contract.ids import card_hash
from contract.signing import load_key
from edge.clock import SystemClock
from edge.core.printing import PrintDecision, PrintJob, PrintStep
from edge.services import documents
from edge.services.door_control import Doors
from edge.services.picture import Picture
from edge.services.print_orders import PrintOrders
from edge.services.refusals import RefusedError
from edge.store.files import Files
from edge.store.unit_of_work import Store, Transaction
from edge.uplink.documents import Source
from edge.uplink.uplink import Hooks, Uplink, UplinkSettings
from hall.processes import until
from hub.db.engine import make_engine
from hub.db.migrate import migrate
from hub.services.clients import Scope, give_client_token
from hub.services.issuing_keys import make_key
from hub.services.key_files import make_pair, public_file
from hub.services.station_tokens import give_token
from tests.broker import Mosquitto
from tests.hubs import HubProcess
from tests.integration.hub_records import problems_of_audit, rows
from tests.integration.test_hub_work import worker
from tests.materials import FILE_KEY

STATION, CARD_KEY, NUMBER = "dc-24h-01", "c0" * 32, "11010519491231002X"
COMPANY = "北京𠮷祥㐂商贸有限公司"
CLOCK = SystemClock("Asia/Shanghai")
ONCE = httpx.Limits(max_keepalive_connections=0)  # the hub is killed in between


@dataclass
class Town:
    """The hub's processes, a program of the back office, and one station."""

    hub: HubProcess
    database: str
    office: httpx.AsyncClient
    store: Store
    orders: PrintOrders
    papers: Path

    async def order(self, certificate: str, **other: object) -> dict[str, Any]:
        facts = {"name": COMPANY, "certificate": certificate}
        body = {
            "station": STATION, "layout": "licence_original", "certificate": certificate, "facts": facts,
            "subject": "91110101MA01ABCD0X", "stock": "licence_original", "citizen_number": NUMBER,
            "expires_at": (datetime.now(UTC) + timedelta(days=3)).isoformat(),
        } | other  # fmt: skip
        answer = await self.office.post("/print-orders", json=body, headers={"Idempotency-Key": f"order-{certificate}"})
        assert answer.status_code in (201, 409), answer.text
        answered: dict[str, Any] = answer.json()
        return answered

    async def state(self, order: str) -> str:
        return str((await self.office.get(f"/print-orders/{order}")).json()["state"])

    async def listed(self) -> list[str]:
        found = await self.orders.of_card(card_hash(bytes.fromhex(CARD_KEY), NUMBER))
        return [each.certificate for each in found if not await self.orders.missing()]

    async def print(self, order: UUID, blank: str) -> None:
        """What `IssuePapers` commits, in the same two steps."""
        job = PrintJob(uuid4(), order, "licence_original", "1", "licence_original", "nd-1", PrintStep.SENT, blank)
        asked = PrintRequested(job=job.id, layout=job.layout, blank=blank, order=order, sha256="ab" * 32)
        await self._commit(job, asked)
        done = PrintJob(job.id, order, job.layout, "1", job.stock, "nd-1", PrintStep.TAKEN, blank)
        await self._commit(done, PrintDone(job=job.id, layout=job.layout), PaperTaken(job=job.id, layout=job.layout))

    async def _commit(self, job: PrintJob, *events: EventData) -> None:
        def work(tx: Transaction) -> None:
            tx.carry_out_print(PrintDecision(job))
            for event in events:
                tx.emit(event)

        await self.store.transact(work)


async def prepared(folder: Path, database: str) -> None:
    """Keys, the station's token and the program's, as the hub's commands make them."""
    for kind in ("dispatch", "documents"):
        make_pair(folder / "keys", kind, f"{kind}-1")
    (folder / "card.key").write_text(CARD_KEY)
    (folder / "card.key").chmod(0o600)
    engine, now = make_engine(database), datetime.now(UTC)
    await migrate(engine)
    (folder / "token").write_text(await give_token(engine, now, "console:test", STATION))
    (folder / "office").write_text(await give_client_token(engine, now, "console:test", "licensing", [*Scope], ["*"]))
    await make_key(engine, folder / "keys", now, "console:test", 400)
    await engine.dispose()


@asynccontextmanager
async def a_station(folder: Path, broker: str, hub_port: int) -> AsyncIterator[tuple[Store, PrintOrders]]:
    """A real store and uplink; no doors, because none is needed here."""
    files, key = Files(folder / "papers", FILE_KEY), load_key(public_file(folder / "keys", "documents"))
    async with await Store.open(folder / "station.db", CLOCK) as store:
        orders = PrintOrders(store, files)
        settings = UplinkSettings(
            station=STATION,
            broker=broker,
            documents=Source(f"http://127.0.0.1:{hub_port}", folder / "token"),
            document_keys={"print": {key.kid or "": key}},
            command_keys={},
            software="test",
            simulated=(),
            reconnect_min_s=0.05,
            reconnect_max_s=0.2,
        )
        picture = Picture(store, Doors({}, {}, CLOCK))
        await picture.load()
        hooks = Hooks(changed=picture.note, service_mode=lambda: False, document_applied=lambda _kind: None)
        running = asyncio.create_task(Uplink(store, picture, CLOCK, settings, hooks, None, orders).run())
        try:
            yield store, orders
        finally:
            running.cancel()
            await asyncio.wait({running})
            files.close()


@pytest.fixture
async def town(mosquitto: Mosquitto, hub_database: str, tmp_path: Path) -> AsyncIterator[Town]:
    await prepared(tmp_path, hub_database)
    more = ("--card-key", str(tmp_path / "card.key"), "--paper-keys", str(tmp_path / "keys"))
    hub = HubProcess(tmp_path, hub_database, mosquitto.url, "hub-1", *more)
    hub.start()
    await asyncio.to_thread(hub.wait_until_ready)
    shared = ("--database", hub_database, "--broker", mosquitto.url, "--keys", str(tmp_path / "keys"))
    headers = {"Authorization": f"Bearer {(tmp_path / 'office').read_text().strip()}"}
    try:
        with worker(tmp_path, "dispatch", *shared):
            async with (
                httpx.AsyncClient(base_url=f"http://127.0.0.1:{hub.port}", headers=headers, limits=ONCE) as office,
                a_station(tmp_path, mosquitto.url, hub.port) as (store, orders),
            ):
                yield Town(hub, hub_database, office, store, orders, tmp_path / "papers")
    finally:
        hub.kill()


async def eventually(probe: Callable[[], Awaitable[bool]], what: str) -> None:
    await until(probe, 20, what)


async def test_an_order_becomes_a_paper_also_while_the_hub_is_down(town: Town) -> None:
    made = await town.order("N-1")
    order = UUID(made["order"])
    await eventually(lambda: _is(town.listed, ["N-1"]), "the station has order and content")
    town.hub.kill()
    content = await town.orders.content(order)
    assert content.facts is not None
    assert (content.facts["name"], bool(content.facts["qr"])) == (COMPANY, True)
    assert all(COMPANY.encode() not in path.read_bytes() for path in town.papers.iterdir())
    await town.print(order, "A000001")
    assert await town.listed() == []
    town.hub.start()
    await asyncio.to_thread(town.hub.wait_until_ready)
    await eventually(lambda: _is(lambda: town.state(made["order"]), "taken"), "the hub knows that it was taken")
    await eventually(lambda: _is(lambda: _named(town), 0), "the station's list names it no more")
    await eventually(lambda: _is(lambda: _files(town), 0), "its content is gone from the station")
    (kept,) = await asyncio.to_thread(rows, town.database, "SELECT sealed, card_hash, mask FROM print_orders")
    assert COMPANY.encode() not in bytes(kept["sealed"])
    assert NUMBER not in str(kept)
    assert NUMBER not in town.hub.log
    assert COMPANY not in town.hub.log
    assert await asyncio.to_thread(problems_of_audit, town.database) == []
    assert (await town.order("N-2"))["reason"] == "original_live"
    await taken_back(town, await town.order("N-3", returns=["N-1"]))


async def taken_back(town: Town, made: dict[str, Any]) -> None:
    """It leaves the station, and another may be ordered once the hub knows that it has."""
    await eventually(lambda: _is(town.listed, ["N-3"]), "the station has the other order and its content")
    answer = await town.office.delete(f"/print-orders/{made['order']}")
    assert answer.json()["state"] == "withdrawn"
    await eventually(lambda: _is(lambda: _named(town), 0), "the station's list names it no more")
    await eventually(lambda: _is(lambda: _files(town), 0), "its content is gone from the station")
    with pytest.raises(RefusedError, match="paper_not_here"):
        await town.orders.content(UUID(made["order"]))
    await eventually(lambda: _is(lambda: _ordered(town), "ordered"), "the hub heard it: another may be ordered")


async def _is(probe: Callable[[], Awaitable[object]], wanted: object) -> bool:
    return await probe() == wanted


async def _named(town: Town) -> int:
    return len(await town.store.read(documents.print_orders))


async def _files(town: Town) -> int:
    return len(list(town.papers.iterdir()))


async def _ordered(town: Town) -> str:
    return str((await town.order("N-4", returns=["N-1"])).get("state"))
