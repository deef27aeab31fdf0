"""Each import wall of pyproject.toml is broken once, in a copy of the tree, and import-linter must name that wall."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contract", "edge", "hub", "hall")

# (wall, importer, what it must not import): one line is added to the importer for each.
BREACHES = [
    ("contract: session over publish over messages over ids", "contract.ids", "contract.topics"),
    ("contract: session over publish over messages over ids", "contract.events", "contract.commands"),
    ("edge: kiosk and uplink over services over devices and store over core", "edge.config", "edge.core.visit"),
    ("edge: kiosk and uplink over services over devices and store over core", "edge.ports", "edge.links.bus"),
    ("edge: kiosk and uplink over services over devices and store over core", "edge.app", "edge.commission.run"),
    ("hub: faces over services over database over core", "hub.core.cases", "hub.db.tables"),
    ("hub: faces over services over database over core", "hub.web", "hub.ingest"),
    ("edge and hub speak only through the contract", "edge.config", "hub.config"),
    ("edge and hub speak only through the contract", "hub.config", "edge.config"),
    ("the contract knows neither side", "contract.topics", "edge.config"),
    ("nobody imports the demonstration", "hub.errors", "hall.network"),
    ("the demonstration knows both sides' configuration only", "hall.network", "edge.services.door_control"),
    ("the demonstration knows both sides' configuration only", "hall.network", "hub.db.tables"),
    ("core, services and store speak of the contract only ids and events", "edge.core.codes", "contract.sealed"),
    ("core, services and store speak of the contract only ids and events", "edge.services", "contract.envelope"),
    ("services know no device, only ports", "edge.services", "edge.lockers.registry"),
    ("services know no device, only ports", "edge.kiosk", "edge.links.bus"),
    ("services know no device, only ports", "edge.uplink", "edge.printers.receipt"),
    ("the edge's core is pure", "edge.core.grants", "asyncio"),
    ("the edge's core is pure", "edge.core.grants", "time"),
    ("the edge's core is pure", "edge.core.compartment", "sqlite3"),
    ("only the composition root and a registry name drivers", "edge.lockers.line", "edge.lockers.lock8a.driver"),
    ("only the simulator process names simulators", "edge.lockers.registry", "edge.lockers.lock8a.simulator"),
    ("hub services ask dispatch and notify through rows", "hub.services", "hub.notify"),
    ("hub services ask dispatch and notify through rows", "hub.web", "hub.dispatch"),
    ("one file knows the MQTT library", "edge.uplink", "paho.mqtt.client"),
    ("one file knows the MQTT library", "contract.topics", "paho.mqtt.client"),
    ("only the demonstration starts the broker of the wheel", "hub.config", "iotcore"),
]


def file_of(module: str, root: Path) -> Path:
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter on the tree in `folder`, not on what may be installed."""
    code = "import sys; from importlinter.cli import lint_imports_command as c; sys.path.insert(0, '.'); c()"
    command = [sys.executable, "-c", code, "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def sections(report: str) -> dict[str, str]:
    """Broken wall -> what import-linter says about it, on one line."""
    _, _, broken = report.partition("Broken contracts\n")
    parts = re.split(r"^(.+)\n-{3,}\n", broken, flags=re.MULTILINE)
    return {name: " ".join(text.split()) for name, text in zip(parts[1::2], parts[2::2], strict=True)}


@pytest.fixture(scope="module")
def broken_walls(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The report on a copy of the tree with every breach in it."""
    copy = tmp_path_factory.mktemp("breached")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__", "static"))
    for _, importer, imported in BREACHES:
        with file_of(importer, copy).open("a", encoding="utf-8") as file:
            file.write(f"\nimport {imported}\n")
    result = lint(copy)
    assert result.returncode == 1, result.stdout + result.stderr
    return sections(result.stdout)


def test_the_walls_stand() -> None:
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "0 broken" in result.stdout


@pytest.mark.parametrize(("wall", "importer", "imported"), BREACHES)
def test_a_breach_is_named(broken_walls: dict[str, str], wall: str, importer: str, imported: str) -> None:
    # An external package counts as one module: paho.mqtt.client is paho.
    package, _, _ = imported.partition(".")
    seen = imported if package in PACKAGES else package
    link = rf"{re.escape(importer)} (->|is not allowed to import) {re.escape(seen)}\b"
    assert re.search(link, broken_walls[wall]), broken_walls[wall]


def contracts() -> list[dict[str, Any]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    walls: list[dict[str, Any]] = project["tool"]["importlinter"]["contracts"]
    return walls


def test_every_wall_has_its_breach() -> None:
    assert {contract["name"] for contract in contracts()} == {wall for wall, _, _ in BREACHES}


def test_the_drawing_shows_the_walls_as_they_are() -> None:
    drawing = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for contract in contracts():
        if contract["type"] == "layers":
            line = rf"^{contract['containers'][0]}: +{re.escape(' > '.join(contract['layers']))}$"
            assert re.search(line, drawing, re.MULTILINE), line
