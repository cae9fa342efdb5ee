"""What stands in an Authorization header, and what comes of it. Never an error of ours."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.tokens import InvalidTokenRequest, create_token
from annotation.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return User.objects.create_user("ana@example.org")


def ask(header: str) -> Any:
    return Client().get("/api/v1/studies/", headers={"Authorization": header})


def test_a_token_opens_the_api(user: User) -> None:
    _row, text = create_token(user, study=None, scopes=["read"], days=1)

    assert ask(f"Bearer {text}").status_code == 200
    assert ask(f"bearer {text}").status_code == 200


def test_only_a_digest_of_it_is_stored(user: User) -> None:
    row, text = create_token(user, study=None, scopes=["read"], days=1, label="notebook")

    stored = ApiToken.objects.values().get(pk=row.pk)

    assert text not in str(stored)
    assert stored["digest"] != text
    assert len(text) == 64


@pytest.mark.parametrize(
    "header",
    [
        "Bearer",
        "Bearer ",
        "Bearer  ",
        "Bearer one two",
        "Bearer x",
        "Bearer " + "0" * 64,
        "Bearer " + "0" * 63,
        "Bearer " + "0" * 65,
        "Bearer " + "G" * 64,
        "Bearer " + "A" * 64,
        "Bearer " + "a" * 100_000,
        "Bearer \x00" + "a" * 63,
        "Bearer " + "ä" * 64,
        "Bearer " + "\udcff" * 8,
        "Bearer " + "€" * 64,
        "Bearer %00%00",
        "Bearer '; DROP TABLE accounts_apitoken; --",
        "Bearer null",
        "Token abc",
        "Basic YTpi",
        "Digest x",
        "\xff\xfe",
        "",
    ],
)
def test_whatever_the_header_says_the_answer_is_that_a_token_is_needed(header: str, user: User) -> None:
    response = ask(header)

    assert response.status_code == 401
    assert response["WWW-Authenticate"] == "Bearer"
    assert response["Content-Type"] == "application/problem+json"


def test_bytes_that_are_no_text_are_refused_like_any_other_token(user: User) -> None:
    client = Client()

    for raw in (b"Bearer \xff\xfe\xfd", b"Bearer \x80", b"\x80abc \x00"):
        response = client.get("/api/v1/studies/", HTTP_AUTHORIZATION=raw)
        assert response.status_code == 401


def test_refusals_do_not_tell_guesses_apart(user: User) -> None:
    _row, text = create_token(user, study=None, scopes=["read"], days=1)
    right_beginning = text[:-1] + ("0" if text[-1] != "0" else "1")
    details = {ask(f"Bearer {guess}").json()["detail"] for guess in ("0" * 64, right_beginning, "short")}
    User.objects.update(is_active=False)
    details.add(ask(f"Bearer {text}").json()["detail"])

    assert details == {"The token is unknown, expired or revoked."}


def test_a_token_ends_on_its_day(user: User) -> None:
    _row, text = create_token(user, study=None, scopes=["read"], days=3)

    with time_machine.travel(timezone.now() + timedelta(days=2, hours=23)):
        assert ask(f"Bearer {text}").status_code == 200
    with time_machine.travel(timezone.now() + timedelta(days=3, seconds=1)):
        assert ask(f"Bearer {text}").status_code == 401


def test_an_expired_token_stays_listed_and_other_tokens_stay_too(user: User) -> None:
    _row, text = create_token(user, study=None, scopes=["read"], days=1)
    create_token(user, study=None, scopes=["read"], days=1)
    ApiToken.objects.update(expiry=timezone.now() - timedelta(days=1))

    ask(f"Bearer {text}")

    assert ApiToken.objects.count() == 2


def test_use_is_noted_at_most_once_a_minute(user: User) -> None:
    _row, text = create_token(user, study=None, scopes=["read"], days=1)
    start = timezone.now()
    noted = []

    for seconds in (0, 30, 59, 61, 90):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=False):
            ask(f"Bearer {text}")
        noted.append(ApiToken.objects.get().last_used_at)

    assert noted == [start, start, start, start + timedelta(seconds=61), start + timedelta(seconds=61)]


@pytest.mark.parametrize(
    ("scopes", "days"), [([], 1), (["write"], 1), (["read", "admin"], 1), (["read"], 0), (["read"], 9999)]
)
def test_a_token_that_makes_no_sense_is_not_made(scopes: list[str], days: int, user: User) -> None:
    with pytest.raises(InvalidTokenRequest):
        create_token(user, study=None, scopes=scopes, days=days)

    assert not ApiToken.objects.exists()


def test_scopes_are_kept_in_one_order_without_doubles(user: User) -> None:
    study = Study.objects.create(slug="kindness", title="Kindness")

    row, _text = create_token(user, study=study, scopes=["import", "read", "read"], days=1)

    assert row.scopes == "read,import"
    assert row.allows("import")
    assert not row.allows("release")
    assert not row.allows("")
