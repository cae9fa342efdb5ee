"""Pure: what we publish, column by column. API, files, OpenAPI schema and docs/api.md are made from this.

Invariant: a record holds exactly the columns of its schema, in their order. A column's name and meaning never
change; columns may be added. A change that breaks readers is a new version of the schema.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

# text, integer, number, boolean: as they are. time: a datetime in UTC. texts: a list of texts.
# counts: {key: integer}. answers: {question: value}. actions: [{"action", "text", "pole"}].
ColumnType = Literal["text", "integer", "number", "boolean", "time", "texts", "counts", "answers", "actions"]
Record = dict[str, Any]
# The keys found in the data for each column that holds a mapping or actions: they become flat columns.
Keys = Mapping[str, Sequence[str]]

MAPPINGS: Final = frozenset({"counts", "answers", "actions"})
# The inclusion rules behind live figures: what the study's ledger counts at this moment.
LIVE_RULES: Final = "default/1"


class UnknownColumn(KeyError):
    """A schema has no column of that name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a record. Empty values are null in JSON and Parquet, an empty cell in CSV.

    `prefix` stands before each key where a mapping becomes flat columns; `is_always_set`: never empty.
    """

    name: str
    type: ColumnType
    description: str
    prefix: str = ""
    is_always_set: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """A kind of record in one version."""

    kind: str
    version: int
    description: str
    columns: tuple[Column, ...]

    @property
    def name(self) -> str:
        return f"commonground.{self.kind}/{self.version}"

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def with_columns(self, columns: Iterable[Column], *, after: str) -> "Schema":
        """The same kind of record with further columns, as each study's own questions are."""
        if after not in self.names:
            raise UnknownColumn(after)
        place = self.names.index(after) + 1
        return replace(self, columns=(*self.columns[:place], *columns, *self.columns[place:]))


def _key(name: str, type_: ColumnType, description: str, *, prefix: str = "") -> Column:
    return Column(name, type_, description, prefix, is_always_set=True)


_SCHEMA_COLUMN: Final = _key("schema", "text", "Name and version of this kind of record.")
_STUDY: Final = _key("study", "text", "Short name of the study.")
_SCENARIO: Final = _key("scenario", "text", "Key of the scenario.")
_VERSION: Final = _key("version", "integer", "Version of the scenario's content.")
_STRATUM: Final = Column("stratum", "text", "Group of annotators; `all` where a study has none.")
_PARTICIPANT: Final = Column("participant", "text", "Pseudonym, the same all through a study: `p_` and 16 signs.")

STUDY: Final = Schema(
    "study",
    1,
    "Configuration and live progress of a study.",
    (
        _STUDY,
        _key("title", "text", "Title."),
        _key("state", "text", "draft, open, paused, closed or archived."),
        _key("language", "text", "Language people are addressed in."),
        _key("question", "text", "What is asked about each scenario."),
        Column("instructions", "text", "Instructions as shown, Markdown."),
        _key("sets", "texts", "Scenario sets it draws on."),
        _key("strata", "texts", "Groups with a target of their own."),
        Column("quota", "integer", "Answers wanted per scenario; empty is without limit."),
        _key("tasks_per_annotator", "integer", "Scenarios one person is asked."),
        _key("order", "text", "random, blocked or listed."),
        _key("offers_neutral", "boolean", "Whether “both are equally fine” can be chosen."),
        _key("offers_not_applicable", "boolean", "Whether “I can't judge this” can be chosen."),
        _key("neutral_weight", "number", "Share of a neutral vote that counts as positive."),
        _key("asks_confidence", "boolean", "Whether people say how sure they are."),
        _key("rationale", "text", "off, optional or required: reasons in words."),
        _key("randomise_sides", "boolean", "Whether the action shown first is drawn by lot."),
        _key("attention_checks", "integer", "Checks per person."),
        _key("repeats", "integer", "Scenarios shown to a person a second time."),
        _key("created_at", "time", "When it was set up."),
        Column("opened_at", "time", "When it first opened."),
        Column("closed_at", "time", "When it closed."),
        _key("scenarios", "integer", "Scenarios with seats."),
        _key(
            "seats",
            "counts",
            "Places for answers: `target` and `open` (both empty without limit), `reserved`, `accepted`.",
            prefix="seats_",
        ),
        _key("participations", "counts", "People by state, pilots left out.", prefix="participations_"),
        Column("aggregated_at", "time", "When distributions and agreement last caught up with the answers."),
        _SCHEMA_COLUMN,
    ),
)

