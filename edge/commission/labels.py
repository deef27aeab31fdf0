"""Labels for the doors: a page to print and cut, in millimetres, and lines for the slip printer where there is none."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path

from edge.commission.places import Place
from edge.config import StationConfig, load_station
from edge.errors import ConfigError, LinkError, PrinterNotReadyError
from edge.printers.registry import open_receipt_printer

_SIZES = {"s": ("小", "small"), "m": ("中", "medium"), "l": ("大", "large")}
_REACHES = {"low": ("低位", "low"), "middle": ("中位", "middle"), "high": ("高位", "high")}

_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
@page {{ size: A4; margin: 10mm; }}
body {{ margin: 0; font-family: "Noto Sans CJK SC", "Source Han Sans SC", sans-serif; color: #000; background: #fff; }}
main {{ display: flex; flex-wrap: wrap; gap: 4mm; }}
section {{ box-sizing: border-box; width: 60mm; height: 40mm; border: 0.3mm dashed #000; padding: 2mm;
  display: flex; flex-direction: column; align-items: center; justify-content: space-between;
  break-inside: avoid; }}
b {{ font-size: 18mm; line-height: 19mm; font-variant-numeric: tabular-nums; }}
p {{ margin: 0; font-size: 3.5mm; line-height: 5mm; text-align: center; }}
</style>
</head>
<body>
<main>
{labels}
</main>
</body>
</html>
"""
_LABEL = "<section><p>{zh}</p><b>{number}</b><p>{size_zh} · {reach_zh}<br>{size_en} · {reach_en}</p></section>"


def label_page(name_zh: str, name_en: str, places: Mapping[int, Place]) -> str:
    """Return one self-contained HTML page: 60 by 40 mm for each door, four millimetres apart, on A4."""
    labels = "\n".join(
        _LABEL.format(
            zh=escape(name_zh),
            number=number,
            size_zh=_SIZES[place.size][0],
            size_en=_SIZES[place.size][1],
            reach_zh=_REACHES[place.reach][0],
            reach_en=_REACHES[place.reach][1],
        )
        for number, place in sorted(places.items())
    )
    return _PAGE.format(title=escape(f"{name_zh} {name_en}"), labels=labels)


def label_lines(number: int, place: Place) -> list[str]:
    """Return one door's label for the slip printer."""
    size, reach = _SIZES[place.size], _REACHES[place.reach]
    return ["", f"        {' '.join(str(number))}", "", f"{size[0]} {size[1]} · {reach[0]} {reach[1]}", ""]


def main(arguments: Sequence[str]) -> int:
    """Handle `python -m edge labels --station FILE [--slips]`: write the page, or print one slip for each door.

    Raises:
        ConfigError: the station's file is wrong, or names no slip printer.
    """
    parser = argparse.ArgumentParser(prog="python -m edge labels", description=__doc__)
    parser.add_argument("--station", type=Path, required=True, help="the station file (TOML)")
    parser.add_argument("--slips", action="store_true", help="print on the slip printer; the station must be stopped")
    options = parser.parse_args(arguments)
    config = load_station(options.station)
    places = {each.number: Place(each.size, each.reach) for each in config.compartments}
    if options.slips:
        return _print(options.station, config, places)
    page = label_file(options.station)
    page.write_text(label_page(config.station.name_zh, config.station.name_en, places), encoding="utf-8")
    return 0


def _print(file: Path, config: StationConfig, places: Mapping[int, Place]) -> int:
    try:
        asyncio.run(_print_slips(file, config, places))
    except (LinkError, PrinterNotReadyError) as error:
        sys.stderr.write(f"打印机不能打印 the printer does not print: {error}\n")
        return 1
    return 0


def label_file(station: Path) -> Path:
    """Return where a station's labels are written: beside its file."""
    return station.with_name(f"{station.stem}-labels.html")


async def _print_slips(file: Path, config: StationConfig, places: Mapping[int, Place]) -> None:
    if config.receipt_printer is None:
        raise ConfigError(str(file), "receipt_printer", "a slip printer, to print labels on slips")
    async with open_receipt_printer(file, config.receipt_printer) as printer:
        for number, place in sorted(places.items()):
            await printer.print_text(label_lines(number, place))
