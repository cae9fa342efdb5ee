"""Who may write which content in the admin: whoever may configure every study, or every study that uses the set.

Studies and memberships are reached through the names they put on sets and users, never by import: `scenarios`
knows nothing of them. Reading is open to everybody who configures some study, because content is shared.
"""

from typing import Any, Final, cast

from django.http import HttpRequest

from accounts.models import Role, User
from scenarios.models import ScenarioSet

WRITING_ROLES: Final = (Role.OWNER, Role.EDITOR)
EVERYWHERE: Final = "accounts.configure_all_studies"


def may_write_everything(request: HttpRequest) -> bool:
    """Whether this person may add and change all content, also what no study uses yet."""
    user = cast(User, request.user)
    return user.is_active and user.has_perm(EVERYWHERE)


def may_write(request: HttpRequest, target: ScenarioSet) -> bool:
    """Whether this person may change the scenarios of a set."""
    if may_write_everything(request):
        return True
    studies: Any = getattr(target, "studies")  # noqa: B009  (given to sets by the study)
    own = studies.filter(memberships__user=request.user, memberships__role__in=WRITING_ROLES)
    return bool(request.user.is_active and 0 < own.count() == studies.count())


def may_read(request: HttpRequest) -> bool:
    """Whether this person configures anything at all."""
    user = cast(User, request.user)
    if may_write_everything(request):
        return True
    return user.is_active and not user.roles_held.isdisjoint(WRITING_ROLES)
