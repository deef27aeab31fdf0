"""The key of the file store: made once, kept apart, never mistaken for another."""

from __future__ import annotations

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hub.errors import ConfigError
from hub.services.file_format import Announced
from hub.services.file_key import open_disk
from tests.unit.hub.services.submission_samples import PDF, place, sha

CONTENT = b"a page of paper"
SAID = Announced(sha(CONTENT), len(CONTENT), PDF)


def test_a_new_folder_gets_a_key_that_only_its_owner_reads(tmp_path: Path) -> None:
    folder, key = tmp_path / "files", tmp_path / "files.key"
    place(open_disk(folder, key), SAID, CONTENT)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert open_disk(folder, key).is_sound(SAID.sha256)


def test_processes_that_start_at_once_have_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        disks = list(pool.map(lambda _: open_disk(tmp_path / "files", tmp_path / "key"), range(8)))
    assert len({disk.keys.proof() for disk in disks}) == 1
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == ["key-proof"]


@pytest.mark.parametrize("what", ["another", "none", "open to others", "no key", "inside"])
def test_a_wrong_key_is_refused_before_anything_is_touched(tmp_path: Path, what: str) -> None:
    folder, key = tmp_path / "files", tmp_path / "key"
    place(open_disk(folder, key), SAID, CONTENT)
    sound = key.read_text()
    if what == "another":
        key.write_text("ab" * 32)
    elif what == "none":
        key.unlink()
    elif what == "open to others":
        key.chmod(0o644)
    elif what == "no key":
        key.write_text("secret")
    else:
        key = folder / "key"
    with pytest.raises(ConfigError, match=r"key"):
        open_disk(folder, key)
    (tmp_path / "key").unlink(missing_ok=True)
    (tmp_path / "key").write_text(sound)
    (tmp_path / "key").chmod(0o600)
    assert open_disk(folder, tmp_path / "key").is_sound(SAID.sha256)


def test_a_start_writes_nothing_once_the_folder_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is no reason not to start."""
    open_disk(tmp_path / "files", tmp_path / "key")

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "open", full)
    open_disk(tmp_path / "files", tmp_path / "key")
    with pytest.raises(ConfigError, match="No space left"):
        open_disk(tmp_path / "others", tmp_path / "other key")


def test_the_folder_tells_nothing_of_a_content(tmp_path: Path) -> None:
    disk = open_disk(tmp_path / "files", tmp_path / "key")
    place(disk, SAID, CONTENT)
    disk.announce("dc-24h-01", Announced(sha(b"coming"), 6, PDF))
    for path in disk.directory.rglob("*"):
        assert SAID.sha256 not in str(path)
        assert sha(b"coming") not in str(path)
        written = path.read_bytes() if path.is_file() else b""
        for secret in (CONTENT, SAID.sha256.encode(), bytes.fromhex(SAID.sha256), sha(b"coming").encode(), b"pdf"):
            assert secret not in written
