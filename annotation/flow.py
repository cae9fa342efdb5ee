"""The way through a study: which page belongs to which state, and steps that ask nothing are passed over."""

from datetime import datetime

from django.db import transaction

from annotation import participating, planning, profiling, quotas, training
from annotation.models import Participation, Study

PAGES = {
    "arrived": "consent",
    "consented": "about_you",
    "profiled": "practice",
    "trained": "landing",
    "active": "task",
    "completed": "debrief",
}


def page_of(participation: Participation) -> str:
    """The name of the page where this participation stands."""
    return PAGES.get(participation.state, "ended")


def advance(participation: Participation, *, now: datetime) -> Participation:
    """Go on from a finished step as far as nothing has to be asked; ends at a page that asks, or at an end."""
    if participation.state == "consented" and not participation.study.about_you:
        participation = profiling.record_profile(participation.pk, profile={}, now=now)
    if participation.state == "profiled" and training.next_item(participation)[0] is None:
        participation = training.finish(participation.pk, now=now)
    if participation.state in ("trained", "quota_full"):
        participation = _begin(participation, now=now)
    return participation


def come_back(participation_id: int, *, now: datetime) -> Participation:
    """Somebody who timed out or left continues: with their seats where free, with others where not."""
    with transaction.atomic():
        participation = participating.lock(participation_id)
        if participation.state in ("timed_out", "returned"):
            if participation.started_at is None:
                return participation
            planning.resume(participation, now=now)
    return advance(participation, now=now)


def _begin(participation: Participation, *, now: datetime) -> Participation:
    try:
        return planning.begin(participation.pk, now=now)
    except planning.QuotaFull:
        with transaction.atomic():
            locked = participating.lock(participation.pk)
            if locked.state == "trained":
                participating.move(locked, "quota_full", now=now)
            return locked


def entry_status(study: Study) -> str:
    """What a visitor finds at the study's door: open, full, paused, closed or draft."""
    if study.state == "archived":
        return "closed"
    if study.state != "open":
        return study.state
    return "open" if quotas.has_open_seats(study.pk, at_least=study.min_tasks) else "full"
