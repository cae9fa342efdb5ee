"""Where the browser of the browser tests is, and how it is started."""

import os
import shutil
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

FLAGS = [
    "--no-sandbox",  # the sandbox needs rights that containers and root do not have
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # The browser shall talk to the site under test and to nobody else.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> Path | None:
    """The browser named by CHROMIUM, else the first installed one, else none."""
    named = os.environ.get("CHROMIUM", "")
    if named:
        return Path(named)
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return Path(path)
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    return mac if mac.exists() else None
