"""The seat ledger and the plans written against it.

Invariant: `reserved + accepted <= target` at every commit, kept by the database. Only `annotation.quotas` writes
the counters. A reserved seat is an assignment with `holds_seat`; an accepted one is a counted response.
"""

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Coalesce, NullIf

from annotation.models.people import Participation
from annotation.models.studies import CheckItem, Stratum, Study
from scenarios.models import Scenario

SHUFFLE_RANGE = 2**31
# `fill` of a row without open seats. Large, so that an unlimited row (fill = seats taken) never reaches it.
FULL = 10**12


def random_place() -> int:
    return secrets.randbelow(SHUFFLE_RANGE)


def new_token() -> str:
    return secrets.token_urlsafe(12)


class Quota(models.Model):
    """The seats of one scenario in one stratum of one study; `target` empty means without limit.

    `fill` is how full the row is, FULL when no seat is open (for unlimited rows: seats taken); `shuffle` is a fixed
    random place. Planning reads both by index, least filled first. An answer moves a seat from reserved to accepted,
    so `fill` stays put and the hot path changes no indexed column.
    """

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="quotas", db_index=False)
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="+")
    stratum = models.ForeignKey(Stratum, on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveIntegerField(default=0, help_text="Place in the study's list of scenarios.")
    target = models.PositiveIntegerField(null=True, blank=True)
    reserved = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    revision = models.PositiveBigIntegerField(default=0)
    shuffle = models.PositiveIntegerField(default=random_place)
    fill = models.GeneratedField(
        expression=Cast(F("reserved") + F("accepted"), models.BigIntegerField())
        * FULL
        / Coalesce(NullIf(Cast(F("target"), models.BigIntegerField()), 0), FULL),
        output_field=models.BigIntegerField(),
        db_persist=True,
    )

    class Meta:
        ordering: ClassVar = ["study", "position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study", "scenario", "stratum"], name="one_quota_per_scenario_and_stratum"
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target__gte=F("reserved") + F("accepted")),
                name="quota_is_never_exceeded",
            ),
            models.CheckConstraint(
                condition=Q(target__isnull=True) | Q(target__gte=1), name="a_target_is_at_least_one"
            ),
            models.CheckConstraint(
                condition=Q(reserved__gte=0) & Q(accepted__gte=0), name="seats_are_never_negative"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["study", "stratum", "fill", "shuffle"], name="quota_least_filled_first"),
        ]

    def __str__(self) -> str:
        return f"{self.accepted}+{self.reserved} of {self.target or 'unlimited'}"


class Assignment(models.Model):
    """One planned task of a participation. `flipped`: actions are shown in reverse of their listed order."""

    token = models.CharField(max_length=24, unique=True, default=new_token, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="+", db_index=False)
    participation = models.ForeignKey(
        Participation, on_delete=models.CASCADE, related_name="assignments", db_index=False
    )
    position = models.PositiveIntegerField()
    kind = models.CharField(
        max_length=6, choices=[("task", "task"), ("repeat", "repeat"), ("check", "check")], default="task"
    )
    quota = models.ForeignKey(
        Quota, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    scenario = models.ForeignKey(
        Scenario, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    check_item = models.ForeignKey(
        CheckItem, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    flipped = models.BooleanField(default=False)
    holds_seat = models.BooleanField(default=False)
    is_dropped = models.BooleanField(default=False, help_text="Taken out of the plan; nobody is asked it.")
    served_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["participation", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["participation", "position"], name="one_task_per_position"),
            models.UniqueConstraint(
                fields=["participation", "scenario"],
                condition=Q(kind="task"),
                name="a_scenario_is_planned_once_per_participation",
            ),
            models.CheckConstraint(
                condition=Q(kind="check", check_item__isnull=False, scenario__isnull=True, quota__isnull=True)
                | Q(kind__in=["task", "repeat"], check_item__isnull=True, scenario__isnull=False),
                name="an_assignment_is_a_scenario_or_a_check",
            ),
            models.CheckConstraint(
                condition=Q(holds_seat=False)
                | Q(kind="task", quota__isnull=False, answered_at__isnull=True, is_dropped=False),
                name="only_open_tasks_hold_a_seat",
            ),
        ]

    def __str__(self) -> str:
        return f"task {self.position} of participation {self.participation_id}"
