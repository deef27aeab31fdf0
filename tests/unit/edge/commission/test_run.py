"""The whole walk on a pseudo-terminal: search, doors, proof, file, labels; and who must not begin it."""

from __future__ import annotations

import io
import os
import re
import sqlite3
import string
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from edge.clock import SystemClock
from edge.commission.person import CommissioningRefusedError, LeftError
from edge.commission.run import Manner, commission
from edge.commission.scan import Patience
from edge.commission.terminal import Keyboard, Terminal
from edge.commission.texts import TEXTS, Language, say
from edge.config import load_station
from edge.lockers.lock8a.simulator import Lock8aSimulator
from edge.store.compartments import Fitted
from edge.store.unit_of_work import Store
from tests.unit.edge.commission.cabinet import FAST_PTY, Cabinet, Hands, bank, on_pty
from tests.unit.edge.commission.test_station_file import demo

PACKAGE = Path("edge/commission")
MANNER = Manner(Patience(answer_ms=40, silence_ms=12, quiet_ms=2), ["lock8a"], 0.3, FAST_PTY)


def station(folder: Path) -> Path:
    path = demo(folder)
    text = path.read_text(encoding="utf-8").replace('data_dir = "var/station"', f'data_dir = "{folder}/station"')
    path.write_text(text.replace("var/ptys", str(folder)), encoding="utf-8")
    return path


def cabinet() -> Cabinet:
    boards = [
        Lock8aSimulator(2, bank([1, 24]), high_first=False, closed_contact=0x00, open_bit=0),
        Lock8aSimulator(9, bank([5]), high_first=True),
    ]
    return Cabinet(boards, {1: (0, 24), 2: (1, 5), 30: (0, 1)})


async def test_the_file_says_how_the_cabinet_is_wired(tmp_path: Path) -> None:
    path, made = station(tmp_path), cabinet()
    port = str(tmp_path / "lock-main")
    with on_pty(made, Path(port)):
        labels = await commission(path, [port], Hands(made), manner=MANNER)
    config = load_station(path)
    boards = {board.address: board for board in config.boards if board.port == port}
    assert {n: (b.settings["status_byte_order"], b.settings["bitmap_polarity"], b.settings["single_polarity"])
            for n, b in boards.items()} == {
        2: ("low_first", "one_is_closed", "closed_is_00"), 9: ("high_first", "one_is_open", "closed_is_11"),
    }  # fmt: skip
    address = {board.name: board.address for board in config.boards}
    assert {c.number: (address[c.board], c.channel) for c in config.compartments if c.board != "annex"} == {
        1: (2, 24), 2: (9, 5), 30: (2, 1),
    }  # fmt: skip
    page = labels.read_text(encoding="utf-8")
    assert re.findall(r"<b>(\d+)</b>", page) == ["1", "2", "30"]
    assert "http" not in page


async def test_whoever_does_not_write_has_the_old_file(tmp_path: Path) -> None:
    path, made = station(tmp_path), cabinet()
    before = path.read_bytes()
    port = tmp_path / "lock-main"
    hands = Hands(made, forced={"write_it": "leave"})
    quick = Manner(Patience(answer_ms=10, silence_ms=8, quiet_ms=1), ["lock8a"], 0.3, FAST_PTY)
    with on_pty(made, port), pytest.raises(LeftError):
        await commission(path, [str(port)], hands, manner=quick)
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == ["demo.toml"]


async def test_a_station_that_runs_or_holds_items_is_left_alone(tmp_path: Path) -> None:
    path = station(tmp_path)
    hands = Hands(cabinet())
    store_file = tmp_path / "station" / "station.db"
    async with await Store.open(store_file, SystemClock("Asia/Shanghai")) as store:
        await store.transact(lambda tx: tx.fit([Fitted(3, "s", "low"), Fitted(4, "s", "low")]))
        with pytest.raises(CommissioningRefusedError, match="station_runs"):
            await commission(path, ["x"], hands)
    with closing(sqlite3.connect(store_file)) as connection, connection:
        connection.execute("UPDATE compartments SET allocation = 'doubtful' WHERE number = 4")
    with pytest.raises(CommissioningRefusedError) as refused:
        await commission(path, ["x"], hands)
    assert (refused.value.text, refused.value.facts) == ("not_empty", {"numbers": "4"})


async def typed(*lines: str, language: Language = "both") -> tuple[Terminal, io.StringIO]:
    """A terminal at which these lines were typed already, and its screen."""
    reader, writer = os.pipe()
    os.write(writer, "".join(f"{line}\n" for line in lines).encode())
    os.close(writer)
    screen = io.StringIO()
    return Terminal(language, Keyboard(reader), screen), screen


async def test_a_terminal_takes_numbers_and_asks_again() -> None:
    terminal, screen = await typed("7", "关", "2", "", "18")
    assert await terminal.choose("next_door", ["by_hand", "by_lock", "all_met"], count=3) == "by_lock"
    assert await terminal.choose("shut_all", ["all_shut"]) == "all_shut"
    assert await terminal.ask("which_number") == "18"
    with pytest.raises(LeftError):
        await terminal.ask("which_number")
    assert screen.getvalue().count("请输入序号") == 2
    assert screen.getvalue().index("已认识 3 扇门") < screen.getvalue().index("3 doors known")


@pytest.mark.parametrize(("language", "there", "missing"), [("zh", "请关好", "Shut"), ("en", "Shut", "请关好")])
async def test_one_language_alone_is_enough(language: Language, there: str, missing: str) -> None:
    terminal, screen = await typed("", language=language)
    await terminal.choose("shut_all", ["all_shut"])
    assert there in screen.getvalue()
    assert missing not in screen.getvalue()


async def test_a_default_is_shown_and_taken() -> None:
    terminal, screen = await typed("")
    assert await terminal.ask("doors_per_column", default="6") == "6"
    assert "[6]" in screen.getvalue()


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_the_same_facts(key: str) -> None:
    chinese, english = TEXTS[key]
    assert fields(chinese) == fields(english)
    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert re.search(r"[A-Za-z]", english)
    assert not re.search(r"[\u4e00-\u9fff]", english)


def test_every_text_that_the_wizard_says_exists() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in PACKAGE.glob("*.py") if path.name != "texts.py")
    said = set(
        re.findall(
            r'(?:tell|choose|ask|_number|_pattern|RefusedError)\(\s*(?:person, |self\._person, )?"(\w+)"', sources
        )
    )
    options = {
        word for group in re.findall(r"choose\([^\[]*\[([^\]]*)\]", sources) for word in re.findall(r'"(\w+)"', group)
    }
    assert len(said) > 20
    assert len(options) > 10
    assert said | options <= TEXTS.keys()


def test_the_command_says_what_is_wrong_and_writes_nothing(tmp_path: Path) -> None:
    path = station(tmp_path)
    before = path.read_bytes()
    command = [sys.executable, "-m", "edge", "commission", "--station", str(path), "--port", str(tmp_path / "none")]
    result = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 1, result.stderr
    assert say("port_unusable", "both", {"trouble": "X"}).split("X")[0] in result.stdout
    assert path.read_bytes() == before
