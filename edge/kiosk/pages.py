"""Views to HTML: which template shows which screen, and the few values that templates cannot make themselves."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from contract.ids import show_receipt_number
from edge.cabinets import Front
from edge.core.printer_state import CODES, progress_trouble
from edge.kiosk.security import FIELD
from edge.kiosk.texts import TEXTS, text
from edge.services.desk import COUNTDOWN_SECONDS
from edge.services.desk_service import REASONS, TechnicianWork
from edge.services.desk_stock import VOID_REASONS, StockWork
from edge.services.load_trolley import TrolleyWork
from edge.services.parts import StaffWork
from edge.services.print_view import LIVE
from edge.services.stock_report import KIND_NAMES, is_balanced
from edge.services.view import KioskView, Language

Work = StaffWork | TechnicianWork | TrolleyWork | StockWork
HERE = Path(__file__).parent
LIVE_REFRESH_SECONDS = 2
ERROR_REFRESH_SECONDS = 30

# What printers say of themselves, in the station's own codes.
_TEMPLATES = {
    "home": "home.html",
    "size": "deposit_size.html",
    "reach": "deposit_reach.html",
    "phone": "deposit_phone.html",
    "full": "deposit_full.html",
    "wait": "deposit_wait.html",
    "kept": "deposit_kept.html",
    "identity": "submission_identity.html",
    "materials": "submission_materials.html",
    "camera": "submission_camera.html",
    "drive": "submission_drive.html",
    "send": "submission_send.html",
    "sent": "submission_sent.html",
    "give_up": "submission_give_up.html",
    "number": "pickup_number.html",
    "code": "pickup_code.html",
    "qr": "pickup_qr.html",
    "card": "pickup_card.html",
    "factor": "pickup_factor.html",
    "print_identity": "print_identity.html",
    "print_list": "print_list.html",
    "print_paper": "print_paper.html",
    "print_job": "print_job.html",
    "sign_in": "staff_sign_in.html",
    "list": "staff_list.html",
    "unknown": "load_unknown.html",
    "trolley": "trolley.html",
    "technician": "technician.html",
    "second": "second_person.html",
    "witness": "staff_witness.html",
    "stock": "stock.html",
    "stock_range": "stock_range.html",
    "stock_void": "stock_void.html",
    "stock_second": "stock_second.html",
    "opening": "visit.html",
    "open": "visit.html",
    "closed": "visit.html",
    "result": "result.html",
}


@dataclass(frozen=True, slots=True)
class Frame:
    """What is the same on every page of one station."""

    name_zh: str
    name_en: str
    simulated: bool
    fronts: tuple[Front, ...] = ()


class Pages:
    """Renders whole pages; holds no state of any visit."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            auto_reload=False,
        )
        self._templates.filters["grouped"] = show_receipt_number

    def screen(self, view: KioskView, token: str, work: Work | None) -> HTMLResponse:
        """Return the page of the current screen; `work` is there for the lists of staff and technician."""
        key = "countdown_door" if view.step == "closed" else "countdown"
        before, _, after = text(key, view.language, seconds="\0").partition("\0")
        return self._page(
            _TEMPLATES[view.step],
            200,
            view.language,
            token,
            v=view,
            work=work,
            screen=view.screen.value,
            step=view.step,
            revision=view.revision,
            refresh=_refresh(view),
            service_minutes=view.service_minutes,
            countdown_seconds=COUNTDOWN_SECONDS,
            countdown=(before, after),
            shown=show_receipt_number(view.receipt_number) if view.receipt_number else "",
        )

    def error(self, status: int, key: str, language: Language, token: str, revision: int) -> HTMLResponse:
        """Return a page that says in plain words what is safe and what to do next."""
        return self._page(
            "error.html",
            status,
            language,
            token,
            key=key,
            safe="error_inside_safe" if status >= 500 else "error_safe",
            screen="error",
            step=str(status),
            revision=revision,
            refresh=ERROR_REFRESH_SECONDS,
            service_minutes=0,
        )

    def _page(self, name: str, status: int, language: Language, token: str, **values: object) -> HTMLResponse:
        def t(key: str, /, **params: object) -> str:
            return text(key, language, **params)

        def hidden() -> Markup:
            return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token)

        station = self._frame.name_zh if language == "zh" else self._frame.name_en
        common: Mapping[str, object] = {
            "t": t,
            "hidden": hidden,
            **words_of_codes(language),
            "file_size": file_size,
            "release_reasons": REASONS,
            "void_reasons": VOID_REASONS,
            "balanced": is_balanced,
            "language": language,
            "station": station,
            "simulated": self._frame.simulated,
            "fronts": self._frame.fronts,
        }
        return HTMLResponse(self._templates.get_template(name).render(**common, **values), status)


def words_of_codes(language: Language) -> Mapping[str, Callable[..., str]]:
    """Return what turns codes of devices and services into words, by the name that templates call it."""

    def reason(code: str) -> str:
        # The station's own reasons have words; what a command or a person gave is their own text.
        return text(f"reason_{code}", language) if f"reason_{code}" in TEXTS else code

    def drive_words(code: str) -> str:
        key = f"drive_refused_{code}"
        return text(key if key in TEXTS else "drive_refused_other", language)

    def paper_name(layout: str) -> str:
        key = f"paper_{layout}"
        return text(key if key in TEXTS else "paper_other", language)

    def print_why(code: str) -> str:
        return text(why(code) or "print_why_other", language)

    def print_why_now(codes: tuple[str, ...]) -> str:
        return next((text(key, language) for key in map(why, codes) if key), "")

    def stock_kind(code: str) -> str:
        return KIND_NAMES.get(code, (code, code))[0 if language == "zh" else 1]

    def printer_words(code: str) -> str:
        return text(f"printer_{code}", language) if code in CODES else text("printer_fault", language, fault=code)

    return {
        "reason": reason,
        "drive_words": drive_words,
        "printer_words": printer_words,
        "paper_name": paper_name,
        "print_why": print_why,
        "print_why_now": print_why_now,
        "stock_kind": stock_kind,
    }


def file_size(size: int) -> str:
    """Return a number of bytes as people read it."""
    return f"{max(1, round(size / 1024))} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


def why(code: str) -> str:
    """Return the key of the words for a reason that the services give, empty if there are none of its own."""
    plain = progress_trouble((code,)) or re.sub(r"^(print|stock|paper)_", "", code)
    key = "print_why_layout" if plain.startswith("layout_") else f"print_why_{plain}"
    return key if key in TEXTS else ""


def _refresh(view: KioskView) -> int | None:
    """Seconds after which a browser without JavaScript asks again."""
    if view.step in {"opening", "open"} or view.slip == "printing" or (view.paper and view.paper.phase in LIVE):
        return LIVE_REFRESH_SECONDS
    if view.seconds_left is None:
        return None
    return view.seconds_left - COUNTDOWN_SECONDS + 1 if not view.counting_down else view.seconds_left + 1
