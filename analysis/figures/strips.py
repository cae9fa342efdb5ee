"""The consensus strip: how the answers to a scenario divide, one row per scenario.

A row is a bar of fixed length, the whole of the votes, laid over a centre: what opposes lies to the left,
what shows the trait to the right, neutral answers lie across the centre. So its right end stands at the
share of the positive side and its left end at what is left to one: unanimous rows lie on one side, divided
rows lie in the middle. The whisker is the interval of the larger side's share; where it crosses the guide
at one half, an even split is not ruled out.

Invariant: the scale is the same for every row and runs from all votes on one side to all on the other.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from analysis.figures.markup import Markup, Paint, element, joined, number, on_page

# Half the width of the scale in units of a drawing that is stretched to the width it is given.
HALF: Final = 1000.0
ROW: Final = 100.0
# Bars leave a little air between rows. Where rows are thin there is none, or a grid would be all one sees.
BAR_PART: Final = 0.72
TICK_PART: Final = 0.44
GUIDES: Final = (-0.5, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """How the votes for one scenario divide, as parts of one; `low` and `high` bound `positive_share`.

    negative, neutral and positive are parts of the votes and add up to one. `positive_share` counts neutral
    votes with the study's weight.
    """

    negative: float
    neutral: float
    positive: float
    positive_share: float
    low: float
    high: float

    @property
    def leans_positive(self) -> bool:
        return self.positive_share >= 0.5

    @property
    def leading_end(self) -> float:
        """Where the bar ends on the side that leads, on the scale from -1 to 1."""
        return self.positive_share if self.leans_positive else self.positive_share - 1

    @property
    def whisker(self) -> tuple[float, float]:
        """The ends of the interval on the leading side, the one nearer to the centre first."""
        return (self.low, self.high) if self.leans_positive else (self.high - 1, self.low - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Where rows are drawn: the centre, half the width of the scale, the first row's top and the pitch."""

    centre: float = 0.0
    half: float = HALF
    top: float = 0.0
    pitch: float = ROW

    def x(self, value: float) -> float:
        return self.centre + value * self.half

    def bottom(self, rows: int) -> float:
        return self.top + rows * self.pitch


def split_of(
    *,
    share: float,
    low: float,
    high: float,
    votes: float,
    neutral: int,
    neutral_weight: float,
) -> Split:
    """The split behind a published share: `votes` cast, `neutral` of them, which weigh `neutral_weight`."""
    undecided = min(neutral / votes, 1.0)
    positive = max(share - neutral_weight * undecided, 0.0)
    negative = max(1 - positive - undecided, 0.0)
    return Split(
        negative=negative,
        neutral=undecided,
        positive=positive,
        positive_share=share,
        low=low,
        high=high,
    )


def strip(split: Split | None, *, label: str, size: str = "small") -> Markup:
    """One row that fills the width it is given; without votes only the scale is drawn."""
    return ribbon([] if split is None else [split], label=label, size=size, rows=1)


def ribbon(splits: Sequence[Split], *, label: str, size: str = "ribbon", rows: int | None = None) -> Markup:
    """Many rows in one drawing, one below the other, stretched to the width it is given.

    `label` is read out instead of the picture. The height is as many times the style sheet's letters as there
    are rows, so that rows of text beside the drawing keep step with it.
    """
    area = Area()
    across = rows or len(splits)
    height = area.bottom(across)
    is_dense = size == "dense"
    return element(
        "svg",
        element("title", label),
        guides(area, height=height, paint=on_page),
        bars(splits, area=area, paint=on_page, part=1.0 if is_dense else BAR_PART),
        whiskers(splits, area=area, paint=on_page, ticks=not is_dense),
        class_=f"cs cs-{size}",
        height=f"{across}em",
        viewBox=f"{number(-HALF)} 0 {number(2 * HALF)} {number(height)}",
        preserveAspectRatio="none",
        role="img",
        focusable="false",
    )


def guides(area: Area, *, height: float, paint: Paint) -> Markup:
    """The verticals: one half on either side, and the centre."""
    bottom = area.top + height
    lines = [_path(f"M{number(area.x(at))} {number(area.top)}V{number(bottom)}", "guide", paint) for at in GUIDES]
    centre = _path(f"M{number(area.x(0))} {number(area.top)}V{number(bottom)}", "centre", paint)
    return joined(*lines, centre)


def bars(splits: Sequence[Split], *, area: Area, paint: Paint, part: float = BAR_PART) -> Markup:
    """One path per colour, whatever the number of rows."""
    drawn: dict[str, list[str]] = {"negative": [], "neutral": [], "positive": []}
    thickness = area.pitch * part
    for row, split in enumerate(splits):
        top = area.top + row * area.pitch + (area.pitch - thickness) / 2
        left = split.positive_share - 1
        for colour, length in (
            ("negative", split.negative),
            ("neutral", split.neutral),
            ("positive", split.positive),
        ):
            if length > 0:
                drawn[colour].append(
                    f"M{number(area.x(left))} {number(top)}h{number(length * area.half)}"
                    f"v{number(thickness)}h{number(-length * area.half)}z"
                )
            left += length
    return joined(*(_path("".join(shapes), colour, paint) for colour, shapes in drawn.items() if shapes))


def whiskers(splits: Iterable[Split], *, area: Area, paint: Paint, ticks: bool = True) -> Markup:
    """The intervals. Their part over the bar takes the colour of the paper, the part beyond it that of ink."""
    tick = area.pitch * TICK_PART / 2 if ticks else 0.0
    inner, outer = [], []
    for row, split in enumerate(splits):
        middle = area.top + (row + 0.5) * area.pitch
        near, far = split.whisker
        inner.append(_arm(area.x(split.leading_end), area.x(near), middle=middle, tick=tick))
        if far != split.leading_end:
            outer.append(_arm(area.x(split.leading_end), area.x(far), middle=middle, tick=tick))
    drawn = (("whisker-inner", inner), ("whisker", outer))
    return joined(*(_path("".join(shapes), part, paint) for part, shapes in drawn if shapes))


def _arm(start: float, end: float, *, middle: float, tick: float) -> str:
    line = f"M{number(start)} {number(middle)}H{number(end)}"
    return f"{line}M{number(end)} {number(middle - tick)}v{number(2 * tick)}" if tick else line


def _path(shape: str, part: str, paint: Paint) -> Markup:
    # The drawing is stretched to its place; without this its lines would be stretched with it.
    return element("path", d=shape, vector_effect="non-scaling-stroke", **paint(part))
