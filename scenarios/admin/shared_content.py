"""What the admin pages of shared content have in common: who reads and who writes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from scenarios import access


class SharedContent(admin.ModelAdmin):  # type: ignore[type-arg]
    """Read by everybody who configures a study, written by those who may configure all of them."""

    class Media:
        css = {"all": ("css/admin-studies.css", "css/admin-scenarios.css")}

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or access.may_read(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or access.may_read(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) or access.may_write_everything(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) or access.may_write_everything(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) or access.may_write_everything(request)
