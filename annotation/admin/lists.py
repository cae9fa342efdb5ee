"""What the lists of rows that nobody edits have in common."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

from accounts import roles
from annotation.admin.access import StudyScoped, user_of


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that are looked at; what changes them stands in the list's actions."""

    class Media:
        css = {"all": ("css/admin-studies.css",)}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class VisibleStudies(admin.RelatedFieldListFilter):
    """Offers only studies in which this person sees the rows."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        rights = model_admin.rights_to_see if isinstance(model_admin, StudyScoped) else ()
        studies = [roles.studies_for(user_of(request), right) for right in rights]
        found = {study.pk: study.title for each in studies for study in each.only("title").order_by("title")}
        return list(found.items())


class NewestOnly(Paginator):  # type: ignore[type-arg]
    """Counts no further than LIMIT rows, so that a log of millions opens as fast as a short one."""

    LIMIT = 10_000

    @cached_property
    def count(self) -> int:
        newest: Any = self.object_list[: self.LIMIT]
        return int(newest.count())
