"""The admin's door: allauth's log-in, and a second factor where the site asks for one."""

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from pytest_django import Settings

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return User.objects.create_superuser("root@example.org")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_admins_own_log_in_is_the_sites_log_in() -> None:
    client = Client()

    response = client.get("/admin/login/?next=/admin/")
    posted = client.post("/admin/login/", {"username": "root@example.org", "password": "x"})

    assert response.status_code == posted.status_code == 302
    assert response["Location"].startswith("/accounts/login/?next=")
    assert posted["Location"].startswith("/accounts/login/")


def test_who_is_not_staff_is_turned_away() -> None:
    response = client_of(User.objects.create_user("ana@example.org")).get("/admin/login/")

    assert response.status_code == 403


def test_without_the_setting_staff_come_in_without_a_second_factor(staff: User) -> None:
    assert client_of(staff).get("/admin/").status_code == 200


def test_staff_without_a_second_factor_are_sent_to_set_one_up(staff: User, settings: Settings) -> None:
    settings.ADMIN_REQUIRES_MFA = True
    client = client_of(staff)

    for page in ("/admin/", "/admin/accounts/user/", "/admin/password_change/", "/admin/jsi18n/"):
        response = client.get(page)
        assert response.status_code == 302
        door = client.get(response["Location"])
        assert door["Location"] == "/accounts/2fa/totp/activate/"


def test_staff_with_a_second_factor_come_in(staff: User, settings: Settings) -> None:
    settings.ADMIN_REQUIRES_MFA = True
    Authenticator.objects.create(user=staff, type=Authenticator.Type.TOTP, data={"secret": "x"})

    assert client_of(staff).get("/admin/").status_code == 200
