"""Where the records of a study come from in the database: rows in a stable order, and what becomes of them.

Invariants: no row of another study and nothing of `Identity` gets in; the number of queries does not grow
with the rows of a chunk; answers of people who withdrew are nowhere.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.conf import settings
from django.db import connection
from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from analysis import records
from analysis.models import Agreement, Distribution
from analysis.pseudonyms import Pseudonyms, study_key
from analysis.records import Keys, Record, Schema
from annotation.models import Exclusion, Kind, Participation, Quota, Response, Standing, Study
from scenarios.models import Action, Scenario


def live_pseudonyms(study: Study) -> Pseudonyms:
    """The names under which this study's people leave the database, as long as the site's secret stays."""
    return Pseudonyms(study_key(settings.SECRET_KEY, study_id=study.pk, seed=study.seed))


def scenarios_of(study: Study) -> QuerySet[Scenario]:
    """The versions the study asks: those with seats, or before it opened the latest of its sets."""
    seats = Quota.objects.filter(study=study)
    if seats.exists():
        return Scenario.objects.filter(Exists(seats.filter(scenario=OuterRef("pk"))))
    return Scenario.objects.filter(set__in=study.sets.all(), is_latest=True)


class Source:
    """One kind of record of one study. `rows` can be filtered further; `to_records` takes a few at a time."""

    schema: Schema
    # How many rows are turned into records at once: fewer where a row needs others beside it.
    chunk: ClassVar[int] = 1_000

    def __init__(self, study: Study, *, pseudonyms: Pseudonyms | None = None) -> None:
        self.study = study
        self.pseudonyms = pseudonyms or live_pseudonyms(study)

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]:
        raise NotImplementedError

    def keys(self) -> Keys:
        """The keys that become flat columns; looked up in the same snapshot as the rows."""
        return {}

    def to_records(self, rows: Sequence[Any]) -> list[Record]:
        raise NotImplementedError


class Scenarios(Source):
    schema = records.SCENARIO

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]:
        found = scenarios_of(self.study).select_related("set", "trait", "statement__instrument")
        return found.prefetch_related("actions").order_by("id")

    def keys(self) -> Keys:
        return {"actions": action_keys(self.study)}

    def to_records(self, rows: Sequence[Scenario]) -> list[Record]:
        return [self._record(scenario) for scenario in rows]

    def _record(self, scenario: Scenario) -> Record:
        statement = scenario.statement
        instrument = statement.instrument if statement else None
        return {
            "study": self.study.slug,
            "scenario": scenario.key,
            "version": scenario.version,
            "set": scenario.set.slug,
            "language": scenario.language,
            "text": scenario.text,
            "actions": [
                {"action": action.key, "text": action.text, "pole": action.pole} for action in scenario.actions.all()
            ],
            "trait": scenario.trait.key if scenario.trait else None,
            "instrument": instrument.key if instrument else None,
            "statement_original": statement.original if statement else None,
            "statement_reframed": (statement.reframed or None) if statement else None,
            "tags": [str(tag) for tag in scenario.tags],
            "license": scenario.license or None,
            "schema": self.schema.name,
        }


class Responses(Source):
    schema = records.RESPONSE

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]:
        kinds = [Kind.TASK, Kind.REPEAT]
        answers = Response.objects.filter(study=self.study, kind__in=kinds)
        if not pilots:
            answers = answers.filter(participation__is_pilot=False)
        return (
            answers.exclude(participation__state="withdrawn")
            .annotate(
                of_answer=FilteredRelation("exclusions", condition=Q(exclusions__revoked_at=None)),
                of_person=FilteredRelation(
                    "participation__exclusions", condition=Q(participation__exclusions__revoked_at=None)
                ),
                in_stratum=Coalesce("stratum__key", "participation__stratum__key"),
                reason=Coalesce("of_answer__reason", "of_person__reason"),
            )
            .order_by("id")
            .values(
                "id", "scenario__key", "scenario__version", "in_stratum", "participation_id", "position",
                "choice", "pole", "side", "order_shown", "kind", "confidence", "rationale", "answers",
                "answered_at", "response_ms", "served_ms", "input", "focus_losses", "paste_count", "standing",
                "reason",
            )
        )  # fmt: skip

    def keys(self) -> Keys:
        return {"answers": question_keys(self.study)}

    def to_records(self, rows: Sequence[Mapping[str, Any]]) -> list[Record]:
        return [self._record(row) for row in rows]

    def person_behind(self, pseudonym: str) -> int | None:
        """Id of the participation with this name. Names cannot be reversed: each one is made and compared."""
        people = Participation.objects.filter(study=self.study).order_by().values_list("id", flat=True)
        named = (person for person in people.iterator() if self.pseudonyms.participant(person) == pseudonym)
        return next(named, None)

    def _record(self, row: Mapping[str, Any]) -> Record:
        standing = row["standing"]
        return {
            "response": self.pseudonyms.response(row["id"]),
            "study": self.study.slug,
            "scenario": row["scenario__key"],
            "version": row["scenario__version"],
            "stratum": row["in_stratum"],
            "participant": self.pseudonyms.participant(row["participation_id"]),
            "position": row["position"],
            "choice": row["choice"],
            "pole": row["pole"],
            "side": row["side"] or None,
            "order_shown": row["order_shown"],
            "is_repeat": row["kind"] == Kind.REPEAT,
            "confidence": row["confidence"],
            "rationale": row["rationale"] or None,
            "answers": row["answers"],
            "answered_at": row["answered_at"],
            "response_ms": row["response_ms"],
            "served_ms": row["served_ms"],
            "input": row["input"] or None,
            "focus_losses": row["focus_losses"],
            "paste_count": row["paste_count"],
            "counted": standing == Standing.COUNTED,
            "surplus": standing == Standing.SURPLUS,
            "excluded_reason": row["reason"] or _reason_of_standing(standing),
            "schema": self.schema.name,
        }


def _reason_of_standing(standing: str) -> str | None:
    return standing if standing in (Standing.REPLACED, Standing.PILOT, Standing.EXCLUDED) else None


class Distributions(Source):
    schema = records.DISTRIBUTION

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]:
        found = Distribution.objects.filter(study=self.study)
        return found.select_related("scenario__trait").order_by("id")

    def keys(self) -> Keys:
        return {"counts": [*action_keys(self.study), "neutral", "not_applicable"]}

    def to_records(self, rows: Sequence[Distribution]) -> list[Record]:
        return [self._record(row) for row in rows]

    def _record(self, row: Distribution) -> Record:
        scenario = row.scenario
        return {
            "study": self.study.slug,
            "scenario": scenario.key,
            "version": scenario.version,
            "language": scenario.language,
            "trait": scenario.trait.key if scenario.trait else None,
            "question": row.question,
            "stratum": row.stratum,
            "rules": records.LIVE_RULES,
            "n": row.n,
            "counts": row.counts,
            "weighted_n": row.weighted_n,
            "share_positive": row.share_positive,
            "low": row.low,
            "high": row.high,
            "interval": row.interval,
            "majority": row.majority or None,
            "agreement": row.agreement,
            "p_majority": row.p_majority,
            "entropy_bits": row.entropy_bits,
            "consensus": row.consensus or None,
            "consensus_posterior": row.consensus_posterior or None,
            "median_response_ms": row.median_response_ms,
            "revision": row.revision,
            "updated_at": row.updated_at,
            "schema": self.schema.name,
        }


class Agreements(Source):
    schema = records.AGREEMENT

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]:
        return Agreement.objects.filter(study=self.study).order_by("id")

    def to_records(self, rows: Sequence[Agreement]) -> list[Record]:
        return [
            {
                "study": self.study.slug,
                "question": row.question,
                "slice": row.slice,
                "coefficient": row.coefficient,
                "estimate": row.estimate,
                "low": row.low,
                "high": row.high,
                "level": row.level,
                "n_scenarios": row.n_scenarios,
                "n_responses": row.n_responses,
                "method": row.method,
                "undefined_reason": row.undefined_reason or None,
                "schema": self.schema.name,
            }
            for row in rows
        ]


class Exclusions(Source):
    schema = records.EXCLUSION

    def rows(self, *, pilots: bool = False) -> QuerySet[Any, Any]:
        return Exclusion.objects.filter(study=self.study).order_by("id")

    def to_records(self, rows: Sequence[Exclusion]) -> list[Record]:
        return [self._record(row) for row in rows]

    def _record(self, row: Exclusion) -> Record:
        person, answer = row.participation_id, row.response_id
        return {
            "study": self.study.slug,
            "participant": self.pseudonyms.participant(person) if person else None,
            "response": self.pseudonyms.response(answer) if answer else None,
            "reason": row.reason,
            "rules": row.rules or None,
            "decided_by": "person" if row.decided_by_id else "rule",
            "decided_at": row.decided_at,
            "revoked_at": row.revoked_at,
            "schema": self.schema.name,
        }


def action_keys(study: Study) -> list[str]:
    """Every key an action of the study's scenarios has, in the order in which scenarios list them."""
    actions = Action.objects.filter(scenario__in=scenarios_of(study))
    places = actions.order_by().values_list("position", "key").distinct()
    return list(dict.fromkeys(key for _position, key in sorted(places)))


def question_keys(study: Study) -> list[str]:
    """Every question that answers of the study hold beside the primary one."""
    queries = {
        "postgresql": "SELECT DISTINCT jsonb_object_keys(answers) FROM annotation_response"
        " WHERE study_id = %s AND answers <> '{}'::jsonb AND jsonb_typeof(answers) = 'object'",
        "sqlite": "SELECT DISTINCT pair.key FROM annotation_response, json_each(answers) AS pair"
        " WHERE study_id = %s AND answers <> '{}'",
    }
    with connection.cursor() as cursor:
        cursor.execute(queries[connection.vendor], [study.pk])
        return sorted(str(key) for (key,) in cursor.fetchall())
