"""Plans: when tasks begin, seats are reserved and written down as ordered assignments, in one transaction.

Invariants: nobody gets a scenario twice in a study, under whatever session; nobody who started is sent away because
the study filled meanwhile; a plan with fewer than `min_tasks` seats is not made at all.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from random import Random

from django.db import transaction
from django.db.models import Max, QuerySet

from annotation import allocation, events, leases, participating, quotas
from annotation.allocation import Slot, Task
from annotation.models import Assignment, CheckItem, Participation, Quota, Response, Stratum, Study
from annotation.quotas import Seat
from scenarios.models import Scenario

STREAM_CHECKS = ("instructed", "nonsensical")


class QuotaFull(Exception):
    """Too few seats are open to begin; nothing was reserved."""


def begin(participation_id: int, *, now: datetime) -> Participation:
    """Plan the tasks and make the participation active; one that already is active is returned as it stands.

    Raises QuotaFull (and changes nothing) where fewer than the study's `min_tasks` seats are to be had.
    """
    try:
        return _begin(participation_id, now=now)
    except QuotaFull:
        study_id = Participation.objects.values_list("study_id", flat=True).get(pk=participation_id)
        if not leases.release_expired(now=now, study_id=study_id):
            raise
    return _begin(participation_id, now=now)


@transaction.atomic
def _begin(participation_id: int, *, now: datetime) -> Participation:
    participation = participating.lock(participation_id)
    study = participation.study
    if participation.state == "active":
        return participation
    tasks = _pilot_tasks(participation) if participation.is_pilot else _claim_tasks(participation, study)
    if len(tasks) < (1 if participation.is_pilot else study.min_tasks):
        raise QuotaFull
    _write_plan(participation, study, tasks)
    participation.lease_expires_at, participation.lease_ends_at = leases.new_limits(study, now=now)
    participating.move(participation, "active", now=now, data={"tasks": len(tasks)})
    return participation


def resume(participation: Participation, *, now: datetime) -> None:
    """Seat a locked, timed-out or returned participation again: same scenarios where free, others where not.

    Where nothing is left to do, whoever answered something completes with it, and whoever answered nothing learns
    that the study is full.
    """
    study = participation.study
    open_tasks = _unanswered(participation).filter(kind="task")
    wanted = open_tasks.count()
    got = quotas.reclaim(
        [quota_id for quota_id in open_tasks.values_list("quota_id", flat=True) if quota_id is not None]
    )
    open_tasks.filter(quota_id__in=got).update(holds_seat=True)
    if not participation.is_pilot:
        open_tasks.filter(holds_seat=False).update(is_dropped=True)
        _append_replacements(participation, study, wanted - len(got))
    if _unanswered(participation).filter(kind="task").exists():
        participation.lease_expires_at, participation.lease_ends_at = leases.new_limits(study, now=now)
        participating.move(participation, "active", now=now, data={"seats_kept": len(got), "tasks": wanted})
        return
    finish_early(participation, now=now)


def finish_early(participation: Participation, *, now: datetime) -> None:
    """End a participation for which no task is left: with its code if anything was answered."""
    if participation.tasks_answered:
        participating.move(participation, "completed", now=now, data={"reason": "no seats were left"})
    else:
        events.record("no_seats_left", study_id=participation.study_id, participation_id=participation.pk, now=now)


def _unanswered(participation: Participation) -> QuerySet[Assignment]:
    return Assignment.objects.filter(participation=participation, answered_at=None, is_dropped=False)


def _seen_scenarios(participation: Participation) -> set[int]:
    """Scenarios this person was ever planned or answered in this study, under any session."""
    planned = Assignment.objects.filter(
        participation__person=participation.person_id,
        participation__study=participation.study_id,
        participation__is_pilot=False,
        kind="task",
    )
    answered = Response.objects.filter(
        study=participation.study_id, person=participation.person_id, kind="task"
    ).exclude(standing="replaced")
    live = (
        planned.exclude(answered_at=None)
        | planned.filter(participation=participation)
        | planned.filter(holds_seat=True)
    )
    return {
        pk
        for pk in (
            *live.values_list("scenario_id", flat=True),
            *answered.values_list("scenario_id", flat=True),
        )
        if pk is not None
    }


def _claim_tasks(participation: Participation, study: Study) -> list[Task[Seat]]:
    stratum_id = participation.stratum_id or Stratum.objects.get(study=study).pk
    seats = quotas.claim(
        study_id=study.pk,
        stratum_id=stratum_id,
        wanted=study.tasks_per_annotator,
        seen=_seen_scenarios(participation),
        seed=participation.seed,
    )
    return _as_tasks(seats, study)


def _as_tasks(seats: Sequence[Seat], study: Study) -> list[Task[Seat]]:
    details = {
        row[0]: row[1:]
        for row in Quota.objects.filter(pk__in=[seat.quota_id for seat in seats]).values_list(
            "id", "position", "scenario__trait__key"
        )
    }
    return [
        Task(scenario=seat, listed=details[seat.quota_id][0], block=details[seat.quota_id][1] or "") for seat in seats
    ]


def _pilot_tasks(participation: Participation) -> list[Task[Seat]]:
    """A preview takes no seats: it draws from the study's sets."""
    study = participation.study
    rows = list(
        Scenario.objects.latest_versions()
        .filter(set__studies=study)
        .order_by("set__slug", "id")
        .values_list("id", "trait__key")[:2_000]
    )
    drawn = Random(participation.seed).sample(range(len(rows)), min(len(rows), study.tasks_per_annotator))
    return [
        Task(scenario=Seat(quota_id=0, scenario_id=rows[index][0]), listed=index, block=rows[index][1] or "")
        for index in drawn
    ]


