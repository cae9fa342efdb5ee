"""The door of every researchers' page: logged in, and with the right the page needs in its study."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts import roles
from accounts.roles import Right
from annotation.models import Study

P = ParamSpec("P")
StudyView = Callable[Concatenate[HttpRequest, Study, P], HttpResponseBase]
Page = Callable[..., HttpResponseBase]


def page_for(right: Right) -> Callable[[StudyView[P]], Page]:
    """A page of one study for people with `right` in it. Everybody else: log in first, then 404."""

    def decorate(view: StudyView[P]) -> Page:
        def page(request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            study = Study.objects.filter(slug=slug).first()
            if study is None or not roles.can(request.user, study, right):
                raise Http404("No such study.")
            return view(request, study, *args, **kwargs)

        guarded = require_safe(never_cache(login_required(page)))
        update_wrapper(guarded, view)
        return guarded

    return decorate


def study_context(request: HttpRequest, study: Study, *, section: str) -> dict[str, object]:
    """What the frame of every page of a study needs: which doors this person finds open."""
    user = request.user
    return {
        "study": study,
        "section": section,
        "can_see_data": roles.can(user, study, "data"),
        "can_configure": roles.can(user, study, "configure") and bool(getattr(user, "is_staff", False)),
    }


def export_url(study: Study, records: str) -> str:
    """The address of the API's export of these records; `?format=` is still to be added."""
    return reverse(f"api:{records}", args=[study.slug])
