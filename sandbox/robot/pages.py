"""What a page shows, as far as a robot needs it: forms, links, marked elements. Standard library parser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser

_FIELDS = {"input", "select", "textarea", "button"}
_VOID = {"input", "br", "img", "meta", "link", "hr", "col", "wbr", "area", "base", "source"}


@dataclass
class Element:
    """A tag with its attributes and the text inside it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    def data(self, name: str) -> str | None:
        """Return the value of data-<name>, or None."""
        return self.attributes.get(f"data-{name}")


@dataclass
class Form:
    """A form with its fields as the server filled them in: name -> values. Repeated names keep their order."""

    attributes: dict[str, str]
    fields: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    """Every name that may be filled in, unchecked boxes and empty selects included."""
    boxes: list[tuple[str, str]] = field(default_factory=list)
    """Check boxes and radio buttons: name and value of each, checked or not."""
    buttons: list[str] = field(default_factory=list)
    """Addresses of buttons that send this form elsewhere (formaction)."""

    @property
    def action(self) -> str:
        return self.attributes.get("action", "")

    @property
    def method(self) -> str:
        return self.attributes.get("method", "get").lower()

    @property
    def deed(self) -> str | None:
        """Return the domain action this form performs (data-action)."""
        return self.attributes.get("data-action")

    def offers(self, name: str) -> list[str]:
        """Return the values that the boxes of this name stand for."""
        return [value for each, value in self.boxes if each == name]

    def filled(self, values: Mapping[str, str | Sequence[str]]) -> list[tuple[str, str]]:
        """Return the pairs to send. A name the form does not have raises KeyError: a person could not type it."""
        unknown = sorted(set(values) - self.names)
        if unknown:
            raise KeyError(f"form {self.deed or self.action} has no field {', '.join(unknown)}")
        kept = [(name, value) for name, value in self.fields if name not in values]
        for name, value in values.items():
            several = [value] if isinstance(value, str) else list(value)
            kept.extend((name, one) for one in several)
        return kept


@dataclass(frozen=True)
class Page:
    url: str
    status: int
    headers: dict[str, str]
    text: str

    @cached_property
    def _read(self) -> _Reader:
        reader = _Reader()
        reader.feed(self.text)
        reader.close()
        return reader

    @property
    def forms(self) -> list[Form]:
        return self._read.forms

    @property
    def elements(self) -> list[Element]:
        return self._read.elements

    def form(self, deed: str, **data: str) -> Form | None:
        """Return the first form for this domain action whose data-… attributes have these values."""
        wanted = {f"data-{name}": value for name, value in data.items()}
        for each in self.forms:
            if each.deed == deed and all(each.attributes.get(key) == value for key, value in wanted.items()):
                return each
        return None

    def marked(self, name: str, value: str | None = None) -> list[Element]:
        """Return the elements that carry data-<name> (with this value)."""
        return [
            each
            for each in self.elements
            if each.data(name) is not None and (value is None or each.data(name) == value)
        ]

    def link(self, name: str, value: str | None = None) -> str | None:
        """Return the address of the first link that carries data-<name> (with this value)."""
        for each in self.marked(name, value):
            if each.tag == "a" and "href" in each.attributes:
                return each.attributes["href"]
        return None

    @property
    def refusal(self) -> str | None:
        """Return the code of the refusal the page shows, or None."""
        shown = self.marked("refusal")
        return shown[0].data("refusal") if shown else None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self._form: Form | None = None
        self._textarea: tuple[Form, int] | None = None
        self._select: tuple[Form, str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, attributes)
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)
        if tag == "form":
            self._form = Form(attributes)
            self.forms.append(self._form)
        if tag in _FIELDS:
            self._field(tag, attributes)
        if tag == "option" and self._select is not None:
            self._select[2].append((attributes.get("value", ""), "selected" in attributes))

    def _field(self, tag: str, attributes: dict[str, str]) -> None:
        form, name = self._owner(attributes), attributes.get("name")
        if form is not None and "formaction" in attributes:
            form.buttons.append(attributes["formaction"])
        if form is None or not name or "disabled" in attributes:
            return
        kind = attributes.get("type", "text").lower()
        form.names.add(name)
        if tag == "input" and kind in {"checkbox", "radio"}:
            form.boxes.append((name, attributes.get("value", "on")))
            if "checked" in attributes:
                form.fields.append((name, attributes.get("value", "on")))
        elif tag == "input" and kind not in {"submit", "button", "image"}:
            form.fields.append((name, attributes.get("value", "")))
        elif tag == "textarea":
            form.fields.append((name, ""))
            self._textarea = (form, len(form.fields) - 1)
        elif tag == "select":
            self._select = (form, name, [])

    def _owner(self, attributes: dict[str, str]) -> Form | None:
        named = attributes.get("form")
        if named:
            return next((each for each in self.forms if each.attributes.get("id") == named), None)
        return self._form

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._textarea = None
        elif tag == "select" and self._select is not None:
            self._close_select()
        while self._open:
            closed = self._open.pop()
            if self._open:
                self._open[-1].text += closed.text
            if closed.tag == tag:
                break

    def _close_select(self) -> None:
        if self._select is None:
            return
        form, name, options = self._select
        self._select = None
        if options:
            form.fields.append((name, next((value for value, selected in options if selected), options[0][0])))

    def handle_data(self, data: str) -> None:
        if self._open:
            self._open[-1].text += data
        if self._textarea is not None:
            form, place = self._textarea
            name, before = form.fields[place]
            form.fields[place] = (name, before + data)