def _write_plan(participation: Participation, study: Study, tasks: list[Task[Seat]]) -> None:
    slots = allocation.lay_out(
        tasks,
        checks=_draw_checks(study, tasks=len(tasks), seed=participation.seed),
        repeats=study.repeats,
        order=study.order,
        randomise_sides=study.randomise_sides,
        seed=participation.seed,
    )
    first = _next_position(participation)
    Assignment.objects.bulk_create(_assignments(participation, slots, first=first))


def _append_replacements(participation: Participation, study: Study, missing: int) -> None:
    """Other scenarios for seats that were lost, behind the plan."""
    if missing <= 0:
        return
    stratum_id = participation.stratum_id or Stratum.objects.get(study=study).pk
    seats = quotas.claim(
        study_id=study.pk,
        stratum_id=stratum_id,
        wanted=missing,
        seen=_seen_scenarios(participation),
        seed=participation.seed + _next_position(participation),
        may_wait=False,
    )
    slots: list[Slot[Seat, CheckItem]] = allocation.lay_out(
        _as_tasks(seats, study),
        checks=[],
        repeats=0,
        order=study.order,
        randomise_sides=study.randomise_sides,
        seed=participation.seed,
    )
    first = _next_position(participation)
    Assignment.objects.bulk_create(_assignments(participation, slots, first=first))


def _assignments(
    participation: Participation, slots: Iterable[Slot[Seat, CheckItem]], *, first: int
) -> list[Assignment]:
    return [
        Assignment(
            study_id=participation.study_id,
            participation=participation,
            position=position,
            kind=slot.kind,
            scenario_id=slot.scenario.scenario_id if slot.scenario else None,
            quota_id=(slot.scenario.quota_id or None) if slot.scenario and slot.kind == "task" else None,
            holds_seat=slot.kind == "task" and not participation.is_pilot,
            check_item=slot.check,
            flipped=slot.flipped,
        )
        for position, slot in enumerate(slots, start=first)
    ]


def _next_position(participation: Participation) -> int:
    last = Assignment.objects.filter(participation=participation).aggregate(last=Max("position"))["last"]
    return (last or 0) + 1


def _draw_checks(study: Study, *, tasks: int, seed: int) -> list[CheckItem]:
    """The attention checks of one plan; a short plan carries proportionally fewer, but at least one."""
    if not study.attention_checks:
        return []
    bank = list(study.checks.filter(kind__in=STREAM_CHECKS).order_by("key"))
    share = min(1.0, tasks / study.tasks_per_annotator)
    return Random(seed + 1).sample(bank, min(len(bank), max(1, round(study.attention_checks * share))))
