"""Live numbers of a study: seats, people, pace, and whether anything is computing.

Owns what "progress" means on the pages and in the API. Invariant: a constant number of queries, whatever the
size of the study, each served by an index of the study's rows; nothing here is stored.

Not for results: what people answered is in the distributions, which not everybody may see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final

from django.db.models import BigIntegerField, Count, ExpressionWrapper, F, Max, Q, Sum

from analysis import heartbeats
from analysis.models import Freshness
from annotation.models import Participation, Quota, Response, Standing, Study

# A worker is asked for a sign of life every few seconds; a minute of silence is no hiccup.
WORKER_SILENT_AFTER: Final = timedelta(minutes=1)
PACE_WINDOW: Final = timedelta(hours=1)
# With less behind us than this, a rate per hour would be an extrapolation from one or two answers.
SHORTEST_PACE: Final = timedelta(minutes=2)
LATEST_ANSWERS: Final = 1_000
LATEST_FINISHED: Final = 200
HEAT_CELLS: Final = 400

# A way through the study, and the column that is filled when somebody gets there.
STEPS: Final[Mapping[str, str]] = {
    "arrived": "arrived_at",
    "consented": "consented_at",
    "profiled": "profiled_at",
    "trained": "trained_at",
    "started": "started_at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seats:
    """The places of a group of ledger rows; `target` is None where at least one has no limit.

    scenarios   rows: scenarios of one stratum, or scenario x stratum of the whole study
    full        rows with every place filled by an answer; untouched: rows without any answer
    """

    scenarios: int = 0
    target: int | None = 0
    reserved: int = 0
    accepted: int = 0
    full: int = 0
    untouched: int = 0

    @property
    def open(self) -> int | None:
        """Places nobody holds; None without a limit."""
        return None if self.target is None else self.target - self.reserved - self.accepted

    @property
    def on_the_way(self) -> int:
        """Rows with some answers, but not all."""
        return self.scenarios - self.full - self.untouched

    @property
    def fill(self) -> float | None:
        """Answers as a part of the target; None without a limit or without any seat."""
        return self.accepted / self.target if self.target else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StratumSeats:
    """The seats of one stratum."""

    key: str
    label: str
    seats: Seats


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """How many people got to a step of the study, and how many of the step before did not."""

    key: str
    reached: int
    before: int

    @property
    def lost(self) -> int:
        return max(self.before - self.reached, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Participations by where they stand. Pilots and imported ones never walked through the study.

    steps       arrived, consented, ..., completed; steps the study does not have are left out
    by_state    of the same people, every state that occurs
    excluded    people whose answers are left out, imported ones included
    """

    steps: Sequence[Step]
    by_state: Mapping[str, int]
    excluded: int
    imported: int
    pilots: int

    @property
    def arrived(self) -> int:
        return self.steps[0].reached

    @property
    def completed(self) -> int:
        return self.by_state.get("completed", 0)

    @property
    def working(self) -> int:
        return self.by_state.get("active", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Counted answers per hour of late, and how long the open places would take at that pace.

    per_hour is None while there is too little behind us; hours_left is None without a limit or a pace.
    """

    last_answer_at: datetime | None = None
    per_hour: float | None = None
    hours_left: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Background:
    """Whether a worker lives, and whether the distributions have caught up with the answers."""

    worker_seen_at: datetime | None
    worker_is_alive: bool
    is_current: bool
    refreshed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StudyProgress:
    """Everything that can be said about a study without looking at what was answered.

    surplus, excluded, replaced   answers by how they are used; counted ones are `seats.accepted`
    median_minutes                of the people who finished last, from the first task to the end
    """

    seats: Seats
    strata: Sequence[StratumSeats]
    people: People
    surplus: int
    excluded: int
    replaced: int
    pace: Pace
    median_minutes: float | None
    background: Background


def study_progress(study: Study, *, now: datetime) -> StudyProgress:
    """The live numbers of `study`. Seven queries."""
    strata, revision = _seats_by_stratum(study)
    seats = _together([stratum.seats for stratum in strata])
    standings = _answers_that_do_not_count(study)
    return StudyProgress(
        seats=seats,
        strata=strata,
        people=_people(study),
        surplus=standings.get(Standing.SURPLUS, 0),
        excluded=standings.get(Standing.EXCLUDED, 0),
        replaced=standings.get(Standing.REPLACED, 0),
        pace=_pace(study, seats=seats, now=now),
        median_minutes=_median_minutes(study),
        background=_background(study, revision=revision, now=now),
    )


def fill_by_scenario(study: Study, *, cells: int = HEAT_CELLS) -> list[tuple[str, list[float]]]:
    """Per stratum its label and the fill, 0 to 1, of its scenarios in the study's order. One or two queries.

    With more scenarios than `cells`, neighbours share a cell. Strata without a limit are left out.
    """
    rows = Quota.objects.filter(study=study)
    last = rows.aggregate(last=Max("position"))["last"]
    if last is None:
        return []
    per_cell = -(-(last + 1) // cells)
    counted = (
        rows.annotate(cell=ExpressionWrapper(F("position") / per_cell, output_field=BigIntegerField()))
        .order_by("stratum__position", "stratum_id", "cell")
        .values_list("stratum_id", "stratum__label", "stratum__key", "cell")
        .annotate(accepted=Sum("accepted"), target=Sum("target"))
    )
    found: dict[int, tuple[str, list[float]]] = {}
    for stratum_id, label, key, _cell, accepted, target in counted:
        if target:
            found.setdefault(stratum_id, (label or key, []))[1].append(accepted / target)
    return list(found.values())


# --- Seats -------------------------------------------------------------------------------------------------


def _seats_by_stratum(study: Study) -> tuple[list[StratumSeats], int]:
    """Each stratum's seats, and the sum of the ledger's revisions."""
    rows = (
        Quota.objects.filter(study=study)
        .order_by("stratum__position", "stratum_id")
        .values("stratum_id", "stratum__key", "stratum__label")
        .annotate(
            rows=Count("id"),
            limited=Count("target"),
            targets=Sum("target"),
            held=Sum("reserved"),
            taken=Sum("accepted"),
            full=Count("id", filter=Q(accepted__gte=F("target"))),
            untouched=Count("id", filter=Q(accepted=0)),
            revisions=Sum("revision"),
        )
    )
    strata = [
        StratumSeats(key=row["stratum__key"], label=row["stratum__label"] or row["stratum__key"], seats=_seats(row))
        for row in rows
    ]
    return strata, sum(row["revisions"] for row in rows)


def _seats(row: Mapping[str, Any]) -> Seats:
    return Seats(
        scenarios=row["rows"],
        target=row["targets"] if row["limited"] == row["rows"] else None,
        reserved=row["held"],
        accepted=row["taken"],
        full=row["full"],
        untouched=row["untouched"],
    )


def _together(parts: Sequence[Seats]) -> Seats:
    targets = [part.target for part in parts]
    return Seats(
        scenarios=sum(part.scenarios for part in parts),
        target=None if None in targets else sum(target or 0 for target in targets),
        reserved=sum(part.reserved for part in parts),
        accepted=sum(part.accepted for part in parts),
        full=sum(part.full for part in parts),
        untouched=sum(part.untouched for part in parts),
    )


# --- People ------------------------------------------------------------------------------------------------


def _people(study: Study) -> People:
    walked = Q(is_pilot=False, is_imported=False)
    reached = {f"reached_{step}": Count("id", filter=walked & Q(**{f"{column}__isnull": False}))
               for step, column in STEPS.items()}  # fmt: skip
    rows: list[Mapping[str, Any]] = list(
        Participation.objects.filter(study=study)
        .order_by()
        .values("state")
        .annotate(
            walked=Count("id", filter=walked),
            imported=Count("id", filter=Q(is_imported=True)),
            pilots=Count("id", filter=Q(is_pilot=True)),
            excluded=Count("id", filter=Q(included=False, is_pilot=False)),
            **reached,
        )
    )
    by_state = {row["state"]: row["walked"] for row in rows if row["walked"]}
    counts = {step: sum(row[f"reached_{step}"] for row in rows) for step in _steps_of(study)}
    return People(
        steps=_steps({**counts, "completed": by_state.get("completed", 0)}),
        by_state=by_state,
        excluded=sum(row["excluded"] for row in rows),
        imported=sum(row["imported"] for row in rows),
        pilots=sum(row["pilots"] for row in rows),
    )


def _steps_of(study: Study) -> list[str]:
    absent = {"profiled": not study.about_you, "trained": not study.practice_items}
    return [step for step in STEPS if not absent.get(step, False)]


def _steps(reached: Mapping[str, int]) -> list[Step]:
    steps: list[Step] = []
    for key, count in reached.items():
        steps.append(Step(key=key, reached=count, before=steps[-1].reached if steps else count))
    return steps


def _median_minutes(study: Study) -> float | None:
    finished = Participation.objects.filter(
        study=study, state="completed", is_pilot=False, is_imported=False, started_at__isnull=False
    ).exclude(ended_at=None)
    times = finished.order_by("-id").values_list("started_at", "ended_at")[:LATEST_FINISHED]
    minutes = [(ended - started).total_seconds() / 60 for started, ended in times if started and ended]
    return median(minutes) if minutes else None


# --- Answers -----------------------------------------------------------------------------------------------


def _answers_that_do_not_count(study: Study) -> dict[str, int]:
    kinds = [Standing.SURPLUS, Standing.EXCLUDED, Standing.REPLACED]
    rows = Response.objects.filter(study=study, standing__in=kinds).order_by()
    return dict(rows.values_list("standing").annotate(answers=Count("id")))


def _pace(study: Study, *, seats: Seats, now: datetime) -> Pace:
    latest = Response.objects.filter(study=study, standing=Standing.COUNTED).order_by("-id")
    times = list(latest.values_list("answered_at", flat=True)[:LATEST_ANSWERS])
    if not times:
        return Pace()
    per_hour = answers_per_hour(times, now=now)
    places = None if seats.target is None else seats.target - seats.accepted
    return Pace(
        last_answer_at=max(times),
        per_hour=per_hour,
        hours_left=places / per_hour if places and per_hour else None,
    )


def answers_per_hour(times: Sequence[datetime], *, now: datetime) -> float | None:
    """The rate over the last hour, or since the oldest of `times` if that is more recent.

    None while the oldest is no two minutes old. Imported answers lie in the past and give 0.
    """
    recent = [time for time in times if now - time <= PACE_WINDOW]
    began_recently = len(recent) == len(times)
    span = now - min(recent) if recent and began_recently else PACE_WINDOW
    if span < SHORTEST_PACE:
        return None
    return len(recent) / (span / timedelta(hours=1))


# --- Background --------------------------------------------------------------------------------------------


def _background(study: Study, *, revision: int, now: datetime) -> Background:
    freshness = Freshness.objects.filter(study=study).first()
    age = heartbeats.ages(now=now).worker
    if freshness:
        is_current = freshness.revision == revision and freshness.agreement_is_current
    else:
        is_current = revision == 0
    return Background(
        worker_seen_at=None if age is None else now - timedelta(seconds=age),
        worker_is_alive=age is not None and age <= WORKER_SILENT_AFTER.total_seconds(),
        is_current=is_current,
        refreshed_at=freshness.refreshed_at if freshness else None,
    )
