"""What can no longer change, from when on, and why.

Invariant: what people were asked, and how, is the same for everybody who answered. Opening fixes what the
seat ledger is made from; the first answer fixes everything that shaped it. Targets may change at any time:
the ledger follows. Words that say nothing about the task (title, debrief) stay free, and consent is
versioned.
"""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from annotation.models import Study

_LEDGER = _("the seats are laid out for it")
_ASKED = _("people have answered under it, and answers from before and after could not be compared")
_FORMAT = _("it decides what an answer means")
_PROFILE = _("people have been asked, and were placed in groups by it")
_LINKS = _("links with it have been sent out")
_KNOWN = _("people are recognised by it when they come back")

# `strata` stands for which groups there are and who belongs to them; their targets stay free.
FIXED_BY_OPENING: Final[dict[str, Promise]] = {"slug": _LINKS, "strata": _LEDGER}
FIXED_BY_ANSWERS: Final[dict[str, Promise]] = {
    "sets": _ASKED,
    "language": _ASKED,
    "question": _ASKED,
    "instructions": _ASKED,
    "order": _ASKED,
    "offers_neutral": _FORMAT,
    "offers_not_applicable": _FORMAT,
    "neutral_weight": _FORMAT,
    "asks_confidence": _FORMAT,
    "rationale": _FORMAT,
    "rationale_min_length": _FORMAT,
    "randomise_sides": _ASKED,
    "attention_checks": _ASKED,
    "practice_items": _ASKED,
    "repeats": _ASKED,
    "checks": _ASKED,
    "about_you": _PROFILE,
    "provider": _KNOWN,
    "seed": _ASKED,
}


def frozen_fields(study: Study) -> dict[str, str]:
    """Names of the fields of `study` that can no longer change, each with the reason in words."""
    fixed: dict[str, Promise] = {}
    if study.opened_at is not None or study.is_frozen:
        fixed |= FIXED_BY_OPENING
    if study.is_frozen:
        fixed |= FIXED_BY_ANSWERS
    return {name: str(reason) for name, reason in fixed.items()}
