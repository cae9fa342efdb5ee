"""Moves of a participation between states: every one checked against the table, stamped and written down."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from annotation import events, states
from annotation.models import Participation

STAMPS = {
    "consented": "consented_at",
    "profiled": "profiled_at",
    "trained": "trained_at",
    "completed": "ended_at",
    "declined": "ended_at",
    "screened_out": "ended_at",
    "failed_comprehension": "ended_at",
    "quota_full": "ended_at",
    "returned": "ended_at",
    "withdrawn": "ended_at",
}


def lock(participation_id: int) -> Participation:
    """The participation's row, locked until the transaction ends: the first lock of every change."""
    return Participation.objects.select_for_update(of=("self",)).select_related("study").get(pk=participation_id)


def move(participation: Participation, target: str, *, now: datetime, data: Mapping[str, Any] | None = None) -> None:
    """Bring a locked participation to `target`, stamp and save it. Raises states.TransitionRefused."""
    states.check_transition(states.PARTICIPATION_TRANSITIONS, current=participation.state, target=target)
    participation.state = target
    participation.last_seen_at = now
    if target in STAMPS:
        setattr(participation, STAMPS[target], now)
    if target == "active":
        participation.started_at = participation.started_at or now
        participation.ended_at = None
    participation.save()
    events.record(target, study_id=participation.study_id, participation_id=participation.pk, now=now, data=data)
