"""Who answered, under pseudonyms: how far they got and what their way of answering looked like.

Invariant: what is shown here is the participant record of the API, so nothing of an identity and nothing
said by people who withdrew.
"""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from analysis.dashboards.access import export_url, page_for, study_context
from analysis.participant_records import Participants
from annotation.models import Participation, Study
from annotation.states import PARTICIPATION_STATES

PER_PAGE = 50
INCLUSION = {"included": True, "excluded": False}


@page_for("data")
def people(request: HttpRequest, study: Study) -> HttpResponse:
    source = Participants(study)
    rows = source.rows().order_by("-id")
    state = request.GET.get("state", "")
    if state in dict(PARTICIPATION_STATES):
        rows = rows.filter(state=state)
    inclusion = request.GET.get("inclusion", "")
    if inclusion in INCLUSION:
        rows = rows.filter(included=INCLUSION[inclusion])
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = study_context(request, study, section="people")
    return render(
        request,
        "studies/people.html",
        {
            **context,
            "participants_url": export_url(study, "participants"),
            "page": page,
            "people": source.to_records(list(page)),
            "states": _states(study),
            "state_names": dict(PARTICIPATION_STATES),
            "state": state,
            "inclusion": inclusion,
            "query": page_query(request),
        },
    )


def page_query(request: HttpRequest) -> str:
    """The address's filters without the page number, to be put before another one."""
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


def _states(study: Study) -> list[tuple[str, str]]:
    """The states that occur, in the order of the table of states."""
    rows = Participation.objects.filter(study=study, is_pilot=False).order_by()
    occurring = set(rows.values_list("state", flat=True).distinct())
    return [(state, name) for state, name in PARTICIPATION_STATES if state in occurring]
