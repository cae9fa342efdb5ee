"""Studies in the admin: a list with progress, and a form that tells what each setting does.

Invariant: what is frozen cannot be edited here, and says why; nobody sees a study in which they have no role.
"""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin

from accounts import roles
from accounts.models import Role, StudyMembership
from annotation import configuration, markdown, preflight, questionnaire
from annotation.admin import progress
from annotation.admin.access import StudyScoped, forget_roles, sees_anything, user_of
from annotation.admin.study_form import SECTIONS, ChecksField, SetsField, StudyForm
from annotation.admin.study_help import HELP
from annotation.admin.study_inlines import MembershipInline, StratumInline
from annotation.admin.study_pages import BUTTONS, StudyPages
from annotation.freezing import frozen_fields
from annotation.models import Study

PREVIEWS = ("instructions_preview", "consent_preview", "about_you_preview")
# Whoever knows these could claim to have finished.
SECRETS = ("completion_code", "completion_url")


@admin.register(Study)
class StudyAdmin(StudyScoped, StudyPages, SimpleHistoryAdmin):  # type: ignore[misc]  # simple_history has no types
    form = StudyForm
    path_to_study = ""
    rights_to_see = ("progress",)
    list_display = ("title", "slug", "state_in_words", "answers", "people", "provider", "created_at")
    list_filter = ("state", "provider")
    search_fields = ("title", "slug")
    ordering = ("-created_at",)
    list_per_page = 50
    show_full_result_count = False
    actions = ("open_selected", "pause_selected", "resume_selected", "close_selected")
    object_history_template = "admin/annotation/study/history.html"
    object_history_list_template = "admin/annotation/study/history_list.html"
    change_form_template = "admin/annotation/study/change_form.html"
    change_list_template = "admin/annotation/study/change_list.html"

    class Media:
        css = {"all": ("css/admin-studies.css",)}

    # --- Who may do what ---------------------------------------------------------------------------------

    def has_add_permission(self, request: HttpRequest) -> bool:
        user = user_of(request)
        return user.has_perm("annotation.add_study") or roles.has_everywhere(user, "configure")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return super().has_module_permission(request) or self.has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        if obj is None:
            return sees_anything(request, "configure")
        return obj.state != "archived" and roles.can(user_of(request), obj, "configure")

    def has_delete_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        """Drafts only, one at a time, by an owner; data are never deleted here."""
        is_draft = obj is not None and obj.state == "draft" and not obj.is_frozen
        return is_draft and obj is not None and roles.can(user_of(request), obj, "manage")

    def has_view_history_or_change_history_permission(self, request: HttpRequest, obj: Study | None = None) -> bool:
        return obj is not None and roles.can(user_of(request), obj, "configure")

    def revert_disabled(self, request: HttpRequest, obj: Study | None = None) -> bool:
        """Going back is an edit like any other: by the form or by importing an older export."""
        return True

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        self.get_object(request, object_id)
        response: HttpResponse = super().history_view(request, object_id, extra_context)
        return response

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        self.get_object(request, object_id)
        if request.method != "GET" or not version_id.isdecimal():
            raise Http404
        response: HttpResponse = super().history_form_view(request, object_id, version_id, extra_context)
        return response

    def get_inlines(self, request: HttpRequest, obj: Study | None = None) -> list[Any]:
        is_managed = obj is not None and roles.can(user_of(request), obj, "manage")
        return [StratumInline, MembershipInline] if is_managed else [StratumInline]

    # --- The list ----------------------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return progress.with_numbers(super().get_queryset(request))

    @admin.display(description=gettext_lazy("state"), ordering="state")
    def state_in_words(self, study: Study) -> SafeString:
        return format_html('<span class="study-state is-{}">{}</span>', study.state, study.get_state_display())

    @admin.display(description=gettext_lazy("answers"), ordering="accepted")
    def answers(self, study: Study) -> SafeString:
        return progress.bar(study)

    @admin.display(description=gettext_lazy("people"), ordering="completed")
    def people(self, study: Any) -> str:
        return _("%(done)s done, %(active)s at work") % {"done": study.completed, "active": study.active}

    @admin.action(description=gettext_lazy("Open the selected studies"), permissions=["change"])
    def open_selected(self, request: HttpRequest, studies: QuerySet[Study]) -> None:
        self._step_selected(request, studies, "open")

    @admin.action(description=gettext_lazy("Pause the selected studies"), permissions=["change"])
    def pause_selected(self, request: HttpRequest, studies: QuerySet[Study]) -> None:
        self._step_selected(request, studies, "pause")

    @admin.action(description=gettext_lazy("Resume the selected studies"), permissions=["change"])
    def resume_selected(self, request: HttpRequest, studies: QuerySet[Study]) -> None:
        self._step_selected(request, studies, "resume")

    @admin.action(description=gettext_lazy("Close the selected studies"), permissions=["change"])
    def close_selected(self, request: HttpRequest, studies: QuerySet[Study]) -> None:
        self._step_selected(request, studies, "close")

    def _step_selected(self, request: HttpRequest, studies: QuerySet[Study], step: str) -> None:
        for study in studies:
            if roles.can(user_of(request), study, "configure"):
                self.take_step(request, study, step)
            else:
                messages.error(request, _("“%(study)s”: you may not configure it.") % {"study": study})

    # --- The form ----------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Study | None = None) -> Any:
        left_out = self._left_out(request, obj)
        return [
            (name, {**options, "fields": tuple(each for each in options["fields"] if each not in left_out)})
            for name, options in SECTIONS
            if not set(options["fields"]) <= left_out
        ]

    def _left_out(self, request: HttpRequest, obj: Study | None) -> set[str]:
        if obj is None:
            return set(PREVIEWS)
        left_out: set[str] = set()
        if not roles.can(user_of(request), obj, "configure"):
            left_out |= set(SECRETS)
        if "about_you" in frozen_fields(obj) or not self.has_change_permission(request, obj):
            left_out |= {"about_you", "about_you_source"}
        return left_out

    def get_readonly_fields(self, request: HttpRequest, obj: Study | None = None) -> tuple[str, ...]:
        if obj is None:
            return PREVIEWS
        fixed = [name for name in frozen_fields(obj) if name != "strata"]
        return (*PREVIEWS, *fixed, *(["about_you_source"] if "about_you" in fixed else []))

    def get_prepopulated_fields(self, request: HttpRequest, obj: Study | None = None) -> dict[str, Any]:
        return {"slug": ("title",)} if obj is None else {}

    def get_form(self, request: HttpRequest, obj: Study | None = None, change: bool = False, **options: Any) -> Any:
        reasons = frozen_fields(obj) if obj is not None else {}
        fixed = {name: _("Can no longer change: %(why)s.") % {"why": why} for name, why in reasons.items()}
        return super().get_form(request, obj, change=change, help_texts={**HELP, **fixed}, **options)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        special = {"sets": SetsField, "checks": ChecksField}[db_field.name]
        return db_field.formfield(form_class=special, help_text=HELP[db_field.name])

    @admin.display(description=gettext_lazy("how it reads"))
    def instructions_preview(self, study: Study) -> SafeString:
        return _reads(study.instructions)

    @admin.display(description=gettext_lazy("how it reads"))
    def consent_preview(self, study: Study) -> SafeString:
        return _reads(study.consent_text)

    @admin.display(description=gettext_lazy("people are asked"))
    def about_you_preview(self, study: Study) -> SafeString:
        try:
            asked = questionnaire.questions(study.about_you)
        except questionnaire.InvalidSchema as error:
            return format_html("{}", str(error))
        if not asked:
            return format_html("{}", _("Nothing about themselves."))
        rows = [(each.label, "" if each.is_required else _("(optional)"), _answers_in_words(each)) for each in asked]
        items = format_html_join("", "<li>{} {}<br><span class='quiet'>{}</span></li>", rows)
        return format_html('<ol class="questions">{}</ol>', items)

    # --- Saving ------------------------------------------------------------------------------------------

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        study: Study = form.instance
        if not change:
            StudyMembership.objects.create(study=study, user=user_of(request), role=Role.OWNER)
            forget_roles(request)
        kept = configuration.follow_with_seats(study, now=timezone.now())["kept_above"]
        if kept:
            messages.warning(
                request,
                _("%(n)s scenarios have more answers than the new number; they keep them.") % {"n": kept},
            )

    # --- The page ----------------------------------------------------------------------------------------

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], add: bool = False, change: bool = False,
        form_url: str = "", obj: Study | None = None,
    ) -> HttpResponse:  # fmt: skip
        if obj is not None:
            context.update(self._overview(request, obj, context))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _overview(self, request: HttpRequest, study: Study, context: dict[str, Any]) -> dict[str, Any]:
        may_configure = roles.can(user_of(request), study, "configure")
        found = preflight.problems(study) if may_configure and study.state != "archived" else []
        anchors = _anchors(context["adminform"])
        return {
            "numbers": study,
            "progress_bar": progress.bar(study),
            "may_configure": may_configure,
            "buttons": BUTTONS[study.state] if may_configure else [],
            "preview_url": reverse("annotation:landing", args=[study.slug]) + "?preview=1",
            "problems": [(each, anchors.get(each.field, "")) for each in found],
            "errors_found": len(preflight.errors(found)),
            "warnings_found": len(found) - len(preflight.errors(found)),
            "is_fixed": study.is_frozen,
        }


def _anchors(adminform: Any) -> dict[str, str]:
    """Where on the page a problem's field stands: the field, or where it is read-only, its section."""
    anchors = {"strata": "strata-group"}
    for number, section in enumerate(adminform):
        for line in section:
            for field in line:
                name = field.field["name"] if field.is_readonly else field.field.name
                heading = f"fieldset-0-{number}-heading"
                anchors[name] = heading if field.is_readonly else field.field.auto_id
    return anchors


def _reads(text: str) -> SafeString:
    if not text.strip():
        return format_html('<span class="quiet">{}</span>', _("empty"))
    return format_html('<details class="reads"><summary>{}</summary>{}</details>', _("Show"), markdown.render(text))


def _answers_in_words(question: questionnaire.Question) -> str:
    if not question.options:
        return _("a number") if question.type == "number" else _("in their own words")
    shown = " · ".join(option.label for option in question.options[:8])
    left = len(question.options) - 8
    return f"{shown} · {_('and %(n)s more') % {'n': left}}" if left > 0 else shown
