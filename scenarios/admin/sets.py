"""Scenario sets in the admin: what each holds, and a page to import a file into one."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from scenarios import access
from scenarios.admin.import_pages import ImportPages
from scenarios.admin.shared_content import SharedContent
from scenarios.models import ScenarioSet


@admin.register(ScenarioSet)
class ScenarioSetAdmin(SharedContent):
    list_display = ("name", "slug", "holds", "asked", "created_at")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    change_list_template = "admin/scenarios/scenarioset/change_list.html"
    fieldsets = (
        (
            None,
            {
                "fields": ("name", "slug", "description"),
                "description": gettext_lazy(
                    "A set groups scenarios that studies ask together; a study may use several sets, and several"
                    " studies one set. The short name is how import commands and study files refer to it."
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScenarioSet]:
        latest = Q(scenarios__is_latest=True)
        sets: QuerySet[ScenarioSet] = super().get_queryset(request)
        counted: QuerySet[ScenarioSet] = sets.annotate(
            scenario_count=Count("scenarios", filter=latest),
            asked_count=Count("scenarios", filter=latest & Q(scenarios__locked_at__isnull=False)),
        )
        return counted

    def has_change_permission(self, request: HttpRequest, obj: ScenarioSet | None = None) -> bool:
        return super().has_change_permission(request) or (obj is not None and access.may_write(request, obj))

    def get_urls(self) -> list[URLPattern]:
        pages = ImportPages(self.admin_site)
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(pages.upload), name="scenarios_scenarioset_import"),
            path("import/<int:pk>/", wrap(pages.confirm), name="scenarios_scenarioset_import_confirm"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("scenarios"), ordering="scenario_count")
    def holds(self, home: Any) -> SafeString:
        url = reverse("admin:scenarios_scenario_changelist")
        return format_html('<a href="{}?set__id__exact={}">{}</a>', url, home.pk, home.scenario_count)

    @admin.display(description=gettext_lazy("asked in a study"), ordering="asked_count")
    def asked(self, home: Any) -> int:
        return int(home.asked_count)
