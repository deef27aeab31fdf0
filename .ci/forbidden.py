"""Find what must not be in a tracked file: package registries' addresses and paths of one developer's machine.

`python .ci/forbidden.py [FOLDER]` prints `file:line: what` and exits 1 if it found something. Mirrors differ from
place to place, so an address in a file breaks somebody's installation; a machine path works on one machine only.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

# Put together here, or this file would find itself.
_HOSTS = [
    ("pypi", "org"),
    ("python" + "hosted", "org"),
    ("registry", "npmjs", "org"),
    ("registry", "yarnpkg", "com"),
    ("deb", "debian", "org"),
    ("security", "debian", "org"),
]
_FOLDERS = ["work", "root", "home", "opt/pypi", "opt/wheels", "Users"]

FORBIDDEN = {
    "address of a package registry": re.compile("|".join(re.escape(".".join(host)) for host in _HOSTS)),
    "path of one machine": re.compile(r"(?<![\w.~/*}-])/(?:" + "|".join(_FOLDERS) + r")/(?=\w)"),
    "a private key": re.compile("-----BEGIN [A-Z ]*PRIVATE" + " KEY-----"),
}


def tracked(folder: Path) -> list[Path]:
    """Every file that git tracks in the folder, as it stands in the working tree."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=folder, capture_output=True, check=True).stdout.decode()
    return [path for name in listing.split("\0") if name and (path := folder / name).is_file()]


def findings(folder: Path) -> Iterator[str]:
    """Yield `file:line: what` for each forbidden thing; files that are not text are passed over."""
    for path in tracked(folder):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(text.splitlines(), 1):
            for what, pattern in FORBIDDEN.items():
                if pattern.search(line):
                    yield f"{path.relative_to(folder)}:{number}: {what}"


def main() -> int:
    """Print the findings; the exit status says whether there were any."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent
    found = list(findings(folder))
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
