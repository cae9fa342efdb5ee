"""How a session ends: debrief and code, leaving early, and plain reasons for every other end."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from annotation import leaving, markdown
from annotation.models import Participation
from annotation.views.access import in_states, page_context, to_page

LIVE = ("arrived", "consented", "profiled", "trained", "active", "timed_out", "quota_full")
ENDS = (
    "declined",
    "screened_out",
    "failed_comprehension",
    "quota_full",
    "returned",
    "timed_out",
    "withdrawn",
)


class CommentForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("Anything you want to tell us?"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_states("completed")
def debrief(request: HttpRequest, participation: Participation) -> HttpResponse:
    form = CommentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["comment"]:
            Participation.objects.filter(pk=participation.pk).update(comment=form.cleaned_data["comment"])
        return redirect("annotation:done", slug=participation.study.slug)
    context = page_context(participation, form=form, debrief_html=markdown.render(participation.study.debrief))
    return render(request, "annotation/debrief.html", context)


@require_http_methods(["GET", "HEAD"])
@in_states("completed")
def done(request: HttpRequest, participation: Participation) -> HttpResponse:
    """The only page with the completion code; nobody reaches it before the last answer."""
    study = participation.study
    context = page_context(
        participation,
        code=study.completion_code,
        redirect_url=study.completion_url,
        tasks_answered=participation.tasks_answered,
        withdraw_url=reverse("annotation:leave", args=[study.slug]),
    )
    return render(request, "annotation/done.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@in_states(*LIVE, "completed", "returned")
def leave(request: HttpRequest, participation: Participation) -> HttpResponse:
    if request.method != "POST":
        return render(request, "annotation/leave.html", page_context(participation))
    now = timezone.now()
    action = request.POST.get("action")
    if action == "withdraw":
        return to_page(leaving.withdraw(participation.pk, now=now))
    if action == "leave":
        return to_page(leaving.leave(participation.pk, now=now))
    return to_page(participation)


@require_http_methods(["GET", "HEAD"])
@in_states(*ENDS)
def ended(request: HttpRequest, participation: Participation) -> HttpResponse:
    title, message = _reason(participation)
    context = page_context(
        participation,
        state=participation.state,
        title=title,
        message=message,
        can_resume=participation.state in ("timed_out", "returned", "quota_full")
        and participation.study.state in ("open", "paused"),
    )
    return render(request, "annotation/ended.html", context)


def _reason(participation: Participation) -> tuple[str, str]:
    """(title, message): what happened, in plain words, and what it means for pay."""
    minutes = participation.study.idle_limit_minutes
    reasons = {
        "declined": (
            _("You chose not to take part"),
            _("Nothing about you was kept. You can close this page."),
        ),
        "screened_out": (
            _("This study looks for other people"),
            _("From your answers you are not in the group this study needs. Nothing you did was wrong."),
        ),
        "failed_comprehension": (
            _("The instructions were not clear to you"),
            _("Please return the task where you found it; returning it does not count against you."),
        ),
        "quota_full": (
            _("All places are taken"),
            _(
                "Others were faster, and no task is left for you at the moment. You have not been asked to work. "
                "A place may come free again; you can try once more."
            ),
        ),
        "returned": (
            _("You left the study"),
            _("The answers you gave are kept. You can go on if places are still free."),
        ),
        "timed_out": (
            _("Your tasks were taken back"),
            _(
                "That happens after %(minutes)s minutes without activity, so that others can go on. "
                "Your earlier answers are kept, and you can continue."
            )
            % {"minutes": minutes},
        ),
        "withdrawn": (
            _("You withdrew"),
            _("Your answers were taken out of the data, and what we knew about who you are was erased."),
        ),
    }
    return reasons[participation.state]
