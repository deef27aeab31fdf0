"""`python -m hub COMMAND`: every process and every tool of the hub."""

from __future__ import annotations

import argparse
import asyncio
import logging
import socket
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

from hub import people_cli
from hub.app import database, run_hub
from hub.config import DEFAULT_BROKER, DEFAULT_DATABASE, BrokerConfig, HubConfig, WebConfig, worker_name
from hub.errors import HubError
from hub.services.ledger import current_ledger, renew
from hub.services.verify_audit import verify_chains

Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status is 0 for success, 1 for a finding, 2 for wrong options."""
    parser = argparse.ArgumentParser(prog="python -m hub", description="Nightdesk hub 夜间自助服务中心")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    group = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(group)
    _add_database_tools(group)
    people_cli.add_commands(group)
    chosen = parser.parse_args(arguments)
    logging.basicConfig(level=chosen.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)
    try:
        result: int = chosen.run(chosen)
    except HubError as error:
        print(f"配置错误 configuration error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return result


def _command(group: Group, name: str, command: Command, text: str) -> argparse.ArgumentParser:
    parser = group.add_parser(name, help=text, description=text)
    parser.add_argument("--database", default=DEFAULT_DATABASE, metavar="URL")
    parser.set_defaults(run=lambda arguments: asyncio.run(command(arguments)))
    return parser


def _add_run(group: Group) -> None:
    run = _command(group, "run", _run, "take in events, serve the desk and the API")
    _add_broker(run)
    run.add_argument("--host", default="127.0.0.1", help="other than loopback needs --tls-cert and --tls-key")
    run.add_argument("--port", type=int, default=8201)
    run.add_argument("--tls-cert", type=Path, metavar="FILE")
    run.add_argument("--tls-key", type=Path, metavar="FILE")
    run.add_argument("--worker", help="unique among the hub processes of one broker; made of host and port otherwise")


def _add_broker(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--broker", default=DEFAULT_BROKER, metavar="URL", help="mqtt://HOST:PORT or mqtts://HOST:PORT")
    parser.add_argument("--broker-ca", type=Path, metavar="FILE")
    parser.add_argument("--broker-cert", type=Path, metavar="FILE")
    parser.add_argument("--broker-key", type=Path, metavar="FILE")
    parser.add_argument("--clock-shift", type=Path, metavar="FILE", help="seconds to add to the clock (demonstration)")


def _broker(arguments: argparse.Namespace) -> BrokerConfig:
    return BrokerConfig(arguments.broker, arguments.broker_ca, arguments.broker_cert, arguments.broker_key)


async def _run(arguments: argparse.Namespace) -> int:
    web = WebConfig(arguments.host, arguments.port, arguments.tls_cert, arguments.tls_key)
    worker = arguments.worker or worker_name(socket.gethostname(), arguments.port)
    await run_hub(HubConfig(arguments.database, _broker(arguments), web, worker, arguments.clock_shift))
    return 0


def _add_database_tools(group: Group) -> None:
    _command(group, "migrate", _migrate, "bring the database to the newest shape")
    ledger = _command(group, "ledger", _ledger, "show the database's ledger, or renew it after a restore")
    ledger.add_argument("--renew", action="store_true", help="stations then offer again everything they still hold")
    audit = _command(group, "audit", _audit, "verify every audit chain")
    audit.add_argument("what", choices=["verify"], nargs="?", default="verify")


async def _migrate(arguments: argparse.Namespace) -> int:
    async with database(arguments.database):
        return 0


async def _ledger(arguments: argparse.Namespace) -> int:
    async with database(arguments.database) as engine:
        print(await renew(engine) if arguments.renew else await current_ledger(engine))
    return 0


async def _audit(arguments: argparse.Namespace) -> int:
    async with database(arguments.database) as engine:
        findings = await verify_chains(engine)
    for finding in findings:
        print(finding)
    wrong = any(finding.problem for finding in findings)
    print("审计链有误 AUDIT CHAIN BROKEN" if wrong else "审计链完整 all chains are whole")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
