"""The printer families by the name that a station file gives them; the only place that names concrete drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from edge.config import ReceiptPrinterConfig, config_error
from edge.errors import ConfigError
from edge.links.bus import SharedBus
from edge.paper_ports import LicencePrinter, OutputSensor, ReceiptPrinter, Stock
from edge.ports import LockBoard
from edge.printer_sections import LicencePrinterConfig
from edge.printers.layouts.press import open_press
from edge.printers.licence import driver as ipp
from edge.printers.output import BoardOutputSensor
from edge.printers.receipt.driver import DotsSettings, EscposPrinter, EscposTextPrinter, Settings

_RECEIPT_FAMILIES: dict[str, type[Settings]] = {"escpos_text": Settings, "escpos": DotsSettings}
# A printer has its wire for itself: nothing to keep apart, but a late status byte must not answer the next question.
_QUIET_SECONDS, _LATE_SECONDS = 0.0, 0.2


def check_receipt_printer(file: Path, config: ReceiptPrinterConfig) -> Settings:
    """Type the printer's settings.

    Raises:
        ConfigError: unknown family, or a setting that it does not have.
    """
    if config.family not in _RECEIPT_FAMILIES:
        raise ConfigError(str(file), "receipt_printer.family", f"one of {', '.join(_RECEIPT_FAMILIES)}")
    try:
        return _RECEIPT_FAMILIES[config.family].model_validate(config.settings)
    except ValidationError as error:
        raise config_error(file, "receipt_printer.settings", error) from error


@asynccontextmanager
async def open_receipt_printer(file: Path, config: ReceiptPrinterConfig) -> AsyncIterator[ReceiptPrinter]:
    """Open the printer's wire once and yield the printer; a wire that is not there is tried again in the background.

    Raises:
        ConfigError: as `check_receipt_printer`; nothing was opened.
    """
    settings = check_receipt_printer(file, config)
    async with SharedBus(config.port, settings.baud, quiet=_QUIET_SECONDS, late=_LATE_SECONDS) as bus:
        if isinstance(settings, DotsSettings):
            async with open_press(Path(settings.fonts_dir) if settings.fonts_dir else None) as press:
                yield EscposPrinter("receipt", settings, bus, press)
        else:
            yield EscposTextPrinter("receipt", settings, bus)


def check_licence_printer(file: Path, config: LicencePrinterConfig) -> ipp.Settings:
    """Type the licence printer's settings.

    Raises:
        ConfigError: unknown family, or a setting that it does not have.
    """
    if config.family != "ipp":
        raise ConfigError(str(file), "licence_printer.family", "ipp")
    try:
        return ipp.Settings.model_validate(config.settings)
    except ValidationError as error:
        raise config_error(file, "licence_printer.settings", error) from error


@asynccontextmanager
async def open_licence_printer(file: Path, config: LicencePrinterConfig) -> AsyncIterator[LicencePrinter]:
    """Yield the licence printer; nothing is asked of it yet.

    Raises:
        ConfigError: as `check_licence_printer`.
    """
    settings = check_licence_printer(file, config)
    async with ipp.open_ipp_printer("licence", config.uri, settings, config.socket) as printer:
        yield printer


def trays(config: LicencePrinterConfig) -> Mapping[str | None, Stock]:
    """Return by kind of stock (None: plain paper) the paper that a job for it is bound to."""
    return {
        tray.stock: Stock(round(tray.width_mm * 1000), round(tray.height_mm * 1000), name, tray.type)
        for name, tray in config.trays.items()
    }


def output_sensor(config: LicencePrinterConfig, boards: Mapping[str, LockBoard]) -> OutputSensor | None:
    """Return what sees paper in the licence printer's output, if the station has such a sensor."""
    output = config.output
    return None if output is None else BoardOutputSensor("licence-output", boards[output.board], output)
