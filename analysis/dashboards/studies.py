"""The list of the studies somebody may see, each with how full it is and when it was last answered."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import roles
from analysis.figures import fill
from annotation.models import Participation, Quota, Response, Study

PER_PAGE = 25
# What needs attention first; what is over, last.
STATE_ORDER = ("open", "paused", "draft", "closed", "archived")


@require_safe
@never_cache
@login_required
def studies(request: HttpRequest) -> HttpResponse:
    latest = Response.objects.filter(study=OuterRef("pk")).order_by("-id").values("answered_at")[:1]
    mine = roles.studies_for(request.user, "progress").annotate(last_answer_at=Subquery(latest))
    page = Paginator(mine.order_by("-created_at", "-id"), PER_PAGE).get_page(request.GET.get("page"))
    shown = sorted(page.object_list, key=lambda study: STATE_ORDER.index(study.state))
    return render(
        request,
        "studies/list.html",
        {"page": page, "rows": _rows(shown), "now": timezone.now(), "query": "", "can_create": _can_create(request)},
    )


def _rows(studies: Sequence[Study]) -> list[dict[str, object]]:
    """The numbers of these studies. Two queries, however many there are."""
    ids = [study.pk for study in studies]
    seats = {
        row["study_id"]: row
        for row in Quota.objects.filter(study_id__in=ids)
        .order_by()
        .values("study_id")
        .annotate(rows=Count("id"), limited=Count("target"), target=Sum("target"), accepted=Sum("accepted"))
    }
    people = dict(
        Participation.objects.filter(study_id__in=ids, is_pilot=False)
        .order_by()
        .values_list("study_id")
        .annotate(people=Count("id", filter=Q(tasks_answered__gt=0)))
    )
    return [_row(study, seats.get(study.pk), people=people.get(study.pk, 0)) for study in studies]


def _row(study: Study, seats: Mapping[str, Any] | None, *, people: int) -> dict[str, object]:
    last: datetime | None = getattr(study, "last_answer_at", None)
    accepted = seats["accepted"] if seats else 0
    is_limited = seats is not None and seats["limited"] == seats["rows"]
    target = seats["target"] if seats and is_limited else None
    return {
        "study": study,
        "accepted": accepted,
        "target": target,
        "percent": int(100 * accepted / target) if target else None,
        "people": people,
        "last_answer_at": last,
        "bar": fill.step_bar(kept=accepted, before=accepted, arrived=target) if target else "",
    }


def _can_create(request: HttpRequest) -> bool:
    user = request.user
    return bool(getattr(user, "is_staff", False)) and user.has_perm("annotation.add_study")
