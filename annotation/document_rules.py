"""Pure: rules for what may stand at one place of a JSON document, each with its messages and its JSON Schema.

Invariant: a value without problems can be stored as it is, in every database. What a rule says in words and
what its schema says are the same, apart from names that may not stand twice.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, Protocol

UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class DocumentProblem:
    """`path` names the place in the document, such as `checks.items`; empty where it is about the whole."""

    path: str
    message: str

    def __post_init__(self) -> None:
        # A name may hold half of a character pair, which no terminal and no page can show.
        for field in ("path", "message"):
            shown = getattr(self, field).encode("utf-8", "backslashreplace").decode()
            object.__setattr__(self, field, shown)

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Rule(Protocol):
    """What may stand at one place of the document."""

    def problems(self, value: object, path: str) -> list[DocumentProblem]: ...

    def schema(self) -> Json: ...


@dataclass(frozen=True, slots=True)
class Text:
    longest: int = 100_000
    shortest: int = 0
    pattern: str = ""
    in_words: str = ""

    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        return [DocumentProblem(path, message) for message in self._messages(value)][:1]

    def _messages(self, value: object) -> list[str]:
        if not isinstance(value, str):
            return [f"must be a text, not {_kind(value)}."]
        if UNSTORABLE.search(value):
            return ["contains a character that cannot be stored (NUL or half of a pair)."]
        if len(value) > self.longest:
            return [f"is {len(value):,} characters long; {self.longest:,} are possible."]
        if len(value) < self.shortest or (self.shortest and not value.strip()):
            return ["must not be empty."]
        if self.pattern and not re.fullmatch(self.pattern, value):
            return [f"“{value}” is not possible; {self.in_words}."]
        return []

    def schema(self) -> Json:
        bounds: Json = {"type": "string", "maxLength": self.longest}
        if self.shortest:
            bounds |= {"minLength": self.shortest, "pattern": r"\S"}
        return bounds | ({"pattern": f"^{self.pattern}$"} if self.pattern else {})


@dataclass(frozen=True, slots=True)
class Choice:
    values: tuple[str, ...]

    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        if value in self.values:
            return []
        return [DocumentProblem(path, f"must be one of {', '.join(self.values)}.{_hint(value, self.values)}")]

    def schema(self) -> Json:
        return {"enum": list(self.values)}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number; `others` are values that may stand in its place."""

    low: int
    high: int
    others: tuple[str | None, ...] = ()

    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        if (value is None or isinstance(value, str)) and value in self.others:
            return []
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if is_whole and self.low <= value <= self.high:  # type: ignore[operator]  # a whole number by now
            return []
        instead = "".join(f" or {'null' if other is None else json.dumps(other)}" for other in self.others)
        return [DocumentProblem(path, f"must be a whole number from {self.low} to {self.high}{instead}.")]

    def schema(self) -> Json:
        number = {"type": "integer", "minimum": self.low, "maximum": self.high}
        return {"anyOf": [number, {"enum": list(self.others)}]} if self.others else number


@dataclass(frozen=True, slots=True)
class Share:
    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if is_number and 0 <= value <= 1:  # type: ignore[operator]  # a number by now
            return []
        return [DocumentProblem(path, "must be a number from 0 to 1.")]

    def schema(self) -> Json:
        return {"type": "number", "minimum": 0, "maximum": 1}


@dataclass(frozen=True, slots=True)
class Flag:
    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        return [] if isinstance(value, bool) else [DocumentProblem(path, "must be true or false.")]

    def schema(self) -> Json:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list; texts in it may not stand twice, nor may objects with the same `named_by`."""

    rule: Rule
    named_by: str = ""
    fewest: int = 0
    longest: int = 500

    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        if not isinstance(value, list) or not self.fewest <= len(value) <= self.longest:
            least = "a list that is not empty" if self.fewest else "a list"
            return [DocumentProblem(path, f"must be {least}, of at most {self.longest} entries.")]
        found = [
            problem for place, entry in enumerate(value) for problem in self.rule.problems(entry, f"{path}[{place}]")
        ]
        return found or self._twice(value, path)

    def _twice(self, value: list[Any], path: str) -> list[DocumentProblem]:
        names = [entry[self.named_by] if self.named_by else entry for entry in value]
        twice = sorted({name for name in names if names.count(name) > 1})
        return [DocumentProblem(path, f"“{name}” stands there twice.") for name in twice]

    def schema(self) -> Json:
        return {
            "type": "array",
            "items": self.rule.schema(),
            "minItems": self.fewest,
            "maxItems": self.longest,
            "uniqueItems": True,
        }


@dataclass(frozen=True, slots=True)
class Object:
    rules: Mapping[str, Rule]
    required: tuple[str, ...] = ()

    def problems(self, value: object, path: str) -> list[DocumentProblem]:
        if not isinstance(value, Mapping):
            return [DocumentProblem(path, f"must be an object in braces, not {_kind(value)}.")]
        prefix = f"{path}." if path else ""
        found = [
            DocumentProblem(f"{prefix}{name}", f"is not known.{_hint(name, self.rules)}")
            for name in value
            if name not in self.rules
        ]
        found += [DocumentProblem(f"{prefix}{name}", "is missing.") for name in self.required if name not in value]
        for name, rule in self.rules.items():
            if name in value:
                found += rule.problems(value[name], f"{prefix}{name}")
        return found

    def schema(self) -> Json:
        return {
            "type": "object",
            "properties": {name: rule.schema() for name, rule in self.rules.items()},
            "required": list(self.required),
            "additionalProperties": False,
        }


def _hint(value: object, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = get_close_matches(str(value), list(known), n=1)
    return f" Did you mean “{near[0]}”?" if near else ""


def _kind(value: object) -> str:
    if value is None:
        return "null"
    names = {bool: "true or false", int: "a number", float: "a number", str: "a text", list: "a list"}
    return names.get(type(value), "an object")
