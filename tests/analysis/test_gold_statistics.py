"""Every reference value against our own functions; what we do not build is listed with its reason."""

import csv
import json
import math
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from analysis import agreement, distances, distributions, intervals, reliability
from analysis.count_tables import Counts, count_table, patterns_of

DATA: Final = Path(__file__).parents[2].parent / "shared" / "data"
GOLD: Final = DATA / "gold_statistics.json"

NOT_BUILT: Final[Mapping[str, str]] = {
    "analytic_se_irrCAC": "intervals come from the bootstrap over scenarios",
    "conger": "needs to know which rater gave which answer; annotators are interchangeable here",
    "cohen_kappa": "presumes two fixed raters; annotators are interchangeable here",
    "cohen_kappa_linear_weighted": "presumes two fixed raters; annotators are interchangeable here",
    "icc": "for ratings by a fixed panel on an interval scale; answers are choices",
    "icc_ci95": "for ratings by a fixed panel on an interval scale; answers are choices",
    "dawid_skene_em": "presumes one true answer; opinions have none",
    "event_log_aggregation": "a property of importing recorded answers, tested with the importer",
    "rogan_gladen": "belongs to judging models by imperfect judges",
    "sequential_min_unanimous": "belongs to adaptive quotas",
    "sprt": "belongs to adaptive quotas",
    "mcnemar": "belongs to the comparison of two models",
    "bh_fdr": "belongs to the comparison of many groups",
}
PARTS_NOT_BUILT: Final[Mapping[tuple[str, str], str]] = {
    ("two_rater_table", "cohen_kappa"): NOT_BUILT["cohen_kappa"],
    ("binomial_ci", "agresti_coull"): "three intervals are enough to choose from",
}

# Alpha under irrCAC's quadratic weights is alpha of the interval metric.
METRIC_OF: Final[Mapping[str, agreement.Metric]] = {"identity": "nominal", "quadratic": "interval"}

Entry = Mapping[str, Any]


@cache
def entries() -> tuple[Entry, ...]:
    return tuple(json.loads(GOLD.read_text())) if GOLD.exists() else ()


def built_entries() -> list[Any]:
    if not entries():
        reason = f"the reference data are not beside this checkout ({GOLD.relative_to(DATA.parents[1])})"
        return [pytest.param({}, id="gold_statistics.json", marks=pytest.mark.skip(reason=reason))]
    return [pytest.param(entry, id=entry["name"]) for entry in entries() if entry["method"] not in NOT_BUILT]


@pytest.mark.parametrize("entry", built_entries())
def test_a_reference_value_is_reproduced(entry: Entry) -> None:
    expected = without_parts_not_built(entry)

    computed = BUILT[entry["method"]](entry)

    assert_close(computed, expected, tolerance=entry["tolerance"])


@pytest.mark.skipif(not entries(), reason="the reference data are not beside this checkout")
def test_every_reference_method_is_either_built_or_refused_with_a_reason() -> None:
    methods = {entry["method"] for entry in entries()}

    assert not BUILT.keys() & NOT_BUILT.keys()
    assert methods == BUILT.keys() | NOT_BUILT.keys()


def without_parts_not_built(entry: Entry) -> Any:
    expected = entry["expected"]
    if not isinstance(expected, dict):
        return expected
    return {part: value for part, value in expected.items() if (entry["method"], part) not in PARTS_NOT_BUILT}


def assert_close(computed: Any, expected: Any, *, tolerance: float) -> None:
    if isinstance(expected, dict):
        for key, value in expected.items():
            assert_close(computed[key], value, tolerance=tolerance)
        return
    np.testing.assert_allclose(
        np.asarray(computed, dtype=float), np.asarray(expected, dtype=float), rtol=0, atol=tolerance
    )


def table_of(entry: Entry) -> Counts:
    """The units x options count table of whatever shape of input the entry has."""
    given = entry["input"]
    if "units_by_category_counts" in given:
        return np.array(given["units_by_category_counts"])
    if "raters_by_units" in given:
        return table_of_raters(given["raters_by_units"])
    if "contingency" in given:
        return table_of_pairs(np.array(given["contingency"]))
    if given["file"].endswith(".json"):
        return np.array(json.loads((DATA / given["file"]).read_text()))
    return dices_table(options=("No", "Yes", "Unsure"))


def table_of_raters(raters: list[list[Any]]) -> Counts:
    answers = [(unit, value) for row in raters for unit, value in enumerate(row) if value is not None]
    options = sorted({value for _, value in answers})
    units, values = zip(*answers, strict=True)
    return count_table(units, values, options=options).counts


def table_of_pairs(contingency: NDArray[Any]) -> Counts:
    identity = np.eye(len(contingency), dtype=int)
    rows = [
        identity[first] + identity[second]
        for (first, second), count in np.ndenumerate(contingency)
        for _ in range(count)
    ]
    return np.array(rows)


def dices_rows() -> list[dict[str, str]]:
    with (DATA / "dices" / "dices_350_votes.csv").open() as file:
        return list(csv.DictReader(file))


def dices_table(*, options: tuple[str, ...]) -> Counts:
    rows = dices_rows()
    return count_table([row["item_id"] for row in rows], [row["Q_overall"] for row in rows], options=options).counts


def dices_safe_or_not() -> Counts:
    """Yes against everything else."""
    table = dices_table(options=("Yes", "No", "Unsure"))
    return np.column_stack([table[:, 0], table[:, 1] + table[:, 2]])


def value_of(coefficient: agreement.Coefficient) -> Callable[[Entry], float | None]:
    return lambda entry: agreement.estimate(table_of(entry), coefficient).estimate


