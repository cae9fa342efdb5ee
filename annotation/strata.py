"""Pure: which group of annotators a person belongs to, by what they said about themselves.

Conditions are `{question key: [values]}`: a person belongs where every named question was answered with one
of the listed values (several-choice questions: with at least one of them). A group without conditions takes
everybody. Groups are tried in their order and the first that fits takes the person.
"""

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod
from typing import Any

from annotation.questionnaire import Question

# More combinations than this are not searched for people who fit nowhere.
MAX_COMBINATIONS = 200_000

Conditions = Mapping[str, Sequence[str]]


def belongs(conditions: Conditions, profile: Mapping[str, Any]) -> bool:
    """Whether a person with `profile` (answers by question key) meets all conditions."""
    return all(_given(profile.get(key)) & set(values) for key, values in conditions.items())


def first_fitting(groups: Sequence[tuple[str, Conditions]], profile: Mapping[str, Any]) -> str | None:
    """The key of the first of `groups` (key, conditions) that takes this person; None where none does."""
    return next((key for key, conditions in groups if belongs(conditions, profile)), None)


def condition_problems(conditions: object, questions: Sequence[Question]) -> list[str]:
    """Everything that is wrong with one group's conditions, given the questions the study asks."""
    if not isinstance(conditions, Mapping):
        return ['conditions must be an object such as {"age": ["18-29", "30-44"]}.']
    by_key = {question.key: question for question in questions}
    problems: list[str] = []
    for key, values in conditions.items():
        question = by_key.get(key)
        if question is None:
            asked = ", ".join(by_key) or "none"
            problems.append(f"there is no question “{key}” about the person (asked: {asked}).")
        elif not question.options:
            problems.append(f"“{key}” is a {question.type}; groups can only be made from questions with options.")
        elif not isinstance(values, list) or not values or not all(isinstance(value, str) for value in values):
            problems.append(f"“{key}” needs a list of answers, such as [“{question.values[0]}”].")
        else:
            problems += _unknown_values(key, values, question)
    return problems


def _unknown_values(key: str, values: Sequence[str], question: Question) -> list[str]:
    offered = ", ".join(question.values[:12]) + (" …" if len(question.values) > 12 else "")
    return [
        f"“{value}” is no answer to “{key}” (offered: {offered})." for value in values if value not in question.values
    ]


def shadowed(groups: Sequence[tuple[str, Conditions]]) -> list[tuple[str, str]]:
    """Pairs (group, earlier group) where the earlier one takes everybody the later one could get."""
    found = []
    for index, (key, conditions) in enumerate(groups):
        for earlier_key, earlier in groups[:index]:
            if _covers(earlier, conditions):
                found.append((key, earlier_key))
                break
    return found


def _covers(wide: Conditions, narrow: Conditions) -> bool:
    return all(key in narrow and set(narrow[key]) <= set(values) for key, values in wide.items())


def without_group(groups: Sequence[tuple[str, Conditions]], questions: Sequence[Question]) -> dict[str, str] | None:
    """Answers that fit no group, as {question key: value} (empty: not answered); None where all answers fit.

    Answers that no group tells apart are tried once; several-choice questions with one answer at a time.
    """
    mentioned = {key for _name, conditions in groups for key in conditions}
    asked = [question for question in questions if question.key in mentioned]
    choices = [_distinct_answers(question, groups) for question in asked]
    if prod(len(values) for values in choices) > MAX_COMBINATIONS:
        return None
    for combination in product(*choices):
        answers = {question.key: value for question, value in zip(asked, combination, strict=True)}
        if first_fitting(groups, answers) is None:
            return answers
    return None


def _distinct_answers(question: Question, groups: Sequence[tuple[str, Conditions]]) -> list[str]:
    """One value for each way in which the groups treat an answer to `question`."""
    possible = [*question.values, *([] if question.is_required else [""])]
    representatives: dict[tuple[bool, ...], str] = {}
    for value in possible:
        treatment = tuple(value in conditions.get(question.key, ()) for _name, conditions in groups)
        representatives.setdefault(treatment, value)
    return list(representatives.values())


def _given(answer: object) -> set[str]:
    if isinstance(answer, list | tuple):
        return {str(value) for value in answer}
    return set() if answer is None or answer == "" else {str(answer)}
