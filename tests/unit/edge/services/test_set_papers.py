"""What is printed is the paper itself, also where its facts ask for a specimen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import pypdfium2
import pytest

from edge.printers.layouts.press import open_press
from edge.services.paper_parts import PrintContent
from edge.services.set_papers import PaperSetter
from tests.print_orders import an_order
from tests.unit.edge.printers.layouts.examples import EXAMPLES
from tests.unit.edge.services.moved_clock import MovedClock


@dataclass
class OnePaper:
    facts: Mapping[str, object]

    async def content(self, order: UUID) -> PrintContent:
        return PrintContent(facts=self.facts)

    async def wipe(self, order: UUID) -> None:
        raise AssertionError("nothing is over")


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "".join(page.get_textpage().get_text_range() for page in document)


@pytest.mark.parametrize("layout", ["licence_original", "licence_copy"])
@pytest.mark.parametrize("production", [True, False])
async def test_a_specimen_never_lands_on_numbered_stock(layout: str, production: bool) -> None:
    content = OnePaper({**EXAMPLES[layout], "production": production})
    async with open_press() as press:
        printed = words(await PaperSetter(press, content, MovedClock()).pdf(an_order(b"{}", layout=layout)))
    assert EXAMPLES[layout]["name"][:4] in printed
    assert "样" not in printed
    assert "营业执照" not in printed.replace(" ", ""), "the stock has its title already"
