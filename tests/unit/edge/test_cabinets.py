"""Where doors are: profiles of cabinets, and what is refused about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.cabinets import CabinetProfile, Fitting, Place, fittings, fronts
from edge.config import StationConfig, load_station
from edge.errors import ConfigError
from tests.unit.edge.test_config import SMALL

DEMO = Path("firmware_configs/stations/demo.toml")


def _station(folder: Path, cabinet: str) -> tuple[Path, StationConfig]:
    file = folder / "stations" / "here.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{SMALL}\n{cabinet}", encoding="utf-8")
    return file, load_station(file)


def test_the_demonstration_cabinets_stand_as_measured() -> None:
    found = fittings(DEMO, load_station(DEMO))
    assert sorted(found) == list(range(1, 25))
    assert found[12] == Fitting(Place("main", 1350, 1800, 450, 1050, 450, 450), 100_000)
    assert found[19].place == Place("annex", 450, 1800, 0, 0, 450, 150)


def test_doors_of_a_column_follow_each_other_down_to_the_plinth() -> None:
    columns = [{"width_mm": 300, "doors_mm": [200, 300]}, {"width_mm": 500, "doors_mm": [600]}]
    profile = CabinetProfile.model_validate({"title": "t", "height_mm": 1000, "plinth_mm": 100, "columns": columns})
    assert [(each.x_mm, each.y_mm, each.width_mm, each.height_mm) for each in profile.places("a")] == [
        (0, 400, 300, 200), (0, 600, 300, 300), (300, 300, 500, 600),
    ]  # fmt: skip


LAYOUT = 'layout = { title = "t", height_mm = 900, columns = [{ width_mm = 300, doors_mm = [400, 400] }] }'


@pytest.mark.parametrize(
    ("cabinet", "key", "expected"),
    [
        (f"numbers = [1]\n{LAYOUT}", "cabinets[0].numbers", "2 numbers"),
        (f"numbers = [1, 1]\n{LAYOUT}", "cabinets[0].numbers", "each number once"),
        (f"numbers = [1, 99]\n{LAYOUT}", "cabinets[0].numbers", "each number once"),
        (f"numbers = [1, 2]\n{LAYOUT.replace('900', '700')}", "cabinets[0].layout", "at most 700 mm"),
        ('numbers = [1, 2]\nprofile = "none-such"', "(whole file)", "a readable file"),
    ],
)
def test_a_wrong_cabinet_is_refused_by_its_key(tmp_path: Path, cabinet: str, key: str, expected: str) -> None:
    file, config = _station(tmp_path, f'[[cabinets]]\nname = "a"\n{cabinet}\n')
    with pytest.raises(ConfigError) as refused:
        fittings(file, config)
    assert refused.value.key == key
    assert expected in refused.value.expected


def test_a_cabinet_is_described_exactly_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as refused:
        _station(tmp_path, '[[cabinets]]\nname = "a"\nnumbers = [1]\n')
    assert "either profile or layout" in refused.value.expected


def test_cabinets_are_shown_in_the_order_of_their_numbers() -> None:
    shown = fronts(fittings(DEMO, load_station(DEMO)))
    assert [(each.cabinet, each.width_mm, each.height_mm, list(each.doors)) for each in shown] == [
        ("main", 1350, 1800, list(range(1, 19))),
        ("annex", 450, 1800, list(range(19, 25))),
    ]
