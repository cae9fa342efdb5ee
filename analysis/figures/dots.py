"""Estimates with their intervals as dots with whiskers on one axis, a row each.

Invariant: every row of a figure uses the same axis, which always shows 0 and 1.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import floor

from analysis.figures.markup import Markup, element, number

STEP = 0.2


@dataclass(frozen=True, slots=True)
class Axis:
    """From `start`, at most 0 and a multiple of .2, to 1."""

    start: float = 0.0

    def percent(self, value: float) -> str:
        return f"{number(100 * (value - self.start) / (1 - self.start))}%"

    @property
    def ticks(self) -> list[float]:
        steps = round((1 - self.start) / STEP)
        return [round(self.start + index * STEP, 1) for index in range(steps + 1)]


def axis_for(values: Iterable[float | None]) -> Axis:
    """The shortest axis that shows all values; coefficients below -1 are cut there."""
    lowest = min((value for value in values if value is not None), default=0.0)
    return Axis(start=min(0.0, max(-1.0, round(floor(lowest / STEP) * STEP, 1))))


def dot(axis: Axis, *, estimate: float | None, low: float | None, high: float | None, label: str) -> Markup:
    """One row: guides at every step, the interval where there is one, the estimate where it is defined."""
    shapes = [_vertical(axis, tick, "guide" if tick else "zero") for tick in axis.ticks]
    if estimate is not None and low is not None and high is not None:
        ends = [axis.percent(max(end, axis.start)) for end in (low, high)]
        shapes.append(element("line", x1=ends[0], x2=ends[1], y1="50%", y2="50%", class_="whisker"))
        shapes += [element("line", x1=end, x2=end, y1="34%", y2="66%", class_="whisker") for end in ends]
    if estimate is not None:
        shapes.append(element("circle", cx=axis.percent(estimate), cy="50%", r=5, class_="estimate"))
    return element("svg", element("title", label), *shapes, class_="dot-row", role="img", focusable="false")


def scale(axis: Axis) -> Markup:
    """The numbers of the axis, to stand above the rows. Screen readers get the values from the rows."""
    marks = [
        element("text", tick_text(tick), x=axis.percent(tick), y="1em", text_anchor=_anchor(axis, tick))
        for tick in axis.ticks
    ]
    return element("svg", *marks, class_="dot-scale", aria_hidden="true", focusable="false")


def tick_text(tick: float) -> str:
    return number(tick).replace("-", "−")


def _anchor(axis: Axis, tick: float) -> str:
    if tick == axis.start:
        return "start"
    return "end" if tick == 1 else "middle"


def _vertical(axis: Axis, at: float, part: str) -> Markup:
    x = axis.percent(at)
    return element("line", x1=x, x2=x, y1="0", y2="100%", class_=part)
