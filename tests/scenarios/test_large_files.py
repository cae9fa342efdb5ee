"""A hundred thousand rows: complete, and in memory that does not grow with the file."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROWS = 100_000
# The keys that were seen are the one thing that grows: some 10 MB. Batches and the library's caches are the rest.
MEGABYTES_ALLOWED = 90

IMPORT = """
import json, re, sys
from pathlib import Path
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from scenarios import importing
from scenarios.models import Scenario

def peak():
    # Not getrusage: its peak begins with that of the process that started this one.
    return int(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]) // 1024

importing.import_file(Path(sys.argv[1]), set_name="small")
before = peak()
report = importing.import_file(Path(sys.argv[2]), set_name="large")
grown = peak() - before
stored = Scenario.objects.filter(set__slug="large").count()
print(json.dumps({"created": report.created, "stored": stored, "grown": grown}))
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")
def test_a_hundred_thousand_rows_come_in_with_bounded_memory(tmp_path: Path) -> None:
    small = write_rows(tmp_path / "small.csv", 3_000)
    large = write_rows(tmp_path / "large.csv", ROWS)
    settings = {
        "DJANGO_SETTINGS_MODULE": "config.settings.test",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'large.sqlite3'}",
    }

    done = subprocess.run(
        [sys.executable, "-c", IMPORT, small, large],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    measured = json.loads(done.stdout.splitlines()[-1])
    print(f"{ROWS:,} rows: peak memory grew by {measured['grown']} MB")
    assert measured["created"] == measured["stored"] == ROWS
    assert measured["grown"] < MEGABYTES_ALLOWED


def write_rows(path: Path, count: int) -> Path:
    text = "You hear about it from a friend. " * 8
    with path.open("w", encoding="utf-8") as file:
        file.write("key,text,action_a,action_b,pole_a,pole_b,statement_original\n")
        for number in range(count):
            file.write(
                f"s{number},{number}: {text},You help with {number}.,You leave {number} alone.,1,-1,"
                f"I help with {number % 500}.\n"
            )
    return path
