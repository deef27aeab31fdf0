"""`python -m edge run | check | keys | commission | labels | calibrate | simulate --station FILE`.

Exit codes: 0 stopped as asked, 1 a check found something wrong, 75 the disk refuses, 78 the configuration is wrong
(sysexits.h), anything else is a bug with its traceback.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.errors import ConfigError, StoreBusyError

EX_TEMPFAIL = 75
EX_CONFIG = 78


def main(arguments: Sequence[str]) -> int:
    """Run one command and return the exit code."""
    if arguments[:1] == ["simulate"]:
        from edge import simulate  # noqa: PLC0415  the station itself never loads simulators

        return simulate.main(arguments[1:])
    if arguments[:1] == ["commission"]:
        from edge.commission import run  # noqa: PLC0415  the station itself never loads the wizard

        return _said(lambda: run.main(arguments[1:]))
    if arguments[:1] == ["labels"]:
        from edge.commission import labels  # noqa: PLC0415

        return _said(lambda: labels.main(arguments[1:]))
    if arguments[:1] == ["calibrate"]:
        from edge.scanners.document_camera import calibrate_run  # noqa: PLC0415

        return _said(lambda: calibrate_run.main(arguments[1:]))
    options = _parse(arguments)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # They name every request; ours say what matters.
    for chatty in ("httpx", "httpcore", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return _said(lambda: _COMMANDS[options.command](options.station))


def _said(command: Callable[[], int]) -> int:
    """Run it and say in one line what a person can mend."""
    try:
        return command()
    except ConfigError as error:
        print(f"配置有误 wrong configuration: {error}", file=sys.stderr)
        return EX_CONFIG
    except StoreBusyError as error:
        print(f"磁盘不可用 the disk refuses: {error}", file=sys.stderr)
        return EX_TEMPFAIL


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m edge", description=__doc__)
    parser.add_argument("command", choices=["run", "check", "keys", "commission", "labels", "calibrate", "simulate"])
    parser.add_argument("--station", type=Path, required=True, help="the station file (TOML)")
    return parser.parse_args(arguments)


def _run(file: Path) -> int:
    from edge.app import run_station  # noqa: PLC0415  a wrong word on the command line is answered at once

    while asyncio.run(run_station(file)):
        from edge.commission.page import serve  # noqa: PLC0415

        if not asyncio.run(serve(file)):
            break
    return 0


def _check(file: Path) -> int:
    from edge.check import check_station  # noqa: PLC0415

    findings = asyncio.run(check_station(file))
    for finding in findings:
        print(finding)
    return 0 if all(finding.ok for finding in findings) else 1


def _keys(file: Path) -> int:
    from edge import keys  # noqa: PLC0415
    from edge.config import load_station  # noqa: PLC0415

    config = load_station(file)
    made = keys.make_station_key(config)
    public = keys.write_paper_key(config, keys.station_key(file, config))
    print(f"{config.station.key_file}: {'新建 made' if made else '已有 was there'}")
    print(f"{public}: `python -m hub paper station-key {config.station.id} FILE`")
    return 0


_COMMANDS = {"run": _run, "check": _check, "keys": _keys}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
