"""Exclusions: answers leave the aggregates, their seats open again, and everything can be taken back.

Invariant: nothing is deleted. An exclusion is a ledger entry; revoking it takes free seats back, and what finds none
becomes surplus. Whether somebody is paid is decided elsewhere.
"""

from collections import Counter
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from annotation import events, leases, participating, quotas
from annotation.models import Exclusion, Participation, Response, Standing


class AlreadyExcluded(Exception):
    """The participation or answer has a standing exclusion."""


class NotExcluded(Exception):
    """The exclusion was revoked before."""


class Withdrawn(Exception):
    """The person withdrew: nobody but they could take that back."""


@transaction.atomic
def exclude_participation(
    participation: Participation,
    *,
    reason: str,
    now: datetime,
    note: str = "",
    rules: str = "",
    decided_by: User | None = None,
) -> Exclusion:
    """Take all answers of `participation` out of the aggregates; its seats, held or filled, open again."""
    locked = participating.lock(participation.pk)
    if not locked.included:
        raise AlreadyExcluded(f"{locked} is excluded already.")
    leases.hand_back_seats(locked)
    counted = locked.responses.filter(standing=Standing.COUNTED)
    quotas.revoke_many(Counter(pk for pk in counted.values_list("quota_id", flat=True) if pk is not None))
    locked.responses.filter(standing__in=[Standing.COUNTED, Standing.SURPLUS]).update(standing=Standing.EXCLUDED)
    locked.included = False
    locked.save(update_fields=["included"])
    entry = Exclusion(participation=locked, reason=reason, note=note, rules=rules, decided_by=decided_by)
    return _enter("excluded", entry, locked, now=now)


@transaction.atomic
def exclude_response(
    response: Response,
    *,
    reason: str,
    now: datetime,
    note: str = "",
    rules: str = "",
    decided_by: User | None = None,
) -> Exclusion:
    """Take one answer out of the aggregates; its seat opens again."""
    participation = participating.lock(response.participation_id)
    locked = Response.objects.get(pk=response.pk)
    if locked.standing == Standing.EXCLUDED:
        raise AlreadyExcluded("This answer is excluded already.")
    if locked.standing == Standing.COUNTED and locked.quota_id is not None:
        quotas.revoke_many({locked.quota_id: 1})
    if locked.standing in (Standing.COUNTED, Standing.SURPLUS):
        Response.objects.filter(pk=locked.pk).update(standing=Standing.EXCLUDED)
    entry = Exclusion(response=locked, reason=reason, note=note, rules=rules, decided_by=decided_by)
    return _enter("answer_excluded", entry, participation, now=now)


@transaction.atomic
def revoke_exclusion(exclusion: Exclusion, *, now: datetime, revoked_by: User | None = None) -> dict[str, int]:
    """Take the answers back in; returns how many are `counted` again and how many became `surplus`."""
    participation = participating.lock(_owner_id(exclusion))
    standing = Exclusion.objects.get(pk=exclusion.pk)
    if standing.revoked_at is not None:
        raise NotExcluded("This exclusion was revoked before.")
    if participation.state == "withdrawn":
        raise Withdrawn("This person withdrew; their answers stay out of the data.")
    standing.revoked_at, standing.revoked_by = now, revoked_by
    standing.save(update_fields=["revoked_at", "revoked_by"])
    if standing.participation_id:
        participation.included = True
        participation.save(update_fields=["included"])
    result = _take_back(_answers_set_free(standing, participation))
    _record("exclusion_revoked", standing, participation, actor=revoked_by, now=now, **result)
    return result


def _enter(kind: str, entry: Exclusion, participation: Participation, *, now: datetime) -> Exclusion:
    """Write the exclusion into the ledger and the event log."""
    entry.study_id, entry.decided_at = participation.study_id, now
    entry.save(force_insert=True)
    _record(kind, entry, participation, actor=entry.decided_by, now=now)
    return entry


def _owner_id(exclusion: Exclusion) -> int:
    """Whose participation an exclusion touches: the one it names, or the one that gave the answer it names."""
    if exclusion.participation_id is not None:
        return exclusion.participation_id
    return Response.objects.values_list("participation_id", flat=True).get(exclusions=exclusion)


def _answers_set_free(exclusion: Exclusion, participation: Participation) -> list[Response]:
    """The excluded answers that no other standing exclusion holds back."""
    if not participation.included:
        return []
    held_back = Exclusion.objects.filter(response=OuterRef("pk"), revoked_at=None)
    answers = participation.responses.filter(~Exists(held_back), standing=Standing.EXCLUDED)
    if exclusion.response_id:
        answers = answers.filter(pk=exclusion.response_id)
    return list(answers)


def _take_back(answers: list[Response]) -> dict[str, int]:
    free = quotas.accept_open_many({answer.quota_id for answer in answers if answer.quota_id is not None})
    counted = [answer.pk for answer in answers if answer.quota_id in free]
    surplus = [answer.pk for answer in answers if answer.quota_id not in free]
    Response.objects.filter(pk__in=counted).update(standing=Standing.COUNTED)
    Response.objects.filter(pk__in=surplus).update(standing=Standing.SURPLUS)
    return {"counted": len(counted), "surplus": len(surplus)}


def _record(
    kind: str,
    exclusion: Exclusion,
    participation: Participation,
    *,
    actor: User | None,
    now: datetime,
    **data: int,
) -> None:
    events.record(
        kind,
        study_id=participation.study_id,
        participation_id=participation.pk,
        actor_id=actor.pk if actor else None,
        now=now,
        data={"exclusion": exclusion.pk, "reason": exclusion.reason, **data},
    )
