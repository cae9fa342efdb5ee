"""Makes `.venv` hold exactly what requirements/<group>.txt locks, with nothing but a Python and a network.

    python3 bootstrap.py [run|dev]

`run` is what the site needs, `dev` adds what tests and checks need. A stamp inside `.venv` remembers what is
installed; while it matches, there is nothing to do and nothing heavy is imported. Standard library only, and
kept readable to Pythons from 3.7 on, so that one that is too old can still say which one to install.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

OLDEST = (3, 11)
NEWEST = (3, 14)  # the newest Python the locked versions were made for
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
STAMP = VENV / "bootstrap-stamp"
PYTHON = VENV / "bin" / "python"
GROUPS = ("run", "dev")


class CannotSetUp(Exception):
    """The machine lacks something; the message says what to do about it."""


def main(arguments: list[str]) -> int:
    group = arguments[0] if arguments else "run"
    if group not in GROUPS or len(arguments) > 1:
        print("usage: python3 bootstrap.py [run|dev]", file=sys.stderr)
        return 2
    if is_current(group):
        return 0
    try:
        set_up(group)
    except CannotSetUp as problem:
        print(f"\nCould not set up the project.\n{problem}", file=sys.stderr)
        return 1
    return 0


def is_current(group: str) -> bool:
    """Whether `.venv` already holds this group; `dev` contains everything that `run` does."""
    stamped = stamp()
    return stamped in {fingerprint(each) for each in GROUPS[GROUPS.index(group) :]}


def stamp() -> str:
    """What the last completed run wrote down, or nothing where `.venv` cannot be used."""
    if not PYTHON.exists():  # also so for a link to a Python that was removed
        return ""
    return read(STAMP)


def fingerprint(group: str) -> str:
    """Changes with the lock, the Python behind `.venv` and its place: scripts in it hold absolute paths."""
    parts = [str(VENV), read(VENV / "pyvenv.cfg"), read(requirements(group))]
    return f"{group} {hashlib.sha256(chr(0).join(parts).encode()).hexdigest()}"


def requirements(group: str) -> Path:
    return ROOT / "requirements" / f"{group}.txt"


def read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


def set_up(group: str) -> None:
    """Create `.venv` if it is missing or unusable and install the group.

    Somebody who ran the tests and now runs the demo keeps the test tools: the larger group stays.
    """
    if stamp().startswith("dev "):
        group = "dev"
    if not venv_is_usable():
        create_venv()
    STAMP.write_text(f"{group} incomplete", encoding="utf-8")  # an interrupted run must not look finished
    install(group)
    STAMP.write_text(fingerprint(group), encoding="utf-8")


def venv_is_usable() -> bool:
    """A `.venv` of a suitable Python, made at this place, with a working pip."""
    if str(VENV) not in read(VENV / "bin" / "activate"):
        return False
    return version_of(str(PYTHON), needs="pip") is not None


def create_venv() -> None:
    python, version = choose_python()
    say(f"Creating .venv with Python {dotted(version)} ({python})")
    if run([python, "-m", "venv", "--clear", str(VENV)]) != 0:
        raise CannotSetUp(f"`{python} -m venv .venv` failed; its own message is above.\n{how_to_install(version)}")


def choose_python() -> tuple[str, tuple[int, int]]:
    """The newest Python the lock was made for; a newer one where there is no other.

    Raises CannotSetUp when none can make a virtual environment, saying which of the reasons it is.
    """
    found: dict[tuple[int, int], str] = {}
    incomplete: list[tuple[str, tuple[int, int]]] = []
    for candidate in candidates():
        version = version_of(candidate, needs="venv, ensurepip")
        if version is not None:
            found.setdefault(version, candidate)
            continue
        without_venv = version_of(candidate, needs="sys")
        if without_venv is not None:
            incomplete.append((candidate, without_venv))
    if found:
        newest = max(found, key=lambda each: (each <= NEWEST, each))
        return found[newest], newest
    if incomplete:
        python, version = incomplete[0]
        raise CannotSetUp(f"{python} cannot create virtual environments.\n{how_to_install(version)}")
    raise CannotSetUp(
        f"This project needs Python {dotted(OLDEST)} or newer; this is Python {dotted(sys.version_info[:2])}"
        f" and no other was found on PATH.\n{how_to_install(NEWEST)}"
    )


def candidates() -> Iterator[str]:
    """This Python first, then every versioned name on PATH, newest first."""
    from shutil import which

    yield sys.executable
    for minor in range(NEWEST[1] + 1, OLDEST[1] - 1, -1):
        path = which(f"python3.{minor}")
        if path:
            yield path


def version_of(python: str, *, needs: str) -> tuple[int, int] | None:
    """The version of a Python that runs, is new enough and can import what is needed."""
    import subprocess

    probe = f"import sys, {needs}; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([python, "-c", probe], check=False, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    if answer.returncode != 0:
        return None
    major, minor = map(int, answer.stdout.split())
    return (major, minor) if (major, minor) >= OLDEST else None


def how_to_install(version: tuple[int, int]) -> str:
    name = f"python{dotted(version)}"
    return (
        "Install a complete Python and run the command again:\n"
        f"  Debian, Ubuntu   apt-get install python3 python3-venv    (or: {name} {name}-venv)\n"
        f"  Fedora, RHEL     dnf install {name}\n"
        f"  macOS            brew install python@{dotted(version)}"
    )


def dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def install(group: str) -> None:
    """Install with uv (fast, removes what is no longer locked); with pip where uv does not run here.

    Both check every file against the locked hashes.
    """
    say(f"Installing requirements/{group}.txt")
    python = str(PYTHON)
    pip = [python, "-m", "pip", "install", "-qq", "--disable-pip-version-check", "--require-hashes", "-r"]
    uv = [python, "-m", "uv", "pip", "sync", "--quiet", "--python", python, "--require-hashes"]
    if run([*pip, str(requirements("uv"))]) == 0 and run([*uv, str(requirements(group))]) == 0:
        return
    say("uv could not do it; trying again with pip")
    if run([*pip, str(requirements(group))]) == 0:
        return
    raise CannotSetUp(
        "The packages could not be installed; the message of pip is above.\n"
        "The first run needs a connection to the Python Package Index (or a mirror, set with PIP_INDEX_URL\n"
        "and UV_DEFAULT_INDEX). Later runs need none. Nothing is half done: run the command again."
    )


def run(command: list[str]) -> int:
    import subprocess

    # uv must take the Python it is given, not fetch one.
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never"}
    return subprocess.run(command, check=False, cwd=ROOT, env=environment).returncode


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