SCENARIO: Final = Schema(
    "scenario",
    1,
    "A situation with its actions, as the study asks it.",
    (
        _STUDY,
        _SCENARIO,
        _VERSION,
        _key("set", "text", "Scenario set it belongs to."),
        _key("language", "text", "Language it is written in."),
        _key("text", "text", "The situation."),
        _key(
            "actions",
            "actions",
            "What a person could do. Pole 1 shows the trait, -1 opposes it, empty: none.",
        ),
        Column("trait", "text", "Key of the trait."),
        Column("instrument", "text", "Key of the questionnaire its statement comes from."),
        Column("statement_original", "text", "The self-report statement it was built on."),
        Column("statement_reframed", "text", "The statement worded as advice."),
        _key("tags", "texts", "Tags."),
        Column("license", "text", "Licence of the content."),
        _SCHEMA_COLUMN,
    ),
)

RESPONSE: Final = Schema(
    "response",
    1,
    "One judgement. Attention checks and practice are left out.",
    (
        _key("response", "text", "Pseudonym of the answer: `r_` and 16 signs."),
        _STUDY,
        _SCENARIO,
        _VERSION,
        _STRATUM,
        replace(_PARTICIPANT, is_always_set=True),
        Column("position", "integer", "Place in the person's own order of tasks, from 1; imported answers: none."),
        _key("choice", "text", "Key of the chosen action, `neutral` or `not_applicable`."),
        Column("pole", "integer", "Pole of the chosen action: 1, -1 or empty."),
        Column("side", "text", "Where the chosen action stood: `first` or `second`."),
        _key("order_shown", "texts", "Keys of the actions in the order shown."),
        _key("is_repeat", "boolean", "Whether this person saw the scenario before; repeats never count."),
        Column("confidence", "integer", "How sure the person was, 1 to 5."),
        Column("rationale", "text", "The reason in the person's words."),
        _key("answers", "answers", "Answers to further questions.", prefix="answer_"),
        _key("answered_at", "time", "When the answer was given."),
        Column("response_ms", "integer", "Milliseconds from seeing to choosing, by the browser."),
        Column("served_ms", "integer", "Milliseconds from serving to submission, by the server."),
        Column("input", "text", "key, pointer or touch."),
        Column("focus_losses", "integer", "How often the page lost the focus."),
        Column("paste_count", "integer", "How often text was pasted."),
        _key("counted", "boolean", "Whether the answer fills a seat and enters the distributions."),
        _key("surplus", "boolean", "Whether it is real but came when no seat was left."),
        Column(
            "excluded_reason",
            "text",
            "Reason of the standing exclusion; `replaced` by a later recorded answer; `pilot`; else empty.",
        ),
        _SCHEMA_COLUMN,
    ),
)

DISTRIBUTION: Final = Schema(
    "distribution",
    1,
    "How one group of people answered one scenario.",
    (
        _STUDY,
        _SCENARIO,
        _VERSION,
        _key("language", "text", "Language the scenario is written in."),
        Column("trait", "text", "Key of the trait."),
        _key("question", "text", "Question that was answered; `choice` is the primary one."),
        replace(_STRATUM, is_always_set=True),
        _key("rules", "text", "Inclusion rules: which answers count."),
        _key("n", "integer", "Counted answers, those that could not judge included."),
        _key("counts", "counts", "Answers per option.", prefix="count_"),
        _key("weighted_n", "number", "Votes behind the share."),
        Column("share_positive", "number", "Weighted share of the positive side, 0 to 1."),
        Column("low", "number", "Lower bound of its 95 % interval."),
        Column("high", "number", "Upper bound of its 95 % interval."),
        _key("interval", "text", "Kind of interval."),
        Column("majority", "text", "Option with the most answers; `tie` where the first place is shared."),
        Column("agreement", "number", "Share of the larger side, .5 to 1."),
        Column("p_majority", "number", "Posterior probability that the true share is above one half."),
        Column("entropy_bits", "number", "Entropy of the answers in bits."),
        Column("consensus", "text", "Class by the rule on votes: unanimous, very_high, high, lower."),
        Column(
            "consensus_posterior",
            "text",
            "Class by the rule on the posterior: strong, moderate, split, leaning, undetermined.",
        ),
        Column("median_response_ms", "number", "Median milliseconds from seeing to choosing."),
        _key("revision", "integer", "Of the seat ledger these counts belong to; rises with every change."),
        _key("updated_at", "time", "When this row was computed."),
        _SCHEMA_COLUMN,
    ),
)

