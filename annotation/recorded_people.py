"""The people behind recorded answers: one completed participation each, known again by a keyed digest.

Invariant: the file's own ids stand in `Identity` alone. The same id in another study is another person: files from
elsewhere count their participants 0, 1, 2.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from annotation.identity import digest
from annotation.models import Identity, Participation, Person, Stratum, Study
from annotation.recorded_rows import RecordedAnswer
from scenarios.issues import Issue, quoted

PROVIDER = "import"
ASSURANCE = "imported"
BATCH = 2_000

T = TypeVar("T")


@dataclass(slots=True)
class People:
    """Participations by the file's participant id, and how many of them are new."""

    by_name: dict[str, Participation]
    created: int

    @property
    def excluded(self) -> set[int]:
        """Ids of those whose answers are out of the aggregates."""
        return {person.pk for person in self.by_name.values() if not person.included}


def problems(study: Study, answers: Sequence[RecordedAnswer]) -> Iterator[Issue]:
    """Rows of people the study knows in another stratum, or who withdrew their agreement."""
    known = _known(study, {answer.participant for answer in answers})
    reported: set[str] = set()
    for answer in answers:
        person = known.get(answer.participant)
        if person is None or answer.participant in reported:
            continue
        if person.state == "withdrawn":
            reason = f"{quoted(answer.participant)} withdrew: their answers may not be used. Take their rows out."
            reported.add(answer.participant)
            yield Issue(answer.row, "", "withdrawn", reason)
        elif person.stratum is not None and person.stratum.key != answer.stratum:
            reason = f"{quoted(answer.participant)} is in “{person.stratum.key}” since an earlier import."
            reported.add(answer.participant)
            yield Issue(answer.row, "", "stratum_changed", reason)


def find_or_create(study: Study, answers: Sequence[RecordedAnswer], *, now: datetime) -> People:
    """The participations of everybody in these answers; the known ones are locked, in the order of their ids."""
    times = _times(answers)
    strata = {stratum.key: stratum for stratum in study.strata.all()}
    known = _known(study, times, lock=True)
    created = {
        name: _new(study, name, strata[stratum], times[name], now=now)
        for name, stratum in {answer.participant: answer.stratum for answer in answers}.items()
        if name not in known
    }
    _store(study, created)
    return People(by_name={**known, **created}, created=len(created))


def update(people: Iterable[Participation], answers: Sequence[RecordedAnswer]) -> None:
    """Write the counters and times of participations that got further answers."""
    times = _times(answers)
    changed = list(people)
    by_digest = {_arrival(changed[0].study_id, name): name for name in times} if changed else {}
    for person in changed:
        first, last = times[by_digest[person.arrival_digest]]
        person.started_at = min(filter(None, [person.started_at, first]), default=None)
        person.ended_at = max(filter(None, [person.ended_at, last]), default=None)
        person.last_seen_at = max(filter(None, [person.last_seen_at, last]))
    fields = ["started_at", "ended_at", "last_seen_at", "tasks_answered"]
    Participation.objects.bulk_update(changed, fields, batch_size=200)


def _times(answers: Sequence[RecordedAnswer]) -> dict[str, tuple[datetime | None, datetime | None]]:
    """The first and the last known time of each participant; None where the file has none."""
    times: dict[str, tuple[datetime | None, datetime | None]] = {}
    for answer in answers:
        first, last = times.setdefault(answer.participant, (None, None))
        moment = answer.answered_at
        if moment is not None:
            times[answer.participant] = (min(first or moment, moment), max(last or moment, moment))
    return times


def _known(study: Study, names: Iterable[str], *, lock: bool = False) -> dict[str, Participation]:
    by_digest = {_arrival(study.pk, name): name for name in names}
    rows = Participation.objects.select_related("stratum").filter(study=study).order_by("pk")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found: dict[str, Participation] = {}
    for batch in batches(sorted(by_digest), BATCH):
        found |= {by_digest[row.arrival_digest]: row for row in rows.filter(arrival_digest__in=batch)}
    return found


def _new(
    study: Study,
    name: str,
    stratum: Stratum,
    times: tuple[datetime | None, datetime | None],
    *,
    now: datetime,
) -> Participation:
    first, last = times
    arrival = _arrival(study.pk, name)
    return Participation(
        study=study,
        arrival_digest=arrival,
        provider=PROVIDER,
        assurance=ASSURANCE,
        stratum=stratum,
        state="completed",
        language=study.language,
        seed=int(arrival[:7], 16),
        is_imported=True,
        arrived_at=first or now,
        started_at=first,
        ended_at=last,
        last_seen_at=last or now,
    )


def _store(study: Study, created: dict[str, Participation]) -> None:
    for names in batches(list(created), BATCH):
        digests = {name: digest("person", PROVIDER, str(study.pk), name) for name in names}
        Person.objects.bulk_create([Person(digest=value) for value in digests.values()], ignore_conflicts=True)
        people = {person.digest: person for person in Person.objects.filter(digest__in=digests.values())}
        for name in names:
            created[name].person = people[digests[name]]
        Participation.objects.bulk_create([created[name] for name in names])
        Identity.objects.bulk_create(
            Identity(participation=created[name], provider=PROVIDER, person_id=name, session_id=name)
            for name in names
        )


def _arrival(study_id: int, name: str) -> str:
    return digest("arrival", PROVIDER, str(study_id), name)


def batches(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
