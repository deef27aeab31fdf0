"""The printer families by the name that a station file gives them; the only place that names concrete drivers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from pydantic import ValidationError

from edge.config import ReceiptPrinterConfig, config_error
from edge.errors import ConfigError
from edge.links.bus import SharedBus
from edge.paper_ports import ReceiptPrinter
from edge.printers.layouts.press import open_press
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
