"""Templates to HTML: whole pages, or only the live part of one; times for the wall clock, ages that tick."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from starlette.responses import HTMLResponse

from contract.ids import is_receipt_number, show_receipt_number
from hub.core.catalogue import service_item
from hub.core.times import local
from hub.services.people import Role
from hub.services.picture.submissions import ENDINGS
from hub.web.telling import tell, tell_answer, tell_deed, tell_state, tell_word
from hub.web.texts import TEXTS, Language, say
from hub.web.visit import Visit

HERE = Path(__file__).parent


def when(at: datetime | None) -> Markup:
    """Return a time as the wall clock of the service centre shows it: `11-24 22:03`."""
    if at is None:
        return Markup("—")
    shown = local(at)
    return Markup('<time datetime="{0}" title="{1}">{2}</time>').format(
        shown.isoformat(timespec="seconds"), f"{shown:%Y-%m-%d %H:%M:%S}", f"{shown:%m-%d %H:%M}"
    )


def show_age(language: Language, seconds: int) -> str:
    """Return an age in words: `3 分钟前`, `3 min ago`. The page's script ticks in the same words."""
    steps = (("age_days", 86400), ("age_hours", 3600), ("age_minutes", 60))
    for key, size in steps:
        if seconds >= size:
            return say(language, key, n=seconds // size)
    return say(language, "age_now")


def show_receipt(number: str | None) -> str:
    """Return a receipt number grouped for eyes."""
    if not number:
        return "—"
    return show_receipt_number(number) if is_receipt_number(number) else number


def show_case(number: str | None) -> Markup:
    """Return a case number with its day and counter set apart from the long code."""
    if not number:
        return Markup("—")
    return Markup('<span class="code">{0}</span> <b>{1}</b> <b>{2}</b>').format(number[:31], number[31:39], number[39:])


def file_size(size: int) -> str:
    """Return a size for eyes."""
    return f"{size / 1024**2:.1f} MB" if size >= 1024**2 else f"{max(1, round(size / 1024))} KB"


def _say_or(language: Language, key: str, otherwise: str) -> str:
    return say(language, key) if key in TEXTS else otherwise


def _of_language(language: Language, text: str) -> str:
    """Tasks hold Chinese, a line break, English; one line alone is for everybody."""
    zh, _, en = text.partition("\n")
    return en if language == "en" and en else zh


def _json_or(text: str | None, otherwise: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    try:
        return json.loads(text or "")
    except ValueError:
        return otherwise


def compartment_of(params: str) -> int | None:
    """Return the compartment that a command's parameters name."""
    found = _json_or(params, {})
    number = found.get("compartment") if isinstance(found, dict) else None
    return number if isinstance(number, int) else None


def simulated(text: str | None) -> list[str]:
    """Return the devices that a station said are simulated."""
    found = _json_or(text, [])
    return [str(name) for name in found] if isinstance(found, list) else []


def _environment() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    environment = Environment(
        loader=loader, autoescape=select_autoescape(default=True), undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(
        when=when,
        receipt=show_receipt,
        case_number=show_case,
        path=lambda text: quote(text, ""),
        file_size=file_size,
        file_kind=lambda media_type: ENDINGS.get(media_type, "?").upper(),
    )
    environment.globals.update(Role=Role, compartment_of=compartment_of, simulated=simulated)
    return environment


ENVIRONMENT = _environment()


def _context(visit: Visit) -> dict[str, Any]:
    language = visit.language

    def age(at: datetime | None) -> Markup:
        if at is None:
            return Markup('<span class="age">{}</span>').format(say(language, "never"))
        seconds = max(0, int((visit.now - at) / timedelta(seconds=1)))
        return Markup('<span class="age" data-age="{0}" title="{1}">{2}</span>').format(
            seconds, f"{local(at):%Y-%m-%d %H:%M:%S}", show_age(language, seconds)
        )

    def item_title(code: str, title: str) -> str:
        item = service_item(code)
        return title if item is None or language == "zh" else item.title_en

    return {
        "visit": visit,
        "language": language,
        "t": visit.say,
        "age": age,
        "item_title": item_title,
        "tell": lambda moment: tell(language, moment),
        "state": lambda kind, name: tell_state(language, kind, name),
        "word": lambda value: tell_word(language, value),
        "deed_name": lambda action: tell_deed(language, action),
        "task_text": lambda text: _of_language(language, text),
        "task_kind": lambda kind: _say_or(language, f"task_{kind}", kind),
        "answer": lambda text: tell_answer(language, text),
        "wish_name": lambda kind: _say_or(language, f"wish_{kind}", kind),
        "remark": lambda kind, code: _say_or(language, f"{kind}_{code}", code),
        "may": lambda *roles: visit.login is not None and visit.person.is_any(*roles),
    }


def render(visit: Visit, template: str, values: Mapping[str, object], status: int = 200) -> HTMLResponse:
    """Render a page; when the page itself asks, only its block `live`."""
    found = ENVIRONMENT.get_template(template)
    context = found.new_context({**_context(visit), **values})
    block = found.blocks.get("live") if visit.is_live else None
    root = found.root_render_func if block is None else block
    return HTMLResponse("".join(root(context)), status_code=status)
