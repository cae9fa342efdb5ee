"""`make demo SERVE=0`: from an empty database to a filled study, and an exit code that tells the truth."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.redis_server import free_port
from tests.whole_site import ROOT

pytestmark = pytest.mark.slow


def demo(folder: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "manage.py", "demo"],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.development",
            "DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}",
            "REDIS_URL": "",
            "SERVE": "0",
            "PORT": str(free_port()),
            "COLUMNS": "110",
            **environment,
        },
        capture_output=True,
        text=True,
        timeout=170,
        check=False,
    )


def test_the_demonstration_fills_its_study_exactly_and_finds_it_filled_the_next_time(tmp_path: Path) -> None:
    first = demo(tmp_path)

    assert first.returncode == 0, first.stdout + first.stderr
    assert "64 of 64" in first.stdout
    assert "640" in first.stdout
    assert "common-ground-demo" in first.stdout
    second = demo(tmp_path)
    assert second.returncode == 0, second.stdout + second.stderr
    assert "filled already" in second.stdout


def test_a_port_in_use_is_said_plainly(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = demo(tmp_path, PORT=str(port))

    assert done.returncode != 0
    assert f"Port {port} is in use" in done.stderr
