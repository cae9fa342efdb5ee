"""What a study has asked stays as it was asked; new content is a new version."""

import pytest
from django.utils import timezone

from scenarios import versions
from scenarios.models import Action, Scenario, ScenarioLocked, ScenarioSet, Statement, Trait, Translation
from scenarios.versions import NotTheLatest
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked() -> Scenario:
    cast.make_set(scenarios=1, trait="empathy")
    Scenario.objects.update(locked_at=cast.NOON, statement=Statement.objects.create(original="I help."))
    return Scenario.objects.get()


# Refusals


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("key", "other"),
        ("version", 7),
        ("language", "de"),
        ("blocks", [{"type": "text", "text": "Other words."}]),
        ("trait", None),
        ("statement", None),
    ],
)
def test_content_that_was_asked_cannot_be_saved_differently(asked: Scenario, field: str, value: object) -> None:
    setattr(asked, field, value)

    with pytest.raises(ScenarioLocked, match=field):
        asked.save()

    asked.refresh_from_db()
    assert getattr(asked, field) != value


def test_it_cannot_move_to_another_set(asked: Scenario) -> None:
    asked.set = ScenarioSet.objects.create(slug="other", name="Other")

    with pytest.raises(ScenarioLocked, match="set"):
        asked.save()


def test_it_cannot_be_deleted(asked: Scenario) -> None:
    with pytest.raises(ScenarioLocked, match="cannot be deleted"):
        asked.delete()


@pytest.mark.parametrize(("field", "value"), [("tags", ["work"]), ("license", "MIT"), ("intended_class", "AGREE")])
def test_what_only_describes_it_can_be_corrected(asked: Scenario, field: str, value: object) -> None:
    setattr(asked, field, value)

    asked.save()

    asked.refresh_from_db()
    assert getattr(asked, field) == value


@pytest.mark.parametrize(("field", "value"), [("text", "You leave."), ("key", "z"), ("pole", -1), ("position", 9)])
def test_its_actions_cannot_change(asked: Scenario, field: str, value: object) -> None:
    action = asked.actions.get(key="a")
    setattr(action, field, value)

    with pytest.raises(ScenarioLocked, match="actions cannot change"):
        action.save()


def test_saving_an_action_without_a_change_is_no_harm(asked: Scenario) -> None:
    asked.actions.get(key="a").save()


def test_no_action_can_be_added_or_taken_away(asked: Scenario) -> None:
    with pytest.raises(ScenarioLocked):
        Action.objects.create(scenario=asked, key="c", position=2, text="You leave.")
    with pytest.raises(ScenarioLocked):
        asked.actions.get(key="a").delete()


def test_no_action_can_be_moved_into_it(asked: Scenario) -> None:
    cast.make_set("other", scenarios=1)
    action = Action.objects.get(scenario__set__slug="other", key="a")
    action.scenario = asked

    with pytest.raises(ScenarioLocked):
        action.save()


def test_the_wording_of_its_statement_cannot_change(asked: Scenario) -> None:
    assert asked.statement is not None
    asked.statement.original = "I wait."

    with pytest.raises(ScenarioLocked, match="statement"):
        asked.statement.save()


def test_what_no_study_asked_can_change_freely() -> None:
    cast.make_set(scenarios=1)
    scenario = Scenario.objects.get()
    scenario.blocks = versions.text_blocks("Other words.")

    scenario.save()
    Action.objects.create(scenario=scenario, key="c", position=2, text="You leave.")
    scenario.actions.get(key="b").delete()
    scenario.delete()

    assert not Scenario.objects.exists()


# New versions


def test_a_new_version_is_an_open_copy(asked: Scenario) -> None:
    Translation.objects.create(scenario=asked, language="de", text="Lage.", actions={"a": "Du hilfst."})

    copy = versions.make_new(asked)

    asked.refresh_from_db()
    assert (copy.version, copy.is_latest, copy.locked_at, asked.is_latest) == (2, True, None, False)
    assert (copy.key, copy.text, copy.trait, copy.statement) == ("s1", asked.text, asked.trait, asked.statement)
    columns = ("key", "position", "text", "pole")
    assert list(copy.actions.values_list(*columns)) == list(asked.actions.values_list(*columns))
    assert copy.translations.get().text == "Lage."
    copy.blocks = versions.text_blocks("Other words.")
    copy.save()


def test_only_the_latest_version_has_a_successor(asked: Scenario) -> None:
    versions.make_new(asked)

    with pytest.raises(NotTheLatest, match="s1 v1"):
        versions.make_new(asked)


# Hashes


def test_the_hash_follows_the_content_and_nothing_else(asked: Scenario) -> None:
    copy = versions.make_new(asked)
    versions.refresh_hash(copy)
    first = copy.content_hash

    copy.tags = ["work"]
    versions.refresh_hash(copy)
    assert copy.content_hash == first

    Action.objects.filter(scenario=copy, key="a").update(pole=None)
    versions.refresh_hash(copy)
    assert copy.content_hash != first


def test_equal_statements_have_equal_digests() -> None:
    trait = Trait.objects.create(key="empathy", name="Empathy")
    statement = Statement.objects.create(original="I help.", trait=trait)
    first = statement.digest

    statement.reframed = "I recommend helping."
    statement.save()
    changed = statement.digest
    statement.reframed = ""
    statement.save()

    assert changed != first
    assert statement.digest == first


def test_asking_happens_when_the_ledger_is_made() -> None:
    cast.make_study(scenarios=1)

    scenario = Scenario.objects.get()
    scenario.blocks = versions.text_blocks("Other words.")
    with pytest.raises(ScenarioLocked):
        scenario.save()
    assert scenario.locked_at is not None
    assert scenario.locked_at < timezone.now()
