"""Distributions follow the seat ledger: what is counted is in them, everything else is not."""

import pytest
from django.db.models import F

from analysis import aggregation
from analysis.models import Agreement, Distribution, Freshness
from annotation.models import Quota, Stratum, Study
from tests.analysis import factories
from tests.analysis.factories import NOON

pytestmark = pytest.mark.django_db


def distribution(study: Study, scenario: str = "s1", *, stratum: str = "all") -> Distribution:
    return Distribution.objects.get(study=study, scenario__key=scenario, stratum=stratum)


def test_a_refresh_stores_what_was_answered() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "aaaaaabbnn")
    factories.answer(study, "s1", "not_applicable", response_ms=4000)

    report = aggregation.refresh(study.pk, now=NOON)

    row = distribution(study)
    assert report.scenarios == 2
    assert row.counts == {"a": 6, "b": 2, "neutral": 2, "not_applicable": 1}
    assert (row.n, row.weighted_n, row.majority) == (11, 10, "a")
    assert row.share_positive == pytest.approx(0.7)
    assert (row.low, row.high) == pytest.approx((0.39677, 0.89221), abs=1e-4)
    assert row.median_response_ms == 4000
    assert row.revision == 11
    assert row.updated_at == NOON


def test_scenarios_without_answers_have_rows_too() -> None:
    study = factories.make_study()

    aggregation.refresh(study.pk, now=NOON)

    row = distribution(study, "s2")
    assert (row.n, row.revision, row.majority) == (0, 0, "")
    assert row.counts == {"a": 0, "b": 0, "neutral": 0, "not_applicable": 0}
    assert (row.share_positive, row.low, row.high, row.entropy_bits, row.p_majority) == (None,) * 5


def test_surplus_excluded_replaced_and_pilot_answers_stay_outside() -> None:
    study = factories.make_study()
    for standing in ("surplus", "excluded", "replaced", "pilot"):
        factories.answer(study, "s1", "b", standing=standing)
    factories.answer(study, "s1", "a")

    aggregation.refresh(study.pk, now=NOON)

    assert distribution(study).counts["b"] == 0
    assert distribution(study).n == 1


def test_an_exclusion_reaches_the_distribution_at_the_next_refresh() -> None:
    study = factories.make_study()
    first, _second = factories.vote(study, "s1", "ab")
    aggregation.refresh(study.pk, now=NOON)

    factories.exclude(first)
    aggregation.refresh(study.pk, now=NOON)

    assert distribution(study).counts["a"] == 0
    factories.restore(first)
    aggregation.refresh(study.pk, now=NOON)
    assert distribution(study).counts["a"] == 1


def test_only_scenarios_that_changed_are_written_again() -> None:
    study = factories.make_study(scenarios=3)
    aggregation.refresh(study.pk, now=NOON)
    factories.answer(study, "s2")

    report = aggregation.refresh(study.pk, now=NOON.replace(hour=13))

    assert report.scenarios == 1
    hours = Distribution.objects.order_by("scenario__key").values_list("updated_at__hour", flat=True)
    assert list(hours) == [12, 13, 12]


def test_a_second_refresh_of_the_same_ledger_does_nothing() -> None:
    study = factories.make_study()
    factories.answer(study)
    aggregation.refresh(study.pk, now=NOON)

    report = aggregation.refresh(study.pk, now=NOON.replace(hour=13))

    assert (report.scenarios, report.agreement, report.was_busy) == (0, False, False)
    assert aggregation.stale_studies() == []


def test_stale_studies_are_those_whose_ledger_moved() -> None:
    quiet, busy, untouched = (factories.make_study(slug) for slug in ("quiet", "busy", "untouched"))
    Study.objects.create(slug="draft", title="draft")
    for study in (quiet, busy):
        aggregation.refresh(study.pk, now=NOON)

    factories.answer(busy)

    assert aggregation.stale_studies() == [untouched.pk, busy.pk]


def test_every_stratum_has_its_row_and_everybody_together_too() -> None:
    study = factories.make_study(strata=("young", "old"))
    factories.vote(study, "s1", "aab", stratum="young")
    factories.vote(study, "s1", "bb", stratum="old")

    aggregation.refresh(study.pk, now=NOON)

    rows = {row.stratum: row for row in Distribution.objects.filter(scenario__key="s1")}
    assert {key: (row.counts["a"], row.counts["b"], row.revision) for key, row in rows.items()} == {
        "young": (2, 1, 3),
        "old": (0, 2, 2),
        "all": (2, 3, 5),
    }


