"""Recorded answers as the tests write them: rows, the import, and what the log and the ledger then say."""

from datetime import datetime, timedelta
from typing import Any

from annotation.models import Study
from annotation.recorded_answers import Report, import_file
from tests import cast
from tests.cast import NOON
from tests.study_files import as_jsonl, stream


def row(who: str, choice: str = "a", *, scenario: str = "s1", **cells: object) -> dict[str, object]:
    return {"scenario": scenario, "participant": who, "choice": choice, **cells}


def at(minute: int) -> str:
    return (NOON - timedelta(days=1) + timedelta(minutes=minute)).isoformat()


def record(study: Study, *rows: dict[str, object], now: datetime = NOON, **options: Any) -> Report:
    return import_file(stream(as_jsonl(rows), "file.jsonl"), study=study, now=now, **options)


def recorded(study: Study, *rows: dict[str, object], **options: Any) -> Report:
    report = record(study, *rows, **options)
    assert not report.issues, list(report.issues)
    return report


def problems(study: Study, *rows: dict[str, object]) -> list[tuple[int | None, str, str]]:
    return [(issue.row, issue.column, issue.code) for issue in record(study, *rows).issues]


def log(study: Study) -> list[tuple[str, str, str]]:
    """(participant, choice, standing) in the order of the log."""
    answers = study.responses.order_by("id").values_list("participation__identity__person_id", "choice", "standing")
    return list(answers)


def assert_counters_equal_the_log(study: Study) -> None:
    cast.assert_ledger_is_sound(study)
    for person in study.participations.all():
        assert person.tasks_answered == person.responses.exclude(standing="replaced").count()
