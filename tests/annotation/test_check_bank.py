"""The bank of checks: what ships gets in once, and fairness is judged by the item's own words."""

import pytest

from annotation import check_bank
from annotation.models import CheckItem

A_B = [{"key": "a", "text": "You read this."}, {"key": "b", "text": "You do not."}]


def item(**fields: object) -> CheckItem:
    text = "Please choose “You read this.”"
    return CheckItem(**{"key": "k", "kind": "instructed", "text": text, "options": A_B, "expected": "a", **fields})


@pytest.mark.django_db
def test_the_shipped_items_are_added_once() -> None:
    first = check_bank.ensure_shipped()
    again = check_bank.ensure_shipped()

    assert [entry.pk for entry in first] == [entry.pk for entry in again]
    assert {entry.key for entry in first} == check_bank.shipped_keys()
    assert CheckItem.objects.count() == len(first)


@pytest.mark.django_db
def test_an_item_that_was_edited_is_not_overwritten() -> None:
    check_bank.ensure_shipped()
    CheckItem.objects.filter(key="instructed-01").update(text="Our own words.")

    check_bank.ensure_shipped()

    assert CheckItem.objects.get(key="instructed-01").text == "Our own words."


@pytest.mark.django_db
def test_every_shipped_attention_check_is_fair() -> None:
    attention = [entry for entry in check_bank.ensure_shipped() if entry.kind in check_bank.ATTENTION_KINDS]

    assert len(attention) >= 10
    assert check_bank.fair_items(attention) == attention


def test_a_check_that_names_the_right_option_by_its_words_is_fair() -> None:
    assert check_bank.unfair_because(item()) == []


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"expected": ""}, "no right answer"),
        ({"expected": "c"}, "no right answer"),
        ({"text": "What would you do?"}, "does not name the right option"),
        ({"text": "Please choose the second answer."}, "does not name the right option"),
        ({"options": A_B[:1]}, "at least two options"),
        ({"options": [A_B[0], {"key": "a", "text": "Other."}]}, "same key"),
        ({"options": [A_B[0], {"key": "b", "text": "you read this. "}]}, "same text"),
        ({"options": [A_B[0], {"key": "b"}]}, 'needs a "key" and a "text"'),
        ({"options": "a, b"}, "at least two options"),
        ({"kind": "practice"}, "never held against anybody"),
        ({"kind": "comprehension"}, "never held against anybody"),
    ],
)
def test_an_unfair_check_says_why(fields: dict[str, object], says: str) -> None:
    assert says in check_bank.unfair_because(item(**fields))[0]


def test_a_check_that_names_a_place_is_told_that_sides_are_drawn() -> None:
    assert "sides are drawn" in check_bank.unfair_because(item(text="Choose the left option."))[1]


@pytest.mark.django_db
def test_shipped_items_stand_in_only_for_kinds_of_which_none_was_chosen() -> None:
    own = CheckItem.objects.create(key="own", kind="instructed", text="x", options=A_B, expected="a")

    filled = check_bank.with_shipped([own], attention=True, practice=True)

    assert {entry.kind for entry in filled if entry != own} == {"practice"}
    assert check_bank.with_shipped([], attention=False, practice=False) == []
