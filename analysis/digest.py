"""One number that says whether two sets of derived tables are the same.

Owns the canonical form. Rows are named by slugs and keys and sorted as text, so the digest is the same on
every database and after a restore; ids and the time of computation stay out. Floats are cut to 12
significant digits: what lies beyond is rounding of the processor, not data.
"""

import hashlib
import json
from collections.abc import Iterable
from typing import Any, Final

from django.db.models import Model

from analysis.models import Agreement, Distribution

SIGNIFICANT_DIGITS: Final = 12

_NOT_CONTENT: Final = frozenset({"id", "study", "scenario", "updated_at"})
_SCENARIO: Final = ("scenario__set__slug", "scenario__key", "scenario__version")


def of_distributions(study_id: int) -> str:
    """SHA-256 of everything stored about the study's distributions, revisions included."""
    columns = (*_SCENARIO, *_content(Distribution))
    rows = Distribution.objects.filter(study_id=study_id).order_by().values(*columns)
    return _digest(rows.iterator())


def of_agreement(study_id: int) -> str:
    """SHA-256 of everything stored about the study's agreement."""
    rows = Agreement.objects.filter(study_id=study_id).order_by().values(*_content(Agreement))
    return _digest(rows.iterator())


def _content(model: type[Model]) -> list[str]:
    return [field.name for field in model._meta.concrete_fields if field.name not in _NOT_CONTENT]


def _digest(rows: Iterable[dict[str, Any]]) -> str:
    lines = sorted(_line(row) for row in rows)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _line(row: dict[str, Any]) -> str:
    plain = {column: _rounded(value) for column, value in row.items()}
    return json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _rounded(value: Any) -> Any:
    return f"{value:.{SIGNIFICANT_DIGITS}g}" if isinstance(value, float) else value
