"""The bank of checks and practice items, shared by all studies.

Invariant: an item that an opened study uses stays as it is, so that everybody was checked by the same words.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from annotation import check_bank
from annotation.admin.access import sees_anything, user_of
from annotation.admin.line_fields import OptionsField
from annotation.models import CheckItem


class CheckItemForm(forms.ModelForm):  # type: ignore[type-arg]
    options = OptionsField(
        label=gettext_lazy("Options"),
        help_text=gettext_lazy("One a line, key first: a: You wait. Sides are drawn for everybody."),
    )

    class Meta:
        model = CheckItem
        fields = ("key", "kind", "text", "options", "expected", "explanation")
        widgets = {
            "text": forms.Textarea(attrs={"rows": 5, "cols": 80}),
            "explanation": forms.Textarea(attrs={"rows": 3, "cols": 80}),
        }
        help_texts = {
            "kind": gettext_lazy(
                "Instructed and nonsensical items are mixed into the tasks; practice comes before them, "
                "with feedback."
            ),
            "text": gettext_lazy("An instructed item names the option to choose by its own words, not by its place."),
            "explanation": gettext_lazy("Shown after practice."),
        }

    def clean_options(self) -> list[dict[str, str]]:
        options: list[dict[str, str]] = self.cleaned_data["options"]
        problems = check_bank.option_problems(options)
        if problems:
            raise ValidationError(problems)
        return options

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        keys = [option["key"] for option in cleaned.get("options") or []]
        expected = cleaned.get("expected")
        if keys and expected and expected not in keys:
            self.add_error("expected", _("This is none of the keys: %(keys)s.") % {"keys": ", ".join(keys)})
        if keys and not expected and cleaned.get("kind") in (*check_bank.ATTENTION_KINDS, "comprehension"):
            self.add_error("expected", _("A check needs a right answer."))
        return cleaned


@admin.register(CheckItem)
class CheckItemAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = CheckItemForm
    list_display = ("key", "kind", "beginning", "expected", "fair", "used")
    list_filter = ("kind",)
    search_fields = ("key", "text")
    change_list_template = "admin/annotation/checkitem/change_list.html"

    class Media:
        css = {"all": ("css/admin-studies.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[CheckItem]:
        items: QuerySet[CheckItem] = super().get_queryset(request)
        return items.annotate(studies_using=Count("studies"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.add_shipped_view)
        return [path("add-shipped/", view, name="annotation_checkitem_shipped"), *super().get_urls()]

    def add_shipped_view(self, request: HttpRequest) -> HttpResponse:
        if request.method != "POST" or not self.has_add_permission(request):
            return HttpResponseNotAllowed(["POST"])
        items = check_bank.ensure_shipped()
        message = _("The %(n)s items that ship are in the bank; none that was there was changed.")
        messages.success(request, message % {"n": len(items)})
        return HttpResponseRedirect(reverse("admin:annotation_checkitem_changelist"))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return sees_anything(request, "configure")

    def has_view_permission(self, request: HttpRequest, obj: CheckItem | None = None) -> bool:
        return sees_anything(request, "configure")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return sees_anything(request, "configure")

    def has_change_permission(self, request: HttpRequest, obj: CheckItem | None = None) -> bool:
        """Where a draft of somebody else uses the item, only those who may configure that too."""
        if obj is None:
            return sees_anything(request, "configure")
        studies = list(obj.studies.all())
        user = user_of(request)
        return all(study.opened_at is None and roles.can(user, study, "configure") for study in studies)

    def has_delete_permission(self, request: HttpRequest, obj: CheckItem | None = None) -> bool:
        return obj is not None and sees_anything(request, "configure") and not obj.studies.exists()

    @admin.display(description=gettext_lazy("text"))
    def beginning(self, item: CheckItem) -> str:
        return Truncator(item.text).chars(80)

    @admin.display(description=gettext_lazy("fair"), boolean=True)
    def fair(self, item: CheckItem) -> bool | None:
        if item.kind not in check_bank.ATTENTION_KINDS:
            return None
        return not check_bank.unfair_because(item)

    @admin.display(description=gettext_lazy("studies"), ordering="studies_using")
    def used(self, item: Any) -> int:
        return int(item.studies_using)

    def changeform_view(self, request: HttpRequest, object_id: str | None = None, *args: Any, **options: Any) -> Any:
        item = self.get_object(request, object_id) if object_id else None
        if item is not None and request.method == "GET":
            self._explain(request, item)
        return super().changeform_view(request, object_id, *args, **options)

    def _explain(self, request: HttpRequest, item: CheckItem) -> None:
        if item.kind in check_bank.ATTENTION_KINDS and check_bank.unfair_because(item):
            reasons = " ".join(check_bank.unfair_because(item))
            messages.warning(request, _("Not fair, so it can only be a hint: %(why)s") % {"why": reasons})
        if not self.has_change_permission(request, item):
            messages.info(request, _("A study uses this item, so it stays as it is. Add a new one instead."))
