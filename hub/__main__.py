"""`python -m hub COMMAND`: every process and every tool of the hub."""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import logging
import socket
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeAlias

from hub import clients_cli, paper_keys_cli, people_cli
from hub.app import database, run_dispatch, run_hub, run_notify
from hub.clock import clock_from
from hub.config import DEFAULT_BROKER, DEFAULT_DATABASE, BrokerConfig, HubConfig, WebConfig, worker_name
from hub.dispatch.offline import add_token, read_body_file, sign_apart, sign_into, station_name
from hub.dispatch.service import SigningKeys
from hub.errors import ConfigError, HubError
from hub.notify.texts import Wording
from hub.services.key_files import KINDS, make_pair, private_file, sealing_key, shared_secret, signing_key
from hub.services.ledger import current_ledger, renew
from hub.services.verify_audit import verify_chains

Group: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
Command = Callable[[argparse.Namespace], Coroutine[Any, Any, int]]

DEFAULT_KEYS = Path("var/keys/hub")


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the exit status is 0 for success, 1 for a finding, 2 for wrong options."""
    parser = argparse.ArgumentParser(prog="python -m hub", description="Nightdesk hub 夜间服务台中枢")
    parser.add_argument("--log-level", default="INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
    group = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_run(group)
    _add_dispatch(group)
    _add_notify(group)
    _add_database_tools(group)
    _add_keys(group)
    _add_document(group)
    people_cli.add_commands(group)
    paper_keys_cli.add_commands(group, DEFAULT_KEYS)
    clients_cli.add_commands(group)
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
    parser.add_argument("--clock-shift", type=Path, metavar="FILE", help="seconds to add to the clock (demonstration)")
    parser.set_defaults(run=lambda arguments: asyncio.run(command(arguments)))
    return parser


def _add_broker(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--broker", default=DEFAULT_BROKER, metavar="URL", help="mqtt://HOST:PORT or mqtts://HOST:PORT")
    parser.add_argument("--broker-ca", type=Path, metavar="FILE")
    parser.add_argument("--broker-cert", type=Path, metavar="FILE")
    parser.add_argument("--broker-key", type=Path, metavar="FILE")
    parser.add_argument("--worker", help="unique among the processes of its kind at one broker")


def _broker(arguments: argparse.Namespace) -> BrokerConfig:
    return BrokerConfig(arguments.broker, arguments.broker_ca, arguments.broker_cert, arguments.broker_key)


def _add_keys_option(parser: argparse.ArgumentParser, names: str) -> None:
    parser.add_argument("--keys", type=Path, default=DEFAULT_KEYS, metavar="DIR", help=f"folder with {names}")


def _add_run(group: Group) -> None:
    run = _command(group, "run", _run, "take in events, serve the desk and the API")
    _add_broker(run)
    run.add_argument("--host", default="127.0.0.1", help="other than loopback needs --tls-cert and --tls-key")
    run.add_argument("--port", type=int, default=8201)
    run.add_argument("--name", action="append", default=[], metavar="HOST", help="host name of the desk, several times")
    run.add_argument("--tls-cert", type=Path, metavar="FILE")
    run.add_argument("--tls-key", type=Path, metavar="FILE")
    run.add_argument("--files", type=Path, metavar="DIR", help="contents of submissions; hub-files beside the database")
    run.add_argument(
        "--files-key", type=Path, metavar="FILE", help="64 hexadecimal digits; made beside the folder if new"
    )
    run.add_argument(
        "--files-days-unnamed", type=int, default=180, metavar="DAYS", help="0 keeps all contents for ever"
    )
    run.add_argument(
        "--paper-keys", type=Path, default=DEFAULT_KEYS, metavar="DIR", help="private keys of `paper make-key`"
    )
    run.add_argument("--pdf-roots", type=Path, metavar="FILE", help="PEM: authorities that sign received PDFs")
    run.add_argument("--paper-link", default="", metavar="HTTPS://HOST/V/", help="what QR codes on papers lead to")
    run.add_argument("--card-key", type=Path, metavar="FILE", help="64 hexadecimal digits; stations have a copy")


async def _run(arguments: argparse.Namespace) -> int:
    card_key = None if arguments.card_key is None else shared_secret(arguments.card_key)
    names = tuple(arguments.name)
    web = WebConfig(arguments.host, arguments.port, arguments.tls_cert, arguments.tls_key, names, card_key)
    worker = arguments.worker or worker_name(socket.gethostname(), arguments.port)
    broker, shift = _broker(arguments), arguments.clock_shift
    contents = (arguments.files, arguments.files_key, arguments.files_days_unnamed)
    papers = (arguments.paper_keys, arguments.pdf_roots, arguments.paper_link)
    await run_hub(HubConfig(arguments.database, broker, web, worker, shift, *contents, *papers))
    return 0


def _add_dispatch(group: Group) -> None:
    dispatch = _command(group, "dispatch", _dispatch, "sign and send commands and documents; one process is enough")
    _add_broker(dispatch)
    _add_keys_option(dispatch, "dispatch.jwk and documents.jwk")


async def _dispatch(arguments: argparse.Namespace) -> int:
    commands, documents = (signing_key(private_file(arguments.keys, kind)) for kind in ("dispatch", "documents"))
    worker = arguments.worker or worker_name(socket.gethostname(), 0)
    config = HubConfig(arguments.database, _broker(arguments), WebConfig(), worker, arguments.clock_shift)
    await run_dispatch(config, SigningKeys(commands, documents))
    return 0


def _add_notify(group: Group) -> None:
    notify = _command(group, "notify", _notify, "tell recipients their pickup codes, then erase them")
    notify.add_argument("--broker", help="accepted, not used: notify works from the database alone")
    _add_keys_option(notify, "notify.jwk")
    notify.add_argument("--sms-log", type=Path, default=Path("var/sms.log"), metavar="FILE")
    notify.add_argument("--signature", default=Wording.signature, help="who signs the messages")
    notify.add_argument("--place", default=Wording.place, help="how the station's place is called in messages")
    notify.add_argument("--place-of", action="append", default=[], metavar="STATION=TEXT", help="may be repeated")


async def _notify(arguments: argparse.Namespace) -> int:
    key = sealing_key(private_file(arguments.keys, "notify"))
    places = dict(text.split("=", 1) for text in arguments.place_of if "=" in text)
    if len(places) != len(arguments.place_of):
        raise ConfigError("--place-of", "STATION=TEXT, each station once")
    wording = Wording(arguments.signature, arguments.place, places)
    config = HubConfig(arguments.database, clock_shift=arguments.clock_shift)
    await run_notify(config, key, arguments.sms_log, wording)
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


def _add_keys(group: Group) -> None:
    keys = group.add_parser("keys", help="make a key pair", description="make a key pair; nothing is overwritten")
    keys.add_argument("kind", choices=KINDS)
    keys.add_argument("--kid", help="the name by which stations pin it; KIND-1 otherwise")
    keys.add_argument("--out", type=Path, default=DEFAULT_KEYS, metavar="DIR")
    keys.set_defaults(run=_keys)


def _keys(arguments: argparse.Namespace) -> int:
    for path in make_pair(arguments.out, arguments.kind, arguments.kid or f"{arguments.kind}-1"):
        print(path)
    return 0


def _add_document(group: Group) -> None:
    document = group.add_parser("document", help="sign a document by hand, or bring in one signed elsewhere")
    actions = document.add_subparsers(required=True, metavar="sign|add")
    sign = _command(actions, "sign", _sign, "sign a document; --out writes it to a file instead of the database")
    sign.add_argument("--kind", choices=["config", "expected", "staff"], required=True)
    sign.add_argument("--station", required=True)
    sign.add_argument("--key", type=Path, required=True, metavar="FILE", help="private Ed25519 JWK")
    sign.add_argument("--in", dest="body", type=Path, required=True, metavar="FILE", help="the body as JSON")
    sign.add_argument("--out", type=Path, metavar="FILE", help="needs --version")
    sign.add_argument("--version", type=int)
    add = _command(actions, "add", _add, "store a document that was signed on another machine")
    add.add_argument("--in", dest="token", type=Path, required=True, metavar="FILE")


async def _sign(arguments: argparse.Namespace) -> int:
    key, station = signing_key(arguments.key), station_name(arguments.station)
    body, now = read_body_file(arguments.body, arguments.kind), clock_from(arguments.clock_shift).now()
    if (arguments.out is None) != (arguments.version is None):
        raise ConfigError("--out", "together with --version")
    if arguments.out is not None:
        token = sign_apart(key, arguments.kind, station, arguments.version, body, now)
        arguments.out.write_text(token, encoding="ascii")
        return 0
    async with database(arguments.database) as engine:
        document = await sign_into(engine, key, arguments.kind, station, body, now)
    print("unchanged" if document is None else f"{document.kind} {document.version} for {document.station}")
    return 0


async def _add(arguments: argparse.Namespace) -> int:
    token = arguments.token.read_text(encoding="ascii").strip()
    async with database(arguments.database) as engine:
        document = await add_token(engine, token, hashlib.sha256(token.encode()).hexdigest())
    print(f"{document.kind} {document.version} for {document.station}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
