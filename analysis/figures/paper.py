"""The consensus figure as a file to take away: title, axis, every row, caption, on paper of its own colour.

Invariant: it carries its own colours and needs neither a style sheet nor a font of ours.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from analysis.figures import strips
from analysis.figures.markup import (
    INK,
    PAPER,
    QUIET,
    SANS,
    SERIF,
    SVG_NAMESPACE,
    Attribute,
    Markup,
    element,
    joined,
    on_paper,
)
from analysis.figures.strips import Area, Split

WIDTH: Final = 960.0
MARGIN: Final = 36.0
LABELS: Final = 330.0
NUMBERS: Final = 62.0
ZONE_HEAD: Final = 30.0
TALLEST_ROW: Final = 17.0
THINNEST_ROW: Final = 1.5
# As high as a page of this width; more rows become thinner.
ROWS_HEIGHT: Final = 1150.0
# Below this pitch no line of text fits beside a row.
LABELLED_ROW: Final = 12.0
TICKED_ROW: Final = 7.0
LABEL_LENGTH: Final = 58
TICKS: Final = ((-1.0, "100 %"), (-0.5, "50"), (0.0, "0"), (0.5, "50"), (1.0, "100 %"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One scenario: what stands beside its bar. `numbers` is short, such as its count of answers."""

    label: str
    numbers: str
    split: Split


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """Rows under a heading of their own."""

    title: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Everything the figure says. `caption` is a list of lines, each short enough for the width."""

    title: str
    negative: str
    positive: str
    numbers: str
    caption: Sequence[str]


def document(zones: Sequence[Zone], *, words: Words) -> Markup:
    """The whole figure as an SVG document of 960 units across and as high as its rows need."""
    shown = [zone for zone in zones if zone.rows]
    pitch = row_pitch(sum(len(zone.rows) for zone in shown))
    left = MARGIN + LABELS if pitch >= LABELLED_ROW else MARGIN
    half = (WIDTH - MARGIN - NUMBERS - left) / 2
    head = _head(words, centre=left + half, half=half)
    parts, top = [head], MARGIN + 84
    for zone in shown:
        area = Area(centre=left + half, half=half, top=top + ZONE_HEAD, pitch=pitch)
        parts.append(_zone(zone, area=area, top=top))
        top = area.bottom(len(zone.rows))
    foot, height = _foot(words.caption, top=top + 30)
    ground = element("rect", width=WIDTH, height=height, fill=PAPER)
    return element(
        "svg",
        element("title", words.title),
        ground,
        *parts,
        foot,
        xmlns=SVG_NAMESPACE,
        viewBox=f"0 0 {WIDTH:.0f} {height:.0f}",
        width=WIDTH,
        height=height,
        role="img",
    )


def row_pitch(rows: int) -> float:
    """The height of a row: comfortable while there are few, thinner as they become many."""
    return min(TALLEST_ROW, max(THINNEST_ROW, ROWS_HEIGHT / max(rows, 1)))


def shortened(text: str, *, length: int = LABEL_LENGTH) -> str:
    """At most `length` characters, cut between words."""
    cut = textwrap.shorten(text, width=length, placeholder="…")
    return cut if cut != "…" else f"{text[: length - 1]}…"


def _head(words: Words, *, centre: float, half: float) -> Markup:
    y = MARGIN + 66
    sides = [
        _text(f"← {words.negative}", centre - 14, y - 18, size=12, anchor="end", weight=600, fill="#8a4d12"),
        _text(f"{words.positive} →", centre + 14, y - 18, size=12, weight=600, fill="#0f5c5c"),
    ]
    ticks = [_text(text, centre + at * half, y, size=11, anchor="middle", fill=QUIET) for at, text in TICKS]
    numbers = _text(words.numbers, WIDTH - MARGIN, y, size=11, anchor="end", fill=QUIET)
    title = _text(words.title, MARGIN, MARGIN + 14, size=21, family=SERIF)
    return joined(title, *sides, *ticks, numbers)


def _zone(zone: Zone, *, area: Area, top: float) -> Markup:
    splits = [row.split for row in zone.rows]
    height = len(splits) * area.pitch
    right = WIDTH - MARGIN
    parts = [
        _text(zone.title, MARGIN, top + ZONE_HEAD - 9, size=12, weight=600),
        strips.guides(area, height=height, paint=on_paper),
        strips.bars(splits, area=area, paint=on_paper),
        strips.whiskers(splits, area=area, paint=on_paper, ticks=area.pitch >= TICKED_ROW),
    ]
    if area.pitch >= LABELLED_ROW:
        for index, row in enumerate(zone.rows):
            base = area.top + (index + 0.5) * area.pitch + 3.8
            parts.append(_text(shortened(row.label), MARGIN, base, size=11, family=SERIF))
            parts.append(_text(row.numbers, right, base, size=11, anchor="end", fill=QUIET))
    return joined(*parts)


def _foot(caption: Sequence[str], *, top: float) -> tuple[Markup, float]:
    lines = [_text(line, MARGIN, top + index * 17, size=11.5, fill=QUIET) for index, line in enumerate(caption)]
    return joined(*lines), top + len(caption) * 17 + MARGIN - 10


def _text(
    words: str,
    x: float,
    y: float,
    *,
    size: float,
    anchor: str | None = None,
    family: str = SANS,
    weight: int | None = None,
    fill: str = INK,
) -> Markup:
    style: dict[str, Attribute] = {
        "font_family": family,
        "font_size": size,
        "font_weight": weight,
        "text_anchor": anchor,
        "fill": fill,
    }
    return element("text", words, x=x, y=y, **style)
