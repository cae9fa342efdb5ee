"""The door of a study. Looking at it creates nothing; pressing the button does."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import roles
from annotation import arrival, flow, markdown, sessions
from annotation.arrival import Entry
from annotation.models import Participation, Study
from annotation.views.access import study_or_404, to_page
from annotation.views.problems import problem

UNFINISHED = ("arrived", "consented", "profiled", "trained", "active", "timed_out", "quota_full", "returned")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def landing(request: HttpRequest, slug: str) -> HttpResponse:
    study = study_or_404(slug)
    is_preview = _is_preview(request, study)
    if study.state == "draft" and not is_preview:
        raise Http404("Not open yet.")
    parameters = request.POST if request.method == "POST" else request.GET
    try:
        entry = arrival.read_entry(parameters.dict())
    except arrival.DamagedEntry as damage:
        return problem(request, title=_("This link is incomplete"), message=str(damage), status=400)
    held = sessions.held_participation(request, slug)
    if request.method == "POST":
        return _enter(request, study, entry, held, is_preview=is_preview)
    return _show(request, study, entry, held, is_preview=is_preview)


def _is_preview(request: HttpRequest, study: Study) -> bool:
    """Whether somebody of the study's team asked for a preview; others asking for it get the normal page."""
    wanted = request.GET.get("preview") or request.POST.get("preview")
    return bool(wanted) and (roles.can(request.user, study, "configure") or roles.can(request.user, study, "review"))


def _show(
    request: HttpRequest, study: Study, entry: Entry, held: Participation | None, *, is_preview: bool
) -> HttpResponse:
    is_returning = held is not None and held.is_pilot == is_preview and held.state in UNFINISHED
    context = {
        "study": study,
        "status": "open" if is_preview else flow.entry_status(study),
        "is_returning": is_returning and held is not None and held.state not in ("arrived", "quota_full"),
        "entry": {**entry.carried(), **({"preview": "1"} if is_preview else {})},
        "is_preview": is_preview,
        "minutes": study.estimated_minutes,
        "reward": study.reward,
        "instructions_html": markdown.render(study.instructions),
    }
    return render(request, "annotation/landing.html", context)


def _enter(
    request: HttpRequest, study: Study, entry: Entry, held: Participation | None, *, is_preview: bool
) -> HttpResponse:
    now = timezone.now()
    is_known = held is not None and held.is_pilot == is_preview
    if not is_known and not is_preview and flow.entry_status(study) != "open":
        return _show(request, study, entry, held, is_preview=is_preview)
    try:
        participation = arrival.arrive(study, entry, held=held, now=now, is_pilot=is_preview)
    except arrival.AlreadyTakenPart:
        return problem(
            request,
            title=_("You have taken part already"),
            message=_("This study can be done once. Your answers are kept, and nothing changes about your pay."),
            status=409,
        )
    except arrival.StartedElsewhere:
        return problem(
            request,
            title=_("You started in another browser"),
            message=_(
                "Please go on in the browser and on the device where you began. Your answers there are kept. "
                "If you cannot, write to the study team."
            ),
            status=409,
        )
    participation = (
        flow.come_back(participation.pk, now=now)
        if participation.state in ("timed_out", "returned")
        else flow.advance(participation, now=now)
    )
    response = to_page(participation)
    sessions.hold(response, participation)
    return response
