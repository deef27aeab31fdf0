"""Make `.venv` hold exactly what a hashed requirements file says: `python .ci/environment.py requirements.txt`.

Only the standard library is at hand here. The second start is instant: the SHA-256 of the installed file is
remembered inside the environment. Exit status 2 with a sentence tells what the machine lacks.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "nightdesk-requirements.json"


def main(requirements: str) -> int:
    """Create or renew the environment; returns the exit status."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file runs under whatever Python the machine has
        return lacks(f"Python 3.11 or newer ({sys.executable} is {sys.version.split()[0]}); name one: make PYTHON=…")
    stamps = installed()
    if requirements in stamps:
        return 0
    if not usable() and not create():
        return lacks("ensurepip of the standard library (on Debian: apt-get install python3-venv)")
    print(f"installing {requirements} into .venv (only the first time, or when the file changed)", flush=True)
    STAMP.unlink(missing_ok=True)  # from here until the end the environment is neither the old nor the new one
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    result = subprocess.run([*pip, "-r", requirements], cwd=ROOT, check=False)
    if result.returncode == 0:
        STAMP.write_text(json.dumps({**stamps, requirements: digest(requirements)}))
    return result.returncode


def lacks(what: str) -> int:
    """Say what is missing; 2 as exit status."""
    print(f"this machine lacks {what}", file=sys.stderr)
    return 2


def digest(requirements: str) -> str:
    """SHA-256 of a requirements file, "" if there is none."""
    path = ROOT / requirements
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else ""


def installed() -> dict[str, str]:
    """File name -> SHA-256 of what the environment holds, without the files that changed since.

    requirements-dev.txt holds the pins of requirements.txt too, so both may be true of one environment.
    """
    if not (usable() and STAMP.exists()):
        return {}
    stamps: dict[str, str] = json.loads(STAMP.read_text())
    return {name: digest_ for name, digest_ in stamps.items() if digest_ == digest(name)}


def usable() -> bool:
    """Whether the environment's own interpreter starts (its base may have been removed) and has pip."""
    if not os.access(PYTHON, os.X_OK):
        return False
    probe = subprocess.run([str(PYTHON), "-c", "import pip"], capture_output=True, check=False)
    return probe.returncode == 0


def create() -> bool:
    """Make the environment anew; False if this Python cannot (Debian splits ensurepip off)."""
    if importlib.util.find_spec("ensurepip") is None:
        return False
    venv.create(VENV, clear=True, with_pip=True)
    return True


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} REQUIREMENTS")
    sys.exit(main(sys.argv[1]))
