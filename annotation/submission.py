"""Answers: one short transaction each, idempotent by token, never refused because a seat was lost.

Invariants: an acknowledged answer exists exactly once and as it was sent; a second, different answer to the same
task changes nothing and is kept in the event log; an answer fills the seat it held, else a free one, else it is
surplus; the last answer completes the participation in the same transaction.
"""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from django.db import transaction

from annotation import events, leases, participating, planning, quotas, serving
from annotation.models import Assignment, Participation, Response, Standing, Study
from annotation.screens import Content, content_of, extras_of

MAX_RATIONALE = 5_000
MAX_MILLISECONDS = 24 * 60 * 60 * 1000
MAX_COUNT = 32_000
INPUTS = ("key", "pointer", "touch")
ANSWER_COLUMNS = ["last_seen_at", "lease_expires_at", "tasks_answered", "checks_passed", "checks_failed"]


class Outcome(Enum):
    SAVED = "saved"
    REPEATED = "repeated"
    CONFLICT = "conflict"


class UnknownTask(Exception):
    """The token names no task of this participation, or one that was not shown yet."""


class AnswersAreOver(Exception):
    """The participation ended (withdrawn, declined ...) and takes no further answers."""


class InvalidAnswer(Exception):
    """The answer cannot be stored as it is; the message tells the person what to change."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What somebody sent for one task. Milliseconds and counts are what their browser measured, if it did."""

    token: str
    choice: str
    confidence: int | None = None
    rationale: str = ""
    response_ms: int | None = None
    input: str = ""
    focus_losses: int | None = None
    paste_count: int | None = None
    answers: dict[str, Any] = field(default_factory=dict)

    def digest(self) -> str:
        """Of what was answered: measurements may differ when a page sends the same answer again."""
        body = [self.choice, self.confidence, self.rationale, self.answers]
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of a submission, and where the participation stands now (with the task it goes on with)."""

    outcome: Outcome
    participation: Participation
    following: Assignment | None


def submit(participation_id: int, submission: Submission, *, now: datetime, serve_next: bool = False) -> Receipt:
    """Store one answer and everything that follows from it. Raises the exceptions of this module.

    With `serve_next` the following task is marked as shown in the same transaction: the caller shows it.
    """
    with transaction.atomic():
        participation = participating.lock(participation_id)
        outcome = _take(participation, submission, now=now)
        following = serving.current(participation) if participation.state == "active" else None
        if following is not None and serve_next:
            serving.mark_shown(following, now=now)
        return Receipt(outcome, participation, following)


def _take(participation: Participation, submission: Submission, *, now: datetime) -> Outcome:
    assignment = _shown_task(participation, submission.token)
    if assignment.answered_at is not None:
        return _answered_before(participation, assignment, submission, now=now)
    _check_open(participation)
    content = content_of(assignment, language=participation.language)
    validate(submission, content, participation.study)
    _store(participation, assignment, submission, content, now=now)
    _after(participation, now=now)
    return Outcome.SAVED


def _shown_task(participation: Participation, token: str) -> Assignment:
    assignment = Assignment.objects.filter(participation=participation, token=token).first()
    if assignment is None or assignment.served_at is None:
        raise UnknownTask
    return assignment


def _answered_before(
    participation: Participation, assignment: Assignment, submission: Submission, *, now: datetime
) -> Outcome:
    first = Response.objects.only("body_digest").get(assignment=assignment)
    if first.body_digest == submission.digest():
        return Outcome.REPEATED
    events.record(
        "second_answer_refused",
        study_id=participation.study_id,
        participation_id=participation.pk,
        now=now,
        data={
            "position": assignment.position,
            "choice": submission.choice,
            "confidence": submission.confidence,
            "rationale": submission.rationale[:MAX_RATIONALE],
        },
    )
    return Outcome.CONFLICT


def _check_open(participation: Participation) -> None:
    if participation.state not in ("active", "timed_out", "returned"):
        raise AnswersAreOver(participation.state)


def validate(submission: Submission, content: Content, study: Study) -> None:
    """Return if the answer can be stored as it is. Raises InvalidAnswer."""
    offered = [*content.keys, *extras_of(content, study)]
    if not submission.choice:
        raise InvalidAnswer("Please choose one of the answers.")
    if submission.choice not in offered:
        raise InvalidAnswer("That answer is not offered here. Please choose one of those shown.")
    if submission.confidence is not None and not 1 <= submission.confidence <= 5:
        raise InvalidAnswer("How sure you are goes from 1 to 5.")
    if len(submission.rationale) > MAX_RATIONALE:
        raise InvalidAnswer(f"Your reason is longer than {MAX_RATIONALE} characters. Please shorten it.")
    if study.rationale == "required":
        shortest = study.rationale_min_length
        if len(submission.rationale.strip()) < shortest:
            raise InvalidAnswer(f"Please give your reason in at least {shortest} characters.")


def _store(
    participation: Participation,
    assignment: Assignment,
    submission: Submission,
    content: Content,
    *,
    now: datetime,
) -> None:
    # Before the ledger: whoever changes a whole study locks its row first and quota rows afterwards.
    _note_first_answer(participation, now=now)
    standing = _seat(participation, assignment)
    response = response_of(participation, assignment, submission, content, standing=standing, now=now)
    response.save(force_insert=True)
    assignment.answered_at = now
    assignment.holds_seat = False
    assignment.is_dropped = False
    assignment.save(update_fields=["answered_at", "holds_seat", "is_dropped"])
    participation.tasks_answered += assignment.kind != "check"
    participation.checks_passed += response.passed is True
    participation.checks_failed += response.passed is False


def response_of(
    participation: Participation,
    assignment: Assignment,
    submission: Submission,
    content: Content,
    *,
    standing: Standing,
    now: datetime,
) -> Response:
    """The row to store for this answer; nothing is written."""
    shown = content.order_shown(flipped=assignment.flipped)
    return Response(
        study_id=participation.study_id,
        participation_id=participation.pk,
        person_id=participation.person_id,
        assignment_id=assignment.pk,
        quota_id=assignment.quota_id,
        scenario_id=assignment.scenario_id,
        check_item_id=assignment.check_item_id,
        stratum_id=participation.stratum_id,
        kind=assignment.kind,
        standing=standing,
        position=assignment.position,
        choice=submission.choice,
        pole=content.poles.get(submission.choice),
        side=_side(shown, submission.choice),
        order_shown=shown,
        confidence=submission.confidence,
        rationale=submission.rationale.strip(),
        answers=submission.answers,
        passed=submission.choice == content.expected if content.expected else None,
        language=content.language,
        answered_at=now,
        response_ms=submission.response_ms,
        served_ms=_milliseconds(assignment.served_at, now),
        input=submission.input,
        focus_losses=submission.focus_losses,
        paste_count=submission.paste_count,
        body_digest=submission.digest(),
    )


def _seat(participation: Participation, assignment: Assignment) -> Standing:
    """Move the seat in the ledger and say how the answer stands."""
    if participation.is_pilot:
        return Standing.PILOT
    if assignment.kind != "task" or assignment.quota_id is None:
        return Standing.UNSCORED
    if not participation.included:
        return Standing.EXCLUDED
    if assignment.holds_seat:
        quotas.accept_reserved(assignment.quota_id)
        return Standing.COUNTED
    return Standing.COUNTED if quotas.accept_open(assignment.quota_id) else Standing.SURPLUS


def _after(participation: Participation, *, now: datetime) -> None:
    """Renew the lease; complete with the last answer; seat somebody again who had timed out and is back."""
    participation.last_seen_at = now
    if participation.state != "active":
        planning.resume(participation, now=now)
        return
    if serving.open_tasks(participation).exists():
        participation.lease_expires_at = leases.renewed(participation.study, participation, now=now)
        participation.save(update_fields=ANSWER_COLUMNS)
        return
    leases.end_lease(participation)
    participating.move(participation, "completed", now=now)


def _note_first_answer(participation: Participation, *, now: datetime) -> None:
    if participation.study.first_answer_at is None and not participation.is_pilot:
        Study.objects.filter(pk=participation.study_id, first_answer_at=None).update(first_answer_at=now)


def _side(shown: list[str], choice: str) -> str:
    if choice not in shown:
        return ""
    return "first" if shown[0] == choice else "second"


def _milliseconds(start: datetime | None, end: datetime) -> int | None:
    if start is None:
        return None
    return max(0, min(MAX_MILLISECONDS, int((end - start).total_seconds() * 1000)))
