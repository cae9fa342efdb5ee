"""The study records: how a study is set up, and how far it has come at this moment.

Invariant: completion codes, addresses with codes in them and notes of the team are no part of a record.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final

from django.db.models import Count, Q, QuerySet, Sum

from analysis import records
from analysis.records import Keys, Record
from annotation.models import Participation, Quota, Study
from annotation.states import PARTICIPATION_STATES

SEATS: Final = ("target", "open", "reserved", "accepted")
STATES: Final = tuple(state for state, _label in PARTICIPATION_STATES)


class Studies:
    """Studies themselves, with live progress: the one kind of record that is not part of a study."""

    schema = records.STUDY
    chunk: ClassVar[int] = 100

    def __init__(self, visible: QuerySet[Study]) -> None:
        self._visible = visible

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]:
        found = self._visible.select_related("freshness").prefetch_related("sets", "strata")
        return found.order_by("id")

    def keys(self) -> Keys:
        return {"seats": SEATS, "participations": STATES}

    def to_records(self, rows: Sequence[Study]) -> list[Record]:
        ids = [study.pk for study in rows]
        seats, people = _seats(ids), _people(ids)
        return [self._record(study, seats=seats[study.pk], people=people[study.pk]) for study in rows]

    def _record(self, study: Study, *, seats: Mapping[str, Any], people: Mapping[str, int]) -> Record:
        freshness = getattr(study, "freshness", None)
        is_limited = not seats.get("unlimited", 0)
        target, reserved, accepted = (seats.get(name) or 0 for name in ("target", "reserved", "accepted"))
        return {
            "study": study.slug,
            "title": study.title,
            "state": study.state,
            "language": study.language,
            "question": study.question,
            "instructions": study.instructions or None,
            "sets": [scenario_set.slug for scenario_set in study.sets.all()],
            "strata": [stratum.key for stratum in study.strata.all()],
            "quota": study.quota,
            "tasks_per_annotator": study.tasks_per_annotator,
            "order": study.order,
            "offers_neutral": study.offers_neutral,
            "offers_not_applicable": study.offers_not_applicable,
            "neutral_weight": study.neutral_weight,
            "asks_confidence": study.asks_confidence,
            "rationale": study.rationale,
            "randomise_sides": study.randomise_sides,
            "attention_checks": study.attention_checks,
            "repeats": study.repeats,
            "created_at": study.created_at,
            "opened_at": study.opened_at,
            "closed_at": study.closed_at,
            "scenarios": seats.get("scenarios", 0),
            "seats": {
                "target": target if is_limited else None,
                "open": target - reserved - accepted if is_limited else None,
                "reserved": reserved,
                "accepted": accepted,
            },
            "participations": {state: people.get(state, 0) for state in STATES},
            "aggregated_at": freshness.refreshed_at if freshness else None,
            "schema": self.schema.name,
        }


def _seats(study_ids: Iterable[int]) -> Mapping[int, dict[str, Any]]:
    rows = (
        Quota.objects.filter(study_id__in=study_ids)
        .order_by()
        .values("study_id")
        .annotate(
            scenarios=Count("scenario", distinct=True),
            unlimited=Count("id", filter=Q(target=None)),
            target=Sum("target"),
            reserved=Sum("reserved"),
            accepted=Sum("accepted"),
        )
    )
    return defaultdict(dict, {row["study_id"]: {**row} for row in rows})


def _people(study_ids: Iterable[int]) -> Mapping[int, dict[str, int]]:
    found: defaultdict[int, dict[str, int]] = defaultdict(dict)
    people = Participation.objects.filter(study_id__in=study_ids, is_pilot=False).order_by()
    for study_id, state, count in people.values_list("study_id", "state").annotate(count=Count("id")):
        found[study_id][state] = count
    return found
