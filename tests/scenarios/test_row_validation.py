"""What makes a row a scenario: every way to get it wrong has its code, its column and a reason."""

from typing import Any

import pytest

from scenarios.issues import IssueLog, quoted
from scenarios.rows import Row, checked
from scenarios.validation import FIELDS, ParsedAction, ParsedScenario, Validator
from tests.study_files import scenario_row

COLUMNS = {name: name for name in (*FIELDS.required, *FIELDS.optional)}
TRAITS = {
    "empathy": "empathy",
    "emotion_regulation": "emotion_regulation",
    "emotion regulation": "emotion_regulation",
}


def check(**cells: object) -> tuple[ParsedScenario | None, list[Any]]:
    return Validator(COLUMNS, TRAITS).check(checked(2, scenario_row(1) | cells))


def parsed(**cells: object) -> ParsedScenario:
    scenario, issues = check(**cells)
    assert scenario is not None
    assert not issues
    return scenario


def found(**cells: object) -> list[tuple[str, str]]:
    _scenario, issues = check(**cells)
    assert all(issue.row == 2 and issue.reason for issue in issues)
    return [(issue.column, issue.code) for issue in issues]


# What a good row becomes


def test_four_columns_make_a_scenario() -> None:
    assert parsed() == ParsedScenario(
        row=2,
        key="s1",
        text="Situation 1.",
        actions=(ParsedAction("a", "You help (1).", None), ParsedAction("b", "You wait (1).", None)),
    )


def test_further_actions_follow_in_the_order_of_the_alphabet() -> None:
    scenario = parsed(action_c="You leave.", action_d="You laugh.")

    assert [action.key for action in scenario.actions] == ["a", "b", "c", "d"]


def test_rows_may_have_fewer_actions_than_the_file_has_columns() -> None:
    scenario = parsed(action_c="", action_d=None)

    assert [action.key for action in scenario.actions] == ["a", "b"]


def test_action_keys_can_be_given() -> None:
    scenario = parsed(key_a="safe", key_b="not-safe_2")

    assert [action.key for action in scenario.actions] == ["safe", "not-safe_2"]


@pytest.mark.parametrize(
    ("cell", "pole"),
    [
        ("1", 1),
        ("+1", 1),
        ("+", 1),
        ("-1", -1),
        ("-", -1),
        ("−1", -1),
        (1, 1),
        (-1, -1),
        (1.0, 1),
        ("", None),
        (None, None),
    ],
)
def test_poles_can_be_written_in_several_ways(cell: object, pole: int | None) -> None:
    assert parsed(pole_a=cell).actions[0].pole == pole


@pytest.mark.parametrize("name", ["emotion_regulation", "Emotion regulation", " EMOTION_REGULATION "])
def test_a_trait_is_known_by_key_or_name_in_any_case(name: str) -> None:
    assert parsed(trait=name).trait == "emotion_regulation"


def test_new_traits_are_taken_when_asked_for() -> None:
    row = checked(2, scenario_row(1, trait="Patience"))

    scenario, issues = Validator(COLUMNS, TRAITS, takes_new_traits=True).check(row)

    assert scenario is not None
    assert (scenario.trait, issues) == ("Patience", [])


@pytest.mark.parametrize(
    ("cell", "tags"),
    [
        ("work; family", ("work", "family")),
        ("work,family|work", ("work", "family")),
        ('["work", "close, family"]', ("work", "close, family")),
        (["work", " family "], ("work", "family")),
        ("", ()),
        (None, ()),
        (2024, ("2024",)),
    ],
)
def test_tags_can_be_written_in_several_ways(cell: object, tags: tuple[str, ...]) -> None:
    assert parsed(tags=cell).tags == tags


@pytest.mark.parametrize(("cell", "expected"), [("agree", "AGREE"), ("AMBIGUOUS", "AMBIGUOUS"), ("", "")])
def test_the_intended_class_may_be_in_any_case(cell: str, expected: str) -> None:
    assert parsed(intended_class=cell).intended_class == expected


def test_space_around_a_cell_does_not_count() -> None:
    scenario = parsed(key=" s1\t", text="\u200b Situation.\n", action_a="\ufeffYou help. ")

    assert (scenario.key, scenario.text, scenario.actions[0].text) == ("s1", "Situation.", "You help.")


def test_paragraphs_inside_a_text_stay() -> None:
    assert parsed(text="One.\n\nTwo.").text == "One.\n\nTwo."


@pytest.mark.parametrize(("cell", "key"), [(173, "173"), (173.0, "173"), (True, "true"), (1.5, "1.5")])
def test_numbers_are_keys_too(cell: object, key: str) -> None:
    assert parsed(key=cell).key == key


# What is wrong with a bad one


@pytest.mark.parametrize("field", ["key", "text", "action_a", "action_b"])
@pytest.mark.parametrize(
    ("cell", "code"),
    [(None, "missing"), ("", "empty"), (" \t\n ", "empty"), ("\u200b", "empty"), (float("nan"), "empty")],
)
def test_the_four_fields_need_a_value(field: str, cell: object, code: str) -> None:
    assert found(**{field: cell}) == [(field, code)]


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ("key", 120),
        ("text", 20_000),
        ("action_a", 5_000),
        ("key_a", 20),
        ("instrument", 60),
        ("statement_original", 2_000),
        ("statement_reframed", 2_000),
        ("license", 60),
    ],
)
def test_every_field_has_a_longest_length(field: str, limit: int) -> None:
    assert found(**{field: "x" * limit}) == []
    assert found(**{field: "x" * (limit + 1)}) == [(field, "too_long")]


