"""How full the seats of a study are: a strip of cells, one row per stratum, in the order of the study.

Invariant: only a full cell looks full; 99 % is drawn as the step below.
"""

from collections.abc import Sequence
from typing import Final

from analysis.figures.markup import Markup, element, number, on_page

STEPS: Final = 5
# Above this many cells the gaps between them would be most of what is drawn.
CELLS_WITH_GAPS: Final = 160


def fill_step(fill: float) -> int:
    """0 = untouched, 1 to 4 = the quarters on the way, 5 = full."""
    if fill <= 0:
        return 0
    return STEPS if fill >= 1 else min(int(fill * (STEPS - 1)) + 1, STEPS - 1)


def heat(rows: Sequence[Sequence[float]], *, label: str) -> Markup:
    """Rows of fills, each from 0 to 1, stretched to the width and height the drawing is given."""
    across = max((len(row) for row in rows), default=0)
    gap = 0.12 if across <= CELLS_WITH_GAPS else 0.0
    shapes: list[list[str]] = [[] for _ in range(STEPS + 1)]
    for down, row in enumerate(rows):
        for right, fill in enumerate(row):
            cell = f"M{number(right + gap / 2)} {number(down + 0.06)}h{number(1 - gap)}v.88h{number(gap - 1)}z"
            shapes[fill_step(fill)].append(cell)
    paths = [
        element("path", d="".join(cells), **on_page(f"fill-{step}")) for step, cells in enumerate(shapes) if cells
    ]
    return element(
        "svg",
        element("title", label),
        *paths,
        class_="heat",
        viewBox=f"0 0 {across} {len(rows)}",
        preserveAspectRatio="none",
        role="img",
        focusable="false",
    )


def seat_bar(*, accepted: int, reserved: int, target: int) -> Markup:
    """Answered and reserved seats on the ground of all seats. Drawn without words: the numbers stand below it."""
    taken = accepted / target
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="seats-open"),
        element("rect", width=_percent(taken + reserved / target), height="100%", class_="seats-reserved"),
        element("rect", width=_percent(taken), height="100%", class_="seats-accepted"),
        class_="seat-bar",
        aria_hidden="true",
        focusable="false",
    )


def step_bar(*, kept: int, before: int, arrived: int) -> Markup:
    """One step of a staircase: how many are still there, and behind them who left at this step.

    Both are parts of all who arrived. Drawn without words: the numbers stand beside it.
    """
    whole = max(arrived, 1)
    return element(
        "svg",
        element("rect", width="100%", height="100%", class_="step-ground"),
        element("rect", width=_percent(before / whole), height="100%", class_="step-left"),
        element("rect", width=_percent(kept / whole), height="100%", class_="step-kept"),
        class_="step-bar",
        aria_hidden="true",
        focusable="false",
    )


def _percent(part: float) -> str:
    return f"{number(100 * min(max(part, 0.0), 1.0))}%"
