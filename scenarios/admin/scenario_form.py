"""The form of one scenario: its words as text instead of blocks, its actions as rows, the importer's own rules."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scenarios import versions
from scenarios.models import Action, Scenario
from scenarios.validation import (
    ACTION_KEY,
    ACTION_LIMIT,
    MAX_TAGS,
    RESERVED_ACTION_KEYS,
    TAG_LIMIT,
    TEXT_LIMIT,
    has_same_words,
    split_tags,
)

POLES = [("", "–"), ("1", gettext_lazy("+1 shows the trait")), ("-1", gettext_lazy("−1 opposes the trait"))]


class DescriptionForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be corrected at any time, also once a study has asked the scenario."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy("Words with “;” between them."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    class Meta:
        model = Scenario
        fields: tuple[str, ...] = ("intended_class", "tags", "license")
        help_texts = {
            "key": gettext_lazy("Its name in files and results, unique within the set. It stays when words change."),
            "language": gettext_lazy("Language of the words: en, de, pt-BR."),
            "trait": gettext_lazy("What the actions show or oppose; empty where no trait applies."),
            "intended_class": gettext_lazy(
                "What the writers expected most people to do. A plan, never a label of what is right."
            ),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["tags"] = "; ".join(self.instance.tags)

    def clean_tags(self) -> list[str]:
        tags = split_tags(self.cleaned_data["tags"])
        if len(tags) > MAX_TAGS or any(len(tag) > TAG_LIMIT for tag in tags):
            raise ValidationError(
                _("At most %(most)s tags of at most %(longest)s characters.")
                % {"most": MAX_TAGS, "longest": TAG_LIMIT}
            )
        return tags


class ScenarioForm(DescriptionForm):
    """All of a scenario that no study has asked yet."""

    text = forms.CharField(
        label=gettext_lazy("Situation"),
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 80}),
        help_text=gettext_lazy("Plain text, two to four sentences. An empty line begins a new paragraph."),
    )

    class Meta(DescriptionForm.Meta):
        fields = ("set", "key", "language", "text", "trait", "statement", *DescriptionForm.Meta.fields)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.instance.pk:
            self.initial["text"] = self.instance.text

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        return text.replace("\r\n", "\n")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if {"set", "key"} <= cleaned.keys() and self._is_taken(cleaned["set"].pk, cleaned["key"]):
            self.add_error("key", _("The set has a scenario with this key. Open that one and make a new version."))
        return cleaned

    def _is_taken(self, set_id: int, key: str) -> bool:
        """Whether other scenarios of the set have the key; earlier versions of this one do not count."""
        stored = Scenario.objects.filter(pk=self.instance.pk, set=set_id, key=key)
        return not stored.exists() and Scenario.objects.filter(set=set_id, key=key).exists()

    def save(self, commit: bool = True) -> Scenario:
        if self.instance.pk is None or self.cleaned_data["text"] != self.instance.text:
            self.instance.blocks = versions.text_blocks(self.cleaned_data["text"])
        scenario: Scenario = super().save(commit=commit)
        return scenario


class ActionForm(forms.ModelForm):  # type: ignore[type-arg]
    pole = forms.TypedChoiceField(
        label=gettext_lazy("Pole"), choices=POLES, coerce=int, empty_value=None, required=False
    )

    class Meta:
        model = Action
        fields = ("key", "text", "pole")
        widgets = {"text": forms.Textarea(attrs={"rows": 2, "cols": 70, "maxlength": ACTION_LIMIT})}

    def clean_key(self) -> str:
        key: str = self.cleaned_data["key"]
        if key in RESERVED_ACTION_KEYS:
            raise ValidationError(_("“%(key)s” is an answer by itself, not an action.") % {"key": key})
        if not ACTION_KEY.match(key):
            raise ValidationError(_("Use letters a-z, digits, “-” and “_” only."))
        return key

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if len(text) > ACTION_LIMIT:
            raise ValidationError(_("At most %(most)s characters.") % {"most": ACTION_LIMIT})
        return text


class ActionFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """At least two actions that differ; new ones come after those that are there."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        filled = [form.cleaned_data for form in self.forms if form.cleaned_data]
        kept = [action for action in filled if not action.get("DELETE")]
        if len(kept) < 2:
            raise ValidationError(_("A scenario needs at least two actions to choose between."))
        texts = [action["text"] for action in kept]
        if any(has_same_words(text, other) for place, text in enumerate(texts) for other in texts[:place]):
            raise ValidationError(_("Two actions say the same: nobody could choose between them."))

    def save_new(self, form: Any, commit: bool = True) -> Action:
        taken = Action.objects.filter(scenario=self.instance).order_by("-position").values_list("position", flat=True)
        last = taken.first()
        form.instance.position = 0 if last is None else last + 1
        action: Action = super().save_new(form, commit=commit)
        return action
