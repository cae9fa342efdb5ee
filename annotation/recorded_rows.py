"""One row of a file of recorded answers: an answer as it can be stored, and what is wrong with the row.

Pure. A recorded answer was given elsewhere, perhaps with other options: `neutral` and `not_applicable` are taken
even where the study does not offer them.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches

from scenarios.cells import Cells
from scenarios.issues import Issue, quoted
from scenarios.mapping import Fields
from scenarios.rows import Row

FIELDS = Fields(
    required=("scenario", "participant", "choice"),
    optional=("answered_at", "response_ms", "confidence", "rationale", "stratum"),
)
ALWAYS_TAKEN = ("neutral", "not_applicable")

NAME_LIMIT = 210
PARTICIPANT_LIMIT = 200
CHOICE_LIMIT = 200
RATIONALE_LIMIT = 20_000
MOST_MILLISECONDS = 2**31 - 1
HIGHEST_CONFIDENCE = 5

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Epoch numbers from here on are milliseconds: in seconds it would be the year 5138, in milliseconds it is 1973.
_MILLISECONDS_FROM = 1e11
# Clocks and time zones of other systems are a little off; more than a day ahead is a mistake.
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A scenario of the study, with the poles of its actions by key."""

    scenario_id: int
    key: str
    language: str
    poles: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """A valid row. `answered_at` is None where the file does not say when."""

    row: int
    asked: Asked
    participant: str
    stratum: str
    choice: str
    answered_at: datetime | None
    response_ms: int | None
    confidence: int | None
    rationale: str


@dataclass(slots=True)
class Reader:
    """Checks the rows of one file. `asked`: the study's scenarios by the names a file may use for them.

    A name that stands for scenarios of several sets is None there. `values`: words of the file for choices.
    """

    columns: Mapping[str, str]
    asked: Mapping[str, Asked | None]
    strata: tuple[str, ...]
    values: Mapping[str, str]
    now: datetime
    _people: dict[str, tuple[str, str]] = field(default_factory=dict)

    def read(self, row: Row) -> tuple[RecordedAnswer | None, list[Issue]]:
        """The answer of a row and every problem of it; None where there is no usable answer."""
        if row.issues and not row.cells:
            return None, list(row.issues)
        cells = Cells(row, self.columns)
        asked = self._asked(cells)
        participant, stratum = self._person(cells)
        choice = self._choice(cells, asked)
        answered_at = self._answered_at(cells)
        response_ms = cells.whole_number("response_ms", lowest=0, highest=MOST_MILLISECONDS)
        confidence = cells.whole_number("confidence", lowest=1, highest=HIGHEST_CONFIDENCE)
        rationale = cells.text("rationale", limit=RATIONALE_LIMIT)
        if asked is None or cells.issues:
            return None, cells.issues
        answer = RecordedAnswer(
            row.number, asked, participant, stratum, choice, answered_at, response_ms, confidence, rationale
        )
        return answer, []

    def _asked(self, cells: Cells) -> Asked | None:
        name = cells.required("scenario", limit=NAME_LIMIT)
        asked = self.asked.get(name)
        if not name or asked is not None:
            return asked
        if name in self.asked:
            reason = f"Several sets of the study hold {quoted(name)}. Write SET/KEY, with the set's short name."
            cells.report("scenario", "ambiguous_scenario", reason)
        else:
            reason = f"The study asks no scenario {quoted(name)}. Import it and add its set to the study first."
            cells.report("scenario", "unknown_scenario", reason)
        return None

    def _person(self, cells: Cells) -> tuple[str, str]:
        """The participant's id and stratum; a person is in one stratum throughout the file."""
        participant = cells.required("participant", limit=PARTICIPANT_LIMIT)
        if participant and not participant.isprintable():
            reason = f"{quoted(participant)} holds a line break or another control character."
            cells.report("participant", "bad_participant", reason)
        stratum = self._stratum(cells)
        known, first = self._people.setdefault(participant, (participant, stratum))
        if participant and first != stratum:
            reason = f"{quoted(participant)} is in “{first}” further up; a person is in one stratum."
            cells.report("stratum", "stratum_changed", reason)
        # The string of the first row again: a million rows then share as many strings as there are people.
        return known, first

    def _stratum(self, cells: Cells) -> str:
        stratum = cells.text("stratum", limit=NAME_LIMIT)
        if not stratum and len(self.strata) == 1:
            return self.strata[0]
        if not stratum:
            reason = f"The study has several strata; say which one: {', '.join(self.strata)}."
            cells.report("stratum", "missing", reason)
            return ""
        if stratum not in self.strata:
            reason = f"{quoted(stratum)} is no stratum of the study: {', '.join(self.strata)}."
            cells.report("stratum", "unknown_stratum", reason)
        return stratum

    def _choice(self, cells: Cells, asked: Asked | None) -> str:
        word = cells.required("choice", limit=CHOICE_LIMIT)
        choice = self.values.get(word, word)
        if not word or asked is None or choice in ALWAYS_TAKEN:
            return choice
        # The scenario's own string, for the same reason as above.
        own = next((key for key in asked.poles if key == choice), None)
        if own is None:
            cells.report("choice", "bad_choice", _unknown_choice(word, choice, asked))
        return own or ""

    def _answered_at(self, cells: Cells) -> datetime | None:
        cell = cells.raw("answered_at")
        if isinstance(cell, datetime):
            moment: datetime | None = _in_utc(cell)
        else:
            text = cells.text("answered_at", limit=80)
            if not text:
                return None
            moment = _moment(text)
        if moment is None:
            reason = f"{quoted(cell)} is no time: write 2026-05-01T12:30:00Z, or seconds or milliseconds since 1970."
            cells.report("answered_at", "bad_time", reason)
        elif moment > self.now + _AHEAD:
            cells.report("answered_at", "bad_time", f"{quoted(cell)} lies in the future.")
        return moment


def _unknown_choice(word: str, choice: str, asked: Asked) -> str:
    options = (*asked.poles, *ALWAYS_TAKEN)
    closest = get_close_matches(choice.casefold(), options, n=1)
    meant = f"{quoted(word)}, which stands for {quoted(choice)}," if word != choice else quoted(word)
    return (
        f"{meant} is no answer to {quoted(asked.key)}: {', '.join(options)}. Translate the file's words with"
        f" --values {word[:40]}={closest[0] if closest else options[0]}"
    )


def _moment(text: str) -> datetime | None:
    """ISO 8601 (UTC unless it says otherwise) or seconds or milliseconds since 1970; None for anything else."""
    try:
        number = float(text)
    except ValueError:
        return _iso_moment(text)
    # 20260501 is a date in short, not a morning in August 1970.
    if len(text) == 8 and text.isdigit():
        return _iso_moment(text)
    if not math.isfinite(number):
        return None
    try:
        if abs(number) >= _MILLISECONDS_FROM:
            return _EPOCH + timedelta(milliseconds=number)
        return _EPOCH + timedelta(seconds=number)
    except OverflowError:
        return None


def _iso_moment(text: str) -> datetime | None:
    try:
        return _in_utc(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def _in_utc(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return aware.astimezone(UTC)
