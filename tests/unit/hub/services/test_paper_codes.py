"""Keys that issue papers, codes of ordered papers, and what the hub says of a paper that somebody holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from contract.paper_codes import BEIJING, Finding, check, digest_of_facts, issue, key_name, short, show_short
from contract.pdf_signatures import PdfSignatures
from contract.print_orders import PDF_TYPE
from contract.signing import new_signing_key
from hub.db.engine import reading, writing
from hub.db.paper_tables import paper_codes
from hub.db.print_tables import print_jobs, print_orders
from hub.db.tables import audit, station_tokens
from hub.services.file_format import FileKeys
from hub.services.issuing_keys import add_station_key, key_file, key_list, make_key, revoke_key
from hub.services.key_files import write_private
from hub.services.paper_codes import PaperCodes, Worth, revoke_paper, worth_of
from hub.services.print_orders import NewOrder, PaperSeal, make_order
from hub.services.refusals import RefusedError, UnknownSubjectError
from tests.signed_pdfs import AT, overlaid, plain, roots_file, signed
from tests.unit.hub.services.samples import NOW, STATION

SEAL = PaperSeal(FileKeys(b"k" * 32))
FACTS = {"name": "欧阳标记", "number": "1101-0001"}
SIGNED = signed(plain())
UNSOUND = [(plain(), "pdf_unsigned"), (overlaid(SIGNED), "pdf_changed"), (b"%PDF-", "pdf_unreadable")]
LINK = "HTTPS://HUB.EXAMPLE/V/"
TODAY = NOW.astimezone(BEIJING).date()


def an_order(number: str = "1101-0001", **other: object) -> NewOrder:
    content = json.dumps({**FACTS, "number": number}).encode()
    new = NewOrder(
        uuid4(), STATION, "licence_original", number, content, NOW + timedelta(days=3),
        subject="91110101MA01ABCD0X", stock="licence_original", card_hash="c" * 64, mask="欧*",
    )  # fmt: skip
    return replace(new, **other)  # type: ignore[arg-type]  # whatever a case needs


@pytest.fixture
async def here(engine: AsyncEngine) -> AsyncEngine:
    async with writing(engine) as connection:
        row = {"station": STATION, "token_sha256": "t" * 64, "made_at": NOW}
        await connection.execute(insert(station_tokens).values(row))
    return engine


async def ordered(engine: AsyncEngine, folder: Path, new: NewOrder, at: datetime = NOW) -> str:
    """Make the order and return the code of its paper."""
    await make_order(engine, SEAL, at, "office", new, PaperCodes(folder, LINK))
    async with reading(engine) as connection:
        code = await connection.scalar(select(paper_codes.c.code).where(paper_codes.c.order_id == str(new.order)))
    assert isinstance(code, str)
    return code


async def printed(engine: AsyncEngine, new: NewOrder, state: str = "taken") -> None:
    row = {"job": str(uuid4()), "order_id": str(new.order), "station": STATION, "state": state, "at": NOW}
    async with writing(engine) as connection:
        await connection.execute(insert(print_jobs).values(row))


def told(worth: Worth) -> tuple[Finding, str, str]:
    return worth.verdict.finding, worth.standing, worth.verdict.number


async def test_a_paper_carries_a_code_that_anybody_can_check(here: AsyncEngine, tmp_path: Path) -> None:
    kid = await make_key(here, tmp_path, NOW, "chief", 400)
    assert key_file(tmp_path, kid).stat().st_mode & 0o777 == 0o600
    new = an_order()
    code = await ordered(here, tmp_path, new)
    verdict = check(code, await key_list(here, NOW), NOW)
    assert (verdict.finding, verdict.kind, verdict.number) == (Finding.GENUINE, "licence_original", "1101-0001")
    assert verdict.speaks_of(digest_of_facts(json.loads(new.content)))
    async with reading(here) as connection:
        row = (await connection.execute(select(print_orders))).one()
        said = list(await connection.scalars(select(audit.c.body).where(audit.c.body.contains("paper_signed"))))
    facts = json.loads(SEAL.open(row.sealed, row.sha256))
    assert facts == {**FACTS, "qr": LINK + code}
    (body,) = said
    assert digest_of_facts(FACTS) in body
    assert "欧阳" not in body


async def test_the_same_order_another_day_is_the_same_paper(here: AsyncEngine, tmp_path: Path) -> None:
    await make_key(here, tmp_path, NOW, "chief", 400)
    new, codes, later = an_order(), PaperCodes(tmp_path, LINK), NOW + timedelta(days=1)
    first = await ordered(here, tmp_path, new)
    await make_key(here, tmp_path, later, "chief", 400, rotate=True)
    assert not await make_order(here, SEAL, later, "office", new, codes)
    with pytest.raises(RefusedError, match="order_known"):
        await make_order(here, SEAL, later, "office", replace(new, content=b'{"name": "another"}'), codes)
    assert await ordered(here, tmp_path, new) == first


async def test_a_tax_record_prints_the_short_form(here: AsyncEngine, tmp_path: Path) -> None:
    await make_key(here, tmp_path, NOW, "chief", 400)
    new = an_order(layout="tax_record", stock=None, subject=None)
    code = await ordered(here, tmp_path, new)
    async with reading(here) as connection:
        row = (await connection.execute(select(print_orders))).one()
    assert json.loads(SEAL.open(row.sealed, row.sha256))["check_code"] == show_short(short(code))


async def test_without_a_key_nothing_is_ordered(here: AsyncEngine, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="no_paper_key"):
        await ordered(here, tmp_path, an_order())
    kid = await make_key(here, tmp_path, NOW, "chief", 400)
    for at in (NOW + timedelta(days=401), NOW - timedelta(days=1)):
        with pytest.raises(RefusedError, match="no_paper_key"):
            await ordered(here, tmp_path, an_order(), at)
    key_file(tmp_path, kid).unlink()
    write_private(key_file(tmp_path, kid), new_signing_key("papers"))
    with pytest.raises(RefusedError, match="no_paper_key"):
        await ordered(here, tmp_path, an_order())
    async with reading(here) as connection:
        assert list(await connection.execute(select(print_orders))) == []
        assert list(await connection.execute(select(paper_codes))) == []


async def test_what_a_paper_is_worth(here: AsyncEngine, tmp_path: Path) -> None:
    await make_key(here, tmp_path, NOW, "chief", 400)
    old = an_order()
    code = await ordered(here, tmp_path, old)
    assert told(await worth_of(here, code, NOW)) == (Finding.GENUINE, "not_issued", "1101-0001")
    await printed(here, old, "unverified")
    assert (await worth_of(here, code, NOW)).standing == "not_issued"
    await printed(here, old)
    assert told(await worth_of(here, LINK + code.lower(), NOW)) == (Finding.GENUINE, "in_force", "1101-0001")
    assert told(await worth_of(here, show_short(short(code)), NOW)) == (Finding.GENUINE, "in_force", "1101-0001")
    new = an_order("1101-0002", returns=("1101-0001",))
    later = await ordered(here, tmp_path, new)
    assert (await worth_of(here, code, NOW)).standing == "in_force"
    await printed(here, new, "printed")
    replaced = await worth_of(here, code, NOW)
    assert (replaced.standing, replaced.since) == ("replaced", TODAY)
    assert (await worth_of(here, later, NOW)).standing == "in_force"
    await revoke_paper(here, NOW, "chief", "1101-0002", "签发有误")
    assert (await worth_of(here, later, NOW)).standing == "revoked"
    with pytest.raises(UnknownSubjectError):
        await revoke_paper(here, NOW, "chief", "1101-0002", "again")


async def test_a_number_inside_another_is_not_replaced_with_it(here: AsyncEngine, tmp_path: Path) -> None:
    await make_key(here, tmp_path, NOW, "chief", 400)
    old, new = an_order("1101_0001"[:4] + "-1"), an_order("1101-9", returns=("1101-11",), subject="91110101MA01ABCD1X")
    code = await ordered(here, tmp_path, old)
    await ordered(here, tmp_path, new)
    await printed(here, old)
    await printed(here, new)
    assert (await worth_of(here, code, NOW)).standing == "in_force"


async def test_forged_codes_are_worth_nothing(here: AsyncEngine, tmp_path: Path) -> None:
    await make_key(here, tmp_path, NOW, "chief", 400)
    own = new_signing_key("mine")
    forged = issue("licence_original", "1101-0001", TODAY, "0" * 64, own)
    assert told(await worth_of(here, forged, NOW)) == (Finding.UNKNOWN_KEY, "unknown", "")
    for text in ("", "1101-0001", "7K3M-9Q2T-8X4C", "ND1", "%00", "证照", "A" * 5000):
        assert told(await worth_of(here, text, NOW)) == (Finding.NO_CODE, "unknown", "")


async def test_a_lost_key_proves_nothing_and_the_books_do(here: AsyncEngine, tmp_path: Path) -> None:
    kid = await make_key(here, tmp_path, NOW, "chief", 400)
    new = an_order()
    code = await ordered(here, tmp_path, new)
    await printed(here, new)
    taken = new_signing_key("papers")
    stolen = key_file(tmp_path, kid).read_text()
    taken = type(taken).import_key(json.loads(stolen))
    await revoke_key(here, tmp_path, NOW, "chief", kid, "遗失")
    assert not key_file(tmp_path, kid).exists()
    assert told(await worth_of(here, code, NOW)) == (Finding.KEY_REVOKED, "in_force", "1101-0001")
    false = issue("licence_original", "1101-0009", TODAY - timedelta(days=0), "0" * 64, taken)
    assert (await worth_of(here, false, NOW)).standing == "unknown"
    # The same number and day, other content: not the paper in the books.
    twin = issue("licence_original", "1101-0001", TODAY, "0" * 64, taken)
    assert (await worth_of(here, twin, NOW)).standing == "unknown"
    with pytest.raises(RefusedError, match="no_paper_key"):
        await ordered(here, tmp_path, an_order("1101-0003", subject="91110101MA01ABCD2X"))
    with pytest.raises(RefusedError, match="paper_key_revoked"):
        await revoke_key(here, tmp_path, NOW, "chief", kid, "遗失")


async def test_keys_are_made_and_rotated_by_name(here: AsyncEngine, tmp_path: Path) -> None:
    first = await make_key(here, tmp_path, NOW, "chief", 400)
    with pytest.raises(RefusedError, match="paper_key_in_use"):
        await make_key(here, tmp_path, NOW, "chief", 400)
    later = NOW + timedelta(days=10)
    second = await make_key(here, tmp_path, later, "chief", 400, rotate=True)
    keys = {key.kid: key for key in (await key_list(here, later)).keys}
    assert keys[first].valid_until == later
    assert keys[second].valid_until == later + timedelta(days=400)
    assert not key_file(tmp_path, first).exists()
    for days in (0, 4000):
        with pytest.raises(RefusedError, match="paper_key_days"):
            await make_key(here, tmp_path, later, "chief", days, rotate=True)


async def test_a_station_publishes_the_key_of_its_slips(here: AsyncEngine, tmp_path: Path) -> None:
    key, file = new_signing_key("station-papers"), tmp_path / "station.pub.jwk"
    file.write_text(json.dumps(key.as_dict(private=True)))
    with pytest.raises(RefusedError, match="paper_key_odd"):
        await add_station_key(here, NOW, "chief", STATION, file, 3650)
    file.write_text(json.dumps(key.as_dict(private=False)))
    assert await add_station_key(here, NOW, "chief", STATION, file, 3650) == key_name(key)
    with pytest.raises(RefusedError, match="paper_key_known"):
        await add_station_key(here, NOW, "chief", STATION, file, 3650)
    slip = issue("receipt", "7K3M9Q2T8XH", TODAY, "0" * 64, key)
    worth = await worth_of(here, slip, NOW)
    assert (worth.standing, worth.verdict.issuer) == ("in_force", STATION)
    licence = issue("licence_original", "1101-0001", TODAY, "0" * 64, key)
    assert told(await worth_of(here, licence, NOW))[:2] == (Finding.NOT_ENTITLED, "unknown")


async def test_a_received_pdf_is_taken_in_as_it_is_when_it_is_sound(here: AsyncEngine, tmp_path: Path) -> None:
    await make_key(here, tmp_path, AT, "chief", 400)
    codes = PaperCodes(tmp_path, LINK, PdfSignatures(roots_file(tmp_path)))
    pdf = SIGNED
    new = an_order(
        content=pdf, layout="received", media_type=PDF_TYPE, stock=None, subject=None, expires_at=AT + timedelta(days=1)
    )
    assert await make_order(here, SEAL, AT, "office", new, codes)
    async with reading(here) as connection:
        row = (await connection.execute(select(print_orders))).one()
        code = await connection.scalar(select(paper_codes.c.code))
    assert SEAL.open(row.sealed, row.sha256) == pdf
    assert check(str(code), await key_list(here, AT), AT).speaks_of(hashlib.sha256(pdf).hexdigest())


@pytest.mark.parametrize(("pdf", "why"), UNSOUND)
async def test_a_received_pdf_that_is_not_is_refused(here: AsyncEngine, tmp_path: Path, pdf: bytes, why: str) -> None:
    await make_key(here, tmp_path, AT, "chief", 400)
    trusting = PdfSignatures(roots_file(tmp_path))
    new = an_order(
        content=pdf, layout="received", media_type=PDF_TYPE, stock=None, subject=None, expires_at=AT + timedelta(days=1)
    )
    for signatures, reason in ((trusting, why), (None, "no_pdf_roots")):
        with pytest.raises(RefusedError, match=reason):
            await make_order(here, SEAL, AT, "office", new, PaperCodes(tmp_path, LINK, signatures))
    async with reading(here) as connection:
        assert list(await connection.execute(select(print_orders))) == []
