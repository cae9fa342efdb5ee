"""Numbers in words: what a share, an interval or a coefficient does and does not tell.

Pure. Invariant: a reading never says more than the number; where votes are too few, it says that.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from analysis.consensus import fits_an_even_split

COEFFICIENT_NAMES: Final[Mapping[str, str]] = {
    "percent_agreement": "Pairwise agreement",
    "krippendorff_alpha": "Krippendorff’s alpha",
    "gwet_ac1": "Gwet’s AC1",
    "fleiss_kappa": "Fleiss’ kappa",
}
COEFFICIENT_QUESTIONS: Final[Mapping[str, str]] = {
    "percent_agreement": "How often do two people who answered the same scenario choose alike?",
    "krippendorff_alpha": "How far is that beyond chance, if chance is how often each answer is given overall?",
    "gwet_ac1": "The same, with an idea of chance that stays steady when one answer dominates.",
    "fleiss_kappa": "The same as alpha for equally many answers per scenario; the form older papers report.",
}
CONSENSUS_NAMES: Final[Mapping[str, str]] = {
    "unanimous": "unanimous",
    "very_high": "very high",
    "high": "high",
    "lower": "lower",
    "strong": "strong",
    "moderate": "moderate",
    "split": "split",
    "leaning": "leaning",
    "undetermined": "undetermined",
}
# Upper bounds, exclusive, of what a value beyond chance is called.
_BEYOND_CHANCE: Final = (
    (0.0, "less agreement than chance would give"),
    (0.1, "hardly more agreement than chance would give"),
    (0.3, "some agreement beyond chance; on many scenarios people divide"),
    (0.5, "clear agreement beyond chance, with much left to divide on"),
    (0.667, "more agreement than division"),
    (0.8, "high agreement, enough for tentative conclusions about single answers"),
    (1.01, "so high that single answers nearly speak for everybody"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideNames:
    """What the two ends of the scale are called: `positive` stands right, `negative` left."""

    positive: str
    negative: str


SHOWS_TRAIT: Final = SideNames(positive="shows the trait", negative="opposes the trait")
FIRST_ACTION: Final = SideNames(positive="first action", negative="second action")
FIRST_OF_MANY: Final = SideNames(positive="first action", negative="another action")
MIXED: Final = SideNames(positive="shows the trait, or first action", negative="opposes it, or another action")


def of_agreement(coefficient: str, estimate: float | None, *, low: float | None, high: float | None) -> str:
    """One sentence about a coefficient; an empty string where it is undefined."""
    if estimate is None:
        return ""
    if coefficient == "percent_agreement":
        return f"Of 100 pairs of answers to the same scenario, {100 * estimate:.0f} are alike."
    reading = next(words for bound, words in _BEYOND_CHANCE if estimate < bound)
    sentence = f"{reading[0].upper()}{reading[1:]}."
    if low is not None and high is not None and low <= 0 <= high:
        sentence += " The interval includes chance."
    return sentence


def of_share(share: float | None, *, low: float | None, high: float | None, votes: float, sides: SideNames) -> str:
    """Which side leads, by how much, and whether that could be an even split."""
    if share is None or low is None or high is None:
        return "Nobody has judged this yet."
    leads, part, bounds = (
        (sides.positive, share, (low, high)) if share >= 0.5 else (sides.negative, 1 - share, (1 - high, 1 - low))
    )
    head = f"{percent(part)} of {votes:g} votes: {leads}."
    if share == 0.5:
        head = f"{votes:g} votes, evenly split."
    tail = f"The share of everybody lies between {percent(bounds[0])} and {percent(bounds[1])} (95 % interval)."
    if share != 0.5 and fits_an_even_split(low, high):
        tail += " An even split is not ruled out."
    return f"{head} {tail}"


def percent(part: float) -> str:
    """`67 %`; only what is exactly none or all is written 0 % or 100 %."""
    rounded = round(100 * part)
    if rounded == 0 and part > 0:
        return "under 1 %"
    if rounded == 100 and part < 1:
        return "over 99 %"
    return f"{rounded} %"


def duration(hours: float) -> str:
    """A length of time in the coarsest unit that still says something."""
    minutes = hours * 60
    if minutes < 1.5:
        return "a minute"
    if minutes < 90:
        return f"{minutes:.0f} minutes"
    if hours < 36:
        return f"{hours:.0f} hours"
    return f"{hours / 24:.0f} days"


def seconds(milliseconds: float | None) -> str:
    """`6.2 s`; an empty string where nothing was measured."""
    return "" if milliseconds is None else f"{milliseconds / 1000:.1f} s"
