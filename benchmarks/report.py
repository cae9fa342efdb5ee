"""What every benchmark says about itself: the machine, the seed, medians with their spread."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

RESULTS = Path(__file__).parent / "results"


def spread(values: Sequence[float], digits: int = 0) -> str:
    """Median and range of repeated runs, as in `512 [498-530]`."""
    low, middle, high = min(values), median(values), max(values)
    return f"{middle:.{digits}f} [{low:.{digits}f}-{high:.{digits}f}]"


def machine() -> dict[str, Any]:
    return {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def publish(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, str]], raw: Mapping[str, Any]) -> Path:
    """Print the table and write everything measured to `results/<name>.json`; returns the file."""
    table = Table(title=name, title_justify="left")
    for column in columns:
        table.add_column(column, justify="right")
    for row in rows:
        table.add_row(*(row.get(column, "") for column in columns))
    Console(width=120).print(table)
    RESULTS.mkdir(exist_ok=True)
    target = RESULTS / f"{name}.json"
    target.write_text(json.dumps({"machine": machine(), **raw}, indent=2) + "\n", encoding="utf-8")
    return target
