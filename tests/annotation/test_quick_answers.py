"""The quick path does what the slow path does, row for row, or steps aside."""

from random import Random
from typing import Any

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from annotation import exclusion, leases, quick_answers, submission
from annotation.models import Assignment, Participation, Quota, Response, Study
from annotation.quotas import LedgerMismatch
from annotation.submission import InvalidAnswer, Submission
from tests import cast

pytestmark = pytest.mark.django_db(transaction=True)


def study_with_answers(slug: str, **fields: Any) -> Study:
    study = cast.make_study(slug, scenarios=8, **fields)
    study.checks.add(cast.make_check(f"{slug}-check"))
    Study.objects.filter(pk=study.pk).update(first_answer_at=cast.NOON)
    study.refresh_from_db()
    return study


def quickly(person: Participation, choice: str = "a", **fields: Any) -> quick_answers.QuickReceipt | None:
    task = cast.next_task(person)
    assert task is not None
    sent = Submission(token=task.token, choice=choice, **fields)
    return quick_answers.submit(person.public_id, person.study.slug, sent, now=cast.NOON + cast.minutes(1))


def state_of(study: Study) -> list[Any]:
    """Everything an answer may change, without ids, tokens and draws that differ between two studies."""
    keys = {quota.pk: quota.position for quota in Quota.objects.filter(study=study)}
    leave_out = {"id", "study_id", "participation_id", "person_id", "assignment_id", "scenario_id", "stratum_id"}
    responses = [
        {name: value for name, value in row.items() if name not in {*leave_out, "check_item_id", "quota_id"}}
        | {"quota": keys.get(row["quota_id"])}
        for row in Response.objects.filter(study=study).order_by("id").values()
    ]
    tasks = Assignment.objects.filter(study=study).order_by("participation", "position")
    people = Participation.objects.filter(study=study).order_by("id")
    return [
        responses,
        list(tasks.values("position", "kind", "flipped", "holds_seat", "is_dropped", "served_at", "answered_at")),
        list(
            people.values(
                *("state", "last_seen_at", "lease_expires_at", "lease_ends_at", "tasks_answered"),
                *("checks_passed", "checks_failed"),
            )
        ),
        list(
            Quota.objects.filter(study=study).order_by("position").values("reserved", "accepted", "revision", "fill")
        ),
    ]


def test_both_paths_leave_the_same_rows_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("annotation.arrival._seed", lambda study, entry: 5)
    settings: dict[str, Any] = {
        "attention_checks": 1,
        "repeats": 1,
        "order": "listed",
        "asks_confidence": True,
        "rationale": "optional",
    }
    quick, slow = study_with_answers("quick", **settings), study_with_answers("slow", **settings)
    ann, ben = cast.at_work(quick), cast.at_work(slow)
    dice = Random(3)
    for _task in range(9):
        sent: dict[str, Any] = {
            "choice": dice.choice(["a", "b"]),
            "confidence": dice.choice([None, 4]),
            "rationale": dice.choice(["", " because ‘it’ is; -- 100% \\ so "]),
            "response_ms": dice.choice([None, 812]),
            "input": dice.choice(["", "key"]),
            "paste_count": dice.choice([None, 0]),
        }
        receipt = quickly(ann, **sent)
        task = cast.next_task(ben)
        assert task is not None
        submission.submit(
            ben.pk, Submission(token=task.token, **sent), now=cast.NOON + cast.minutes(1), serve_next=True
        )

        assert receipt is not None
        assert state_of(quick) == state_of(slow)


@pytest.mark.postgres
def test_an_answer_takes_two_queries() -> None:
    ann = cast.at_work(study_with_answers("pilot"))
    quickly(ann)
    task = cast.next_task(ann)
    assert task is not None
    submission_of = Submission(token=task.token, choice="a")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        quick_answers.submit(ann.public_id, "pilot", submission_of, now=cast.NOON)

    content = [query for query in queries if "scenarios_" in query["sql"]]
    assert len(queries) - len(content) == 2


def test_the_last_answer_a_repeat_and_a_late_one_are_left_to_the_slow_path() -> None:
    study = study_with_answers("pilot")
    ann = cast.at_work(study)
    first = cast.next_task(ann)
    assert first is not None
    sent = Submission(token=first.token, choice="a")
    assert quick_answers.submit(ann.public_id, "pilot", sent, now=cast.NOON) is not None

    assert quick_answers.submit(ann.public_id, "pilot", sent, now=cast.NOON) is None
    for _task in range(6):
        assert quickly(ann) is not None
    assert quickly(ann) is None
    leases.release_expired(now=cast.NOON + cast.minutes(400))
    assert quickly(ann) is None
    cast.assert_ledger_is_sound(study)


def test_somebody_excluded_and_somebody_elses_token_are_left_to_the_slow_path() -> None:
    study = study_with_answers("pilot")
    ann, ben = cast.at_work(study, "ann"), cast.at_work(study, "ben")
    task = cast.next_task(ann)
    assert task is not None
    sent = Submission(token=task.token, choice="a")

    assert quick_answers.submit(ben.public_id, "pilot", sent, now=cast.NOON) is None
    assert quick_answers.submit(ann.public_id, "another", sent, now=cast.NOON) is None
    exclusion.exclude_participation(ann, reason="test", now=cast.NOON)
    assert quick_answers.submit(ann.public_id, "pilot", sent, now=cast.NOON) is None
    assert not Response.objects.exists()


def test_what_is_not_offered_is_refused_by_both() -> None:
    ann = cast.at_work(study_with_answers("pilot"))

    with pytest.raises(InvalidAnswer):
        quickly(ann, "zzz")


def test_a_seat_the_ledger_does_not_know_undoes_everything() -> None:
    study = study_with_answers("pilot")
    ann = cast.at_work(study)
    Quota.objects.filter(study=study).update(reserved=0)

    with pytest.raises((LedgerMismatch, DataError)):
        quickly(ann)

    assert not Response.objects.exists()
    assert not Assignment.objects.exclude(answered_at=None).exists()
