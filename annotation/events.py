"""The event log: one line for everything that happens to a participation or a study. Append-only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from annotation.models import Event


def record(
    kind: str,
    *,
    study_id: int,
    now: datetime,
    participation_id: int | None = None,
    actor_id: int | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write down that `kind` happened; called inside the transaction that made it happen."""
    Event.objects.create(
        kind=kind,
        study_id=study_id,
        participation_id=participation_id,
        actor_id=actor_id,
        data=dict(data or {}),
        happened_at=now,
    )
