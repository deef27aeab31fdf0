"""The composition root: station file -> devices -> store -> services -> kiosk and uplink, in one event loop.

Devices and the uplink fail and recover alone. An error that nobody expected in services or kiosk ends the process, so
that it starts afresh and judges what it finds by reading the doors.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import uvicorn
from joserfc.jwk import ECKey
from starlette.applications import Starlette

from contract.pdf_signatures import PdfSignatures
from contract.sealed import seal
from contract.session import Tls
from edge import VERSION, keys
from edge.cabinets import fittings, fronts
from edge.clock import Clock, ShiftedClock, SystemClock
from edge.config import KioskSection, StationConfig, load_station
from edge.errors import ConfigError
from edge.kiosk.app import create_kiosk
from edge.kiosk.pages import Frame
from edge.lockers.registry import check_boards, open_boards
from edge.paper_ports import DotsPrinter, Press, ReceiptPrinter
from edge.ports import BarcodeReader, IdReader, LockBoard
from edge.printers.layouts.press import open_press
from edge.printers.registry import open_licence_printer, open_receipt_printer, output_sensor, trays
from edge.scanners.registry import open_barcode_reader, open_document_camera, open_id_reader, open_usb_drive
from edge.sections import is_path
from edge.services.collect_item import Proofs
from edge.services.door_control import Channel
from edge.services.paper_parts import Machine
from edge.services.print_orders import CheckPdf, PrintOrders
from edge.services.slip_codes import CodedPrinter, SlipCodes
from edge.services.station import FittedCompartment, Materials, Printing, Station, Timings
from edge.store.compartments import Fitted
from edge.store.files import Files
from edge.store.shelf import Shelf
from edge.store.unit_of_work import Store
from edge.uplink.command_check import PinnedKey
from edge.uplink.commands import Carriers
from edge.uplink.compartment_commands import CARRY
from edge.uplink.documents import Source
from edge.uplink.item_commands import ItemCommands
from edge.uplink.service_commands import ServiceCommands
from edge.uplink.supervision import keep_running
from edge.uplink.uplink import Hooks, Uplink, UplinkSettings

log = logging.getLogger(__name__)

SOFTWARE = f"nightdesk {VERSION}"
# Pages hold a stream open for ever; they reconnect by themselves.
CLOSE_PAGES_WITHIN_S = 1


@dataclass(frozen=True)
class StationSealer:
    """Seals personal data to the notify process of the hub."""

    station: str
    key: ECKey

    def seal(self, plain: str, event_id: UUID, field: str) -> str:
        """Return the sealed value, bound to one field of one event of this station."""
        return seal(plain, self.key, station=self.station, event=event_id, field=field)


class KioskServer(uvicorn.Server):
    """Uvicorn in our loop: signals stay ours, and `ready` says that pages are served."""

    def __init__(self, kiosk: Starlette, section: KioskSection) -> None:
        super().__init__(
            uvicorn.Config(
                kiosk,
                loop="none",
                http="h11",
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                ssl_certfile=section.tls_cert,
                ssl_keyfile=section.tls_key,
                timeout_graceful_shutdown=CLOSE_PAGES_WITHIN_S,
            )
        )
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start serving and say so."""
        await super().startup(sockets)
        self.ready.set()


async def run_station(file: Path) -> bool:
    """Run the station until SIGTERM or SIGINT, or until a technician wants its boards commissioned (then True).

    Raises:
        ConfigError: the station file, or something it names, is wrong; no door and no port was touched.
        StoreBusyError: the disk refuses.
    """
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        config = load_station(file)
        sealer = StationSealer(config.station.id, keys.notify_key(file, config))
        clock, code_key, settings = make_clock(config), keys.station_key(file, config), uplink_settings(file, config)
        check_boards(file, config.boards)
        listener = stack.enter_context(listen(file, config.kiosk))
        origin = kiosk_origin(config.kiosk, listener)
        store = await stack.enter_async_context(await open_store(config, clock))
        shelf = Shelf(store, stack.enter_context(closing(open_files(config, code_key))))
        orders = await open_orders(stack, config, store, code_key, clock)
        materials = await stack.enter_async_context(open_materials(file, config, shelf))
        boards = await stack.enter_async_context(open_boards(file, config.boards))
        printer = await open_slips(stack, file, config, clock, code_key)
        uplink: Uplink | None = None
        proofs = Proofs(
            station=config.station.id,
            card_key=keys.card_key(file, config),
            online=lambda: uplink is not None and uplink.online,
            reader=await open_cards(stack, file, config),
            scanner=await open_codes(stack, file, config),
        )
        timings, printing = Timings(config.kiosk.idle_seconds), await open_printing(stack, file, config, boards, orders)
        names, boot = (config.station.name_zh, config.station.name_en), (await store.identity()).boot
        station = Station(
            store, boards, printer, fitted(file, config), materials, clock, sealer,
            boot=boot, code_key=code_key, names=names, timings=timings, proofs=proofs, printing=printing,
        )  # fmt: skip
        await station.start()
        uplink = Uplink(store, station.picture, clock, settings, hooks(station), shelf, orders)
        frame = Frame(
            config.station.name_zh,
            config.station.name_en,
            simulated=bool(simulated(config)),
            fronts=fronts(fittings(file, config)),
        )
        server = KioskServer(create_kiosk(station.desk, frame, origin=origin), config.kiosk)
        await run_until(stop, station, server, listener, uplink, origin)
        return station.desk.service.commission_wanted.is_set() and not stop.is_set()


