"""Logs never hold who took part: no recruiter's id, no network address."""

import logging

import pytest
from django.test import Client

from tests import cast


@pytest.mark.django_db
@pytest.mark.parametrize("slug", ["pilot", "missing"])
def test_an_entry_link_leaves_no_trace_of_the_person(slug: str, caplog: pytest.LogCaptureFixture) -> None:
    cast.make_study("pilot")
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="django_structlog")

    Client().get(f"/s/{slug}/?PROLIFIC_PID=secret-person&SESSION_ID=secret-session", REMOTE_ADDR="192.0.2.77")

    lines = " ".join(record.getMessage() for record in caplog.records)
    assert f"/s/{slug}/" in lines
    assert "secret-" not in lines
    assert "192.0.2.77" not in lines
