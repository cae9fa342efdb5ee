"""Agreement is computed from the distributions' counts, for the study, its traits and its strata."""

import csv
from datetime import timedelta
from itertools import groupby
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analysis import aggregation
from analysis.models import Agreement, Distribution
from annotation.models import Quota, Response, Study
from tests.analysis import factories
from tests.analysis.factories import NOON

DICES = Path(__file__).parents[3] / "shared" / "data" / "dices" / "dices_350_votes.csv"
# Published for DICES-350 (crowdsourced, nominal, three categories) in the results of JUDGE-BENCH (2025).
ALPHA_OF_DICES = 0.16086021565770392

pytestmark = pytest.mark.django_db


def figure(study: Study, coefficient: str, *, slice: str = "all") -> Agreement:  # noqa: A002  (the column's name)
    return Agreement.objects.get(study=study, coefficient=coefficient, slice=slice)


def test_every_slice_has_every_coefficient() -> None:
    study = factories.make_study(scenarios=4, strata=("young", "old"), traits=("empathy", "impulse"))
    factories.fill(study, per_cell=4)

    aggregation.refresh(study.pk, now=NOON)

    rows = set(Agreement.objects.values_list("slice", "coefficient"))
    names = ("all", "trait:empathy", "trait:impulse", "stratum:young", "stratum:old")
    coefficients = ("percent_agreement", "krippendorff_alpha", "gwet_ac1", "fleiss_kappa")
    assert rows == {(name, coefficient) for name in names for coefficient in coefficients}


def test_a_study_without_strata_has_no_slices_by_stratum() -> None:
    study = factories.make_study()

    aggregation.refresh(study.pk, now=NOON)

    assert set(Agreement.objects.values_list("slice", flat=True)) == {"all"}


def test_the_figures_are_those_of_the_count_table() -> None:
    study = factories.make_study(scenarios=2)
    factories.vote(study, "s1", "aab")
    factories.vote(study, "s2", "bbbx")

    aggregation.refresh(study.pk, now=NOON)

    # Pairs that agree: 1 of 3 in s1, 3 of 3 in s2. Alpha: observed 2/6, expected 2·2·4/(6·5) = 16/30.
    percent, alpha = figure(study, "percent_agreement"), figure(study, "krippendorff_alpha")
    assert percent.estimate == pytest.approx((1 / 3 + 1) / 2)
    assert alpha.estimate == pytest.approx(1 - (2 / 6) / (16 / 30))
    assert (alpha.n_scenarios, alpha.n_responses, alpha.level) == (2, 6, 0.95)


def test_every_figure_has_an_interval_with_the_studys_seed() -> None:
    study = factories.make_study(scenarios=30, seed=4711)
    factories.fill(study, per_cell=6)

    aggregation.refresh(study.pk, now=NOON)

    for row in Agreement.objects.all():
        assert row.low is not None
        assert row.estimate is not None
        assert row.high is not None
        assert row.low <= row.estimate <= row.high
        assert "1000 replicates, seed 4711" in row.method


def test_what_is_undefined_is_empty_with_a_reason() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "aa")
    factories.vote(study, "s2", "aaa")

    aggregation.refresh(study.pk, now=NOON)

    alpha, kappa = figure(study, "krippendorff_alpha"), figure(study, "fleiss_kappa")
    assert (alpha.estimate, alpha.low, alpha.high) == (None, None, None)
    assert "same option" in alpha.undefined_reason
    assert "equally many answers" in kappa.undefined_reason
    assert figure(study, "percent_agreement").estimate == 1


def test_agreement_reads_no_response() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "ab")
    aggregation.refresh(study.pk, now=NOON)
    study.freshness.delete()

    with CaptureQueriesContext(connection) as queries:
        report = aggregation.refresh(study.pk, now=NOON)

    assert (report.scenarios, report.agreement) == (0, True)
    assert not [query for query in queries if '"annotation_response"' in query["sql"]]


