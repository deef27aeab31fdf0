"""The station file (TOML), typed: what stands at one station and how its kiosk and hub are reached.

Everything wrong with a file is a `ConfigError` that names file, key and what was expected; the process does not start.
Settings of a board family stay a plain table here: the family's driver types them (`edge/lockers/registry.py`).
"""

from __future__ import annotations

import ipaddress
import tomllib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    Field,
    ValidationError,
    model_validator,
)

from edge.errors import ConfigError
from edge.printer_sections import LicencePrinterConfig
from edge.scanner_sections import BarcodeReaderConfig, DocumentCameraConfig, IdReaderConfig, UsbDriveConfig
from edge.sections import BoardPortName, FilePath, PortName, Section, Setting

Model = TypeVar("Model", bound=BaseModel)
BoardSetting = Setting | list[int]
DocumentKind = Literal["config", "expected", "staff", "catalogue", "print"]
Size = Literal["s", "m", "l"]
Reach = Literal["low", "middle", "high"]


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a time zone of the IANA database, such as Asia/Shanghai") from error
    return name


def _station_id(text: str) -> str:
    if text == "hub":
        raise ValueError("an id other than the reserved word hub")
    return text


def _url(*schemes: str) -> AfterValidator:
    def check(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes or not parts.hostname:
            raise ValueError(f"a URL {' or '.join(scheme + '://host' for scheme in schemes)}")
        return text

    return AfterValidator(check)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


PAPER_LINK = r"^(?i:https?)://[A-Za-z0-9.:\[\]-]{1,60}/[A-Za-z0-9./-]{0,12}$"


class StationSection(Section):
    """Who this station is and where it keeps its state. Paths are relative to the working directory.

    `card_key_file` keys the hashes of citizen numbers; the hub that names recipients has the same key. With
    `paper_link` slips carry a signed code that leads to the hub's page.
    """

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]{3,32}$"), AfterValidator(_station_id)]
    name_zh: Annotated[str, Field(min_length=1)]
    name_en: Annotated[str, Field(min_length=1)]
    data_dir: FilePath
    key_file: FilePath
    card_key_file: FilePath | None = None
    paper_link: (
        Annotated[str, Field(pattern=r"^(?i:https?)://[A-Za-z0-9.:\[\]-]{1,60}/[A-Za-z0-9./-]{0,12}$")] | None
    ) = None
    timezone: Annotated[str, AfterValidator(_known_zone)] = "Asia/Shanghai"


class ClockSection(Section):
    """A shifted clock, for simulated stations only (`ShiftedClock`)."""

    shift_file: FilePath


class KioskSection(Section):
    """The citizen's touch screen, served on the station itself."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8101
    tls_cert: FilePath | None = None
    tls_key: FilePath | None = None
    idle_seconds: Annotated[int, Field(ge=5, le=600)] = 60

    @model_validator(mode="after")
    def _encrypted_unless_local(self) -> Self:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key together")
        if self.tls_cert is None and not _is_loopback(self.host):
            raise ValueError("tls_cert and tls_key, because the host is not a loopback address")
        return self


class NotifyKey(Section):
    """The hub's notify public key (P-256 JWK) that sealed fields are made for."""

    kid: Annotated[str, Field(min_length=1)]
    jwk_file: FilePath


class DocumentKey(Section):
    """An Ed25519 public JWK and the kinds of signed documents it may sign."""

    kid: Annotated[str, Field(min_length=1)]
    jwk_file: FilePath
    kinds: Annotated[list[DocumentKind], Field(min_length=1)]


class CommandKey(Section):
    """An Ed25519 public JWK that may sign commands until `valid_until`."""

    kid: Annotated[str, Field(min_length=1)]
    jwk_file: FilePath
    valid_until: AwareDatetime


