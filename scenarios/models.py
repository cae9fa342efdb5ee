"""What is asked: scenarios with their actions, where they come from, and the sets they live in.

Invariant: a scenario's content never changes once it is locked (a study has asked it). New content under
the same key is a new version; exactly one version of a key is the latest.
"""

import hashlib
import json
from typing import Any, ClassVar

from django.conf import settings
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
        return (self.original or self.reframed)[:80]

    def save(self, *args: Any, **options: Any) -> None:
        """Keeps `digest` in line. Raises ScenarioLocked where a study has asked one of its scenarios."""
        digest = statement_digest(
            instrument=self.instrument.key if self.instrument else "",
            trait=self.trait.key if self.trait else "",
            original=self.original,
            reframed=self.reframed,
        )
        if self.pk and digest != self.digest and self.scenarios.filter(locked_at__isnull=False).exists():
            raise ScenarioLocked("A study has asked a scenario of this statement, so its wording cannot change.")
        self.digest = digest
        super().save(*args, **options)


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


class ScenarioLocked(Exception):
    """A study has asked this scenario: its content stays. New content is a new version."""


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

    # What people were asked and what it measures. Tags, licence and intended class only describe it.
    CONTENT: ClassVar = ("set_id", "key", "version", "language", "blocks", "trait_id", "statement_id")

    def __str__(self) -> str:
        return f"{self.key} v{self.version}"

    def save(self, *args: Any, **options: Any) -> None:
        self._refuse_other_content()
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        if is_locked(self.pk):
            raise ScenarioLocked(f"{self} was asked in a study and cannot be deleted.")
        return super().delete(*args, **options)

    def _refuse_other_content(self) -> None:
        locked = Scenario.objects.filter(pk=self.pk, locked_at__isnull=False).values(*self.CONTENT).first()
        changed = [name for name, value in (locked or {}).items() if getattr(self, name) != value]
        if changed:
            names = ", ".join(name.removesuffix("_id") for name in changed)
            raise ScenarioLocked(
                f"{self} was asked in a study, so its {names} cannot change. Make a new version instead."
            )

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

    CONTENT: ClassVar = ("scenario_id", "key", "position", "text", "pole")

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
                condition=~models.Q(key__in=["neutral", "not_applicable", "tie", ""]),
                name="an_action_key_is_not_a_reserved_word",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.text[:60]}"

    def save(self, *args: Any, **options: Any) -> None:
        self._refuse_change()
        super().save(*args, **options)

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        self._refuse_where_locked(self.scenario_id)
        return super().delete(*args, **options)

    def _refuse_change(self) -> None:
        stored = Action.objects.filter(pk=self.pk).values(*self.CONTENT).first()
        if stored is None:
            self._refuse_where_locked(self.scenario_id)
        elif any(getattr(self, name) != value for name, value in stored.items()):
            self._refuse_where_locked(stored["scenario_id"], self.scenario_id)

    def _refuse_where_locked(self, *scenario_ids: int) -> None:
        if any(is_locked(scenario_id) for scenario_id in scenario_ids):
            raise ScenarioLocked(
                f"{self.scenario} was asked in a study, so its actions cannot change. Make a new version instead."
            )


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


class ImportUpload(models.Model):
    """A file that was looked at and waits for somebody to confirm its import. Dropped after a day."""

    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    content = models.BinaryField()
    options = models.JSONField(default=dict, encoder=ReadableJSONEncoder)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    def __str__(self) -> str:
        return self.name


def is_locked(scenario_id: int | None) -> bool:
    """Whether a study has asked this scenario, as the database knows it now."""
    return scenario_id is not None and Scenario.objects.filter(pk=scenario_id, locked_at__isnull=False).exists()


def statement_digest(*, instrument: str, trait: str, original: str, reframed: str) -> str:
    """What a statement is known by: equal keys of instrument and trait, equal wordings: one statement."""
    return content_hash({"instrument": instrument, "trait": trait, "original": original, "reframed": reframed})


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 of a scenario's content in canonical JSON: equal content, equal hash."""
    canonical = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
