"""The task page: an answer comes in, the next task goes out, in one request where the browser can."""

import re
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from annotation import flow, leases, quick_answers, serving, sessions
from annotation.models import Assignment, Participation
from annotation.screens import Screen, screen_of
from annotation.submission import (
    INPUTS,
    MAX_COUNT,
    MAX_MILLISECONDS,
    AnswersAreOver,
    InvalidAnswer,
    Outcome,
    Submission,
    UnknownTask,
    submit,
)
from annotation.views.access import in_states, page_context, to_page

TOKEN = re.compile(r"^[A-Za-z0-9_-]{1,24}$")
ANSWERING = ("active", "timed_out", "returned")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def task(request: HttpRequest, slug: str) -> HttpResponse:
    quick = _answer_quickly(request, slug) if request.method == "POST" else None
    return quick if quick is not None else _task(request, slug)


@in_states(*ANSWERING, "completed")
def _task(request: HttpRequest, participation: Participation) -> HttpResponse:
    if request.method == "POST":
        return _answer(request, participation)
    if participation.state != "active":
        return to_page(participation)
    return _show_next(request, participation)


def _answer_quickly(request: HttpRequest, slug: str) -> HttpResponse | None:
    """What nearly every answer needs, in two round trips to the database; None where it is not that simple."""
    public_id = sessions.held_id(request, slug)
    if public_id is None:
        return None
    try:
        receipt = quick_answers.submit(public_id, slug, _read(request), now=timezone.now())
    except InvalidAnswer:
        return None
    if receipt is None:
        return None
    if not _wants_fragment(request):
        return to_page(receipt.participation)
    return _show(request, receipt.participation, receipt.following, left=receipt.left)


def _answer(request: HttpRequest, participation: Participation) -> HttpResponse:
    submission = _read(request)
    now = timezone.now()
    try:
        receipt = submit(participation.pk, submission, now=now, serve_next=_wants_fragment(request))
    except InvalidAnswer as reason:
        return _show_again(request, participation, submission, error=str(reason))
    except (UnknownTask, AnswersAreOver):
        participation.refresh_from_db()
        notice = _("This task is no longer open. Here is where you stand.")
        return _go_on(request, participation, serving.current(participation), notice=notice, status=409)
    if receipt.outcome is Outcome.CONFLICT:
        notice = _("You had already answered that task; your first answer stands.")
        return _go_on(request, receipt.participation, receipt.following, notice=notice, status=409)
    return _go_on(request, receipt.participation, receipt.following)


def _read(request: HttpRequest) -> Submission:
    """The submitted fields; what cannot be a measurement is left out, a bad token names no task."""
    fields = request.POST
    token = fields.get("token", "")
    return Submission(
        token=token if TOKEN.match(token) else "",
        choice=fields.get("choice", "")[:20].replace("\x00", ""),
        confidence=_whole(fields.get("confidence"), 99),
        rationale=fields.get("rationale", "").replace("\x00", ""),
        response_ms=_whole(fields.get("response_ms"), MAX_MILLISECONDS),
        input=fields.get("input", "") if fields.get("input") in INPUTS else "",
        focus_losses=_whole(fields.get("focus_losses"), MAX_COUNT),
        paste_count=_whole(fields.get("paste_count"), MAX_COUNT),
    )


def _whole(text: str | None, largest: int) -> int | None:
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 12:
        return None
    return min(int(text), largest)


def _go_on(
    request: HttpRequest,
    participation: Participation,
    following: Assignment | None,
    *,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    """To wherever the participation stands now: inside the page for a script, by redirect without one."""
    if following is None or participation.state != "active":
        return _elsewhere(participation) if _wants_fragment(request) else to_page(participation)
    if not _wants_fragment(request) and not notice:
        return to_page(participation)
    serving.mark_shown(following, now=timezone.now())
    return _show(request, participation, following, notice=notice, status=status)


def _elsewhere(participation: Participation) -> HttpResponse:
    page = reverse(f"annotation:{flow.page_of(participation)}", args=[participation.study.slug])
    return HttpResponse(headers={"X-Next": page})


def _show_next(request: HttpRequest, participation: Participation) -> HttpResponse:
    now = timezone.now()
    assignment = serving.current(participation)
    if assignment is None:
        return to_page(flow.advance(participation, now=now))
    serving.mark_shown(assignment, now=now)
    leases.note_sign_of_life(participation, now=now)
    return _show(request, participation, assignment)


def _show(
    request: HttpRequest,
    participation: Participation,
    assignment: Assignment,
    *,
    left: int | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    screen = screen_of(assignment, participation.study, language=participation.language)
    left = getattr(assignment, "left", 0) if left is None else left
    return _page(request, participation, screen, left=left, notice=notice, status=status)


def _show_again(
    request: HttpRequest, participation: Participation, submission: Submission, *, error: str
) -> HttpResponse:
    """The same task with what was sent and what to change."""
    assignment = participation.assignments.filter(token=submission.token).first()
    current = serving.current(participation)
    if assignment is None or current is None:
        return _go_on(request, participation, current)
    values = {
        "choice": submission.choice,
        "rationale": submission.rationale,
        "confidence": str(submission.confidence or ""),
    }
    screen = screen_of(assignment, participation.study, language=participation.language, values=values, error=error)
    return _page(request, participation, screen, left=getattr(current, "left", 0), status=422)


def _page(
    request: HttpRequest,
    participation: Participation,
    screen: Screen,
    *,
    left: int,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    template = "annotation/_task.html" if _wants_fragment(request) else "annotation/task.html"
    context = page_context(
        participation,
        screen=screen,
        progress=_progress(participation, left=left, now=timezone.now()),
        notice=notice,
    )
    return render(request, template, context, status=status)


def _wants_fragment(request: HttpRequest) -> bool:
    return request.headers.get("X-Fragment") == "1"


def _progress(participation: Participation, *, left: int, now: datetime) -> dict[str, int | None]:
    """How far along, checks left out, and about how long it may still take."""
    done = participation.tasks_answered
    total = done + left
    return {
        "done": done,
        "total": total,
        "percent": round(100 * done / total) if total else 0,
        "minutes_left": _minutes_left(participation, done=done, left=left, now=now),
    }


def _minutes_left(participation: Participation, *, done: int, left: int, now: datetime) -> int | None:
    """From the person's own pace once there is one, else from the study's estimate."""
    if done >= 3 and participation.started_at is not None:
        seconds = (now - participation.started_at).total_seconds() / done * left
    elif participation.study.estimated_minutes:
        seconds = participation.study.estimated_minutes * 60 * left / max(1, done + left)
    else:
        return None
    return max(1, round(seconds / 60))