class HubSection(Section):
    """How the hub is reached, and the public keys that this station believes."""

    broker: Annotated[str, _url("mqtt", "mqtts")]
    ca_file: FilePath | None = None
    cert_file: FilePath | None = None
    key_file: FilePath | None = None
    documents_url: Annotated[str, _url("http", "https")]
    documents_token_file: FilePath
    notify_key: NotifyKey
    document_keys: Annotated[list[DocumentKey], Field(min_length=1)]
    command_keys: list[CommandKey] = []

    @model_validator(mode="after")
    def _certificates_complete(self) -> Self:
        if self.broker.startswith("mqtts://") and self.ca_file is None:
            raise ValueError("ca_file, because the broker is mqtts://")
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file together")
        return self


class BoardConfig(Section):
    """One lock board. Boards that name the same port share one bus.

    `profile` names a file of `firmware_configs/boards/` (without `.toml`) whose settings stand under the ones here.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    family: Annotated[str, Field(min_length=1)]
    profile: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")] | None = None
    port: BoardPortName
    address: Annotated[int, Field(ge=0, le=255)]
    channels: Annotated[int, Field(ge=1, le=64)]
    settings: dict[str, BoardSetting] = {}


class CompartmentConfig(Section):
    """Which channel of which board is behind the number on the door."""

    number: Annotated[int, Field(ge=1, le=999)]
    board: str
    channel: Annotated[int, Field(ge=1)]
    size: Size
    reach: Reach = "middle"


class CabinetConfig(Section):
    """A cabinet as people see it: `numbers` column by column, from the top.

    `profile` names a file of `firmware_configs/cabinets/`; `layout` is such a table in place (`edge/cabinets.py`).
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    profile: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$")] | None = None
    layout: dict[str, Any] | None = None
    numbers: list[int]

    @model_validator(mode="after")
    def _described_once(self) -> Self:
        if (self.profile is None) == (self.layout is None):
            raise ValueError("either profile or layout")
        return self


class ReceiptPrinterConfig(Section):
    """The printer of slips."""

    port: PortName
    family: Annotated[str, Field(min_length=1)]
    settings: dict[str, Setting] = {}


class SimulateSection(Section):
    """Where the process of simulated devices keeps its control socket and its logs."""

    control: FilePath | None = None
    door_log: FilePath | None = None
    bytes_log: FilePath | None = None
    slips_dir: FilePath | None = None
    spring: bool = True
    unasked: bool = False
    """Boards of the 0x8A family report door changes by themselves, as some do."""


class StationConfig(Section):
    """A whole station file; see the sections."""

    station: StationSection
    clock: ClockSection | None = None
    kiosk: KioskSection = KioskSection()
    hub: HubSection
    boards: Annotated[list[BoardConfig], Field(min_length=1)]
    compartments: Annotated[list[CompartmentConfig], Field(min_length=1)]
    cabinets: list[CabinetConfig] = []
    receipt_printer: ReceiptPrinterConfig | None = None
    licence_printer: LicencePrinterConfig | None = None
    document_camera: DocumentCameraConfig | None = None
    usb_drive: UsbDriveConfig | None = None
    id_reader: IdReaderConfig | None = None
    barcode_reader: BarcodeReaderConfig | None = None
    simulate: SimulateSection | None = None


class BoardProfile(Section):
    """One file of `firmware_configs/boards/`: what is known of a make of board before it is commissioned."""

    family: str
    title: str
    settings: dict[str, BoardSetting] = {}


def load_station(file: Path) -> StationConfig:
    """Read, type and cross-check a station file.

    Raises:
        ConfigError: the file cannot be read, is no TOML, or a key of it is wrong; nothing was opened.
    """
    config = read_section(StationConfig, file)
    _check_simulated_clock(file, config)
    _check_unique(file, "boards.name", (board.name for board in config.boards))
    _check_unique(file, "boards.address", ((board.port, board.address) for board in config.boards))
    _check_unique(file, "compartments.number", (each.number for each in config.compartments))
    _check_unique(file, "compartments.channel", ((each.board, each.channel) for each in config.compartments))
    _check_unique(file, "hub.document_keys.kid", (key.kid for key in config.hub.document_keys))
    _check_unique(file, "hub.command_keys.kid", (key.kid for key in config.hub.command_keys))
    _check_buses(file, config)
    _check_channels(file, config)
    _check_output(file, config)
    boards = [_with_profile(file, number, board) for number, board in enumerate(config.boards)]
    return config.model_copy(update={"boards": boards})


