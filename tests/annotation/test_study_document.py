"""The shape of a study's JSON document: what is taken, what is refused, and its JSON Schema."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation import study_document
from annotation.study_document import DOCUMENT, Unreadable, json_schema, problems, read

SCHEMA_FILE = Path(__file__).resolve().parents[2] / "docs" / "study.schema.json"
MINIMAL = {"slug": "first", "title": "First", "sets": ["everyday"], "quota": 10, "tasks_per_annotator": 20}


def said(document: object) -> list[str]:
    return [str(problem) for problem in problems(document)]


def test_the_minimal_document_is_enough() -> None:
    assert said(MINIMAL) == []
    assert said({"slug": "first", "title": "First", "sets": []}) == []


def test_everything_wrong_is_listed_at_once_in_plain_words() -> None:
    document = {
        "slug": "two words",
        "titel": "First",
        "sets": "everyday",
        "quota": "10",
        "neutral_weight": 2,
        "randomise_sides": "yes",
        "order": "randm",
        "checks": {"atention": 2, "items": ["a", "a"]},
        "strata": [{"label": "no key"}, {"key": "a", "target": 0, "conditions": {"age": "18-29"}}],
    }

    assert said(document) == [
        "titel: is not known. Did you mean “title”?",
        "title: is missing.",
        "slug: “two words” is not possible; use letters, digits, - and _ only.",
        "sets: must be a list, of at most 500 entries.",
        'quota: must be a whole number from 1 to 2147483647 or "unlimited".',
        "order: must be one of random, blocked, listed. Did you mean “random”?",
        "neutral_weight: must be a number from 0 to 1.",
        "randomise_sides: must be true or false.",
        "checks.atention: is not known. Did you mean “attention”?",
        "checks.items: “a” stands there twice.",
        "strata[0].key: is missing.",
        "strata[1].target: must be a whole number from 1 to 2147483647 or null.",
        "strata[1].conditions.age: must be a list that is not empty, of at most 500 entries.",
    ]


@pytest.mark.parametrize("document", [None, [], "study", 7, [MINIMAL]])
def test_a_document_is_one_object(document: object) -> None:
    assert "must be an object in braces" in said(document)[0]


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d pair"])
def test_text_that_a_database_cannot_store_is_refused(text: str) -> None:
    assert "cannot be stored" in said({**MINIMAL, "title": text})[0]
    said({**MINIMAL, text: 1})[0].encode()


class TestReading:
    def test_a_byte_order_mark_does_no_harm(self) -> None:
        assert read(b"\xef\xbb\xbf" + json.dumps(MINIMAL).encode()) == MINIMAL

    @pytest.mark.parametrize(
        ("raw", "says"),
        [
            (b"", "not valid JSON (line 1, column 1"),
            (b'{"slug": }', "line 1, column 10"),
            ('{"title": "Größe"}'.encode("latin-1"), "not UTF-8 text (byte 13)"),
            (b'{"slug": "a", "slug": "b"}', "“slug” stands twice"),
            (b'{"neutral_weight": NaN}', "NaN is not a number"),
            (b"[" * 200_000, "nested too deeply"),
            (b'{"seed": ' + b"9" * 6_000 + b"}", "not valid JSON"),
            (b" " * 2_000_001, "larger than 2,000,000 bytes"),
        ],
    )
    def test_what_is_no_document_is_refused_with_its_place(self, raw: bytes, says: str) -> None:
        with pytest.raises(Unreadable) as refused:
            read(raw)

        assert says in str(refused.value)


def test_the_schema_in_the_docs_is_the_one_the_code_goes_by() -> None:
    written = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))

    assert written == json_schema(), "write it anew: manage.py export_study --schema > docs/study.schema.json"
    jsonschema.Draft202012Validator.check_schema(written)


# Values that are right somewhere, nearly right, or nonsense. Whole floats are left out: JSON Schema takes 10.0 for
# an integer, and a configuration that says 10.0 people was written by a program that lost its types.
values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 40_000),
    st.floats(0, 2).filter(lambda number: not number.is_integer()),
    st.text(alphabet="aB-_ 7é", max_size=4),
    st.sampled_from(["unlimited", "default", "random", "prolific", "off", "en", "pt-BR", "commonground/study/1", ""]),
    st.lists(st.text(alphabet="ab", max_size=3), max_size=3),
    st.fixed_dictionaries(
        {}, optional={"attention": st.integers(-1, 3), "items": st.lists(st.just("x"), max_size=1)}
    ),
    st.lists(
        st.fixed_dictionaries(
            {"key": st.sampled_from(["a", "b", ""])},
            optional={
                "target": st.none() | st.integers(0, 2),
                "conditions": st.dictionaries(st.sampled_from(["q", ""]), st.lists(st.just("v"), max_size=2)),
            },
        ),
        max_size=1,
    ),
)
names = st.sampled_from([name for name in DOCUMENT.rules if name != "about_you"] + ["unknown"])
documents = st.builds(
    lambda base, change: {**base, **change}, st.just(MINIMAL), st.dictionaries(names, values, max_size=4)
)


@given(documents)
def test_the_schema_and_the_messages_agree(document: dict[str, Any]) -> None:
    by_schema = jsonschema.Draft202012Validator(json_schema()).is_valid(document)

    assert by_schema == (problems(document) == [])


def test_questions_that_are_valid_are_valid_by_the_schema_too() -> None:
    about_you = [
        {"key": "age", "label": "?", "type": "single", "options": ["a", {"value": "b", "label": "B"}]},
        {"key": "land", "label": "?", "type": "single", "options": "countries", "required": True, "help": "x"},
        {"key": "n", "label": "?", "type": "number", "min": 0, "max": 1.5},
    ]
    for value in ("default", [], about_you):
        document = {**MINIMAL, "about_you": value}

        assert said(document) == []
        jsonschema.validate(document, json_schema())


def test_every_setting_of_the_document_is_known_to_the_study() -> None:
    from annotation.configuration import CHECK_COUNTS, PLAIN

    extra = {"$schema", "schema", "sets", "quota", "checks", "strata"}
    assert set(study_document.DOCUMENT.rules) == {*PLAIN, *extra}
    assert set(CHECK_COUNTS) | {"items"} == {"attention", "practice", "repeats", "items"}
