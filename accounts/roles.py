"""Who may do what in which study: one table, and the two questions everything else asks.

Invariant: without a membership, a permission for all studies or the superuser flag, nobody may do anything.
The staff flag opens the admin's door and gives no right behind it; somebody not active has no rights at all.
"""

from typing import Final, Literal, TypeAlias

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts.models import Role, StudyMembership, User
from annotation.models import Study

Right = Literal["progress", "configure", "review", "data", "release", "manage"]
Visitor: TypeAlias = User | AnonymousUser

RIGHTS: Final[tuple[Right, ...]] = ("progress", "configure", "review", "data", "release", "manage")

RIGHTS_OF_ROLE: Final[dict[str, frozenset[Right]]] = {
    Role.OWNER: frozenset(RIGHTS),
    Role.EDITOR: frozenset({"progress", "configure", "review"}),
    Role.ANALYST: frozenset({"progress", "data", "release"}),
    Role.VIEWER: frozenset({"progress"}),
}

# Django permissions that stand for a role in every study, those of tomorrow included.
RIGHTS_OF_PERMISSION: Final[dict[str, frozenset[Right]]] = {
    "accounts.read_all_studies": RIGHTS_OF_ROLE[Role.ANALYST],
    "accounts.configure_all_studies": frozenset({"progress", "configure"}),
}


def can(user: Visitor, study: Study, right: Right) -> bool:
    """Whether `user` has `right` in `study`. Memberships are read once per user object: per request."""
    if not isinstance(user, User) or not user.is_active:
        return False
    if user.is_superuser:
        return True
    role = _roles_by_study(user).get(study.pk, "")
    return right in RIGHTS_OF_ROLE.get(role, frozenset()) or has_everywhere(user, right)


def studies_for(user: Visitor, right: Right) -> QuerySet[Study]:
    """The studies in which `user` has `right`."""
    if not isinstance(user, User) or not user.is_active:
        return Study.objects.none()
    if has_everywhere(user, right):
        return Study.objects.all()
    roles = [role for role, rights in RIGHTS_OF_ROLE.items() if right in rights]
    return Study.objects.filter(memberships__user=user, memberships__role__in=roles)


def has_everywhere(user: User, right: Right) -> bool:
    """Whether `user` has `right` in all studies, whatever their memberships."""
    if user.is_superuser:
        return user.is_active
    return any(right in rights and user.has_perm(permission) for permission, rights in RIGHTS_OF_PERMISSION.items())


def _roles_by_study(user: User) -> dict[int, str]:
    """Kept on the user object, as Django keeps its own permissions there: a request has its own object."""
    known: dict[int, str] | None = getattr(user, "_roles_by_study", None)
    if known is None:
        memberships = StudyMembership.objects.filter(user=user)
        known = dict(memberships.values_list("study_id", "role"))
        user._roles_by_study = known  # type: ignore[attr-defined]  # our own cache, like Django's _perm_cache
    return known
