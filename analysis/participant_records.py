"""Participant records: who took part, under which pseudonym, and what their way of answering looked like.

Invariant: only answers to the study's own questions leave, never what a recruiter knows; of people who
withdrew nothing they said or did is left.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet

from analysis import answering, records
from analysis.pseudonyms import Pseudonyms
from analysis.record_sources import Source
from analysis.records import Record
from annotation.models import Exclusion, Kind, Participation, Response, Standing, Study


class Participants(Source):
    """One row per pass through the study. Few at a time: each brings all the person's answers along."""

    chunk: ClassVar[int] = 100

    def __init__(self, study: Study, *, pseudonyms: Pseudonyms | None = None) -> None:
        super().__init__(study, pseudonyms=pseudonyms)
        questions = study.about_you if isinstance(study.about_you, list) else []
        self.schema = records.participant_schema(question for question in questions)
        fixed = set(records.PARTICIPANT.names)
        self._own_columns = [column for column in self.schema.columns if column.name not in fixed]

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]:
        people = Participation.objects.filter(study=self.study).select_related("stratum")
        return (people if pilots else people.filter(is_pilot=False)).order_by("id")

    def to_records(self, rows: Sequence[Participation]) -> list[Record]:
        stayed = [person.pk for person in rows if person.state != "withdrawn"]
        answers = _answers_by_person(stayed)
        reasons = _standing_reasons([person.pk for person in rows])
        return [self._record(person, answers=answers[person.pk], reasons=reasons[person.pk]) for person in rows]

    def _record(self, person: Participation, *, answers: list[answering.Answer], reasons: list[str]) -> Record:
        values = {
            "participant": self.pseudonyms.participant(person.pk),
            "study": self.study.slug,
            "stratum": person.stratum.key if person.stratum else None,
            "language": person.language,
            **self._about(person),
            "state": person.state,
            "started_at": person.started_at,
            "ended_at": person.ended_at,
            "tasks_answered": person.tasks_answered,
            "checks_passed": person.checks_passed,
            "checks_failed": person.checks_failed,
            "median_response_ms": answering.median_response_ms(answers),
            "left_share": answering.left_share(answers),
            "longest_side_run": answering.longest_side_run(answers),
            "repeat_consistency": answering.repeat_consistency(answers),
            "included": person.included,
            "exclusion_reasons": reasons,
            "schema": self.schema.name,
        }
        return {name: values[name] for name in self.schema.names}

    def _about(self, person: Participation) -> Record:
        profile = person.profile if person.state != "withdrawn" else {}
        return {
            column.name: records.questionnaire_value(column, profile.get(column.name)) for column in self._own_columns
        }


def _answers_by_person(participation_ids: Sequence[int]) -> Mapping[int, list[answering.Answer]]:
    """Judgements of these people, each person's in the order they were given."""
    found: defaultdict[int, list[answering.Answer]] = defaultdict(list)
    rows = (
        Response.objects.filter(participation_id__in=participation_ids, kind__in=[Kind.TASK, Kind.REPEAT])
        .exclude(standing=Standing.REPLACED)
        .order_by("participation_id", "position", "id")
        .values_list("participation_id", "scenario_id", "choice", "side", "response_ms", "kind")
    )
    for person, scenario, choice, side, response_ms, kind in rows:
        found[person].append(
            answering.Answer(scenario or 0, choice, side, response_ms, is_repeat=kind == Kind.REPEAT)
        )
    return found


def _standing_reasons(participation_ids: Sequence[int]) -> Mapping[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    standing = Exclusion.objects.filter(participation_id__in=participation_ids, revoked_at=None).order_by("id")
    for person, reason in standing.values_list("participation_id", "reason"):
        found[person or 0].append(reason)
    return found
