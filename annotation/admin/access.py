"""Who sees which rows in the admin, by their role in the study that a row belongs to.

Invariant: a row of a study in which somebody has no right looks like a row that does not exist: 404.
"""

from contextlib import suppress
from typing import Any, TypeVar, cast

from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest

from accounts import roles
from accounts.models import User
from accounts.roles import Right
from annotation.models import Study

M = TypeVar("M", bound=Model)


class StudyScoped:
    """Mixin for a ModelAdmin whose rows belong to a study; `path_to_study` is empty for the study itself."""

    path_to_study = "study"
    rights_to_see: tuple[Right, ...] = ("data", "review")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        return rows.filter(self._visible(request))

    def _visible(self, request: HttpRequest) -> Q:
        user = user_of(request)
        if any(roles.has_everywhere(user, right) for right in self.rights_to_see):
            return Q()
        path = f"{self.path_to_study}__in" if self.path_to_study else "pk__in"
        visible = Q()
        for right in self.rights_to_see:
            visible |= Q(**{path: roles.studies_for(user, right).values("pk")})
        return visible

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row, or 404: the same answer for what does not exist and for what is somebody else's."""
        row = super().get_object(request, object_id, from_field)  # type: ignore[misc]
        if row is None:
            raise Http404
        return row

    def has_module_permission(self, request: HttpRequest) -> bool:
        return sees_anything(request, *self.rights_to_see)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.has_module_permission(request)
        return any(roles.can(user_of(request), study_of(obj), right) for right in self.rights_to_see)


def user_of(request: HttpRequest) -> User:
    """The one who is logged in; the admin's door has let nobody else in."""
    return cast(User, request.user)


def study_of(row: Any) -> Study:
    study: Study = row if isinstance(row, Study) else row.study
    return study


def sees_anything(request: HttpRequest, *rights: Right) -> bool:
    """Whether this person has one of `rights` in any study at all. One query per request at most."""
    user = user_of(request)
    if any(roles.has_everywhere(user, right) for right in rights):
        return True
    wanted = {role for role, granted in roles.RIGHTS_OF_ROLE.items() if granted & set(rights)}
    return user.is_active and bool(wanted & user.roles_held)


def forget_roles(request: HttpRequest) -> None:
    """Read the roles afresh from now on: this request has just changed them."""
    for kept in ("_roles_by_study", "roles_held"):
        with suppress(AttributeError):
            delattr(request.user, kept)
