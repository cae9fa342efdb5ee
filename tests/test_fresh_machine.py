"""What somebody on a fresh machine sees of bootstrap.py, above all when something is missing."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what bootstrap.py works on, without any environment."""
    shutil.copy(ROOT / "bootstrap.py", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def bootstrap(project: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "bootstrap.py", *arguments],
        cwd=project,
        env={**os.environ, **environment},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_an_unknown_group_is_refused_with_the_usage(project: Path) -> None:
    done = bootstrap(project, "everything")

    assert done.returncode == 2
    assert "bootstrap.py [run|dev]" in done.stderr


def test_a_python_without_venv_is_told_what_to_install(project: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "ensurepip.py").write_text("raise ImportError")

    done = bootstrap(project, "dev", PYTHONPATH=str(broken), PATH=os.defpath)

    assert done.returncode == 1
    assert "cannot create virtual environments" in done.stderr
    assert "apt-get install python3 python3-venv" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_machine_without_a_network_is_told_so_and_may_try_again(project: Path) -> None:
    nowhere = "http://127.0.0.1:9/simple"

    done = bootstrap(
        project,
        "run",
        PIP_INDEX_URL=nowhere,
        PIP_EXTRA_INDEX_URL="",
        PIP_CONFIG_FILE=os.devnull,
        PIP_RETRIES="0",
        PIP_NO_CACHE_DIR="1",
    )

    assert done.returncode == 1
    assert "needs a connection" in done.stderr
    assert "run the command again" in done.stderr
    assert (project / ".venv" / "bootstrap-stamp").read_text() == "run incomplete"
