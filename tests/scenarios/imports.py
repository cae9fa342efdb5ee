"""Importing in the tests: rows into the set `everyday`, and what the report then counts."""

from typing import Any

from django.utils import timezone

from scenarios.importing import Report, import_file
from scenarios.models import Scenario
from tests.study_files import as_jsonl, stream


def bring_in(rows: list[dict[str, object]], **options: Any) -> Report:
    return import_file(stream(as_jsonl(rows), "file.jsonl"), **{"set_name": "everyday", **options})


def counts(report: Report) -> tuple[int, int, int, int]:
    assert not report.issues, list(report.issues)
    return report.created, report.updated, report.new_versions, report.unchanged


def latest(key: str = "s1") -> Scenario:
    return Scenario.objects.get(key=key, is_latest=True)


def ask(*keys: str) -> None:
    """What the ledger does when a study asks scenarios."""
    Scenario.objects.filter(key__in=keys).update(locked_at=timezone.now())
