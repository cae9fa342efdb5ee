"""The response log: append-only, the only truth. Everything else about answers is derived from it.

Invariant: what somebody answered never changes. `standing` says how the answer is used and may change (excluded,
replaced by a later recorded answer); the answer itself may not.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotation.models.people import Participation, Person
from annotation.models.seats import Assignment, Quota
from annotation.models.studies import CheckItem, Stratum, Study
from scenarios.models import ReadableJSONEncoder, Scenario


class Kind(models.TextChoices):
    TASK = "task", _("task")
    REPEAT = "repeat", _("repeat")
    CHECK = "check", _("check")


class Standing(models.TextChoices):
    """How an answer is used. Only counted answers fill seats and enter the aggregates."""

    COUNTED = "counted", _("counted")
    SURPLUS = "surplus", _("surplus: real, but no seat was left")
    EXCLUDED = "excluded", _("excluded")
    REPLACED = "replaced", _("replaced by a later recorded answer")
    PILOT = "pilot", _("pilot")
    UNSCORED = "unscored", _("a check or a repeat")


class Response(models.Model):
    """One answer. `choice` is an action's key, `neutral` or `not_applicable` (for checks: an option's key)."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="responses", db_index=False)
    participation = models.ForeignKey(Participation, on_delete=models.PROTECT, related_name="responses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    assignment = models.OneToOneField(
        Assignment, null=True, blank=True, on_delete=models.PROTECT, related_name="response"
    )
    quota = models.ForeignKey(
        Quota, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    scenario = models.ForeignKey(
        Scenario, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stratum = models.ForeignKey(
        Stratum, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    check_item = models.ForeignKey(
        CheckItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=6, choices=Kind, default=Kind.TASK)
    standing = models.CharField(max_length=8, choices=Standing)

    position = models.PositiveIntegerField(null=True, blank=True)
    choice = models.CharField(max_length=20)
    pole = models.SmallIntegerField(null=True, blank=True)
    side = models.CharField(max_length=6, blank=True, help_text="first or second: where the chosen action stood.")
    order_shown = models.JSONField(default=list)
    confidence = models.PositiveSmallIntegerField(null=True, blank=True)
    rationale = models.TextField(blank=True)
    answers = models.JSONField(default=dict, encoder=ReadableJSONEncoder)
    passed = models.BooleanField(null=True, blank=True, help_text="For checks with a right answer.")
    language = models.CharField(max_length=20, default="en")

    answered_at = models.DateTimeField()
    response_ms = models.PositiveIntegerField(null=True, blank=True, help_text="Client: stimulus to choice.")
    served_ms = models.PositiveIntegerField(null=True, blank=True, help_text="Server: serving to submission.")
    input = models.CharField(max_length=8, blank=True)
    focus_losses = models.PositiveSmallIntegerField(null=True, blank=True)
    paste_count = models.PositiveSmallIntegerField(null=True, blank=True)
    body_digest = models.CharField(max_length=64, blank=True, help_text="Of the submission, to know a repeat.")

    class Meta:
        ordering: ClassVar = ["study", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study", "scenario", "person"],
                condition=Q(kind="task") & ~Q(standing="replaced"),
                name="a_person_answers_a_scenario_once",
            ),
            models.CheckConstraint(
                condition=Q(kind="check", check_item__isnull=False, scenario__isnull=True)
                | Q(kind__in=["task", "repeat"], check_item__isnull=True, scenario__isnull=False),
                name="a_response_is_to_a_scenario_or_a_check",
            ),
            models.CheckConstraint(
                condition=~Q(standing="counted") | Q(kind="task", quota__isnull=False),
                name="only_answers_with_a_seat_are_counted",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["study", "scenario", "stratum"],
                name="response_counted",
                condition=Q(standing="counted"),
            ),
            # Rare rows: surplus and the like are counted on every page of a study without reading its answers.
            models.Index(
                fields=["study", "standing"],
                name="response_not_counted",
                condition=Q(standing__in=["surplus", "excluded", "replaced"]),
            ),
            models.Index(fields=["study", "id"], name="response_study_id"),
        ]

    def __str__(self) -> str:
        return f"{self.choice} by participation {self.participation_id}"
