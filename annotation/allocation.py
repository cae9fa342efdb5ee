"""Pure: how a plan is laid out. Which task comes when, where checks and repeats stand, which side is shown first.

Everything follows from the participation's own seed, so that a plan can be explained afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Generic, TypeVar

S = TypeVar("S")
C = TypeVar("C")

# A repeat only tests consistency when the first answer is no longer in mind.
REPEAT_DISTANCE = 5


@dataclass(frozen=True, slots=True)
class Slot(Generic[S, C]):
    """One place of a plan: a scenario, a repeat of an earlier scenario (sides swapped), or a check."""

    kind: str
    scenario: S | None
    check: C | None
    flipped: bool


@dataclass(frozen=True, slots=True)
class Task(Generic[S]):
    """A scenario to be asked: `listed` is its place in the study's list, `block` the trait it is grouped by."""

    scenario: S
    listed: int = 0
    block: str = ""


def lay_out(
    tasks: Sequence[Task[S]],
    *,
    checks: Sequence[C],
    repeats: int,
    order: str,
    randomise_sides: bool,
    seed: int,
) -> list[Slot[S, C]]:
    """Return the plan: `tasks` in `order` (random | blocked | listed), checks spread evenly, repeats far behind."""
    dice = Random(seed)
    slots: list[Slot[S, C]] = [
        Slot(kind="task", scenario=task.scenario, check=None, flipped=randomise_sides and dice.random() < 0.5)
        for task in _ordered(tasks, order=order, dice=dice)
    ]
    slots = _with_repeats(slots, repeats=repeats, dice=dice)
    return _with_checks(slots, checks=checks, dice=dice)


def _ordered(tasks: Sequence[Task[S]], *, order: str, dice: Random) -> list[Task[S]]:
    if order == "listed":
        return sorted(tasks, key=lambda task: task.listed)
    shuffled = list(tasks)
    dice.shuffle(shuffled)
    if order == "random":
        return shuffled
    blocks = sorted({task.block for task in tasks})
    dice.shuffle(blocks)
    return sorted(shuffled, key=lambda task: blocks.index(task.block))


def _with_repeats(slots: list[Slot[S, C]], *, repeats: int, dice: Random) -> list[Slot[S, C]]:
    """Put `repeats` scenarios once more, sides swapped, at least REPEAT_DISTANCE later or else at the end."""
    plan = list(slots)
    for original in dice.sample(slots, min(repeats, len(slots))):
        earliest = min(plan.index(original) + REPEAT_DISTANCE, len(plan))
        again: Slot[S, C] = Slot(kind="repeat", scenario=original.scenario, check=None, flipped=not original.flipped)
        plan.insert(dice.randint(earliest, len(plan)), again)
    return plan


def _with_checks(slots: list[Slot[S, C]], *, checks: Sequence[C], dice: Random) -> list[Slot[S, C]]:
    """Cut the plan into as many stretches as there are checks; each gets one, never as the very first task."""
    if not checks:
        return slots
    plan = list(slots)
    stretch = len(slots) / len(checks)
    for index in reversed(range(len(checks))):
        first, last = max(1, round(index * stretch)), max(1, round((index + 1) * stretch))
        check: Slot[S, C] = Slot(kind="check", scenario=None, check=checks[index], flipped=dice.random() < 0.5)
        plan.insert(dice.randint(min(first, last), last), check)
    return plan
