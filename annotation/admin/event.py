"""The event log, newest first. Append-only: nothing here changes it."""

import json

from django.contrib import admin
from django.utils.translation import gettext_lazy

from annotation.admin.access import StudyScoped
from annotation.admin.lists import NewestOnly, ReadOnly, VisibleStudies
from annotation.models import Event


@admin.register(Event)
class EventAdmin(StudyScoped, ReadOnly):
    rights_to_see = ("data", "review")
    list_display = ("happened_at", "kind", "study", "participation", "actor", "details")
    list_display_links = ("happened_at",)
    list_filter = (("study", VisibleStudies),)
    list_select_related = ("study", "participation", "actor")
    search_fields = ("=kind", "=participation__id")
    search_help_text = gettext_lazy(
        "A kind of event, or the number of a participation. The newest 10,000 are listed."
    )
    ordering = ("-id",)
    paginator = NewestOnly
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    fields = ("happened_at", "kind", "study", "participation", "actor", "details")

    @admin.display(description=gettext_lazy("details"))
    def details(self, event: Event) -> str:
        return json.dumps(event.data, ensure_ascii=False) if event.data else ""
