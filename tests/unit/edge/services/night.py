"""A whole station for tests: real services over a real store, real drivers over simulated devices on ptys."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Container, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher

from contract.events import EVENT_TYPES
from contract.print_orders import PrintOrder
from edge.cabinets import Fitting, Place
from edge.clock import Clock, SystemClock
from edge.config import StationConfig, load_station
from edge.core.compartment import Compartment
from edge.lockers.registry import open_boards
from edge.ports import DocumentCamera, LockBoard, UsbDrive
from edge.printers.layouts.press import open_press
from edge.printers.registry import open_licence_printer, open_receipt_printer, output_sensor, trays
from edge.scanners.registry import open_barcode_reader, open_id_reader
from edge.services.collect_item import CODES_ONLY, Proofs
from edge.services.door_control import Channel
from edge.services.paper_parts import Machine, Patience
from edge.services.print_orders import PrintOrders
from edge.services.station import FittedCompartment, Printing, Station, Timings
from edge.services.view import KioskView, Screen
from edge.simulate import run_simulation
from edge.store.compartments import Fitted
from edge.store.files import Files
from edge.store.papers import StoredDocument
from edge.store.unit_of_work import Store, Transaction
from tests.materials import FILE_KEY, kept_in
from tests.print_orders import put_in_force

FILE = """
[station]
id = "night-1"
name_zh = "东城区政务服务中心 24小时自助区"
name_en = "Dongcheng Government Service Centre, 24-hour area"
data_dir = "{folder}/station"
key_file = "{folder}/station.key"
[hub]
broker = "mqtt://127.0.0.1:1"
documents_url = "http://127.0.0.1:1"
documents_token_file = "t"
notify_key = {{ kid = "n", jwk_file = "n" }}
document_keys = [{{ kid = "d", jwk_file = "d", kinds = ["staff"] }}]
[receipt_printer]
family = "escpos_text"
port = "{folder}/ptys/receipt"
settings = {{ settle_ms = 10, answer_ms = 200 }}
[simulate]
control = "{folder}/simulate.sock"
unasked = true
[[boards]]
name = "main"
family = "lock8a"
port = "{folder}/ptys/main"
address = 1
channels = 24
settings = {{ answer_ms = 60, late_ms = 30, pulse_ms = 50, {coils} }}
[[boards]]
name = "annex"
family = "kerong_cu48"
port = "{folder}/ptys/annex"
address = 0
channels = 48
settings = {{ answer_ms = 60, late_ms = 30, pulse_ms = 50, {coils} }}
[id_reader]
family = "sdt"
port = "{folder}/ptys/id-reader"
settings = {{ poll_ms = 50, lifted_polls = 2, body_ms = 150 }}
[barcode_reader]
family = "gm65"
port = "{folder}/ptys/codes"
"""
# Simulated coils don't grow hot, and tests are faster than people.
TIRELESS = "unlock_interval_ms = 0, unlocks_a_minute = 60"
COMPARTMENT = """
[[compartments]]
number = {number}
board = "{board}"
channel = {channel}
size = "{size}"
"""
LICENCES = """
[licence_printer]
uri = "ipp://localhost/ipp/print"
socket = "{folder}/ipp"
{output}
[licence_printer.trays.tray-1]
stock = "licence_copy"
width_mm = 210
height_mm = 297
type = "stationery-preprinted"
[licence_printer.trays.tray-2]
width_mm = 210
height_mm = 297
"""
OUTPUT = 'output = {{ board = "main", channel = 24, paper = "closed" }}'
# Number, board, channel, size: two boards, so that one can fall silent alone.
LAYOUT = [
    (1, "main", 1, "s"),
    (2, "main", 2, "s"),
    (3, "main", 3, "m"),
    (4, "main", 4, "l"),
    (5, "annex", 1, "s"),
    (6, "annex", 2, "m"),
]
CASE = "11110101MB00001A9B400013100100020261124" + "0001"
BADGE, PIN = "B-7", "2468"
# As weak as argon2id allows, because its strength is not what these tests are about.
PIN_HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
QUICK = Timings(idle_s=60, opens_within_s=0.6, prompt_s=60, alarm_s=180, slip_retry_s=0.2)
CODE_KEY = b"k" * 32
# One compartment stands in a described cabinet whose doors want upkeep after two openings.
FITTING = Fitting(Place("annex", 450, 1800, 0, 0, 450, 150), maintenance_openings=2)


class GlassSealer:
    """Seals so that a test can look inside; the real seal is the composition root's, from `contract.sealed`."""

    def seal(self, plain: str, event_id: UUID, field: str) -> str:
        return f"sealed|{event_id}|{field}|{plain[::-1]}"


def unseal(value: str) -> str:
    """Return what `GlassSealer` sealed."""
    return value.split("|")[3][::-1]


