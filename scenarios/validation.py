"""One row of a scenario file: a scenario as it can be stored, and the list of what is wrong with it.

Pure: knows neither the database nor the format of the file.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from string import ascii_lowercase

from scenarios.cells import Cells
from scenarios.issues import Issue, quoted
from scenarios.mapping import Fields
from scenarios.rows import Row

KEY_LIMIT = 120
TEXT_LIMIT = 20_000
ACTION_LIMIT = 5_000
STATEMENT_LIMIT = 2_000
NAME_LIMIT = 60
ACTION_KEY_LIMIT = 20
TAG_LIMIT = 60
MAX_TAGS = 50

RESERVED_ACTION_KEYS = frozenset({"neutral", "not_applicable", "tie"})
INTENDED_CLASSES = ("AGREE", "OPPOSE", "AMBIGUOUS")
POLES = {"+1": 1, "1": 1, "+": 1, "-1": -1, "-": -1, "\N{MINUS SIGN}1": -1, "\N{MINUS SIGN}": -1, "": None}

_PROVENANCE = ("trait", "instrument", "statement_original", "statement_reframed")
FIELDS = Fields(
    required=("key", "text", "action_a", "action_b"),
    optional=(
        *(f"action_{letter}" for letter in ascii_lowercase[2:]),
        *(f"{kind}_{letter}" for letter in ascii_lowercase for kind in ("pole", "key")),
        *_PROVENANCE,
        "intended_class",
        "tags",
        "license",
    ),
)

ACTION_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class ParsedAction:
    """An action as it will be stored; its place in the list is its position."""

    key: str
    text: str
    pole: int | None


@dataclass(frozen=True, slots=True)
class ParsedScenario:
    """A valid row. Empty text stands for a value that is not given."""

    row: int
    key: str
    text: str
    actions: tuple[ParsedAction, ...]
    trait: str = ""
    instrument: str = ""
    statement_original: str = ""
    statement_reframed: str = ""
    intended_class: str = ""
    tags: tuple[str, ...] = ()
    license: str = ""


@dataclass(slots=True)
class Validator:
    """Checks the rows of one file in order, because a key may occur only once in it.

    `traits` finds a trait's key by its key or name in lower case. `takes_new_traits`: others are no problem.
    """

    columns: Mapping[str, str]
    traits: Mapping[str, str]
    takes_new_traits: bool = False
    _row_by_key: dict[str, int] = field(default_factory=dict)

    def check(self, row: Row) -> tuple[ParsedScenario | None, list[Issue]]:
        """The scenario of a row and every problem of it; None where the row could not be read at all."""
        if row.issues and not row.cells:
            return None, list(row.issues)
        cells = Cells(row, self.columns)
        scenario = ParsedScenario(
            row=row.number,
            key=self._key(cells, row.number),
            text=cells.required("text", limit=TEXT_LIMIT),
            actions=self._actions(cells),
            trait=self._trait(cells),
            instrument=cells.text("instrument", limit=NAME_LIMIT),
            statement_original=cells.text("statement_original", limit=STATEMENT_LIMIT),
            statement_reframed=cells.text("statement_reframed", limit=STATEMENT_LIMIT),
            intended_class=_intended_class(cells),
            tags=_tags(cells),
            license=cells.text("license", limit=NAME_LIMIT),
        )
        return scenario, cells.issues

    def _key(self, cells: Cells, number: int) -> str:
        key = cells.required("key", limit=KEY_LIMIT)
        if _CONTROL.search(key):
            cells.report("key", "bad_key", f"{quoted(key)} holds a line break or another control character.")
        first = self._row_by_key.setdefault(key, number) if key else number
        if first != number:
            cells.report("key", "duplicate", f"The key {quoted(key)} already stands in row {first}.")
        return key

    def _actions(self, cells: Cells) -> tuple[ParsedAction, ...]:
        letters = [letter for letter in ascii_lowercase if f"action_{letter}" in self.columns]
        last = max((place for place, letter in enumerate(letters) if _has_any(cells, letter)), default=0)
        asked = letters[: max(last + 1, 2)]
        actions = tuple(_action(cells, letter) for letter in asked)
        _report_repeated(cells, asked, actions)
        return actions

    def _trait(self, cells: Cells) -> str:
        name = cells.text("trait", limit=NAME_LIMIT)
        key = self.traits.get(name.casefold())
        if key or not name or self.takes_new_traits:
            return key or name
        cells.report("trait", "unknown_trait", _unknown_trait(name, self.traits))
        return ""


def _has_any(cells: Cells, letter: str) -> bool:
    """Whether the row says anything about this action, so that its text must be there."""
    given = (cells.raw(f"{kind}_{letter}") for kind in ("action", "pole", "key"))
    return any(cell is not None and cell != "" for cell in given)


def _action(cells: Cells, letter: str) -> ParsedAction:
    text = cells.required(f"action_{letter}", limit=ACTION_LIMIT)
    return ParsedAction(key=_action_key(cells, letter), text=text, pole=_pole(cells, f"pole_{letter}"))


def _action_key(cells: Cells, letter: str) -> str:
    field_name = f"key_{letter}"
    key = cells.text(field_name, limit=ACTION_KEY_LIMIT) or letter
    if key in RESERVED_ACTION_KEYS:
        cells.report(field_name, "reserved_key", f"“{key}” is an answer by itself, not an action.")
    elif not ACTION_KEY.match(key):
        reason = f"{quoted(key)} is no action key: use letters a-z, digits, “-” and “_” only."
        cells.report(field_name, "bad_action_key", reason)
    return key


def _pole(cells: Cells, field_name: str) -> int | None:
    text = cells.text(field_name, limit=10)
    if text not in POLES:
        reason = f"{quoted(text)} is no pole: write 1 (shows the trait), -1 (opposes it) or leave it empty."
        cells.report(field_name, "bad_pole", reason)
        return None
    return POLES[text]


def _report_repeated(cells: Cells, letters: list[str], actions: tuple[ParsedAction, ...]) -> None:
    seen_texts: dict[str, str] = {}
    seen_keys: dict[str, str] = {}
    for letter, action in zip(letters, actions, strict=True):
        same = seen_texts.setdefault(_bare(action.text), letter)
        if action.text and same != letter:
            reason = f"The same words as {cells.name(f'action_{same}')}: nobody could choose between them."
            cells.report(f"action_{letter}", "same_actions", reason)
        same = seen_keys.setdefault(action.key, letter)
        if same != letter:
            reason = f"The key {quoted(action.key)} already names {cells.name(f'action_{same}')}."
            cells.report(f"key_{letter}", "duplicate_action_key", reason)


def has_same_words(text: str, other: str) -> bool:
    """Whether two texts differ at most in capitals and white space."""
    return _bare(text) == _bare(other)


def _bare(text: str) -> str:
    return " ".join(text.split()).casefold()


def _unknown_trait(name: str, traits: Mapping[str, str]) -> str:
    closest = get_close_matches(name.casefold(), traits, n=1)
    hint = f" Did you mean “{traits[closest[0]]}”?" if closest else ""
    known = ", ".join(sorted(set(traits.values()))[:20]) or "none so far"
    return (
        f"{quoted(name)} is no trait that is known here.{hint} Known: {known}. Add it in the admin under"
        " Traits, or import again with --create-traits to add every trait that the file names."
    )


def _intended_class(cells: Cells) -> str:
    text = cells.text("intended_class", limit=40)
    if text.upper() in {"", *INTENDED_CLASSES}:
        return text.upper()
    reason = f"{quoted(text)} is no intended class: {', '.join(INTENDED_CLASSES)}, or empty."
    cells.report("intended_class", "bad_class", reason)
    return ""


def _tags(cells: Cells) -> tuple[str, ...]:
    """Tags from a list, from a JSON list written as text, or from `work; family` (also with commas)."""
    found = _tag_list(cells)
    if found is None or not all(isinstance(tag, str) for tag in found):
        cells.report("tags", "bad_tags", "Tags are words with “;” between them, or a list of words.")
        return ()
    tags = _distinct(str(tag) for tag in found)
    if len(tags) > MAX_TAGS or any(len(tag) > TAG_LIMIT for tag in tags):
        reason = f"At most {MAX_TAGS} tags of at most {TAG_LIMIT} characters are allowed."
        cells.report("tags", "too_long", reason)
        return ()
    if any("\0" in tag or not _is_storable(tag) for tag in tags):
        cells.report("tags", "bad_encoding", "A tag holds characters that are no text.")
        return ()
    return tags


def split_tags(text: str) -> list[str]:
    """The tags of a text such as `work; family`, each once."""
    return list(_distinct(re.split(r"[;,|]", text)))


def _distinct(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag.strip() for tag in tags if tag.strip()))


def _tag_list(cells: Cells) -> list[object] | None:
    cell = cells.raw("tags")
    if isinstance(cell, list):
        return cell
    text = cells.text("tags", limit=MAX_TAGS * TAG_LIMIT)
    if not text.startswith("["):
        return list(split_tags(text))
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, list) else None


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
