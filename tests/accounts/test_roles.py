"""The table of rights, and who has them."""

import pytest
from django.contrib.auth.models import AnonymousUser, Permission
from pytest_django import DjangoAssertNumQueries

from accounts import roles
from accounts.models import Role, StudyMembership, User
from accounts.roles import RIGHTS, Right
from annotation.models import Study

pytestmark = pytest.mark.django_db

TABLE: dict[str, set[str]] = {
    "owner": {"progress", "configure", "review", "data", "release", "manage"},
    "editor": {"progress", "configure", "review"},
    "analyst": {"progress", "data", "release"},
    "viewer": {"progress"},
}


@pytest.fixture
def study() -> Study:
    return Study.objects.create(slug="kindness", title="Kindness")


@pytest.fixture
def other() -> Study:
    return Study.objects.create(slug="other", title="Other")


def rights_of(user: User | AnonymousUser, study: Study) -> set[str]:
    return {right for right in RIGHTS if roles.can(user, study, right)}


def studies_of(user: User | AnonymousUser, right: Right) -> set[str]:
    return set(roles.studies_for(user, right).values_list("slug", flat=True))


@pytest.mark.parametrize("role", Role.values)
def test_a_role_has_the_rights_of_the_table_and_no_others(role: str, study: Study, other: Study) -> None:
    user = User.objects.create_user("ana@example.org")
    StudyMembership.objects.create(study=study, user=user, role=role)

    assert rights_of(user, study) == TABLE[role]
    assert rights_of(user, other) == set()


@pytest.mark.parametrize("role", Role.values)
def test_the_studies_listed_are_those_one_has_the_right_in(role: str, study: Study, other: Study) -> None:
    user = User.objects.create_user("ana@example.org")
    StudyMembership.objects.create(study=study, user=user, role=role)

    for right in RIGHTS:
        assert studies_of(user, right) == ({"kindness"} if right in TABLE[role] else set())


def test_superusers_may_do_everything_everywhere(study: Study, other: Study) -> None:
    user = User.objects.create_superuser("root@example.org")

    assert rights_of(user, study) == set(RIGHTS)
    assert studies_of(user, "manage") == {"kindness", "other"}


@pytest.mark.parametrize("user", [User(email="staff@example.org", is_staff=True), AnonymousUser()])
def test_without_a_role_nobody_may_do_anything(user: User | AnonymousUser, study: Study) -> None:
    if isinstance(user, User):
        user.pk = None
        user.save()

    assert rights_of(user, study) == set()
    assert studies_of(user, "progress") == set()


def test_whoever_is_not_active_has_no_rights(study: Study) -> None:
    owner = User.objects.create_user("owner@example.org", is_active=False)
    StudyMembership.objects.create(study=study, user=owner, role="owner")
    root = User.objects.create_superuser("root@example.org", is_active=False)

    assert rights_of(owner, study) == rights_of(root, study) == set()
    assert studies_of(owner, "progress") == studies_of(root, "progress") == set()
    assert not roles.has_everywhere(root, "data")


@pytest.mark.parametrize(
    ("permission", "rights"),
    [
        ("read_all_studies", {"progress", "data", "release"}),
        ("configure_all_studies", {"progress", "configure"}),
    ],
)
def test_a_permission_for_all_studies_holds_for_later_ones_too(permission: str, rights: set[str]) -> None:
    user = User.objects.create_user("reader@example.org")
    user.user_permissions.add(Permission.objects.get(codename=permission))

    later = Study.objects.create(slug="later", title="Later")

    assert rights_of(user, later) == rights
    assert studies_of(user, "progress") == {"later"}


def test_memberships_are_read_once_per_user_object(
    study: Study, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = User.objects.create_user("ana@example.org")
    StudyMembership.objects.create(study=study, user=user, role="owner")

    with django_assert_num_queries(1):
        assert all(roles.can(user, study, right) for right in RIGHTS)