def config_error(file: Path, prefix: str, error: ValidationError) -> ConfigError:
    """Turn pydantic's first complaint into our words: the key as one would write it, and what was expected."""
    first = error.errors(include_url=False, include_context=False)[0]
    key = prefix
    for step in first["loc"]:
        key += f"[{step}]" if isinstance(step, int) else f"{'.' if key else ''}{step}"
    return ConfigError(str(file), key or "(whole file)", first["msg"].removeprefix("Value error, "))


def read_section(model: type[Model], file: Path) -> Model:
    """Read and type a TOML file.

    Raises:
        ConfigError: it cannot be read, is no TOML, or a key of it is wrong.
    """
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(str(file), "(whole file)", f"a readable file ({error.strerror})") from error
    except ValueError as error:
        raise ConfigError(str(file), "(whole file)", f"TOML in UTF-8 ({error})") from error
    try:
        return model.model_validate(table)
    except ValidationError as error:
        raise config_error(file, "", error) from error


def _check_unique(file: Path, key: str, values: Iterable[object]) -> None:
    repeated = [value for value, count in Counter(values).items() if count > 1]
    if repeated:
        raise ConfigError(str(file), key, f"each value once, but {repeated[0]} stands twice")


def _check_simulated_clock(file: Path, config: StationConfig) -> None:
    # A real station whose clock follows a text file would accept expired commands: the two sections go together.
    if config.clock is not None and config.simulate is None:
        raise ConfigError(str(file), "clock", "no such section without [simulate]: only simulated clocks are shifted")


def _check_buses(file: Path, config: StationConfig) -> None:
    family: dict[str, str] = {}
    for number, board in enumerate(config.boards):
        if family.setdefault(board.port, board.family) != board.family:
            expected = f"{family[board.port]}, because boards on one port speak one protocol"
            raise ConfigError(str(file), f"boards[{number}].family", expected)
    if config.receipt_printer is not None and config.receipt_printer.port in family:
        raise ConfigError(str(file), "receipt_printer.port", "a port of its own")


def _check_channels(file: Path, config: StationConfig) -> None:
    channels = {board.name: board.channels for board in config.boards}
    for number, compartment in enumerate(config.compartments):
        if compartment.board not in channels:
            expected = f"the name of a board ({', '.join(channels)})"
            raise ConfigError(str(file), f"compartments[{number}].board", expected)
        if compartment.channel > channels[compartment.board]:
            expected = f"1 to {channels[compartment.board]}, the channels of board {compartment.board}"
            raise ConfigError(str(file), f"compartments[{number}].channel", expected)


def _check_output(file: Path, config: StationConfig) -> None:
    output = None if config.licence_printer is None else config.licence_printer.output
    if output is None:
        return
    channels, key = {board.name: board.channels for board in config.boards}, "licence_printer.output"
    if output.board not in channels:
        raise ConfigError(str(file), f"{key}.board", f"the name of a board ({', '.join(channels)})")
    taken = {each.channel for each in config.compartments if each.board == output.board}
    if output.channel > channels[output.board] or output.channel in taken:
        raise ConfigError(str(file), f"{key}.channel", "a channel of that board that is no compartment's")


def _with_profile(file: Path, number: int, board: BoardConfig) -> BoardConfig:
    if board.profile is None:
        return board
    profile = read_section(BoardProfile, file.parent.parent / "boards" / f"{board.profile}.toml")
    if profile.family != board.family:
        raise ConfigError(str(file), f"boards[{number}].profile", f"a profile of family {board.family}")
    return board.model_copy(update={"settings": profile.settings | board.settings})
