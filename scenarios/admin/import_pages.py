"""Importing in the admin: upload, look at what would happen, confirm. The same importer as everywhere.

The file waits in the database between the two steps, because the next request may reach another machine.
"""

import io
from datetime import timedelta
from typing import Any, Final, cast

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from scenarios import access, importing, mapping
from scenarios.importing import Report
from scenarios.models import ImportUpload, ScenarioSet

LARGEST_UPLOAD: Final = 20 * 1024 * 1024
# How long a file waits for its confirmation.
KEPT_FOR: Final = timedelta(hours=24)
SHOWN: Final = 200


class UploadForm(forms.Form):
    """A file and where it goes. `request` decides which sets may be written."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV (UTF-8), JSON Lines or Parquet, at most 20 MB; larger ones go through the command import_scenarios. "
            "Columns: key, text, action_a, action_b, further actions action_c ..., and optionally pole_a, pole_b, "
            "trait, instrument, statement_original, statement_reframed, intended_class, tags, license, key_a, key_b."
        ),
    )
    set = forms.CharField(
        label=gettext_lazy("Set"),
        max_length=200,
        help_text=gettext_lazy("Short name or name. A set that does not exist yet is made."),
    )
    language = forms.CharField(
        label=gettext_lazy("Language"),
        max_length=20,
        initial="en",
        help_text=gettext_lazy("Of the texts: en, pt-BR."),
    )
    map = forms.CharField(
        label=gettext_lazy("Columns"),
        required=False,
        max_length=2_000,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy(
            "Only where the file's columns have other names: key=scenario_id, text=context, action_a=action1"
        ),
    )
    create_traits = forms.BooleanField(
        label=gettext_lazy("Add traits that do not exist yet"),
        required=False,
        help_text=gettext_lazy(
            "Otherwise a trait that is not known is a problem of its row, so that typing errors show."
        ),
    )

    def __init__(self, *args: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*args, **options)
        self.request = request

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > LARGEST_UPLOAD:
            raise ValidationError(_("The file is larger than 20 MB. Use the command import_scenarios."))
        return upload

    def clean_set(self) -> str:
        name: str = self.cleaned_data["set"]
        if not may_import_into(self.request, name):
            raise ValidationError(_("You may import into sets whose studies you all configure, and this is none."))
        return name

    def clean_map(self) -> dict[str, str]:
        try:
            return mapping.parse(self.cleaned_data["map"])
        except mapping.BadMapping as problem:
            raise ValidationError(str(problem)) from problem


def may_import_into(request: HttpRequest, name: str) -> bool:
    target = importing.find_set(name)
    if target is None:
        return access.may_write_everything(request)
    return access.may_write(request, target)


class ImportPages:
    """The two pages; each answers one request and keeps nothing."""

    def __init__(self, site: AdminSite) -> None:
        self._site = site

    def upload(self, request: HttpRequest) -> HttpResponse:
        """Take a file and show what importing it would do."""
        if not access.may_read(request):
            raise Http404
        initial = {"set": request.GET.get("set", ""), "language": "en"}
        form = UploadForm(request.POST or None, request.FILES or None, request=request, initial=initial)
        if request.method != "POST" or not form.is_valid():
            return self._page(request, form=form, status=422 if request.method == "POST" else 200)
        report = importing.import_file(form.cleaned_data["file"], dry_run=True, **_options(form.cleaned_data))
        if report.issues:
            return self._page(request, form=form, report=report, status=422)
        waiting = _keep(request, form)
        return self._page(request, report=report, waiting=waiting)

    def confirm(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import a file that waits."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        waiting = ImportUpload.objects.filter(pk=pk, uploaded_by=cast(User, request.user)).first()
        if waiting is None:
            messages.warning(request, _("This file is not waiting any more. Please upload it again."))
            return redirect("admin:scenarios_scenarioset_import")
        if not may_import_into(request, waiting.options["set_name"]):
            raise Http404
        report = importing.import_file(io.BytesIO(waiting.content), name=waiting.name, **waiting.options)
        if report.issues:
            form = UploadForm(request=request, initial={"set": report.set, "language": report.language})
            return self._page(request, form=form, report=report, status=422)
        waiting.delete()
        done = _(
            "%(file)s: %(created)s new, %(updated)s updated, %(versions)s new versions, %(unchanged)s unchanged."
        )
        messages.success(
            request,
            done
            % {
                "file": report.file,
                "created": report.created,
                "updated": report.updated,
                "versions": report.new_versions,
                "unchanged": report.unchanged,
            },
        )
        return HttpResponseRedirect(_list_of(report.set))

    def _page(
        self,
        request: HttpRequest,
        *,
        form: UploadForm | None = None,
        report: Report | None = None,
        waiting: ImportUpload | None = None,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            **self._site.each_context(request),
            "title": _("Import scenarios"),
            "opts": ScenarioSet._meta,
            "form": form,
            "report": report,
            "waiting": waiting,
            "shown": SHOWN,
        }
        return TemplateResponse(request, "admin/scenarios/scenarioset/import.html", context, status=status)


def _options(cleaned: dict[str, Any]) -> dict[str, Any]:
    return {
        "set_name": cleaned["set"],
        "language": cleaned["language"],
        "mapping": cleaned["map"],
        "create_traits": cleaned["create_traits"],
    }


def _keep(request: HttpRequest, form: UploadForm) -> ImportUpload:
    """Let the file wait for its confirmation; files that nobody confirmed are dropped."""
    ImportUpload.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    upload = form.cleaned_data["file"]
    upload.seek(0)
    return ImportUpload.objects.create(
        uploaded_by=cast(User, request.user),
        name=upload.name,
        content=upload.read(),
        options=_options(form.cleaned_data),
    )


def _list_of(slug: str) -> str:
    url = reverse("admin:scenarios_scenario_changelist")
    target = ScenarioSet.objects.filter(slug=slug).first()
    return f"{url}?set__id__exact={target.pk}" if target else url
