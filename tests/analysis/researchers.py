"""People who read a study's results, and a study with something to read.

Six scenarios about helping, four answers each: two united on helping, two divided, two united against it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.models import StudyMembership, User
from analysis import aggregation, heartbeats
from annotation.models import Study
from scenarios.models import Scenario, Trait
from tests.analysis.factories import make_study, vote

VOTES = {"s1": "aaaa", "s2": "aaan", "s3": "aabb", "s4": "aabx", "s5": "bbbb", "s6": "bbbn"}
SITUATIONS = {
    "s1": "A neighbour carries a crate up the stairs.",
    "s2": "A stranger drops her keys on the platform.",
    "s3": "A colleague asks for the third favour this week.",
    "s4": "A cousin wants to borrow the car again.",
    "s5": "A caller offers a prize for your password.",
    "s6": "A man you do not know asks to come in.",
}


def member(study: Study, role: str, *, email: str = "") -> User:
    user = User.objects.create_user(email or f"{role}@example.org", "a long password", is_staff=role == "editor")
    StudyMembership.objects.create(study=study, user=user, role=role)
    return user


def make_read_study(slug: str = "helping", **fields: Any) -> Study:
    """An open study with its results computed and a worker alive."""
    study = make_study(
        slug, scenarios=6, traits=("kindness",), **{"title": "Helping & others", "state": "open", **fields}
    )
    for key, text in SITUATIONS.items():
        blocks = [{"type": "text", "text": text}]
        Scenario.objects.filter(set__slug=f"{slug}-set", key=key).update(blocks=blocks)
    Trait.objects.filter(key="kindness").update(name="Kindness", positive_label="kind", negative_label="cool")
    for key, choices in VOTES.items():
        vote(study, key, choices)
    refresh(study)
    return study


def refresh(study: Study, *, now: datetime | None = None) -> None:
    """Compute the results; a worker has just been heard of, and will be for the next hour."""
    now = now or timezone.now()
    aggregation.refresh(study.pk, now=now)
    heartbeats.record(heartbeats.worker_name(), seen_at=now + timedelta(hours=1))
