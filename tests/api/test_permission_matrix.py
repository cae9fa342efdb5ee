"""Every route x method x role x state of the token. A route that is not in the table fails the test."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern
from django.utils import timezone

from accounts.models import ApiToken, Role, User
from analysis.api.urls import urlpatterns
from annotation.models import Study
from tests.api.cast import Program, a_program, a_user

CSV = b"key,text,action_a,action_b\nnew,A situation.,Go,Stay\n"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
EVERYBODY = frozenset({"owner", "editor", "analyst", "viewer", "site reader", "site editor", "superuser"})
READERS = frozenset({"owner", "analyst", "site reader", "superuser"})
WRITERS = frozenset({"owner", "editor", "site editor", "superuser"})

# Who may use which method of which route. What is not named answers 405, and 404 to strangers.
ALLOWED: dict[str, dict[str, frozenset[str]]] = {
    "studies": {"GET": EVERYBODY | {"stranger", "staff"}},  # strangers see an empty list
    "study": {"GET": EVERYBODY},
    "scenarios": {"GET": READERS | WRITERS},
    "scenarios-import": {"POST": WRITERS},
    "distributions": {"GET": READERS},
    "responses": {"GET": READERS},
    "agreement": {"GET": READERS},
    "participants": {"GET": READERS | {"editor"}},
    "exclusions": {"GET": READERS | {"editor"}},
    "nothing": {},
}
ROLES = sorted(EVERYBODY | {"stranger", "staff"})


def path_of(route: str) -> str:
    if route == "nothing":
        return "nothing/"
    [pattern] = [entry for entry in urlpatterns if isinstance(entry, URLPattern) and entry.name == route]
    return str(pattern.pattern).replace("<slug:study>", "kindness")


def somebody(role: str, study: Study) -> User:
    flags: dict[str, dict[str, Any]] = {"superuser": {"is_superuser": True}, "staff": {"is_staff": True}}
    user = a_user(f"{role.replace(' ', '-')}@example.org", **flags.get(role, {}))
    if role in Role.values:
        user.memberships.create(study=study, role=role)
    permission = {"site reader": "read_all_studies", "site editor": "configure_all_studies"}.get(role)
    if permission:
        from django.contrib.auth.models import Permission

        user.user_permissions.add(Permission.objects.get(codename=permission))
    return user


def ask(program: Program, method: str, path: str) -> int:
    kind = {"data": CSV, "content_type": "text/csv"} if method != "GET" else {}
    address = f"/api/v1/{path}"
    if method == "POST":
        address += "?set=kindness-set"
    response = getattr(program.client, method.lower())(address, headers=program.headers, **kind)
    assert response.status_code < 500
    return int(response.status_code)


def expected(route: str, method: str, role: str) -> int:
    if route == "nothing":
        return 404
    if method not in ALLOWED[route]:
        return 405
    if role in ALLOWED[route][method]:
        return 200
    return 404 if role in ("stranger", "staff") else 403


def test_every_route_is_in_the_table() -> None:
    assert {entry.name for entry in urlpatterns if isinstance(entry, URLPattern)} == set(ALLOWED)


@pytest.mark.parametrize("role", ROLES)
def test_each_role_gets_what_its_rights_allow(role: str, study: Study) -> None:
    program = a_program(somebody(role, study), scopes="read,release,import")
    cells = [(route, method) for route in ALLOWED for method in METHODS]

    got = {(route, method): ask(program, method, path_of(route)) for route, method in cells}

    assert got == {(route, method): expected(route, method, role) for route, method in cells}


@pytest.mark.parametrize(
    "state", ["none", "unknown", "expired", "revoked", "inactive user", "malformed", "two words", "basic"]
)
def test_a_token_that_is_not_valid_opens_nothing(state: str, study: Study) -> None:
    user = a_user("owner@example.org", study=study, role="owner")
    program = a_program(user, scopes="read,release,import")
    spoil(program, state, user)

    got = {(route, method): ask(program, method, path_of(route)) for route in ALLOWED for method in METHODS}

    assert got == {(route, method): 404 if route == "nothing" else 401 for route, method in got}


def spoil(program: Program, state: str, user: User) -> None:
    match state:
        case "none":
            program.token = ""
        case "unknown":
            program.token = "0" * 64
        case "expired":
            ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))
        case "revoked":
            ApiToken.objects.all().delete()
        case "inactive user":
            User.objects.filter(pk=user.pk).update(is_active=False)
        case "malformed":
            program.token = program.token[:-1]
        case "two words":
            program.token = f"{program.token} {program.token}"
        case "basic":
            program.client = Client(headers={"Authorization": "Basic b3duZXI6b3duZXI="})
            program.token = ""


@pytest.mark.parametrize(
    ("scopes", "method", "route", "status"),
    [
        ("read", "GET", "responses", 200),
        ("release", "GET", "responses", 403),
        ("import", "GET", "responses", 403),
        ("import", "GET", "studies", 403),
        ("import", "POST", "scenarios-import", 200),
        ("read", "POST", "scenarios-import", 403),
        ("release", "POST", "scenarios-import", 403),
    ],
)
def test_a_token_does_only_what_its_scopes_name(
    scopes: str, method: str, route: str, status: int, study: Study
) -> None:
    program = a_program(a_user("owner@example.org", study=study, role="owner"), scopes=scopes)

    assert ask(program, method, path_of(route)) == status


def test_people_with_a_session_read_without_a_token(study: Study) -> None:
    client = Client()
    client.force_login(a_user(study=study))

    assert client.get("/api/v1/studies/kindness/responses/").status_code == 200


def test_a_session_writes_only_with_the_forms_secret(study: Study) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(a_user("owner@example.org", study=study, role="owner"))

    response = client.post(
        "/api/v1/studies/kindness/scenarios/import/?set=kindness-set", CSV, content_type="text/csv"
    )

    assert response.status_code == 403
    assert response["Content-Type"] == "application/problem+json"
