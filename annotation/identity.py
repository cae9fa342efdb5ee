"""Keyed digests: how a person or an arrival is recognised again without storing who it is.

Invariant: ids of recruiters appear only in `Identity`; everywhere else stands a digest that cannot be reversed
without the site's secret.
"""

from django.utils.crypto import salted_hmac

SALT = "commonground.identity"


def digest(*parts: str) -> str:
    """64 hex digits for an ordered list of texts; equal parts, equal digest."""
    framed = "".join(f"{len(part)}:{part}" for part in parts)
    return salted_hmac(SALT, framed, algorithm="sha256").hexdigest()
