"""What can be done with a study beyond its form: steps of its life, export, import, duplicate.

Steps are POST only and go through `annotation.life_cycle`; whoever lacks the right in the study gets a 404.
"""

import json
from collections.abc import Callable
from typing import Final

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import roles
from accounts.roles import Right
from annotation import configuration, life_cycle, states, study_document
from annotation.admin.access import user_of
from annotation.document_rules import DocumentProblem
from annotation.models import Study

Step = Callable[..., None]

# Name of the step, what does it, and what happened in words.
STEPS: Final[dict[str, tuple[Step, Promise | str]]] = {
    "open": (life_cycle.open_study, gettext_lazy("is open; its link works now.")),
    "pause": (life_cycle.pause_study, gettext_lazy("is paused; whoever is working may finish.")),
    "resume": (life_cycle.resume_study, gettext_lazy("is open again.")),
    "close": (life_cycle.close_study, gettext_lazy("is closed; answers on their way are kept.")),
    "archive": (life_cycle.archive_study, gettext_lazy("is archived; its data stay readable.")),
}
# Which steps a state offers, with their buttons' words; the first is the main one.
BUTTONS: Final[dict[str, list[tuple[str, Promise | str]]]] = {
    "draft": [("open", gettext_lazy("Open"))],
    "open": [("pause", gettext_lazy("Pause")), ("close", gettext_lazy("Close"))],
    "paused": [("resume", gettext_lazy("Resume")), ("close", gettext_lazy("Close"))],
    "closed": [("resume", gettext_lazy("Open again")), ("archive", gettext_lazy("Archive"))],
    "archived": [],
}


class ImportForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Configuration (JSON)"),
        help_text=gettext_lazy(
            "As exported here or by export_study. A study with the same short name is updated: what the "
            "file does not mention stays as it is, and what is frozen may not differ. Otherwise a new "
            "draft is made."
        ),
    )

    def clean_file(self) -> object:
        upload = self.cleaned_data["file"]
        try:
            return study_document.read(upload.read(study_document.MAX_BYTES + 1))
        except study_document.Unreadable as error:
            raise forms.ValidationError(str(error)) from error


class StudyPages(admin.ModelAdmin):  # type: ignore[type-arg]
    """The pages of StudyAdmin that are not its list, its form or its history."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("import/", wrap(self.import_view), name="annotation_study_import"),
            path("<int:pk>/step/<slug:step>/", wrap(self.step_view), name="annotation_study_step"),
            path("<int:pk>/export/", wrap(self.export_view), name="annotation_study_export"),
            path("<int:pk>/duplicate/", wrap(self.duplicate_view), name="annotation_study_duplicate"),
            *super().get_urls(),
        ]

    def step_view(self, request: HttpRequest, pk: int, step: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        study = self._study_or_404(request, pk, "configure")
        if step not in STEPS:
            raise Http404
        self.take_step(request, study, step)
        return HttpResponseRedirect(change_url(study))

    def take_step(self, request: HttpRequest, study: Study, step: str) -> None:
        """Do it and say what happened, or why it did not."""
        act, done = STEPS[step]
        try:
            act(study, actor=user_of(request), now=timezone.now())
        except life_cycle.NotReady as error:
            listed = " ".join(problem.message for problem in error.problems)
            message = _("“%(study)s” cannot open yet. %(problems)s") % {"study": study, "problems": listed}
            messages.error(request, message)
        except states.TransitionRefused as error:
            messages.error(request, f"“{study}”: {error}")
        else:
            messages.success(request, f"“{study}” {done}")

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        study = self._study_or_404(request, pk, "configure")
        document = json.dumps(configuration.export_study(study), ensure_ascii=False, indent=2)
        return HttpResponse(
            document + "\n",
            content_type="application/json",
            headers={"Content-Disposition": f'attachment; filename="{study.slug}.json"'},
        )

    def duplicate_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        study = self._study_or_404(request, pk, "configure")
        if not self.has_add_permission(request):
            messages.error(request, _("You may change studies but not add any."))
            return HttpResponseRedirect(change_url(study))
        copy = configuration.duplicate_study(study, actor=user_of(request), now=timezone.now())
        messages.success(request, _("This is the copy: a draft. Give it its own name, code and address."))
        return HttpResponseRedirect(change_url(copy))

    def import_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request) and not self.has_add_permission(request):
            raise Http404
        form = ImportForm(request.POST or None, request.FILES or None)
        found: list[DocumentProblem] = []
        if request.method == "POST" and form.is_valid():
            try:
                study = self._import(request, form.cleaned_data["file"])
            except configuration.ConfigurationInvalid as error:
                found = error.problems
            else:
                messages.success(request, _("“%(study)s” was imported.") % {"study": study})
                return HttpResponseRedirect(change_url(study))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Import a study's configuration"),
            "opts": self.opts,
            "form": form,
            "problems": found,
        }
        status = 422 if request.method == "POST" else 200
        return TemplateResponse(request, "admin/annotation/study/import.html", context, status=status)

    def _import(self, request: HttpRequest, document: object) -> Study:
        slug = document.get("slug") if isinstance(document, dict) else None
        is_new = isinstance(slug, str) and "\x00" not in slug and not Study.objects.filter(slug=slug).exists()
        if is_new and not self.has_add_permission(request):
            refused = DocumentProblem("slug", "you may change studies but not add any; no study has this name.")
            raise configuration.ConfigurationInvalid([refused])
        return configuration.import_study(document, actor=user_of(request), now=timezone.now())

    def _study_or_404(self, request: HttpRequest, pk: int, right: Right) -> Study:
        study: Study | None = self.get_queryset(request).filter(pk=pk).first()
        if study is None or not roles.can(user_of(request), study, right):
            raise Http404
        return study


def change_url(study: Study) -> str:
    return reverse("admin:annotation_study_change", args=[study.pk])
