"""Brings answers that were given elsewhere into a study: all rows or none, idempotent, counted like live answers.

Invariants: the log keeps every answer of the file, also those that a later one replaced; importing the same file
again adds nothing; counted answers never exceed a quota. Answers fill seats in the order of their time, where the
file has times, else in the order of the file.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction

from annotation import events, quotas, recorded_people
from annotation.models import Participation, Quota, Response, Standing, Study
from annotation.recorded_people import People, batches
from annotation.recorded_rows import FIELDS, Asked, Reader, RecordedAnswer
from annotation.recorded_standing import Incoming, Logged, Pair, Settlement, settle
from scenarios import mapping as mappings
from scenarios.issues import Issue, IssueLog
from scenarios.models import Action, Scenario
from scenarios.rows import Source, UnreadableFile
from scenarios.sources import opened

BATCH = 2_000
# A scenario's id and a stratum's key: what a ledger row is for.
Place = tuple[int, str]


class StudyTakesNoAnswers(Exception):
    """The study is archived: what it holds is final."""


@dataclass(slots=True, kw_only=True)
class Report:
    """What an import did, or would have done (`dry_run`), or why it did nothing (`issues`).

    Of the file's `rows`, `unchanged` were in the log before; the others are `counted`, `surplus`, `excluded` (the
    person is) or `replaced`. `superseded` answers of earlier imports were replaced by newer ones of this file.
    """

    file: str
    study: str
    dry_run: bool
    format: str = ""
    rows: int = 0
    unchanged: int = 0
    counted: int = 0
    surplus: int = 0
    excluded: int = 0
    replaced: int = 0
    superseded: int = 0
    participants: int = 0
    new_participants: int = 0
    scenarios: int = 0
    ignored_columns: tuple[str, ...] = ()
    issues: IssueLog = field(default_factory=IssueLog)

    @property
    def is_written(self) -> bool:
        return not self.issues and not self.dry_run

    def as_dict(self) -> dict[str, Any]:
        plain = (
            "file", "format", "study", "dry_run", "is_written", "rows", "unchanged", "counted", "surplus",
            "excluded", "replaced", "superseded", "participants", "new_participants", "scenarios",
            "ignored_columns",
        )  # fmt: skip
        return {**{name: getattr(self, name) for name in plain}, "issues": self.issues.as_dict()}


def import_file(
    source: Path | BinaryIO,
    *,
    study: Study,
    now: datetime,
    mapping: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    dry_run: bool = False,
    name: str = "",
) -> Report:
    """Import recorded answers from a CSV, JSONL or Parquet file into a study.

    `mapping`: field -> column; `values`: word of the file -> choice. Creates the study's ledger where it is missing
    and freezes the study's content, as a first live answer does. Never raises for what is wrong with the file: the
    report's issues say it, and then nothing was written. Raises StudyTakesNoAnswers for an archived study.
    """
    study = Study.objects.get(pk=study.pk)  # what the caller holds may be older than its first answer
    if study.state == "archived":
        raise StudyTakesNoAnswers(f"The study “{study.slug}” is archived and takes no further answers.")
    file_name = name or Path(str(getattr(source, "name", source))).name
    report = Report(file=file_name, study=study.slug, dry_run=dry_run)
    try:
        with opened(source, name=file_name) as rows:
            answers = _read(rows, report, study, mapping=mapping or {}, values=values or {}, now=now)
        if not report.issues:
            _store(study, answers, report, now=now)
    except UnreadableFile as problem:
        report.issues.add([problem.issue])
    except mappings.BadMapping as problem:
        report.issues.add(problem.issues)
    return report


def _read(
    source: Source,
    report: Report,
    study: Study,
    *,
    mapping: Mapping[str, str],
    values: Mapping[str, str],
    now: datetime,
) -> list[RecordedAnswer]:
    """Every answer of a good file. Before any lock, so that nobody waits while a file is read."""
    columns = mappings.resolve(mapping, columns=source.columns, fields=FIELDS)
    report.format, report.ignored_columns = source.format, columns.ignored
    # A study without strata gets the one stratum `all` with its ledger.
    strata = tuple(study.strata.values_list("key", flat=True)) or ("all",)
    reader = Reader(columns.by_field, _asked(study), strata, values, now)
    answers = []
    for row in source.rows(frozenset(columns.by_field.values())):
        report.rows += 1
        answer, issues = reader.read(row)
        report.issues.add(issues)
        if answer is not None and not report.issues:
            answers.append(answer)
    if not report.rows:
        report.issues.add([Issue(None, "", "empty_file", "The file has a header but no rows.")])
    return answers


def _asked(study: Study) -> dict[str, Asked | None]:
    """The study's scenarios by key and by SET/KEY; a key that several sets hold is None."""
    wanted = set(quotas.scenarios_to_ask(study))
    if study.is_frozen:
        wanted |= set(study.quotas.values_list("scenario_id", flat=True))
    by_place: dict[tuple[str, str], Asked] = {}
    for batch in batches(sorted(wanted), BATCH):
        poles: dict[int, dict[str, int | None]] = {pk: {} for pk in batch}
        actions = Action.objects.filter(scenario__in=batch).order_by("position")
        for pk, key, pole in actions.values_list("scenario_id", "key", "pole"):
            poles[pk][key] = pole
        rows = Scenario.objects.filter(pk__in=batch).order_by("pk")
        for pk, slug, key, language in rows.values_list("pk", "set__slug", "key", "language"):
            by_place[slug, key] = Asked(pk, key, language, poles[pk])
    sets_by_key = Counter(key for _slug, key in by_place)
    names: dict[str, Asked | None] = {f"{slug}/{key}": asked for (slug, key), asked in by_place.items()}
    return names | {key: asked if sets_by_key[key] == 1 else None for (_slug, key), asked in by_place.items()}


