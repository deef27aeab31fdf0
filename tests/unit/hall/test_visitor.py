"""Reading pages as a person does: forms with their fields, buttons and choices."""

from __future__ import annotations

import httpx
import pytest

from hall.visitor import Page, PageError, read_page

PAGE = """<!doctype html><html><body><main data-screen="deposit" data-step="size"><h1>大小&amp;重量</h1>
<style>.x{}</style><script>var hidden = 1;</script>
<form method="post" action="/size"><input type="hidden" name="token" value="abc"><br>
  <button name="size" value="s" data-test="size-s">小 <b>Small</b></button>
  <button name="size" value="l" data-test="size-l" disabled>大</button>
  <button type="button" data-key="1">1</button></form>
<form action="/case"><select name="item"><option value="a">A</option><option value="b" selected>B</option></select>
  <input type="radio" name="station" value="one"><input type="radio" name="station" value="two" checked>
  <input name="recipient"><textarea name="note"></textarea><button>Go</button></form>
<p data-test="message" data-message="wrong_code">No <b>luck</b></p></main></body></html>"""


@pytest.fixture
def page() -> Page:
    return read_page(httpx.Response(200, text=PAGE, request=httpx.Request("GET", "http://127.0.0.1/")))


def test_sees_screen_and_marks(page: Page) -> None:
    assert (page.data("screen"), page.data("step")) == ("deposit", "size")
    assert page.get(data_test="message").text == "No luck"
    assert page.get(data_message="wrong_code").attributes["data-test"] == "message"
    assert "hidden" not in page.text
    assert "大小&重量" in page.text


def test_sees_what_a_form_would_send(page: Page) -> None:
    size, case = page.forms
    assert size.fields == {"token": "abc"}
    assert [button.attributes["data-test"] for button in size.buttons] == ["size-s"]
    assert size.buttons[0].label == "小 Small"
    assert case.fields == {"item": "b", "station": "two", "recipient": "", "note": ""}
    assert case.choices == {"item": ["a", "b"], "station": ["one", "two"]}


def test_says_what_the_page_lacks(page: Page) -> None:
    with pytest.raises(PageError, match=r"data_test.*大小"):
        page.get(data_test="receipt-number")
    with pytest.raises(PageError, match="only: /size, /case"):
        page.form(lambda form: form.action == "/ready", "to /ready")
