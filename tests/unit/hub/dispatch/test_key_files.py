from __future__ import annotations

import stat
from pathlib import Path

import pytest

from contract.sealed import load_sealing_key
from contract.signing import load_key
from hub.errors import ConfigError
from hub.services.key_files import KINDS, make_pair, sealing_key, signing_key


@pytest.mark.parametrize("kind", KINDS)
def test_a_pair_is_made_once_and_kept_private(tmp_path: Path, kind: str) -> None:
    private, public = make_pair(tmp_path / "keys", kind, f"{kind}-1")
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    load = load_sealing_key if kind == "notify" else load_key
    assert load(private).is_private
    assert not load(public).is_private
    assert load(public).kid == f"{kind}-1"
    before = private.read_bytes()
    with pytest.raises(ConfigError, match="not overwritten"):
        make_pair(tmp_path / "keys", kind, "another")
    assert private.read_bytes() == before


def test_another_file_is_no_key(tmp_path: Path) -> None:
    private, public = make_pair(tmp_path, "dispatch", "dispatch-1")
    assert signing_key(private).kid == "dispatch-1"
    for wrong in (public, tmp_path / "missing", make_pair(tmp_path, "notify", "notify-1")[0]):
        with pytest.raises(ConfigError, match=str(wrong)):
            signing_key(wrong)
    with pytest.raises(ConfigError):
        sealing_key(private)
