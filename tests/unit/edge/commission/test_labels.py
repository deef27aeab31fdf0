"""Labels: every door once, by number, in millimetres; and the same on slips."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from edge.__main__ import main
from edge.commission.labels import label_lines, label_page
from edge.commission.places import Place
from tests.unit.edge.commission.test_station_file import demo

PLACES = {12: Place("l", "low"), 3: Place("s", "high")}


def test_every_door_has_its_label_in_the_order_of_numbers() -> None:
    page = label_page("自助区 <24h>", "Area", PLACES)
    assert re.findall(r"<b>(\d+)</b>", page) == ["3", "12"]
    assert "自助区 &lt;24h&gt;" in page
    assert "大 · 低位<br>large · low" in page
    assert "width: 60mm; height: 40mm" in page
    assert "://" not in page
    assert "<script" not in page


def test_a_slip_carries_the_same() -> None:
    text = "\n".join(label_lines(12, PLACES[12]))
    assert "1 2" in text
    assert "大 large · 低位 low" in text


def test_the_command_writes_them_beside_the_station_file(tmp_path: Path) -> None:
    path = demo(tmp_path)
    assert main(["labels", "--station", str(path)]) == 0
    page = path.with_name("demo-labels.html").read_text(encoding="utf-8")
    assert [int(n) for n in re.findall(r"<b>(\d+)</b>", page)] == list(range(1, 25))


def test_slips_need_a_printer(tmp_path: Path) -> None:
    path = demo(tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.partition("[receipt_printer]")[0] + "[simulate]" + text.partition("[simulate]")[2], "utf-8")
    assert main(["labels", "--station", str(path), "--slips"]) == 78


def test_a_printer_that_is_not_there_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = demo(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace("var/ptys", str(tmp_path)), encoding="utf-8")
    assert main(["labels", "--station", str(path), "--slips"]) == 1
    assert "the printer does not print" in capsys.readouterr().err
