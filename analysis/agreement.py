"""How far annotators agree with one another, from the units x options count table alone.

Owns the coefficients and their bootstrap interval. They answer different questions and are published
together. Invariant: an undefined coefficient is None with a reason in words, never 0 or 1.

Every coefficient is a function of sums over units (of disagreements, of answers per option ...). Resampling
units therefore only changes how often each distinct row of counts is summed, and one matrix product gives all
replicates: the cost depends on the number of distinct rows, not on the number of scenarios or responses.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from analysis.count_tables import Counts, Patterns, patterns_of
from analysis.intervals import DEFAULT_LEVEL

Floats = NDArray[np.float64]
Metric = Literal["nominal", "ordinal", "interval", "ratio"]
Chance = Literal["none", "gwet", "fleiss", "uniform"]
Weighting = Literal["identity", "quadratic"]

NO_PAIR: Final = "No scenario has two answers that could be compared."
ONE_UNIT: Final = "Only one scenario has two answers; agreement beyond chance needs at least two scenarios."
NO_VARIATION: Final = "Every answer chose the same option: without variation, agreement beyond chance is undefined."
ONE_OPTION: Final = "There is only one option to choose."

# More undefined replicates than this, and an interval of the rest would describe something else.
_UNDEFINED_REPLICATES_ALLOWED: Final = 0.05
# Bounds the matrices of a block of replicates to some 32 MB however many patterns there are.
_CELLS_AT_ONCE: Final = 4_000_000


class InvalidScale(ValueError):
    """Option values that do not fit the table or the metric."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One coefficient for one slice of a study; `estimate`, `low`, `high` are None where undefined.

    n_units and n_responses count the scenarios with at least two answers and the answers to them.
    """

    coefficient: str
    estimate: float | None
    low: float | None = None
    high: float | None = None
    level: float = DEFAULT_LEVEL
    n_units: int
    n_responses: int
    method: str
    undefined_reason: str = ""


class Coefficient(Protocol):
    """An agreement coefficient as a function of sums over units."""

    @property
    def name(self) -> str:
        """Key under which it is published."""

    def unit_sums(self, rows: Counts) -> Floats:
        """What each unit adds, (units, m), from its row of counts (units, options)."""

    def of_totals(self, totals: Floats) -> Floats:
        """The coefficient of each row of sums, (replicates, m) to (replicates,); nan where undefined."""

    def why_undefined(self, rows: Counts) -> str:
        """The reason in words, from the distinct rows of counts; empty if the coefficient is defined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KrippendorffAlpha:
    """1 - observed / expected disagreement among pairable answers; missing answers need no special care.

    Observed: Σ_units Σ_ck n_uc n_uk d_ck / (n_u - 1); expected: Σ_ck n_c n_k d_ck / (n - 1). n_c counts
    option c among units with two answers or more, the others are dropped. d is the squared difference of the
    metric: nominal 0 or 1; interval (v_c - v_k)²; ratio ((v_c - v_k) / (v_c + v_k))²; ordinal the squared
    distance of mid-ranks, which follow the answers and hence each replicate.
    `values` are the options' values in column order (default 0, 1, 2 ...); only interval and ratio use them.
    Source: Krippendorff (2011), Computing Krippendorff's Alpha-Reliability.
    """

    metric: Metric = "nominal"
    values: tuple[float, ...] | None = None

    @property
    def name(self) -> str:
        return f"krippendorff_alpha_{self.metric}"

    def unit_sums(self, rows: Counts) -> Floats:
        sizes = rows.sum(axis=1)
        pairable = np.where(sizes >= 2, 1.0, 0.0)[:, None]
        per_pair = pairable / np.maximum(sizes - 1, 1)[:, None]
        if self.metric == "ordinal":
            pairs: Floats = rows[:, :, None] * rows[:, None, :] - rows[:, :, None] * np.eye(rows.shape[1])
            return np.asarray(pairs.reshape(len(rows), -1) * per_pair)
        disagreement = ((rows @ self._gaps(rows.shape[1])) * rows).sum(axis=1, keepdims=True)
        return np.hstack([disagreement * per_pair, rows * pairable])

    def of_totals(self, totals: Floats) -> Floats:
        if self.metric == "ordinal":
            options = round(totals.shape[1] ** 0.5)
            coincidences = totals.reshape(len(totals), options, options)
            answers = coincidences.sum(axis=2)
            ranks = np.cumsum(answers, axis=1) - answers / 2
            gaps = (ranks[:, :, None] - ranks[:, None, :]) ** 2
            observed = (coincidences * gaps).sum(axis=(1, 2))
            expected = np.einsum("rc,rck,rk->r", answers, gaps, answers)
        else:
            observed, answers = totals[:, 0], totals[:, 1:]
            expected = ((answers @ self._gaps(answers.shape[1])) * answers).sum(axis=1)
        alpha: Floats = 1 - _quotient(observed * (answers.sum(axis=1) - 1), expected)
        return alpha

    def why_undefined(self, rows: Counts) -> str:
        pairable = rows[rows.sum(axis=1) >= 2]
        return NO_VARIATION if np.count_nonzero(pairable.sum(axis=0)) < 2 else ""

    def _gaps(self, options: int) -> Floats:
        if self.metric == "nominal":
            return 1 - np.eye(options)
        values = _option_values(self.values, options=options)
        differences = values[:, None] - values[None, :]
        if self.metric == "interval":
            return differences**2
        if values.min() < 0:
            raise InvalidScale("The ratio metric needs values of 0 or more.")
        sums = values[:, None] + values[None, :]
        return _quotient(differences**2, sums**2, otherwise=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairAgreement:
    """Share of agreeing pairs of answers, plain or corrected for chance: (p_a - p_e) / (1 - p_e).

    p_a is the mean, over units with two answers or more, of the share of their pairs that agree. Coefficients
    differ in the agreement p_e they expect by chance, from π_k, the mean share of option k over units:
        none      percent agreement, no correction
        gwet      Σ π_k (1 - π_k) / (q - 1): AC1; weighted AC2 (times Σw / q). Steady when one option rules
        fleiss    Σ π_k²: kappa (Scott's pi for two answers per unit). Falls when one option rules
        uniform   1 / q: Brennan-Prediger
    q is the number of columns, unused options included. Quadratic weights give near options partial credit.
    Fleiss' kappa is defined for equally many answers per unit; `unequal` allows Gwet's extension to any.
    Sources: Fleiss (1971), Psychological Bulletin 76:378; Gwet (2008), BJMSP 61:29; Brennan and Prediger
    (1981), Educational and Psychological Measurement 41:687.
    """

    chance: Chance = "none"
    weighting: Weighting = "identity"
    values: tuple[float, ...] | None = None
    unequal: bool = False

    @property
    def name(self) -> str:
        gwet = "gwet_ac1" if self.weighting == "identity" else "gwet_ac2"
        names = {
            "none": "percent_agreement",
            "gwet": gwet,
            "fleiss": "fleiss_kappa",
            "uniform": "brennan_prediger",
        }
        return names[self.chance]

    def unit_sums(self, rows: Counts) -> Floats:
        sizes = rows.sum(axis=1, keepdims=True)
        agreement = pair_agreement(rows, credit=self._credit(rows.shape[1]))[:, None]
        pairable = np.where(sizes >= 2, 1.0, 0.0)
        return np.hstack([np.nan_to_num(agreement), pairable, rows / sizes, np.ones_like(pairable)])

    def of_totals(self, totals: Floats) -> Floats:
        observed = _quotient(totals[:, 0], totals[:, 1])
        if self.chance == "none":
            return observed
        expected = self._expected(totals[:, 2:-1] / totals[:, -1:])
        return _quotient(observed - expected, 1 - expected)

    def why_undefined(self, rows: Counts) -> str:
        if self.chance == "none":
            return ""
        if rows.shape[1] < 2:
            return ONE_OPTION
        if self.chance == "fleiss":
            return self._why_no_kappa(rows)
        return ""

    def _why_no_kappa(self, rows: Counts) -> str:
        sizes = rows.sum(axis=1)
        if not self.unequal and sizes.min() != sizes.max():
            return (
                f"Fleiss' kappa needs equally many answers per scenario; here they range from {sizes.min()} "
                f"to {sizes.max()}."
            )
        return NO_VARIATION if np.count_nonzero(rows.sum(axis=0)) < 2 else ""

    def _expected(self, prevalence: Floats) -> Floats:
        options = prevalence.shape[1]
        credit = self._credit(options)
        if self.chance == "gwet":
            spread = (prevalence * (1 - prevalence)).sum(axis=1)
            expected: Floats = credit.sum() * spread / (options * (options - 1))
        elif self.chance == "fleiss":
            expected = ((prevalence @ credit) * prevalence).sum(axis=1)
        else:
            expected = np.full(len(prevalence), credit.sum() / options**2)
        return expected

    def _credit(self, options: int) -> Floats:
        if self.weighting == "identity" or options < 2:
            return np.eye(options)
        values = _option_values(self.values, options=options)
        distance = (values[:, None] - values[None, :]) / (values.max() - values.min())
        return np.asarray(1 - distance**2)


PERCENT_AGREEMENT: Final = PairAgreement()
ALPHA: Final = KrippendorffAlpha()
GWET_AC1: Final = PairAgreement(chance="gwet")
FLEISS_KAPPA: Final = PairAgreement(chance="fleiss")
BRENNAN_PREDIGER: Final = PairAgreement(chance="uniform")


def estimate(table: ArrayLike, coefficient: Coefficient = ALPHA) -> Estimate:
    """The coefficient of a units x options count table, without an interval.

    Missing answers are simply not counted. Raises InvalidCountTable or InvalidScale.
    """
    return _estimate(patterns_of(table), coefficient)


def bootstrap_over_units(
    table: ArrayLike,
    coefficient: Coefficient = ALPHA,
    *,
    seed: int,
    replicates: int = 1000,
    level: float = DEFAULT_LEVEL,
) -> Estimate:
    """The coefficient with its percentile interval over resampled units (scenarios as clusters).

    Answers how far the figure would move with other scenarios of the same kind, not with other annotators.
    The same seed, table and software give the same interval, whatever the order of the units. Replicates in
    which the coefficient is undefined are left out and counted in `method`; above 5 % there is no interval.
    """
    if replicates < 1 or not 0 < level < 1:
        raise ValueError("A bootstrap needs at least one replicate and a level between 0 and 1.")
    patterns = patterns_of(table)
    point = replace(_estimate(patterns, coefficient), level=level)
    if point.estimate is None:
        return point
    if point.n_units < 2:
        return replace(point, undefined_reason="No interval: only one scenario has two answers.")
    values = _replicated(patterns, coefficient, replicates=replicates, seed=seed)
    defined = values[~np.isnan(values)]
    undefined = replicates - len(defined)
    method = f"percentile bootstrap over scenarios, {replicates} replicates, seed {seed}"
    point = replace(point, method=f"{method}, {undefined} undefined" if undefined else method)
    if undefined > _UNDEFINED_REPLICATES_ALLOWED * replicates:
        return replace(point, undefined_reason=f"No interval: undefined in {undefined} of {replicates} replicates.")
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2]).tolist()
    return replace(point, low=low, high=high)


