"""Papers to print in the night: a sheet of numbered stock in the tray, orders for a card, and a person at the slot."""

from __future__ import annotations

import json

from contract.ids import card_hash
from contract.print_orders import PrintOrder
from edge.core.stock import Blank, Place
from edge.scanners.id_reader.simulator import PERSONS
from tests.print_orders import an_order
from tests.unit.edge.printers.layouts.examples import EXAMPLES
from tests.unit.edge.services.night import LICENCES, Night

CARD_KEY = b"c" * 32
CERTIFICATE, RECORD = "91110101MA01ABCD5M", "311016180000000001"
# The output tells of itself by the board's spare channel, or nobody tells and the person says it.
SENSED, TOLD = LICENCES, LICENCES.replace("{output}\n", "")


def licence(**other: object) -> tuple[bytes, PrintOrder]:
    """Return the content and the order of 李's licence copy."""
    facts = EXAMPLES["licence_copy"] | {"production": True}
    return _paper("licence_copy", CERTIFICATE, facts, **({"stock": "licence_copy"} | other))


def record(**other: object) -> tuple[bytes, PrintOrder]:
    """Return the content and the order of a tax record on plain paper."""
    return _paper("tax_record", RECORD, EXAMPLES["tax_record"], **({"stock": None} | other))


def _paper(layout: str, number: str, facts: object, **other: object) -> tuple[bytes, PrintOrder]:
    content = json.dumps(facts, ensure_ascii=False).encode()
    hashed = card_hash(CARD_KEY, PERSONS["li"].fields["number"])
    return content, an_order(content, **({"layout": layout, "certificate": number, "card_hash": hashed} | other))


async def load_sheets(scene: Night, count: int = 3) -> None:
    """Put numbered sheets into the tray, as far as the ledger knows."""
    sheets = [Blank(f"BJ{number:08}", "licence_copy", Place.TRAY, "tray-1", number) for number in range(1, count + 1)]
    await scene.store.transact(lambda tx: tx.save_blanks(sheets))


async def take(scene: Night) -> None:
    """Take what lies in the output."""
    await scene.world.do("licence_printer", take=True)


async def mood(scene: Night, **moods: object) -> None:
    """Let the printer fail in a way of its own."""
    await scene.world.do("licence_printer", moods=moods)
