"""House rules that a machine can see: sizes, addresses, skips, targets that the documents name, vendored files."""

from __future__ import annotations

import ast
import hashlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from edge import VERSION

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contract", "edge", "hub", "hall", "tests", ".ci")
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
VENDORED = ("hub/web/static/vendor", "edge/kiosk/static/vendor")


@cache
def python_files(*folders: str) -> list[Path]:
    """Every Python file of the folders that git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *folders]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return [path for name in names if name.endswith(".py") and (path := ROOT / name).is_file()]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def dotted(node: ast.AST) -> str:
    """`pytest.mark.skip` of an attribute chain, decorators' and calls' brackets left away."""
    if isinstance(node, ast.Call):
        return dotted(node.func)
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def where(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT)}:{line}"


def forbidden_in(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / ".ci" / "forbidden.py"), str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_no_tracked_file_names_a_registry_or_one_machine() -> None:
    assert forbidden_in(ROOT).stdout == ""


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("see https://" + "pypi" + ".org/project/x", "address of a package registry"),
        ("cd /" + "home/zhang/nightdesk", "path of one machine"),
        ("-----BEGIN EC PRIVATE" + " KEY-----", "a private key"),
    ],
)
def test_a_planted_address_is_found(tmp_path: Path, line: str, what: str) -> None:
    (tmp_path / "planted.md").write_text(f"first line\n{line}\n")
    subprocess.run(["git", "init", "-q", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "add", "planted.md"], cwd=tmp_path, check=True)
    result = forbidden_in(tmp_path)
    assert (result.returncode, result.stdout) == (1, f"planted.md:2: {what}\n")


def test_no_python_file_is_longer_than_the_house_allows() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in python_files(*PACKAGES)}
    assert len(lengths) > 20, "the tree was not found"
    assert {str(path.relative_to(ROOT)): n for path, n in lengths.items() if n > LONGEST_FILE} == {}


def test_no_function_is_longer_than_the_house_allows() -> None:
    """Outside tests and migrations, which list tables; a function reaches from its `def` to its last line."""
    long = [
        f"{where(path, function.lineno)}: {function.name}"
        for path in python_files("contract", "edge", "hub", "hall", ".ci")
        if "migrations" not in path.parts
        for function in functions(path)
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_test_skips() -> None:
    """A test that is skipped reads as green; what a test needs is installed by `.ci/prepare` or named by it."""
    forbidden = re.compile(r"^(pytest\.(skip|importorskip|xfail|mark\.(skip|skipif|xfail))|unittest\.skip\w*)$")
    found = [
        where(path, node.lineno)
        for path in python_files("tests")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and forbidden.match(dotted(node))
    ]
    assert found == []


def test_every_folder_of_tests_is_a_package() -> None:
    """Or two files of one name would be one module, and mypy would pass over the folder."""
    assert {path.parent for path in python_files("tests") if not (path.parent / "__init__.py").exists()} == set()


def test_no_test_sleeps_for_a_fixed_time() -> None:
    """`time.sleep` waits too long or not long enough; a condition with a deadline does neither."""
    found = [
        where(path, node.lineno)
        for path in python_files("tests/unit", "tests/conformance", "tests/integration", "tests/golden")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and dotted(node) == "time.sleep"
    ]
    assert found == []


def test_the_core_asks_no_clock_and_no_dice() -> None:
    """What imports cannot show: `datetime.now()`, `uuid4()` and the like are arguments of the core, never calls."""
    impure = {"now", "utcnow", "today", "uuid1", "uuid4", "uuid7", "urandom", "monotonic", "open", "print", "getenv"}
    found = [
        where(path, node.lineno)
        for path in python_files("edge/core", "hub/core")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and dotted(node).split(".")[-1] in impure and not method_of_a_value(node)
    ]
    assert found == []


def test_vendors_stay_in_their_drivers() -> None:
    """Doors and slips have no make above the ports; a hub that knew one would have to learn the next."""
    vendor = re.compile(r"kerong|cu48|cu16|cu60|lock8a|wkly|dc02|winnsen|escpos", re.IGNORECASE)
    above = ("contract", "edge/core", "edge/services", "edge/store", "edge/kiosk", "edge/uplink", "hub")
    found = [
        where(path, number)
        for path in python_files(*above)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if vendor.search(line)
    ]
    assert found == []


def method_of_a_value(node: ast.Call) -> bool:
    """`compartment.open()` is a word of ours; the builtin `open(...)` and `datetime.now()` are not."""
    return isinstance(node.func, ast.Attribute) and node.func.attr in {"open", "print"}


def test_the_core_never_waits() -> None:
    found = [
        where(path, node.lineno)
        for path in python_files("edge/core", "hub/core")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Await | ast.AsyncFunctionDef | ast.AsyncWith | ast.AsyncFor)
    ]
    assert found == []


def unexcused(path: Path) -> Iterator[str]:
    """Suppressions without a reason behind or above them; the second of one code in a file needs none of its own."""
    suppression = re.compile(r"# *(noqa:? *[A-Z\d, ]*|type: *ignore(?:\[[^]]*\])?)(.*)$")
    excused, above = set(), ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := suppression.search(line):
            code, reason = (part.strip(" ,-#") for part in match.groups())
            if reason or above.startswith("#"):
                excused.add(code)
            elif code not in excused:
                yield where(path, number)
        above = line.strip()


def test_every_suppressed_finding_has_its_reason() -> None:
    assert [place for path in python_files(*PACKAGES) for place in unexcused(path)] == []


def test_nothing_is_left_to_be_done() -> None:
    marker = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
    found = [
        where(path, number)
        for path in python_files(*PACKAGES)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marker.search(line)
    ]
    assert found == []


def test_the_version_is_the_same_everywhere() -> None:
    """The programs run from a checkout, where no package metadata tells it."""
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == VERSION


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize(
    "document",
    [
        "README.md", "CONTRIBUTING.md", "docs/architecture.md", "docs/setup-hub.md", "docs/setup-station.md",
    ],
)  # fmt: skip
def test_documents_name_only_targets_that_exist(document: str) -> None:
    text = (ROOT / document).read_text(encoding="utf-8")
    # Spans of code only: "make a case" is English.
    code = " ".join(re.findall(r"`[^`\n]+`", text) + re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL))
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code))
    assert named <= makefile_targets()


@pytest.mark.parametrize(
    "document",
    sorted(str(p.relative_to(ROOT)) for p in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]),
)
def test_documents_name_only_files_that_exist(document: str) -> None:
    """Paths in code spans with a folder of ours in front, and relative links, lead somewhere."""
    path = ROOT / document
    text = path.read_text(encoding="utf-8")
    spans = re.findall(r"`((?:contract|edge|hub|hall|tests|docs|firmware_configs|\.ci)/[\w./-]*\w)/?`", text)
    links = [target.split("#")[0] for target in re.findall(r"\]\((?!https?:)([^)#][^)]*)\)", text)]
    missing = [name for name in spans if not (ROOT / name).exists() and not (ROOT / f"{name}.py").exists()]
    missing += [name for name in links if not (path.parent / name).exists()]
    assert missing == []


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_hashed_and_name_no_place(name: str) -> None:
    lines = (ROOT / name).read_text().splitlines()
    entries = [line for line in lines if not line.startswith((" ", "#"))]
    assert [line for line in lines if "://" in line or line.startswith("--")] == []
    assert len(entries) > 20
    assert [line for line in entries if not re.match(r"^[a-z0-9][a-z0-9.\[\]-]*==\S+( ; .+)? \\$", line)] == []
    assert sum("--hash=sha256:" in line for line in lines) >= len(entries)


def test_development_adds_to_the_product_and_changes_nothing() -> None:
    """The same environment serves `make demo` and `make test` only if every pin of the one is a pin of the other."""

    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([^\s#]+==[^\s\\]+)", (ROOT / name).read_text(), re.MULTILINE))

    assert pins("requirements.txt") - pins("requirements-dev.txt") == set()


@pytest.mark.parametrize("folder", VENDORED)
def test_vendored_files_are_the_released_ones(folder: str) -> None:
    table = re.findall(r"^\| `([\w.]+)` \|.*`([0-9a-f]{64})` \|$", (ROOT / folder / "README.md").read_text(), re.M)
    assert {name for name, _ in table} == {path.name for path in (ROOT / folder).glob("*.js")} != set()
    for name, digest in table:
        assert hashlib.sha256((ROOT / folder / name).read_bytes()).hexdigest() == digest


def test_the_npm_lock_is_complete_without_addresses() -> None:
    text = (ROOT / ".ci" / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert text.count('"integrity": "sha512-') > 100


def direct_dependencies() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    return {re.match(r"[a-z0-9-]+", line).group() for line in wanted}  # type: ignore[union-attr] # a name is always there


def documented_licences() -> dict[str, str]:
    """Package -> licence of the tables in docs/dependencies.md that list Python packages."""
    text = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").split("## Vendored")[0]
    return dict(re.findall(r"^\| ([a-z0-9-]+) \| ([^|]+?) \|", text, re.MULTILINE))


def test_every_direct_dependency_is_explained() -> None:
    assert set(documented_licences()) - {"package"} == direct_dependencies()


@pytest.mark.parametrize("package", sorted(direct_dependencies()))
def test_documented_licences_are_those_of_the_installed_packages(package: str) -> None:
    """By the licence expression (PEP 639); older metadata has only a classifier, which names the family."""
    metadata = importlib.metadata.metadata(package)
    documented = documented_licences()[package]
    if metadata["License-Expression"]:
        assert documented == metadata["License-Expression"]
    else:
        declared = f"{metadata['License']} {metadata.get_all('Classifier')}"
        assert documented.split("-")[0] in declared
