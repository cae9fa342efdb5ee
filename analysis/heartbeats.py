"""Signs of life of the background processes, and how old they are.

Owns the rows of Heartbeat. Three names, each of which only the thing itself can keep young:

    worker:<host>:<pid>    written by a worker process while it handles a task
    beat                   the moment the clock sent a message, carried by the message and written by whoever
                           handles it: without a worker nobody hears the clock
    aggregation            written after a sweep that left no study behind
"""

import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from analysis.models import Heartbeat

CLOCK: Final = "beat"
AGGREGATION: Final = "aggregation"
WORKER: Final = "worker:"
KEPT: Final = timedelta(days=1)
DATABASE: Final = "default"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """Seconds since each was last alive; None: never seen. `worker` is the liveliest of them."""

    worker: float | None
    clock: float | None
    aggregation: float | None


def worker_name() -> str:
    """The name of this process as a worker."""
    return f"{WORKER}{socket.gethostname()}:{os.getpid()}"[:120]


def record(name: str, *, seen_at: datetime) -> None:
    """Write down that `name` was alive, in one statement."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, seen_at=seen_at)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["seen_at"],
    )


def forget_departed(*, now: datetime) -> None:
    """Delete the rows of processes that have been silent for a day: every restart brings a new name."""
    Heartbeat.objects.filter(seen_at__lt=now - KEPT).delete()


def ages(*, now: datetime, database: str = DATABASE) -> Ages:
    """How long ago a worker, the clock and a complete aggregation were last heard of."""
    seen = dict(Heartbeat.objects.using(database).values_list("name", "seen_at"))
    workers = [at for name, at in seen.items() if name.startswith(WORKER)]
    return Ages(
        worker=_age(max(workers, default=None), now=now),
        clock=_age(seen.get(CLOCK), now=now),
        aggregation=_age(seen.get(AGGREGATION), now=now),
    )


def _age(seen_at: datetime | None, *, now: datetime) -> float | None:
    return None if seen_at is None else max(0.0, (now - seen_at).total_seconds())
