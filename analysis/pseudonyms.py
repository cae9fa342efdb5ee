"""Pure: names under which people and answers leave the database.

Invariant: without the key nobody can tell who stands behind a name, nor link names made with different keys.
Within one key a name is the same every time.
"""

import hmac
from base64 import b32encode
from dataclasses import dataclass
from typing import Final

# 10 bytes are 16 characters of base 32: that two of a million names are alike has odds below 1 in 10^12.
BYTES: Final = 10


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The names of one study (or one release) under its own key."""

    key: bytes

    def participant(self, participation_id: int) -> str:
        return f"p_{self._digest(b'participant', participation_id)}"

    def response(self, response_id: int) -> str:
        return f"r_{self._digest(b'response', response_id)}"

    def _digest(self, kind: bytes, number: int) -> str:
        digest = hmac.digest(self.key, b"%s:%d" % (kind, number), "sha256")
        return b32encode(digest[:BYTES]).decode("ascii").lower()


def study_key(secret: str, *, study_id: int, seed: int) -> bytes:
    """The key of a study's live names. A new site secret means new names."""
    return hmac.digest(secret.encode(), f"commonground.pseudonyms:{study_id}:{seed}".encode(), "sha256")
