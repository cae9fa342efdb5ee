"""Scenarios in the admin: found by words, edited until a study asks them, continued as a new version afterwards."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scenarios import access, versions
from scenarios.admin.scenario_form import ActionForm, ActionFormSet, DescriptionForm, ScenarioForm
from scenarios.admin.shared_content import SharedContent
from scenarios.models import Action, Scenario, Translation

CONTENT = ("set", "key", "language", "words", "trait", "statement")
STATUS = ("version", "is_latest", "locked_at", "created_at")


class VersionFilter(admin.SimpleListFilter):
    """Shows the latest versions unless all are asked for."""

    title = gettext_lazy("versions")
    parameter_name = "versions"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("all", gettext_lazy("All"))]

    def choices(self, changelist: Any) -> Any:
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": _("Latest only"),
        }
        yield {
            "selected": self.value() == "all",
            "query_string": changelist.get_query_string({self.parameter_name: "all"}),
            "display": _("All"),
        }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Scenario]) -> QuerySet[Scenario]:
        return queryset if self.value() == "all" else queryset.filter(is_latest=True)


class AskedFilter(admin.SimpleListFilter):
    title = gettext_lazy("asked in a study")
    parameter_name = "asked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Scenario]) -> QuerySet[Scenario]:
        if self.value() not in {"yes", "no"}:
            return queryset
        return queryset.filter(locked_at__isnull=self.value() == "no")


class ActionInline(admin.TabularInline):  # type: ignore[type-arg]
    """What people choose between. Fixed once a study has asked the scenario."""

    model = Action
    form = ActionForm
    formset = ActionFormSet
    fields = ("key", "text", "pole")
    extra = 0
    min_num = 2
    ordering = ("position",)

    def has_view_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return may_edit_content(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return may_edit_content(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return may_edit_content(request, obj)


class TranslationInline(admin.StackedInline):  # type: ignore[type-arg]
    """Other languages of the same version."""

    model = Translation
    extra = 0
    verbose_name_plural = gettext_lazy("Translations of this version")

    def has_view_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return True

    def has_add_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return obj is not None and access.may_write(request, obj.set)

    def has_change_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return obj is not None and access.may_write(request, obj.set)

    def has_delete_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return obj is not None and access.may_write(request, obj.set)


def may_edit_content(request: HttpRequest, scenario: Scenario | None) -> bool:
    if scenario is None:
        return access.may_write_everything(request)
    return scenario.locked_at is None and access.may_write(request, scenario.set)


@admin.register(Scenario)
class ScenarioAdmin(SharedContent):
    form = ScenarioForm
    inlines = (ActionInline, TranslationInline)
    list_display = ("key", "beginning", "trait", "is_asked", "version", "set", "language")
    list_display_links = ("key", "beginning")
    list_filter = ("set", "trait", "intended_class", "language", AskedFilter, VersionFilter)
    list_select_related = ("set", "trait")
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("key", "blocks")
    search_help_text = gettext_lazy("By key or by words of the situation")
    autocomplete_fields = ("statement",)
    save_on_top = True

    def get_fieldsets(self, request: HttpRequest, obj: Scenario | None = None) -> Any:
        is_open = may_edit_content(request, obj)
        situation = ("set", "key", "language", "text" if is_open else "words")
        fieldsets = [
            (gettext_lazy("Situation"), {"fields": situation}),
            (
                gettext_lazy("What it measures"),
                {
                    "fields": ("trait", "statement"),
                    "description": gettext_lazy(
                        "Part of the content: a change of trait or statement is a change of what was measured."
                    ),
                },
            ),
            (
                gettext_lazy("Description"),
                {
                    "fields": ("intended_class", "tags", "license"),
                    "description": gettext_lazy("May be corrected at any time, also after a study has asked it."),
                },
            ),
        ]
        return [*fieldsets, (gettext_lazy("Version"), {"fields": STATUS})] if obj else fieldsets

    def get_form(
        self, request: HttpRequest, obj: Scenario | None = None, change: bool = False, **options: Any
    ) -> Any:
        form = ScenarioForm if may_edit_content(request, obj) else DescriptionForm
        return super().get_form(request, obj, change, **{"form": form, **options})

    def get_readonly_fields(self, request: HttpRequest, obj: Scenario | None = None) -> tuple[str, ...]:
        return STATUS if may_edit_content(request, obj) else (*STATUS, *CONTENT)

    def has_change_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        if obj is None:
            return super().has_change_permission(request) or access.may_read(request)
        return access.may_write(request, obj.set)

    def has_delete_permission(self, request: HttpRequest, obj: Scenario | None = None) -> bool:
        return super().has_delete_permission(request) and (obj is None or obj.locked_at is None)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if form.instance.locked_at is None:
            versions.refresh_hash(form.instance)

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Scenario | None = None,
    ) -> HttpResponse:
        context["may_continue"] = obj is not None and obj.is_latest and access.may_write(request, obj.set)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.new_version_view)
        return [path("<int:pk>/new-version/", view, name="scenarios_scenario_new_version"), *super().get_urls()]

    def new_version_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        scenario = Scenario.objects.select_related("set").filter(pk=pk).first()
        if scenario is None or not access.may_write(request, scenario.set):
            raise Http404
        try:
            newer = versions.make_new(scenario)
        except versions.NotTheLatest:
            newer = Scenario.objects.get(set=scenario.set, key=scenario.key, is_latest=True)
            messages.warning(request, _("There is a newer version already; this is it."))
        else:
            self.log_change(request, newer, [{"added": {"name": "version", "object": str(newer)}}])
            message = _(
                "This is version %(version)s, a copy to change. Studies that have answers go on with the version"
                " they asked."
            )
            messages.success(request, message % {"version": newer.version})
        return HttpResponseRedirect(reverse("admin:scenarios_scenario_change", args=[newer.pk]))

    @admin.display(description=gettext_lazy("situation"))
    def beginning(self, scenario: Scenario) -> str:
        return Truncator(scenario.text).chars(100)

    @admin.display(description=gettext_lazy("situation"))
    def words(self, scenario: Scenario) -> str:
        return scenario.text

    @admin.display(description=gettext_lazy("asked"), boolean=True, ordering="locked_at")
    def is_asked(self, scenario: Scenario) -> bool:
        return scenario.locked_at is not None
