"""Which group takes a person, and which groups contradict each other."""

import pytest

from annotation import strata
from annotation.questionnaire import default_schema, questions

ASKED = questions(default_schema())
YOUNG = ("young", {"age": ["18-29"]})
OLD = ("old", {"age": ["60-74", "75+"]})
EVERYBODY: tuple[str, dict[str, list[str]]] = ("all", {})


@pytest.mark.parametrize(
    ("profile", "group"),
    [
        ({"age": "18-29"}, "young"),
        ({"age": "75+", "gender": "woman"}, "old"),
        ({"age": "30-44"}, None),
        ({}, None),
    ],
)
def test_the_first_group_whose_conditions_are_all_met_takes_the_person(
    profile: dict[str, str], group: str | None
) -> None:
    assert strata.first_fitting([YOUNG, OLD], profile) == group


def test_a_group_without_conditions_takes_everybody() -> None:
    assert strata.first_fitting([YOUNG, EVERYBODY], {"age": "30-44"}) == "all"


def test_all_conditions_of_a_group_must_be_met() -> None:
    conditions = {"age": ["18-29"], "gender": ["woman", "man"]}

    assert strata.belongs(conditions, {"age": "18-29", "gender": "man"})
    assert not strata.belongs(conditions, {"age": "18-29", "gender": "another"})


def test_one_of_several_answers_is_enough() -> None:
    assert strata.belongs({"languages": ["de"]}, {"languages": ["en", "de"]})


@pytest.mark.parametrize(
    ("conditions", "says"),
    [
        (["age"], "must be an object"),
        ({"agee": ["18-29"]}, "there is no question “agee”"),
        ({"age": "18-29"}, "needs a list of answers"),
        ({"age": []}, "needs a list of answers"),
        ({"age": ["17"]}, "“17” is no answer to “age”"),
    ],
)
def test_conditions_that_nobody_can_meet_are_named(conditions: object, says: str) -> None:
    (problem,) = strata.condition_problems(conditions, ASKED)

    assert says in problem


def test_numbers_make_no_groups() -> None:
    asked = questions([{"key": "years", "label": "How old?", "type": "number"}])

    assert "groups can only be made from questions" in strata.condition_problems({"years": ["18"]}, asked)[0]


def test_a_group_behind_one_that_takes_the_same_people_gets_nobody() -> None:
    narrow = ("young_women", {"age": ["18-29"], "gender": ["woman"]})

    assert strata.shadowed([YOUNG, narrow]) == [("young_women", "young")]
    assert strata.shadowed([narrow, YOUNG]) == []
    assert strata.shadowed([EVERYBODY, YOUNG, OLD]) == [("young", "all"), ("old", "all")]


def test_an_example_shows_who_fits_nowhere() -> None:
    assert strata.without_group([YOUNG, OLD], ASKED) == {"age": "30-44"}
    assert strata.without_group([YOUNG, OLD, EVERYBODY], ASKED) is None


def test_people_who_leave_an_optional_question_empty_are_thought_of() -> None:
    asked = questions([{"key": "age", "label": "?", "type": "single", "options": ["a", "b"]}])

    assert strata.without_group([("both", {"age": ["a", "b"]})], asked) == {"age": ""}


def test_many_countries_are_searched_without_trying_them_one_by_one() -> None:
    groups = [(code, {"country": [code], "age": ["18-29"], "gender": ["woman"]}) for code in ("DEU", "FRA", "ITA")]

    left_out = strata.without_group(groups, ASKED)

    assert left_out is not None
    assert strata.first_fitting(groups, left_out) is None
