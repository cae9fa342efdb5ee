"""From counted answers to what is published about one scenario.

Owns the share of the positive side and everything read off it. Invariant: there is one computation,
`summarise_table`; the functions for one scenario and for many are views of it, so a figure cannot depend on
how many scenarios were computed together.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis import consensus
from analysis.intervals import DEFAULT_LEVEL, INTERVALS, Interval, p_majority

NEUTRAL: Final = "neutral"
NOT_APPLICABLE: Final = "not_applicable"
TIE: Final = "tie"
RESERVED_OPTIONS: Final = frozenset({NEUTRAL, NOT_APPLICABLE, TIE})

_TIE_INDEX: Final = -1
_NO_VOTE_INDEX: Final = -2

Floats = NDArray[np.float64]


class InvalidVoteWeights(ValueError):
    """Weights under which one answer would be less than nothing or more than one vote."""


class InvalidCounts(ValueError):
    """Counts that no set of answers can have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VoteWeights:
    """How much of a vote an answer that takes no side gives to each side.

    An action is one vote. By default a neutral answer is half a vote for each side and "not applicable" is no
    vote at all. `VoteWeights(neutral_to_positive=0, neutral_to_negative=0)` drops neutral answers instead.
    """

    neutral_to_positive: float = 0.5
    neutral_to_negative: float = 0.5
    not_applicable_to_positive: float = 0.0
    not_applicable_to_negative: float = 0.0

    def __post_init__(self) -> None:
        pairs = {
            NEUTRAL: (self.neutral_to_positive, self.neutral_to_negative),
            NOT_APPLICABLE: (self.not_applicable_to_positive, self.not_applicable_to_negative),
        }
        for option, pair in pairs.items():
            if not all(math.isfinite(weight) and weight >= 0 for weight in pair) or sum(pair) > 1:
                raise InvalidVoteWeights(
                    f"The weights of '{option}' are {pair[0]} and {pair[1]}; each must be 0 or more, "
                    "and together they can be one vote at most."
                )