async def run_until(
    stop: asyncio.Event, station: Station, server: KioskServer, listener: socket.socket, uplink: Uplink, origin: str
) -> None:
    """Run all parts until `stop`, then end them: pages first, then services, the uplink with its farewell."""
    async with asyncio.TaskGroup() as group:
        services = group.create_task(station.run(), name="services")
        line = group.create_task(keep_running("uplink", uplink.run), name="uplink")
        pages = group.create_task(server.serve(sockets=[listener]), name="kiosk")
        await server.ready.wait()
        print(f"ready {origin}", flush=True)  # noqa: T201  what a supervisor waits for
        ended = group.create_task(stop.wait(), name="stop")
        wanted = group.create_task(station.desk.service.commission_wanted.wait(), name="commission")
        await asyncio.wait({services, pages, ended, wanted}, return_when=asyncio.FIRST_COMPLETED)
        log.info("stopping")
        server.should_exit = True
        await pages
        ended.cancel()
        wanted.cancel()
        services.cancel()
        line.cancel()


@asynccontextmanager
async def open_materials(file: Path, config: StationConfig, shelf: Shelf) -> AsyncIterator[Materials]:
    """Yield what brings documents to this station; raises ConfigError for a device that cannot be used."""
    async with AsyncExitStack() as stack:
        camera = None
        if config.document_camera is not None:
            camera = await stack.enter_async_context(open_document_camera(file, config.document_camera))
        drive = None
        if config.usb_drive is not None:
            drive = await stack.enter_async_context(open_usb_drive(config.usb_drive))
        yield Materials(shelf, camera, drive)


async def open_cards(stack: AsyncExitStack, file: Path, config: StationConfig) -> IdReader | None:
    """Open the card reader of the station file, if there is one; raises ConfigError."""
    table = config.id_reader
    return None if table is None else await stack.enter_async_context(open_id_reader(file, table))


async def open_machine(
    stack: AsyncExitStack, file: Path, config: StationConfig, boards: Mapping[str, LockBoard]
) -> Machine | None:
    """Open the licence printer of the station file, if there is one, with what sees its output; raises ConfigError."""
    table = config.licence_printer
    if table is None:
        return None
    printer = await stack.enter_async_context(open_licence_printer(file, table))
    return Machine(printer, trays(table), output_sensor(table, boards))


async def open_printing(
    stack: AsyncExitStack, file: Path, config: StationConfig, boards: Mapping[str, LockBoard], orders: PrintOrders
) -> Printing:
    """Open what papers are printed with; raises ConfigError."""
    machine = await open_machine(stack, file, config, boards)
    press: Press = await stack.enter_async_context(open_press())
    return Printing(orders, press, machine)


async def open_codes(stack: AsyncExitStack, file: Path, config: StationConfig) -> BarcodeReader | None:
    """Open the code reader of the station file, if there is one; raises ConfigError."""
    table = config.barcode_reader
    return None if table is None else await stack.enter_async_context(open_barcode_reader(file, table))


async def open_store(config: StationConfig, clock: Clock) -> Store:
    """Open the station's store; raises as `Store.open`."""
    path = config.station.data_dir / "station.db"
    return await Store.open(path, clock, software=SOFTWARE, simulated=simulated(config))


def open_files(config: StationConfig, secret: bytes) -> Files:
    """Open the folder of contents that wait for the hub."""
    return Files(config.station.data_dir / "files", keys.file_key(secret))


async def open_orders(
    stack: AsyncExitStack, config: StationConfig, store: Store, secret: bytes, clock: Clock
) -> PrintOrders:
    """Open the folder of contents that wait to be printed, without what an earlier life of the station left over."""
    files = Files(config.station.data_dir / "papers", keys.file_key(secret))
    stack.callback(files.close)
    orders = PrintOrders(store, files, check_pdf(config, clock), clock)
    await orders.sweep()
    return orders


