"""Every error of the API is a problem document with the same members, whatever went wrong."""

from typing import Any

import pytest
from django.test import Client, RequestFactory
from rest_framework.exceptions import Throttled

from analysis.api.problems import problem_response
from annotation.models import Study
from tests.api.cast import Program, a_program, a_user

MEMBERS = {"type", "title", "status", "detail"}


def problem(response: Any, status: int) -> dict[str, Any]:
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert set(body) >= MEMBERS
    assert body["status"] == status
    return body


def test_without_a_token_one_is_asked_for(study: Study) -> None:
    response = Client().get("/api/v1/studies/")

    body = problem(response, 401)
    assert body["type"] == "urn:commonground:problem:not-authenticated"
    assert body["instance"] == "/api/v1/studies/"
    assert response["WWW-Authenticate"] == "Bearer"


def test_a_role_that_is_not_enough_is_said(study: Study) -> None:
    program = a_program(a_user("viewer@example.org", study=study, role="viewer"))

    body = problem(program.get(f"studies/{study.slug}/responses/"), 403)

    assert "data" in body["detail"]


def test_a_scope_that_is_missing_is_said(study: Study) -> None:
    program = a_program(a_user("importer@example.org", study=study, role="owner"), scopes="import")

    body = problem(program.get(f"studies/{study.slug}/responses/"), 403)

    assert body["type"] == "urn:commonground:problem:missing-scope"


@pytest.mark.parametrize(
    "path",
    ["studies/unknown/", "studies/unknown/responses/", "nothing/", "studies/kindness/secrets/", "/", "studies/a\nb/"],
)
def test_what_does_not_exist_is_a_problem_too(path: str, program: Program) -> None:
    body = problem(program.get(path), 404)

    assert body == {
        "type": "urn:commonground:problem:not-found",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing here, or it is not for you to see.",
    }


def test_an_address_without_its_closing_slash_leads_to_the_one_with_it(program: Program) -> None:
    response = program.get("studies")

    assert response.status_code == 301
    assert response["Location"] == "/api/v1/studies/"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_methods_that_are_not_there_are_named(method: str, study: Study, program: Program) -> None:
    response = getattr(program.client, method)(f"/api/v1/studies/{study.slug}/responses/", headers=program.headers)

    problem(response, 405)
    assert "GET" in response["Allow"]


def test_importing_wants_a_file_type_it_knows(study: Study) -> None:
    program = a_program(a_user("editor@example.org", study=study, role="editor"), scopes="import")

    response = program.post(f"studies/{study.slug}/scenarios/import/", b"{}", content_type="application/xml")

    problem(response, 415)


def test_too_many_requests_are_told_when_to_come_back() -> None:
    request = RequestFactory().get("/api/v1/studies/")

    response = problem_response(Throttled(wait=7), {"request": request})

    assert response.status_code == 429
    assert response["Retry-After"] == "7"


def test_what_we_did_not_expect_is_a_problem_without_details(
    study: Study, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.record_sources import Responses

    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the password is hunter2")

    monkeypatch.setattr(Responses, "to_records", broken)
    program.client.raise_request_exception = False

    body = problem(program.get(f"studies/{study.slug}/responses/"), 500)

    assert "hunter2" not in str(body)
