"""How well the published distributions would repeat, had other annotators of the same kind answered.

Complements agreement: people may disagree about every scenario and still, in numbers, answer each in the same
proportions again. Low alpha with high reliability is a finding about opinions, not a fault of the data.

Invariant: the same seed and table give the same figures, whatever the order of the units.
"""

import math
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.special import gammaln

from analysis.count_tables import Counts, checked_counts, patterns_of
from analysis.distances import jensen_shannon

Floats = NDArray[np.float64]

TOO_FEW_UNITS: Final = "Fewer than three scenarios have two answers; a correlation over them says nothing."
NO_SPREAD: Final = "The scenarios do not differ in their shares, so there is nothing to correlate."


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitHalf:
    """Reliability of the units' mean scores; `correlation` and `reliability` are None where undefined.

    correlation    mean Pearson correlation of the two halves, that is of distributions from half the answers
    reliability    mean of its Spearman-Brown step-up: of distributions from all the answers
    """

    correlation: float | None = None
    reliability: float | None = None
    splits: int
    seed: int
    n_units: int
    n_responses: int
    undefined_reason: str = ""


def spearman_brown(r: float, *, k: float = 2) -> float:
    """Reliability of k times as many answers: k·r / (1 + (k - 1)·r).

    Raises ValueError where the formula has no value (r at or below -1 / (k - 1)).
    """
    denominator = 1 + (k - 1) * r
    if denominator <= 0:
        raise ValueError(f"Spearman-Brown is undefined for r = {r} and k = {k}.")
    return k * r / denominator


def split_half(table: ArrayLike, *, scores: ArrayLike, seed: int, splits: int = 500) -> SplitHalf:
    """Split every unit's answers in two at random and correlate the halves' mean scores over units.

    Drawn within each unit, as if every scenario had annotators of its own: the count table does not know who
    gave which answer. That is nearly so where each annotator answers few of the scenarios.
    `scores` has one number per option of the units x options count table: 1 and 0 for the two sides and .5
    for neutral give the share of the positive side. Halves differ by one answer where their number is odd;
    units with fewer than two answers are dropped. Costs per distinct row of counts, not per unit.
    Source: Spearman (1910) and Brown (1910), British Journal of Psychology 3:271 and 296.
    """
    patterns = patterns_of(_merged(checked_counts(table), scores=scores))
    levels = np.unique(np.asarray(scores, dtype=np.float64))
    sizes = patterns.rows.sum(axis=1)
    rows, copies = patterns.rows[sizes >= 2], patterns.multiplicity[sizes >= 2]
    units = int(copies.sum())
    blank = SplitHalf(splits=splits, seed=seed, n_units=units, n_responses=int((copies * sizes[sizes >= 2]).sum()))
    if units < 3:
        return replace(blank, undefined_reason=TOO_FEW_UNITS)
    rng = np.random.default_rng(seed)
    moments = np.zeros((splits, 5))
    for row, times in zip(rows, copies.tolist(), strict=True):
        moments += _moments_of_halves(row, scores=levels, copies=times, splits=splits, rng=rng)
    return _with_correlations(blank, moments / units)


def split_half_of_annotators(
    units: ArrayLike, annotators: ArrayLike, *, scores: ArrayLike, seed: int, splits: int = 500
) -> SplitHalf:
    """Split the annotators in two at random and correlate the halves' mean scores over units.

    Three flat lists with one entry per answer. The classical coefficient: a person's leaning then falls into
    the same half in every unit and partly cancels, so where everybody answers everything it lies above
    `split_half` (DICES: .947 against .931). A unit without an answer in one half is left out of that split.
    Costs grow with answers x splits.
    """
    sums, answers = _by_unit_and_annotator(units, annotators, scores=scores)
    enough = np.asarray(answers.sum(axis=1)).ravel() >= 2
    sums, answers = sums[enough], answers[enough]
    blank = SplitHalf(splits=splits, seed=seed, n_units=int(enough.sum()), n_responses=int(answers.sum()))
    if blank.n_units < 3:
        return replace(blank, undefined_reason=TOO_FEW_UNITS)
    rng = np.random.default_rng(seed)
    means = [_means_of_annotator_halves(sums, answers, rng=rng) for _ in range(splits)]
    return _with_correlations(blank, np.array(means))


def panel_noise_floor(table: ArrayLike, *, panel: int, seed: int, draws: int = 1000) -> float | None:
    """Mean Jensen-Shannon divergence (bits) between two disjoint random panels of `panel` answers per unit.

    The distance two groups show although they come from the same people: a model or a group closer than this
    cannot be told from them. `draws` pairs of panels per distinct row of counts. Units with fewer than twice
    `panel` answers are left out; None if none remains.
    """
    if panel < 1 or draws < 1:
        raise ValueError("A panel needs at least one answer, and at least one pair must be drawn.")
    patterns = patterns_of(table)
    enough = patterns.rows.sum(axis=1) >= 2 * panel
    rows, copies = patterns.rows[enough], patterns.multiplicity[enough]
    if not len(rows):
        return None
    rng = np.random.default_rng(seed)
    everyone = np.broadcast_to(rows, (draws, *rows.shape))
    first = _without_replacement(everyone, size=np.full(everyone.shape[:-1], panel), rng=rng)
    second = _without_replacement(everyone - first, size=np.full(everyone.shape[:-1], panel), rng=rng)
    per_row: Floats = jensen_shannon(first, second).mean(axis=0)
    return float(np.average(per_row, weights=copies))


