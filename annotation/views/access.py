"""What every annotator page needs first: the study, and the participation this browser holds."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from annotation import flow, sessions
from annotation.models import Participation, Study

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, Participation, P], HttpResponse]
Page = Callable[Concatenate[HttpRequest, str, P], HttpResponse]


def study_or_404(slug: str) -> Study:
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        raise Http404("No such study.")
    return study


def to_page(participation: Participation) -> HttpResponseRedirect:
    """A redirect (303, so that a form is never sent twice) to the page where the participation stands."""
    response = redirect(f"annotation:{flow.page_of(participation)}", slug=participation.study.slug)
    response.status_code = 303
    return response


def in_states(*states: str) -> Callable[[View[P]], Page[P]]:
    """A page for participations in `states`; everybody else is sent to the page where they stand."""

    def decorate(view: View[P]) -> Page[P]:
        @never_cache
        @wraps(view)
        def wrapped(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            participation = sessions.held_participation(request, slug)
            if participation is None:
                study_or_404(slug)
                return redirect("annotation:landing", slug=slug)
            if participation.state not in states:
                return to_page(participation)
            return view(request, participation, *args, **kwargs)

        return cast("Page[P]", wrapped)

    return decorate


def page_context(participation: Participation, **context: object) -> dict[str, object]:
    """The context every annotator page has, plus `context`."""
    return {
        "study": participation.study,
        "participation": participation,
        "is_preview": participation.is_pilot,
        **context,
    }
