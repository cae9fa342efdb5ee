"""Pure: the JSON document that holds a study's whole configuration, its shape, and what is wrong with one.

One table says for every key what may stand there; messages and the JSON Schema both come from it.
Invariant: a document without problems can be stored as it is, in every database.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from annotation import questionnaire
from annotation.document_rules import Choice, DocumentProblem, Flag, Json, ListOf, Object, Share, Text, Whole

SCHEMA_ID: Final = "commonground/study/1"
REQUIRED: Final = ("slug", "title", "sets")
MAX_BYTES: Final = 2_000_000
SMALL: Final = 32_767
LARGE: Final = 2_147_483_647
HUGE: Final = 2**63 - 1
UNLIMITED: Final = "unlimited"


@dataclass(frozen=True, slots=True)
class AnswersByQuestion:
    """Conditions of a group: {question: [answers]}."""

    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        if not isinstance(value, Mapping):
            return [DocumentProblem(path, 'must be an object such as {"age": ["18-29", "30-44"]}.')]
        answers = ListOf(Text(longest=80, shortest=1), fewest=1)
        found = [problem for key in value for problem in Text(longest=60, shortest=1).problems(key, path)]
        return found + [
            problem for key, values in value.items() for problem in answers.problems(values, f"{path}.{key}")
        ]

    def schema(self) -> Json:
        return {
            "type": "object",
            "propertyNames": Text(longest=60, shortest=1).schema(),
            "additionalProperties": ListOf(Text(longest=80, shortest=1), fewest=1).schema(),
        }


@dataclass(frozen=True, slots=True)
class AboutYou:
    """Questions about the person, or "default" for the ones that ship."""

    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        if value == "default":
            return []
        return [DocumentProblem(path, message) for message in questionnaire.validate_schema(value)]

    def schema(self) -> Json:
        option = {"anyOf": [Text(80, 1).schema(), Object({"value": Text(80, 1), "label": Text(500, 1)}).schema()]}
        question: Json = {
            "type": "object",
            "properties": {
                "key": {"type": "string", "pattern": f"^{questionnaire.KEY.pattern}$"},
                "label": Text(questionnaire.MAX_TEXT, 1).schema(),
                "type": {"enum": list(questionnaire.TYPES)},
                "options": {
                    "anyOf": [
                        {"enum": sorted(questionnaire.SHIPPED_OPTIONS)},
                        {"type": "array", "items": option, "maxItems": questionnaire.MAX_OPTIONS},
                    ]
                },
                "required": {"type": "boolean"},
                "help": Text(questionnaire.MAX_TEXT).schema(),
                "min": {"type": "number"},
                "max": {"type": "number"},
            },
            "required": ["key", "label", "type"],
            "additionalProperties": False,
        }
        questions = {"type": "array", "items": question, "maxItems": questionnaire.MAX_QUESTIONS}
        return {"anyOf": [{"const": "default"}, questions]}


SLUG: Final = Text(80, 1, r"[-a-zA-Z0-9_]+", "use letters, digits, - and _ only")
LANGUAGE: Final = Text(20, 1, r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "write a language code such as en, de or pt-BR")

DOCUMENT: Final = Object(
    {
        "$schema": Text(500),
        "schema": Choice((SCHEMA_ID,)),
        "slug": SLUG,
        "title": Text(200, 1),
        "language": LANGUAGE,
        "notes": Text(),
        "question": Text(300, 1),
        "instructions": Text(),
        "consent_text": Text(),
        "debrief": Text(),
        "contact": Text(200),
        "paused_message": Text(300),
        "estimated_minutes": Whole(1, SMALL, (None,)),
        "reward": Text(120),
        "sets": ListOf(Text(200, 1)),
        "quota": Whole(1, LARGE, (UNLIMITED,)),
        "tasks_per_annotator": Whole(1, 1000),
        "min_tasks": Whole(1, 1000),
        "order": Choice(("random", "blocked", "listed")),
        "offers_neutral": Flag(),
        "offers_not_applicable": Flag(),
        "neutral_weight": Share(),
        "asks_confidence": Flag(),
        "rationale": Choice(("off", "optional", "required")),
        "rationale_min_length": Whole(0, SMALL),
        "randomise_sides": Flag(),
        "checks": Object(
            {
                "attention": Whole(0, SMALL),
                "practice": Whole(0, SMALL),
                "repeats": Whole(0, SMALL),
                "items": ListOf(Text(80, 1)),
            }
        ),
        "about_you": AboutYou(),
        "strata": ListOf(
            Object(
                {
                    "key": Text(60, 1, r"[-a-zA-Z0-9_]+", "use letters, digits, - and _ only"),
                    "label": Text(120),
                    "target": Whole(1, LARGE, (None,)),
                    "conditions": AnswersByQuestion(),
                },
                required=("key",),
            ),
            named_by="key",
        ),
        "idle_limit_minutes": Whole(1, SMALL),
        "absolute_limit_minutes": Whole(1, LARGE),
        "provider": Choice(("link", "prolific", "connect", "panel")),
        "completion_code": Text(64),
        "completion_url": Text(500),
        "seed": Whole(-HUGE - 1, HUGE),
    },
    required=REQUIRED,
)


class Unreadable(Exception):
    """What was given is no JSON document at all."""


def read(raw: bytes) -> object:
    """The value behind the bytes of a JSON file (UTF-8, a byte order mark is fine). Raises Unreadable."""
    if len(raw) > MAX_BYTES:
        raise Unreadable(f"The file is larger than {MAX_BYTES:,} bytes; a study's configuration never is.")
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_without_twins, parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise Unreadable(f"The file is not UTF-8 text (byte {error.start}). Save it as UTF-8.") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Unreadable(f"The file is not valid JSON ({place}: {error.msg}).") from error
    except RecursionError as error:
        raise Unreadable("The file is nested too deeply.") from error
    except ValueError as error:
        raise Unreadable(f"The file is not valid JSON ({error}).") from error


def problems(document: object) -> list[DocumentProblem]:
    """Everything that is wrong with the shape of `document`, in its order; empty where nothing is."""
    return DOCUMENT.problems(document, "")


def json_schema() -> Json:
    """The document's shape as JSON Schema, for editors and other programs."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of a study",
        "description": "Only slug, title and sets are needed; what is left out keeps its default.",
        **DOCUMENT.schema(),
    }


def _without_twins(pairs: list[tuple[str, Any]]) -> Json:
    result: Json = {}
    for key, value in pairs:
        if key in result:
            raise ValueError(f"“{key}” stands twice in the same object")
        result[key] = value
    return result


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")