def _store(study: Study, answers: list[RecordedAnswer], report: Report, *, now: datetime) -> None:
    with transaction.atomic():
        # Imports into a study run one after the other; people who answer meanwhile do not wait.
        study = Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        quotas.ensure(study, now=now)
        places = _places(study)
        report.issues.add(_study_changed(answers, places))
        report.issues.add(recorded_people.problems(study, answers))
        if not report.issues:
            _add_to_log(study, answers, places, report, now=now)
        if not report.is_written:
            transaction.set_rollback(True)


def _places(study: Study) -> dict[Place, int]:
    rows = study.quotas.values_list("scenario_id", "stratum__key", "id")
    return {(scenario_id, stratum): pk for scenario_id, stratum, pk in rows.iterator()}


def _study_changed(answers: Sequence[RecordedAnswer], places: Mapping[Place, int]) -> list[Issue]:
    if all((answer.asked.scenario_id, answer.stratum) in places for answer in answers):
        return []
    return [Issue(None, "", "study_changed", "The study was changed while the file was read. Import it again.")]


def _add_to_log(
    study: Study, answers: list[RecordedAnswer], places: Mapping[Place, int], report: Report, *, now: datetime
) -> None:
    people = recorded_people.find_or_create(study, answers, now=now)
    log = _Log.of(people.by_name.values())
    fresh = sorted(log.without_known(answers, people), key=lambda answer: answer.answered_at or now)
    incoming = [_incoming(answer, people, places, now=now) for answer in fresh]
    settlement = _settle(study, incoming, log, people)
    _write(study, fresh, incoming, settlement, people)
    _count(report, answers, incoming, settlement, people)
    if fresh:
        _finish(study, report, now=now)


@dataclass(slots=True)
class _Log:
    """What the study's log holds of these people: how often each answer, and which one stands."""

    times_known: Counter[tuple[int, int, str]] = field(default_factory=Counter)
    standing: dict[Pair, Logged] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Iterable[Participation]) -> "_Log":
        log = cls()
        known = [person.pk for person in people if person.tasks_answered]
        columns = ("participation_id", "scenario_id", "body_digest", "id", "quota_id", "answered_at", "standing")
        for batch in batches(known, BATCH):
            rows = Response.objects.filter(participation__in=batch, kind="task").order_by("id")
            for person, scenario, digest, *logged in rows.values_list(*columns).iterator():
                if scenario is None:
                    continue
                log.times_known[person, scenario, digest] += 1
                if logged[-1] != Standing.REPLACED:
                    log.standing[person, scenario] = Logged(*logged)
        return log

    def without_known(self, answers: Iterable[RecordedAnswer], people: People) -> list[RecordedAnswer]:
        """The answers that are new: one that the file holds twice is new twice, unless the log does too."""
        left = self.times_known.copy()
        fresh = []
        for answer in answers:
            known = (people.by_name[answer.participant].pk, answer.asked.scenario_id, _digest(answer))
            if left[known] > 0:
                left[known] -= 1
            else:
                fresh.append(answer)
        return fresh


