"""`manage.py create_token`: the token on stdout, rights only for people it makes up itself."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts import roles
from accounts.models import ApiToken, User
from annotation.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    return Study.objects.create(slug="kindness", title="Kindness")


def create(*arguments: str) -> tuple[str, str]:
    """What the command wrote to stdout and to stderr."""
    out, notes = StringIO(), StringIO()
    call_command("create_token", *arguments, stdout=out, stderr=notes)
    return out.getvalue(), notes.getvalue()


def test_the_token_is_the_only_line_on_stdout(study: Study) -> None:
    out, notes = create("new@example.org")

    assert out.count("\n") == 1
    assert len(out.strip()) == 64
    assert out.strip() not in notes


def test_a_new_user_can_read_every_study_those_of_tomorrow_too() -> None:
    _out, notes = create("new@example.org")
    later = Study.objects.create(slug="later", title="Later")

    user = User.objects.get(email="new@example.org")
    assert roles.can(user, later, "data")
    assert not roles.can(user, later, "configure")
    assert not user.is_superuser
    assert not user.has_usable_password()
    assert "read_all_studies" in notes


def test_a_new_user_whose_token_imports_may_configure_every_study(study: Study) -> None:
    create("new@example.org", "--scopes", "read,import")

    user = User.objects.get(email="new@example.org")
    assert roles.can(user, study, "configure")
    assert roles.can(user, study, "data")
    assert not roles.can(user, study, "manage")


@pytest.mark.parametrize(
    ("scopes", "role"),
    [("read", "analyst"), ("read,release", "analyst"), ("import", "editor"), ("read,import", "owner")],
)
def test_a_new_user_with_a_study_gets_the_smallest_role_that_is_enough(scopes: str, role: str, study: Study) -> None:
    create("new@example.org", "--study", "kindness", "--scopes", scopes)

    user = User.objects.get(email="new@example.org")
    assert user.memberships.get().role == role
    assert not roles.has_everywhere(user, "progress")
    assert ApiToken.objects.get().study == study


def test_a_known_user_gets_a_token_and_no_further_rights(study: Study) -> None:
    user = User.objects.create_user("known@example.org")

    _out, notes = create("KNOWN@example.org", "--study", "kindness")

    assert ApiToken.objects.get().user == user
    assert not roles.can(user, study, "progress")
    assert "has no role" in notes


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["not-an-address"], "not an e-mail address"),
        (["a@example.org", "--study", "missing"], "no study 'missing'"),
        (["a@example.org", "--scopes", "write"], "Scopes are some of"),
        (["a@example.org", "--scopes", ""], "Scopes are some of"),
        (["a@example.org", "--days", "0"], "from 1 to"),
        (["a@example.org", "--days", "100000"], "from 1 to"),
    ],
)
def test_what_cannot_be_done_leaves_nobody_behind(arguments: list[str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        create(*arguments)

    assert not User.objects.exists()
    assert not ApiToken.objects.exists()