HALF_A_VOTE_EACH: Final = VoteWeights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """The counted answers to one scenario, and which of its actions stand on which side."""

    counts: Mapping[str, int]
    positive: Collection[str]
    negative: Collection[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What is published about one scenario in one stratum; None where the votes define no value.

    n                   counted answers, those that could not judge included
    neutral             of these, answers that take no side
    not_applicable      of these, answers that could not judge: missing data, kept apart
    weighted_n          votes behind the share, in vote units
    share_positive      weighted share of the positive side, 0 to 1
    low, high           bounds of its interval, at confidence `level`, of kind `interval`
    majority            action with the most answers; "tie" where the first place is shared (also when
                        everybody was neutral); None where nobody judged. Weights play no part
    agreement           share of the larger side, .5 to 1
    p_majority          posterior P(true share > .5), flat prior: near 1 the positive side leads, near 0 the
                        negative one
    entropy_bits        of the answers to the actions and neutral; 0 = all alike, 1 = two options split evenly
    consensus_votes     class by the rule on votes, consensus_posterior by the rule on the posterior
    high_consensus      agreement of .8 or more
    """

    n: int
    neutral: int
    not_applicable: int
    weighted_n: float
    share_positive: float | None
    low: float | None
    high: float | None
    interval: Interval
    level: float
    majority: str | None
    agreement: float | None
    p_majority: float | None
    entropy_bits: float | None
    consensus_votes: str | None
    consensus_posterior: str | None
    high_consensus: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryTable:
    """`Summary` for many scenarios: one array of length n_scenarios per field, nan or "" where undefined.

    `majority` holds the column of the leading action, -1 for a tie, -2 where nobody judged.
    """

    n: Floats
    neutral: Floats
    not_applicable: Floats
    weighted_n: Floats
    share_positive: Floats
    low: Floats
    high: Floats
    interval: Interval
    level: float
    majority: NDArray[np.intp]
    agreement: Floats
    p_majority: Floats
    entropy_bits: Floats
    consensus_votes: NDArray[np.str_]
    consensus_posterior: NDArray[np.str_]
    high_consensus: NDArray[np.bool_]


def summarise(
    counts: Mapping[str, int],
    *,
    positive: Collection[str],
    negative: Collection[str],
    weights: VoteWeights = HALF_A_VOTE_EACH,
    interval: Interval = "wilson",
    level: float = DEFAULT_LEVEL,
) -> Summary:
    """Everything we publish about one scenario, from its counts per option key.

    share_positive = (positive + w·neutral) / (positive + negative + w'·neutral); 6, 2 and 2 neutral give .70.
    Actions on neither side count towards n, majority and entropy, not towards the share. `sides` finds the
    sides. Raises InvalidCounts for negative counts or an action on both sides.
    """
    tally = Tally(counts=counts, positive=positive, negative=negative)
    return summarise_all([tally], weights=weights, interval=interval, level=level)[0]


def summarise_all(
    tallies: Sequence[Tally],
    *,
    weights: VoteWeights = HALF_A_VOTE_EACH,
    interval: Interval = "wilson",
    level: float = DEFAULT_LEVEL,
) -> list[Summary]:
    """`summarise` for many scenarios in one pass, in the order given."""
    if not tallies:
        return []
    keys = [_action_keys(tally) for tally in tallies]
    keyed = list(zip(tallies, keys, strict=True))
    table = summarise_table(
        _padded([[tally.counts.get(key, 0) for key in row] for tally, row in keyed]),
        poles=_padded([[(key in tally.positive) - (key in tally.negative) for key in row] for tally, row in keyed]),
        neutral=[tally.counts.get(NEUTRAL, 0) for tally in tallies],
        not_applicable=[tally.counts.get(NOT_APPLICABLE, 0) for tally in tallies],
        weights=weights,
        interval=interval,
        level=level,
    )
    return _rows(table, keys=keys)


def summarise_table(
    actions: ArrayLike,
    *,
    poles: ArrayLike,
    neutral: ArrayLike,
    not_applicable: ArrayLike,
    weights: VoteWeights = HALF_A_VOTE_EACH,
    interval: Interval = "wilson",
    level: float = DEFAULT_LEVEL,
) -> SummaryTable:
    """`summarise` on arrays: `actions` and `poles` (n_scenarios, n_actions), the others (n_scenarios,).

    `poles` is +1, -1 or 0 (neither side) for each action; one row serves all scenarios if they share it.
    Scenarios with fewer actions are padded with zero counts.
    """
    votes = _counts(actions, dimensions=2)
    undecided, inapplicable = _counts(neutral, dimensions=1), _counts(not_applicable, dimensions=1)
    side = np.broadcast_to(np.asarray(poles, dtype=np.float64), votes.shape)

    positive = (
        (votes * (side > 0)).sum(axis=1)
        + weights.neutral_to_positive * undecided
        + weights.not_applicable_to_positive * inapplicable
    )
    negative = (
        (votes * (side < 0)).sum(axis=1)
        + weights.neutral_to_negative * undecided
        + weights.not_applicable_to_negative * inapplicable
    )
    weighted_n = positive + negative
    voted = weighted_n > 0
    low, high = INTERVALS[interval](positive, weighted_n, level=level)
    agreement = _quotient(np.maximum(positive, negative), weighted_n)
    return SummaryTable(
        n=votes.sum(axis=1) + undecided + inapplicable,
        neutral=undecided,
        not_applicable=inapplicable,
        weighted_n=weighted_n,
        share_positive=_quotient(positive, weighted_n),
        low=low,
        high=high,
        interval=interval,
        level=level,
        majority=_majority(votes, undecided),
        agreement=agreement,
        p_majority=np.where(voted, p_majority(positive, negative), np.nan),
        entropy_bits=entropy_bits(np.column_stack([votes, undecided])),
        consensus_votes=consensus.by_votes(agreement),
        consensus_posterior=consensus.by_posterior(positive, negative=negative, low=low, high=high),
        high_consensus=consensus.in_high_consensus_set(agreement),
    )


def entropy_bits(counts: ArrayLike) -> Floats:
    """Shannon entropy -Σ p·log2(p) of each row of counts (or probabilities); nan for a row without any.

    The plug-in estimate: with few votes it lies below the entropy of the population.
    """
    table = _counts(counts, dimensions=2)
    share = _quotient(table, table.sum(axis=1, keepdims=True))
    information: Floats = np.log2(np.where(share == 0, 1.0, share))
    return np.asarray(0.0 - (share * information).sum(axis=1))  # 0 - x, because -x would publish "-0.0"


def sides(poles: Mapping[str, int | None]) -> tuple[frozenset[str], frozenset[str]]:
    """The actions on the positive and on the negative side, from each action's pole, in the scenario's order.

    Pole +1 is positive, -1 negative. If only one of the two occurs, actions without a pole form the other
    side. If the poles tell no two actions apart (none set, or all equal) the first action counts as the
    positive side and the others as the negative one: the share is then merely that of the first action.
    """
    positive = frozenset(key for key, pole in poles.items() if pole == 1)
    negative = frozenset(key for key, pole in poles.items() if pole == -1)
    without = frozenset(poles) - positive - negative
    if positive and (negative or without):
        return positive, negative or without
    if negative and without:
        return without, negative
    first = frozenset(list(poles)[:1])
    return first, frozenset(poles) - first


def _action_keys(tally: Tally) -> list[str]:
    """Actions in a fixed order; those nobody chose are known from the sides."""
    both = set(tally.positive) & set(tally.negative)
    if both:
        raise InvalidCounts(f"An action cannot stand on both sides: {', '.join(sorted(both))}.")
    named = {*tally.counts, *tally.positive, *tally.negative}
    return sorted(named - {NEUTRAL, NOT_APPLICABLE})


def _padded(rows: Sequence[Sequence[int]]) -> Floats:
    width = max(2, *map(len, rows))  # max() wants a second argument even when there is one row
    return np.array([[*row, *[0] * (width - len(row))] for row in rows], dtype=np.float64)


def _counts(values: ArrayLike, *, dimensions: int) -> Floats:
    counts = np.asarray(values, dtype=np.float64)
    if counts.ndim != dimensions:
        raise InvalidCounts(f"Expected {dimensions} dimension(s) of counts, got {counts.ndim}.")
    if not np.all(np.isfinite(counts)) or np.any(counts < 0):
        raise InvalidCounts("Counts must be finite and 0 or more.")
    return counts


def _quotient(part: Floats, whole: Floats) -> Floats:
    quotient = np.full(part.shape, np.nan)
    np.divide(part, whole, out=quotient, where=np.broadcast_to(whole > 0, part.shape))
    return quotient


def _majority(votes: Floats, undecided: Floats) -> NDArray[np.intp]:
    leaders = votes == votes.max(axis=1, keepdims=True)
    column = np.where(leaders.sum(axis=1) > 1, _TIE_INDEX, leaders.argmax(axis=1))
    return np.where(votes.sum(axis=1) + undecided > 0, column, _NO_VOTE_INDEX)


def _rows(table: SummaryTable, *, keys: Sequence[Sequence[str]]) -> list[Summary]:
    columns: dict[str, list[Any]] = {
        "n": table.n.astype(int).tolist(),
        "neutral": table.neutral.astype(int).tolist(),
        "not_applicable": table.not_applicable.astype(int).tolist(),
        "weighted_n": table.weighted_n.tolist(),
        "share_positive": _defined(table.share_positive),
        "low": _defined(table.low),
        "high": _defined(table.high),
        "majority": _leaders(table.majority, keys=keys),
        "agreement": _defined(table.agreement),
        "p_majority": _defined(table.p_majority),
        "entropy_bits": _defined(table.entropy_bits),
        "consensus_votes": [name or None for name in table.consensus_votes.tolist()],
        "consensus_posterior": [name or None for name in table.consensus_posterior.tolist()],
        "high_consensus": [
            reached if voted else None
            for reached, voted in zip(table.high_consensus.tolist(), table.weighted_n > 0, strict=True)
        ],
    }
    return [
        Summary(interval=table.interval, level=table.level, **dict(zip(columns, row, strict=True)))
        for row in zip(*columns.values(), strict=True)
    ]


def _leaders(majority: NDArray[np.intp], *, keys: Sequence[Sequence[str]]) -> list[str | None]:
    special = {_TIE_INDEX: TIE, _NO_VOTE_INDEX: None}
    return [
        row[column] if column >= 0 else special[column] for column, row in zip(majority.tolist(), keys, strict=True)
    ]


def _defined(values: Floats) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
