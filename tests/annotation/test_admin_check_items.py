"""The bank of checks in the admin: written as lines, checked for fairness, fixed once a study uses it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from annotation import check_bank
from annotation.models import CheckItem
from tests import cast
from tests.annotation.admin_team import logged_in, member

pytestmark = [pytest.mark.django_db, pytest.mark.pages]

LIST = "/admin/annotation/checkitem/"
ITEM: dict[str, Any] = {
    "key": "own-1",
    "kind": "instructed",
    "text": "To show that you read this, choose “You wave.”",
    "options": "a: You wave.\nb: You walk on: quickly.",
    "expected": "a",
    "explanation": "",
}


@pytest.fixture
def admin() -> Client:
    return logged_in(member(None, "superuser"))


def page_of(item: CheckItem) -> str:
    return reverse("admin:annotation_checkitem_change", args=[item.pk])


def test_options_are_written_one_a_line(admin: Client) -> None:
    admin.post(f"{LIST}add/", ITEM)

    item = CheckItem.objects.get()
    assert item.options == [{"key": "a", "text": "You wave."}, {"key": "b", "text": "You walk on: quickly."}]
    assert "a: You wave.\nb: You walk on: quickly." in admin.get(page_of(item)).content.decode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"options": "a: You wave."}, "at least two options"),
        ({"options": "a: You wave.\nYou walk on."}, "“You walk on.” cannot be read."),
        ({"options": "a: You wave.\na: You walk on."}, "Two options have the same key."),
        ({"expected": "c"}, "This is none of the keys: a, b."),
        ({"expected": ""}, "A check needs a right answer."),
    ],
)
def test_an_item_that_cannot_be_answered_is_explained(admin: Client, change: dict[str, str], says: str) -> None:
    response = admin.post(f"{LIST}add/", {**ITEM, **change})

    assert says in response.content.decode()
    assert not CheckItem.objects.exists()


def test_practice_needs_no_right_answer(admin: Client) -> None:
    admin.post(f"{LIST}add/", {**ITEM, "kind": "practice", "expected": ""})

    assert CheckItem.objects.get().expected == ""


def test_an_unfair_item_says_so_on_its_page(admin: Client) -> None:
    item = CheckItem.objects.create(
        key="vague", kind="instructed", text="Choose well.", options=cast.make_check().options, expected="a"
    )

    assert "Not fair, so it can only be a hint" in admin.get(page_of(item)).content.decode()


def test_the_items_that_ship_are_added_at_the_press_of_a_button(admin: Client) -> None:
    assert admin.get(f"{LIST}add-shipped/").status_code == 405

    admin.post(f"{LIST}add-shipped/")

    assert set(CheckItem.objects.values_list("key", flat=True)) == check_bank.shipped_keys()


def test_an_item_that_an_opened_study_uses_stays_as_it_is(admin: Client) -> None:
    item = cast.make_check()
    cast.make_study().checks.add(item)

    shown = admin.get(page_of(item)).content.decode()

    assert "A study uses this item, so it stays as it is." in shown
    assert 'name="text"' not in shown
    assert admin.post(page_of(item), ITEM).status_code == 403
    assert admin.post(reverse("admin:annotation_checkitem_delete", args=[item.pk])).status_code == 403


@pytest.mark.parametrize(
    ("role", "sees", "changes"),
    [(Role.OWNER, 200, 302), (Role.EDITOR, 200, 302), (Role.ANALYST, 403, 403), (Role.VIEWER, 403, 403)],
)
def test_the_bank_is_for_those_who_configure(role: str, sees: int, changes: int) -> None:
    study = cast.make_study(is_open=False)
    item = cast.make_check()
    study.checks.add(item)
    client = logged_in(member(study, role))

    assert client.get(LIST).status_code == sees
    assert client.post(page_of(item), ITEM).status_code == changes


def test_an_item_in_somebody_elses_draft_cannot_be_changed() -> None:
    item = cast.make_check()
    cast.make_study("other", is_open=False).checks.add(item)
    client = logged_in(member(cast.make_study("own"), Role.OWNER))

    assert client.get(page_of(item)).status_code == 200
    assert client.post(page_of(item), ITEM).status_code == 403