class World:
    """A person (or a fault) acting on the simulated devices through their control socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def do(self, verb: str, **more: object) -> dict[str, Any]:
        reader, writer = await asyncio.open_unix_connection(self._path, limit=2**20)
        writer.write(json.dumps({"do": verb, **more}).encode() + b"\n")
        await writer.drain()
        answer: dict[str, Any] = json.loads(await reader.readline())
        writer.close()
        assert answer["ok"], answer
        return answer

    async def coils(self) -> Counter[int]:
        """Return how often each compartment's coil was pulsed."""
        numbers = {(board, channel): number for number, board, channel, _ in LAYOUT}
        log = (await self.do("state"))["coil_log"]
        return Counter(numbers[each["board"], each["channel"]] for each in log)

    async def paper(self) -> str:
        """Return everything printed so far."""
        text: str = (await self.do("state"))["printer"]["text"]
        return text


class Night:
    """The station as it runs now; `crash` and `start` again leave the world as it is."""

    def __init__(
        self,
        folder: Path,
        timings: Timings,
        sleeps: list[float],
        clock: Clock | None = None,
        proofs: Proofs = CODES_ONLY,
        coils: str = TIRELESS,
        licences: str = "",
    ) -> None:
        self.folder, self.timings, self.sleeps = folder, timings, sleeps
        self.file = folder / "station.toml"
        said = FILE.format(folder=folder, coils=coils) + "".join(_compartment(*each) for each in LAYOUT)
        self.file.write_text(said + licences.format(folder=folder, output=OUTPUT.format()))
        self.config: StationConfig = load_station(self.file)
        self.clock: Clock = clock or SystemClock("Asia/Shanghai")
        self.proofs = proofs
        # What reads is given by tests that are about it.
        self.camera: DocumentCamera | None = None
        self.drive: UsbDrive | None = None
        self.world = World(folder / "simulate.sock")
        self.store: Store
        self.orders: PrintOrders
        self.take_s = 60.0
        self.station: Station
        self._stack = AsyncExitStack()

    async def start(self) -> None:
        self._stack = AsyncExitStack()
        self.store = await self._stack.enter_async_context(await Store.open(self.folder / "station.db", self.clock))
        boards = await self._stack.enter_async_context(open_boards(self.file, self.config.boards))
        assert self.config.receipt_printer is not None
        printer = await self._stack.enter_async_context(open_receipt_printer(self.file, self.config.receipt_printer))
        self.station = Station(
            self.store,
            boards,
            printer,
            [
                FittedCompartment(
                    Fitted(each.number, each.size, each.reach),
                    Channel(each.board, each.channel),
                    FITTING if each.number == 6 else None,
                )
                for each in self.config.compartments
            ],
            kept_in(self.folder, self.store, self.camera, self.drive),
            self.clock,
            GlassSealer(),
            boot=(await self.store.identity()).boot,
            code_key=CODE_KEY,
            names=(self.config.station.name_zh, self.config.station.name_en),
            timings=self.timings,
            proofs=await self._with_readers(),
            printing=await self._with_licences(boards),
            sleep=self._sleep,
        )
        await self.station.start()
        running = asyncio.create_task(self.station.run())
        self._stack.push_async_callback(_end, running)

    async def _with_readers(self) -> Proofs:
        """Card and code reader are the real drivers over simulated devices, where the test has a key for cards."""
        if self.proofs.card_key is None:
            return self.proofs
        assert self.config.id_reader is not None
        assert self.config.barcode_reader is not None
        cards = await self._stack.enter_async_context(open_id_reader(self.file, self.config.id_reader))
        codes = await self._stack.enter_async_context(open_barcode_reader(self.file, self.config.barcode_reader))
        return replace(self.proofs, reader=cards, scanner=codes)

    async def _with_licences(self, boards: Mapping[str, LockBoard]) -> Printing | None:
        """The real driver and the real press over the simulated printer, where the test wants papers."""
        table = self.config.licence_printer
        if table is None:
            return None
        files = Files(self.folder / "papers", FILE_KEY)
        self._stack.callback(files.close)
        self.orders = PrintOrders(self.store, files)
        printer = await self._stack.enter_async_context(open_licence_printer(self.file, table))
        press = await self._stack.enter_async_context(open_press())
        patience = Patience(poll_s=0.05, print_s=20, take_s=self.take_s)
        return Printing(self.orders, press, Machine(printer, trays(table), output_sensor(table, boards)), patience)

    async def order_papers(self, *papers: tuple[bytes, PrintOrder]) -> None:
        """Put print orders in force, with their contents here."""
        await put_in_force(self.store, *(order for _, order in papers))
        for content, _ in papers:
            await self.orders.keep(content)

    async def crash(self) -> None:
        """Stop everything as it stands: nothing is tidied up, doors stay as they are."""
        await self._stack.aclose()

    async def give_documents(
        self,
        *,
        rights: tuple[str, ...] = ("load", "clear", "service"),
        colleagues: tuple[str, ...] = (),
        case: dict[str, object] | None = None,
        **config: object,
    ) -> None:
        """Put a `staff`, an `expected` and a `config` document in force; `case` is what else is said of the case."""
        named = {"case_number": CASE, "title": "边境管理区通行证", "size": "s", "recipient_mask": "张*"} | (case or {})
        bodies: dict[str, dict[str, object]] = {
            "expected": {"cases": [named]},
            "config": dict(config),
        }

        def work(tx: Transaction) -> None:
            tx.save_document(staff_document(rights, colleagues))
            for kind, body in bodies.items():
                tx.save_document(StoredDocument(kind, 1, "0" * 64, token(body)))

        await self.store.transact(work)

    async def events(self) -> list[dict[str, Any]]:
        """Return the events of the outbox, in order."""
        return [json.loads(row.body) for row in await self.store.pending(0, 10_000)]

    async def types(self) -> list[str]:
        """Return the types of the events, without those of every start and of slips."""
        quiet = {"station_started", "print_requested", "print_done"}
        types = [event["type"] for event in await self.events()]
        assert set(types) <= set(EVENT_TYPES)
        return [each for each in types if each not in quiet]

    async def last(self, kind: str) -> dict[str, Any]:
        """Return the data of the newest event of a type."""
        data: dict[str, Any] = [each for each in await self.events() if each["type"] == kind][-1]["data"]
        return data

    async def compartment(self, number: int) -> Compartment:
        """Return a compartment as it is on the disk."""
        return await self.store.read(lambda tx: tx.compartment(number))

    async def _sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)


