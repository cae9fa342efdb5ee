"""The door of the admin: one log-in for the whole site, and a second factor where the site asks for it.

Invariant: nobody reaches an admin page past allauth's rate limits and two-factor step; with
`settings.ADMIN_REQUIRES_MFA` nobody without a second factor reaches one at all.
"""

from collections.abc import Callable

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

SET_UP_MFA = "mfa_activate_totp"


def guard(site: AdminSite) -> None:
    """Put the door in front of `site`; called once, where the addresses are listed."""
    has_permission = site.has_permission

    def has_permission_and_second_factor(request: HttpRequest) -> bool:
        return has_permission(request) and not lacks_second_factor(request)

    site.has_permission = has_permission_and_second_factor  # type: ignore[method-assign]
    site.login = log_in(site.login)  # type: ignore[method-assign, assignment]


def lacks_second_factor(request: HttpRequest) -> bool:
    return settings.ADMIN_REQUIRES_MFA and not is_mfa_enabled(request.user)


def log_in(admin_login: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """The site's own log-in instead of the admin's; staff without a second factor go and set one up."""
    secured: Callable[..., HttpResponseBase] = secure_admin_login(admin_login)

    def view(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        user = request.user
        if user.is_authenticated and user.is_active and user.is_staff and lacks_second_factor(request):
            messages.warning(request, _("The admin needs a second factor. Please set one up first."))
            return redirect(SET_UP_MFA)
        return secured(request, *args, **kwargs)

    return view
