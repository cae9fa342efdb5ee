"""Answers: stored exactly once, idempotent by token, never refused because a seat was lost."""

from dataclasses import replace

import pytest

from annotation import leases, submission
from annotation.models import Event, Response
from annotation.submission import AnswersAreOver, InvalidAnswer, Outcome, Submission, UnknownTask
from tests import cast

pytestmark = pytest.mark.django_db


def test_an_answer_turns_its_reserved_seat_into_an_accepted_one() -> None:
    study = cast.make_study(scenarios=1, tasks_per_annotator=1)
    ann = cast.at_work(study)

    cast.answer(ann, "b")

    response = Response.objects.get(participation=ann)
    assert (response.choice, response.pole, response.standing) == ("b", -1, "counted")
    assert cast.ledger(study) == [(0, 1)]


def test_the_last_answer_completes() -> None:
    ann = cast.at_work(cast.make_study())

    cast.answer_everything(ann)

    assert ann.state == "completed"
    assert ann.lease_expires_at is None
    assert ann.ended_at == cast.NOON


def test_the_same_answer_sent_again_is_the_same_answer() -> None:
    study = cast.make_study()
    ann = cast.at_work(study)
    task = cast.next_task(ann)
    cast.answer(ann, "a", task=task)

    outcome = cast.answer(ann, "a", task=task)

    assert outcome is Outcome.REPEATED
    assert Response.objects.filter(participation=ann).count() == 1
    cast.assert_ledger_is_sound(study)


def test_a_different_second_answer_is_refused_and_kept_in_the_log() -> None:
    ann = cast.at_work(cast.make_study())
    task = cast.next_task(ann)
    cast.answer(ann, "a", task=task)

    outcome = cast.answer(ann, "b", task=task)

    assert outcome is Outcome.CONFLICT
    assert Response.objects.get(assignment=task).choice == "a"
    assert Event.objects.get(kind="second_answer_refused").data["choice"] == "b"


def test_measurements_may_differ_when_the_same_answer_is_sent_again() -> None:
    ann = cast.at_work(cast.make_study())
    task = cast.next_task(ann)
    assert task is not None
    sent = Submission(token=task.token, choice="a", response_ms=900)
    submission.submit(ann.pk, sent, now=cast.NOON)

    receipt = submission.submit(ann.pk, replace(sent, response_ms=950), now=cast.NOON)

    assert receipt.outcome is Outcome.REPEATED


@pytest.mark.parametrize("choice", ["", "c", "A", "neutral "])
def test_only_what_is_offered_can_be_chosen(choice: str) -> None:
    study = cast.make_study()
    ann = cast.at_work(study)

    with pytest.raises(InvalidAnswer):
        cast.answer(ann, choice)

    assert not Response.objects.filter(participation=ann).exists()
    cast.assert_ledger_is_sound(study)


def test_neutral_is_refused_where_the_study_does_not_offer_it() -> None:
    ann = cast.at_work(cast.make_study(offers_neutral=False))

    with pytest.raises(InvalidAnswer, match="not offered"):
        cast.answer(ann, "neutral")


def test_a_required_reason_must_be_given() -> None:
    ann = cast.at_work(cast.make_study(rationale="required", rationale_min_length=10))

    with pytest.raises(InvalidAnswer, match="at least 10"):
        cast.answer(ann, "a")


def test_a_task_that_was_not_shown_yet_takes_no_answer() -> None:
    ann = cast.at_work(cast.make_study())
    later = ann.assignments.get(position=3)

    with pytest.raises(UnknownTask):
        cast.answer(ann, "a", task=later)


def test_another_persons_token_names_no_task() -> None:
    study = cast.make_study()
    ann, ben = cast.at_work(study, "ann"), cast.at_work(study, "ben")

    with pytest.raises(UnknownTask):
        cast.answer(ben, "a", task=cast.next_task(ann))


def test_an_answer_after_the_seat_was_lost_takes_it_back_while_it_is_free() -> None:
    study = cast.make_study(scenarios=2, quota=1)
    ann = cast.at_work(study)
    task = cast.next_task(ann)
    leases.release_expired(now=cast.NOON + cast.minutes(16))

    cast.answer(ann, "a", task=task, now=cast.NOON + cast.minutes(17))

    assert Response.objects.get(assignment=task).standing == "counted"
    assert ann.state == "active"
    cast.assert_ledger_is_sound(study)


def test_an_answer_after_somebody_else_took_the_seat_is_surplus_and_completes() -> None:
    study = cast.make_study(scenarios=2, quota=1)
    ann = cast.at_work(study, "ann")
    task = cast.next_task(ann)
    late = cast.NOON + cast.minutes(16)
    leases.release_expired(now=late)
    ben = cast.at_work(study, "ben", now=late)
    cast.answer_everything(ben, now=late)

    cast.answer(ann, "a", task=task, now=late)

    assert Response.objects.get(assignment=task).standing == "surplus"
    assert ann.state == "completed"
    cast.assert_ledger_is_sound(study)


def test_checks_are_scored_and_never_counted() -> None:
    study = cast.make_study(scenarios=4, attention_checks=1)
    study.checks.add(cast.make_check(expected="a"))
    ann = cast.at_work(study)

    cast.answer_everything(ann, "b")

    response = Response.objects.get(participation=ann, kind="check")
    assert (response.passed, response.standing) == (False, "unscored")
    assert (ann.checks_failed, ann.tasks_answered) == (1, 4)


def test_neutral_does_not_follow_an_instruction_and_is_no_answer_to_nonsense() -> None:
    study = cast.make_study(scenarios=4, attention_checks=1)
    study.checks.add(cast.make_check(expected="a"))
    ann = cast.at_work(study)
    check = ann.assignments.get(kind="check")
    ann.assignments.filter(pk=check.pk).update(served_at=cast.NOON)
    check.refresh_from_db()

    cast.answer(ann, "neutral", task=check)

    assert Response.objects.get(assignment=check).passed is False
    absurd = cast.make_study("absurd", attention_checks=1)
    absurd.checks.add(cast.make_check("absurd", kind="nonsensical"))
    ben = cast.at_work(absurd, "ben")
    ben.assignments.filter(kind="check").update(served_at=cast.NOON)
    with pytest.raises(InvalidAnswer):
        cast.answer(ben, "neutral", task=ben.assignments.get(kind="check"))


def test_the_side_of_the_chosen_action_is_recorded_as_shown() -> None:
    ann = cast.at_work(cast.make_study(scenarios=20))

    cast.answer_everything(ann, "a")

    for response in Response.objects.filter(participation=ann).select_related("assignment"):
        assert response.assignment is not None
        assert response.side == ("second" if response.assignment.flipped else "first")
        assert response.order_shown == (["b", "a"] if response.assignment.flipped else ["a", "b"])
    sides = set(Response.objects.filter(participation=ann).values_list("side", flat=True))
    assert sides == {"first", "second"}


def test_who_withdrew_cannot_answer_any_more() -> None:
    from annotation import leaving

    ann = cast.at_work(cast.make_study())
    task = cast.next_task(ann)
    leaving.withdraw(ann.pk, now=cast.NOON)

    with pytest.raises(AnswersAreOver):
        cast.answer(ann, "a", task=task)


def test_the_first_answer_freezes_the_study() -> None:
    study = cast.make_study()
    ann = cast.at_work(study)

    cast.answer(ann)

    study.refresh_from_db()
    assert study.first_answer_at == cast.NOON
