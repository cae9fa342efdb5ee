"""Owns the promises of the content that ships with the project: balanced, complete, fair to who answers it.

Pure: reads the files of `scenarios/packs/` and needs neither Django nor a database. Counts and limits are
those stated in the pack's README, so a change of the pack that breaks one of them fails here.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

PACK = Path(__file__).resolve().parents[2] / "scenarios" / "packs"
TRAITS = ("empathy", "emotion_regulation", "assertiveness", "impulsiveness")
FIELDS = {
    "key", "text", "action_a", "action_b", "pole_a", "pole_b", "trait", "instrument",
    "statement_original", "statement_reframed", "intended_class", "tags", "license",
}  # fmt: skip
# Sides are drawn for each annotator: an item that names a place would be wrong for half of them.
NAMES_A_PLACE = re.compile(
    r"\b(first|second|last|left|right|upper|lower|top|bottom|other)[- ]+"
    r"(hand |side )?(answer|action|option|one|card|side|button)\b",
    re.IGNORECASE,
)

Item = dict[str, Any]


def read_json(name: str) -> list[Item]:
    """The list of objects in one JSON file of the pack."""
    items: list[Item] = json.loads((PACK / name).read_text(encoding="utf-8"))
    return items


def read_scenarios() -> list[Item]:
    """The scenarios of the pack, in file order."""
    lines = (PACK / "everyday.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def by_trait(scenarios: list[Item]) -> dict[str, list[Item]]:
    """Scenarios grouped by the key of their trait."""
    groups: dict[str, list[Item]] = defaultdict(list)
    for scenario in scenarios:
        groups[scenario["trait"]].append(scenario)
    return groups


def reverse_keyed() -> set[str]:
    """Keys that the pack's README lists as reverse-keyed."""
    readme = (PACK / "README.md").read_text(encoding="utf-8")
    section = readme.split("| trait | reverse-keyed |")[1].split("\n\n")[0]
    return set(re.findall(r"`([a-z-]+-\d\d)`", section))


def expected_pole(scenario: Item, *, reverse: bool) -> int:
    """The pole most people were expected to choose; 0 where they were expected to be divided."""
    follows_statement = -1 if reverse else 1
    return {"AGREE": follows_statement, "OPPOSE": -follows_statement, "AMBIGUOUS": 0}[scenario["intended_class"]]


def option(check: Item, key: str) -> str:
    """The text of one option of a check."""
    texts = {entry["key"]: entry["text"] for entry in check["options"]}
    return str(texts[key])


SCENARIOS = read_scenarios()
CHECKS = read_json("checks.json")
each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["key"])
each_check = pytest.mark.parametrize("check", CHECKS, ids=lambda check: check["key"])
each_trait = pytest.mark.parametrize("trait", TRAITS)


def checks_of(kind: str) -> list[Item]:
    """The checks of one kind, in file order."""
    return [check for check in CHECKS if check["kind"] == kind]


# The pack as a whole


def test_the_pack_has_sixteen_scenarios_for_each_of_the_four_traits() -> None:
    counts = Counter(scenario["trait"] for scenario in SCENARIOS)

    assert counts == dict.fromkeys(TRAITS, 16)


def test_the_traits_file_describes_exactly_the_traits_in_use() -> None:
    traits = read_json("traits.json")

    assert [trait["key"] for trait in traits] == list(TRAITS)
    for trait in traits:
        assert set(trait) == {"key", "name", "description", "positive_label", "negative_label"}
        assert all(trait.values())
        assert trait["positive_label"] != trait["negative_label"]


@pytest.mark.parametrize("field", ["key", "text", "statement_original", "statement_reframed"])
def test_no_two_scenarios_share(field: str) -> None:
    values = [scenario[field].casefold() for scenario in SCENARIOS]

    assert len(set(values)) == len(values)


