"""Pure: the questions a study asks people about themselves, as a list of objects, and what makes it valid.

A question is `{key, label, type, options, required, help, min, max}`, `type` one of single, multiple, number,
text. `options` is a list of texts or of `{value, label}`, or the name of a list that ships with the project
("countries"). `min` and `max` bound a number, or the length of a text in characters.
Invariant: what `validate_schema` accepts can be shown, answered and exported without further checks.
"""

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final

from annotation.countries import COUNTRIES

PREFER_NOT_TO_SAY: Final = "prefer_not_to_say"
TYPES: Final = ("single", "multiple", "number", "text")
FIELDS: Final = ("key", "label", "type", "options", "required", "help", "min", "max")
MAX_QUESTIONS: Final = 60
MAX_OPTIONS: Final = 400
MAX_TEXT: Final = 500
KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,59}")
# Answers become columns of the participant record, beside these, and fields of a page's form.
RESERVED: Final = frozenset(
    {
        "schema", "participant", "study", "stratum", "language", "state", "started_at", "ended_at",
        "tasks_answered", "checks_passed", "checks_failed", "median_response_ms", "left_share",
        "longest_side_run", "repeat_consistency", "included", "exclusion_reasons", "csrfmiddlewaretoken",
    }
)  # fmt: skip

SHIPPED_OPTIONS: Final[dict[str, list[dict[str, str]]]] = {
    "countries": [
        *({"value": code, "label": name} for code, name in COUNTRIES.items()),
        {"value": PREFER_NOT_TO_SAY, "label": "Prefer not to say"},
    ],
}

_DEFAULT: Final[list[dict[str, Any]]] = [
    {
        "key": "age",
        "label": "How old are you?",
        "type": "single",
        "required": True,
        "options": [
            {"value": "18-29", "label": "18–29"},
            {"value": "30-44", "label": "30–44"},
            {"value": "45-59", "label": "45–59"},
            {"value": "60-74", "label": "60–74"},
            {"value": "75+", "label": "75 or older"},
            {"value": PREFER_NOT_TO_SAY, "label": "Prefer not to say"},
        ],
    },
    {
        "key": "gender",
        "label": "What is your gender?",
        "type": "single",
        "required": True,
        "options": [
            {"value": "woman", "label": "Woman"},
            {"value": "man", "label": "Man"},
            {"value": "non_binary", "label": "Non-binary"},
            {"value": "another", "label": "Another gender"},
            {"value": PREFER_NOT_TO_SAY, "label": "Prefer not to say"},
        ],
    },
    {
        "key": "country",
        "label": "Which country do you live in?",
        "type": "single",
        "required": True,
        "options": "countries",
        "help": "Where you have lived for most of the last twelve months.",
    },
]


class InvalidSchema(Exception):
    """The questions cannot be asked as they are written; `problems` lists everything that is wrong."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        super().__init__(" ".join(problems))


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that can be ticked: what is stored, and what people read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a valid schema; `options` is empty for numbers and texts."""

    key: str
    label: str
    type: str
    options: tuple[Option, ...]
    is_required: bool
    help: str
    minimum: float | None
    maximum: float | None

    @property
    def values(self) -> tuple[str, ...]:
        return tuple(option.value for option in self.options)

    @property
    def can_be_declined(self) -> bool:
        """Whether a person can go on without telling."""
        return not self.is_required or PREFER_NOT_TO_SAY in self.values


def default_schema() -> list[dict[str, Any]]:
    """The questions that ship: age band, gender, country of residence; each can be declined."""
    return copy.deepcopy(_DEFAULT)


def questions(schema: object) -> list[Question]:
    """The questions of a schema in their order. Raises InvalidSchema."""
    problems = validate_schema(schema)
    if problems or not isinstance(schema, list):
        raise InvalidSchema(problems)
    return [_question(entry) for entry in schema]


def validate_schema(schema: object) -> list[str]:
    """Everything that is wrong with `schema`, in plain words; empty where nothing is."""
    if not isinstance(schema, list):
        return ["The questions about the person must be a list; write [] to ask none."]
    if len(schema) > MAX_QUESTIONS:
        return [f"{len(schema)} questions are too many; {MAX_QUESTIONS} can be asked."]
    problems: list[str] = []
    seen: set[object] = set()
    for number, entry in enumerate(schema, start=1):
        if not isinstance(entry, Mapping):
            problems.append(f'Question {number} must be an object such as {{"key": "age", ...}}.')
            continue
        name = f"Question {number} ({entry['key']})" if _is_text(entry.get("key")) else f"Question {number}"
        problems += [f"{name}: {what}" for what in _question_problems(entry)]
        key = entry.get("key")
        if isinstance(key, str) and key in seen:
            problems.append(f"{name}: the key “{key}” is used by an earlier question; every key stands once.")
        seen.add(key if isinstance(key, str) else None)
    return problems


def _question_problems(entry: Mapping[object, object]) -> list[str]:
    return [
        *_unknown_fields(entry),
        *_key_problems(entry.get("key")),
        *_wording_problems(entry),
        *_type_problems(entry),
        *_bounds_problems(entry),
    ]


