"""A study: one campaign over scenario sets, with its texts, quota, checks, questions and recruitment.

Invariant: content and answer format are frozen from the first answer on; `annotation.freezing` says which fields.
"""

import secrets
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from annotation import states
from scenarios.models import ReadableJSONEncoder, ScenarioSet


class CheckKind(models.TextChoices):
    INSTRUCTED = "instructed", _("instructed: the question says what to choose")
    NONSENSICAL = "nonsensical", _("nonsensical: one option is absurd")
    COMPREHENSION = "comprehension", _("comprehension: is the task understood")
    PRACTICE = "practice", _("practice: with feedback, before the tasks")


class CheckItem(models.Model):
    """A task with a known answer (or none, for practice). Ordinary scenarios are opinions and never checks."""

    key = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=14, choices=CheckKind)
    text = models.TextField()
    options = models.JSONField(
        encoder=ReadableJSONEncoder, help_text=_('A list such as [{"key": "a", "text": "You wait."}, ...].')
    )
    expected = models.CharField(
        max_length=20, blank=True, help_text=_("Key of the right option; empty where none is right.")
    )
    explanation = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["kind", "key"]
        verbose_name = _("check or practice item")
        verbose_name_plural = _("checks and practice items")

    def __str__(self) -> str:
        return f"{self.key} ({self.kind})"


class Order(models.TextChoices):
    RANDOM = "random", _("random, a new order for everybody")
    BLOCKED = "blocked", _("blocked by trait")
    LISTED = "listed", _("as listed in the sets")


class Provider(models.TextChoices):
    LINK = "link", _("a link, anybody who has it")
    PROLIFIC = "prolific", _("Prolific")
    CONNECT = "connect", _("CloudResearch Connect")
    PANEL = "panel", _("another panel")


class Rationale(models.TextChoices):
    OFF = "off", _("not asked")
    OPTIONAL = "optional", _("optional")
    REQUIRED = "required", _("required")


def random_seed() -> int:
    return secrets.randbelow(2**31)


