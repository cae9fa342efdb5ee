"""The answer path on PostgreSQL: one read and one statement for what nearly every answer is.

Nearly every answer is a first answer to a task that was shown, by somebody active whose seat is reserved, with a
further task behind it. For those, one statement moves the seat, writes the answer, renews the lease and marks the
next task as shown: one round trip, one commit. Everything else (last answers, repeats, conflicts, late or pilot
answers, other databases) returns None and goes through `annotation.submission`, which says what is right.

Invariant: the statement does all of it or nothing, under the same conditions and in the same lock order as the slow
path: participation, then assignment, then quota. A test runs both over the same history and compares every row.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Model
from psycopg.types.json import Jsonb

from annotation import leases
from annotation.models import Assignment, Participation, Response, Standing, Study
from annotation.screens import content_of
from annotation.submission import Submission, response_of, validate


def _in_model_order(model: type[Model], *names: str) -> tuple[str, ...]:
    """Columns in the order in which the model's from_db expects their values."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in names)


# What the pages need to know of a study; the rest stays unread.
STUDY_COLUMNS = _in_model_order(
    Study,
    "id",
    "slug",
    "title",
    "state",
    "question",
    "contact",
    "offers_neutral",
    "offers_not_applicable",
    "asks_confidence",
    "rationale",
    "rationale_min_length",
    "idle_limit_minutes",
    "estimated_minutes",
    "first_answer_at",
)
PERSON_COLUMNS = _in_model_order(
    Participation,
    "id",
    "public_id",
    "study_id",
    "person_id",
    "stratum_id",
    "state",
    "language",
    "is_pilot",
    "included",
    "started_at",
    "lease_ends_at",
    "tasks_answered",
)
TASK_COLUMNS = _in_model_order(
    Assignment,
    "id",
    "token",
    "participation_id",
    "position",
    "kind",
    "quota_id",
    "scenario_id",
    "check_item_id",
    "flipped",
    "holds_seat",
    "is_dropped",
    "served_at",
    "answered_at",
)


@dataclass(frozen=True, slots=True)
class QuickReceipt:
    """The answer is stored; `following` is the next task, marked as shown, with `left` tasks waiting in all."""

    participation: Participation
    following: Assignment
    left: int


class Situation(NamedTuple):
    participation: Participation
    assignment: Assignment
    following: Assignment | None
    left: int


def submit(public_id: str, slug: str, submission: Submission, *, now: datetime) -> QuickReceipt | None:
    """Store an ordinary answer and bring the next task, or return None and change nothing.

    Raises submission.InvalidAnswer, as the slow path would.
    """
    if connection.vendor != "postgresql" or connection.in_atomic_block or not submission.token:
        return None
    situation = _read(public_id, slug, submission.token)
    if situation is None or situation.following is None or not _is_ordinary(situation):
        return None
    participation, assignment = situation.participation, situation.assignment
    content = content_of(assignment, language=participation.language)
    validate(submission, content, participation.study)
    standing = Standing.COUNTED if assignment.kind == "task" else Standing.UNSCORED
    response = response_of(participation, assignment, submission, content, standing=standing, now=now)
    if not _write(situation, response, now=now):
        return None
    participation.tasks_answered += assignment.kind != "check"
    return QuickReceipt(participation, situation.following, situation.left)


def _is_ordinary(situation: Situation) -> bool:
    participation, assignment = situation.participation, situation.assignment
    return (
        participation.state == "active"
        and participation.included
        and not participation.is_pilot
        and participation.study.first_answer_at is not None
        and assignment.answered_at is None
        and assignment.served_at is not None
        and not assignment.is_dropped
        and (assignment.holds_seat or assignment.kind != "task")
    )


def _read(public_id: str, slug: str, token: str) -> Situation | None:
    with connection.cursor() as cursor:
        cursor.execute(_reading(), [token, slug, public_id])
        row = cursor.fetchone()
    if row is None:
        return None
    people, tasks = len(PERSON_COLUMNS), len(TASK_COLUMNS)
    study_at = people + 2 * tasks
    participation = Participation.from_db("default", PERSON_COLUMNS, row[:people])
    participation.study = Study.from_db("default", STUDY_COLUMNS, row[study_at:-1])
    assignment = Assignment.from_db("default", TASK_COLUMNS, row[people : people + tasks])
    following = row[people + tasks : study_at]
    return Situation(
        participation=participation,
        assignment=assignment,
        following=Assignment.from_db("default", TASK_COLUMNS, following) if following[0] is not None else None,
        left=row[-1] or 0,
    )


