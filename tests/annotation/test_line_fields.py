"""Small structures written as lines: what is shown reads back to the same value."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from annotation.admin.line_fields import ConditionsField, IndentedJSONField, OptionsField

words = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@given(st.dictionaries(words, st.lists(words, min_size=1, max_size=3), max_size=3))
def test_conditions_survive_being_shown(conditions: dict[str, list[str]]) -> None:
    field = ConditionsField()

    assert field.clean(field.prepare_value(conditions)) == conditions


def test_ordinary_conditions_are_shown_as_lines() -> None:
    shown = ConditionsField().prepare_value({"age": ["18-29", "30-44"], "country": ["DEU"]})

    assert shown == "age: 18-29; 30-44\ncountry: DEU"


@pytest.mark.parametrize("text", ["young people", "age:", ": 18-29", "{broken", '{"age": "18-29"}', '{"age": [1]}'])
def test_lines_that_say_no_condition_are_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        ConditionsField().clean(text)


def test_empty_conditions_take_everybody() -> None:
    assert ConditionsField().clean(" \n ") == {}
    assert not ConditionsField().has_changed({}, "")


def test_a_field_knows_whether_it_was_changed() -> None:
    assert not ConditionsField().has_changed({"age": ["a", "b"]}, "age: a;b")
    assert ConditionsField().has_changed({"age": ["a"]}, "age: b")
    assert ConditionsField().has_changed({"age": ["a"]}, "nonsense")


def test_options_survive_being_shown() -> None:
    field = OptionsField()
    options = [{"key": "a", "text": "You wait: as always."}, {"key": "b", "text": "Du läufst."}]

    assert field.clean(field.prepare_value(options)) == options
    assert not field.has_changed(options, field.prepare_value(options))


def test_json_is_laid_out_to_be_read() -> None:
    assert IndentedJSONField().prepare_value([{"label": "Größe"}]) == '[\n  {\n    "label": "Größe"\n  }\n]'


def test_a_question_that_begins_like_json_survives_being_shown() -> None:
    field = ConditionsField()

    assert field.clean(field.prepare_value({"{": ["0"]})) == {"{": ["0"]}