def _unknown_fields(entry: Mapping[object, object]) -> list[str]:
    problems = []
    for name in entry:
        if name in FIELDS:
            continue
        near = get_close_matches(str(name), FIELDS, n=1)
        hint = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(FIELDS)}."
        problems.append(f"“{name}” is not known; {hint}")
    return problems


def _key_problems(key: object) -> list[str]:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        return ['"key" must be a short name of lower-case letters, digits and _, beginning with a letter.']
    if key in RESERVED:
        return [f"the key “{key}” is a column of the participants' record already; choose another."]
    return []


def _wording_problems(entry: Mapping[object, object]) -> list[str]:
    problems = []
    if not _is_text(entry.get("label")):
        problems.append('"label" must hold the words of the question.')
    elif len(str(entry["label"])) > MAX_TEXT:
        problems.append(f'"label" is longer than {MAX_TEXT} characters.')
    if not _is_clean(entry.get("help", "")) or len(str(entry.get("help", ""))) > MAX_TEXT:
        problems.append(f'"help" must be a text of at most {MAX_TEXT} characters.')
    if not isinstance(entry.get("required", False), bool):
        problems.append('"required" must be true or false.')
    return problems


def _type_problems(entry: Mapping[object, object]) -> list[str]:
    kind, options = entry.get("type"), entry.get("options")
    if kind not in TYPES:
        return [f'"type" must be one of {", ".join(TYPES)}.']
    if kind in ("number", "text"):
        return [f'a {kind} has no "options"; leave them out.'] if options else []
    if isinstance(options, str):
        known = ", ".join(sorted(SHIPPED_OPTIONS))
        return [] if options in SHIPPED_OPTIONS else [f"no list “{options}” ships with the project; known: {known}."]
    if not isinstance(options, list) or not 2 <= len(options) <= MAX_OPTIONS:
        return [f'"options" must list at least two answers and at most {MAX_OPTIONS}.']
    return _option_problems(options)


def _option_problems(options: Sequence[object]) -> list[str]:
    problems: list[str] = []
    values: list[str] = []
    labels: list[str] = []
    for number, option in enumerate(options, start=1):
        if not _is_option(option):
            problems.append(f'option {number} must be a text or {{"value": ..., "label": ...}}, both not empty.')
            continue
        parsed = _option(option)
        values.append(parsed.value)
        labels.append(parsed.label)
        if len(parsed.value) > 80 or len(parsed.label) > MAX_TEXT:
            problems.append(f"option {number} is too long (value 80, label {MAX_TEXT} characters).")
    problems += [f"the option “{value}” stands twice." for value in _twice(values)]
    if not _twice(values):
        problems += [f"two options read “{label}”; people could not tell them apart." for label in _twice(labels)]
    return problems


def _bounds_problems(entry: Mapping[object, object]) -> list[str]:
    kind, low, high = entry.get("type"), entry.get("min"), entry.get("max")
    if low is None and high is None:
        return []
    if kind in ("single", "multiple"):
        return ['"min" and "max" belong to numbers and texts only.']
    given = [bound for bound in (low, high) if bound is not None]
    if not all(_is_number(bound) for bound in given):
        return ['"min" and "max" must be numbers.']
    problems = []
    if kind == "text" and not all(isinstance(bound, int) and 0 <= bound <= 10_000 for bound in given):
        problems.append('"min" and "max" of a text are lengths: whole numbers from 0 to 10000.')
    if len(given) == 2 and given[0] > given[1]:  # type: ignore[operator]  # both are numbers by now
        problems.append('"min" is larger than "max", so no answer would be accepted.')
    return problems


def _question(entry: Mapping[str, Any]) -> Question:
    options = entry.get("options") or []
    if isinstance(options, str):
        options = SHIPPED_OPTIONS[options]
    return Question(
        key=entry["key"],
        label=entry["label"],
        type=entry["type"],
        options=tuple(_option(option) for option in options),
        is_required=entry.get("required", False),
        help=entry.get("help", ""),
        minimum=entry.get("min"),
        maximum=entry.get("max"),
    )


def _option(option: Any) -> Option:
    if isinstance(option, str):
        return Option(value=option, label=option)
    return Option(value=option["value"], label=option.get("label", option["value"]))


def _is_option(option: object) -> bool:
    if isinstance(option, Mapping):
        return (
            set(option) <= {"value", "label"} and _is_text(option.get("value")) and _is_text(option.get("label", "-"))
        )
    return _is_text(option)


def _is_text(value: object) -> bool:
    return _is_clean(value) and bool(str(value).strip())


def _is_clean(value: object) -> bool:
    """Text that every database stores: no NUL, no half of a surrogate pair."""
    return isinstance(value, str) and "\x00" not in value and not re.search("[\ud800-\udfff]", value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e15


def _twice(values: Sequence[str]) -> list[str]:
    return sorted({value for value in values if values.count(value) > 1})
