"""The page of questions about the person, as a Django form made from a study's schema.

Few options are radio buttons, many a list to choose from. "Prefer not to say" is an answer like any other,
and stands alone: nobody can tell and not tell.
"""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from annotation import questionnaire
from annotation.models import Study
from annotation.questionnaire import PREFER_NOT_TO_SAY, Question

# Up to here all answers are read at one glance; beyond, a list that can be typed into is quicker.
MAX_RADIOS = 6


class AboutYouForm(forms.Form):
    """One field per question of the study; `profile()` gives the answers once the form is valid."""

    def __init__(self, asked: list[Question], **options: Any) -> None:
        super().__init__(**options)
        self.asked = asked
        for question in asked:
            self.fields[question.key] = _field(question)

    @classmethod
    def for_study(cls, study: Study, data: Any = None) -> "AboutYouForm":
        """The form of this study; `data` is what was sent. Raises questionnaire.InvalidSchema."""
        return cls(questionnaire.questions(study.about_you), data=data)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for question in self.asked:
            chosen = cleaned.get(question.key)
            if question.type == "multiple" and chosen and PREFER_NOT_TO_SAY in chosen and len(chosen) > 1:
                self.add_error(
                    question.key,
                    ValidationError(
                        _("Please choose either “Prefer not to say” or other answers, not both."), code="both"
                    ),
                )
        return cleaned

    def profile(self) -> dict[str, Any]:
        """Answers by question key: text, number or list of texts; what was left empty is left out."""
        return {key: value for key, value in self.cleaned_data.items() if value not in (None, "", [])}


def _field(question: Question) -> forms.Field:
    common: dict[str, Any] = {
        "label": question.label,
        "required": question.is_required,
        "help_text": question.help,
        "error_messages": {"required": _("Please answer this question.")},
    }
    if question.type == "number":
        return _number(question, common)
    if question.type == "text":
        longest = question.maximum or questionnaire.MAX_TEXT
        return forms.CharField(
            **common, min_length=int(question.minimum or 0) or None, max_length=int(longest), strip=True
        )
    choices = [(option.value, option.label) for option in question.options]
    if question.type == "multiple":
        return forms.MultipleChoiceField(**common, choices=choices, widget=forms.CheckboxSelectMultiple)
    if len(choices) <= MAX_RADIOS:
        return forms.ChoiceField(**common, choices=choices, widget=forms.RadioSelect)
    return forms.ChoiceField(**common, choices=[("", _("Please choose")), *choices], widget=forms.Select)


def _number(question: Question, common: dict[str, Any]) -> forms.Field:
    """Whole numbers where the bounds are whole or absent; otherwise any number."""
    bounds = [bound for bound in (question.minimum, question.maximum) if bound is not None]
    if all(float(bound).is_integer() for bound in bounds):
        return forms.IntegerField(
            **common,
            min_value=None if question.minimum is None else int(question.minimum),
            max_value=2**53 if question.maximum is None else int(question.maximum),
            widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        )
    return forms.FloatField(
        **common,
        min_value=question.minimum,
        max_value=question.maximum,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
    )
