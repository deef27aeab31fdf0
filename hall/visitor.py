"""A person at a browser without a browser: loads pages, reads their forms, and posts them as a browser would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

TIMEOUT_S = 30.0

Attributes = dict[str, str]
_VOID = frozenset({"input", "br", "img", "link", "meta", "hr"})


class PageError(Exception):
    """A page was not the one expected, or lacks what was looked for; the message shows what it says."""


@dataclass
class Button:
    """One button of a form; pressing it sends its name and value too."""

    attributes: Attributes
    label: str = ""


@dataclass
class Form:
    """One form: where it goes, the fields as the page filled them, its buttons."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[Button] = field(default_factory=list)

    def button(self, **wanted: str) -> Button | None:
        """The first button with these attributes (`data_test="open"` for `data-test`)."""
        attributes = {name.replace("_", "-"): value for name, value in wanted.items()}
        return next((each for each in self.buttons if attributes.items() <= each.attributes.items()), None)


@dataclass
class Element:
    """An element that carries `data-...` attributes, with all text inside."""

    attributes: Attributes
    text: str = ""


@dataclass(frozen=True)
class Page:
    """What came: address after redirects, status, forms, marked elements, and all visible text."""

    url: str
    status: int
    forms: tuple[Form, ...]
    marked: tuple[Element, ...]
    text: str

    def find(self, **wanted: str) -> Element | None:
        """The first marked element with these attributes (`data_test="slip"` for `data-test`)."""
        attributes = {name.replace("_", "-"): value for name, value in wanted.items()}
        return next((each for each in self.marked if attributes.items() <= each.attributes.items()), None)

    def get(self, **wanted: str) -> Element:
        """Like `find`, but PageError when there is none."""
        found = self.find(**wanted)
        if found is None:
            raise PageError(f"{self.url} ({self.status}) has no {wanted}; it says: {self.text[:600]}")
        return found

    def data(self, name: str) -> str | None:
        """The first `data-NAME` of the page, such as the screen or the step."""
        return next(
            (each.attributes[f"data-{name}"] for each in self.marked if f"data-{name}" in each.attributes), None
        )

    def form(self, wish: Callable[[Form], bool], what: str) -> Form:
        """The first form that fulfils the wish; PageError when there is none."""
        for form in self.forms:
            if wish(form):
                return form
        actions = ", ".join(form.action for form in self.forms)
        raise PageError(f"{self.url} ({self.status}) has no form {what} (only: {actions}); it says: {self.text[:600]}")


class Visitor:
    """One browser session on one site; an async context manager.

    Sends cookies back, names its Origin at a POST as browsers do, follows redirects.
    """

    def __init__(self, site: str) -> None:
        self.site = site
        parts = urlsplit(site)
        self._origin = f"{parts.scheme}://{parts.netloc}"
        self._client = httpx.AsyncClient(base_url=site, follow_redirects=True, timeout=TIMEOUT_S, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()

    async def open(self, path: str = "/") -> Page:
        """Load a page; raises PageError when the site does not answer."""
        try:
            return read_page(await self._client.get(path))
        except httpx.HTTPError as error:
            raise PageError(f"GET {self.site}{path}: {type(error).__name__}") from error

    async def press(self, page: Page, test: str, value: str | None = None, **typed: str) -> Page:
        """Type into the form that has the button `data-test=test` (and this value), and press that button."""
        wanted = {"data_test": test} if value is None else {"data_test": test, "value": value}
        form = page.form(lambda form: form.button(**wanted) is not None, f"with button {test} {value or ''}")
        return await self.send(page, form, form.button(**wanted), typed)

    async def send(self, page: Page, form: Form, button: Button | None, typed: Mapping[str, str]) -> Page:
        """Post a form with what was typed; raises PageError for a field that the form does not have."""
        unknown = set(typed) - set(form.fields) - set(form.choices)
        if unknown:
            raise PageError(f"{page.url}: the form to {form.action} has no {', '.join(sorted(unknown))}")
        fields = {**form.fields, **typed}
        if button is not None and "name" in button.attributes:
            fields[button.attributes["name"]] = button.attributes.get("value", "")
        try:
            answer = await self._client.post(
                urljoin(page.url, form.action), data=fields, headers={"origin": self._origin}
            )
        except httpx.HTTPError as error:
            raise PageError(f"POST {form.action}: {type(error).__name__}") from error
        return read_page(answer)


def read_page(answer: httpx.Response) -> Page:
    """Read an HTML answer."""
    reader = _Reader()
    reader.feed(answer.text)
    return Page(
        str(answer.url), answer.status_code, tuple(reader.forms), tuple(reader.marked), " ".join(reader.text.split())
    )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.marked: list[Element] = []
        self.text = ""
        self._open: list[tuple[str, Element | None]] = []
        self._form: Form | None = None
        self._button: Button | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element = Element(attributes) if any(name.startswith("data-") for name in attributes) else None
        if element is not None:
            self.marked.append(element)
        if tag not in _VOID:
            self._open.append((tag, element))
        if tag == "form":
            self._form = Form(attributes.get("action", ""))
            self.forms.append(self._form)
        elif self._form is not None:
            self._control(self._form, tag, attributes)

    def _control(self, form: Form, tag: str, attributes: Attributes) -> None:
        name = attributes.get("name", "")
        if tag == "button" and attributes.get("type", "submit") == "submit" and "disabled" not in attributes:
            self._button = Button(attributes)
            form.buttons.append(self._button)
        elif tag == "select":
            self._select = name
            form.choices[name] = []
        elif tag == "option" and self._select is not None:
            self._option(form, self._select, attributes)
        elif tag == "input" and attributes.get("type") in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(attributes.get("value", "on"))
            if "checked" in attributes:
                form.fields[name] = attributes.get("value", "on")
        elif tag in ("input", "textarea") and name:
            form.fields[name] = attributes.get("value", "")

    def _option(self, form: Form, name: str, attributes: Attributes) -> None:
        value = attributes.get("value", "")
        form.choices[name].append(value)
        if "selected" in attributes or name not in form.fields:
            form.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        while self._open and tag in (name for name, _ in self._open):
            if self._open.pop()[0] == tag:
                break
        if tag == "form":
            self._form = None
        elif tag == "button":
            self._button = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        if any(name in ("script", "style") for name, _ in self._open):
            return
        self.text += data
        for element in self._marked_open():
            element.text += data
        if self._button is not None:
            self._button.label += data

    def _marked_open(self) -> Iterator[Element]:
        return (element for _, element in self._open if element is not None)
