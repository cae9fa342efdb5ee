"""Consent: people agree to a text in a version, and that text is kept as they saw it."""

from datetime import datetime

from django.db import transaction

from annotation import participating
from annotation.models import ConsentText, Identity, Participation, Study


def current_version(study: Study, *, now: datetime) -> ConsentText:
    """The consent text as it reads now, stored under a new version if it changed."""
    latest = study.consent_texts.order_by("version").last()
    if latest is not None and latest.body == study.consent_text:
        return latest
    number = latest.version + 1 if latest else 1
    text, _created = ConsentText.objects.get_or_create(
        study=study, version=number, defaults={"body": study.consent_text, "created_at": now}
    )
    return text


@transaction.atomic
def agree(participation_id: int, *, version: int | None, now: datetime) -> Participation:
    """Store which text was agreed to: the version the page showed, where it still exists."""
    participation = participating.lock(participation_id)
    if participation.state != "arrived":
        return participation
    shown = participation.study.consent_texts.filter(version=version).first() if version else None
    participation.consent = shown or current_version(participation.study, now=now)
    participating.move(participation, "consented", now=now, data={"version": participation.consent.version})
    return participation


@transaction.atomic
def decline(participation_id: int, *, now: datetime) -> Participation:
    """End before anything began; who the person is for the recruiter is erased at once."""
    participation = participating.lock(participation_id)
    if participation.state != "arrived":
        return participation
    participating.move(participation, "declined", now=now)
    Identity.objects.filter(participation=participation).delete()
    return participation
