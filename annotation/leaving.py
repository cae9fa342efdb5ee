"""Leaving early, and withdrawing: seats go back at once; what is kept is what the person chose.

Leave: the answers so far stay in the data. Withdraw: they leave the aggregates and the identity is erased.
"""

from datetime import datetime

from django.db import transaction

from annotation import exclusion, leases, participating
from annotation.models import Identity, Participation

WITHDRAWN = "withdrawn_by_participant"


@transaction.atomic
def leave(participation_id: int, *, now: datetime) -> Participation:
    """End the session; seats that were not answered go back, answers given are kept."""
    participation = participating.lock(participation_id)
    if participation.state in ("returned", "completed", "withdrawn", "declined"):
        return participation
    leases.end_lease(participation)
    participating.move(participation, "returned", now=now)
    return participation


@transaction.atomic
def withdraw(participation_id: int, *, now: datetime) -> Participation:
    """Take back one's agreement: answers leave the data, the identity is erased, every seat opens again."""
    participation = participating.lock(participation_id)
    if participation.state == "withdrawn":
        return participation
    if participation.included:
        exclusion.exclude_participation(participation, reason=WITHDRAWN, now=now)
        participation.refresh_from_db()
    leases.end_lease(participation)
    participating.move(participation, "withdrawn", now=now)
    Identity.objects.filter(participation=participation).delete()
    return participation
