"""Krippendorff's alpha against the PyPI package `krippendorff` on random data with missing answers."""

from typing import get_args

import krippendorff
import numpy as np
import pytest

from analysis.agreement import KrippendorffAlpha, Metric, estimate


@pytest.mark.parametrize("metric", get_args(Metric))
@pytest.mark.parametrize("seed", range(8))
def test_both_implementations_agree(metric: Metric, seed: int) -> None:
    rng = np.random.default_rng(seed)
    options, units = int(rng.integers(2, 7)), int(rng.integers(5, 60))
    prevalence = rng.dirichlet(np.ones(options), size=units)
    answers = rng.integers(0, 9, size=units)  # some units end up with no answer or one
    table = rng.multinomial(answers, prevalence)
    values = np.cumsum(rng.integers(1, 4, size=options))

    ours = estimate(table, KrippendorffAlpha(metric=metric, values=tuple(map(float, values))))

    theirs = krippendorff.alpha(value_counts=table, value_domain=values, level_of_measurement=metric)
    assert ours.estimate == pytest.approx(theirs, abs=1e-12)
