"""API tokens: how a program proves who sent it, and what it was sent for.

Invariant: only a digest is stored; a token narrows what its user may do (to scopes, and if set to one study)
and never widens it. Whatever stands in the header, the answer is a user or 401, never an error of ours.
"""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final, cast

from django.db import OperationalError
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from annotation.models import Study

SCOPES: Final = ("read", "release", "import")
LONGEST_DAYS: Final = 366
USE_NOTED_EVERY: Final = timedelta(minutes=1)
TOKEN_FORM: Final = re.compile(rb"[0-9a-f]{64}")


class InvalidTokenRequest(ValueError):
    """A token of this kind cannot be made; the message says why."""


def create_token(
    user: User, *, study: Study | None, scopes: Iterable[str], days: int, label: str = ""
) -> tuple[ApiToken, str]:
    """A new token and its secret text, which is shown once and stored nowhere. Raises InvalidTokenRequest."""
    wanted = set(scopes)
    unknown = wanted - set(SCOPES)
    if unknown or not wanted:
        named = ", ".join(sorted(unknown)) or "none"
        raise InvalidTokenRequest(f"Scopes are some of {', '.join(SCOPES)}; not: {named}.")
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidTokenRequest(f"A token lives from 1 to {LONGEST_DAYS} days, not {days}.")
    ordered = ",".join(scope for scope in SCOPES if scope in wanted)
    # Knox's manager takes how long the token lives, and answers with the row and the secret.
    created = ApiToken.objects.create(
        user=user,
        expiry=timedelta(days=days),  # type: ignore[misc]
        study=study,
        scopes=ordered,
        label=label[:80],
    )
    return cast(tuple[ApiToken, str], created)


class BearerAuthentication(TokenAuthentication):  # type: ignore[misc]  # knox ships no types
    """`Authorization: Bearer <token>`. One message for every refusal: it does not tell guesses apart."""

    refusal = _("The token is unknown, expired or revoked.")

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        try:
            return cast("tuple[User, ApiToken] | None", super().authenticate(request))
        except UnicodeError as error:
            raise AuthenticationFailed(self.refusal) from error

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        if not TOKEN_FORM.fullmatch(token):
            raise AuthenticationFailed(self.refusal)
        text = token.decode("ascii")
        digest = hash_token(text)
        now = timezone.now()
        candidates = ApiToken.objects.filter(token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH])
        for known in candidates.select_related("user", "study"):
            if not compare_digest(digest, known.digest):
                continue
            if known.user.is_active and (known.expiry is None or known.expiry > now):
                note_use(known, now=now)
                return known.user, known
        raise AuthenticationFailed(self.refusal)


def note_use(token: ApiToken, *, now: datetime) -> None:
    """Remember that `token` was used, at most once a minute: reading the API must not become writing."""
    earlier = now - USE_NOTED_EVERY
    if token.last_used_at is not None and token.last_used_at > earlier:
        return
    same = ApiToken.objects.filter(Q(last_used_at=None) | Q(last_used_at__lte=earlier), pk=token.pk)
    # A busy database is no reason to refuse a valid token.
    with suppress(OperationalError):
        same.update(last_used_at=now)
