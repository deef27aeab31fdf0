"""Both languages are complete, and every event of the contract has its words."""

from __future__ import annotations

import re
import string
from datetime import timedelta
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import hub
from contract.events import EVENT_TYPES
from contract.paper_codes import KINDS
from contract.paper_events import CardKind
from contract.pdf_signatures import PdfFinding
from edge.kiosk.texts_files import FILE_TEXTS
from hub.core.cases import CaseState, DepositState
from hub.services.ask_station import WISHES
from hub.services.drawing.pages import Reason
from hub.services.people import Role
from hub.services.picture.cases import GROUPS as CASE_GROUPS
from hub.services.picture.deposits import GROUPS as DEPOSIT_GROUPS
from hub.services.picture.papers import GROUPS as PAPER_GROUPS
from hub.services.picture.timeline import Moment
from hub.web.pages.documents import ZOOMS
from hub.web.telling import DEEDS, STATES, TOLD, WORDS, tell, tell_state
from hub.web.texts import TEXTS, say
from tests.unit.hub.services.samples import NOW

HUB = Path(hub.__file__).parent
CHECKS = ("blur", "glare", "blank", "finger", "cut", "duplicate")
VERDICTS = ("in_force", "station", "replaced", "revoked", "not_issued", "unknown", "no_code", "forged", "key_revoked")
COMPOSED = (
    {f"clear_{why}" for why in ("deposit", "overdue", "withdrawn", "doubtful")}
    | {f"role_{role}" for role in Role}
    | {f"group_{name}" for name in (*CASE_GROUPS, *DEPOSIT_GROUPS)}
    | {f"size_{size}" for size in "sml"}
    | {"document_camera", "document_usb"}
    | {f"card_kind_{kind}" for kind in get_args(CardKind)}
    | {f"zoom_{zoom}" for zoom in ZOOMS}
    | {f"undrawable_{reason}" for reason in get_args(Reason)}
    | {f"check_{name}" for name in CHECKS}
    | {key for key in FILE_TEXTS if key.startswith("note_")}
    | {f"door_{door}" for door in ("open", "closed", "unknown")}
    | {f"no_case_of_{state}" for state in ("doubtful", "abandoned", "not_found")}
    | {f"kind_{kind}" for kind in ("event", "projected", "user")}
    | {f"document_{kind}" for kind in ("expected", "staff", "print", "config")}
    | {
        f"task_{kind}"
        for kind in ("doubtful", "door", "device", "forced", "left_open", "guessing", "paper", "paper_left")
    }
    | {"task_reconciliation", "task_maintenance", "task_count", "task_trolley"}
    | {f"wish_{wish}" for wish in WISHES}
    | {f"pdf_{finding}" for finding in PdfFinding if finding is not PdfFinding.SOUND}
    | {f"paper_kind_{kind}" for kind in KINDS}
    | {f"verify_{word}{note}" for word in VERDICTS for note in ("", "_note")}
    | {f"papers_{name}" for name in PAPER_GROUPS}
    | {"free", "reserved", "occupied", "doubtful", "out", "unknown"}
)


def keys_in_use() -> set[str]:
    """Every key that a template or Python file names in one piece."""
    templates = "".join(path.read_text() for path in HUB.glob("web/templates/*.html"))
    used = set(re.findall(r"""\bt\(\s*["'](\w+)["'](?!\s*~)""", templates))
    used |= {word for pair in re.findall(r'\bt\("(\w+)" if [^)]*? else "(\w+)"\)', templates) for word in pair}
    used |= set(re.findall(r'figure\([^,]+(?:, 0\))?, "(\w+)"', templates))
    code = "".join(path.read_text() for path in HUB.rglob("*.py") if path.name not in {"texts.py", "telling.py"})
    used |= set(re.findall(r'(?:RefusedError|UnknownSubjectError|ForbiddenError)\("(\w+)"\)', code))
    used |= set(re.findall(r'"(problem_\w+|alarm_\w+|age_\w+|numbers_exhausted|never)"', code))
    return used


def test_every_key_in_use_has_its_words_and_every_word_is_used() -> None:
    used = keys_in_use() | COMPOSED
    assert len(used) > 100
    assert used - TEXTS.keys() == set()
    assert TEXTS.keys() - used == set()


@pytest.mark.parametrize("table", [TEXTS, TOLD, WORDS, DEEDS, *STATES.values()])
def test_both_languages_say_the_same(table: dict[str, tuple[str, str]]) -> None:
    for key, (zh, en) in table.items():
        assert zh, key
        assert en, key
        values = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
        assert values[0] == values[1], key
        assert not re.search(r"[一-鿿]", en) or key == "recipient" or key == "other_language", key


def test_every_event_of_the_contract_is_told() -> None:
    assert EVENT_TYPES.keys() <= TOLD.keys()
    for kind, model in EVENT_TYPES.items():
        for text in TOLD[kind]:
            named = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            assert named <= model.model_fields.keys(), kind


def test_every_reason_of_the_contract_has_its_word() -> None:
    told = ("deposit_abandoned", "compartment_doubtful", "pickup_refused", "door_failed")
    for kind in told:
        hints = get_type_hints(EVENT_TYPES[kind], include_extras=True)
        reasons = get_args(hints.get("reason") or hints["fault"])
        words = [word for reason in reasons for word in (get_args(reason) or (reason,)) if isinstance(word, str)]
        assert words
        assert set(words) <= WORDS.keys(), kind


def test_every_deed_that_is_recorded_has_its_words() -> None:
    code = "".join(path.read_text() for path in HUB.glob("services/*.py"))
    recorded = set(re.findall(r'action="(\w+)"', code)) | {f"{wish}_asked" for wish in WISHES}
    assert recorded == DEEDS.keys()


def test_every_state_has_its_word() -> None:
    assert STATES["case"].keys() == {*CaseState}
    assert STATES["deposit"].keys() == {*DepositState}
    assert tell_state("zh", "case", "odd") == "odd"


def test_what_nobody_foresaw_is_still_told() -> None:
    at = NOW + timedelta(seconds=1)
    assert "robot_greeted" in tell("zh", Moment(at, "robot_greeted"))
    assert "deposit_made" in tell("en", Moment(at, "deposit_made", known=False))
    assert tell("en", Moment(at, "deposit_abandoned")) == "The hand-in was not finished (—)"
    assert "没有材料" in tell("zh", Moment(at, "deposit_cleared", data={"found": False, "staff": "B-1"}))


def test_values_are_filled_in() -> None:
    assert say("zh", "age_minutes", n=3) == "3 分钟前"
    assert say("en", "age_minutes", n=3) == "3 min ago"
