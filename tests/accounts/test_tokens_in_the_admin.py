"""Tokens in the admin: shown once, listed without secrets, revoked at once."""

import re

import pytest
from django.test import Client

from accounts.models import ApiToken, StudyMembership, User
from accounts.tokens import create_token
from annotation.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

ADD = "/admin/accounts/apitoken/add/"
LIST = "/admin/accounts/apitoken/"


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root@example.org")


@pytest.fixture
def staff() -> User:
    return User.objects.create_user("staff@example.org", is_staff=True)


def test_a_new_token_is_shown_once_and_works(root: User) -> None:
    client = client_of(root)

    response = client.post(ADD, {"user": root.pk, "label": "notebook", "chosen_scopes": ["read"], "days": 30})

    [text] = set(re.findall(r"\b[0-9a-f]{64}\b", response.content.decode()))
    assert "no-store" in response["Cache-Control"]
    assert ApiToken.objects.get().label == "notebook"
    answer = Client().get("/api/v1/studies/", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 200
    assert text not in client.get(LIST).content.decode()


def test_the_list_shows_no_digest(root: User) -> None:
    create_token(root, study=None, scopes=["read"], days=1, label="notebook")

    page = client_of(root).get(LIST).content.decode()

    visible = re.sub(r"<[^>]*>", "", page)
    assert "notebook" in visible
    assert ApiToken.objects.get().digest not in visible


def test_a_token_cannot_be_edited(root: User) -> None:
    row, _text = create_token(root, study=None, scopes=["read"], days=1)

    response = client_of(root).post(f"{LIST}{row.pk}/change/", {"label": "changed"})

    assert response.status_code == 403


def test_revoking_ends_a_token_at_once(root: User) -> None:
    row, text = create_token(root, study=None, scopes=["read"], days=1)

    client_of(root).post(LIST, {"action": "revoke", "_selected_action": [row.pk]})

    answer = Client().get("/api/v1/studies/", headers={"Authorization": f"Bearer {text}"})
    assert answer.status_code == 401


def test_staff_make_tokens_for_themselves_and_for_studies_of_their_own(staff: User, root: User) -> None:
    own = Study.objects.create(slug="own", title="Own")
    foreign = Study.objects.create(slug="foreign", title="Foreign")
    StudyMembership.objects.create(study=own, user=staff, role="analyst")
    form = {"user": root.pk, "label": "x", "chosen_scopes": ["read"], "days": 1}
    client = client_of(staff)

    refused = client.post(ADD, {**form, "study": foreign.pk})
    made = client.post(ADD, {**form, "study": own.pk})

    assert refused.status_code == made.status_code == 200
    token = ApiToken.objects.get()
    assert (token.user, token.study) == (staff, own)


def test_staff_see_and_revoke_only_their_own(staff: User, root: User) -> None:
    row, _text = create_token(root, study=None, scopes=["read"], days=1, label="of-root")
    client = client_of(staff)

    page = client.get(LIST).content.decode()
    client.post(LIST, {"action": "revoke", "_selected_action": [row.pk]})

    assert "of-root" not in page
    assert ApiToken.objects.filter(pk=row.pk).exists()
