"""Brings distributions and agreement in line with the seat ledger. They pull; nothing pushes.

Owns the writing of Distribution, Agreement and Freshness. Every counted, revoked or re-counted answer
raises its ledger row's revision in the same UPDATE; here, what carries another revision than the ledger is
computed anew.

Invariant: a stored row carries a revision that was read *before* its counts. An answer that arrives in
between is perhaps in the counts and surely makes the revisions differ, so the next refresh looks again.
Hence a refresh may be lost, repeated or run twice at once, and once the ledger rests the tables equal a
full rebuild.

Every scenario of a study has a row for everybody (`all`), and one for each stratum beside it. A study without
strata has its one stratum `all`: the same row. Scenarios without answers have rows too, with n = 0.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from django.db.models import BigIntegerField, CharField, Count, Exists, F, Max, Model, OuterRef, Sum, Value
from django.db.models.functions import Cast

from analysis.counting import QUESTION, distributions, poles_by_scenario
from analysis.models import Agreement, Distribution, Freshness
from analysis.refresh_lock import Turn, TurnLost, turn
from analysis.slices import EVERYBODY, Figure, Unit, figures
from annotation.models import Quota, Study
from scenarios.models import Action

SCENARIOS_AT_ONCE: Final = 1_000

_DISTRIBUTION_KEY: Final = ["study", "scenario", "stratum", "question"]
_AGREEMENT_KEY: Final = ["study", "question", "slice", "coefficient"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshReport:
    """What a refresh did. `was_busy`: nothing, because another refresh of the study was under way."""

    study_id: int
    scenarios: int = 0
    agreement: bool = False
    was_busy: bool = False


class LedgerState(NamedTuple):
    """Tells any two states of a study's ledger apart; see Freshness."""

    revision: int
    cells: int
    newest_cell: int


def stale_studies() -> list[int]:
    """Ids of the studies whose aggregates are behind their ledger, the longest neglected first. One query."""
    rows = (
        Study.objects.order_by(F("freshness__refreshed_at").asc(nulls_first=True), "id")
        .values_list(
            "id",
            "freshness__revision",
            "freshness__cells",
            "freshness__newest_cell",
            "freshness__agreement_is_current",
        )
        .annotate(*_ledger_columns("quotas__"))
    )
    return [
        study_id
        for study_id, revision, cells, newest, agreement_is_current, *ledger in rows
        if not _is_current(_state(*ledger), _state(revision, cells, newest), agreement_is_current)
    ]


def refresh(study_id: int, *, now: datetime, agreement_every: timedelta = timedelta(0)) -> RefreshReport:
    """Recompute what the ledger has moved past since the last refresh, and agreement if anything has.

    Agreement is a figure of the whole study: where it was computed less than `agreement_every` ago, it is left
    to a later refresh, and the study stays stale until then. Idempotent; safe to run twice at once. Queries per
    chunk of scenarios are constant, however many answers there are. Raises Study.DoesNotExist.
    """
    study = Study.objects.get(pk=study_id)
    with turn(study_id, now=now) as mine:
        if mine is None:
            return RefreshReport(study_id=study_id, was_busy=True)
        try:
            return bring_up_to_date(study, mine=mine, now=now, agreement_every=agreement_every)
        except TurnLost:
            return RefreshReport(study_id=study_id, was_busy=True)


def bring_up_to_date(
    study: Study, *, mine: Turn, now: datetime, agreement_every: timedelta = timedelta(0)
) -> RefreshReport:
    """`refresh` for whoever has the turn already."""
    ledger = ledger_state(study.pk)
    last = Freshness.objects.filter(study=study).first() or Freshness(study=study)
    stored = LedgerState(last.revision, last.cells, last.newest_cell)
    if _is_current(ledger, stored, last.agreement_is_current):
        return RefreshReport(study_id=study.pk)
    if (ledger.cells, ledger.newest_cell) != (stored.cells, stored.newest_cell):
        _forget_cells_that_left(study.pk, mine=mine)
    scenarios = 0
    for scenario_ids in _chunks(_stale_scenarios(study.pk)):
        rows = distributions(study, scenario_ids, now=now)
        with mine.writing():
            _store_distributions(rows)
        scenarios += len(scenario_ids)
    is_due = last.agreement_at is None or now - last.agreement_at >= agreement_every
    results = _agreement(study, now=now) if is_due else None
    with mine.writing():
        _store_freshness(study.pk, ledger, with_agreement=is_due, now=now)
        if results is not None:
            _store_agreement(study.pk, results)
    return RefreshReport(study_id=study.pk, scenarios=scenarios, agreement=is_due)


def ledger_state(study_id: int) -> LedgerState:
    """Where the study's ledger stands now."""
    totals = Quota.objects.filter(study_id=study_id).aggregate(*_ledger_columns(""))
    return _state(*totals.values())


# --- What is stale ---------------------------------------------------------------------------------------


