"""Between consent and the tasks: questions about the person, and practice."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from annotation import flow, profiling, training
from annotation.forms import AboutYouForm
from annotation.models import CheckItem, Participation
from annotation.screens import practice_screen
from annotation.views.access import in_states, page_context, to_page


@require_http_methods(["GET", "HEAD", "POST"])
@in_states("consented")
def about_you(request: HttpRequest, participation: Participation) -> HttpResponse:
    now = timezone.now()
    if request.method != "POST":
        form = AboutYouForm.for_study(participation.study)
        return render(request, "annotation/about_you.html", page_context(participation, form=form))
    form = AboutYouForm.for_study(participation.study, data=request.POST)
    if not form.is_valid():
        context = page_context(participation, form=form)
        return render(request, "annotation/about_you.html", context, status=422)
    profiled = profiling.record_profile(participation.pk, profile=form.profile(), now=now)
    return to_page(flow.advance(profiled, now=now))


@require_http_methods(["GET", "HEAD", "POST"])
@in_states("profiled")
def practice(request: HttpRequest, participation: Participation) -> HttpResponse:
    item, number, total = training.next_item(participation)
    if item is None:
        return to_page(flow.advance(participation, now=timezone.now()))
    if request.method != "POST":
        return _show_item(request, participation, item, number, total)
    if request.POST.get("seen"):
        seen = request.POST.get("number", "")
        seen_number = int(seen) if seen.isdecimal() and len(seen) < 5 else number
        done = training.finish_item(participation.pk, number=seen_number)
        return to_page(flow.advance(done, now=timezone.now()))
    return _give_feedback(request, participation, item, number, total)


def _show_item(
    request: HttpRequest,
    participation: Participation,
    item: CheckItem,
    number: int,
    total: int,
    *,
    error: str = "",
    feedback: dict[str, object] | None = None,
) -> HttpResponse:
    context = page_context(
        participation,
        screen=practice_screen(item, participation.study, error=error),
        number=number,
        total=total,
        feedback=feedback,
    )
    return render(request, "annotation/practice.html", context, status=422 if error else 200)


def _give_feedback(
    request: HttpRequest, participation: Participation, item: CheckItem, number: int, total: int
) -> HttpResponse:
    texts = {option["key"]: option["text"] for option in item.options}
    chosen = request.POST.get("choice", "")
    if chosen not in texts:
        return _show_item(request, participation, item, number, total, error=_("Please choose one of the answers."))
    feedback = {
        "chosen_text": texts[chosen],
        "is_right": chosen == item.expected if item.expected else None,
        "explanation": item.explanation,
    }
    return _show_item(request, participation, item, number, total, feedback=feedback)