def _with_correlations(blank: SplitHalf, means: Floats) -> SplitHalf:
    """Fill in the averages over splits from the mean of x, y, x², y² and xy in each split, (splits, 5)."""
    x, y, xx, yy, xy = means.T
    product_of_variances = (xx - x * x) * (yy - y * y)
    # A variance this small against the squares is rounding error: dividing by it would invent a correlation.
    varied = np.minimum(xx - x * x, yy - y * y) > 1e-12 * np.maximum(xx, yy)
    r = (xy - x * y)[varied] / np.sqrt(product_of_variances[varied])
    r = r[r > -1]  # the step-up of exactly opposite halves has no value
    if not len(r):
        return replace(blank, undefined_reason=NO_SPREAD)
    return replace(blank, correlation=float(r.mean()), reliability=float((2 * r / (1 + r)).mean()))


def _by_unit_and_annotator(
    units: ArrayLike, annotators: ArrayLike, *, scores: ArrayLike
) -> tuple[csr_array, csr_array]:
    """Sum and number of scores per unit (rows) and annotator (columns)."""
    unit_labels, unit = np.unique(np.asarray(units), return_inverse=True)
    annotator_labels, annotator = np.unique(np.asarray(annotators), return_inverse=True)
    values = np.asarray(scores, dtype=np.float64)
    if not unit.shape == annotator.shape == values.shape or not np.all(np.isfinite(values)):
        raise ValueError("Units, annotators and scores must be flat lists of one length; scores must be finite.")
    shape = (len(unit_labels), len(annotator_labels))
    return (
        csr_array((values, (unit, annotator)), shape=shape),
        csr_array((np.ones_like(values), (unit, annotator)), shape=shape),
    )


def _means_of_annotator_halves(sums: csr_array, answers: csr_array, *, rng: np.random.Generator) -> Floats:
    half = np.zeros(sums.shape[1])
    half[rng.permutation(len(half))[: len(half) // 2]] = 1
    both = np.stack([half, 1 - half], axis=1)
    answered = answers @ both
    usable = answered.min(axis=1) > 0
    if usable.sum() < 3:
        return np.zeros(5)
    x, y = ((sums @ both)[usable] / answered[usable]).T
    return np.array([x.mean(), y.mean(), (x * x).mean(), (y * y).mean(), (x * y).mean()])


def _merged(counts: Counts, *, scores: ArrayLike) -> Counts:
    """Options of equal score in one column, in the order of the scores: fewer distinct rows, same means."""
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != counts.shape[1:] or not np.all(np.isfinite(values)):
        raise ValueError(f"Expected one finite score for each of the {counts.shape[1]} options.")
    levels, column = np.unique(values, return_inverse=True)
    return counts @ np.eye(len(levels), dtype=np.int64)[column]


def _moments_of_halves(row: Counts, *, scores: Floats, copies: int, splits: int, rng: np.random.Generator) -> Floats:
    """Σx, Σy, Σx², Σy², Σxy over `copies` units with these counts, for each split, (splits, 5)."""
    half = int(row.sum()) // 2
    if copies > math.prod(row + 1):
        halves = _every_half(row, half=half)
        times = rng.multinomial(copies, _probabilities(halves, row=row), size=splits)
        summed: Floats = times @ _moments(halves, row=row, scores=scores)
        return summed
    everyone = np.broadcast_to(row, (splits, copies, len(row)))
    drawn = _without_replacement(everyone, size=np.full((splits, copies), half), rng=rng)
    return np.asarray(_moments(drawn, row=row, scores=scores).sum(axis=1), dtype=np.float64)


def _moments(halves: Counts, *, row: Counts, scores: Floats) -> Floats:
    x = halves @ scores / halves.sum(axis=-1)
    rest = row - halves
    y = rest @ scores / rest.sum(axis=-1)
    return np.stack([x, y, x * x, y * y, x * y], axis=-1)


def _every_half(row: Counts, *, half: int) -> Counts:
    choices = np.array(list(product(*(range(count + 1) for count in row.tolist()))), dtype=np.int64)
    return np.compress(choices.sum(axis=1) == half, choices, axis=0)


def _probabilities(halves: Counts, *, row: Counts) -> Floats:
    """Multivariate hypergeometric: in proportion to Π C(n_k, h_k)."""
    ways = (gammaln(row + 1) - gammaln(halves + 1) - gammaln(row - halves + 1)).sum(axis=1)
    weights = np.exp(ways - ways.max())
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _without_replacement(counts: Counts, *, size: Counts, rng: np.random.Generator) -> Counts:
    """Draw `size` (...) answers from each row of `counts` (..., options), hypergeometric per option."""
    drawn = np.zeros(counts.shape, dtype=np.int64)
    open_places, others = size, counts.sum(axis=-1)
    for option in range(counts.shape[-1] - 1):
        others = others - counts[..., option]
        drawn[..., option] = rng.hypergeometric(counts[..., option], others, open_places)
        open_places = open_places - drawn[..., option]
    drawn[..., -1] = open_places
    return drawn
