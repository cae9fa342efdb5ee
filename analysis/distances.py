"""Distances between two distributions over the same options: groups of people, or people and a model.

All take counts or probabilities (rows are scaled to sum 1) of shape (..., options) and broadcast; a row
without any vote gives nan. Invariant: equal distributions are at distance 0.
"""

from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

Floats = NDArray[np.float64]

LN2: Final = float(np.log(2))


class InvalidDistribution(ValueError):
    """Weights that are negative or not finite, or two distributions over different options."""


def total_variation(p: ArrayLike, q: ArrayLike) -> Any:
    """½ Σ|p - q|: the largest difference in probability any set of options can show; 0 to 1."""
    first, second = _pair(p, q)
    return np.abs(first - second).sum(axis=-1) / 2


def jensen_shannon(p: ArrayLike, q: ArrayLike) -> Any:
    """Jensen-Shannon divergence in bits, 0 to 1: mean divergence of the two from their average.

    The divergence, not its square root (which scipy returns and calls a distance). Always finite.
    Source: Lin (1991), IEEE Transactions on Information Theory 37:145.
    """
    first, second = _pair(p, q)
    middle = (first + second) / 2
    nats = (special.rel_entr(first, middle) + special.rel_entr(second, middle)).sum(axis=-1) / 2
    return nats / LN2


def hellinger(p: ArrayLike, q: ArrayLike) -> Any:
    """√(½ Σ(√p - √q)²); 0 to 1."""
    first, second = _pair(p, q)
    return np.sqrt(((np.sqrt(first) - np.sqrt(second)) ** 2).sum(axis=-1) / 2)


def wasserstein_1(p: ArrayLike, q: ArrayLike, *, support: ArrayLike | None = None) -> Any:
    """Σ|F_p - F_q| · step: how far votes must move along an ordered scale, in units of the scale.

    `support` holds the increasing values of the options; without it they lie one unit apart.
    """
    first, second = _pair(p, q)
    points = np.arange(first.shape[-1]) if support is None else np.asarray(support, dtype=np.float64)
    if points.shape != first.shape[-1:] or np.any(np.diff(points) <= 0):
        raise InvalidDistribution("The support must give one increasing value per option.")
    gap = np.abs(np.cumsum(first - second, axis=-1))[..., :-1]
    return (gap * np.diff(points)).sum(axis=-1)


def kl_divergence(p: ArrayLike, q: ArrayLike) -> Any:
    """Σ p·ln(p / q) in nats: infinite where q excludes an option that p uses."""
    return special.rel_entr(*_pair(p, q)).sum(axis=-1)


def cross_entropy(p: ArrayLike, q: ArrayLike) -> Any:
    """-Σ p·ln(q) in nats: the loss of predicting q when answers follow p. Its minimum is the entropy of p."""
    first, second = _pair(p, q)
    return -special.xlogy(first, second).sum(axis=-1)


def brier(p: ArrayLike, q: ArrayLike) -> Any:
    """Σ(p - q)² over all options; 0 to 2. (Some authors count two options once: half of this.)"""
    first, second = _pair(p, q)
    return ((first - second) ** 2).sum(axis=-1)


def _pair(p: ArrayLike, q: ArrayLike) -> tuple[Floats, Floats]:
    first, second = _scaled(p), _scaled(q)
    if first.shape[-1] != second.shape[-1]:
        raise InvalidDistribution(
            f"The distributions have {first.shape[-1]} and {second.shape[-1]} options; they must share them."
        )
    return first, second


def _scaled(weights: ArrayLike) -> Floats:
    values = np.asarray(weights, dtype=np.float64)
    if values.ndim == 0 or not np.all(np.isfinite(values)) or np.any(values < 0):
        raise InvalidDistribution("A distribution is a list of finite weights of 0 or more.")
    total = values.sum(axis=-1, keepdims=True)
    shares = np.full(values.shape, np.nan)
    np.divide(values, total, out=shares, where=total > 0)
    return shares
