"""A study at a glance: how full it is, who is answering, where people agree, whether a worker lives."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts import roles
from analysis.dashboards import labels
from analysis.dashboards.access import export_url, page_for, study_context
from analysis.dashboards.agreement import estimates_of
from analysis.dashboards.contents import contents_of
from analysis.dashboards.ranking import Ranking, ranking
from analysis.figures import fill, strips
from analysis.progress import HEAT_CELLS, StudyProgress, fill_by_scenario, study_progress
from analysis.readings import SideNames
from analysis.slices import EVERYBODY
from annotation.models import Study

STEP_NAMES = {
    "arrived": "Arrived",
    "consented": "Agreed to take part",
    "profiled": "Said who they are",
    "trained": "Finished the practice",
    "started": "Started the tasks",
    "completed": "Finished",
}
# Where people are who neither finished nor are at work, in words that fit "3 ...".
ENDS = {
    "declined": "declined",
    "screened_out": "were screened out",
    "failed_comprehension": "did not pass comprehension",
    "quota_full": "came too late",
    "returned": "left early",
    "withdrawn": "withdrew",
    "timed_out": "timed out",
}
# The exports of the API, which takes the log-in of this site as well as tokens.
DOWNLOADS = {
    "distributions": "Distributions",
    "agreement": "Agreement",
    "responses": "Answers",
    "participants": "People",
    "scenarios": "Scenarios",
    "exclusions": "Exclusions",
}


@page_for("progress")
def overview(request: HttpRequest, study: Study) -> HttpResponse:
    context = study_context(request, study, section="overview")
    context |= _progress_context(request, study)
    context["invitation"] = request.build_absolute_uri(reverse("annotation:landing", args=[study.slug]))
    if context["can_see_data"]:
        context |= _results_context(study)
        context["downloads"] = [(name, words, export_url(study, name)) for name, words in DOWNLOADS.items()]
    return render(request, "studies/overview.html", context)


@page_for("progress")
def progress(request: HttpRequest, study: Study) -> HttpResponse:
    """The part of the overview that moves, for the page to fetch again every few seconds."""
    return render(request, "studies/_progress.html", {"study": study, **_progress_context(request, study)})


def zones_for_page(found: Ranking, *, sides: SideNames) -> list[dict[str, Any]]:
    """The zones with their drawings and, where there is room, the words beside the rows."""
    return [
        {
            "key": zone.key,
            "title": labels.zone_title(zone.key, sides=sides),
            "count": zone.count,
            "rows": zone.rows,
            "figure": strips.ribbon(
                [row.split for row in zone.rows],
                label=labels.ribbon_label(zone, sides=sides),
                size="ribbon" if found.is_labelled else "dense",
            ),
        }
        for zone in found.zones
        if zone.rows
    ]


def _progress_context(request: HttpRequest, study: Study) -> dict[str, Any]:
    now = timezone.now()
    found = study_progress(study, now=now)
    return {
        "now": now,
        "progress": found,
        "seats_bar": fill.seat_bar(
            accepted=found.seats.accepted, reserved=found.seats.reserved, target=found.seats.target
        )
        if found.seats.target
        else "",
        "heat": _heat(study, found),
        "heat_is_thinned": found.seats.scenarios > HEAT_CELLS * max(len(found.strata), 1),
        "steps": _steps(found),
        "ends": [(found.people.by_state[state], words) for state, words in ENDS.items()
                 if found.people.by_state.get(state)],
        "can_review": roles.can(request.user, study, "review"),
    }  # fmt: skip


def _heat(study: Study, found: StudyProgress) -> list[dict[str, object]]:
    """One strip of cells per stratum, labelled where there are several."""
    if not found.seats.target:
        return []
    strata = fill_by_scenario(study)
    return [
        {
            "label": label if len(strata) > 1 else "",
            "figure": fill.heat([cells], label=f"How full each scenario is: {label}"),
        }
        for label, cells in strata
    ]


def _steps(found: StudyProgress) -> list[dict[str, object]]:
    arrived = found.people.arrived
    return [
        {
            "name": STEP_NAMES[step.key],
            "step": step,
            "figure": fill.step_bar(kept=step.reached, before=step.before, arrived=arrived),
        }
        for step in found.people.steps
        if arrived
    ]


def _results_context(study: Study) -> dict[str, object]:
    contents = contents_of(study)
    found = ranking(study, stratum=EVERYBODY)
    now = timezone.now()
    return {
        "contents": contents,
        "ranking": found,
        "zones": zones_for_page(found, sides=contents.sides),
        "caption": labels.caption(found, study=study, stratum=EVERYBODY, now=now),
        "agreement": estimates_of(study, slices=["all"]),
    }
