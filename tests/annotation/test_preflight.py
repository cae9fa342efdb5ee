"""Before a study opens, everything that is wrong with it is listed, with what to do about it."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotation import check_bank, life_cycle
from annotation.models import CheckItem, Provider, Stratum, Study
from annotation.preflight import Problem, problems
from annotation.questionnaire import default_schema
from scenarios.models import Action, Scenario, ScenarioSet, Translation
from tests import cast

pytestmark = pytest.mark.django_db

FOR_PROLIFIC: dict[str, Any] = {
    "provider": Provider.PROLIFIC,
    "estimated_minutes": 10,
    "contact": "study@lab.ac.uk",
    "reward": "£1.50",
    "completion_code": "C1A2B3C4",
    "completion_url": "https://app.prolific.com/submissions/complete?cc=C1A2B3C4",
}


def ready(**fields: Any) -> Study:
    """A study without a single problem, apart from what `fields` breaks."""
    texts = {"instructions": "Read and choose.", "consent_text": "You may stop at any time."}
    return cast.make_study(is_open=False, **{**texts, **fields})


def found(study: Study) -> dict[str, Problem]:
    return {problem.code: problem for problem in problems(study)}


def test_a_complete_study_has_no_problems() -> None:
    assert problems(ready()) == []
    assert problems(ready(slug="paid", **FOR_PROLIFIC)) == []


@pytest.mark.parametrize(
    ("fields", "level", "code", "field"),
    [
        ({"consent_text": "  "}, "warning", "no_consent_text", "consent_text"),
        ({"consent_text": "", **FOR_PROLIFIC}, "error", "no_consent_text", "consent_text"),
        ({"instructions": ""}, "warning", "no_instructions", "instructions"),
        ({"tasks_per_annotator": 9}, "warning", "more_tasks_than_scenarios", "tasks_per_annotator"),
        ({"tasks_per_annotator": 9, "min_tasks": 9}, "error", "fewest_tasks_cannot_be_met", "min_tasks"),
        ({"repeats": 4}, "error", "too_many_repeats", "repeats"),
        ({"attention_checks": 1}, "error", "too_few_attention_checks", "attention_checks"),
        ({"practice_items": 2}, "error", "too_few_practice_items", "practice_items"),
        ({"about_you": [{"key": "x"}]}, "error", "about_you_invalid", "about_you"),
        ({"about_you": {"key": "x"}}, "error", "about_you_invalid", "about_you"),
        (
            {"about_you": [{"key": "x", "label": "?", "type": "text", "required": True}]},
            "warning",
            "question_cannot_be_declined",
            "about_you",
        ),
        ({"absolute_limit_minutes": 10}, "error", "limits_contradict", "absolute_limit_minutes"),
        ({"estimated_minutes": 121}, "error", "limit_below_estimate", "absolute_limit_minutes"),
        ({"estimated_minutes": 100}, "warning", "limit_is_tight", "absolute_limit_minutes"),
        (
            {"estimated_minutes": 1, "tasks_per_annotator": 40},
            "warning",
            "estimate_too_short",
            "estimated_minutes",
        ),
        ({**FOR_PROLIFIC, "estimated_minutes": None}, "error", "no_estimated_minutes", "estimated_minutes"),
        ({**FOR_PROLIFIC, "contact": ""}, "warning", "no_contact", "contact"),
        ({**FOR_PROLIFIC, "reward": ""}, "warning", "no_reward", "reward"),
        ({**FOR_PROLIFIC, "quota": None}, "warning", "no_limit_for_a_recruiter", "quota"),
        ({**FOR_PROLIFIC, "completion_url": ""}, "error", "no_completion_url", "completion_url"),
        (
            {**FOR_PROLIFIC, "completion_url": "http://app.prolific.com/submissions/complete?cc=C1A2B3C4"},
            "error",
            "completion_url_unusable",
            "completion_url",
        ),
        (
            {**FOR_PROLIFIC, "completion_url": "https://app.prolific.com/submissions/complete"},
            "error",
            "completion_url_unusable",
            "completion_url",
        ),
        (
            {**FOR_PROLIFIC, "completion_url": "https://app.prolific.com/submissions/complete?cc=OTHER99"},
            "error",
            "codes_differ",
            "completion_code",
        ),
        (
            {**FOR_PROLIFIC, "completion_url": "https://prolific.example.net/?cc=C1A2B3C4"},
            "warning",
            "not_prolifics_address",
            "completion_url",
        ),
        (
            {
                **FOR_PROLIFIC,
                "completion_code": "",
                "completion_url": "https://app.prolific.com/submissions/complete?cc=XXXXXX",
            },
            "error",
            "placeholder_code",
            "completion_url",
        ),
        (
            {**FOR_PROLIFIC, "provider": Provider.CONNECT, "completion_url": "", "completion_code": ""},
            "error",
            "no_completion",
            "completion_code",
        ),
        (
            {**FOR_PROLIFIC, "provider": Provider.PANEL, "completion_url": "http://panel.net/done"},
            "error",
            "completion_url_unsafe",
            "completion_url",
        ),
        ({"completion_url": "javascript:alert(1)"}, "error", "completion_url_unusable", "completion_url"),
        ({"completion_code": "your-code"}, "warning", "placeholder_code", "completion_code"),
        ({"debrief": "Thank you, {{%PROLIFIC_PID%}}"}, "error", "unfilled_mark", "debrief"),
        ({"consent_text": "TODO"}, "warning", "placeholder_text", "consent_text"),
        ({"question": ""}, "error", "invalid_value", "question"),
        ({"neutral_weight": 1.5}, "error", "invalid_value", "neutral_weight"),
        ({"order": "blocked"}, "warning", "no_trait_to_block_by", "order"),
        ({"language": "de"}, "warning", "not_translated", "language"),
        (
            {"rationale": "required", "rationale_min_length": 9000},
            "error",
            "no_reason_is_long_enough",
            "rationale_min_length",
        ),
    ],
)
def test_each_problem_is_named_with_its_weight_and_its_field(
    fields: dict[str, Any], level: str, code: str, field: str
) -> None:
    problem = found(ready(**fields))[code]

    assert (problem.level, problem.field) == (level, field)
    assert problem.message.rstrip(".!").count(" ") > 3, "a sentence that says what to do"


def test_all_problems_are_listed_at_once_and_errors_come_first() -> None:
    study = ready(consent_text="", repeats=4, attention_checks=2, absolute_limit_minutes=1)

    levels = [problem.level for problem in problems(study)]

    assert levels == ["error", "error", "error", "warning"]


def test_a_study_without_sets_has_nothing_to_ask() -> None:
    study = ready()
    study.sets.clear()

    assert found(study)["no_sets"].level == "error"


def test_an_empty_set_is_named() -> None:
    study = ready()
    study.sets.add(ScenarioSet.objects.create(slug="hollow", name="Hollow"))

    assert "“Hollow” holds no scenarios" in found(study)["empty_set"].message


def test_the_same_key_in_two_sets_is_an_error_with_examples() -> None:
    study = ready()
    study.sets.add(cast.make_set("second", scenarios=9))

    assert "(s1, s2, s3, s4)" in found(study)["key_in_two_sets"].message


def test_old_versions_of_a_scenario_are_no_second_key() -> None:
    study = ready()
    old = Scenario.objects.get(key="s1")
    Scenario.objects.filter(pk=old.pk).update(is_latest=False)
    newer = Scenario.objects.create(set=old.set, key="s1", version=2, blocks=old.blocks, content_hash="x")
    for position, key in enumerate("ab"):
        Action.objects.create(scenario=newer, key=key, position=position, text=key)

    assert problems(study) == []


def test_scenarios_with_one_action_are_named() -> None:
    study = ready()
    Action.objects.filter(scenario__key="s2", key="b").delete()

    assert "s2 have fewer" in found(study)["too_few_actions"].message


def test_translated_scenarios_are_not_missing() -> None:
    study = ready(language="de")
    for scenario in Scenario.objects.all():
        Translation.objects.create(scenario=scenario, language="de", text="…", actions={})

    assert problems(study) == []


class TestChecks:
    def test_an_unfair_check_among_fair_ones_is_a_warning(self) -> None:
        study = ready(attention_checks=2)
        study.checks.set([cast.make_check(), cast.make_check("vague", expected="b")])

        assert "vague" in found(study)["unfair_checks"].message

    def test_attention_checks_of_which_none_is_fair_are_an_error(self) -> None:
        study = ready(attention_checks=1)
        study.checks.set([cast.make_check(expected="")])

        assert found(study)["no_fair_check"].level == "error"

    def test_a_broken_item_is_an_error(self) -> None:
        study = ready()
        broken = CheckItem.objects.create(key="broken", kind="practice", text="?", options=[])
        study.checks.set([broken])

        assert "“broken”" in found(study)["check_is_broken"].message

    def test_chosen_checks_that_nobody_is_asked_are_pointed_out(self) -> None:
        study = ready()
        study.checks.set([cast.make_check()])

        assert found(study)["checks_are_not_asked"].level == "warning"

    def test_one_check_in_a_long_prolific_study_rejects_nobody(self) -> None:
        study = ready(**FOR_PROLIFIC, attention_checks=1)
        study.checks.set([cast.make_check()])

        assert found(study)["one_check_rejects_nobody"].level == "warning"

    def test_more_checks_than_tasks_are_pointed_out(self) -> None:
        study = ready(attention_checks=5)
        study.checks.set(check_bank.ensure_shipped())

        assert found(study)["more_checks_than_tasks"].field == "attention_checks"

    def test_shipped_checks_in_a_study_of_another_language_are_pointed_out(self) -> None:
        study = ready(attention_checks=1, language="de")
        study.checks.set(check_bank.ensure_shipped())

        assert found(study)["checks_in_english"].level == "warning"


class TestGroups:
    def group(self, study: Study, key: str, **fields: Any) -> None:
        Stratum.objects.create(study=study, key=key, position=study.strata.count(), **fields)

    def test_groups_that_cover_everybody_are_fine(self) -> None:
        study = ready(about_you=default_schema(), quota=10)
        self.group(study, "young", conditions={"age": ["18-29"]}, target=4)
        self.group(study, "rest", target=6)

        assert problems(study) == []

    def test_conditions_must_name_questions_and_answers_that_are_asked(self) -> None:
        study = ready(about_you=default_schema())
        self.group(study, "a", conditions={"income": ["low"], "age": ["17"]})

        messages = [each.message for each in problems(study) if each.code == "group_condition_invalid"]

        assert len(messages) == 2
        assert all(message.startswith("Group “a”: ") for message in messages)

    def test_a_group_that_gets_nobody_is_an_error(self) -> None:
        study = ready(about_you=default_schema())
        self.group(study, "all")
        self.group(study, "young", conditions={"age": ["18-29"]})

        assert "“young” would never get anybody" in found(study)["group_gets_nobody"].message

    def test_people_without_a_group_are_pointed_out_with_an_example(self) -> None:
        study = ready(about_you=default_schema())
        self.group(study, "young", conditions={"age": ["18-29"]})

        assert "age: 30-44" in found(study)["people_without_a_group"].message

    def test_targets_that_do_not_add_up_to_the_quota_are_pointed_out(self) -> None:
        study = ready(about_you=default_schema(), quota=10)
        self.group(study, "young", conditions={"age": ["18-29"]}, target=5)
        self.group(study, "rest", target=7)

        assert "5 + 7 = 12" in found(study)["targets_do_not_add_up"].message

    def test_an_unlimited_group_among_limited_ones_is_pointed_out(self) -> None:
        study = ready(about_you=default_schema(), quota=None)
        self.group(study, "young", conditions={"age": ["18-29"]}, target=5)
        self.group(study, "rest")

        assert "rest none" in found(study)["some_groups_are_unlimited"].message


def test_a_code_that_another_study_uses_is_pointed_out() -> None:
    ready(slug="first", title="First wave", completion_code="C9Z8Y7")

    assert "“First wave”" in found(ready(completion_code="C9Z8Y7"))["code_is_used_twice"].message


def test_errors_keep_a_study_closed_and_warnings_do_not() -> None:
    broken, rough = ready(repeats=4), ready(slug="rough", consent_text="")

    with pytest.raises(life_cycle.NotReady) as refused:
        life_cycle.open_study(broken, now=cast.NOON)
    life_cycle.open_study(rough, now=cast.NOON)

    assert [problem.code for problem in refused.value.problems] == ["too_many_repeats"]
    assert (broken.state, rough.state) == ("draft", "open")


def test_looking_costs_the_same_few_queries_for_any_number_of_scenarios() -> None:
    small, large = ready(completion_code="C1"), ready(slug="large", scenarios=60, completion_code="C2")

    counts = []
    for study in (small, large):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            problems(study)
        counts.append(len(queries))

    assert counts == [7, 7]
