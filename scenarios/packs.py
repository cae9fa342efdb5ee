"""What ships with the project: the traits of `packs/traits.json`, created when they are needed."""

import json
from collections.abc import Collection
from functools import cache
from pathlib import Path

from scenarios.models import Trait

FOLDER = Path(__file__).parent / "packs"


@cache
def shipped_traits() -> dict[str, dict[str, str]]:
    """The traits of the pack by key: name, description and a word for each end."""
    traits: list[dict[str, str]] = json.loads((FOLDER / "traits.json").read_text(encoding="utf-8"))
    return {trait["key"]: trait for trait in traits}


def ensure_traits(keys: Collection[str] | None = None) -> list[str]:
    """Create the shipped traits (of these keys, else all) that do not exist yet; return the keys created.

    A trait that exists keeps its words: somebody may have edited them.
    """
    wanted = {key: trait for key, trait in shipped_traits().items() if keys is None or key in keys}
    present = set(Trait.objects.filter(key__in=wanted).values_list("key", flat=True))
    missing = [Trait(**trait) for key, trait in wanted.items() if key not in present]
    Trait.objects.bulk_create(missing)
    return [trait.key for trait in missing]
