"""People's passes through studies: looked at, never edited; excluded, let in again, and their seats taken back.

Invariant: who somebody is (the recruiter's ids) is shown only to those who review; whoever withdrew stays
out.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts import roles
from annotation import events, exclusion, leases
from annotation.admin.access import StudyScoped, sees_anything, user_of
from annotation.admin.lists import ReadOnly, VisibleStudies
from annotation.models import Exclusion, Identity, Participation

EVENTS_SHOWN: Final = 30
# The page that asks for the reason carries everybody's number as a field of its own.
MOST_AT_ONCE: Final = 400

REASONS: Final = [
    ("inattentive", gettext_lazy("did not read the tasks")),
    ("duplicate", gettext_lazy("the same person took part twice")),
    ("automated", gettext_lazy("answers were not given by a person")),
    ("technical", gettext_lazy("technical trouble spoiled the answers")),
    ("on_request", gettext_lazy("asked us to leave the answers out")),
    ("other", gettext_lazy("another reason, said below")),
]


class ExclusionForm(forms.Form):
    reason = forms.ChoiceField(label=gettext_lazy("Reason"), choices=REASONS, widget=forms.RadioSelect)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=2_000,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 80}),
        help_text=gettext_lazy("What you saw. It stays on record with your name."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("reason") == "other" and not cleaned.get("note"):
            self.add_error("note", _("Say what the reason is."))
        return cleaned


@admin.register(Participation)
class ParticipationAdmin(StudyScoped, ReadOnly):
    rights_to_see = ("data", "review")
    list_display = (
        "__str__",
        "study",
        "state",
        "stratum",
        "tasks_answered",
        "checks",
        "counts",
        "arrived_at",
    )
    list_filter = ("state", "included", "is_pilot", ("study", VisibleStudies))
    list_select_related = ("study", "stratum")
    search_fields = ("=id", "study__slug")
    search_help_text = gettext_lazy("Number of a participation, or a study's short name")
    ordering = ("-id",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    actions = ("exclude_selected", "include_selected", "take_back_seats")

    def has_review_permission(self, request: HttpRequest) -> bool:
        return sees_anything(request, "review")

    def get_fieldsets(self, request: HttpRequest, obj: Participation | None = None) -> Any:
        may_review = obj is not None and roles.can(user_of(request), obj.study, "review")
        return [
            (None, {"fields": ("study", "state", "counts", "stratum", "language")}),
            (_("About the person"), {"fields": ("profile_in_words", *(["who"] if may_review else []))}),
            (
                _("Work"),
                {"fields": ("tasks_answered", "checks", "practice_done", "seats_held", "comment", "seed")},
            ),
            (
                _("Times (UTC)"),
                {
                    "fields": (
                        "arrived_at",
                        "consented_at",
                        "profiled_at",
                        "trained_at",
                        "started_at",
                        "last_seen_at",
                        "lease_expires_at",
                        "lease_ends_at",
                        "ended_at",
                    )
                },
            ),
            (
                _("Decisions"),
                {
                    "description": _("Whether somebody's answers count and whether they are paid are two decisions."),
                    "fields": ("recruiter_status", "payment_decision", "exclusions_in_words", "happened"),
                },
            ),
        ]

    @admin.display(description=gettext_lazy("in the data"), ordering="included")
    def counts(self, row: Participation) -> str:
        if row.is_pilot:
            return _("a preview, never counts")
        if not row.included:
            return _("excluded")
        return _("yes, recorded elsewhere") if row.is_imported else _("yes")

    @admin.display(description=gettext_lazy("checks passed, failed"))
    def checks(self, row: Participation) -> str:
        return f"{row.checks_passed}, {row.checks_failed}"

    @admin.display(description=gettext_lazy("seats held"))
    def seats_held(self, row: Participation) -> int:
        return row.assignments.filter(holds_seat=True).count()

    @admin.display(description=gettext_lazy("answers about themselves"))
    def profile_in_words(self, row: Participation) -> SafeString:
        if not row.profile:
            return format_html("{}", "–")
        pairs = [
            (key, ", ".join(map(str, value)) if isinstance(value, list) else value)
            for key, value in row.profile.items()
        ]
        return format_html_join("", "<div>{}: {}</div>", pairs)

    @admin.display(description=gettext_lazy("known to the recruiter as"))
    def who(self, row: Participation) -> SafeString:
        known = Identity.objects.filter(participation=row).first()
        if known is None:
            return format_html("{}", _("nothing (came by a link, or was erased)"))
        return format_html("{}: {}, {} {}", known.provider, known.person_id, _("session"), known.session_id)

    @admin.display(description=gettext_lazy("exclusions"))
    def exclusions_in_words(self, row: Participation) -> SafeString:
        entries = [
            (entry.decided_at.strftime("%Y-%m-%d %H:%M"), str(entry), entry.decided_by or entry.rules, entry.note)
            for entry in row.exclusions.select_related("decided_by")
        ]
        return format_html_join("", "<div>{} {}, {} {}</div>", entries) if entries else format_html("{}", "–")

    @admin.display(description=gettext_lazy("what happened"))
    def happened(self, row: Participation) -> SafeString:
        latest = row.events.select_related("actor").order_by("-id")[:EVENTS_SHOWN]
        lines = [
            (event.happened_at.strftime("%Y-%m-%d %H:%M:%S"), event.kind, f"({event.actor})" if event.actor else "")
            for event in latest
        ]
        return format_html_join("", '<div><span class="figure">{}</span> {} {}</div>', lines)

    # --- Actions -----------------------------------------------------------------------------------------

    @admin.action(description=gettext_lazy("Exclude from the data …"), permissions=["review"])
    def exclude_selected(self, request: HttpRequest, rows: QuerySet[Participation]) -> HttpResponse | None:
        chosen = self._reviewable(request, rows)
        if len(chosen) > MOST_AT_ONCE:
            messages.error(request, _("Choose at most %(n)s people at a time.") % {"n": MOST_AT_ONCE})
            return None
        if not chosen:
            return None
        form = ExclusionForm(request.POST if "confirmed" in request.POST else None)
        if form.is_valid():
            self._exclude(request, chosen, reason=form.cleaned_data["reason"], note=form.cleaned_data["note"])
            return None
        context = {
            **self.admin_site.each_context(request),
            "title": _("Exclude from the data"),
            "opts": self.opts,
            "form": form,
            "rows": chosen,
            "answers": sum(row.tasks_answered for row in chosen),
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/annotation/participation/exclude.html", context)

    def _exclude(self, request: HttpRequest, rows: Iterable[Participation], *, reason: str, note: str) -> None:
        done = 0
        for row in rows:
            try:
                exclusion.exclude_participation(
                    row, reason=reason, note=note, decided_by=user_of(request), now=timezone.now()
                )
                done += 1
            except exclusion.AlreadyExcluded as error:
                messages.warning(request, str(error))
        self._tell(request, done, _("excluded; their seats are open again."))

    @admin.action(description=gettext_lazy("Let into the data again"), permissions=["review"])
    def include_selected(self, request: HttpRequest, rows: QuerySet[Participation]) -> None:
        chosen = {row.pk for row in self._reviewable(request, rows) if not _withdrew(request, row)}
        done = 0
        for entry in Exclusion.objects.filter(participation__in=chosen, revoked_at=None):
            try:
                exclusion.revoke_exclusion(entry, revoked_by=user_of(request), now=timezone.now())
                done += 1
            except (exclusion.NotExcluded, exclusion.Withdrawn) as error:
                messages.warning(request, str(error))
        self._tell(request, done, _("let in again; answers whose seats were taken meanwhile are surplus."))

    @admin.action(description=gettext_lazy("Take reserved seats back now"), permissions=["review"])
    def take_back_seats(self, request: HttpRequest, rows: QuerySet[Participation]) -> None:
        """As if the idle limit had passed: answers are kept, and the person may come back."""
        now = timezone.now()
        chosen = [row for row in self._reviewable(request, rows) if row.state == "active"]
        with transaction.atomic():
            over = Participation.objects.filter(pk__in=[row.pk for row in chosen], state="active")
            over.update(lease_expires_at=now - timedelta(seconds=1))
            for row in chosen:
                events.record(
                    "seats_taken_back_by_team",
                    study_id=row.study_id,
                    participation_id=row.pk,
                    actor_id=user_of(request).pk,
                    now=now,
                )
        for study_id in {row.study_id for row in chosen}:
            leases.release_expired(now=now, study_id=study_id)
        self._tell(request, len(chosen), _("lost their reserved seats; their answers are kept."))

    def _reviewable(self, request: HttpRequest, rows: QuerySet[Participation]) -> list[Participation]:
        """Those of `rows` whose study this person may review; the others are named and left out."""
        chosen = list(rows.select_related("study"))
        refused = {row.study for row in chosen if not roles.can(user_of(request), row.study, "review")}
        for study in refused:
            messages.error(request, _("“%(study)s”: you may look but not review.") % {"study": study})
        return [row for row in chosen if row.study not in refused]

    def _tell(self, request: HttpRequest, number: int, what: str) -> None:
        people = ngettext("%(n)s person", "%(n)s people", number) % {"n": number}
        level = messages.SUCCESS if number else messages.WARNING
        self.message_user(request, f"{people}: {what}", level)


def _withdrew(request: HttpRequest, row: Participation) -> bool:
    if row.state == "withdrawn":
        messages.error(request, _("%(row)s withdrew; their answers stay out.") % {"row": row})
        return True
    return False
