"""Where scenarios come from: traits, instruments and statements.

Invariant: a key never changes once it is given, because statements are known by it; the wording of a statement
stays once a study has asked one of its scenarios.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scenarios.admin.shared_content import SharedContent
from scenarios.models import Instrument, Statement, Trait, statement_digest


class Keyed(SharedContent):
    """Something that others refer to by its key."""

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()


@admin.register(Trait)
class TraitAdmin(Keyed):
    list_display = ("name", "key", "positive_label", "negative_label", "scenarios_in_use")
    search_fields = ("key", "name")
    fieldsets = (
        (None, {"fields": ("key", "name", "description")}),
        (
            gettext_lazy("The two ends"),
            {
                "fields": ("positive_label", "negative_label"),
                "description": gettext_lazy(
                    "A word for choosing the actions with pole +1, and one for those with pole −1. They stand at "
                    "the two sides of the figures."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Trait]:
        traits: QuerySet[Trait] = super().get_queryset(request)
        return traits.annotate(scenario_count=Count("scenarios", filter=Q(scenarios__is_latest=True)))

    @admin.display(description=gettext_lazy("scenarios"), ordering="scenario_count")
    def scenarios_in_use(self, trait: Any) -> int:
        return int(trait.scenario_count)


@admin.register(Instrument)
class InstrumentAdmin(Keyed):
    list_display = ("name", "key", "statements_taken")
    search_fields = ("key", "name")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instrument]:
        instruments: QuerySet[Instrument] = super().get_queryset(request)
        return instruments.annotate(statement_count=Count("statements"))

    @admin.display(description=gettext_lazy("statements"), ordering="statement_count")
    def statements_taken(self, instrument: Any) -> int:
        return int(instrument.statement_count)


class StatementForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Statement
        fields = ("instrument", "trait", "original", "reframed")
        widgets = {
            "original": forms.Textarea(attrs={"rows": 2, "cols": 80}),
            "reframed": forms.Textarea(attrs={"rows": 2, "cols": 80}),
        }
        help_texts = {
            "original": gettext_lazy("The self-report item as it stands in the instrument."),
            "reframed": gettext_lazy("The same as advice: “I recommend ...”."),
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors or "original" not in cleaned:
            return cleaned
        instrument, trait = cleaned["instrument"], cleaned["trait"]
        digest = statement_digest(
            instrument=instrument.key if instrument else "",
            trait=trait.key if trait else "",
            original=cleaned["original"],
            reframed=cleaned["reframed"],
        )
        if Statement.objects.filter(digest=digest).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("This statement exists already, word for word."))
        return cleaned


@admin.register(Statement)
class StatementAdmin(SharedContent):
    form = StatementForm
    list_display = ("wording", "instrument", "trait", "scenarios_from_it")
    list_filter = ("trait", "instrument")
    list_select_related = ("instrument", "trait")
    search_fields = ("original", "reframed")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Statement]:
        latest, asked = Q(scenarios__is_latest=True), Q(scenarios__locked_at__isnull=False)
        statements: QuerySet[Statement] = super().get_queryset(request)
        counted: QuerySet[Statement] = statements.annotate(
            scenario_count=Count("scenarios", filter=latest), asked_count=Count("scenarios", filter=asked)
        )
        return counted

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("instrument", "trait", "original", "reframed") if obj and obj.asked_count else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.asked_count)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **options: Any) -> HttpResponse:
        statement = self.get_object(request, object_id)
        if statement is not None and statement.asked_count and request.method == "GET":
            messages.info(request, _("A study has asked scenarios of this statement, so its wording stays."))
        return super().change_view(request, object_id, *args, **options)

    @admin.display(description=gettext_lazy("statement"), ordering="original")
    def wording(self, statement: Statement) -> str:
        return Truncator(statement.original or statement.reframed or _("(no wording)")).chars(90)

    @admin.display(description=gettext_lazy("scenarios"), ordering="scenario_count")
    def scenarios_from_it(self, statement: Any) -> int:
        return int(statement.scenario_count)
