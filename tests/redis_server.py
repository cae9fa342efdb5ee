"""A Redis for the tests: the one REDIS_URL names, else one started for this run, else an imitation.

The imitation covers the transport where no server is installed. It says so, and does not count where services
are required.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import redis
from fakeredis import TcpFakeServer

START_SECONDS = 10


@dataclass(frozen=True)
class Redis:
    url: str
    source: str
    is_real: bool


@contextmanager
def redis_server() -> Iterator[Redis]:
    """The first Redis there is. Raises redis.ConnectionError where the one of REDIS_URL does not answer."""
    given = os.environ.get("REDIS_URL", "")
    if given:
        with redis.Redis.from_url(given, socket_timeout=5) as client:
            client.ping()
        yield Redis(given, "REDIS_URL", is_real=True)
        return
    program = shutil.which("redis-server")
    if program is None:
        with imitation() as url:
            yield Redis(url, "fakeredis, an imitation", is_real=False)
        return
    with private_server(program) as url:
        yield Redis(url, f"a server started from {program}", is_real=True)


@contextmanager
def private_server(program: str) -> Iterator[str]:
    """A server on a free port of this machine that keeps nothing on disk."""
    port = free_port()
    url = f"redis://127.0.0.1:{port}/0"
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        process = subprocess.Popen(
            [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            wait_until_it_answers(url)
            yield url
        finally:
            process.terminate()
            process.wait(timeout=START_SECONDS)


@contextmanager
def imitation() -> Iterator[str]:
    server = TcpFakeServer(("127.0.0.1", free_port()), server_type="redis")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"redis://127.0.0.1:{server.server_address[1]}/0"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=START_SECONDS)


def wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with redis.Redis.from_url(url, socket_timeout=1) as client:
                client.ping()
            return
        except redis.ConnectionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port
