"""The run directory: made once, found again, wiped only when a run made it."""

from __future__ import annotations

import stat
from datetime import timedelta
from pathlib import Path

from contract.sealed import load_sealing_key
from contract.signing import load_key
from edge.config import load_station
from hall.addresses import Ports, fresh_ports
from hall.directory import MARK, RunDirectory


def prepared(path: Path, ports: Ports | None = None) -> RunDirectory:
    directory = RunDirectory(path)
    directory.prepare(ports or Ports())
    return directory


def test_the_station_file_is_whole_and_stays_inside_the_directory(tmp_path: Path) -> None:
    ports = fresh_ports()
    directory = prepared(tmp_path / "run", ports)
    config = load_station(directory.station_file)
    assert config.kiosk.port == ports.kiosk
    assert config.hub.broker == f"mqtt://127.0.0.1:{ports.network_mqtt}"
    paths = [config.station.data_dir, config.station.key_file, config.hub.documents_token_file]
    paths += [Path(board.port) for board in config.boards]
    assert all(path.is_relative_to(tmp_path / "run") for path in paths)
    assert all(board.settings for board in config.boards)


def test_keys_are_private_pairs_and_stay(tmp_path: Path) -> None:
    first = prepared(tmp_path)
    for secret in (first.keys / "station.key", first.keys / "documents.token", *first.hub_keys.iterdir()):
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert not first.keys.is_relative_to(load_station(first.station_file).station.data_dir)
    for name in ("documents", "offline", "dispatch"):
        private, public = load_key(first.hub_keys / f"{name}.jwk"), load_key(first.keys / f"{name}.pub.jwk")
        assert (private.is_private, public.is_private) == (True, False)
        assert private.thumbprint() == public.thumbprint()
    assert not load_sealing_key(first.keys / "notify.pub.jwk").is_private
    before, people = (first.keys / "station.key").read_text(), first.people()
    again = prepared(tmp_path)
    assert (again.keys / "station.key").read_text() == before
    assert again.people() == people


def test_the_clock_of_the_run_moves(tmp_path: Path) -> None:
    directory = prepared(tmp_path)
    wanted = directory.now() + timedelta(days=2)
    directory.shift_clock(wanted)
    assert abs(directory.now() - wanted) < timedelta(seconds=5)


def test_wiping_leaves_what_is_not_of_the_run(tmp_path: Path) -> None:
    (tmp_path / "slips").mkdir()
    (tmp_path / "holiday.jpg").touch()
    directory = prepared(tmp_path)
    assert (tmp_path / "keys").exists()
    directory.wipe()
    assert sorted(path.name for path in tmp_path.iterdir()) == [MARK, "holiday.jpg", "slips"]


def test_a_directory_that_no_run_made_is_strange(tmp_path: Path) -> None:
    directory = RunDirectory(tmp_path)
    assert not directory.is_strange
    (tmp_path / "keys").mkdir()
    assert directory.is_strange
    directory.wipe()
    assert (tmp_path / "keys").is_dir()
