"""Arrivals: from the parameters a recruiter puts into a link to one participation per session.

Invariants: a GET creates nothing; the same arrival is the same participation, however often and however fast it is
sent; an id that anybody could type never resumes somebody else's session.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from annotation import events
from annotation.identity import digest
from annotation.models import Identity, Participation, Person, Study

MAX_ID = 200
# Each recruiter's parameters: (person, session, others that are kept with the identity).
PARAMETERS = {
    "prolific": ("PROLIFIC_PID", "SESSION_ID", ("STUDY_ID",)),
    "connect": ("participantId", "assignmentId", ("projectId",)),
    "panel": ("participant", "participant", ()),
}
ASSURANCE = {"prolific": "platform", "connect": "platform", "panel": "self_asserted", "link": "self_asserted"}
# Somebody who sends the form twice, or was too late before, may go on from any browser.
NOTHING_TO_REVEAL = ("arrived", "quota_full")
UNFILLED = re.compile(r"\{\{|\}\}|^\$\{|%PROLIFIC|^\[.*\]$")


class DamagedEntry(Exception):
    """The link's parameters cannot be used; the message says what is wrong."""


class AlreadyTakenPart(Exception):
    """The person finished an earlier participation in this study."""


class StartedElsewhere(Exception):
    """The arrival belongs to a participation that another browser holds."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Who arrives, as far as the link tells. Without ids it is a new, anonymous person."""

    provider: str
    person_id: str = ""
    session_id: str = ""
    parameters: tuple[tuple[str, str], ...] = ()

    @property
    def is_anonymous(self) -> bool:
        return not self.person_id

    def carried(self) -> dict[str, str]:
        """The parameters to carry through the landing page's form."""
        return dict(self.parameters)


def read_entry(parameters: Mapping[str, str]) -> Entry:
    """Recognise a recruiter by its parameters. Raises DamagedEntry for placeholders, control characters, lengths."""
    for provider, (person, session, others) in PARAMETERS.items():
        if not parameters.get(person):
            continue
        names = dict.fromkeys([person, session, *others])
        values = {name: parameters.get(name, "").strip() for name in names}
        for name, value in values.items():
            _check(name, value)
        return Entry(
            provider=provider,
            person_id=values[person],
            session_id=values[session] or values[person],
            parameters=tuple((name, value) for name, value in values.items() if value),
        )
    return Entry(provider="link")


def _check(name: str, value: str) -> None:
    if len(value) > MAX_ID:
        raise DamagedEntry(f"The parameter {name} of this link is too long.")
    if UNFILLED.search(value):
        raise DamagedEntry(f"The parameter {name} of this link was not filled in by the recruiter.")
    if not value.isprintable():
        raise DamagedEntry(f"The parameter {name} of this link has characters that no id has.")


def arrive(
    study: Study, entry: Entry, *, held: Participation | None, now: datetime, is_pilot: bool = False
) -> Participation:
    """The participation of this arrival: the one this browser holds, or a new one.

    `held` is the participation of this study that the browser's signed cookie names. Raises AlreadyTakenPart or
    StartedElsewhere.
    """
    if held is not None and held.is_pilot == is_pilot and (entry.is_anonymous or _matches(held, entry)):
        return held
    if entry.is_anonymous:
        unique = secrets.token_urlsafe(16)
        entry = Entry(provider="preview" if is_pilot else "link", person_id=unique, session_id=unique)
    return _create(study, entry, held=held, now=now, is_pilot=is_pilot)


def _matches(held: Participation, entry: Entry) -> bool:
    return held.arrival_digest == _arrival_digest(entry) or (
        held.person.digest == _person_digest(entry) and held.state not in ("completed", "withdrawn")
    )


@transaction.atomic
def _create(
    study: Study, entry: Entry, *, held: Participation | None, now: datetime, is_pilot: bool
) -> Participation:
    person, _ = Person.objects.get_or_create(digest=_person_digest(entry))
    # One arrival of a person at a time: the second of two simultaneous ones finds the first.
    Person.objects.select_for_update().get(pk=person.pk)
    earlier = Participation.objects.filter(study=study, person=person, is_pilot=is_pilot).last()
    if earlier is not None:
        if earlier.state in NOTHING_TO_REVEAL:
            return earlier
        if earlier.state in ("completed", "withdrawn", "declined", "screened_out"):
            raise AlreadyTakenPart
        raise StartedElsewhere
    participation = Participation.objects.create(
        study=study,
        person=person,
        arrival_digest=_arrival_digest(entry),
        provider=entry.provider,
        assurance=ASSURANCE.get(entry.provider, "self_asserted"),
        language=study.language,
        seed=secrets.randbelow(2**31) if is_pilot else _seed(study, entry),
        is_pilot=is_pilot,
        arrived_at=now,
        last_seen_at=now,
    )
    if entry.provider in PARAMETERS:
        Identity.objects.create(
            participation=participation,
            provider=entry.provider,
            person_id=entry.person_id,
            session_id=entry.session_id,
            parameters=entry.carried(),
        )
    events.record("arrived", study_id=study.pk, participation_id=participation.pk, now=now)
    return participation


def _person_digest(entry: Entry) -> str:
    return digest("person", entry.provider, entry.person_id)


def _arrival_digest(entry: Entry) -> str:
    return digest("arrival", entry.provider, entry.session_id)


def _seed(study: Study, entry: Entry) -> int:
    """From the study's seed and the arrival, so that a run with the same people can be repeated."""
    return int(digest("seed", str(study.seed), entry.provider, entry.session_id)[:7], 16)
