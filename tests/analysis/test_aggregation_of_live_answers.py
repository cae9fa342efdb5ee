"""What people do through the domain's own calls reaches the aggregates, and a rebuild agrees."""

import pytest

from analysis import aggregation, rebuilding
from analysis.models import Distribution
from annotation import exclusion
from tests import cast
from tests.cast import NOON

pytestmark = pytest.mark.django_db


def total(study_id: int) -> int:
    return sum(Distribution.objects.filter(study_id=study_id, stratum="all").values_list("n", flat=True))


def test_answers_exclusions_and_their_revocation_are_followed() -> None:
    study = cast.make_study(scenarios=4, quota=2)
    ann, ben = cast.at_work(study, "ann"), cast.at_work(study, "ben")
    cast.answer_everything(ann)
    cast.answer_everything(ben)
    aggregation.refresh(study.pk, now=NOON)
    assert total(study.pk) == 8

    entry = exclusion.exclude_participation(ann, reason="inattentive", now=NOON)
    aggregation.refresh(study.pk, now=NOON)
    assert total(study.pk) == 4

    exclusion.revoke_exclusion(entry, now=NOON)
    aggregation.refresh(study.pk, now=NOON)
    assert total(study.pk) == 8

    report = rebuilding.rebuild(study.pk, now=NOON)
    assert report.before == report.after
    assert report.ledger_faults == []


def test_seats_planned_but_not_answered_change_no_aggregate() -> None:
    study = cast.make_study(scenarios=4)
    aggregation.refresh(study.pk, now=NOON)

    cast.at_work(study, "ann")

    assert aggregation.stale_studies() == []
