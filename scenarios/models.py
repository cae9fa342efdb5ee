"""What is asked: scenarios with their actions, where they come from, and the sets they live in.

Invariant: a scenario's content never changes once it is locked (a study has asked it). New content under
the same key is a new version; exactly one version of a key is the latest.
"""

import hashlib
import json
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _


class ReadableJSONEncoder(DjangoJSONEncoder):
    """Keeps letters of every script as they are, so that a search in the database finds them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


class Trait(models.Model):
    """A disposition that actions show or oppose."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    positive_label = models.CharField(max_length=60, blank=True)
    negative_label = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.name


class Instrument(models.Model):
    """A questionnaire that statements were taken from."""

    key = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    citation = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """One self-report item and its wording as advice."""

    instrument = models.ForeignKey(
        Instrument, null=True, blank=True, on_delete=models.PROTECT, related_name="statements"
    )
    trait = models.ForeignKey(Trait, null=True, blank=True, on_delete=models.PROTECT, related_name="statements")
    original = models.TextField()
    reframed = models.TextField(blank=True)
    digest = models.CharField(
        max_length=64, unique=True, editable=False, help_text=_("content_hash of the four fields above.")
    )

    def __str__(self) -> str:
        return self.original[:80]


class ScenarioSet(models.Model):
    """A named group of scenarios; keys are unique within it."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["slug"]
        verbose_name = _("scenario set")

    def __str__(self) -> str:
        return self.name


class IntendedClass(models.TextChoices):
    """What the writers expected, never a label of what is right."""

    AGREE = "AGREE", _("agree")
    OPPOSE = "OPPOSE", _("oppose")
    AMBIGUOUS = "AMBIGUOUS", _("ambiguous")


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def latest_versions(self) -> "ScenarioQuerySet":
        return self.filter(is_latest=True)

    def in_sets(self, sets: "models.QuerySet[ScenarioSet]") -> "ScenarioQuerySet":
        return self.filter(set__in=sets)

    def with_content(self) -> "ScenarioQuerySet":
        return self.select_related("trait", "statement__instrument", "set").prefetch_related("actions")


class Scenario(models.Model):
    """A short social situation in one version. `blocks` is a list of `{"type": "text", "text": ...}`."""

    set = models.ForeignKey(ScenarioSet, on_delete=models.PROTECT, related_name="scenarios", db_index=False)
    key = models.CharField(max_length=120)
    version = models.PositiveIntegerField(default=1)
    is_latest = models.BooleanField(default=True)
    language = models.CharField(max_length=20, default="en")
    blocks = models.JSONField(encoder=ReadableJSONEncoder)
    trait = models.ForeignKey(Trait, null=True, blank=True, on_delete=models.PROTECT, related_name="scenarios")
    statement = models.ForeignKey(
        Statement, null=True, blank=True, on_delete=models.PROTECT, related_name="scenarios"
    )
    intended_class = models.CharField(max_length=10, choices=IntendedClass, blank=True)
    tags = models.JSONField(default=list, blank=True, encoder=ReadableJSONEncoder)
    license = models.CharField(max_length=60, blank=True)
    content_hash = models.CharField(max_length=64, editable=False)
    locked_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text=_("Since when its content can no longer change.")
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["set", "key", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["set", "key", "version"], name="a_version_of_a_key_exists_once"),
            models.UniqueConstraint(
                fields=["set", "key"], condition=models.Q(is_latest=True), name="one_version_is_the_latest"
            ),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="versions_start_at_one"),
        ]

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"

    @property
    def text(self) -> str:
        """The words of the situation, blocks separated by an empty line."""
        return "\n\n".join(block["text"] for block in self.blocks if block.get("type") == "text")


class Action(models.Model):
    """One thing a person could do. `pole`: +1 shows the trait, -1 opposes it, empty where none applies."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="actions", db_index=False)
    key = models.CharField(max_length=20)
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    pole = models.SmallIntegerField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["scenario", "position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scenario", "key"], name="an_action_key_exists_once_per_scenario"),
            models.UniqueConstraint(fields=["scenario", "position"], name="one_action_per_position"),
            models.CheckConstraint(
                condition=models.Q(pole__isnull=True) | models.Q(pole__in=[-1, 1]),
                name="a_pole_is_plus_or_minus_one",
            ),
            models.CheckConstraint(
                condition=~models.Q(key__in=["neutral", "not_applicable", ""]),
                name="an_action_key_is_not_a_reserved_word",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.text[:60]}"


class Translation(models.Model):
    """Another language of the same version: `{"text": ..., "actions": {key: text}}`."""

    scenario = models.ForeignKey(Scenario, on_delete=models.CASCADE, related_name="translations")
    language = models.CharField(max_length=20)
    text = models.TextField()
    actions = models.JSONField(encoder=ReadableJSONEncoder)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scenario", "language"], name="one_translation_per_language"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario} in {self.language}"


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 of a scenario's content in canonical JSON: equal content, equal hash."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
