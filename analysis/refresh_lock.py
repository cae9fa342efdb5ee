"""One refresh of a study at a time; whoever comes second goes away at once.

The lock saves work, it does not make the result right: rows carry the revision they were read after, so two
refreshes at once would at worst compute the same twice. PostgreSQL holds it as an advisory lock of the
transaction, gone with the connection whatever happens. Elsewhere the study's Freshness row names the
holder; a holder that died is replaced after TAKEN_OVER_AFTER, and one that was only slow finds out before
it writes.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection, transaction
from django.db.models import Q

from analysis.models import Freshness

TAKEN_OVER_AFTER: Final = timedelta(minutes=2)
# Keeps these locks apart from any other use of advisory locks on the same database.
LOCK_SPACE: Final = 0x434D << 40


class TurnLost(Exception):
    """Another refresh has taken this study over; the loser must not write any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The right to refresh one study; `holder` is empty where the database itself keeps it."""

    study_id: int
    holder: str = ""

    @contextmanager
    def writing(self) -> Iterator[None]:
        """A transaction to write in. Raises TurnLost, with nothing written, if the turn has passed on."""
        with transaction.atomic():
            if self.holder:
                mine = Freshness.objects.filter(study_id=self.study_id, holder=self.holder)
                if not mine.update(holder=self.holder):
                    raise TurnLost(f"Another refresh has taken over study {self.study_id}.")
            yield


@contextmanager
def turn(study_id: int, *, now: datetime) -> Iterator[Turn | None]:
    """The turn to refresh this study, or None while somebody else has it. Never waits for them.

    On PostgreSQL the body runs in one transaction, so its results appear together. SQLite has one writer
    for the whole database: there the body must write in short `writing()` transactions, or answers would
    wait for it.
    """
    if connection.vendor == "postgresql":
        with transaction.atomic():
            yield Turn(study_id=study_id) if _advisory_lock(study_id) else None
        return
    holder = secrets.token_hex(16)
    if not _hold(study_id, holder=holder, now=now):
        yield None
        return
    try:
        yield Turn(study_id=study_id, holder=holder)
    finally:
        Freshness.objects.filter(study_id=study_id, holder=holder).update(holder="", held_at=None)


def _advisory_lock(study_id: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK_SPACE | study_id])
        return bool(cursor.fetchone()[0])


def _hold(study_id: int, *, holder: str, now: datetime) -> bool:
    Freshness.objects.bulk_create([Freshness(study_id=study_id)], ignore_conflicts=True)
    free = Freshness.objects.filter(Q(holder="") | Q(held_at__lt=now - TAKEN_OVER_AFTER), study_id=study_id)
    return free.update(holder=holder, held_at=now) == 1
