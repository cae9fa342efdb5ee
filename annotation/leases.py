"""Leases: how long somebody may keep reserved seats without being heard of, and how seats come back.

Invariant: a seat is reserved only while its holder is active; whoever stops being active gives the seats back in the
same transaction. Expired leases are handed back by the worker's sweep and by the next planner that needs the seats,
so a dead worker cannot freeze a study.
"""

from datetime import datetime, timedelta

from django.db import transaction

from annotation import events, quotas
from annotation.models import Assignment, Participation, Study

SWEEP_LIMIT = 500


def new_limits(study: Study, *, now: datetime) -> tuple[datetime, datetime]:
    """(idle limit, absolute limit) of a lease that begins now."""
    end = now + timedelta(minutes=study.absolute_limit_minutes)
    return min(now + timedelta(minutes=study.idle_limit_minutes), end), end


def renewed(study: Study, participation: Participation, *, now: datetime) -> datetime | None:
    """The idle limit after a sign of life at `now`: never beyond the absolute limit."""
    if participation.lease_ends_at is None:
        return None
    return min(now + timedelta(minutes=study.idle_limit_minutes), participation.lease_ends_at)


def note_sign_of_life(participation: Participation, *, now: datetime) -> None:
    """Somebody looked at their task: the idle limit starts anew."""
    Participation.objects.filter(pk=participation.pk, state="active").update(
        last_seen_at=now, lease_expires_at=renewed(participation.study, participation, now=now)
    )


def hand_back_seats(participation: Participation) -> int:
    """Give back every seat that `participation` (locked by the caller) still holds; returns how many."""
    held = Assignment.objects.filter(participation=participation, holds_seat=True)
    quota_ids = [quota_id for quota_id in held.values_list("quota_id", flat=True) if quota_id is not None]
    quotas.release(quota_ids)
    held.update(holds_seat=False)
    return len(quota_ids)


def end_lease(participation: Participation) -> int:
    """Hand the seats back and clear the lease on the instance; the caller saves it."""
    participation.lease_expires_at = None
    participation.lease_ends_at = None
    return hand_back_seats(participation)


def release_expired(*, now: datetime, study_id: int | None = None) -> int:
    """Time out everybody whose lease ended before `now`; returns how many. Each in a transaction of its own."""
    due = Participation.objects.filter(state="active", lease_expires_at__lt=now)
    if study_id is not None:
        due = due.filter(study_id=study_id)
    ids = list(due.order_by("id").values_list("id", flat=True)[:SWEEP_LIMIT])
    return sum(_time_out(participation_id, now=now) for participation_id in ids)


def _time_out(participation_id: int, *, now: datetime) -> bool:
    """Time out one participation, unless it came back to life or is being answered this very moment."""
    with transaction.atomic():
        still_due = Participation.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk=participation_id, state="active", lease_expires_at__lt=now
        )
        participation = still_due.first()
        if participation is None:
            return False
        seats = end_lease(participation)
        participation.state = "timed_out"
        participation.save(update_fields=["state", "lease_expires_at", "lease_ends_at"])
        events.record(
            "timed_out",
            study_id=participation.study_id,
            participation_id=participation.pk,
            now=now,
            data={"seats": seats},
        )
        return True
