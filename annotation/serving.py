"""Which task is in front of somebody, and how far along they are. One indexed read."""

from datetime import datetime

from django.db.models import Count, Q, QuerySet, Window

from annotation.models import Assignment, Participation


def open_tasks(participation: Participation) -> QuerySet[Assignment]:
    """The tasks of the plan that wait for an answer."""
    return Assignment.objects.filter(participation_id=participation.pk, answered_at=None, is_dropped=False).order_by(
        "position"
    )


def current(participation: Participation) -> Assignment | None:
    """The next task to show, with `left`: how many tasks (checks not counted) wait in all. None at the end."""
    left = Window(expression=Count("id", filter=~Q(kind="check")))
    return open_tasks(participation).annotate(left=left).first()


def mark_shown(assignment: Assignment, *, now: datetime) -> None:
    """Note when a task was first shown: answers are taken only for tasks that were."""
    if assignment.served_at is None:
        assignment.served_at = now
        Assignment.objects.filter(pk=assignment.pk, served_at=None).update(served_at=now)
