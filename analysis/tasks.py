"""Background work of the analysis app: sweeps over the database, safe to lose and safe to run twice."""

import logging
import time
from datetime import UTC, datetime, timedelta
from typing import Final

from celery import shared_task

from analysis import aggregation, heartbeats
from annotation.models import Study

logger = logging.getLogger(__name__)

# A sweep starts no further study after this; the next one goes on with the longest neglected.
SWEEP_SECONDS: Final = 20.0
# Distributions follow at every sweep. Agreement resamples the whole study, in large ones for seconds, and nobody
# reads it by the second.
AGREEMENT_EVERY: Final = timedelta(seconds=10)


@shared_task(name="analysis.tasks.refresh_stale")
def refresh_stale() -> None:
    """Refresh every study that is behind its ledger. One that fails is logged and keeps back no other."""
    stop_at = time.monotonic() + SWEEP_SECONDS
    is_complete = True
    for study_id in aggregation.stale_studies():
        if time.monotonic() > stop_at:
            return
        is_complete &= _refresh(study_id)
    if is_complete:
        heartbeats.record(heartbeats.AGGREGATION, seen_at=datetime.now(UTC))


@shared_task(name="analysis.tasks.refresh_study")
def refresh_study(*, study_id: int) -> None:
    """Refresh one study now instead of at the next sweep."""
    _refresh(study_id)


@shared_task(name="analysis.tasks.heartbeat")
def heartbeat(*, sent_at: datetime) -> None:
    """Write down that this worker lives, and when the clock sent the message that says so."""
    now = datetime.now(UTC)
    heartbeats.record(heartbeats.worker_name(), seen_at=now)
    heartbeats.record(heartbeats.CLOCK, seen_at=sent_at)
    heartbeats.forget_departed(now=now)


def _refresh(study_id: int) -> bool:
    try:
        aggregation.refresh(study_id, now=datetime.now(UTC), agreement_every=AGREEMENT_EVERY)
    except Study.DoesNotExist:
        logger.info("Study %s is gone; there is nothing to refresh.", study_id)
    except Exception:
        logger.exception("Refreshing the aggregates of study %s failed; the next sweep tries again.", study_id)
        return False
    return True
