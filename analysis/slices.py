"""Which scenarios a figure of agreement is computed over, and what counts as the same answer.

Owns the slices (everything, each trait, each stratum) and the categories within them. Invariant: what the
categories of a slice mean follows from how its scenarios are written, never from how they were answered, so
a figure cannot change its meaning while answers come in.

Alpha and its relatives pool the categories of all scenarios to find the agreement chance would give, so a
category has to mean the same in every scenario. The keys of a scenario pair (`a`, `b`) usually do not:
which action came first in the file is an accident, and pooling them describes a coin. Hence:

    pole     where every scenario of the slice is a pair of one action that shows the trait and one that
             opposes it: positive, negative, neutral
    action   otherwise: the keys themselves and neutral; right where they are a shared vocabulary (safe /
             unsafe), and all that can be said where they are not

Relabelling a pair changes nothing within a scenario: observed agreement and Krippendorff's observed
disagreement are the same either way; only what is expected by chance differs. "Not applicable" is missing
data in both.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from analysis import agreement
from analysis.agreement import Coefficient, Estimate
from analysis.count_tables import Counts
from analysis.distributions import NEUTRAL, NOT_APPLICABLE

EVERYBODY: Final = "all"
REPLICATES: Final = 1000
COEFFICIENTS: Final[Mapping[str, Coefficient]] = {
    "percent_agreement": agreement.PERCENT_AGREEMENT,
    "krippendorff_alpha": agreement.ALPHA,
    "gwet_ac1": agreement.GWET_AC1,
    "fleiss_kappa": agreement.FLEISS_KAPPA,
}

Basis = Literal["pole", "action"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The counted answers of one stratum to one scenario; `poles` holds every action it offers."""

    trait: str
    stratum: str
    counts: Mapping[str, int]
    poles: Mapping[str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One coefficient of one slice, under the name it is published by."""

    slice: str
    coefficient: str
    estimate: Estimate
    method: str


def figures(units: Iterable[Unit], *, offers_neutral: bool, seed: int) -> list[Figure]:
    """Every coefficient of every slice, each with its percentile interval over resampled scenarios.

    All use the same seed, so that within a slice they are computed on the same resampled scenarios.
    """
    return [
        figure
        for name, members in slices(units).items()
        for figure in _figures_of(name, members, offers_neutral=offers_neutral, seed=seed)
    ]


def slices(units: Iterable[Unit]) -> dict[str, list[Unit]]:
    """The units of `all`, of each `trait:<key>` (everybody's answers) and of each `stratum:<key>`."""
    found: dict[str, list[Unit]] = {}
    for unit in units:
        if unit.stratum != EVERYBODY:
            found.setdefault(f"stratum:{unit.stratum}", []).append(unit)
            continue
        found.setdefault("all", []).append(unit)
        if unit.trait:
            found.setdefault(f"trait:{unit.trait}", []).append(unit)
    return dict(sorted(found.items()))


def basis_of(units: Iterable[Unit]) -> Basis:
    """What the answers to these scenarios have in common: see the module's docstring."""
    return "pole" if all(sorted(_known_poles(unit)) == [-1, 1] for unit in units) else "action"


def category_counts(units: Sequence[Unit], *, offers_neutral: bool) -> Counts:
    """The units x categories table; neutral is a category where it is offered or was recorded.

    Categories nobody chose stay: the agreement Gwet's AC1 expects depends on how many there are.
    """
    neutral = [unit.counts.get(NEUTRAL, 0) for unit in units]
    columns = _pole_columns(units) if basis_of(units) == "pole" else _action_columns(units)
    if offers_neutral or any(neutral):
        columns.append(neutral)
    return np.array(columns, dtype=np.int64).reshape(len(columns), len(units)).T


def _figures_of(name: str, units: list[Unit], *, offers_neutral: bool, seed: int) -> Iterable[Figure]:
    table = category_counts(units, offers_neutral=offers_neutral)
    for key, coefficient in COEFFICIENTS.items():
        estimate = agreement.bootstrap_over_units(table, coefficient, seed=seed, replicates=REPLICATES)
        method = f"nominal, by {basis_of(units)}; {estimate.method}"
        yield Figure(slice=name, coefficient=key, estimate=estimate, method=method)


def _known_poles(unit: Unit) -> list[int]:
    """The poles of its actions; an action without one counts as 0."""
    return [pole or 0 for pole in unit.poles.values()]


def _pole_columns(units: Sequence[Unit]) -> list[list[int]]:
    return [
        [sum(count for key, count in unit.counts.items() if unit.poles.get(key) == pole) for unit in units]
        for pole in (1, -1)
    ]


def _action_columns(units: Sequence[Unit]) -> list[list[int]]:
    chosen = {key for unit in units for key in (*unit.poles, *unit.counts)}
    keys = sorted(chosen - {NEUTRAL, NOT_APPLICABLE})
    return [[unit.counts.get(key, 0) for unit in units] for key in keys]
