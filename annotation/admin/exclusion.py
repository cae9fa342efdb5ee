"""The ledger of exclusions: looked at, and revoked; never edited, never deleted."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from annotation import exclusion
from annotation.admin.access import StudyScoped, sees_anything, user_of
from annotation.admin.lists import ReadOnly, VisibleStudies
from annotation.models import Exclusion


@admin.register(Exclusion)
class ExclusionAdmin(StudyScoped, ReadOnly):
    rights_to_see = ("data", "review")
    list_display = ("__str__", "study", "about", "decided", "decided_at", "revoked_at")
    list_filter = (("study", VisibleStudies), ("revoked_at", admin.EmptyFieldListFilter))
    list_select_related = ("study", "decided_by", "participation", "response")
    search_fields = ("=participation__id", "reason", "study__slug")
    ordering = ("-id",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ("revoke_selected",)
    fields = (
        "study",
        "about",
        "reason",
        "note",
        "rules",
        "decided_by",
        "decided_at",
        "revoked_by",
        "revoked_at",
    )

    def has_review_permission(self, request: HttpRequest) -> bool:
        return sees_anything(request, "review")

    @admin.display(description=gettext_lazy("about"))
    def about(self, entry: Exclusion) -> str:
        return str(entry.participation or f"answer {entry.response_id}")

    @admin.display(description=gettext_lazy("decided by"))
    def decided(self, entry: Exclusion) -> str:
        return str(entry.decided_by or entry.rules or _("the participant"))

    @admin.action(description=gettext_lazy("Revoke: take the answers back in"), permissions=["review"])
    def revoke_selected(self, request: HttpRequest, entries: QuerySet[Exclusion]) -> None:
        back = {"counted": 0, "surplus": 0}
        for entry in entries.select_related("study", "participation", "response__participation"):
            refusal = _refusal(request, entry)
            if refusal:
                messages.error(request, f"{entry.study}: {refusal}")
                continue
            try:
                result = exclusion.revoke_exclusion(entry, revoked_by=user_of(request), now=timezone.now())
            except (exclusion.NotExcluded, exclusion.Withdrawn) as error:
                messages.warning(request, str(error))
            else:
                back = {key: back[key] + result[key] for key in back}
        self.message_user(
            request, _("%(counted)s answers count again, %(surplus)s are surplus.") % back, messages.SUCCESS
        )


def _refusal(request: HttpRequest, entry: Exclusion) -> str:
    """Why this person may not revoke this entry; empty where they may."""
    if not roles.can(user_of(request), entry.study, "review"):
        return _("you may look but not review.")
    participation = entry.participation or (entry.response.participation if entry.response else None)
    if participation is not None and participation.state == "withdrawn":
        return _("%(row)s withdrew; their answers stay out.") % {"row": participation}
    return ""