def _ledger_columns(path: str) -> list[Sum | Count | Max]:
    return [Sum(f"{path}revision"), Count(f"{path}id"), Max(f"{path}id")]


def _state(revision: int | None, cells: int | None, newest_cell: int | None) -> LedgerState:
    return LedgerState(int(revision or 0), cells or 0, newest_cell or 0)


def _is_current(ledger: LedgerState, stored: LedgerState, agreement_is_current: bool | None) -> bool:
    is_empty = not any(ledger) and not any(stored)
    return is_empty or (ledger == stored and bool(agreement_is_current))


def _stale_scenarios(study_id: int) -> list[int]:
    """Ids of the scenarios with a row the ledger asks for and the store does not have. One query.

    The ledger asks for everybody's row at the sum of its cells' revisions, and for each stratum's at its
    own. A difference of sets, because PostgreSQL then reads both tables once whatever it believes about
    their sizes.
    """
    cells = Quota.objects.filter(study_id=study_id).order_by()
    everybody = cells.values("scenario_id").annotate(
        row=Value(EVERYBODY, CharField()), at=Cast(Sum("revision"), BigIntegerField())
    )
    strata = cells.exclude(stratum__key=EVERYBODY).values_list("scenario_id", "stratum__key", "revision")
    stored = Distribution.objects.filter(study_id=study_id, question=QUESTION).order_by()
    missing = (
        everybody.values_list("scenario_id", "row", "at")
        .union(strata, all=True)
        .difference(stored.values_list("scenario_id", "stratum", "revision"))
    )
    return sorted({scenario_id for scenario_id, _row, _revision in missing})


def _chunks(scenario_ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(scenario_ids), SCENARIOS_AT_ONCE):
        yield scenario_ids[start : start + SCENARIOS_AT_ONCE]


def _forget_cells_that_left(study_id: int, *, mine: Turn) -> None:
    """Delete rows the ledger no longer knows: before its first answer a study may change what it asks."""
    cells = Quota.objects.filter(study_id=study_id, scenario_id=OuterRef("scenario_id"))
    rows = Distribution.objects.filter(study_id=study_id)
    with mine.writing():
        rows.filter(~Exists(cells)).delete()
        rows.exclude(stratum=EVERYBODY).filter(~Exists(cells.filter(stratum__key=OuterRef("stratum")))).delete()


# --- Storing ---------------------------------------------------------------------------------------------


def _store_distributions(rows: list[Distribution]) -> None:
    Distribution.objects.bulk_create(
        rows,
        batch_size=SCENARIOS_AT_ONCE,
        update_conflicts=True,
        unique_fields=_DISTRIBUTION_KEY,
        update_fields=_columns(Distribution, but=_DISTRIBUTION_KEY),
    )


# --- Agreement -------------------------------------------------------------------------------------------


def _agreement(study: Study, *, now: datetime) -> list[Agreement]:
    """Every figure of agreement, from the stored distributions alone."""
    results = figures(_units(study.pk), offers_neutral=study.offers_neutral, seed=study.seed)
    return [_agreement_row(study.pk, result, now=now) for result in results]


def _units(study_id: int) -> list[Unit]:
    asked = Quota.objects.filter(study_id=study_id).values("scenario_id")
    poles = poles_by_scenario(Action.objects.filter(scenario_id__in=asked))
    rows = Distribution.objects.filter(study_id=study_id, question=QUESTION).order_by("scenario_id", "stratum")
    columns = rows.values_list("scenario_id", "scenario__trait__key", "stratum", "counts")
    return [
        Unit(trait=trait or "", stratum=stratum, counts=counts, poles=poles[scenario_id])
        for scenario_id, trait, stratum, counts in columns.iterator()
    ]


def _agreement_row(study_id: int, result: Figure, *, now: datetime) -> Agreement:
    estimate = result.estimate
    return Agreement(
        study_id=study_id,
        question=QUESTION,
        slice=result.slice,
        coefficient=result.coefficient,
        estimate=estimate.estimate,
        low=estimate.low,
        high=estimate.high,
        level=estimate.level,
        n_scenarios=estimate.n_units,
        n_responses=estimate.n_responses,
        method=result.method,
        undefined_reason=estimate.undefined_reason,
        updated_at=now,
    )


def _store_agreement(study_id: int, rows: list[Agreement]) -> None:
    kept = {row.slice for row in rows}
    Agreement.objects.filter(study_id=study_id, question=QUESTION).exclude(slice__in=kept).delete()
    Agreement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=_AGREEMENT_KEY,
        update_fields=_columns(Agreement, but=_AGREEMENT_KEY),
    )


def _store_freshness(study_id: int, ledger: LedgerState, *, with_agreement: bool, now: datetime) -> None:
    seen = {**ledger._asdict(), "refreshed_at": now, "agreement_is_current": with_agreement}
    if with_agreement:
        seen["agreement_at"] = now
    Freshness.objects.update_or_create(study_id=study_id, defaults=seen)


def _columns(model: type[Model], *, but: Sequence[str]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.name not in {"id", *but}]
