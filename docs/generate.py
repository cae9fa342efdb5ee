"""Writes the parts of docs/ that are made from code: the state machines in domain.md, the records in api.md, and
study.schema.json.

    .venv/bin/python -m docs.generate

Invariant: a made part stands between its two marks and nowhere else; `tests/test_documentation.py` fails while
one is out of date.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from analysis import record_tables
from annotation import states, study_document

FOLDER: Final = Path(__file__).parent
# A state that this many others lead to would turn the drawing into a tangle; the table below it has them all.
LEFT_OUT_FROM: Final = 6

Labels = Sequence[tuple[str, str]]
Transitions = Mapping[str, frozenset[str]]


class MarkMissing(Exception):
    """The document has no place for a made part."""


def main() -> None:
    for path, text in contents().items():
        path.write_text(text, encoding="utf-8")


def contents() -> dict[Path, str]:
    """What each file with made parts should hold now."""
    domain = FOLDER / "domain.md"
    text = domain.read_text(encoding="utf-8")
    for name, labels, table in (
        ("study states", states.STUDY_STATES, states.STUDY_TRANSITIONS),
        ("participation states", states.PARTICIPATION_STATES, states.PARTICIPATION_TRANSITIONS),
    ):
        text = replaced(text, name=name, part=f"{diagram(table)}\n\n{state_table(labels, table)}")
    api = FOLDER / "api.md"
    described = replaced(api.read_text(encoding="utf-8"), name="records", part=record_tables.tables())
    schema = json.dumps(study_document.json_schema(), ensure_ascii=False, indent=2)
    return {domain: text, api: described, FOLDER / "study.schema.json": f"{schema}\n"}


def replaced(text: str, *, name: str, part: str) -> str:
    """`text` with `part` between the marks of `name`. Raises MarkMissing."""
    begin, end = f"<!-- made from code: {name} -->", f"<!-- end: {name} -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise MarkMissing(f"The document needs one line “{begin}” and one line “{end}”.")
    pattern = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    return pattern.sub(lambda _match: f"{begin}\n{part}\n{end}", text)


def diagram(table: Transitions) -> str:
    """A Mermaid drawing of a state machine, in the table's order, without the states everything leads to."""
    sources = Counter(target for targets in table.values() for target in targets)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {next(iter(table))}"]
    for state, targets in table.items():
        drawn = [target for target in table if target in targets and sources[target] < LEFT_OUT_FROM]
        lines += [f"    {state} --> {target}" for target in drawn]
        if not targets and sources[state] < LEFT_OUT_FROM:
            lines.append(f"    {state} --> [*]")
    return "\n".join([*lines, "```"])


def state_table(labels: Labels, table: Transitions) -> str:
    """Every state, what it means in words, and the states that may follow."""
    rows = [
        f"| `{state}` | {label} | {_listed([each for each in table if each in table[state]])} |"
        for state, label in labels
    ]
    return "\n".join(["| state | in words | may become |", "|---|---|---|", *rows])


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "nothing else"


if __name__ == "__main__":
    main()
