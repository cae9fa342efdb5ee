"""A whole site as in production: web, worker and clock, each a process of its own. For tests and benchmarks."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.redis_server import free_port

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
PATIENCE = 40


@dataclass(slots=True)
class Site:
    """A running site: `url` answers, `environment` is what its processes see."""

    url: str
    environment: dict[str, str]
    folder: Path
    processes: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def manage(self, *arguments: str, timeout: float = 300) -> str:
        """Run a management command against the site's database; returns its output, fails with it."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert done.returncode == 0, f"{arguments} failed:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def get(self, path: str, *, token: str = "") -> str:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        request = urllib.request.Request(self.url + path, headers=headers)  # noqa: S310  (our own site)
        with urllib.request.urlopen(request, timeout=60) as reply:  # noqa: S310
            return str(reply.read().decode())

    def start(self, name: str, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(BIN / command[0]), *command[1:]], cwd=ROOT, env=self.environment, stdout=log, stderr=log
            )

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self.get("/healthz")
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < deadline, (self.folder / "web.log").read_text()
                time.sleep(0.1)
            else:
                return

    def stop(self) -> None:
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def start_web(site: Site, *, workers: int = 2) -> None:
    port = site.url.rsplit(":", 1)[1]
    site.start(
        "web",
        *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", port),
        *("--workers", str(workers), "--blocking-threads", "4", "--log-level", "warning"),
        "config.wsgi:application",
    )


def start_worker(site: Site) -> None:
    site.start("worker", "celery", "-A", "config", "worker", "--concurrency", "1", "--loglevel", "WARNING")


def start_beat(site: Site) -> None:
    schedule = site.folder / "beat"
    site.start("beat", "celery", "-A", "config", "beat", "--schedule", str(schedule), "--loglevel", "WARNING")


@contextmanager
def running_site(
    *,
    database: str,
    redis: str,
    folder: Path,
    has_background: bool = True,
    extra: Mapping[str, str] | None = None,
) -> Iterator[Site]:
    """Web, worker and clock as separate processes on this database and Redis, migrated and answering.

    Without `has_background` only the web processes run.
    """
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "config.settings.production",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "EMBEDDED_WORKER": "",
        "SECRET_KEY": "a secret of tests that is long enough to be taken for a real one",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECURE_SSL_REDIRECT": "0",
        "SECURE_COOKIES": "0",
        "STATIC_ROOT": str(folder / "static"),
        "LOG_LEVEL": "WARNING",
        **(extra or {}),
    }
    site = Site(url=f"http://127.0.0.1:{free_port()}", environment=environment, folder=folder)
    site.manage("migrate", "--verbosity", "0")
    site.manage("collectstatic", "--noinput", "--verbosity", "0")
    try:
        start_web(site)
        if has_background:
            start_worker(site)
            start_beat(site)
        site.wait_until_it_answers()
        yield site
    finally:
        site.stop()


def wait_for(condition: Callable[[], bool], *, seconds: float = 60, what: str = "it") -> None:
    """Poll `condition()` until it is true; fails with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds} s"
        time.sleep(0.25)