class Study(models.Model):
    """One campaign. Everything a participant sees or is promised is configured here."""

    slug = models.SlugField(_("short name in links"), max_length=80, unique=True)
    title = models.CharField(_("title"), max_length=200)
    state = models.CharField(max_length=10, choices=states.STUDY_STATES, default="draft", editable=False)
    language = models.CharField(_("language"), max_length=20, default="en")
    notes = models.TextField(_("notes for the team"), blank=True)

    question = models.CharField(_("question"), max_length=300, default="What would you do?")
    instructions = models.TextField(_("instructions"), blank=True)
    consent_text = models.TextField(_("consent"), blank=True)
    debrief = models.TextField(_("debrief"), blank=True)
    contact = models.CharField(_("contact for participants"), max_length=200, blank=True)
    paused_message = models.CharField(_("message while paused"), max_length=300, blank=True)
    estimated_minutes = models.PositiveSmallIntegerField(_("estimated minutes"), null=True, blank=True)
    reward = models.CharField(_("reward, in words"), max_length=120, blank=True)

    sets = models.ManyToManyField(ScenarioSet, verbose_name=_("scenario sets"), related_name="studies", blank=True)
    quota = models.PositiveIntegerField(
        _("answers per scenario"), null=True, blank=True, default=10, validators=[MinValueValidator(1)]
    )
    tasks_per_annotator = models.PositiveIntegerField(
        _("tasks per person"), default=20, validators=[MinValueValidator(1), MaxValueValidator(1000)]
    )
    min_tasks = models.PositiveIntegerField(
        _("fewest tasks worth starting"), default=1, validators=[MinValueValidator(1)]
    )
    order = models.CharField(_("order of tasks"), max_length=10, choices=Order, default=Order.RANDOM)

    offers_neutral = models.BooleanField(_("offer “both are equally fine”"), default=True)
    offers_not_applicable = models.BooleanField(_("offer “I can't judge this”"), default=True)
    neutral_weight = models.FloatField(
        _("share of a neutral vote that counts as positive"),
        default=0.5,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
    )
    asks_confidence = models.BooleanField(_("ask how sure people are"), default=False)
    rationale = models.CharField(_("reason in words"), max_length=10, choices=Rationale, default=Rationale.OFF)
    rationale_min_length = models.PositiveSmallIntegerField(_("shortest reason (characters)"), default=20)
    randomise_sides = models.BooleanField(_("randomise which action is shown first"), default=True)

    attention_checks = models.PositiveSmallIntegerField(_("attention checks per person"), default=0)
    practice_items = models.PositiveSmallIntegerField(_("practice items per person"), default=0)
    repeats = models.PositiveSmallIntegerField(_("repeated scenarios per person"), default=0)
    checks = models.ManyToManyField(
        CheckItem, verbose_name=_("checks and practice items"), related_name="studies", blank=True
    )
    about_you = models.JSONField(
        _("questions about the person"), default=list, blank=True, encoder=ReadableJSONEncoder
    )

    idle_limit_minutes = models.PositiveSmallIntegerField(
        _("idle limit (minutes)"), default=15, validators=[MinValueValidator(1)]
    )
    absolute_limit_minutes = models.PositiveIntegerField(
        _("time limit (minutes)"), default=120, validators=[MinValueValidator(1)]
    )

    provider = models.CharField(_("recruiter"), max_length=10, choices=Provider, default=Provider.LINK)
    completion_code = models.CharField(_("completion code"), max_length=64, blank=True)
    completion_url = models.CharField(_("completion address"), max_length=500, blank=True)
    seed = models.BigIntegerField(_("seed"), default=random_seed)

    created_at = models.DateTimeField(auto_now_add=True)
    opened_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    first_answer_at = models.DateTimeField(null=True, blank=True, editable=False)

    history = HistoricalRecords(m2m_fields=[sets, checks])

    class Meta:
        ordering: ClassVar = ["-created_at"]
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state for state, _label in states.STUDY_STATES]),
                name="a_study_is_in_a_known_state",
            ),
            models.CheckConstraint(
                condition=models.Q(quota__isnull=True) | models.Q(quota__gte=1),
                name="a_quota_is_at_least_one",
            ),
            models.CheckConstraint(
                condition=models.Q(min_tasks__gte=1) & models.Q(min_tasks__lte=models.F("tasks_per_annotator")),
                name="the_fewest_tasks_fit_the_plan",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_frozen(self) -> bool:
        """Whether answers exist, so that what was asked can no longer change."""
        return self.first_answer_at is not None

    @property
    def extra_options(self) -> list[str]:
        """The choices offered beside the scenario's own actions."""
        offered = [("neutral", self.offers_neutral), ("not_applicable", self.offers_not_applicable)]
        return [key for key, is_offered in offered if is_offered]


class Stratum(models.Model):
    """A cell of annotators with its own target per scenario; a study without strata has the one `all`."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="strata", db_index=False)
    key = models.SlugField(max_length=60)
    label = models.CharField(max_length=120, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    target = models.PositiveIntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Answers per scenario from this group; empty means the study's own quota."),
    )
    conditions = models.JSONField(
        default=dict,
        blank=True,
        help_text=_('Who belongs here, by their answers about themselves: {"age": ["18-29", "30-44"]}.'),
    )

    class Meta:
        ordering: ClassVar = ["study", "position", "key"]
        verbose_name_plural = _("strata")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["study", "key"], name="a_stratum_key_exists_once_per_study"),
            models.CheckConstraint(
                condition=models.Q(target__isnull=True) | models.Q(target__gte=1),
                name="a_stratum_target_is_at_least_one",
            ),
        ]

    def __str__(self) -> str:
        return self.label or self.key


class ConsentText(models.Model):
    """A consent text as people saw it. Changing the study's text makes a new version, never a new past."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="consent_texts", db_index=False)
    version = models.PositiveIntegerField()
    body = models.TextField()
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["study", "version"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["study", "version"], name="a_consent_version_exists_once"),
        ]

    def __str__(self) -> str:
        return f"version {self.version}"
