"""Dropping everything derived about a study and computing it again from the response log.

Invariant: where the aggregates were up to date, a rebuild changes nothing; the report says whether it did.
The seat ledger is not rebuilt, because a participant's seat may depend on it this very moment: it is
checked.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from analysis import digest
from analysis.aggregation import bring_up_to_date, stale_studies
from analysis.models import Agreement, Distribution, Freshness
from analysis.refresh_lock import turn
from annotation.models import Quota, Response, Standing, Study


class StudyBusy(Exception):
    """A refresh of the study is under way; try again in a moment."""


class Digests(NamedTuple):
    distributions: str
    agreement: str


class LedgerFault(NamedTuple):
    """A ledger row that claims another number of accepted answers than the log holds."""

    scenario: str
    stratum: str
    accepted: int
    counted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RebuildReport:
    """What a rebuild found. `was_stale`: answers had not been aggregated yet, so a change is no surprise."""

    scenarios: int
    before: Digests
    after: Digests
    was_stale: bool
    ledger_faults: list[LedgerFault]

    @property
    def is_surprising(self) -> bool:
        """Whether up-to-date tables differed from their own recomputation: a bug, or a change by hand."""
        return not self.was_stale and self.before != self.after


def rebuild(study_id: int, *, now: datetime) -> RebuildReport:
    """Drop and recompute the study's distributions and agreement in one transaction.

    Readers see the old rows until it ends. On SQLite, which has one writer, answers wait meanwhile. Raises
    StudyBusy, with nothing changed, while a refresh is under way, and Study.DoesNotExist.
    """
    study = Study.objects.get(pk=study_id)
    with turn(study_id, now=now) as mine:
        if mine is None:
            raise StudyBusy(f"A refresh of study {study_id} is under way; try again in a moment.")
        with mine.writing():
            was_stale = study_id in stale_studies()
            before = digests(study_id)
            _drop(study_id)
            done = bring_up_to_date(study, mine=mine, now=now)
            return RebuildReport(
                scenarios=done.scenarios,
                before=before,
                after=digests(study_id),
                was_stale=was_stale,
                ledger_faults=ledger_faults(study_id),
            )


def digests(study_id: int) -> Digests:
    """The digests of what is stored now."""
    return Digests(digest.of_distributions(study_id), digest.of_agreement(study_id))


def ledger_faults(study_id: int) -> list[LedgerFault]:
    """The ledger rows that disagree with the answers they count, normally none. One query: one moment."""
    counted = (
        Response.objects.filter(
            study_id=OuterRef("study_id"),
            scenario_id=OuterRef("scenario_id"),
            quota_id=OuterRef("pk"),
            standing=Standing.COUNTED,
        )
        .order_by()
        .values("quota_id")
        .annotate(answers=Count("id"))
        .values("answers")
    )
    rows = (
        Quota.objects.filter(study_id=study_id)
        .annotate(counted=Coalesce(Subquery(counted), 0))
        .exclude(accepted=F("counted"))
        .order_by("id")
    )
    return [LedgerFault(*row) for row in rows.values_list("scenario__key", "stratum__key", "accepted", "counted")]


def _drop(study_id: int) -> None:
    Distribution.objects.filter(study_id=study_id).delete()
    Agreement.objects.filter(study_id=study_id).delete()
    Freshness.objects.filter(study_id=study_id).update(
        revision=0, cells=0, newest_cell=0, agreement_is_current=False, agreement_at=None, refreshed_at=None
    )
