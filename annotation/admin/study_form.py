"""The form of a study: the same rules as the JSON document, said next to the field that breaks them."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.forms.models import ModelChoiceIterator
from django.utils.functional import Promise
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from annotation import check_bank, questionnaire, study_document
from annotation.admin.line_fields import IndentedJSONField
from annotation.admin.study_help import ABOUT_YOU_FORMAT, HELP
from annotation.configuration import CHECK_COUNTS, PLAIN
from annotation.models import CheckItem, CheckKind, Study
from scenarios.models import ScenarioSet

TALL: Final = {"instructions": 10, "consent_text": 10, "debrief": 5, "notes": 3}

Section = tuple[Promise | str, dict[str, Any]]

SECTIONS: Final[list[Section]] = [
    (_("The study"), {"fields": ("title", "slug", "language", "notes")}),
    (
        _("What people read"),
        {
            "description": _("Texts are Markdown; HTML in them is shown as text. The preview shows them in place."),
            "fields": (
                "instructions",
                "instructions_preview",
                "consent_text",
                "consent_preview",
                "debrief",
                "contact",
                "estimated_minutes",
                "reward",
                "paused_message",
            ),
        },
    ),
    (_("What they are asked"), {"fields": ("sets", "question", "order", "randomise_sides")}),
    (
        _("How they may answer"),
        {
            "description": _("Everybody chooses one of the scenario's actions; these are the choices beside them."),
            "fields": (
                "offers_neutral",
                "neutral_weight",
                "offers_not_applicable",
                "asks_confidence",
                "rationale",
                "rationale_min_length",
            ),
        },
    ),
    (
        _("How many answers, and from whom"),
        {
            "description": _("Groups with targets of their own, by age or country for example, are further down."),
            "fields": ("quota", "tasks_per_annotator", "min_tasks"),
        },
    ),
    (
        _("Checks and practice"),
        {
            "description": _(
                "Scenarios ask for opinions, so none of them is ever a check, and disagreeing with the "
                "majority is never a sign of bad work."
            ),
            "fields": ("attention_checks", "practice_items", "repeats", "checks"),
        },
    ),
    (
        _("Questions about the person"),
        {"fields": ("about_you_source", "about_you", "about_you_preview")},
    ),
    (
        _("Recruitment and the end"),
        {"fields": ("provider", "completion_code", "completion_url")},
    ),
    (_("Time limits"), {"fields": ("idle_limit_minutes", "absolute_limit_minutes")}),
    (_("Reproducibility"), {"fields": ("seed",)}),
]


class StudyForm(forms.ModelForm):  # type: ignore[type-arg]
    """`about_you_source` is a short cut: no questions, the ones that ship, or the JSON below it."""

    about_you_source = forms.ChoiceField(
        label=_("Ask about the person"),
        choices=[
            ("none", _("nothing")),
            ("usual", _("age band, gender, country of residence (each can be declined)")),
            ("own", _("the questions written below")),
        ],
        widget=forms.RadioSelect,
        initial="none",
        help_text=HELP["about_you"],
    )
    about_you = IndentedJSONField(
        label=_("Questions, as JSON"), required=False, initial=list, help_text=ABOUT_YOU_FORMAT
    )

    class Meta:
        model = Study
        fields = (*PLAIN, "quota", "sets", *CHECK_COUNTS.values(), "checks")
        help_texts = HELP
        widgets = {name: forms.Textarea(attrs={"rows": rows, "cols": 80}) for name, rows in TALL.items()}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "about_you_source" in self.fields and self.instance.pk:
            self.fields["about_you_source"].initial = _source_of(self.instance.about_you)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "about_you_source" in self.fields:
            self._choose_questions(cleaned)
        for name in PLAIN:
            if name in cleaned and name != "about_you":
                self._apply_rule(name, cleaned[name])
        if "checks" in cleaned:
            cleaned["checks"] = check_bank.with_shipped(
                list(cleaned["checks"]),
                attention=bool(cleaned.get("attention_checks")),
                practice=bool(cleaned.get("practice_items")),
            )
        if cleaned.get("min_tasks", 0) > cleaned.get("tasks_per_annotator", 0) > 0:
            self.add_error("min_tasks", _("This is more than the tasks per person."))
        return cleaned

    def _choose_questions(self, cleaned: dict[str, Any]) -> None:
        source = cleaned.get("about_you_source")
        if source == "none":
            cleaned["about_you"] = []
        elif source == "usual":
            cleaned["about_you"] = questionnaire.default_schema()
        elif "about_you" in cleaned:
            problems = questionnaire.validate_schema(cleaned["about_you"])
            if not problems and not cleaned["about_you"]:
                problems = [str(_("Write at least one question, or choose to ask nothing."))]
            if problems:
                self.add_error("about_you", ValidationError(problems))
        if source in ("none", "usual"):
            self.errors.pop("about_you", None)

    def _apply_rule(self, name: str, value: object) -> None:
        """What a document could not hold, the form does not take either."""
        for problem in study_document.DOCUMENT.rules[name].problems(value, name):
            if name not in self.errors:
                self.add_error(name, problem.message[:1].upper() + problem.message[1:])


class SetsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Scenario sets with the number of scenarios in each."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, queryset: QuerySet[ScenarioSet] | None, **options: Any) -> None:
        counted = ScenarioSet.objects.annotate(
            asked=Count("scenarios", filter=Q(scenarios__is_latest=True))
        ).order_by("name")
        super().__init__(counted, **options)

    def label_from_instance(self, obj: Any) -> str:
        number = ngettext("%(n)s scenario", "%(n)s scenarios", obj.asked) % {"n": f"{obj.asked:,}"}
        return f"{obj.name} ({number})"


class _ByKind(ModelChoiceIterator):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[Any]:
        items = self.queryset.order_by("kind", "key") if self.queryset is not None else []
        for kind, group in groupby(items, key=lambda item: item.kind):
            yield CheckKind(kind).label.capitalize(), [self.choice(item) for item in group]


class ChecksField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Items of the bank, grouped by kind, with the beginning of their text."""

    widget = forms.CheckboxSelectMultiple
    iterator = _ByKind

    def __init__(self, queryset: QuerySet[CheckItem] | None, **options: Any) -> None:
        super().__init__(CheckItem.objects.all(), **options)

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.key}: {Truncator(obj.text).chars(90)}"


def _source_of(about_you: object) -> str:
    if about_you == []:
        return "none"
    return "usual" if about_you == questionnaire.default_schema() else "own"
