"""A study's configuration goes out as one document and comes in again, whole or not at all."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Role, StudyMembership, User
from annotation import configuration, life_cycle
from annotation.configuration import ConfigurationInvalid, export_study, import_study
from annotation.models import CheckItem, Stratum, Study
from annotation.questionnaire import default_schema
from scenarios.models import ScenarioSet
from tests import cast

pytestmark = pytest.mark.django_db

MINIMAL: dict[str, Any] = {"slug": "first", "title": "First", "sets": ["everyday"]}


@pytest.fixture(autouse=True)
def everyday() -> ScenarioSet:
    return cast.make_set("everyday")


def refused(document: object, **options: Any) -> list[str]:
    """What is said about a document that cannot be imported."""
    before = Study.objects.count()
    with pytest.raises(ConfigurationInvalid) as error:
        import_study(document, **options)
    assert Study.objects.count() == before
    return [str(problem) for problem in error.value.problems]


class TestImporting:
    def test_the_minimal_document_makes_a_draft_with_defaults_and_without_checks(self) -> None:
        study = import_study({**MINIMAL, "quota": 5, "tasks_per_annotator": 3})

        assert (study.state, study.quota, study.tasks_per_annotator) == ("draft", 5, 3)
        assert (study.attention_checks, study.practice_items, study.repeats) == (0, 0, 0)
        assert list(study.checks.all()) == []
        assert [each.slug for each in study.sets.all()] == ["everyday"]

    def test_it_can_open_at_once(self) -> None:
        study = import_study(MINIMAL)

        life_cycle.open_study(study, now=cast.NOON)

        assert study.quotas.count() == 4

    def test_a_quota_may_be_unlimited(self) -> None:
        assert import_study({**MINIMAL, "quota": "unlimited"}).quota is None

    def test_sets_go_by_slug_or_by_name(self, everyday: ScenarioSet) -> None:
        ScenarioSet.objects.filter(pk=everyday.pk).update(name="Everyday situations")

        assert import_study({**MINIMAL, "sets": ["Everyday situations"]}).sets.get() == everyday

    def test_unknown_sets_are_answered_with_the_known_ones(self) -> None:
        assert refused({**MINIMAL, "sets": ["everday", "everyday"]}) == [
            "sets[0]: there is no scenario set “everday”. Did you mean “everyday”? Known are everyday."
        ]

    def test_a_name_that_two_sets_share_is_answered_with_their_slugs(self) -> None:
        for slug in ("one", "two"):
            ScenarioSet.objects.create(slug=slug, name="Twins")

        assert refused({**MINIMAL, "sets": ["Twins"]}) == [
            "sets[0]: several sets are called “Twins”; write one of one, two."
        ]

    def test_one_set_under_two_names_stands_there_twice(self) -> None:
        assert refused({**MINIMAL, "sets": ["everyday", "Everyday"]}) == [
            "sets[1]: “Everyday” is a set that stands in the list already."
        ]

    def test_checks_that_are_asked_for_come_from_what_ships(self) -> None:
        study = import_study({**MINIMAL, "checks": {"attention": 2}})

        assert study.attention_checks == 2
        assert set(study.checks.values_list("kind", flat=True)) == {"instructed", "nonsensical"}

    def test_checks_may_be_named(self) -> None:
        cast.make_check("own")

        study = import_study({**MINIMAL, "checks": {"attention": 1, "items": ["own", "instructed-02"]}})

        assert sorted(study.checks.values_list("key", flat=True)) == ["instructed-02", "own"]

    def test_unknown_checks_are_answered_with_a_suggestion(self) -> None:
        (message,) = refused({**MINIMAL, "checks": {"items": ["instructed-2"]}})

        assert message.startswith("checks.items[0]: there is no check “instructed-2”. Did you mean “instructed-")

    def test_the_usual_questions_have_a_short_name(self) -> None:
        assert import_study({**MINIMAL, "about_you": "default"}).about_you == default_schema()

    def test_groups_come_in_their_order(self) -> None:
        groups = [{"key": "young", "target": 4, "conditions": {"age": ["18-29"]}}, {"key": "rest"}]

        study = import_study({**MINIMAL, "about_you": "default", "strata": groups})

        assert list(study.strata.values_list("key", "target")) == [("young", 4), ("rest", None)]

    def test_mistakes_of_shape_and_of_names_are_listed_together(self) -> None:
        said = refused({"slug": "x", "sets": ["nowhere"], "quota": 0, "min_tasks": 30, "checks": {"items": ["?"]}})

        assert [line.split(":")[0] for line in said] == ["title", "quota", "sets[0]", "checks.items[0]", "min_tasks"]


class TestUpdating:
    def test_a_draft_is_changed_where_the_document_says_so(self) -> None:
        first = import_study({**MINIMAL, "debrief": "Thank you.", "quota": 5})

        again = import_study({**MINIMAL, "title": "Second thoughts"})

        assert again.pk == first.pk
        assert (again.title, again.debrief, again.quota) == ("Second thoughts", "Thank you.", 5)

    def test_groups_that_are_left_out_of_a_new_list_go(self) -> None:
        import_study({**MINIMAL, "strata": [{"key": "a"}, {"key": "b", "target": 2}]})

        study = import_study({**MINIMAL, "strata": [{"key": "b"}]})

        assert list(study.strata.values_list("key", "target")) == [("b", 2)]

    def test_what_people_were_asked_cannot_change_after_the_first_answer(self) -> None:
        study = cast.make_study("pilot")
        cast.answer(cast.at_work(study))

        said = refused(
            {
                **export_study(study),
                "sets": ["everyday"],
                "question": "And you?",
                "offers_neutral": False,
                "checks": {"repeats": 1},
                "strata": [{"key": "new"}],
            }
        )

        assert [line.split(":")[0] for line in said] == [
            "question",
            "offers_neutral",
            "sets",
            "checks.repeats",
            "strata",
        ]
        assert all("can no longer change" in line for line in said)

    def test_what_people_were_not_asked_still_can(self) -> None:
        study = cast.make_study("pilot")
        cast.answer(cast.at_work(study))

        import_study({**export_study(study), "debrief": "Thank you.", "consent_text": "New words."})

        study.refresh_from_db()
        assert (study.debrief, study.consent_text) == ("Thank you.", "New words.")

    def test_the_quota_of_an_open_study_can_change_and_the_seats_follow(self) -> None:
        study = cast.make_study("pilot", scenarios=2)
        cast.answer_everything(cast.at_work(study))

        import_study({**export_study(study), "quota": 7})

        assert list(study.quotas.values_list("target", flat=True)) == [7, 7]
        cast.assert_ledger_is_sound(study)

    def test_a_quota_below_what_was_answered_keeps_the_answers(self) -> None:
        study = cast.make_study("pilot", scenarios=1)
        for who in ("ann", "ben"):
            cast.answer_everything(cast.at_work(study, who))

        import_study({**export_study(study), "quota": 1})

        assert study.quotas.get().target == 2
        cast.assert_ledger_is_sound(study)

    def test_sets_added_before_the_first_answer_get_seats(self) -> None:
        study = cast.make_study("pilot", scenarios=2)

        import_study({**export_study(study), "sets": ["pilot-set", "everyday"]})

        assert study.quotas.count() == 6


class TestActors:
    def test_whoever_imports_a_new_study_owns_it(self) -> None:
        ann = User.objects.create_user("ann@example.net")

        study = import_study(MINIMAL, actor=ann)

        assert StudyMembership.objects.get(study=study).role == Role.OWNER
        assert study.history.latest().history_user == ann

    def test_somebody_elses_study_is_only_a_name_that_is_taken(self) -> None:
        import_study(MINIMAL)
        ben = User.objects.create_user("ben@example.net", is_staff=True)

        assert refused({**MINIMAL, "title": "Mine now"}, actor=ben) == [
            "slug: “first” is taken by another study. Choose another name."
        ]

    def test_an_editor_may_update(self) -> None:
        study = import_study(MINIMAL)
        cleo = User.objects.create_user("cleo@example.net")
        StudyMembership.objects.create(study=study, user=cleo, role=Role.EDITOR)

        assert import_study({**MINIMAL, "title": "Better"}, actor=cleo).title == "Better"


class TestRoundTrip:
    def test_importing_what_was_exported_changes_nothing(self) -> None:
        study = cast.make_study("pilot", quota=None)
        cast.answer(cast.at_work(study))
        document = export_study(study)

        again = import_study(json.loads(json.dumps(document)))

        assert again.pk == study.pk
        assert export_study(again) == document

    def test_the_group_that_opening_makes_is_not_part_of_the_configuration(self) -> None:
        study = import_study(MINIMAL)
        before = export_study(study)
        life_cycle.open_study(study, now=cast.NOON)

        assert Stratum.objects.get(study=study).key == "all"
        assert export_study(study) == before
        assert import_study(before).strata.count() == 1

    def test_a_catch_all_among_other_groups_is(self) -> None:
        groups = [{"key": "young", "conditions": {"age": ["18-29"]}}, {"key": "all"}]

        study = import_study({**MINIMAL, "about_you": "default", "strata": groups})

        assert [group["key"] for group in export_study(study)["strata"]] == ["young", "all"]

    def test_a_copy_is_a_draft_under_a_new_name_without_the_code(self) -> None:
        study = import_study(
            {**MINIMAL, "completion_code": "C1", "completion_url": "https://x.net", "checks": {"attention": 1}}
        )

        first, second = configuration.duplicate_study(study), configuration.duplicate_study(study)

        assert (first.slug, second.slug) == ("first-copy", "first-copy-2")
        assert (first.completion_code, first.completion_url) == ("", "")
        assert first.seed != study.seed
        kept = {"slug", "title", "seed", "completion_code", "completion_url"}
        original = {key: value for key, value in export_study(study).items() if key not in kept}
        assert original.items() <= export_study(first).items()


Strategies = dict[Any, st.SearchStrategy[Any]]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
words = texts.filter(lambda text: text.strip())
needed: Strategies = {
    "slug": st.just("drawn"),
    "title": words,
    "sets": st.sampled_from([[], ["everyday"]]),
}
group_key: Strategies = {"key": st.sampled_from(["a", "b", "all"])}
group_rest: Strategies = {
    "label": texts,
    "target": st.none() | st.integers(1, 99),
    "conditions": st.dictionaries(words, st.lists(words, min_size=1, unique=True), max_size=2),
}
further: Strategies = {
    "language": st.sampled_from(["en", "de", "pt-BR"]),
    "notes": texts,
    "question": words,
    "consent_text": texts,
    "estimated_minutes": st.none() | st.integers(1, 32_767),
    "quota": st.just("unlimited") | st.integers(1, 2**31 - 1),
    "tasks_per_annotator": st.integers(1, 1000),
    "order": st.sampled_from(["random", "blocked", "listed"]),
    "offers_neutral": st.booleans(),
    "neutral_weight": st.floats(0, 1),
    "rationale": st.sampled_from(["off", "optional", "required"]),
    "checks": st.fixed_dictionaries(
        {},
        optional={
            "attention": st.integers(0, 9),
            "practice": st.integers(0, 9),
            "repeats": st.integers(0, 9),
            "items": st.lists(st.sampled_from(["instructed-01", "practice-02"]), unique=True),
        },
    ),
    "about_you": st.sampled_from(["default", [], default_schema()[:1]]),
    "strata": st.lists(
        st.fixed_dictionaries(group_key, optional=group_rest),
        max_size=3,
        unique_by=lambda group: str(group["key"]),
    ),
    "absolute_limit_minutes": st.integers(1, 2**31 - 1),
    "completion_code": texts,
    "seed": st.integers(-(2**63), 2**63 - 1),
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.fixed_dictionaries(needed, optional=further))
def test_every_valid_document_survives_the_way_in_and_out(document: dict[str, Any]) -> None:
    Study.objects.filter(slug="drawn").delete()

    study = import_study(document)
    study.refresh_from_db()
    exported = export_study(study)
    import_study(exported)

    assert export_study(Study.objects.get(slug="drawn")) == exported
    for key, value in document.items():
        if key not in ("checks", "strata", "about_you"):
            assert exported[key] == value
    items = CheckItem.objects.filter(studies=study).count()
    assert items == len(exported["checks"]["items"])


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from([*configuration.PLAIN, "sets", "quota", "checks", "strata", "$"]), junk))
def test_whatever_stands_in_a_document_is_refused_with_reasons_or_imported(document: dict[str, Any]) -> None:
    said = reasons_against({**MINIMAL, **document})

    assert said != []
    str(said).encode()


def reasons_against(document: dict[str, Any]) -> list[str] | None:
    """What is said about the document; None where it was imported (and is gone again)."""
    try:
        study = import_study(document)
    except ConfigurationInvalid as error:
        return [str(problem) for problem in error.problems]
    study.delete()
    return None