def _digest(answer: RecordedAnswer) -> str:
    """By what an answer is known again: its choice and its time, where the file has one."""
    time = answer.answered_at.isoformat() if answer.answered_at else "unknown"
    return hashlib.sha256(f"recorded {answer.choice} {time}".encode()).hexdigest()


def _incoming(answer: RecordedAnswer, people: People, places: Mapping[Place, int], *, now: datetime) -> Incoming:
    return Incoming(
        participation_id=people.by_name[answer.participant].pk,
        scenario_id=answer.asked.scenario_id,
        quota_id=places[answer.asked.scenario_id, answer.stratum],
        answered_at=answer.answered_at or now,
    )


def _settle(study: Study, incoming: Sequence[Incoming], log: _Log, people: People) -> Settlement:
    rows = quotas.lock_rows(study.pk, {answer.quota_id for answer in incoming})
    open_seats = {pk: _open_seats(row) for pk, row in rows.items()}
    settlement = settle(incoming, logged=log.standing, open_seats=open_seats, excluded=people.excluded)
    quotas.accept_recorded(study_id=study.pk, counts=settlement.changes)
    return settlement


def _open_seats(row: Quota) -> int | None:
    return None if row.target is None else row.target - row.reserved - row.accepted


def _write(
    study: Study,
    fresh: Sequence[RecordedAnswer],
    incoming: Sequence[Incoming],
    settlement: Settlement,
    people: People,
) -> None:
    # First, because only one answer of a person to a scenario may stand.
    for replaced in batches(settlement.replaced, BATCH):
        Response.objects.filter(pk__in=replaced).update(standing=Standing.REPLACED)
    rows = list(zip(fresh, incoming, settlement.standings, strict=True))
    for batch in batches(rows, BATCH):
        Response.objects.bulk_create(
            _response(study, answer, place, standing, people.by_name[answer.participant])
            for answer, place, standing in batch
        )
    _note_answers(fresh, people)


def _response(
    study: Study, answer: RecordedAnswer, place: Incoming, standing: str, person: Participation
) -> Response:
    return Response(
        study_id=study.pk,
        participation_id=person.pk,
        person_id=person.person_id,
        quota_id=place.quota_id,
        scenario_id=place.scenario_id,
        stratum_id=person.stratum_id,
        standing=standing,
        choice=answer.choice,
        pole=answer.asked.poles.get(answer.choice),
        order_shown=list(answer.asked.poles),
        confidence=answer.confidence,
        rationale=answer.rationale,
        language=answer.asked.language,
        answered_at=place.answered_at,
        response_ms=answer.response_ms,
        body_digest=_digest(answer),
    )


def _note_answers(fresh: Sequence[RecordedAnswer], people: People) -> None:
    """Bring the participations' counters and times in line with the log."""
    answering = [people.by_name[name] for name in dict.fromkeys(answer.participant for answer in fresh)]
    touched = {person.pk: person for person in answering}
    standing = Response.objects.exclude(standing=Standing.REPLACED).filter(kind="task")
    for batch in batches(sorted(touched), BATCH):
        answered = Counter(standing.filter(participation__in=batch).values_list("participation_id", flat=True))
        for pk in batch:
            touched[pk].tasks_answered = answered[pk]
    recorded_people.update(touched.values(), fresh)


def _count(
    report: Report,
    answers: Sequence[RecordedAnswer],
    incoming: Sequence[Incoming],
    settlement: Settlement,
    people: People,
) -> None:
    standings = Counter(settlement.standings)
    report.counted, report.surplus = standings["counted"], standings["surplus"]
    report.excluded, report.replaced = standings["excluded"], standings["replaced"]
    report.unchanged = len(answers) - len(incoming)
    report.superseded = len(settlement.replaced)
    report.participants, report.new_participants = len(people.by_name), people.created
    report.scenarios = len({answer.asked.scenario_id for answer in answers})


def _finish(study: Study, report: Report, *, now: datetime) -> None:
    Study.objects.filter(pk=study.pk, first_answer_at=None).update(first_answer_at=now)
    done = {name: getattr(report, name) for name in ("file", "rows", "counted", "surplus", "excluded", "replaced")}
    events.record("answers_imported", study_id=study.pk, now=now, data=done)
