"""The bank of checks and practice items: the ones that ship, and which items are fair to be judged by.

Invariant: an item that is in the bank is never overwritten by the one that ships under the same key.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final

import scenarios
from annotation.models import CheckItem, CheckKind

SHIPPED: Final = Path(scenarios.__file__).parent / "packs" / "checks.json"
ATTENTION_KINDS: Final = (CheckKind.INSTRUCTED, CheckKind.NONSENSICAL)
# Which side an option is shown on is drawn for everybody, so a place names the wrong one for half of them.
NAMES_A_PLACE: Final = re.compile(
    r"\b(first|second|third|last|left|right|upper|lower|top|bottom)[- ]+(hand |side )?"
    r"(answer|action|option|one|card|side|button|choice)\b",
    re.IGNORECASE,
)


@cache
def shipped() -> list[dict[str, Any]]:
    """The entries of the bank that ships, as they stand in its file."""
    entries: list[dict[str, Any]] = json.loads(SHIPPED.read_text(encoding="utf-8"))
    return entries


def shipped_keys() -> frozenset[str]:
    return frozenset(entry["key"] for entry in shipped())


def ensure_shipped() -> list[CheckItem]:
    """All items that ship, in the bank's order; the missing ones are created, others stay as they are."""
    CheckItem.objects.bulk_create(
        [
            CheckItem(
                key=entry["key"],
                kind=entry["kind"],
                text=entry["text"],
                options=entry["options"],
                expected=entry.get("expected") or "",
                explanation=entry.get("explanation") or "",
            )
            for entry in shipped()
        ],
        ignore_conflicts=True,
    )
    return list(CheckItem.objects.filter(key__in=shipped_keys()))


def with_shipped(chosen: Sequence[CheckItem], *, attention: bool, practice: bool) -> list[CheckItem]:
    """`chosen`, and for each kind that is wanted and of which none was chosen, the items that ship."""
    kinds = {item.kind for item in chosen}
    wanted = [
        *(ATTENTION_KINDS if attention and not kinds & set(ATTENTION_KINDS) else ()),
        *([CheckKind.PRACTICE] if practice and CheckKind.PRACTICE not in kinds else ()),
    ]
    return [*chosen, *(item for item in ensure_shipped() if item.kind in wanted)] if wanted else list(chosen)


def option_problems(options: object) -> list[str]:
    """What is wrong with the options of an item; a valid list is [{"key": "a", "text": "You wait."}, ...]."""
    if not isinstance(options, list) or len(options) < 2:
        return ["An item needs at least two options."]
    if not all(isinstance(option, Mapping) and _has_words(option) for option in options):
        return ['Every option needs a "key" and a "text", both not empty.']
    keys = [option["key"] for option in options]
    texts = [option["text"].strip().casefold() for option in options]
    problems = []
    if len(set(keys)) < len(keys):
        problems.append("Two options have the same key.")
    if len(set(texts)) < len(texts):
        problems.append("Two options have the same text.")
    return problems


def unfair_because(item: CheckItem) -> list[str]:
    """Why it would be wrong to hold a failed `item` against somebody; empty where it is fair.

    Fair: the right answer is among the options, and an instructed item names it by its own words, in the
    question itself. Whether a nonsensical option is absurd enough only people can say.
    """
    if item.kind not in ATTENTION_KINDS:
        return [f"{item.get_kind_display()} items are never held against anybody."]
    problems = option_problems(item.options)
    if problems:
        return problems
    texts = {option["key"]: option["text"] for option in item.options}
    if item.expected not in texts:
        return ["It has no right answer among its options."]
    if item.kind == CheckKind.INSTRUCTED and not _names(item.text, texts[item.expected]):
        reasons = ["Its text does not name the right option by its words."]
        if NAMES_A_PLACE.search(item.text):
            reasons.append("It names a place, but sides are drawn for everybody.")
        return reasons
    return []


def fair_items(items: Sequence[CheckItem]) -> list[CheckItem]:
    return [item for item in items if not unfair_because(item)]


def _names(text: str, option: str) -> bool:
    return _plain(option) in _plain(text)


def _plain(text: str) -> str:
    """Letters and digits only, so that quotation marks and full stops make no difference."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _has_words(option: Mapping[object, object]) -> bool:
    key, text = option.get("key"), option.get("text")
    return isinstance(key, str) and bool(key.strip()) and isinstance(text, str) and bool(text.strip())