def test_no_action_is_used_twice() -> None:
    actions = [scenario[side] for scenario in SCENARIOS for side in ("action_a", "action_b")]

    assert len(set(actions)) == len(actions)


@each_trait
def test_action_a_shows_the_trait_about_as_often_as_it_opposes_it(trait: str) -> None:
    scenarios = by_trait(SCENARIOS)[trait]

    share = sum(scenario["pole_a"] == 1 for scenario in scenarios) / len(scenarios)

    assert 0.35 <= share <= 0.65


@each_trait
def test_every_intended_class_occurs_several_times(trait: str) -> None:
    counts = Counter(scenario["intended_class"] for scenario in by_trait(SCENARIOS)[trait])

    assert set(counts) == {"AGREE", "OPPOSE", "AMBIGUOUS"}
    assert min(counts.values()) >= 3


@each_trait
def test_a_quarter_to_a_third_of_the_statements_is_reverse_keyed(trait: str) -> None:
    keys = {scenario["key"] for scenario in by_trait(SCENARIOS)[trait]}

    assert 4 <= len(keys & reverse_keyed()) <= 5


def test_the_readme_lists_only_reverse_keyed_scenarios_that_exist() -> None:
    assert reverse_keyed() <= {scenario["key"] for scenario in SCENARIOS}


@each_trait
def test_neither_pole_is_always_the_expected_one(trait: str) -> None:
    reverse = reverse_keyed()

    poles = Counter(
        expected_pole(scenario, reverse=scenario["key"] in reverse) for scenario in by_trait(SCENARIOS)[trait]
    )

    assert poles[1] >= 3
    assert poles[-1] >= 3


@each_trait
def test_the_expected_action_is_action_a_about_half_of_the_time(trait: str) -> None:
    reverse = reverse_keyed()
    clear = [scenario for scenario in by_trait(SCENARIOS)[trait] if scenario["intended_class"] != "AMBIGUOUS"]

    at_a = sum(
        scenario["pole_a"] == expected_pole(scenario, reverse=scenario["key"] in reverse) for scenario in clear
    )

    assert 0.35 <= at_a / len(clear) <= 0.65


@each_trait
def test_length_does_not_give_the_pole_away(trait: str) -> None:
    lengths: dict[int, int] = defaultdict(int)
    for scenario in by_trait(SCENARIOS)[trait]:
        lengths[scenario["pole_a"]] += len(scenario["action_a"])
        lengths[scenario["pole_b"]] += len(scenario["action_b"])

    assert lengths[1] / lengths[-1] == pytest.approx(1, abs=0.05)


# Each scenario


@each_scenario
def test_a_scenario_has_every_field_and_no_other(scenario: Item) -> None:
    assert set(scenario) == FIELDS
    assert scenario["instrument"] == "commonground-everyday-1"
    assert scenario["license"] == "CC-BY-4.0"
    assert 1 <= len(scenario["tags"]) <= 3
    assert all(re.fullmatch(r"[a-z]{2,14}", tag) for tag in scenario["tags"])


@each_scenario
def test_a_key_names_its_trait(scenario: Item) -> None:
    stem = scenario["trait"].replace("_", "-")

    assert re.fullmatch(rf"{stem}-(0[1-9]|1[0-6])", scenario["key"])


@each_scenario
def test_the_two_poles_are_opposite(scenario: Item) -> None:
    assert {scenario["pole_a"], scenario["pole_b"]} == {1, -1}


@each_scenario
def test_a_text_is_two_to_four_sentences_and_ends_on_a_fact(scenario: Item) -> None:
    sentences = re.findall(r"[.?!](?=\s|$)", scenario["text"])

    assert 2 <= len(sentences) <= 4
    assert scenario["text"].endswith(".")
    assert len(scenario["text"]) <= 700