def pair_agreement(table: ArrayLike, *, credit: Floats | None = None) -> Floats:
    """Per unit, the share of its pairs of answers that agree: (Σ n_k² - n) / (n (n - 1)); nan below two.

    `credit[c, k]` is the credit for a pair of different answers (default none).
    """
    rows = np.asarray(table, dtype=np.float64)
    sizes = rows.sum(axis=1)
    credited = rows if credit is None else rows @ credit
    return _quotient((rows * credited).sum(axis=1) - sizes, sizes * (sizes - 1))


def _estimate(patterns: Patterns, coefficient: Coefficient) -> Estimate:
    sizes = patterns.rows.sum(axis=1)
    units = patterns.multiplicity[sizes >= 2]
    blank = Estimate(
        coefficient=coefficient.name,
        estimate=None,
        n_units=int(units.sum()),
        n_responses=int((units * sizes[sizes >= 2]).sum()),
        method="no interval",
    )
    reason = _why_undefined(patterns, coefficient)
    if reason:
        return replace(blank, undefined_reason=reason)
    totals = patterns.multiplicity @ coefficient.unit_sums(patterns.rows)
    return replace(blank, estimate=float(coefficient.of_totals(totals[None, :])[0]))


def _why_undefined(patterns: Patterns, coefficient: Coefficient) -> str:
    pairable_units = int(patterns.multiplicity[patterns.rows.sum(axis=1) >= 2].sum())
    if pairable_units == 0:
        return NO_PAIR
    reason = coefficient.why_undefined(patterns.rows)
    # The formula of alpha gives exactly 0 for any single unit; that is no finding about agreement.
    if not reason and pairable_units == 1 and coefficient.name != PERCENT_AGREEMENT.name:
        return ONE_UNIT
    return reason


