"""Orders of a card, and contents that are here exactly as long as an order needs them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from contract.pdf_signatures import PdfSignatures
from contract.print_orders import RECEIVED
from edge.core.printing import PrintDecision, PrintJob, PrintStep
from edge.services.print_orders import PrintOrders
from edge.services.refusals import RefusedError
from edge.store.files import Files
from edge.store.unit_of_work import Store
from tests.materials import FILE_KEY
from tests.print_orders import CARD, an_order, put_in_force
from tests.signed_pdfs import AT, overlaid, plain, roots_file, signed
from tests.unit.edge.services.moved_clock import MovedClock

SIGNED = signed(plain())
FACTS = b'{"name": "\xe6\xac\xa7\xe9\x98\xb3"}'
ITEM = "11110101MB00001A9B4000131001000202611250001"


@dataclass
class Scene:
    store: Store
    folder: Path
    orders: PrintOrders
    clock: MovedClock

    @property
    def kept(self) -> int:
        return len(list(self.folder.iterdir()))

    async def out(self, order: UUID, step: PrintStep) -> None:
        job = PrintJob(UUID(int=1), order, "licence_original", "1", "licence_original", "nd-1", step)
        await self.store.transact(lambda tx: tx.carry_out_print(PrintDecision(job)))


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    clock = MovedClock()
    async with await Store.open(tmp_path / "station.db", clock) as store:
        files = Files(tmp_path / "papers", FILE_KEY)
        yield Scene(store, tmp_path / "papers", PrintOrders(store, files, clock=clock), clock)
        files.close()


async def test_a_card_sees_its_own_papers_that_are_not_out(scene: Scene) -> None:
    mine, other = an_order(b"1"), an_order(b"2", card_hash="d" * 64)
    staff = an_order(b"3", delivery="pickup", case_number=ITEM)
    await put_in_force(scene.store, mine, other, staff)
    assert await scene.orders.of_card(CARD) == [mine]
    assert await scene.orders.for_pickup() == [staff]
    await scene.out(mine.order, PrintStep.FAILED)
    assert await scene.orders.of_card(CARD) == [mine]
    await scene.out(mine.order, PrintStep.TAKEN)
    assert await scene.orders.of_card(CARD) == []


async def test_a_content_is_missing_then_kept_unreadable_on_the_disk_then_wiped(scene: Scene) -> None:
    order = an_order(FACTS)
    await put_in_force(scene.store, order)
    with pytest.raises(RefusedError, match="paper_not_here"):
        await scene.orders.content(order.order)
    assert await scene.orders.missing() == [order.content]
    await scene.orders.keep(FACTS)
    assert await scene.orders.missing() == []
    assert (await scene.orders.content(order.order)).facts == {"name": "欧阳"}
    assert all(b"name" not in path.read_bytes() for path in scene.folder.iterdir())
    await scene.orders.wipe(order.order)
    assert scene.kept == 1, "it is not out, so its order needs it still"
    await scene.out(order.order, PrintStep.LEFT)
    await scene.orders.wipe(order.order)
    assert scene.kept == 0


async def test_what_no_order_names_is_forgotten_and_swept(scene: Scene) -> None:
    kept, gone = an_order(b"[1]"), an_order(b"[2]")
    await put_in_force(scene.store, kept, gone)
    await scene.orders.keep(b"[1]")
    await scene.orders.keep(b"[2]")
    await put_in_force(scene.store, kept, version=2)
    await scene.orders.forget()
    assert scene.kept == 1
    await put_in_force(scene.store, version=3)
    await scene.orders.sweep()
    assert scene.kept == 0


async def received(scene: Scene, pdf: bytes) -> UUID:
    order = an_order(pdf, layout=RECEIVED, stock=None)
    await put_in_force(scene.store, order)
    await scene.orders.keep(pdf)
    return order.order


async def test_a_received_pdf_is_checked_again_before_it_is_given_out(scene: Scene, tmp_path: Path) -> None:
    signatures = PdfSignatures(roots_file(tmp_path))
    files = Files(tmp_path / "papers", FILE_KEY)
    scene.orders = PrintOrders(scene.store, files, lambda pdf: signatures.check(pdf, AT))
    assert (await scene.orders.content(await received(scene, SIGNED))).pdf == SIGNED
    for pdf, why in ((overlaid(SIGNED), "changed"), (plain(), "unsigned")):
        with pytest.raises(RefusedError) as refused:
            await scene.orders.content(await received(scene, pdf))
        assert refused.value.text == f"print_pdf_{why}"
    files.close()


async def test_without_authorities_no_received_pdf_is_given_out(scene: Scene) -> None:
    with pytest.raises(RefusedError) as refused:
        await scene.orders.content(await received(scene, SIGNED))
    assert refused.value.text == "print_pdf_not_checked"


async def test_what_has_expired_is_neither_offered_nor_kept_once_the_clock_is_set(scene: Scene) -> None:
    order, clock = an_order(FACTS, expires_at=scene.clock.now() + timedelta(hours=1)), scene.clock
    await put_in_force(scene.store, order)
    await scene.orders.keep(FACTS)
    clock.known = False
    clock.pass_hours(2)
    assert await scene.orders.of_card(CARD) == [order], "a clock that nothing has set says nothing"
    clock.known = True
    assert (await scene.orders.of_card(CARD), await scene.orders.missing()) == ([], [])
    await scene.orders.forget()
    assert scene.kept == 0