@each_scenario
def test_the_actions_are_single_sentences_of_similar_length(scenario: Item) -> None:
    actions = (scenario["action_a"], scenario["action_b"])

    for action in actions:
        assert action.startswith("You ")
        assert action.endswith(".")
        assert action.count(".") == 1
    assert max(map(len, actions)) <= 1.25 * min(map(len, actions))


@each_scenario
def test_a_statement_is_in_the_first_person_and_its_other_wording_is_advice(scenario: Item) -> None:
    assert re.search(r"\b(I|me|my)\b", scenario["statement_original"])
    assert scenario["statement_reframed"].startswith("I recommend ")
    assert scenario["statement_original"] != scenario["statement_reframed"]


@each_scenario
def test_no_field_has_stray_space_or_control_characters(scenario: Item) -> None:
    for value in scenario.values():
        if isinstance(value, str):
            assert value == " ".join(value.split())
            assert value.isprintable()


# Checks


@pytest.mark.parametrize(
    ("kind", "least"), [("instructed", 8), ("nonsensical", 6), ("comprehension", 3), ("practice", 6)]
)
def test_there_are_enough_checks_of_every_kind(kind: str, least: int) -> None:
    assert len(checks_of(kind)) >= least


def test_no_two_checks_share_a_key_or_a_text() -> None:
    assert len({check["key"] for check in CHECKS}) == len(CHECKS)
    assert len({check["text"] for check in CHECKS}) == len(CHECKS)


def test_no_scenario_is_used_as_a_check() -> None:
    assert not {check["text"] for check in CHECKS} & {scenario["text"] for scenario in SCENARIOS}


@each_check
def test_a_check_has_two_different_options_and_an_explanation(check: Item) -> None:
    assert set(check) == {"key", "kind", "text", "options", "expected", "explanation"}
    assert check["key"].startswith(f"{check['kind']}-")
    assert [entry["key"] for entry in check["options"]] == ["a", "b"]
    assert option(check, "a") != option(check, "b")
    assert check["explanation"].endswith(".")
    assert check["expected"] in {"a", "b", None}


@each_check
def test_a_check_never_names_the_place_of_an_answer(check: Item) -> None:
    words = [check["text"], check["explanation"], option(check, "a"), option(check, "b")]

    assert not any(NAMES_A_PLACE.search(text) for text in words)


@each_check
def test_a_check_looks_as_long_as_a_scenario(check: Item) -> None:
    lengths = [len(scenario["text"]) for scenario in SCENARIOS]

    assert 0.6 * min(lengths) <= len(check["text"]) <= 1.3 * max(lengths)


@pytest.mark.parametrize("check", checks_of("instructed"), ids=lambda check: check["key"])
def test_an_instruction_quotes_the_wanted_answer_word_for_word_and_no_other(check: Item) -> None:
    wanted = option(check, check["expected"])
    unwanted = option(check, "b" if check["expected"] == "a" else "a")

    assert f'please choose the answer that says "{wanted}"' in check["text"]
    assert unwanted not in check["text"]


@pytest.mark.parametrize("kind", ["instructed", "nonsensical"])
def test_answering_every_check_with_the_same_key_fails_about_half(kind: str) -> None:
    checks = checks_of(kind)

    share = sum(check["expected"] == "a" for check in checks) / len(checks)

    assert 0.35 <= share <= 0.65


@pytest.mark.parametrize("check", checks_of("instructed") + checks_of("nonsensical"), ids=lambda check: check["key"])
def test_the_options_of_an_attention_check_look_like_actions(check: Item) -> None:
    options = (option(check, "a"), option(check, "b"))

    assert all(text.startswith("You ") and text.endswith(".") for text in options)
    assert max(map(len, options)) <= 1.6 * min(map(len, options))


def test_only_practice_items_may_be_without_a_right_answer() -> None:
    without = [check for check in CHECKS if check["expected"] is None]

    assert {check["kind"] for check in without} == {"practice"}
    assert len(without) >= 4
    assert len(checks_of("practice")) - len(without) >= 2
