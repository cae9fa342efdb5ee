"""Pages that say why something cannot go on, and what that means for the person."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def problem(request: HttpRequest, *, title: str, message: str, status: int) -> HttpResponse:
    return render(request, "annotation/problem.html", {"title": title, "message": message}, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Shown when a form comes without its cookie: usually blocked cookies or a page left open very long."""
    return problem(
        request,
        title=_("This page could not be confirmed"),
        message=_("Please reload the page and try again. Cookies must be allowed for this site. Nothing was lost."),
        status=403,
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(
        request,
        title=_("That could not be read"),
        message=_("The request was incomplete or damaged. Nothing was changed."),
        status=400,
    )


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return problem(
        request,
        title=_("Nothing is here"),
        message=_("The address may be mistyped, or what it named is not for you to see."),
        status=404,
    )


def server_error(request: HttpRequest) -> HttpResponse:
    return problem(
        request,
        title=_("Something went wrong on our side"),
        message=_("Your earlier answers are kept. Please try again in a moment."),
        status=500,
    )
