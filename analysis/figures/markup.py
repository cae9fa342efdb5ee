"""SVG elements as text, and the two ways of painting them.

On a page a shape names its part in a class and the style sheet decides the colour, light or dark. On paper,
in a file somebody takes away, the colours are written into the shape, because no style sheet comes along.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import Final

Attribute = str | float | None
Paint = Callable[[str], Mapping[str, Attribute]]

SVG_NAMESPACE: Final = "http://www.w3.org/2000/svg"

INK: Final = "#1e1b16"
QUIET: Final = "#625b50"
PAPER: Final = "#fbf8f3"
LINE: Final = "#d5cbbb"
SERIF: Final = "'Iowan Old Style', Charter, Georgia, 'Liberation Serif', serif"
SANS: Final = "'Helvetica Neue', Arial, 'Liberation Sans', sans-serif"

_ON_PAPER: Final[Mapping[str, Mapping[str, Attribute]]] = {
    "positive": {"fill": "#0f6e6e"},
    "negative": {"fill": "#b4691f"},
    "neutral": {"fill": "#a9a298"},
    "whisker-inner": {"fill": "none", "stroke": PAPER, "stroke_width": 1},
    "whisker": {"fill": "none", "stroke": INK, "stroke_width": 1},
    "guide": {"fill": "none", "stroke": LINE, "stroke_width": 1},
    "centre": {"fill": "none", "stroke": INK, "stroke_width": 1},
}


class Markup(str):
    """Markup in which every value was escaped; templates print it as it is."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def element(name: str, /, *children: str, **attributes: Attribute) -> Markup:
    """`<name attributes>children</name>`. Children that are not Markup are text and are escaped.

    `class_` is class, other underscores become hyphens; attributes that are None are left out.
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(number(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inside = "".join(child if isinstance(child, Markup) else escape(child) for child in children)
    return Markup(f"<{name}{written}>{inside}</{name}>" if inside else f"<{name}{written}/>")


def joined(*parts: Markup) -> Markup:
    return Markup("".join(parts))


def number(value: str | float) -> str:
    """A coordinate with at most two decimals and nothing superfluous; text stays text."""
    if isinstance(value, str):
        return value
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else f"{value:.0f}"


def on_page(part: str) -> Mapping[str, Attribute]:
    """Paint by class: research.css knows the parts."""
    return {"class_": part}


def on_paper(part: str) -> Mapping[str, Attribute]:
    """Paint by attributes, in the light colours. Raises KeyError for a part that is not known."""
    return _ON_PAPER[part]
