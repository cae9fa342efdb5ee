"""Columns to fields: what `--map` takes, and what it says when it cannot be followed."""

import pytest

from scenarios.mapping import BadMapping, Fields, parse, resolve

FIELDS = Fields(required=("key", "text"), optional=("trait", "tags"))


def problems(mapping: dict[str, str], columns: list[str]) -> list[tuple[str, str]]:
    with pytest.raises(BadMapping) as caught:
        resolve(mapping, columns=columns, fields=FIELDS)
    return [(issue.code, issue.column) for issue in caught.value.issues]


def test_pairs_are_written_with_commas_between() -> None:
    assert parse("key=scenario_id,text=context") == {"key": "scenario_id", "text": "context"}


def test_the_option_can_be_given_several_times() -> None:
    assert parse(["key=scenario_id", "text=context"]) == {"key": "scenario_id", "text": "context"}


def test_names_may_hold_spaces_equals_signs_and_in_quotation_marks_commas() -> None:
    assert parse('key = the id , text=a=b,"tags=work, family"') == {
        "key": "the id",
        "text": "a=b",
        "tags": "work, family",
    }


def test_nothing_given_is_nothing_mapped() -> None:
    assert parse([]) == parse("") == {}


@pytest.mark.parametrize(
    ("text", "words"), [("key", "“key” is none"), ("=a", "is none"), ("a=b,a=c", "gives “a” twice")]
)
def test_what_is_no_pair_is_named(text: str, words: str) -> None:
    with pytest.raises(BadMapping, match=words):
        parse(text)


def test_the_message_names_the_option_it_is_about() -> None:
    with pytest.raises(BadMapping, match="--values takes"):
        parse("Yes", option="--values")


def test_mapped_columns_are_taken_and_all_others_are_named_as_ignored() -> None:
    columns = resolve({"key": "id", "text": "context"}, columns=["id", "context", "ambiguity"], fields=FIELDS)

    assert columns.by_field == {"key": "id", "text": "context"}
    assert columns.ignored == ("ambiguity",)


def test_a_column_with_a_fields_own_name_needs_no_mapping() -> None:
    columns = resolve({"text": "context"}, columns=["key", "context", "trait"], fields=FIELDS)

    assert columns.by_field == {"key": "key", "text": "context", "trait": "trait"}


def test_a_mapping_goes_before_a_column_of_that_name() -> None:
    columns = resolve({"key": "id"}, columns=["id", "key", "text"], fields=FIELDS)

    assert columns.by_field["key"] == "id"
    assert columns.ignored == ("key",)


def test_an_empty_mapping_leaves_a_column_out() -> None:
    columns = resolve({"trait": ""}, columns=["key", "text", "trait"], fields=FIELDS)

    assert columns.ignored == ("trait",)


def test_one_column_may_serve_two_fields() -> None:
    columns = resolve({"key": "text"}, columns=["text"], fields=FIELDS)

    assert columns.by_field == {"key": "text", "text": "text"}


def test_every_problem_is_reported_at_once() -> None:
    found = problems({"keys": "id", "text": "contexts"}, ["id", "context"])

    assert found == [("unknown_field", ""), ("unknown_column", "contexts"), ("missing_column", "key")]


@pytest.mark.parametrize(
    ("mapping", "columns", "hint"),
    [
        ({"text": "Contxt"}, ["key", "context"], "Did you mean “context”"),
        ({"txt": "context"}, ["key", "text", "context"], "Did you mean “text”"),
        ({}, ["Key", "text"], "Did you mean “Key”"),
        ({}, ["text", "number"], "Its columns are text, number"),
        ({"zzz": "text"}, ["key", "text"], "Fields are key, text, trait, tags"),
        ({}, ["text"], "--map key=COLUMN"),
    ],
)
def test_a_problem_says_what_to_write_instead(mapping: dict[str, str], columns: list[str], hint: str) -> None:
    with pytest.raises(BadMapping) as caught:
        resolve(mapping, columns=columns, fields=FIELDS)

    assert hint in str(caught.value)


def test_required_fields_cannot_be_left_out() -> None:
    assert problems({"key": ""}, ["key", "text"]) == [("missing_column", "key")]


def test_many_columns_are_not_all_listed() -> None:
    with pytest.raises(BadMapping, match="and 8 more"):
        resolve({}, columns=["text", *(f"{n}{n}{n}" for n in range(19))], fields=FIELDS)
