"""The worker and the clock in threads of the web process: one command, no Redis.

They run the same tasks on the same schedule as separate processes would, with messages in memory. Invariant:
nothing depends on them. What they had not done when the process ends, the next process finds in the database;
where two processes do this on one database, locks there keep their work apart. They never hold up the end of
the process for longer than the task that is running.
"""

import logging
import os
import threading
import time
from typing import Final

from celery.beat import Scheduler, Service
from celery.worker import WorkController

from config.celery import app

# Two, so that a long refresh does not keep expired seats from being handed back.
CONCURRENCY: Final = 2
RESTART_SECONDS: Final = 5.0

_guard = threading.Lock()
_started_in: int | None = None


def start() -> None:
    """Start worker and clock, once per process; later calls do nothing. Returns at once.

    Call it where requests are served, never in a management command or in the parent of a reloader.
    """
    global _started_in  # noqa: PLW0603  (a process has one embedded worker, and a fork of it has none)
    with _guard:
        if _started_in == os.getpid():
            return
        _started_in = os.getpid()
    # The server has checked the project already; remote control has no one to talk to in memory.
    os.environ.update(CELERY_SKIP_CHECKS="1")
    app.conf.worker_enable_remote_control = False
    # Three lines for every message would bury the server's own; Heartbeat and /readyz show that it runs.
    logging.getLogger("celery").setLevel(logging.WARNING)
    threading.Thread(target=_work, name="embedded worker", daemon=True).start()
    # This scheduler keeps its state in memory: nothing is written beside the database.
    clock = Service(app, scheduler_cls=Scheduler)
    threading.Thread(target=clock.start, name="embedded clock", daemon=True).start()


def _work() -> None:
    while True:
        # WorkController installs no signal handlers; the server's own stay in force.
        worker = WorkController(
            app=app,
            hostname=f"embedded-{os.getpid()}@localhost",
            pool="threads",
            concurrency=CONCURRENCY,
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
        )
        worker.start()
        # It only returns after an error that it could not handle, and has logged it.
        time.sleep(RESTART_SECONDS)
