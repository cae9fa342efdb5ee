"""Which recorded answers count: the last one of each person to each scenario, while seats last.

Pure. The order is that of time, and of the file where times are equal or unknown. Invariants: each person has at
most one answer to a scenario that is not replaced; a replacing answer takes over the seat of the one it replaces;
no ledger row gets more answers than it has open seats.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Standing = Literal["counted", "surplus", "excluded", "replaced"]
# A person and a scenario, by participation and scenario id.
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Incoming:
    """An answer that is new to the log."""

    participation_id: int
    scenario_id: int
    quota_id: int
    answered_at: datetime

    @property
    def pair(self) -> Pair:
        return self.participation_id, self.scenario_id


@dataclass(frozen=True, slots=True)
class Logged:
    """The answer of the log that stands for a person and scenario now."""

    response_id: int
    quota_id: int | None
    answered_at: datetime
    standing: str


@dataclass(slots=True)
class Settlement:
    """`standings` of the incoming answers, aligned with them; logged answers that are `replaced`; ledger `changes`.

    A change of 0 is a seat that passed from one answer to the next: the figures change, the number does not.
    """

    standings: list[Standing]
    replaced: list[int] = field(default_factory=list)
    changes: Counter[int] = field(default_factory=Counter)


def settle(
    incoming: Sequence[Incoming],
    *,
    logged: Mapping[Pair, Logged],
    open_seats: Mapping[int, int | None],
    excluded: Collection[int],
) -> Settlement:
    """Decide about answers that are sorted by time.

    `open_seats`: per ledger row, None without limit. `excluded`: participations that are out of the aggregates.
    """
    settlement = Settlement(standings=["replaced"] * len(incoming))
    left = dict(open_seats)
    for place in _last_of_each_pair(incoming, logged):
        answer = incoming[place]
        earlier = logged.get(answer.pair)
        if earlier is not None:
            settlement.replaced.append(earlier.response_id)
        settlement.standings[place] = _seat(answer, earlier, left, excluded, settlement.changes)
    return settlement


def _last_of_each_pair(incoming: Sequence[Incoming], logged: Mapping[Pair, Logged]) -> list[int]:
    """Places of the answers that stand: successors of counted answers first, because their seat is not free."""
    last = {answer.pair: place for place, answer in enumerate(incoming)}
    standing = [
        place
        for pair, place in last.items()
        if pair not in logged or logged[pair].answered_at <= incoming[place].answered_at
    ]
    return sorted(standing, key=lambda place: (not _takes_over(incoming[place], logged), place))


def _takes_over(answer: Incoming, logged: Mapping[Pair, Logged]) -> bool:
    earlier = logged.get(answer.pair)
    return earlier is not None and earlier.standing == "counted"


def _seat(
    answer: Incoming,
    earlier: Logged | None,
    left: dict[int, int | None],
    excluded: Collection[int],
    changes: Counter[int],
) -> Standing:
    if earlier is not None and earlier.standing == "counted":
        changes[answer.quota_id] += 0
        return "counted"
    if answer.participation_id in excluded:
        return "excluded"
    free = left[answer.quota_id]
    if free is not None and free < 1:
        return "surplus"
    if free is not None:
        left[answer.quota_id] = free - 1
    changes[answer.quota_id] += 1
    return "counted"
