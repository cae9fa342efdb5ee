"""The API keeps to its own description, and whatever it is asked, it never answers with an error of ours."""

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from analysis.records import SCHEMAS
from annotation.models import Study
from tests.api.cast import Program, a_program, a_user

CASES = int(os.environ.get("API_CASES", "8"))
PATHS = [
    "/api/v1/studies/",
    "/api/v1/studies/{study}/",
    "/api/v1/studies/{study}/agreement/",
    "/api/v1/studies/{study}/distributions/",
    "/api/v1/studies/{study}/exclusions/",
    "/api/v1/studies/{study}/participants/",
    "/api/v1/studies/{study}/responses/",
    "/api/v1/studies/{study}/scenarios/",
    "/api/v1/studies/{study}/scenarios/import/",
]
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


@pytest.fixture
def everything(study: Study) -> Program:
    return a_program(a_user("root@example.org", is_superuser=True), scopes="read,release,import")


@pytest.fixture
def described(everything: Program) -> Iterator[Any]:
    """The API as its schema describes it, called inside the test's own transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield schemathesis.openapi.from_wsgi("/api/schema/", get_wsgi_application())
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: str(mode.value))
@pytest.mark.parametrize("path", PATHS)
def test_whatever_is_asked_the_answer_is_as_described(
    path: str, mode: GenerationMode, described: Any, everything: Program
) -> None:
    method = "POST" if path.endswith("import/") else "GET"

    @settings(max_examples=CASES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=described[path][method].as_strategy(generation_mode=mode))
    def answers_as_described(case: Any) -> None:
        if len(str(case.path_parameters.get("study", ""))) % 2:  # half of them ask for a study that is there
            case.path_parameters["study"] = "kindness"
        response = case.call(headers=everything.headers)
        case.validate_response(response, checks=CHECKS)

    answers_as_described()


def document(program: Program) -> dict[str, Any]:
    found: dict[str, Any] = program.client.get("/api/schema/", headers={"Accept": "application/json"}).json()
    return found


def test_every_address_and_every_kind_of_record_is_described(program: Program) -> None:
    described = document(program)

    assert sorted(described["paths"]) == PATHS
    for kind in SCHEMAS:
        assert f"{kind.kind}_list" in str(described["paths"])


def test_lists_are_described_in_all_their_forms(program: Program) -> None:
    answers = document(program)["paths"]["/api/v1/studies/{study}/responses/"]["get"]["responses"]

    assert set(answers["200"]["content"]) == {
        "application/json",
        "text/csv",
        "application/x-ndjson",
        "application/vnd.apache.parquet",
    }
    assert {"400", "401", "403", "404", "406", "429"} < set(answers)
    assert set(answers["404"]["content"]) == {"application/problem+json"}


def test_tokens_are_described_as_bearer_tokens(program: Program) -> None:
    schemes = document(program)["components"]["securitySchemes"]

    assert schemes["token"]["type"] == "http"
    assert schemes["token"]["scheme"] == "bearer"


def test_the_page_loads_nothing_from_elsewhere_and_alone_allows_inline_styles(program: Program) -> None:
    page = program.client.get("/api/docs/")
    script = program.client.get("/api/docs/?script=")

    assert page.status_code == script.status_code == 200
    assert "//" not in page.content.decode().replace("http://testserver/", "").replace("<!--", "")
    assert "'unsafe-inline'" in page["Content-Security-Policy"].split("style-src")[1].split(";")[0]
    assert "unsafe-inline" not in page["Content-Security-Policy"].split("script-src")[1].split(";")[0]
    assert "unsafe-inline" not in program.get("studies/")["Content-Security-Policy"]
