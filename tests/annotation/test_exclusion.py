"""Exclusions open seats again and can be taken back; nothing is deleted."""

import pytest

from annotation import exclusion, leaving
from annotation.models import Response
from tests import cast

pytestmark = pytest.mark.django_db


def test_excluding_somebody_opens_their_seats_and_raises_the_revision() -> None:
    study = cast.make_study(scenarios=2)
    ann = cast.at_work(study)
    cast.answer_everything(ann)
    before = study.quotas.get(position=0).revision

    exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)

    assert cast.ledger(study) == [(0, 0), (0, 0)]
    assert study.quotas.get(position=0).revision == before + 1
    assert set(Response.objects.values_list("standing", flat=True)) == {"excluded"}


def test_revoking_takes_free_seats_back() -> None:
    study = cast.make_study(scenarios=2)
    ann = cast.at_work(study)
    cast.answer_everything(ann)
    entry = exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)

    result = exclusion.revoke_exclusion(entry, now=cast.NOON)

    assert result == {"counted": 2, "surplus": 0}
    cast.assert_ledger_is_sound(study)


def test_revoking_makes_surplus_of_what_finds_no_seat() -> None:
    study = cast.make_study(scenarios=2, quota=1)
    ann = cast.at_work(study, "ann")
    cast.answer_everything(ann)
    entry = exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)
    cast.answer_everything(cast.at_work(study, "ben"))

    result = exclusion.revoke_exclusion(entry, now=cast.NOON)

    assert result == {"counted": 0, "surplus": 2}
    cast.assert_ledger_is_sound(study)


def test_excluding_twice_is_refused() -> None:
    ann = cast.at_work(cast.make_study())
    exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)

    with pytest.raises(exclusion.AlreadyExcluded):
        exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)


def test_answers_of_somebody_excluded_while_working_do_not_count() -> None:
    study = cast.make_study(scenarios=2)
    ann = cast.at_work(study)
    exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)

    cast.answer(ann)

    assert Response.objects.get(participation=ann).standing == "excluded"
    cast.assert_ledger_is_sound(study)


def test_one_answer_can_be_excluded_alone_and_stays_out_while_its_own_exclusion_stands() -> None:
    study = cast.make_study(scenarios=2)
    ann = cast.at_work(study)
    cast.answer_everything(ann)
    first = Response.objects.filter(participation=ann).first()
    assert first is not None
    exclusion.exclude_response(first, reason="slip", now=cast.NOON)
    whole = exclusion.exclude_participation(ann, reason="inattentive", now=cast.NOON)

    exclusion.revoke_exclusion(whole, now=cast.NOON)

    first.refresh_from_db()
    assert first.standing == "excluded"
    cast.assert_ledger_is_sound(study)


def test_who_withdrew_is_not_let_back_in_by_anybody_else() -> None:
    study = cast.make_study(scenarios=2)
    ann = cast.at_work(study)
    cast.answer_everything(ann)
    leaving.withdraw(ann.pk, now=cast.NOON)

    with pytest.raises(exclusion.Withdrawn):
        exclusion.revoke_exclusion(ann.exclusions.get(), now=cast.NOON)

    assert cast.ledger(study) == [(0, 0), (0, 0)]
