"""Consent: the text in its version, two buttons, no third way."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from annotation import consent as consenting
from annotation import flow, markdown
from annotation.models import Participation
from annotation.views.access import in_states, page_context, to_page


@require_http_methods(["GET", "HEAD", "POST"])
@in_states("arrived")
def consent(request: HttpRequest, participation: Participation) -> HttpResponse:
    now = timezone.now()
    if request.method == "POST":
        return _decide(request, participation)
    text = consenting.current_version(participation.study, now=now)
    context = page_context(participation, consent_html=markdown.render(text.body), version=text.version)
    return render(request, "annotation/consent.html", context)


def _decide(request: HttpRequest, participation: Participation) -> HttpResponse:
    now = timezone.now()
    decision = request.POST.get("decision")
    if decision == "decline":
        return to_page(consenting.decline(participation.pk, now=now))
    if decision == "agree":
        version = request.POST.get("version", "")
        agreed = consenting.agree(
            participation.pk,
            version=int(version) if version.isdecimal() and len(version) < 9 else None,
            now=now,
        )
        return to_page(flow.advance(agreed, now=now))
    return to_page(participation)
