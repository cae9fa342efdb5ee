"""Files as people hand them in: small ones written here, real ones from beside the checkout."""

import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.apps import apps

SHARED = Path(__file__).parents[2] / "shared" / "data"
HEADER = ("key", "text", "action_a", "action_b")


def shared(name: str) -> Path:
    """A real data set that is kept beside the checkout; the test is skipped where it is not."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not in ../shared/data")
    return path


def scenario_row(number: int, **cells: object) -> dict[str, object]:
    row: dict[str, object] = {
        "key": f"s{number}",
        "text": f"Situation {number}.",
        "action_a": f"You help ({number}).",
        "action_b": f"You wait ({number}).",
    }
    return row | cells


def scenario_rows(count: int, **cells: object) -> list[dict[str, object]]:
    return [scenario_row(number, **cells) for number in range(1, count + 1)]


def as_csv(rows: Sequence[Mapping[str, object]], *, columns: Sequence[str] | None = None) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns or list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_jsonl(rows: Iterable[Mapping[str, object]]) -> bytes:
    return b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)


def as_parquet(rows: Sequence[Mapping[str, object]], **options: Any) -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), file, **options)
    return file.getvalue()


def stream(content: bytes, name: str = "file.csv") -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def written(folder: Path, content: bytes, name: str = "file.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


class PowerCut(Exception):
    """The database stopped answering."""


def power_cut_at(statement: int) -> Callable[..., Any]:
    """For `connection.execute_wrapper`: so many statements are done, then nothing but going back."""
    left = iter(range(statement))

    def execute(do: Callable[..., Any], sql: str, *args: Any) -> Any:
        if not sql.startswith(("SAVEPOINT", "ROLLBACK", "RELEASE")) and next(left, None) is None:
            raise PowerCut
        return do(sql, *args)

    return execute


def database_digest() -> str:
    """Of every row of the project's own tables: equal digests, nothing was written."""
    digest = hashlib.sha256()
    for app in ("accounts", "scenarios", "annotation", "analysis"):
        for model in apps.get_app_config(app).get_models():
            for row in model._default_manager.order_by("pk").values_list().iterator():
                digest.update(repr((model.__name__, row)).encode())
    return digest.hexdigest()
