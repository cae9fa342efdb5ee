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


class ScenarioForm(forms.ModelForm):  # type: ignore[type-arg]
    text = forms.CharField(
        label=gettext_lazy("Situation"),
        max_length=TEXT_LIMIT,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 80}),
        help_text=gettext_lazy("Plain text, two to four sentences. An empty line begins a new paragraph."),
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"),
        required=False,
        help_text=gettext_lazy("Words with “;” between them."),
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )

    class Meta:
        model = Scenario
        fields = (
            "set", "key", "language", "text", "trait", "statement", "intended_class", "tags", "license",
        )  # fmt: skip
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
            self.initial.update(text=self.instance.text, tags="; ".join(self.instance.tags))

    def clean_tags(self) -> list[str]:
        tags = split_tags(self.cleaned_data["tags"])
        if len(tags) > MAX_TAGS or any(len(tag) > TAG_LIMIT for tag in tags):
            raise ValidationError(
                _("At most %(most)s tags of at most %(longest)s characters.")
                % {"most": MAX_TAGS, "longest": TAG_LIMIT}
            )
        return tags

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        home, key = cleaned.get("set", self.instance.set_id and self.instance.set), cleaned.get("key")
        if home and key and self._is_taken(home, key):
            self.add_error("key", _("The set has a scenario with this key. Open that one and make a new version."))
        return cleaned

    def _is_taken(self, home: Any, key: str) -> bool:
        others = Scenario.objects.filter(set=home, key=key).exclude(pk=self.instance.pk)
        if self.instance.pk:
            stored = Scenario.objects.values("set_id", "key").get(pk=self.instance.pk)
            if stored == {"set_id": home.pk, "key": key}:
                return False
        return others.exists()

    def save(self, commit: bool = True) -> Scenario:
        if "text" in self.changed_data:
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
        kept = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data["DELETE"]]
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
