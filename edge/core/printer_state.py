"""Why a licence printer would not print now, as one code of ours from all that a printer says of itself.

Pure. Printers spell one thing in three strengths and change the strength while they work (facts on hardware, §5.2 and
5.4), so only the stem of a keyword counts. The codes are words for people in `edge/kiosk/texts_print.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from edge.paper_ports import PrinterLook, Stock

TOLERANCE_UM = 500
"""So much larger or smaller a sheet is still the same: printers measure, and some count in tenths of a millimetre."""

# The worst first: of several only one is told, the one that a person mends first.
STEMS: Mapping[str, str] = {
    "media-jam": "jam",
    "cover-open": "cover_open",
    "door-open": "cover_open",
    "interlock-open": "cover_open",
    "toner-empty": "toner_empty",
    "marker-supply-empty": "toner_empty",
    "marker-waste-full": "waste_full",
    "marker-waste-receptacle-full": "waste_full",
    "output-tray-missing": "output_missing",
    "output-area-full": "output_full",
    "input-tray-missing": "tray_missing",
    "spool-area-full": "spool_full",
    "shutdown": "shut_down",
    "connecting-to-device": "connecting",
    "timed-out": "connecting",
    "offline": "connecting",
    "paused": "paused",
    "moving-to-paused": "paused",
}
_TRAY_STEMS = frozenset({"media-empty", "media-needed"})
_STRENGTHS = ("-report", "-warning", "-error")
CODES = frozenset(
    {*STEMS.values(), "tray_empty", "wrong_size", "wrong_type", "not_ready", "stopped", "not_accepting", "repeats",
     "trays_untold", "ignores", "busy", "refused", "away", "silent"}
)  # fmt: skip
"""Every code that a licence printer can be refused with."""


def stem(keyword: str) -> str:
    """Return a keyword without its strength."""
    for strength in _STRENGTHS:
        keyword = keyword.removesuffix(strength)
    return keyword


def trouble(reasons: Iterable[str]) -> str | None:
    """Return the worst thing that keywords tell of, None if they tell of nothing that stops a printer.

    An empty tray is not told here: which of the trays it is, no keyword says; see `why_not`.
    """
    said = {stem(each) for each in reasons}
    return next((code for each, code in STEMS.items() if each in said), None)


def progress_trouble(reasons: Iterable[str]) -> str | None:
    """Return why a job that the printer has does not go on; here an empty tray is the job's own."""
    told = list(reasons)
    return trouble(told) or ("tray_empty" if {stem(each) for each in told} & _TRAY_STEMS else None)


def fits(ready: Stock, wanted: Stock) -> bool:
    """Whether what a tray holds is what a job is bound to."""
    return (ready.tray, ready.type) == (wanted.tray, wanted.type) and _same_size(ready, wanted)


def why_not(look: PrinterLook, stock: Stock) -> str | None:
    """Return why a sheet of this stock cannot be printed now, None if it can.

    The tray is judged by what the printer says is ready in it: a wrong size, a wrong type, and nothing ready are told
    apart. `ready` None is a printer that never tells and is trusted all the same, by its setting.
    """
    if look.obstacle:
        return look.obstacle
    if found := trouble(look.reasons):
        return found
    if not look.accepting:
        return "not_accepting"
    if look.ready is not None and (found := _tray(look.ready, look.reasons, stock)):
        return found
    return "stopped" if look.state == "stopped" else None


def _tray(ready: tuple[Stock, ...], reasons: tuple[str, ...], stock: Stock) -> str | None:
    if any(fits(each, stock) for each in ready):
        return None
    there = [each for each in ready if each.tray == stock.tray]
    if not there:
        return "tray_empty" if {stem(each) for each in reasons} & _TRAY_STEMS else "not_ready"
    return "wrong_type" if any(_same_size(each, stock) for each in there) else "wrong_size"


def _same_size(one: Stock, other: Stock) -> bool:
    away = abs(one.width_um - other.width_um), abs(one.height_um - other.height_um)
    return max(away) <= TOLERANCE_UM