def _write(situation: Situation, response: Response, *, now: datetime) -> bool:
    """Everything in one statement; False where its conditions no longer hold, and then nothing was written."""
    participation, assignment, following = situation.participation, situation.assignment, situation.following
    values: dict[str, Any] = {
        "participation": participation.pk,
        "assignment": assignment.pk,
        "seats": 1 if assignment.kind == "task" else 0,
        "following": following.pk if following else None,
        "now": now,
        "lease": leases.renewed(participation.study, participation, now=now),
        "answered": int(assignment.kind != "check"),
        "passed": int(response.passed is True),
        "failed": int(response.passed is False),
    }
    for name, _column in _response_columns():
        value = getattr(response, name)
        values[f"r_{name}"] = Jsonb(value) if isinstance(value, dict | list) else value
    with connection.cursor() as cursor:
        cursor.execute(_writing(), values)
        return cursor.fetchone() is not None


@cache
def _response_columns() -> tuple[tuple[str, str], ...]:
    """(attribute, column) of everything a response stores, its id left to the database."""
    fields = (field for field in Response._meta.local_concrete_fields if not field.primary_key)
    return tuple((field.attname, field.column or field.attname) for field in fields)


@cache
def _reading() -> str:
    person = ", ".join(f"p.{column}" for column in PERSON_COLUMNS)
    task = ", ".join(f"a.{column}" for column in TASK_COLUMNS)
    following = ", ".join(f"n.{column}" for column in TASK_COLUMNS)
    study = ", ".join(f"s.{column}" for column in STUDY_COLUMNS)
    waiting = ", ".join(TASK_COLUMNS)
    return f"""
        SELECT {person}, {task}, {following}, {study}, n.waiting
        FROM annotation_participation p
        JOIN annotation_study s ON s.id = p.study_id
        JOIN annotation_assignment a ON a.participation_id = p.id AND a.token = %s
        LEFT JOIN LATERAL (
            SELECT {waiting}, count(*) FILTER (WHERE kind <> 'check') OVER () AS waiting
            FROM annotation_assignment
            WHERE participation_id = p.id AND answered_at IS NULL AND NOT is_dropped AND id <> a.id
            ORDER BY position LIMIT 1
        ) n ON true
        WHERE s.slug = %s AND p.public_id = %s
    """  # noqa: S608  (our own column names; every value is a parameter)


@cache
def _writing() -> str:
    columns = ", ".join(column for _name, column in _response_columns())
    values = ", ".join(f"%(r_{name})s" for name, _column in _response_columns())
    return f"""
        WITH person AS (
            SELECT id FROM annotation_participation
            WHERE id = %(participation)s AND state = 'active' AND included
            FOR UPDATE
        ), answered AS (
            UPDATE annotation_assignment SET answered_at = %(now)s, holds_seat = false
            FROM person
            WHERE annotation_assignment.id = %(assignment)s AND annotation_assignment.participation_id = person.id
              AND answered_at IS NULL AND NOT is_dropped AND (holds_seat OR kind <> 'task')
            RETURNING annotation_assignment.id, quota_id
        ), seat AS (
            UPDATE annotation_quota
            SET reserved = reserved - %(seats)s, accepted = accepted + %(seats)s, revision = revision + %(seats)s
            FROM answered
            WHERE %(seats)s = 1 AND annotation_quota.id = answered.quota_id AND reserved >= 1
            RETURNING annotation_quota.id
        ), stored AS (
            INSERT INTO annotation_response ({columns})
            SELECT {values} FROM answered
            RETURNING id
        ), shown AS (
            UPDATE annotation_assignment SET served_at = COALESCE(served_at, %(now)s)
            FROM answered
            WHERE annotation_assignment.id = %(following)s
            RETURNING annotation_assignment.id
        ), renewed AS (
            UPDATE annotation_participation
            SET last_seen_at = %(now)s, lease_expires_at = %(lease)s,
                tasks_answered = tasks_answered + %(answered)s,
                checks_passed = checks_passed + %(passed)s, checks_failed = checks_failed + %(failed)s
            FROM answered
            WHERE annotation_participation.id = %(participation)s
            RETURNING annotation_participation.id
        )
        SELECT stored.id,
               -- A reserved seat that the ledger does not know is a bug: divide by nothing, so that all is undone.
               CASE WHEN %(seats)s = 1 THEN 1 / (SELECT count(*) FROM seat) END
        FROM stored, renewed, shown
    """  # noqa: S608  (our own column names; every value is a parameter)