def test_agreement_is_left_alone_while_the_ledger_rests() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "ab")
    aggregation.refresh(study.pk, now=NOON)

    aggregation.refresh(study.pk, now=NOON.replace(hour=13))

    assert set(Agreement.objects.values_list("updated_at", flat=True)) == {NOON}


def test_agreement_can_wait_while_distributions_follow() -> None:
    study = factories.make_study()
    often = timedelta(seconds=10)
    factories.vote(study, "s1", "ab")
    aggregation.refresh(study.pk, now=NOON, agreement_every=often)
    factories.vote(study, "s1", "b")

    soon = aggregation.refresh(study.pk, now=NOON + timedelta(seconds=4), agreement_every=often)
    assert (soon.scenarios, soon.agreement) == (1, False)
    assert figure(study, "percent_agreement").n_responses == 2
    assert aggregation.stale_studies() == [study.pk]

    later = aggregation.refresh(study.pk, now=NOON + timedelta(seconds=12), agreement_every=often)
    assert (later.scenarios, later.agreement) == (0, True)
    assert figure(study, "percent_agreement").n_responses == 3
    assert aggregation.stale_studies() == []


def test_scenarios_that_leave_while_agreement_waits_are_out_of_it_later() -> None:
    study = factories.make_study(scenarios=2, traits=("empathy", "impulse"))
    aggregation.refresh(study.pk, now=NOON)
    study.quotas.filter(scenario__trait__key="impulse").delete()

    aggregation.refresh(study.pk, now=NOON, agreement_every=timedelta(seconds=10))
    assert aggregation.stale_studies() == [study.pk]
    aggregation.refresh(study.pk, now=NOON)

    assert set(Agreement.objects.values_list("slice", flat=True)) == {"all", "trait:empathy"}


def test_a_trait_that_left_the_study_leaves_no_figure_behind() -> None:
    study = factories.make_study(scenarios=2, traits=("empathy", "impulse"))
    aggregation.refresh(study.pk, now=NOON)

    study.quotas.filter(scenario__trait__key="impulse").delete()
    aggregation.refresh(study.pk, now=NOON)

    assert set(Agreement.objects.values_list("slice", flat=True)) == {"all", "trait:empathy"}


@pytest.mark.skipif(not DICES.exists(), reason="the DICES ratings are not in ../shared/data")
def test_dices_has_its_published_alpha() -> None:
    study = factories.make_study("dices", scenarios=0)
    record_dices(study)

    aggregation.refresh(study.pk, now=NOON)

    alpha = figure(study, "krippendorff_alpha")
    assert alpha.estimate == pytest.approx(ALPHA_OF_DICES, abs=1e-15)
    assert (alpha.n_scenarios, alpha.n_responses) == (350, 43_050)
    assert (alpha.low, alpha.high) == pytest.approx((0.1377, 0.1832), abs=0.004)
    assert figure(study, "fleiss_kappa").estimate is not None
    assert set(Distribution.objects.values_list("n", flat=True)) == {123}


def record_dices(study: Study) -> None:
    options = {"No": "safe", "Yes": "unsafe", "Unsure": "neutral"}
    with DICES.open(newline="") as file:
        ratings = sorted(csv.DictReader(file), key=lambda row: row["item_id"])
    items = [(key, list(rows)) for key, rows in groupby(ratings, key=lambda row: row["item_id"])]
    factories.add_scenarios(study, [key for key, _rows in items], poles={"safe": None, "unsafe": None})
    cells = {quota.scenario.key: quota for quota in study.quotas.select_related("scenario")}
    people = {rater: factories.make_participation(study) for rater in {row["rater_pos"] for row in ratings}}
    Response.objects.bulk_create(
        (
            factories.counted(cells[key], people[row["rater_pos"]], options[row["Q_overall"]])
            for key, rows in items
            for row in rows
        ),
        batch_size=5_000,
    )
    Quota.objects.filter(study=study).update(accepted=123, revision=123)
