"""No missing keys, no half-translated sentence, no key that nothing shows."""

from __future__ import annotations

import ast
import re
import string
from typing import get_args

import pytest

from edge.core.printer_state import CODES
from edge.errors import AskCitizenError, CameraFault
from edge.kiosk import texts
from edge.kiosk.pages import HERE
from edge.kiosk.texts import TEXTS, text
from edge.ports import CardKind
from edge.printers.layouts.catalogue import LAYOUTS
from edge.services.print_view import Phase

TEMPLATES = "\n".join(file.read_text() for file in (HERE / "templates").glob("*.html"))
# What is printed for a citizen; slips, labels and marks are not.
PRINTABLE = {key.removeprefix("paper_") for key in TEXTS if key.startswith("paper_")}
# Composed in templates from the screen, the ending or a size.
STORIES = ("deposit", "pickup", "load", "clear", "inspect", "service", "release")
COMPOSED = {
    f"{story}_{rest}"
    for story in STORIES
    for rest in (
        *(
            "opening",
            "open",
            "closed",
            "yes",
            "no",
            "step_shut",
            "step_wait",
            "done",
            "failed",
            "cancelled",
            "doubtful",
        ),
        *("done_next", "failed_next", "doubtful_next", "step_take" if story == "pickup" else "step_put"),
    )
} | {"inspect_left", "service_left", "release_left", "slip_failed", "slip_unverified", "pickup_missing", "pickup_wrong"}
COMPOSED |= {f"door_reads_{door}" for door in ("open", "closed", "unknown")}
COMPOSED |= {"test_slip_printed", "test_slip_unverified"}
COMPOSED |= {
    f"outcome_{outcome}"
    for outcome in (
        *("listed", "planned", "now", "loaded", "doubtful"),
        *("not_put_in", "door_failed", "left_over"),
    )
}
COMPOSED |= {f"size_{size}{more}" for size in "sml" for more in ("", "_more")}

COMPOSED |= {f"drive_{state}_title" for state in ("absent", "reading", "ready", "refused")} | {"drive_refused_other"}
COMPOSED |= {f"capture_{verdict}" for verdict in ("no_sheet", "cropped", "unsure")}
COMPOSED |= {f"print_{phase}" for phase in get_args(Phase) if phase}
COMPOSED |= {f"print_{phase}_more" for phase in get_args(Phase) if phase}
COMPOSED |= {f"paper_{layout}" for layout in (*LAYOUTS, "received", "other") if layout in PRINTABLE}
COMPOSED |= {"side_1", "side_2"}
COMPOSED |= {f"camera_{fault}" for fault in ("away", "out")} | {f"reason_{fault}" for fault in get_args(CameraFault)}
COMPOSED |= {f"flaw_{check}" for check in ("blur", "glare", "blank", "finger", "cut", "duplicate")}
COMPOSED |= {f"format_{kind}" for kind in ("a4", "a3", "card", "booklet", "receipt", "other")}
COMPOSED |= {f"stock_second_{act}" for act in ("void", "destroy", "spoiled")}
COMPOSED |= {"stock_paper_printed", "stock_paper_unverified"}
COMPOSED |= {"material_camera", "material_usb"}
COMPOSED |= {f"card_kind_{kind}" for kind in get_args(CardKind)}
COMPOSED |= {f"kind_{each}" for each in ("pdf", "ofd", "jpg", "png", "tif", "docx")}
COMPOSED |= {f"print_why_{code}" for code in CODES} | {f"printer_{code}" for code in CODES}


# Composed of codes that drivers give.
_BY_CODE = ("print_why_", "reason_", "blank_", "file_", "note_", "drive_refused_")


def _fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("key", sorted(TEXTS))
def test_both_languages_are_there_and_take_the_same_parameters(key: str) -> None:
    chinese, english = TEXTS[key]
    assert _fields(chinese) == _fields(english)
    assert english.strip()
    assert chinese.strip()
    if key != "other_language":
        assert re.search(r"[\u4e00-\u9fff]", chinese)
        assert not re.search(r"[\u4e00-\u9fff]", english)


def test_no_key_stands_twice() -> None:
    keys = [
        key.value
        for file in HERE.glob("texts*.py")
        for table in ast.walk(ast.parse(file.read_text()))
        if isinstance(table, ast.Dict)
        for key in table.keys
        if isinstance(key, ast.Constant)
    ]
    assert len(keys) == len(set(keys)) == len(TEXTS)


def test_every_key_of_the_templates_exists() -> None:
    used = set(re.findall(r"""\bt\('([a-z_]+)'[,)]""", TEMPLATES))
    assert used
    assert used - set(TEXTS) == set()
    assert COMPOSED - set(TEXTS) == set()


def test_every_key_is_shown_somewhere() -> None:
    sources = TEMPLATES + "\n".join(
        file.read_text()
        for folder in ("kiosk", "services")
        for file in (HERE.parent / folder).glob("*.py")
        if not file.name.startswith("texts")
    )
    sources += (HERE.parent / "errors.py").read_text()
    shown = set(re.findall(r"""['"]([a-z_]+)['"]""", sources)) | COMPOSED
    assert {key for key in TEXTS if key not in shown and not key.startswith(_BY_CODE)} == set()


def test_every_error_that_asks_the_citizen_has_words() -> None:
    kinds: list[type[AskCitizenError]] = [AskCitizenError, *AskCitizenError.__subclasses__()]
    assert {kind.text for kind in kinds if isinstance(kind.text, str)} <= set(TEXTS)


def test_a_missing_parameter_is_an_error_and_not_a_hole() -> None:
    with pytest.raises(KeyError):
        text("compartment", "zh")
    assert text("compartment", "en", number=3) == "Compartment 3"
    assert texts.LANGUAGES == ("zh", "en")


@pytest.mark.parametrize("reason", ["several", "not_storage", "port_broken"])
def test_what_is_wrong_at_the_usb_socket_has_words_of_its_own(reason: str) -> None:
    assert f"drive_refused_{reason}" in TEXTS
    assert f'"{reason}"' in (HERE.parent / "scanners" / "usb_drive" / "hotplug.py").read_text()
