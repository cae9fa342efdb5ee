"""Intervals for a share, and the posterior of a majority.

Owns every statement of the form "given these votes, the true share lies here". Invariants: bounds stay
within [0, 1], low <= high, and no votes give no bounds (nan) instead of the whole range.

Votes may be fractions, because a neutral answer can count half for each side. All functions take numbers
or arrays; numbers give numbers, arrays give arrays.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Literal, overload

import numpy as np
from numpy.typing import NDArray
from scipy import special

Floats = NDArray[np.float64]
Votes = NDArray[np.floating[Any]] | NDArray[np.integer[Any]]
Interval = Literal["wilson", "jeffreys", "clopper_pearson"]

DEFAULT_LEVEL: Final = 0.95
HIGH_CONSENSUS: Final = 0.8


class ImpossibleVotes(ValueError):
    """Votes that cannot be: negative, not finite, or more in favour than were cast."""


@overload
def wilson(successes: float, n: float, *, level: float = ...) -> tuple[float, float]: ...
@overload
def wilson(successes: Votes, n: Votes | float, *, level: float = ...) -> tuple[Floats, Floats]: ...
def wilson(successes: Any, n: Any, *, level: float = DEFAULT_LEVEL) -> tuple[Any, Any]:
    """Score interval (k + z²/2 ± z √(k(n-k)/n + z²/4)) / (n + z²); the default everywhere.

    Holds its coverage at 10 votes far better than share ± z·SE, and never leaves [0, 1]: with no success the
    lower end is exactly 0, with no failure the upper end exactly 1. n = 0 gives nan.
    Source: Wilson (1927), JASA 22:209; Newcombe (1998), Statistics in Medicine 17:857.
    """
    k, total = _checked_votes(successes, n)
    z = special.ndtri(0.5 + _checked_level(level) / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = (k + z**2 / 2) / (total + z**2)
        half = z * np.sqrt(k * (total - k) / total + z**2 / 4) / (total + z**2)
    low = np.where(k == 0, 0.0, np.maximum(centre - half, 0.0))
    high = np.where(k == total, 1.0, np.minimum(centre + half, 1.0))
    return _bounds(low, high, total)


@overload
def jeffreys(successes: float, n: float, *, level: float = ...) -> tuple[float, float]: ...
@overload
def jeffreys(successes: Votes, n: Votes | float, *, level: float = ...) -> tuple[Floats, Floats]: ...
def jeffreys(successes: Any, n: Any, *, level: float = DEFAULT_LEVEL) -> tuple[Any, Any]:
    """Equal-tailed credible interval of Beta(k + ½, n - k + ½).

    Pure quantiles: at 0 or n successes the end is close to 0 or 1 but not equal to it (Brown, Cai and
    DasGupta move it there; we do not, so that the interval stays what its name says). n = 0 gives nan.
    Source: Brown, Cai, DasGupta (2001), Statistical Science 16:101.
    """
    k, total = _checked_votes(successes, n)
    tail = (1 - _checked_level(level)) / 2
    return _bounds(
        _beta_quantile(tail, k + 0.5, total - k + 0.5),
        _beta_quantile(1 - tail, k + 0.5, total - k + 0.5),
        total,
    )


@overload
def clopper_pearson(successes: float, n: float, *, level: float = ...) -> tuple[float, float]: ...
@overload
def clopper_pearson(successes: Votes, n: Votes | float, *, level: float = ...) -> tuple[Floats, Floats]: ...
def clopper_pearson(successes: Any, n: Any, *, level: float = DEFAULT_LEVEL) -> tuple[Any, Any]:
    """Exact interval: coverage of at least `level` for every true share, hence wide.

    Defined for whole votes. Fractions are rounded outwards (the lower end sees fewer successes and more
    failures, the upper end the reverse), so the promise of coverage survives half votes. Ends are exactly 0
    and 1 at 0 and n successes. n = 0 gives nan.
    Source: Clopper and Pearson (1934), Biometrika 26:404.
    """
    k, total = _checked_votes(successes, n)
    failures = total - k
    tail = (1 - _checked_level(level)) / 2
    fewest, most = np.floor(k), np.ceil(k)
    low = np.where(fewest == 0, 0.0, _beta_quantile(tail, fewest, np.ceil(failures) + 1))
    fewest_failures = np.floor(failures)
    high = np.where(fewest_failures == 0, 1.0, _beta_quantile(1 - tail, most + 1, fewest_failures))
    return _bounds(low, high, total)


INTERVALS: Final[Mapping[Interval, Callable[..., tuple[Any, Any]]]] = {
    "wilson": wilson,
    "jeffreys": jeffreys,
    "clopper_pearson": clopper_pearson,
}


@overload
def p_above(threshold: float, *, positive: float, negative: float) -> float: ...
@overload
def p_above(threshold: float, *, positive: Votes, negative: Votes) -> Floats: ...
def p_above(threshold: float, *, positive: Any, negative: Any) -> Any:
    """Posterior probability that the true positive share exceeds `threshold`, under a flat Beta(1, 1) prior.

    The tail of Beta(1 + positive, 1 + negative). Without votes it is the prior, 1 - threshold.
    """
    yes, no = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    if np.any((yes < 0) | (no < 0) | ~np.isfinite(yes + no)):
        raise ImpossibleVotes("Votes must be finite and not negative.")
    return _plain(special.betainc(no + 1, yes + 1, 1 - threshold))


@overload
def p_majority(positive: float, negative: float) -> float: ...
@overload
def p_majority(positive: Votes, negative: Votes) -> Floats: ...
def p_majority(positive: Any, negative: Any) -> Any:
    """Posterior probability that more than half of people choose the positive side: 7 of 10 gives .88671875.

    Near 1 the positive side leads, near 0 the negative side, .5 is no evidence either way.
    """
    return p_above(0.5, positive=positive, negative=negative)


@overload
def p_strong(positive: float, negative: float, *, tau: float = ...) -> float: ...
@overload
def p_strong(positive: Votes, negative: Votes, *, tau: float = ...) -> Floats: ...
def p_strong(positive: Any, negative: Any, *, tau: float = HIGH_CONSENSUS) -> Any:
    """Posterior probability that one side, whichever, has more than `tau`: P(p > tau or p < 1 - tau)."""
    above = p_above(tau, positive=positive, negative=negative)
    return above + p_above(tau, positive=negative, negative=positive)


def _checked_votes(successes: Any, n: Any) -> tuple[Floats, Floats]:
    k, total = np.broadcast_arrays(np.asarray(successes, dtype=np.float64), np.asarray(n, dtype=np.float64))
    if np.any(~np.isfinite(k) | ~np.isfinite(total) | (k < 0) | (k > total)):
        raise ImpossibleVotes("Successes must lie between 0 and n, and both must be finite.")
    return k, total


def _checked_level(level: float) -> float:
    if not 0 < level < 1:
        raise ValueError(f"A confidence level lies between 0 and 1, e.g. 0.95; got {level}.")
    return level


def _beta_quantile(probability: float, a: Floats, b: Floats) -> Floats:
    return np.asarray(special.betaincinv(a, b, probability), dtype=np.float64)


def _bounds(low: Floats, high: Floats, n: Floats) -> tuple[Any, Any]:
    return _plain(np.where(n > 0, low, np.nan)), _plain(np.where(n > 0, high, np.nan))


def _plain(values: Any) -> Any:
    """Numbers in, numbers out: a 0-d array becomes a Python float."""
    return float(values) if np.ndim(values) == 0 else values
