"""Reading pages the way a browser does: the form, its fields, what may be chosen. Pure."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form: fixed values, and what may be chosen or written where."""

    action: str = ""
    method: str = "get"
    fixed: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    numbers: dict[str, tuple[str, str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    buttons: dict[str, list[str]] = field(default_factory=dict)


@dataclass(slots=True)
class Page:
    """A page's forms, all its words, and the words of the situation alone (empty on other pages)."""

    forms: list[Form]
    text: str
    situation: str = ""

    def form_with(self, name: str) -> Form | None:
        """The first form that has a field or button called `name`."""
        return next((form for form in self.forms if _has(form, name)), None)


def _has(form: Form, name: str) -> bool:
    return name in form.fixed or name in form.choices or name in form.buttons or name in form.texts


def read(html: str) -> Page:
    parser = _Reader()
    parser.feed(html)
    parser.close()
    return Page(
        forms=parser.forms, text=_joined(parser.words), situation=_joined(parser.situation) or _joined(parser.words)
    )


def _joined(words: list[str]) -> str:
    return " ".join(" ".join(words).split())


class _Reader(HTMLParser):
    """Collects forms and words while the page streams by."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.words: list[str] = []
        self._form: Form | None = None
        self.situation: list[str] = []
        self._select = ""
        self._skipping = 0
        self._within = 0

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag in ("script", "style"):
            self._skipping += 1
        if tag == "div" and (self._within or values.get("id") == "situation"):
            self._within += 1
        if tag == "form":
            self._form = Form(action=values.get("action", ""), method=values.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is not None:
            self._read_field(self._form, tag, values)

    def _read_field(self, form: Form, tag: str, values: dict[str, str]) -> None:
        name = values.get("name", "")
        if tag == "input" and name:
            self._read_input(form, name, values)
        elif tag == "select":
            self._select = name
            form.choices.setdefault(name, [])
        elif tag == "option" and self._select and values.get("value"):
            form.choices[self._select].append(values["value"])
        elif tag == "textarea" and name:
            form.texts.append(name)
        elif tag == "button" and name:
            form.buttons.setdefault(name, []).append(values.get("value", ""))

    def _read_input(self, form: Form, name: str, values: dict[str, str]) -> None:
        kind = values.get("type", "text")
        if kind in ("radio", "checkbox"):
            form.choices.setdefault(name, []).append(values.get("value", "on"))
            if kind == "checkbox":
                form.several.add(name)
        elif kind == "number":
            form.numbers[name] = (values.get("min", ""), values.get("max", ""))
        elif kind == "hidden":
            form.fixed[name] = values.get("value", "")
        elif kind != "submit":
            form.texts.append(name)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style"):
            self._skipping -= 1
        if tag == "div" and self._within:
            self._within -= 1
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if not self._skipping and data.strip():
            self.words.append(data)
            if self._within:
                self.situation.append(data)