def _replicated(patterns: Patterns, coefficient: Coefficient, *, replicates: int, seed: int) -> Floats:
    sums = coefficient.unit_sums(patterns.rows)
    blocks = _resampled(
        patterns.multiplicity,
        replicates=replicates,
        sums_per_unit=sums.shape[1],
        rng=np.random.default_rng(seed),
    )
    return np.concatenate([coefficient.of_totals(drawn @ sums) for drawn in blocks])


def _resampled(
    multiplicity: Counts, *, replicates: int, sums_per_unit: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """How often each pattern occurs when all units are drawn again with replacement, a block at a time."""
    kinds, units = len(multiplicity), int(multiplicity.sum())
    block = max(1, _CELLS_AT_ONCE // max(kinds, sums_per_unit))
    # Both ways draw from the same multinomial law; one costs per pattern, the other per unit (8 times less).
    few_kinds = kinds * 8 < units
    kind_of_unit = np.empty(0) if few_kinds else np.repeat(np.arange(kinds), multiplicity)
    for start in range(0, replicates, block):
        size = min(block, replicates - start)
        if few_kinds:
            yield rng.multinomial(units, multiplicity / units, size=size).astype(np.float64)
        else:
            draws = (kind_of_unit[rng.integers(units, size=units)] for _ in range(size))
            yield np.array([np.bincount(draw, minlength=kinds) for draw in draws], dtype=np.float64)


def _option_values(values: tuple[float, ...] | None, *, options: int) -> Floats:
    scale = np.arange(options, dtype=np.float64) if values is None else np.array(values, dtype=np.float64)
    if scale.shape != (options,) or len(np.unique(scale)) < options or not np.all(np.isfinite(scale)):
        raise InvalidScale(f"Expected {options} different values, one per option; got {values}.")
    return scale


def _quotient(part: Floats, whole: Floats, *, otherwise: float = np.nan) -> Floats:
    quotient = np.full(part.shape, otherwise)
    np.divide(part, whole, out=quotient, where=whole != 0)
    return quotient
