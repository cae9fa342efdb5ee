"""Who gets in: a token's scopes, its study, and the roles of the person behind it.

Invariant: a view reaches a study only through `study_or_404`, and a token never more than its person could.
"""

from collections.abc import Collection

from django.db.models import QuerySet
from rest_framework.exceptions import NotFound, PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import roles
from accounts.models import ApiToken
from accounts.roles import Right
from annotation.models import Study


class TokenAllows(BasePermission):
    """The scope a view names for the method is one of the token's. People with a session need no scope."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not isinstance(request.auth, ApiToken):
            return True
        scope = getattr(view, "write_scope", "read") if request.method == "POST" else "read"
        if not request.auth.allows(scope):
            raise PermissionDenied(f"This token lacks the scope “{scope}”.", code="missing_scope")
        return True


def visible_studies(request: Request) -> QuerySet[Study]:
    """The studies that exist for whoever asks."""
    visible = roles.studies_for(request.user, "progress")
    if isinstance(request.auth, ApiToken) and request.auth.study_id is not None:
        return visible.filter(pk=request.auth.study_id)
    return visible


def study_or_404(request: Request, slug: str, *, rights: Collection[Right]) -> Study:
    """The study, for somebody with at least one of `rights` in it.

    Raises NotFound where it does not exist for them, PermissionDenied where their role is not enough.
    """
    study = visible_studies(request).filter(slug=slug).first()
    if study is None:
        raise NotFound
    if not any(roles.can(request.user, study, right) for right in rights):
        wanted = " or ".join(sorted(rights))
        raise PermissionDenied(f"Your role in this study does not include the right “{wanted}”.")
    return study
