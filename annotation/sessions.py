"""How a browser proves which participation is its own: a signed cookie, nothing in the database."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from annotation.models import Participation

COOKIE = "annotator"


def held_id(request: HttpRequest, slug: str) -> str | None:
    """The public id of the participation that the browser's cookie names; a forged cookie names none. No query."""
    try:
        return _signer(slug).unsign(request.COOKIES.get(COOKIE, ""))
    except BadSignature:
        return None


def held_participation(request: HttpRequest, slug: str) -> Participation | None:
    """The participation of this study that the browser holds, or None. One query."""
    public_id = held_id(request, slug)
    if public_id is None:
        return None
    held = Participation.objects.select_related("study", "person")
    return held.filter(study__slug=slug, public_id=public_id).first()


def hold(response: HttpResponse, participation: Participation) -> None:
    """Hand the browser the cookie for its participation."""
    study = participation.study
    response.set_cookie(
        COOKIE,
        _signer(study.slug).sign(participation.public_id),
        max_age=settings.ANNOTATOR_COOKIE_AGE,
        path=reverse("annotation:landing", args=[study.slug]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _signer(slug: str) -> Signer:
    return Signer(salt=f"commonground.annotator.{slug}")
