"""The ledger follows the study: rows, targets, versions; the database keeps what it promises."""

import pytest
from django.db import IntegrityError, transaction

from annotation import quotas
from annotation.models import Quota, Stratum, Study
from annotation.quotas import LedgerMismatch
from scenarios.models import Scenario
from tests import cast

pytestmark = pytest.mark.django_db


def test_every_scenario_has_one_row_per_stratum() -> None:
    study = cast.make_study(scenarios=3, is_open=False)
    Stratum.objects.create(study=study, key="young", target=2)
    Stratum.objects.create(study=study, key="old")

    quotas.ensure(study, now=cast.NOON)

    targets = study.quotas.order_by("stratum__key", "position").values_list("stratum__key", "target")
    assert list(targets) == [("old", 3)] * 3 + [("young", 2)] * 3


def test_asking_a_scenario_locks_its_version() -> None:
    cast.make_study(scenarios=2)

    assert set(Scenario.objects.values_list("locked_at", flat=True)) == {cast.NOON}


def test_making_the_rows_again_changes_nothing() -> None:
    study = cast.make_study(scenarios=3)
    before = list(study.quotas.values())

    quotas.ensure(study, now=cast.NOON)

    assert list(study.quotas.values()) == before


def test_raising_the_quota_opens_seats() -> None:
    study = cast.make_study(scenarios=1, quota=1)
    cast.answer_everything(cast.at_work(study, "ann"))
    Study.objects.filter(pk=study.pk).update(quota=2)
    study.refresh_from_db()

    quotas.set_targets(study)

    assert cast.at_work(study, "ben").state == "active"
    cast.assert_ledger_is_sound(study)


def test_lowering_the_quota_keeps_every_answer_and_seat() -> None:
    study = cast.make_study(scenarios=2, quota=3)
    cast.answer_everything(cast.at_work(study, "ann"))
    cast.at_work(study, "ben")
    Study.objects.filter(pk=study.pk).update(quota=1)
    study.refresh_from_db()

    result = quotas.set_targets(study)

    assert result == {"kept_above": 2}
    assert list(study.quotas.values_list("target", "reserved", "accepted")) == [(2, 1, 1)] * 2


def test_a_study_without_limit_never_fills() -> None:
    study = cast.make_study(scenarios=1, quota=None)
    for number in range(5):
        cast.answer_everything(cast.at_work(study, f"p{number}"))

    assert cast.ledger(study) == [(0, 5)]
    assert Quota.objects.get().target is None
    assert quotas.has_open_seats(study.pk)


@pytest.mark.parametrize(
    "change", [{"accepted": 4}, {"reserved": 4}, {"reserved": 2, "accepted": 2}, {"target": 0, "accepted": 1}]
)
def test_the_database_itself_refuses_more_than_the_quota(change: dict[str, int]) -> None:
    cast.make_study(scenarios=1, quota=3)

    with pytest.raises(IntegrityError), transaction.atomic():
        Quota.objects.update(**change)


def test_a_seat_that_was_not_reserved_can_neither_be_accepted_nor_handed_back() -> None:
    quota = Quota.objects.get(study=cast.make_study(scenarios=1))

    with pytest.raises(LedgerMismatch), transaction.atomic():
        quotas.accept_reserved(quota.pk)
    with pytest.raises(LedgerMismatch), transaction.atomic():
        quotas.release([quota.pk])
    with pytest.raises(LedgerMismatch), transaction.atomic():
        quotas.revoke_many({quota.pk: 1})


def test_a_new_version_is_asked_only_by_studies_that_have_no_answers_yet() -> None:
    answered, fresh = cast.make_study("answered", scenarios=1), cast.make_study("fresh", scenarios=1)
    fresh.sets.set(answered.sets.all())
    cast.answer_everything(cast.at_work(answered))
    old = Scenario.objects.get(set__studies=answered)
    Scenario.objects.filter(pk=old.pk).update(is_latest=False)
    new = Scenario.objects.create(set=old.set, key=old.key, version=2, blocks=old.blocks, content_hash="x")
    for study in (answered, fresh):
        study.refresh_from_db()
        quotas.ensure(study, now=cast.NOON)

    assert list(answered.quotas.values_list("scenario_id", flat=True)) == [old.pk]
    assert list(fresh.quotas.values_list("scenario_id", flat=True)) == [new.pk]
