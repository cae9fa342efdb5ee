"""The quick answer path: one read and one write, in hand-written SQL, for what nearly every answer is.

Nearly every answer is a first answer to a task that was shown, by somebody active whose seat is reserved, with a
further task behind it. For those, PostgreSQL gets one statement that moves the seat, writes the answer, renews the
lease and marks the next task as shown: one round trip, one commit. SQLite gets the same in one short transaction.
Everything else (last answers, repeats, conflicts, late or pilot answers) returns None and goes through
`annotation.submission`, which says what is right.

Invariant: all of it is written or nothing, under the same conditions and in the same lock order as the slow path:
participation, then assignment, then quota. A test runs both over the same history and compares every row.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db import connection, transaction
from django.db.models import BooleanField, DateTimeField, Model

from annotation import leases
from annotation.models import Assignment, Participation, Response, Standing, Study
from annotation.quotas import LedgerMismatch
from annotation.screens import content_of
from annotation.submission import Submission, response_of, validate

M = TypeVar("M", bound=Model)


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
    if not submission.token:
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
    participation = _loaded(Participation, PERSON_COLUMNS, row[:people])
    participation.study = _loaded(Study, STUDY_COLUMNS, row[study_at:-1])
    assignment = _loaded(Assignment, TASK_COLUMNS, row[people : people + tasks])
    following = row[people + tasks : study_at]
    return Situation(
        participation=participation,
        assignment=assignment,
        following=_loaded(Assignment, TASK_COLUMNS, following) if following[0] is not None else None,
        left=row[-1] or 0,
    )


def _loaded(model: type[M], columns: tuple[str, ...], values: tuple[Any, ...]) -> M:
    """A model instance of raw values; SQLite hands out times without their zone and truths as numbers."""
    if connection.vendor == "sqlite":
        kinds = _kinds(model)
        values = tuple(
            kinds[column](value) if column in kinds and value is not None else value
            for column, value in zip(columns, values, strict=True)
        )
    return model.from_db("default", columns, values)


@cache
def _kinds(model: type[Model]) -> dict[str, Callable[[Any], Any]]:
    kinds: dict[str, Callable[[Any], Any]] = {}
    for field in model._meta.concrete_fields:
        if isinstance(field, DateTimeField):
            kinds[field.attname] = lambda moment: moment.replace(tzinfo=UTC)
        elif isinstance(field, BooleanField):
            kinds[field.attname] = bool
    return kinds


def _write(situation: Situation, response: Response, *, now: datetime) -> bool:
    """Everything at once; False where the conditions no longer hold, and then nothing was written."""
    participation, assignment, following = situation.participation, situation.assignment, situation.following
    lease = leases.renewed(participation.study, participation, now=now)
    values: dict[str, Any] = {
        "participation": participation.pk,
        "assignment": assignment.pk,
        "quota": assignment.quota_id,
        "seats": 1 if assignment.kind == "task" else 0,
        "following": following.pk if following else None,
        "now": connection.ops.adapt_datetimefield_value(now),
        "lease": connection.ops.adapt_datetimefield_value(lease) if lease else None,
        "answered": int(assignment.kind != "check"),
        "passed": int(response.passed is True),
        "failed": int(response.passed is False),
    }
    for field in Response._meta.local_concrete_fields:
        values[f"r_{field.attname}"] = field.get_db_prep_save(getattr(response, field.attname), connection)
    return _write_at_once(values) if connection.vendor == "postgresql" else _write_stepwise(values)


def _write_at_once(values: dict[str, Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_writing(), values)
        return cursor.fetchone() is not None


def _write_stepwise(values: dict[str, Any]) -> bool:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, is_needed in STEPS:
            if "%(quota)s" in statement and not values["seats"]:
                continue
            cursor.execute(statement, values)
            if is_needed and cursor.rowcount != 1:
                transaction.set_rollback(True)
                if "%(quota)s" in statement:
                    raise LedgerMismatch(f"Quota row {values['quota']} has no reserved seat to accept.")
                return False
        cursor.execute(_inserting(), values)
        return True


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
    waiting = """FROM annotation_assignment w
        WHERE w.participation_id = p.id AND w.answered_at IS NULL AND NOT w.is_dropped AND w.id <> a.id"""
    return f"""
        SELECT {person}, {task}, {following}, {study}, (SELECT count(*) {waiting} AND w.kind <> 'check')
        FROM annotation_participation p
        JOIN annotation_study s ON s.id = p.study_id
        JOIN annotation_assignment a ON a.participation_id = p.id AND a.token = %s
        LEFT JOIN annotation_assignment n ON n.id = (SELECT w.id {waiting} ORDER BY w.position LIMIT 1)
        WHERE s.slug = %s AND p.public_id = %s
    """  # noqa: S608  (our own column names; every value is a parameter)


# (statement, whether it must change exactly one row), in the order of the locks.
STEPS = (
    (
        """UPDATE annotation_participation
           SET last_seen_at = %(now)s, lease_expires_at = %(lease)s, tasks_answered = tasks_answered + %(answered)s,
               checks_passed = checks_passed + %(passed)s, checks_failed = checks_failed + %(failed)s
           WHERE id = %(participation)s AND state = 'active' AND included""",
        True,
    ),
    (
        """UPDATE annotation_assignment SET answered_at = %(now)s, holds_seat = false
           WHERE id = %(assignment)s AND participation_id = %(participation)s AND answered_at IS NULL
             AND NOT is_dropped AND (holds_seat OR kind <> 'task')""",
        True,
    ),
    (
        """UPDATE annotation_quota SET reserved = reserved - 1, accepted = accepted + 1, revision = revision + 1
           WHERE id = %(quota)s AND reserved >= 1""",
        True,
    ),
    (
        """UPDATE annotation_assignment SET served_at = COALESCE(served_at, %(now)s)
           WHERE id = %(following)s""",
        False,
    ),
)


@cache
def _inserting() -> str:
    columns = ", ".join(column for _name, column in _response_columns())
    values = ", ".join(f"%(r_{name})s" for name, _column in _response_columns())
    return f"INSERT INTO annotation_response ({columns}) VALUES ({values})"  # noqa: S608  (our own column names)


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
