"""The page of questions about the person: what it asks, what it takes, and what comes out of it."""

from typing import Any

import pytest
from django import forms

from annotation.forms import AboutYouForm
from annotation.models import Study
from annotation.questionnaire import default_schema

USUAL = {"age": "18-29", "gender": "prefer_not_to_say", "country": "NAM"}


def form_for(schema: list[dict[str, Any]], data: dict[str, Any] | None = None) -> AboutYouForm:
    return AboutYouForm.for_study(Study(about_you=schema), data=data)


def test_few_options_are_radio_buttons_and_many_a_list() -> None:
    form = form_for(default_schema())

    assert type(form.fields["age"].widget) is forms.RadioSelect
    assert type(form.fields["country"].widget) is forms.Select


def test_radio_buttons_stand_in_a_group_with_their_question_as_its_legend() -> None:
    html = form_for(default_schema()).as_div()

    assert html.count("<legend>") == 2
    assert "How old are you?</legend>" in html
    assert 'aria-describedby="id_country_helptext"' in html
    assert "style=" not in html


def test_preferring_not_to_say_counts_as_answered() -> None:
    form = form_for(default_schema(), USUAL)

    assert form.is_valid()
    assert form.profile() == USUAL


def test_a_required_question_left_empty_is_asked_for_by_name() -> None:
    form = form_for(default_schema(), {"age": "18-29", "gender": "woman"})

    assert not form.is_valid()
    assert form.errors == {"country": ["Please answer this question."]}


def test_an_answer_that_is_not_offered_is_refused() -> None:
    assert not form_for(default_schema(), {**USUAL, "age": "17\x00"}).is_valid()


def test_optional_questions_may_be_left_empty_and_leave_no_trace() -> None:
    schema: list[dict[str, Any]] = [
        {"key": "job", "label": "What do you do?", "type": "text"},
        {"key": "years", "label": "Since when?", "type": "number", "min": 0, "max": 80},
        {"key": "pets", "label": "Pets?", "type": "multiple", "options": ["cat", "dog"]},
    ]

    form = form_for(schema, {"job": "  ", "years": "", "pets": []})

    assert form.is_valid()
    assert form.profile() == {}


def test_numbers_texts_and_several_choices_come_out_as_what_they_are() -> None:
    schema: list[dict[str, Any]] = [
        {"key": "job", "label": "What do you do?", "type": "text", "max": 20},
        {"key": "years", "label": "Since when?", "type": "number", "min": 0, "max": 80},
        {"key": "share", "label": "How much?", "type": "number", "min": 0.5},
        {"key": "pets", "label": "Pets?", "type": "multiple", "options": ["cat", "dog"], "required": True},
    ]

    form = form_for(schema, {"job": " nurse ", "years": "7", "share": "0.75", "pets": ["dog", "cat"]})

    assert form.is_valid(), form.errors
    assert form.profile() == {"job": "nurse", "years": 7, "share": 0.75, "pets": ["dog", "cat"]}


@pytest.mark.parametrize(
    ("years", "is_taken"), [("0", True), ("80", True), ("-1", False), ("81", False), ("x", False)]
)
def test_numbers_stay_within_their_bounds(years: str, is_taken: bool) -> None:
    schema = [{"key": "years", "label": "?", "type": "number", "min": 0, "max": 80}]

    assert form_for(schema, {"years": years}).is_valid() is is_taken


def test_nobody_can_tell_and_not_tell() -> None:
    schema = [{"key": "pets", "label": "Pets?", "type": "multiple", "options": ["cat", "dog", "prefer_not_to_say"]}]

    form = form_for(schema, {"pets": ["cat", "prefer_not_to_say"]})

    assert not form.is_valid()
    assert "not both" in form.errors["pets"][0]


def test_a_study_that_asks_nothing_has_an_empty_valid_form() -> None:
    form = form_for([], {})

    assert form.is_valid()
    assert form.profile() == {}
