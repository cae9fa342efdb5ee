"""What a list of questions about the person must look like, and what is said about one that does not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation import countries, questionnaire
from annotation.questionnaire import PREFER_NOT_TO_SAY, default_schema, questions, validate_schema

AGE: dict[str, Any] = {"key": "age", "label": "How old?", "type": "single", "options": ["18-29", "30-44"]}


def test_the_questions_that_ship_are_valid_and_can_all_be_declined() -> None:
    asked = questions(default_schema())

    assert [question.key for question in asked] == ["age", "gender", "country"]
    assert all(question.can_be_declined and PREFER_NOT_TO_SAY in question.values for question in asked)


def test_the_default_is_a_copy_that_nobody_can_spoil() -> None:
    default_schema()[0]["label"] = "Changed"

    assert default_schema()[0]["label"] == "How old are you?"


def test_countries_are_offered_by_three_letters_so_that_namibia_is_no_missing_value() -> None:
    (country,) = [question for question in questions(default_schema()) if question.key == "country"]

    assert "NAM" in country.values
    assert "NA" not in country.values
    assert len(countries.COUNTRIES) == 244
    assert all(len(code) == 3 and code.isupper() for code in countries.COUNTRIES)


def test_texts_and_objects_may_stand_as_options() -> None:
    (question,) = questions([{**AGE, "options": ["young", {"value": "old", "label": "Older"}]}])

    assert [(option.value, option.label) for option in question.options] == [("young", "young"), ("old", "Older")]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key": "Age"}, "lower-case letters"),
        ({"key": "state"}, "column of the participants' record"),
        ({"key": None}, "short name"),
        ({"label": " "}, "words of the question"),
        ({"label": "x" * 501}, "longer than 500"),
        ({"label": "a\x00b"}, "words of the question"),
        ({"help": "\ud800"}, '"help" must be a text'),
        ({"type": "dropdown"}, "must be one of single, multiple, number, text"),
        ({"options": ["only one"]}, "at least two"),
        ({"options": "planets"}, "no list “planets”"),
        ({"options": ["a", 2]}, "option 2 must be a text"),
        ({"options": ["a", {"value": "b", "lable": "B"}]}, "option 2 must be a text"),
        ({"options": ["a", "a"]}, "the option “a” stands twice"),
        ({"options": ["b", {"value": "c", "label": "b"}]}, "two options read “b”"),
        ({"required": "yes"}, "true or false"),
        ({"min": 1}, "belong to numbers and texts only"),
        ({"type": "number"}, 'a number has no "options"'),
        ({"type": "number", "options": None, "min": 9, "max": 1}, '"min" is larger than "max"'),
        ({"type": "text", "options": None, "max": -1}, "whole numbers from 0 to 10000"),
        ({"lable": "x"}, "did you mean “label”?"),
    ],
)
def test_every_mistake_is_named(change: dict[str, Any], says: str) -> None:
    problems = validate_schema([{**AGE, **change}])

    assert [says in problem for problem in problems] == [True], problems


def test_all_mistakes_are_listed_at_once() -> None:
    problems = validate_schema([{"key": "A"}, AGE, AGE, "text"])

    assert problems == [
        'Question 1 (A): "key" must be a short name of lower-case letters, digits and _, beginning with a letter.',
        'Question 1 (A): "label" must hold the words of the question.',
        'Question 1 (A): "type" must be one of single, multiple, number, text.',
        "Question 3 (age): the key “age” is used by an earlier question; every key stands once.",
        'Question 4 must be an object such as {"key": "age", ...}.',
    ]


def test_asking_for_questions_of_an_invalid_schema_says_what_is_wrong() -> None:
    with pytest.raises(questionnaire.InvalidSchema, match="must be a list"):
        questions({"key": "age"})


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
fields = st.sampled_from(questionnaire.FIELDS)


@given(st.lists(st.dictionaries(fields, junk | st.sampled_from(questionnaire.TYPES), max_size=8), max_size=3))
def test_whatever_stands_there_is_either_valid_or_explained(schema: list[dict[str, Any]]) -> None:
    problems = validate_schema(schema)

    assert all(problem and "Traceback" not in problem for problem in problems)
    if not problems:
        assert len(questions(schema)) == len(schema)
