"""Which column of a file is which field: `--map key=scenario_id,text=context`, and what is wrong with it.

Pure. A column with a field's own name is taken without being mapped; all others are ignored, and named.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from scenarios.issues import Issue, quoted

_NAMED = 12


class BadMapping(Exception):
    """The mapping does not fit the file or the fields; `issues` say what to change."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        super().__init__(" ".join(issue.reason for issue in issues))
        self.issues = tuple(issues)


@dataclass(frozen=True, slots=True)
class Fields:
    """What an importer takes from a row: fields that need a column, and fields that may have one."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    def __contains__(self, name: object) -> bool:
        return name in self.required or name in self.optional


@dataclass(frozen=True, slots=True)
class Columns:
    """The outcome: `by_field` names the column of every field that has one, `ignored` all other columns."""

    by_field: dict[str, str]
    ignored: tuple[str, ...]


def parse(pairs: str | Iterable[str], *, option: str = "--map") -> dict[str, str]:
    """`a=x,b=y` as a dictionary. A part with a comma inside is written in quotation marks: `"a=x, y"`.

    Raises BadMapping for a part without `=` and for a name given twice.
    """
    texts = [pairs] if isinstance(pairs, str) else list(pairs)
    parsed: dict[str, str] = {}
    issues = []
    for part in (part for line in csv.reader(texts, skipinitialspace=True) for part in line if part.strip()):
        left, equals, right = (piece.strip() for piece in part.partition("="))
        if not equals or not left:
            issues.append(_issue("bad_map", f"{option} takes NAME=NAME pairs; {quoted(part)} is none."))
        elif left in parsed:
            issues.append(_issue("bad_map", f"{option} gives {quoted(left)} twice."))
        else:
            parsed[left] = right
    if issues:
        raise BadMapping(issues)
    return parsed


def resolve(mapping: Mapping[str, str], *, columns: Sequence[str], fields: Fields) -> Columns:
    """Find each field's column. `field=` without a column leaves a column of that name out.

    Raises BadMapping with every problem: fields and columns that do not exist, required fields without one.
    """
    issues = [_unknown_field(name, fields) for name in mapping if name not in fields]
    issues += [
        _unknown_column(name, column, columns)
        for name, column in mapping.items()
        if name in fields and column and column not in columns
    ]
    by_field = {name: name for name in columns if name in fields and name not in mapping}
    by_field |= {name: column for name, column in mapping.items() if column in columns and name in fields}
    issues += [
        _missing_column(name, columns) for name in fields.required if name not in by_field and not mapping.get(name)
    ]
    if issues:
        raise BadMapping(issues)
    used = set(by_field.values())
    return Columns(by_field, tuple(name for name in columns if name and name not in used))


def _unknown_field(name: str, fields: Fields) -> Issue:
    closest = get_close_matches(name, [*fields.required, *fields.optional], n=1)
    hint = f" Did you mean “{closest[0]}”?" if closest else f" Fields are {_listing(_summary(fields))}."
    return _issue("unknown_field", f"There is no field {quoted(name)} to map a column to.{hint}")


def _unknown_column(name: str, column: str, columns: Sequence[str]) -> Issue:
    reason = f"The file has no column {quoted(column)} for “{name}”.{_suggestion(column, columns)}"
    return Issue(None, column, "unknown_column", reason)


def _missing_column(name: str, columns: Sequence[str]) -> Issue:
    reason = f"No column is named “{name}”. Say which one it is: --map {name}=COLUMN.{_suggestion(name, columns)}"
    return Issue(None, name, "missing_column", reason)


def _suggestion(name: str, columns: Sequence[str]) -> str:
    by_fold = {column.casefold(): column for column in columns if column}
    closest = get_close_matches(name.casefold(), by_fold, n=1)
    if closest:
        return f" Did you mean {quoted(by_fold[closest[0]])}?"
    return f" Its columns are {_listing([column for column in columns if column])}."


def _summary(fields: Fields) -> list[str]:
    """Required fields first; of action_a, action_b ... action_j only the first are worth naming."""
    letters = [name for name in fields.optional if name[-2:-1] == "_" and name[-1] > "b"]
    return [name for name in (*fields.required, *fields.optional) if name not in letters]


def _listing(names: Sequence[str]) -> str:
    shown = ", ".join(quoted(name)[1:-1] for name in names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def _issue(code: str, reason: str) -> Issue:
    return Issue(None, "", code, reason)
