"""The demonstration's web site: one process with the worker and the clock inside, started and stopped by us."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from analysis.demonstration.content import DemonstrationFailed

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30


@contextmanager
def running(*, port: int, log: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Serve on 127.0.0.1:`port` until the block ends. Raises DemonstrationFailed where that is not possible."""
    _check_port(port)
    command = [
        str(Path(sys.executable).with_name("granian")),
        *("--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "1", "--blocking-threads", "2", "--log-level", "warning"),
        "config.wsgi:application",
    ]
    environment = {**os.environ, "EMBEDDED_WORKER": "1", "PYTHONUNBUFFERED": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603  (our own server, no outside input)
            command,
            cwd=ROOT,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            _wait_until_ready(process, port=port, log=log)
            yield process
        finally:
            _stop(process)


def _check_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise DemonstrationFailed(
                f"Port {port} is in use by another program. Choose another one: make demo PORT={port + 1}"
            ) from None


def _wait_until_ready(process: "subprocess.Popen[bytes]", *, port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])
    raise DemonstrationFailed(f"The site did not start. Its last words (all of them in {log}):\n{tail}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