@pytest.mark.parametrize("field", ["key", "text", "action_b", "license"])
@pytest.mark.parametrize("cell", [["a", "list"], {"an": "object"}, object()])
def test_lists_and_objects_are_no_text(field: str, cell: object) -> None:
    assert found(**{field: cell}) == [(field, "bad_type")]


@pytest.mark.parametrize("key", ["two\nlines", "a\ttab", "bell\x07", "line\u2028separator"])
def test_a_key_is_one_line(key: str) -> None:
    assert found(key=key) == [("key", "bad_key")]


@pytest.mark.parametrize("same", ["You help (1).", " you  HELP\n(1). "])
def test_two_actions_with_the_same_words_are_no_choice(same: str) -> None:
    assert found(action_b=same) == [("action_b", "same_actions")]


def test_a_third_action_may_not_repeat_the_first_either() -> None:
    assert found(action_c="You help (1).") == [("action_c", "same_actions")]


def test_no_action_may_be_skipped() -> None:
    assert found(action_d="You laugh.") == [("action_c", "missing")]


def test_a_pole_without_its_action_is_a_mistake() -> None:
    assert found(pole_c="1") == [("action_c", "missing")]


@pytest.mark.parametrize("key", ["neutral", "not_applicable"])
def test_the_answers_beside_the_actions_keep_their_names(key: str) -> None:
    assert found(key_a=key) == [("key_a", "reserved_key")]


@pytest.mark.parametrize("key", ["two words", "ä", "a,b", "-a", "a.b", "a\u0660"])
def test_action_keys_are_plain(key: str) -> None:
    assert found(key_a=key) == [("key_a", "bad_action_key")]


def test_two_actions_cannot_have_one_key() -> None:
    assert found(key_b="a") == [("key_b", "duplicate_action_key")]


@pytest.mark.parametrize("pole", ["2", "0", "yes", "+-", "1.5", 0, True])
def test_other_poles_are_refused(pole: object) -> None:
    assert found(pole_b=pole) == [("pole_b", "bad_pole")]


def test_an_unknown_trait_comes_with_the_ways_out() -> None:
    _scenario, issues = check(trait="empaty")

    assert [(issue.column, issue.code) for issue in issues] == [("trait", "unknown_trait")]
    assert "Did you mean “empathy”" in issues[0].reason
    assert "--create-traits" in issues[0].reason


def test_other_classes_are_refused() -> None:
    assert found(intended_class="maybe") == [("intended_class", "bad_class")]


@pytest.mark.parametrize("cell", ["[1, 2]", "[unclosed", [1, 2], ["a", None], '["a", ["b"]]'])
def test_tags_are_words(cell: object) -> None:
    assert found(tags=cell) == [("tags", "bad_tags")]


@pytest.mark.parametrize("cell", [["x" * 61], [f"t{number}" for number in range(51)]])
def test_tags_are_few_and_short(cell: list[str]) -> None:
    assert found(tags=cell) == [("tags", "too_long")]


@pytest.mark.parametrize("tag", ["\0", "\ud800"])
def test_tags_in_lists_are_looked_at_too(tag: str) -> None:
    assert found(tags=[tag]) == [("tags", "bad_encoding")]


@pytest.mark.parametrize(
    ("text", "code"), [("a\0b", "nul"), ("a\udce9b", "bad_encoding"), ("x" * 131_073, "too_long")]
)
def test_a_damaged_cell_is_reported_once(text: str, code: str) -> None:
    assert found(text=text) == [("text", code)]


def test_a_row_that_could_not_be_read_has_no_further_problems() -> None:
    row = Row(7, {}, checked(7, {"text": "\0"}).issues)

    assert Validator(COLUMNS, TRAITS).check(row) == (None, list(row.issues))


def test_a_key_stands_once_in_a_file_and_the_message_says_where_first() -> None:
    validator = Validator(COLUMNS, TRAITS)
    validator.check(checked(2, scenario_row(1)))

    _scenario, issues = validator.check(checked(9, scenario_row(1)))

    assert [(issue.row, issue.column, issue.code) for issue in issues] == [(9, "key", "duplicate")]
    assert "row 2" in issues[0].reason


def test_all_problems_of_a_row_are_named_together() -> None:
    assert found(key="", text=None, pole_a="9", trait="x") == [
        ("key", "empty"),
        ("text", "missing"),
        ("pole_a", "bad_pole"),
        ("trait", "unknown_trait"),
    ]


def test_issues_name_the_columns_of_the_file() -> None:
    validator = Validator({**COLUMNS, "action_a": "first choice", "action_b": "second choice"}, TRAITS)
    row = checked(2, {"key": "s1", "text": "One.", "first choice": "Go.", "second choice": "Go."})

    _scenario, issues = validator.check(row)

    assert [(issue.column, issue.code) for issue in issues] == [("second choice", "same_actions")]
    assert "first choice" in issues[0].reason


# How problems are kept and shown


def test_every_problem_is_counted_and_the_first_ones_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scenarios.issues.KEPT", 3)
    log = IssueLog()
    for number in range(5):
        log.add(check(key="", text="")[1] if number else [])

    assert (log.total, len(log.kept)) == (8, 3)
    assert log.by_code == {"empty": 8}
    assert list(log.lines())[-1] == "... and 5 more."


def test_a_value_is_quoted_on_one_line_and_short() -> None:
    assert quoted("a\nb\x1b[31m") == "“a\ufffdb\ufffd[31m”"
    assert quoted("x" * 500) == f"“{'x' * 60}…”"
