"""How united a scenario's answers are, by two named rules that are always published side by side.

`votes` is the rule found in print: bins of the agreement, chosen for 10 votes. It looks only at what was
counted. `posterior` asks how sure these votes make us about everybody. The two may disagree, and that is the
point: 9 of 10 votes are "very high" by the first and no more than "moderate" by the second.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from analysis.intervals import HIGH_CONSENSUS, p_majority, p_strong

VotesClass = Literal["unanimous", "very_high", "high", "lower"]
PosteriorClass = Literal["strong", "moderate", "split", "leaning", "undetermined"]

STRONG_PROBABILITY: Final = 0.9
MODERATE_PROBABILITY: Final = 0.95
SPLIT_BAND: Final = (0.35, 0.65)
# Odds of three to one. Below it (6 of 10) a word such as "leaning" would promise more than the votes hold.
LEANING_PROBABILITY: Final = 0.75
LEANING_MINIMUM_VOTES: Final = 5.0
# Shares are quotients of sums of weights such as .3; a share that is .9 on paper must not fall below the bin.
ROUNDING: Final = 1e-9

VOTES_READINGS: Final[Mapping[VotesClass, str]] = {
    "unanimous": "Every vote went to the same side.",
    "very_high": "At least nine votes in ten went to the same side, but not all.",
    "high": "At least eight votes in ten, but fewer than nine, went to the same side.",
    "lower": "Fewer than eight votes in ten went to the same side.",
}
POSTERIOR_READINGS: Final[Mapping[PosteriorClass, str]] = {
    "strong": "Very likely (90 % or more) over four in five people would choose the same side.",
    "moderate": "Almost surely (95 % or more) most people would choose the side that leads here.",
    "split": "People are divided: the whole interval lies between 35 % and 65 %.",
    "leaning": "More people probably choose the side that leads here, but an even split is not ruled out.",
    "undetermined": "Too few votes to tell a lean from an even split.",
}


def by_votes(agreement: NDArray[np.float64]) -> NDArray[np.str_]:
    """Rule `votes` for an array of agreements (the larger side's share, .5 to 1; nan where there is no vote).

    unanimous = 1, very_high [.9, 1), high [.8, .9), lower below .8; an empty string where there is no vote.
    A single vote is always unanimous: read it together with n.
    """
    reached = agreement + ROUNDING
    return np.select(
        [np.isnan(agreement), reached >= 1, reached >= 0.9, reached >= 0.8],
        ["", "unanimous", "very_high", "high"],
        default="lower",
    )


def by_posterior(
    positive: NDArray[np.float64],
    *,
    negative: NDArray[np.float64],
    low: NDArray[np.float64],
    high: NDArray[np.float64],
) -> NDArray[np.str_]:
    """Rule `posterior` for arrays of (weighted) votes per side and the bounds of the share's interval.

    The first that holds: strong, P(p > .8 or p < .2) >= .9; moderate, P(the leading side is the majority)
    >= .95; split, the interval inside [.35, .65]; leaning, that probability >= .75 on at least 5 votes;
    otherwise undetermined, which happens up to 67 votes. Under Beta(1, 1). No vote: empty.
    """
    votes = positive + negative
    above_half: NDArray[np.float64] = p_majority(positive, negative)
    leading = np.maximum(above_half, 1 - above_half)
    return np.select(
        [
            votes == 0,
            p_strong(positive, negative) >= STRONG_PROBABILITY,
            leading >= MODERATE_PROBABILITY,
            (low >= SPLIT_BAND[0]) & (high <= SPLIT_BAND[1]),
            (leading >= LEANING_PROBABILITY) & (votes >= LEANING_MINIMUM_VOTES),
        ],
        ["", "strong", "moderate", "split", "leaning"],
        default="undetermined",
    )


def in_high_consensus_set(agreement: Any, *, tau: float = HIGH_CONSENSUS) -> Any:
    """Whether the larger side reaches `tau` of the votes; number or array, nan (no vote) is False.

    The subset of scenarios on which directional scores of models are reported.
    """
    return np.asarray(agreement) + ROUNDING >= tau


def fits_an_even_split(low: float, high: float) -> bool:
    """Whether .5 lies inside the interval: then these votes cannot tell a majority from an even split.

    8 of 10 votes (Wilson [.49, .94]) fit an even split; 9 of 10 ([.60, .98]) do not.
    """
    return low <= 0.5 <= high
