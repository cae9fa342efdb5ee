"""Decisions and happenings: exclusions (revocable, never deleted) and the event log (append-only)."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.answers import Response
from annotation.models.people import Participation
from annotation.models.studies import Study
from scenarios.models import ReadableJSONEncoder


class Exclusion(models.Model):
    """An entry that takes a participation or a single response out of the aggregates, with who and why."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="exclusions", db_index=False)
    participation = models.ForeignKey(
        Participation, null=True, blank=True, on_delete=models.PROTECT, related_name="exclusions"
    )
    response = models.ForeignKey(Response, null=True, blank=True, on_delete=models.PROTECT, related_name="exclusions")
    reason = models.CharField(max_length=60)
    note = models.TextField(blank=True)
    rules = models.CharField(max_length=60, blank=True, help_text="Rule set and version, where a rule decided.")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField()
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["study", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(participation__isnull=False, response__isnull=True)
                | Q(participation__isnull=True, response__isnull=False),
                name="an_exclusion_names_a_person_or_an_answer",
            ),
            models.UniqueConstraint(
                fields=["participation"],
                condition=Q(revoked_at__isnull=True, participation__isnull=False),
                name="one_standing_exclusion_per_participation",
            ),
            models.UniqueConstraint(
                fields=["response"],
                condition=Q(revoked_at__isnull=True, response__isnull=False),
                name="one_standing_exclusion_per_response",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["study", "decided_at"], name="exclusion_study_decided")]

    def __str__(self) -> str:
        return f"{self.reason} ({'revoked' if self.revoked_at else 'standing'})"


class Event(models.Model):
    """Something that happened in a study: every transition, decision and refused second answer. Append-only."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="events", db_index=False)
    participation = models.ForeignKey(
        Participation, null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict, encoder=ReadableJSONEncoder)
    happened_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["study", "id"]
        indexes: ClassVar = [models.Index(fields=["study", "kind", "id"], name="event_study_kind")]

    def __str__(self) -> str:
        return f"{self.kind} at {self.happened_at:%Y-%m-%d %H:%M:%S}"
