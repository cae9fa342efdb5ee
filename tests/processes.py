"""Real processes of the project on the database of the running test.

The test needs `transaction=True`: another process sees only what is committed.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit, urlunsplit

from django.db import connection

T = TypeVar("T")

ROOT: Final = Path(__file__).parents[1]
BIN: Final = Path(sys.executable).parent
STOP_SECONDS: Final = 15.0


def database_url() -> str:
    """Where another process finds the database of this test."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlunsplit(urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}"))


@contextmanager
def running(
    command: Sequence[str], *, log: Path, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """A process of the project; stopped with SIGTERM at the end, its output in `log`.

    Nothing of this machine's own settings reaches it: only `environment`, and the database of the test.
    """
    inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    settings = {"DATABASE_URL": database_url(), "PYTHONUNBUFFERED": "1", **environment}
    with log.open("ab") as output:
        process = subprocess.Popen(
            list(command),
            cwd=ROOT,
            env={**inherited, **settings},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> float:
    """End a process as an operator would; returns the seconds it took. Killed after STOP_SECONDS."""
    started = time.monotonic()
    process.terminate()
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return time.monotonic() - started


def wait_until(condition: Callable[[], T], *, seconds: float, log: Path) -> T:
    """The first truthy value of `condition`; fails with the process's output if there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"Nothing within {seconds} s. The process said:\n{log.read_text()[-4000:]}")
        time.sleep(0.1)