def alpha(entry: Entry) -> float | None:
    options = entry["options"]
    metric: agreement.Metric = options["level"] if "level" in options else METRIC_OF[options["weights"]]
    given = entry["input"].get("raters_by_units")
    values = None
    if metric in {"interval", "ratio"} and given:
        values = tuple(sorted({float(value) for row in given for value in row if value is not None}))
    return agreement.estimate(table_of(entry), agreement.KrippendorffAlpha(metric=metric, values=values)).estimate


def corrected(chance: agreement.Chance) -> Callable[[Entry], float | None]:
    def compute(entry: Entry) -> float | None:
        weighting = entry["options"].get("weights", "identity")
        coefficient = agreement.PairAgreement(
            chance=chance, weighting=weighting, unequal="raters_by_units" in entry["input"]
        )
        return agreement.estimate(table_of(entry), coefficient).estimate

    return compute


def two_raters(entry: Entry) -> dict[str, float | None]:
    return {
        "percent_agreement": corrected("none")(entry),
        "scott_pi": corrected("fleiss")(entry),
        "gwet_ac": corrected("gwet")(entry),
        "brennan_prediger": corrected("uniform")(entry),
        "krippendorff": alpha({**entry, "options": {"weights": "identity", **entry["options"]}}),
    }


def dices_alpha_interval(entry: Entry) -> list[float | None]:
    result = agreement.bootstrap_over_units(table_of(entry), seed=1, replicates=entry["options"]["B"])
    return [result.low, result.high]


def spearman_brown(entry: Entry) -> float:
    return reliability.spearman_brown(entry["input"]["r"], k=entry["input"]["k"])


def dices_split_half(entry: Entry) -> dict[str, float | None]:
    rows = dices_rows()
    result = reliability.split_half_of_annotators(
        [row["item_id"] for row in rows],
        [row["rater_pos"] for row in rows],
        scores=[row["Q_overall"] != "Yes" for row in rows],
        seed=1,
        splits=entry["options"]["halves"],
    )
    return {"mean_r": result.correlation, "mean_SB": result.reliability}


def dices_noise_floor(entry: Entry) -> dict[str, float | None]:
    table = dices_safe_or_not()
    return {
        name: reliability.panel_noise_floor(table, panel=int(name.removeprefix("n=")), seed=1)
        for name in entry["expected"]
    }


def interval(function: Callable[..., tuple[float, float]]) -> Callable[[Entry], tuple[float, float]]:
    def compute(entry: Entry) -> tuple[float, float]:
        given = entry["input"]
        return function(given["count"], given["n"], level=1 - entry["options"]["alpha"])

    return compute


def all_intervals(entry: Entry) -> dict[str, tuple[float, float]]:
    return {name: interval(function)(entry) for name, function in intervals.INTERVALS.items()}


def posterior(entry: Entry) -> float:
    votes: float = entry["input"]["k"]
    n: float = entry["input"]["n"]
    return intervals.p_majority(votes, n - votes)


def entropy(entry: Entry) -> dict[str, float]:
    bits = float(distributions.entropy_bits([entry["input"]["p"]])[0])
    return {"bits": bits, "nats": bits * math.log(2)}


def vote_splits(entry: Entry) -> dict[str, int]:
    patterns = patterns_of(table_of(entry))
    splits = Counter(
        {
            f"{first}-{second}": int(times)
            for (first, second), times in zip(patterns.rows, patterns.multiplicity, strict=True)
        }
    )
    return {**splits, "n_items": splits.total()}


def jensen_shannon(entry: Entry) -> dict[str, float]:
    bits = distances.jensen_shannon(entry["input"]["p"], entry["input"]["q"])
    return {
        "divergence_bits": bits,
        "distance_bits": math.sqrt(bits),
        "divergence_nats": bits * math.log(2),
    }


def several_distances(entry: Entry) -> dict[str, float]:
    p, q = entry["input"]["p"], entry["input"]["q"]
    return {
        "total_variation": distances.total_variation(p, q),
        "manhattan": 2 * distances.total_variation(p, q),
        "hellinger": distances.hellinger(p, q),
        "kl_pq_nats": distances.kl_divergence(p, q),
        "cross_entropy_pq_nats": distances.cross_entropy(p, q),
        "brier_sum": distances.brier(p, q),
    }


def wasserstein(entry: Entry) -> float:
    given = entry["input"]
    return float(distances.wasserstein_1(given["p"], given["q"], support=given["support"]))


BUILT: Final[Mapping[str, Callable[[Entry], Any]]] = {
    "krippendorff_alpha": alpha,
    "krippendorff": alpha,
    "fleiss_kappa": value_of(agreement.FLEISS_KAPPA),
    "fleiss_item_agreement_Pi": lambda entry: agreement.pair_agreement(table_of(entry)),
    "fleiss_missing": corrected("fleiss"),
    "fleiss": corrected("fleiss"),
    "gwet_ac1": corrected("gwet"),
    "gwet_ac2": corrected("gwet"),
    "brennan_prediger": corrected("uniform"),
    "pairwise_percent_agreement": value_of(agreement.PERCENT_AGREEMENT),
    "two_rater_table": two_raters,
    "bootstrap_percentile": dices_alpha_interval,
    "spearman_brown": spearman_brown,
    "split_half_spearman_brown": dices_split_half,
    "split_panel_jsd_bits": dices_noise_floor,
    "wilson": interval(intervals.wilson),
    "clopper_pearson": interval(intervals.clopper_pearson),
    "jeffreys_equal_tailed": interval(intervals.jeffreys),
    "binomial_ci": all_intervals,
    "beta_posterior_p_gt_half": posterior,
    "entropy": entropy,
    "distribution_of_vote_splits": vote_splits,
    "jensen_shannon": jensen_shannon,
    "distances": several_distances,
    "wasserstein_1": wasserstein,
}