@asynccontextmanager
async def night(
    folder: Path,
    timings: Timings = QUICK,
    clock: Clock | None = None,
    proofs: Proofs = CODES_ONLY,
    coils: str = TIRELESS,
    licences: str = "",
) -> AsyncIterator[Night]:
    """Run simulated devices and a station over them."""
    scene = Night(folder, timings, [], clock, proofs, coils, licences)
    simulation = asyncio.create_task(run_simulation(scene.file))
    try:
        await until(lambda: (folder / "simulate.sock").exists() or simulation.done())
        await scene.start()
        try:
            yield scene
        finally:
            await scene.crash()
    finally:
        await _end(simulation)


async def until(condition: Callable[[], object], seconds: float = 8.0) -> None:
    """Wait until a condition holds, or fail."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  conditions of many kinds, none with an event of its own
            await asyncio.sleep(0.01)


async def eventually(look: Callable[[], Awaitable[Container[str]]], wanted: str, seconds: float = 8.0) -> None:
    """Look again and again until what is seen contains `wanted`, or fail."""
    async with asyncio.timeout(seconds):
        while wanted not in await look():  # noqa: ASYNC110  as `until`
            await asyncio.sleep(0.02)


async def begin(scene: Night, phone: str = "", size: str = "s") -> None:
    """Hand in papers up to the moment when the door is to open."""
    desk = scene.station.desk
    desk.go(Screen.DEPOSIT)
    desk.choose_size(size)
    await desk.start_deposit(phone)


async def step(scene: Night, wanted: str) -> KioskView:
    """Wait for a step and return its screen."""
    await until(lambda: scene.station.desk.state().step == wanted)
    return scene.station.desk.state()


async def to_closed(scene: Night) -> KioskView:
    """Wait for the open door, shut it, and return the screen that asks what is inside."""
    view = await step(scene, "open")
    assert view.compartment is not None
    await scene.world.do("push", compartment=view.compartment)
    return await step(scene, "closed")


def _compartment(number: int, board: str, channel: int, size: str) -> str:
    return COMPARTMENT.format(number=number, board=board, channel=channel, size=size)


def staff_document(rights: tuple[str, ...], colleagues: tuple[str, ...] = ()) -> StoredDocument:
    """Return a `staff` document of people with these rights; all have the same PIN."""
    said = {"name": "李*敏", "pin": PIN_HASH, "rights": rights, "valid_until": "2099-01-01T00:00:00+08:00"}
    body: dict[str, object] = {"staff": [{"badge": badge} | said for badge in (BADGE, *colleagues)]}
    return StoredDocument("staff", 1, "0" * 64, token(body))


def token(body: dict[str, object]) -> str:
    document = {"v": 1, "kind": "any", "version": 1, "issued_at": datetime(2026, 1, 1).isoformat(), "body": body}  # noqa: DTZ001  not read
    payload = base64.urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
    return f"e30.{payload}.AA"


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
