"""Pure: words that somebody meant to replace and forgot, found before participants find them."""

import re
from typing import Final

# Recruiters fill in such marks themselves, but only in links; anywhere else they stay as they are.
UNFILLED_MARK: Final = re.compile(r"\{\{\s*%?[^{}]{1,60}%?\s*\}\}|\{%[^{}]{1,60}%\}")
LEFT_OVER: Final = (
    re.compile(r"\blorem ipsum\b", re.IGNORECASE),
    re.compile(r"\b(TODO|TBD|FIXME|XXX+)\b"),
    re.compile(r"[\[<](?:your|insert|add|enter|name of|fill in|replace)\b[^\]>]{0,60}[\]>]", re.IGNORECASE),
    re.compile(r"\b[\w.+-]+@example\.(?:com|org|net)\b", re.IGNORECASE),
    re.compile(r"_{4,}"),
)
CODES: Final = re.compile(
    r"(?:x{3,}|0+|1+|12345\d*|(?:your|my|the|insert|enter|add)?[-_ ]*(?:completion)?[-_ ]*code"
    r"|todo|tbd|test|change[-_ ]?me|placeholder|example|abc\w{0,3}|<.*>|\[.*\])",
    re.IGNORECASE,
)


def unfilled_mark(text: str) -> str | None:
    """The first template mark such as {{%PROLIFIC_PID%}} that stands literally in `text`."""
    found = UNFILLED_MARK.search(text)
    return found.group() if found else None


def left_over(text: str) -> str | None:
    """The first piece of `text` that reads like a placeholder: "TODO", "[your name]", "lorem ipsum"."""
    found = next((match for pattern in LEFT_OVER if (match := pattern.search(text))), None)
    return found.group() if found else None


def is_placeholder_code(code: str) -> bool:
    """Whether a completion code is no real code: "XXXX", "12345", "your-code"."""
    return CODES.fullmatch(code.strip()) is not None
