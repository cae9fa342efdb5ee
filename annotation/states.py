"""The state machines of studies and participations: one table of allowed transitions each, nothing else.

The diagrams in docs/domain.md are generated from these tables.
"""

from typing import Final

STUDY_STATES: Final = [
    ("draft", "draft"),
    ("open", "open"),
    ("paused", "paused"),
    ("closed", "closed"),
    ("archived", "archived"),
]

STUDY_TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    "draft": frozenset({"open"}),
    "open": frozenset({"paused", "closed"}),
    "paused": frozenset({"open", "closed"}),
    "closed": frozenset({"open", "archived"}),
    "archived": frozenset(),
}

PARTICIPATION_STATES: Final = [
    ("arrived", "arrived"),
    ("consented", "consented"),
    ("profiled", "answered the questions about themselves"),
    ("trained", "finished the practice"),
    ("active", "working on tasks"),
    ("timed_out", "timed out"),
    ("completed", "completed"),
    ("declined", "declined"),
    ("screened_out", "screened out"),
    ("failed_comprehension", "did not pass comprehension"),
    ("quota_full", "arrived too late"),
    ("returned", "left early"),
    ("withdrawn", "withdrew"),
]

PARTICIPATION_TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    "arrived": frozenset({"consented", "declined", "quota_full", "returned", "withdrawn"}),
    "consented": frozenset({"profiled", "declined", "screened_out", "quota_full", "returned", "withdrawn"}),
    "profiled": frozenset({"trained", "failed_comprehension", "screened_out", "quota_full", "returned", "withdrawn"}),
    "trained": frozenset({"active", "quota_full", "returned", "withdrawn"}),
    "active": frozenset({"completed", "timed_out", "returned", "withdrawn"}),
    "timed_out": frozenset({"active", "completed", "returned", "withdrawn"}),
    "quota_full": frozenset({"active", "withdrawn"}),
    "completed": frozenset({"withdrawn"}),
    "returned": frozenset({"active", "withdrawn"}),
    "declined": frozenset(),
    "screened_out": frozenset({"withdrawn"}),
    "failed_comprehension": frozenset({"withdrawn"}),
    "withdrawn": frozenset(),
}

TERMINAL: Final = frozenset(
    {"completed", "declined", "screened_out", "failed_comprehension", "quota_full", "returned", "withdrawn"}
)


class TransitionRefused(Exception):
    """The state machine has no such step."""


def check_transition(table: dict[str, frozenset[str]], *, current: str, target: str) -> None:
    """Return if `current -> target` is in `table`, else raise TransitionRefused saying what is possible."""
    allowed = table.get(current, frozenset())
    if target not in allowed:
        possible = ", ".join(sorted(allowed)) or "nothing"
        raise TransitionRefused(f"From {current} the next state can be {possible}; not {target}.")
