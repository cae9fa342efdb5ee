"""People in the admin: known by e-mail, roles inline, no way up for whoever is not a superuser."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from annotation.models import Study

pytestmark = pytest.mark.django_db

NO_MEMBERSHIPS = {"memberships-TOTAL_FORMS": 0, "memberships-INITIAL_FORMS": 0}


@pytest.fixture
def root() -> User:
    return User.objects.create_superuser("root@example.org")


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_user_is_added_by_e_mail(root: User) -> None:
    Study.objects.create(slug="kindness", title="Kindness")

    response = client_of(root).post(
        "/admin/accounts/user/add/",
        {
            "email": "Ana@Example.org",
            "name": "Ana",
            "usable_password": "true",
            "password1": "a long pass phrase",
            "password2": "a long pass phrase",
            **NO_MEMBERSHIPS,
        },
    )

    assert response.status_code == 302
    assert User.objects.get(name="Ana").email == "ana@example.org"


def test_an_address_is_taken_in_whatever_case(root: User) -> None:
    User.objects.create_user("ana@example.org")

    response = client_of(root).post(
        "/admin/accounts/user/add/",
        {"email": "ANA@example.org", "usable_password": "false", **NO_MEMBERSHIPS},
    )

    assert response.status_code == 200
    assert "Somebody with this e-mail address exists." in response.content.decode()


def test_a_role_in_a_study_is_given_beside_the_person(root: User) -> None:
    study = Study.objects.create(slug="kindness", title="Kindness")
    user = User.objects.create_user("ana@example.org")

    response = client_of(root).post(
        f"/admin/accounts/user/{user.pk}/change/",
        {
            "email": user.email,
            "name": "",
            "is_active": "on",
            "memberships-TOTAL_FORMS": 1,
            "memberships-INITIAL_FORMS": 0,
            "memberships-0-user": user.pk,
            "memberships-0-study": study.pk,
            "memberships-0-role": "analyst",
        },
    )

    assert response.status_code == 302
    assert user.memberships.get().role == "analyst"


def test_staff_who_may_edit_users_cannot_raise_themselves_or_touch_superusers(root: User) -> None:
    staff = User.objects.create_user("staff@example.org", is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client = client_of(staff)
    form = {"email": staff.email, "name": "", "is_active": "on", "is_staff": "on", "is_superuser": "on"}

    client.post(f"/admin/accounts/user/{staff.pk}/change/", {**form, **NO_MEMBERSHIPS})
    response = client.post(f"/admin/accounts/user/{root.pk}/change/", {**form, **NO_MEMBERSHIPS})

    staff.refresh_from_db()
    root.refresh_from_db()
    assert not staff.is_superuser
    assert response.status_code == 403
    assert root.email == "root@example.org"


@pytest.mark.parametrize("page", ["", "add/", "{pk}/change/", "{pk}/password/", "{pk}/delete/"])
def test_every_page_about_people_opens(page: str, root: User) -> None:
    response = client_of(root).get(f"/admin/accounts/user/{page.format(pk=root.pk)}")

    assert response.status_code == 200
