"""Pages of one document: order, retaking, and keys that are never given twice."""

from __future__ import annotations

from dataclasses import replace

from edge.core.page_list import MOST_PAGES, PageList
from edge.ports import Page


def page(mark: str) -> Page:
    return Page(mark.encode(), b"small " + mark.encode(), 1, 1, 300, 300, "a4")


def taken(*marks: str) -> PageList:
    pages = PageList()
    for mark in marks:
        pages = pages.take(page(mark))
    return pages


def order(pages: PageList) -> str:
    return b"".join(each.page.jpeg for each in pages.pages).decode()


def test_pages_move_one_place_and_not_beyond_the_ends() -> None:
    pages = taken("a", "b", "c")
    assert order(pages.move(1, 1)) == "bac"
    assert order(pages.move(3, -1)) == "acb"
    assert order(pages.move(1, -1)) == order(pages.move(3, 1)) == order(pages.move(9, 1)) == "abc"


def test_a_page_taken_again_keeps_its_place_and_gets_a_new_key() -> None:
    pages = taken("a", "b", "c").retake(2).take(page("x"))
    assert (order(pages), [each.key for each in pages.pages], pages.retaking) == ("axc", [1, 4, 3], None)
    assert pages.retake(3).retake(3).retaking is None


def test_a_removed_page_is_not_retaken_and_its_key_hits_nothing() -> None:
    pages = taken("a", "b").retake(2).remove(2)
    assert (order(pages), pages.retaking, pages.get(2)) == ("a", None, None)
    assert pages.take(page("c")).pages[-1].key == 3


def test_a_turned_page_stays_where_it_is() -> None:
    turned = taken("a", "b").turned(1, lambda each: replace(each, jpeg=b"A", thumbnail=b"turned"))
    assert order(turned) == "Ab"
    assert [each.turns for each in turned.pages] == [1, 0]


def test_later_pages_are_compared_with_pages_as_they_lay_but_not_with_the_one_they_replace() -> None:
    pages = taken("a", "b").turned(1, lambda each: replace(each, thumbnail=b"turned"))
    assert pages.first_looks == (b"small a", b"small b")
    assert pages.retake(1).first_looks == (b"small b",)
    assert pages.remove(2).first_looks == (b"small a",)


def test_a_full_list_takes_no_more() -> None:
    pages = taken(*"x" * MOST_PAGES)
    assert pages.full
    assert len(pages.take(page("y")).pages) == MOST_PAGES
