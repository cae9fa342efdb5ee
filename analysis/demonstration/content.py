"""What the demonstration works on: our own pack, a study over it, and two people who may log in."""

import json
from datetime import datetime
from pathlib import Path
from typing import Final

from accounts.models import Role, StudyMembership, User
from annotation import configuration, life_cycle
from annotation.models import Study
from scenarios.importing import import_file

PACKS: Final = Path(__file__).resolve().parents[2] / "scenarios" / "packs"
ADMIN: Final = "admin@commonground.example"
RESEARCHER: Final = "researcher@commonground.example"
# Known to everybody on purpose: the demonstration listens on this machine only.
PASSWORD: Final = "common-ground-demo"  # noqa: S105

DOOR: Final = {
    "slug": "try-it",
    "title": "Try it yourself",
    "quota": "unlimited",
    "tasks_per_annotator": 8,
    "estimated_minutes": 4,
    "completion_code": "THANK-YOU",
    "checks": {"attention": 1, "practice": 1, "repeats": 0},
}


class DemonstrationFailed(Exception):
    """The demonstration cannot go on; the message says why and what to do."""


def prepare(*, now: datetime) -> Study:
    """The open demonstration study; made on the first call, found on the next."""
    document = json.loads((PACKS / "everyday.study.json").read_text(encoding="utf-8"))
    study = Study.objects.filter(slug=document["slug"]).first()
    if study is None or study.state == "draft":
        report = import_file(PACKS / "everyday.jsonl", set_name="everyday")
        if not report.is_written:
            raise DemonstrationFailed(f"The shipped scenarios could not be imported: {report.as_dict()['issues']}")
        study = configuration.import_study(document, now=now)
    if study.state == "draft":
        life_cycle.open_study(study, now=now)
    _people(study)
    return study


def prepare_door(*, now: datetime) -> Study:
    """A small study without limit over the same scenarios, so that whoever looks around can take part."""
    study = Study.objects.filter(slug=DOOR["slug"]).first()
    if study is None or study.state == "draft":
        document = json.loads((PACKS / "everyday.study.json").read_text(encoding="utf-8"))
        study = configuration.import_study({**document, **DOOR}, now=now)
        life_cycle.open_study(study, now=now)
    _people(study)
    return study


def _people(study: Study) -> None:
    admin = User.objects.filter(email=ADMIN).first() or User.objects.create_superuser(
        ADMIN, PASSWORD, name="Demo admin"
    )
    researcher = User.objects.filter(email=RESEARCHER).first() or User.objects.create_user(
        RESEARCHER, PASSWORD, name="Demo researcher"
    )
    StudyMembership.objects.get_or_create(study=study, user=admin, defaults={"role": Role.OWNER})
    StudyMembership.objects.get_or_create(study=study, user=researcher, defaults={"role": Role.ANALYST})
