"""Pure: what somebody's way of answering looks like. Evidence for people to read, never a verdict.

Invariant: nothing here asks whether an answer agrees with the majority.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Answer:
    """One judgement in the order it was given. `side` is first, second or empty (neutral and the like)."""

    scenario_id: int
    choice: str
    side: str
    response_ms: int | None
    is_repeat: bool


def median_response_ms(answers: Iterable[Answer]) -> float | None:
    times = [answer.response_ms for answer in answers if answer.response_ms is not None]
    return float(median(times)) if times else None


def left_share(answers: Iterable[Answer]) -> float | None:
    """Share of choices that were shown first, among choices that have a side; repeats included."""
    sides = [answer.side for answer in answers if answer.side]
    return sides.count("first") / len(sides) if sides else None


def longest_side_run(answers: Iterable[Answer]) -> int | None:
    """Length of the longest run of choices on the same side; an answer without a side ends a run."""
    longest, run, previous = 0, 0, ""
    for answer in answers:
        run = run + 1 if answer.side and answer.side == previous else int(bool(answer.side))
        previous = answer.side
        longest = max(longest, run)
    return longest or None


def repeat_consistency(answers: Sequence[Answer]) -> float | None:
    """Share of repeated scenarios that got the same choice as the first time."""
    first = {answer.scenario_id: answer.choice for answer in answers if not answer.is_repeat}
    repeats = [answer for answer in answers if answer.is_repeat and answer.scenario_id in first]
    if not repeats:
        return None
    return sum(answer.choice == first[answer.scenario_id] for answer in repeats) / len(repeats)