def test_a_stratum_named_all_beside_others_is_part_of_everybody() -> None:
    study = factories.make_study(strata=("all", "old"))
    factories.vote(study, "s1", "aa", stratum="all")
    factories.vote(study, "s1", "b", stratum="old")

    aggregation.refresh(study.pk, now=NOON)

    assert distribution(study).n == 3
    assert distribution(study, stratum="old").n == 1
    assert aggregation.refresh(study.pk, now=NOON).scenarios == 0


def test_a_stratum_that_joins_later_gets_its_rows() -> None:
    study = factories.make_study(strata=("young",))
    aggregation.refresh(study.pk, now=NOON)

    old = Stratum.objects.create(study=study, key="old")
    factories.add_seats(study, [quota.scenario for quota in study.quotas.all()], strata=[old])
    assert aggregation.stale_studies() == [study.pk]
    aggregation.refresh(study.pk, now=NOON)

    assert distribution(study, stratum="old").n == 0


def test_scenarios_swapped_before_the_first_answer_leave_no_row_behind() -> None:
    study = factories.make_study(scenarios=2)
    aggregation.refresh(study.pk, now=NOON)

    study.quotas.filter(scenario__key="s2").delete()
    factories.add_scenarios(study, ["s3"])
    assert aggregation.stale_studies() == [study.pk]
    aggregation.refresh(study.pk, now=NOON)

    assert set(Distribution.objects.values_list("scenario__key", flat=True)) == {"s1", "s3"}


def test_a_study_whose_ledger_vanished_keeps_nothing() -> None:
    study = factories.make_study()
    aggregation.refresh(study.pk, now=NOON)

    study.quotas.all().delete()
    aggregation.refresh(study.pk, now=NOON)

    assert not Distribution.objects.exists()
    assert not Agreement.objects.exists()
    assert aggregation.stale_studies() == []


def test_the_studys_own_weight_of_a_neutral_answer_is_used() -> None:
    study = factories.make_study(neutral_weight=0.25)
    factories.vote(study, "s1", "abnn")

    aggregation.refresh(study.pk, now=NOON)

    assert distribution(study).share_positive == pytest.approx((1 + 2 * 0.25) / 4)


def test_the_pole_decides_which_side_is_positive() -> None:
    study = factories.make_study(poles={"a": -1, "b": 1})
    factories.vote(study, "s1", "aaab")

    aggregation.refresh(study.pk, now=NOON)

    assert distribution(study).share_positive == pytest.approx(0.25)
    assert distribution(study).majority == "a"


def test_a_refresh_in_chunks_reaches_every_scenario(monkeypatch: pytest.MonkeyPatch) -> None:
    study = factories.make_study(scenarios=5)
    factories.fill(study, per_cell=3)
    monkeypatch.setattr(aggregation, "SCENARIOS_AT_ONCE", 2)

    report = aggregation.refresh(study.pk, now=NOON)

    assert report.scenarios == 5
    assert set(Distribution.objects.values_list("n", flat=True)) == {3}


def test_another_studys_answers_are_never_counted() -> None:
    mine, other = factories.make_study("mine"), factories.make_study("other")
    shared = mine.quotas.get(scenario__key="s1").scenario
    Quota.objects.filter(study=other, scenario__key="s1").update(scenario=shared)
    factories.vote(other, "s1", "bbb")
    factories.vote(mine, "s1", "a")

    aggregation.refresh(mine.pk, now=NOON)

    assert distribution(mine).counts["b"] == 0


def test_a_refresh_remembers_the_ledger_it_saw() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "ab")

    aggregation.refresh(study.pk, now=NOON)

    seen = Freshness.objects.get(study=study)
    assert (seen.revision, seen.cells, seen.agreement_is_current) == (2, 2, True)
    assert seen.refreshed_at == NOON
    assert seen.holder == ""
    Quota.objects.filter(study=study).update(revision=F("revision") + 1)
    assert aggregation.stale_studies() == [study.pk]
