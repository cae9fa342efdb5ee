"""What people say about themselves, and the stratum that follows from it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from annotation import participating, strata
from annotation.models import Participation, Stratum, Study


@transaction.atomic
def record_profile(participation_id: int, *, profile: Mapping[str, Any], now: datetime) -> Participation:
    """Store the answers and place the person in a stratum; nobody's cell fits -> screened out."""
    participation = participating.lock(participation_id)
    if participation.state != "consented":
        return participation
    participation.profile = dict(profile)
    participation.stratum = stratum_for(participation.study, profile)
    if participation.stratum is None and not participation.is_pilot:
        participating.move(participation, "screened_out", now=now)
    else:
        participating.move(participation, "profiled", now=now)
    return participation


def stratum_for(study: Study, profile: Mapping[str, Any]) -> Stratum | None:
    """The first stratum, in the study's order, whose every condition the profile meets."""
    return next((s for s in study.strata.all() if strata.belongs(s.conditions, profile)), None)
