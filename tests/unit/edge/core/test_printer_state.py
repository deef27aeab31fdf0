"""What a printer says of itself, and the one code that is made of it."""

from __future__ import annotations

import pytest

from edge.core.printer_state import CODES, STEMS, progress_trouble, trouble, why_not
from edge.paper_ports import PrinterLook, Stock

WANTED = Stock(420_000, 297_000, "tray-1", "preprinted")


def _look(
    *reasons: str,
    ready: tuple[Stock, ...] | None = (WANTED,),
    accepting: bool = True,
    stopped: bool = False,
    obstacle: str = "",
) -> PrinterLook:
    return PrinterLook("stopped" if stopped else "idle", accepting, reasons, ready, obstacle)


@pytest.mark.parametrize("strength", ["", "-report", "-warning", "-error"])
@pytest.mark.parametrize("keyword", STEMS)
def test_every_keyword_stops_a_job_in_any_strength(keyword: str, strength: str) -> None:
    assert why_not(_look(keyword + strength), WANTED) == STEMS[keyword]


@pytest.mark.parametrize(
    ("look", "code"),
    [
        (_look(), None),
        (_look("toner-low-warning", "marker-supply-low-report", "media-low", "cups-waiting-for-job-completed"), None),
        # Another tray may be empty: which one, no keyword says.
        (_look("media-empty-report"), None),
        (_look("media-empty-report", ready=()), "tray_empty"),
        (_look(ready=()), "not_ready"),
        (_look(ready=(Stock(420_000, 297_000, "tray-2", "preprinted"),)), "not_ready"),
        (_look(ready=(Stock(210_000, 297_000, "tray-1", "preprinted"),)), "wrong_size"),
        (_look(ready=(Stock(297_000, 420_000, "tray-1", "preprinted"),)), "wrong_size"),
        (_look(ready=(Stock(420_000, 297_000, "tray-1", "stationery"),)), "wrong_type"),
        (_look(ready=(Stock(420_400, 296_600, "tray-1", "preprinted"),)), None),
        (_look(ready=(Stock(420_600, 297_000, "tray-1", "preprinted"),)), "wrong_size"),
        (_look(ready=None), None),
        (_look(accepting=False), "not_accepting"),
        (_look(stopped=True), "stopped"),
        (_look("paused", stopped=True), "paused"),
        (_look("toner-empty-error", "media-jam-error", stopped=True), "jam"),
        (_look(obstacle="repeats"), "repeats"),
    ],
)
def test_one_code_for_all_that_a_printer_says(look: PrinterLook, code: str | None) -> None:
    assert why_not(look, WANTED) == code
    assert code is None or code in CODES


def test_while_it_prints_an_empty_tray_is_the_jobs_own() -> None:
    assert progress_trouble(["media-needed-warning"]) == "tray_empty"
    assert progress_trouble(["media-empty", "cover-open"]) == "cover_open"
    assert progress_trouble(["job-printing"]) is None
    assert trouble(["media-needed"]) is None
