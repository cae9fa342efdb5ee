"""What a test needs from the machine, and what happens where it is missing.

On a developer's machine a test that cannot run is skipped, with its reason in the summary. Where
REQUIRE_SERVICES=1 is set, as in continuous integration, the same test fails: a skip there would hide it.
"""

import os

import pytest


def services_are_required() -> bool:
    return os.environ.get("REQUIRE_SERVICES", "") == "1"


def need(name: str, *, available: bool, reason: str) -> None:
    """Return if `name` is available, else skip the running test, or fail it where services are required."""
    if available:
        return
    if services_are_required():
        pytest.fail(f"{name} is required here (REQUIRE_SERVICES=1): {reason}", pytrace=False)
    pytest.skip(f"{name} is missing: {reason}")
