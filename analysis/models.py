"""What answers mean: all of it is derived from the response log and can be rebuilt to the same digest."""

from typing import ClassVar

from django.db import models

from annotation.models import Study
from scenarios.models import Scenario


class Distribution(models.Model):
    """How one group of people answered one scenario: one row per study x scenario x stratum x question."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="distributions", db_index=False)
    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="+", db_index=False)
    stratum = models.CharField(max_length=60, default="all")
    question = models.CharField(max_length=60, default="choice")
    counts = models.JSONField(default=dict, help_text="Answers per option key.")
    n = models.PositiveIntegerField(help_text="Counted answers, those that could not judge included.")
    weighted_n = models.FloatField(help_text="Votes behind the share.")
    share_positive = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    interval = models.CharField(max_length=20, default="wilson")
    majority = models.CharField(max_length=20, blank=True)
    agreement = models.FloatField(null=True)
    p_majority = models.FloatField(null=True)
    entropy_bits = models.FloatField(null=True)
    consensus = models.CharField(max_length=20, blank=True, help_text="By the rule on votes.")
    consensus_posterior = models.CharField(max_length=20, blank=True, help_text="By the rule on the posterior.")
    median_response_ms = models.FloatField(null=True)
    revision = models.PositiveBigIntegerField(help_text="Of the seat ledger these counts were read after.")
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["study", "scenario", "stratum", "question"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study", "scenario", "stratum", "question"], name="one_distribution_per_cell"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["study", "stratum", "share_positive"], name="distribution_by_share"),
            models.Index(fields=["study", "updated_at"], name="distribution_by_update"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario_id} {self.stratum}: n={self.n}"


class Agreement(models.Model):
    """How far annotators agree, by coefficient and slice; undefined is a reason, not a number."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="agreements", db_index=False)
    question = models.CharField(max_length=60, default="choice")
    slice = models.CharField(max_length=140, help_text="all, trait:<key>, stratum:<key>")
    coefficient = models.CharField(max_length=40)
    estimate = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    level = models.FloatField(default=0.95)
    n_scenarios = models.PositiveIntegerField()
    n_responses = models.PositiveBigIntegerField()
    method = models.CharField(max_length=200)
    undefined_reason = models.CharField(max_length=200, blank=True)
    updated_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["study", "slice", "coefficient"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["study", "question", "slice", "coefficient"], name="one_coefficient_per_slice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.coefficient} of {self.slice}"


class Freshness(models.Model):
    """Which state of a study's seat ledger the aggregates were computed from, and when.

    `revision`, `cells` and `newest_cell` together tell any two states of the ledger apart: answers raise
    the first, added or removed rows move the other two. `holder` is the lock of one refresh where the
    database has no advisory locks.
    """

    study = models.OneToOneField(Study, on_delete=models.CASCADE, related_name="freshness", primary_key=True)
    revision = models.PositiveBigIntegerField(default=0, help_text="Sum of the ledger's revisions.")
    cells = models.PositiveBigIntegerField(default=0, help_text="Rows of the ledger.")
    newest_cell = models.PositiveBigIntegerField(default=0, help_text="Highest id among them.")
    refreshed_at = models.DateTimeField(null=True)
    agreement_is_current = models.BooleanField(default=False, help_text="Computed from that state too.")
    agreement_at = models.DateTimeField(null=True)
    holder = models.CharField(max_length=32, blank=True)
    held_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "freshness"

    def __str__(self) -> str:
        return f"revision {self.revision}"


class Heartbeat(models.Model):
    """When a background process was last alive (`analysis.heartbeats`); the pages say so when one is not."""

    name = models.CharField(max_length=120, primary_key=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.seen_at:%H:%M:%S}"