async def open_slips(
    stack: AsyncExitStack, file: Path, config: StationConfig, clock: Clock, secret: bytes
) -> ReceiptPrinter | None:
    """Open the receipt printer, with codes on its slips if a page is named that knows them and its head prints them."""
    if config.receipt_printer is None:
        return None
    printer = await stack.enter_async_context(open_receipt_printer(file, config.receipt_printer))
    link = config.station.paper_link
    if link is None or not isinstance(printer, DotsPrinter):
        return printer
    return CodedPrinter(printer, SlipCodes(keys.paper_key(secret), link), clock)


def check_pdf(config: StationConfig, clock: Clock) -> CheckPdf | None:
    """Return what judges received PDFs, None when no authority is named that could sign one."""
    roots = None if config.licence_printer is None else config.licence_printer.pdf_roots
    if roots is None:
        return None
    signatures = PdfSignatures(roots)
    return lambda pdf: signatures.check(pdf, clock.now())


def make_clock(config: StationConfig) -> Clock:
    """Return the system's clock, or the shifted one of a simulated station."""
    zone = config.station.timezone
    return SystemClock(zone) if config.clock is None else ShiftedClock(zone, config.clock.shift_file)


def uplink_settings(file: Path, config: StationConfig) -> UplinkSettings:
    """Return how the hub is reached and believed; raises ConfigError for a key that cannot be used."""
    hub = config.hub
    tls = None if hub.ca_file is None else Tls(hub.ca_file, hub.cert_file, hub.key_file)
    return UplinkSettings(
        station=config.station.id,
        broker=hub.broker,
        documents=Source(hub.documents_url, hub.documents_token_file, hub.ca_file),
        document_keys=keys.document_keys(file, config),
        command_keys={kid: PinnedKey(key, until) for kid, (key, until) in keys.command_keys(file, config).items()},
        software=SOFTWARE,
        simulated=simulated(config),
        tls=tls if hub.broker.startswith("mqtts://") else None,
    )


def hooks(station: Station) -> Hooks:
    """Return what the uplink asks of the services."""
    adopting: set[asyncio.Task[None]] = set()

    def applied(kind: str) -> None:
        station.care.look()
        if kind == "config":
            task = asyncio.create_task(station.desk.adopt_settings())
            adopting.add(task)
            task.add_done_callback(adopting.discard)

    return Hooks(
        changed=station.picture.note,
        service_mode=lambda: station.maintain.armed,
        document_applied=applied,
        carriers=carriers(station),
    )


def carriers(station: Station) -> Carriers:
    """Return who carries out which command."""
    its = station.service
    service = ServiceCommands(its.visits, its.maintain, its.self_test, its.slips, station.clock)
    items = ItemCommands(station.codes, station.clock)
    return Carriers(carry={**CARRY, **items.carry}, errands=service.errands, permits=service.permits)


def simulated(config: StationConfig) -> tuple[str, ...]:
    """Return the names of the devices that `python -m edge simulate` plays; none without a [simulate] section."""
    if config.simulate is None:
        return ()
    single = (
        ("receipt", config.receipt_printer), ("id-reader", config.id_reader), ("barcode-reader", config.barcode_reader)
    )  # fmt: skip
    devices = [(board.name, board.port) for board in config.boards]
    devices += [(name, table.port) for name, table in single if table is not None]
    licences = config.licence_printer
    found = [name for name, port in devices if is_path(port)]
    return (*found, "licence") if licences is not None and licences.socket is not None else tuple(found)


def fitted(file: Path, config: StationConfig) -> list[FittedCompartment]:
    """Return the compartments of the station file with wiring and place; raises ConfigError for a wrong cabinet."""
    places = fittings(file, config)
    return [
        FittedCompartment(
            Fitted(each.number, each.size, each.reach), Channel(each.board, each.channel), places.get(each.number)
        )
        for each in config.compartments
    ]


def listen(file: Path, section: KioskSection) -> socket.socket:
    """Bind the kiosk's address, so that a taken port is said before anything starts; raises ConfigError."""
    try:
        return socket.create_server((section.host, section.port), backlog=64)
    except OSError as error:
        expected = f"a free port of {section.host}; {section.port}: {error.strerror or error}"
        raise ConfigError(str(file), "kiosk.port", expected) from error


def kiosk_origin(section: KioskSection, listener: socket.socket) -> str:
    """Return where the browser finds the kiosk."""
    scheme = "http" if section.tls_cert is None else "https"
    host = f"[{section.host}]" if ":" in section.host else section.host
    return f"{scheme}://{host}:{listener.getsockname()[1]}"