AGREEMENT: Final = Schema(
    "agreement",
    1,
    "How far annotators agree with one another.",
    (
        _STUDY,
        _key("question", "text", "Question that was answered; `choice` is the primary one."),
        _key("slice", "text", "`all`, `trait:<key>` or `stratum:<key>`."),
        _key("coefficient", "text", "Which coefficient."),
        Column("estimate", "number", "Its value; empty where it is undefined."),
        Column("low", "number", "Lower bound of its interval."),
        Column("high", "number", "Upper bound of its interval."),
        _key("level", "number", "Confidence level of the interval."),
        _key("n_scenarios", "integer", "Scenarios it rests on."),
        _key("n_responses", "integer", "Answers it rests on."),
        _key("method", "text", "How the interval was computed, with its seed."),
        Column("undefined_reason", "text", "Why there is no value."),
        _SCHEMA_COLUMN,
    ),
)

PARTICIPANT: Final = Schema(
    "participant",
    1,
    "One person's pass through the study, under a pseudonym.",
    (
        replace(_PARTICIPANT, is_always_set=True),
        _STUDY,
        _STRATUM,
        _key("language", "text", "Language the person used."),
        _key("state", "text", "How far the person got."),
        Column("started_at", "time", "When tasks began."),
        Column("ended_at", "time", "When the pass ended."),
        _key("tasks_answered", "integer", "Tasks answered."),
        _key("checks_passed", "integer", "Attention checks passed."),
        _key("checks_failed", "integer", "Attention checks failed."),
        Column("median_response_ms", "number", "Median milliseconds from seeing to choosing."),
        Column("left_share", "number", "Share of choices that were shown first."),
        Column("longest_side_run", "integer", "Longest run of choices on the same side."),
        Column("repeat_consistency", "number", "Share of repeated scenarios answered alike."),
        _key("included", "boolean", "Whether the person's answers are part of the analysis."),
        _key("exclusion_reasons", "texts", "Reasons of standing exclusions."),
        _SCHEMA_COLUMN,
    ),
)

EXCLUSION: Final = Schema(
    "exclusion",
    1,
    "A decision to leave a person or an answer out, standing or revoked.",
    (
        _STUDY,
        replace(_PARTICIPANT, description="Who is left out; empty where it is a single answer."),
        Column("response", "text", "Which answer is left out; empty where it is a person."),
        _key("reason", "text", "Reason code."),
        Column("rules", "text", "Rule set and version, where a rule decided."),
        _key("decided_by", "text", "`rule` or `person`."),
        _key("decided_at", "time", "When it was decided."),
        Column("revoked_at", "time", "When it was taken back."),
        _SCHEMA_COLUMN,
    ),
)

SCHEMAS: Final[tuple[Schema, ...]] = (
    STUDY,
    SCENARIO,
    RESPONSE,
    DISTRIBUTION,
    AGREEMENT,
    PARTICIPANT,
    EXCLUSION,
)

# How the type of a question about the person becomes the type of its column.
_TYPE_OF_QUESTION: Final[dict[str, ColumnType]] = {"number": "number", "multiple": "texts"}


def participant_schema(questions: Iterable[Mapping[str, Any]]) -> Schema:
    """The participant record of a study that asks these questions: `{key, type, label}` each."""
    taken = set(PARTICIPANT.names)
    columns = [
        Column(
            question["key"],
            _TYPE_OF_QUESTION.get(str(question.get("type")), "text"),
            f"Answer to “{question.get('label', question['key'])}”",
        )
        for question in questions
        if question.get("key") and question["key"] not in taken
    ]
    return PARTICIPANT.with_columns(columns, after="language")


def questionnaire_value(column: Column, value: Any) -> Any:
    """An answer about the person in the type of its column; what does not fit the type is empty."""
    if value is None or value == "":
        return [] if column.type == "texts" else None
    if column.type == "texts":
        return [str(part) for part in value] if isinstance(value, list) else [str(value)]
    if column.type == "number":
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        return float(value) if is_number else None
    return value if isinstance(value, str) else str(value)
