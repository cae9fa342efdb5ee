"""People who answer: pseudonymous passes through a study, and apart from them what recruiters know.

Invariant: everything outside `Identity` is pseudonymous; deleting an Identity leaves the data whole. Session state,
recruiter status, payment decision and inclusion are separate columns and never imply one another.
"""

import secrets
from typing import ClassVar

from django.db import models

from annotation import states
from annotation.models.studies import ConsentText, Stratum, Study
from scenarios.models import ReadableJSONEncoder


def new_public_id() -> str:
    """22 URL-safe characters, 128 bits: names a participation to its own browser only."""
    return secrets.token_urlsafe(16)


class Person(models.Model):
    """The same human across sessions: a keyed digest of the recruiter's id, not reversible without the key."""

    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"person {self.pk}"


class Participation(models.Model):
    """One person's pass through one study, with its lease and its counters.

    The columns that every answer touches (lease, counters, last_seen_at) stand in no index: PostgreSQL then
    updates the row in place. The sweep finds open leases through (study, state).
    """

    public_id = models.CharField(max_length=32, unique=True, default=new_public_id, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="participations", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="participations")
    arrival_digest = models.CharField(max_length=64, help_text="Keyed digest of provider and session id.")
    provider = models.CharField(max_length=20, default="link")
    assurance = models.CharField(max_length=20, default="self_asserted")
    stratum = models.ForeignKey(Stratum, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    consent = models.ForeignKey(ConsentText, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=22, choices=states.PARTICIPATION_STATES, default="arrived")
    language = models.CharField(max_length=20, default="en")
    seed = models.BigIntegerField()
    profile = models.JSONField(default=dict, blank=True, encoder=ReadableJSONEncoder)
    is_pilot = models.BooleanField(default=False)
    is_imported = models.BooleanField(default=False)

    arrived_at = models.DateTimeField()
    consented_at = models.DateTimeField(null=True, blank=True)
    profiled_at = models.DateTimeField(null=True, blank=True)
    trained_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField()
    lease_expires_at = models.DateTimeField(null=True, blank=True, help_text="Idle limit; empty without seats.")
    lease_ends_at = models.DateTimeField(null=True, blank=True, help_text="Absolute limit.")

    practice_done = models.PositiveSmallIntegerField(default=0)
    tasks_answered = models.PositiveIntegerField(default=0)
    checks_passed = models.PositiveSmallIntegerField(default=0)
    checks_failed = models.PositiveSmallIntegerField(default=0)

    comment = models.TextField(blank=True)
    recruiter_status = models.CharField(max_length=30, blank=True)
    payment_decision = models.CharField(max_length=30, blank=True)
    included = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["study", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["study", "arrival_digest"], name="an_arrival_is_one_participation"),
            models.CheckConstraint(
                condition=models.Q(state__in=[state for state, _label in states.PARTICIPATION_STATES]),
                name="a_participation_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=models.Q(state="active") | models.Q(lease_expires_at__isnull=True),
                name="only_active_people_hold_a_lease",
            ),
            models.CheckConstraint(
                condition=models.Q(lease_expires_at__isnull=True, lease_ends_at__isnull=True)
                | models.Q(lease_expires_at__isnull=False, lease_ends_at__isnull=False),
                name="a_lease_has_both_its_limits",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["study", "person"], name="participation_study_person"),
            models.Index(fields=["study", "state"], name="participation_study_state"),
        ]

    def __str__(self) -> str:
        return f"participation {self.pk}"


class Identity(models.Model):
    """What the recruiter knows about somebody. Kept apart, never exported, erasable on its own."""

    participation = models.OneToOneField(Participation, on_delete=models.CASCADE, related_name="identity")
    provider = models.CharField(max_length=20)
    person_id = models.CharField(max_length=200)
    session_id = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return f"identity of {self.participation_id}"
