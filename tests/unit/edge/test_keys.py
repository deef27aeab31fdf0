"""Keys of a station: made once, believed only when nobody else can read them, and never a private key of the hub."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from contract.paper_codes import key_name
from contract.sealed import new_sealing_key
from contract.signing import load_key, new_signing_key
from edge import keys
from edge.config import StationConfig
from edge.errors import ConfigError

FILE = Path("station.toml")


@pytest.fixture
def config(tmp_path: Path) -> StationConfig:
    def public(name: str, key: Any) -> str:  # noqa: ANN401  an EC or an OKP key
        (tmp_path / f"{name}.jwk").write_text(json.dumps(key.as_dict(private=False)))
        return str(tmp_path / f"{name}.jwk")

    return StationConfig.model_validate(
        {
            "station": {
                "id": "dc-24h-01",
                "name_zh": "甲",
                "name_en": "A",
                "data_dir": str(tmp_path / "data"),
                "key_file": str(tmp_path / "keys" / "station.key"),
            },
            "hub": {
                "broker": "mqtt://127.0.0.1:1",
                "documents_url": "http://127.0.0.1:1",
                "documents_token_file": str(tmp_path / "token"),
                "notify_key": {"kid": "notify-1", "jwk_file": public("notify", new_sealing_key("notify-1"))},
                "document_keys": [
                    {
                        "kid": "documents-1",
                        "jwk_file": public("documents", new_signing_key("documents-1")),
                        "kinds": ["expected", "staff"],
                    },
                    {
                        "kid": "offline-1",
                        "jwk_file": public("offline", new_signing_key("offline-1")),
                        "kinds": ["config"],
                    },
                ],
                "command_keys": [],
            },
            "boards": [{"name": "main", "family": "lock8a", "port": "p", "address": 1, "channels": 8}],
            "compartments": [{"number": 1, "board": "main", "channel": 1, "size": "s"}],
        }
    )


def test_a_key_is_made_once_and_read_back(config: StationConfig) -> None:
    assert keys.make_station_key(config)
    secret = keys.station_key(FILE, config)
    assert len(secret) == 32
    assert stat.S_IMODE(config.station.key_file.stat().st_mode) == 0o600
    assert not keys.make_station_key(config)
    assert keys.station_key(FILE, config) == secret


def nothing(_config: StationConfig) -> None:
    """There is no key."""


def readable_by_all(config: StationConfig) -> None:
    keys.make_station_key(config)
    config.station.key_file.chmod(0o640)


def too_short(config: StationConfig) -> None:
    keys.make_station_key(config)
    config.station.key_file.write_text("abcd")


def no_hexadecimal(config: StationConfig) -> None:
    keys.make_station_key(config)
    config.station.key_file.write_text("x" * 64)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (nothing, "python -m edge keys"),
        (readable_by_all, "chmod 600"),
        (too_short, "64 hexadecimal digits"),
        (no_hexadecimal, "64 hexadecimal digits"),
    ],
)
def test_a_key_that_cannot_be_believed_is_refused_in_plain_words(
    config: StationConfig, spoil: Callable[[StationConfig], None], expected: str
) -> None:
    spoil(config)
    with pytest.raises(ConfigError, match=expected) as caught:
        keys.station_key(FILE, config)
    assert caught.value.key == "station.key_file"


def test_a_key_inside_the_data_directory_is_refused(config: StationConfig, tmp_path: Path) -> None:
    station = config.station.model_copy(update={"key_file": tmp_path / "data" / "station.key"})
    inside = config.model_copy(update={"station": station})
    keys.make_station_key(inside)
    with pytest.raises(ConfigError, match="outside"):
        keys.station_key(FILE, inside)


def test_public_keys_are_sorted_by_what_they_may_sign(config: StationConfig) -> None:
    assert {kind: list(pins) for kind, pins in keys.document_keys(FILE, config).items()} == {
        "expected": ["documents-1"],
        "staff": ["documents-1"],
        "config": ["offline-1"],
    }
    assert keys.notify_key(FILE, config).kid == "notify-1"
    assert keys.command_keys(FILE, config) == {}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", "JWK"),
        ("{}", "JWK"),
        (json.dumps(new_signing_key("documents-1").as_dict(private=True)), "private"),
        (json.dumps(new_signing_key("other").as_dict(private=False)), "kid"),
        (json.dumps(new_sealing_key("documents-1").as_dict(private=False)), "Ed25519"),
    ],
    ids=["empty", "object", "private", "kid", "curve"],
)
def test_a_file_that_holds_something_else_is_named(config: StationConfig, content: str, expected: str) -> None:
    config.hub.document_keys[0].jwk_file.write_text(content)
    with pytest.raises(ConfigError, match=expected) as caught:
        keys.document_keys(FILE, config)
    assert caught.value.key.startswith("hub.document_keys[0]")


def test_a_missing_file_is_named(config: StationConfig) -> None:
    config.hub.notify_key.jwk_file.unlink()
    with pytest.raises(ConfigError, match=r"hub\.notify_key\.jwk_file"):
        keys.notify_key(FILE, config)


def test_files_have_a_key_of_their_own() -> None:
    secret = bytes(range(32))
    key = keys.file_key(secret)
    assert len(key) == 32
    assert key != secret
    assert key == keys.file_key(secret) != keys.file_key(bytes(32))


def test_the_key_of_slips_is_written_for_the_hub_without_its_private_half(config: StationConfig) -> None:
    assert keys.make_station_key(config)
    secret = keys.station_key(FILE, config)
    file = keys.write_paper_key(config, secret)
    assert file.parent == config.station.key_file.parent
    public = load_key(file)
    assert not public.is_private
    assert key_name(public) == key_name(keys.paper_key(secret))
    assert key_name(public) != key_name(keys.paper_key(b"another secret, not the station's"))
