"""`python -m contract.paper_check --keys FILE [CODE]`: what the codes on papers are worth, without any line.

FILE is the published list (`GET /paper-keys` of the hub), saved from a line that is trusted: all rests on
it. Revocations after its day are not known here, and whether a paper was replaced never is; the hub's page says.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from contract.paper_codes import Finding, IssuingKeyList, Verdict, check, digest_of_facts, show_short

OLD = timedelta(days=7)
WORDS: dict[Finding, tuple[str, str]] = {
    Finding.GENUINE: ("签名真实", "GENUINE signature"),
    Finding.NO_CODE: ("不是完整的核验码", "NO CODE, or part of one"),
    Finding.UNKNOWN_KEY: ("签发密钥不在清单中", "UNKNOWN KEY: not in the list"),
    Finding.FORGED: ("伪造：签名不符", "FORGED: not signed by the key that it names"),
    Finding.NOT_ENTITLED: ("密钥无权签发此类纸张", "NOT ENTITLED: this key issues no such papers"),
    Finding.OUT_OF_PERIOD: ("签发日期不在密钥有效期内", "OUT OF PERIOD: dated when its key was not in use"),
    Finding.KEY_REVOKED: ("签发密钥已被吊销", "KEY REVOKED: ask the hub's page"),
}


def main(arguments: list[str], now: Callable[[], datetime], lines: Iterable[str]) -> int:
    """Check the codes that are named, else one a line; 0 when all are genuine, 1 when one is not, 2 for wrong input."""
    parser = argparse.ArgumentParser(prog="python -m contract.paper_check", description=__doc__)
    parser.add_argument("--keys", type=Path, required=True, metavar="FILE", help="the published list, saved")
    parser.add_argument("--content", type=Path, metavar="FILE", help="the PDF, or the facts as JSON, of the paper")
    parser.add_argument("codes", nargs="*", metavar="CODE")
    chosen = parser.parse_args(arguments)
    try:
        keys = IssuingKeyList.model_validate_json(chosen.keys.read_bytes())
        digest = None if chosen.content is None else _digest(chosen.content)
    except (OSError, ValidationError) as error:
        return _wrong(f"{type(error).__name__}: --keys, --content")
    at = now()
    if at - keys.made_at > OLD:
        _tell(f"! 清单是 {keys.made_at:%Y-%m-%d} 的，此后的吊销未知 the list is old: later revocations are not known")
    told = [_report(check(code, keys, at), digest) for code in chosen.codes or map(str.strip, lines) if code]
    return 0 if told and all(told) else 1


def _report(verdict: Verdict, digest: str | None) -> bool:
    good = verdict.finding is Finding.GENUINE
    _tell(" ".join(WORDS[verdict.finding]))
    if good:
        _tell(f"  {verdict.kind}  {verdict.number}  {verdict.issued_on}  {verdict.issuer}  {show_short(verdict.short)}")
    if good and digest is not None:
        good = verdict.speaks_of(digest)
        _tell("  内容一致 the content is the one that was signed" if good else "  内容不符 ANOTHER CONTENT was signed")
    return good


def _digest(path: Path) -> str:
    content = path.read_bytes()
    try:
        facts = json.loads(content)
    except ValueError:
        facts = None
    return digest_of_facts(facts) if isinstance(facts, dict) else hashlib.sha256(content).hexdigest()


def _wrong(what: str) -> int:
    sys.stderr.write(f"无法读取 cannot be read: {what}\n")
    return 2


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], lambda: datetime.now(UTC), sys.stdin))
