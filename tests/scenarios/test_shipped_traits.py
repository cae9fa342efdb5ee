"""The traits of the pack reach the database when they are needed, and edits of them are kept."""

import pytest

from scenarios import packs
from scenarios.models import Trait

pytestmark = pytest.mark.django_db

KEYS = ["assertiveness", "emotion_regulation", "empathy", "impulsiveness"]


def test_all_shipped_traits_are_created_once() -> None:
    created = packs.ensure_traits()

    assert sorted(created) == sorted(Trait.objects.values_list("key", flat=True)) == KEYS
    assert packs.ensure_traits() == []


def test_only_the_traits_asked_for_are_created() -> None:
    assert packs.ensure_traits({"empathy", "patience"}) == ["empathy"]


def test_a_trait_that_was_edited_keeps_its_words() -> None:
    Trait.objects.create(key="empathy", name="Feeling with others")

    packs.ensure_traits()

    assert Trait.objects.get(key="empathy").name == "Feeling with others"


def test_a_shipped_trait_has_words_for_both_ends() -> None:
    packs.ensure_traits({"empathy"})

    trait = Trait.objects.get()
    assert all([trait.name, trait.description, trait.positive_label, trait.negative_label])
