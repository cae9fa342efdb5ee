"""How a browser proves which participation is its own: a signed cookie, nothing in the database."""

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from annotation.models import Participation

COOKIE = "annotator"


def held_participation(request: HttpRequest, slug: str) -> Participation | None:
    """The participation of this study that the browser holds, or None; a forged cookie counts as none. One query."""
    try:
        public_id = _signer(slug).unsign(request.COOKIES.get(COOKIE, ""))
    except BadSignature:
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
