"""Checks, practice and repeats: enough of them in the study's bank, and fair to whoever is judged by them."""

from collections.abc import Iterator

from annotation import check_bank
from annotation.models import CheckItem, CheckKind, Provider, Study
from annotation.preflight.content import examples
from annotation.preflight.facts import Facts
from annotation.preflight.problem import Problem

# From this length on, the recruiter's published policy wants two failed fair checks before a rejection.
PROLIFIC_LONG_STUDY_MINUTES = 5


def problems(study: Study, facts: Facts) -> Iterator[Problem]:
    attention = [item for item in facts.checks if item.kind in check_bank.ATTENTION_KINDS]
    practice = [item for item in facts.checks if item.kind == CheckKind.PRACTICE]
    yield from _enough(study.attention_checks, attention, "attention checks", "attention_checks")
    yield from _enough(study.practice_items, practice, "practice items", "practice_items")
    yield from _sound(study, facts.checks)
    if study.attention_checks:
        yield from _fair(study, attention)
    yield from _repeats(study)
    is_asked = study.attention_checks or study.practice_items
    if is_asked and facts.checks and study.language.split("-")[0] != "en" and _are_shipped(facts.checks):
        yield Problem(
            "warning",
            "checks_in_english",
            f"The checks that ship are in English, the study's language is “{study.language}”. "
            "Write items in that language and choose those.",
            "checks",
        )


def _enough(wanted: int, bank: list[CheckItem], what: str, field: str) -> Iterator[Problem]:
    if wanted > len(bank):
        yield Problem(
            "error",
            f"too_few_{field}",
            f"{wanted} {what} per person are asked for, but the study's bank holds {len(bank)}. "
            "Choose more items under “checks and practice items”, or ask for fewer.",
            field,
        )


def _sound(study: Study, bank: list[CheckItem]) -> Iterator[Problem]:
    for item in bank:
        for fault in check_bank.option_problems(item.options):
            yield Problem("error", "check_is_broken", f"Item “{item.key}”: {fault} Correct it in the bank.", "checks")
    unused = [item.key for item in bank if item.kind in check_bank.ATTENTION_KINDS]
    if unused and not study.attention_checks:
        yield Problem(
            "warning",
            "checks_are_not_asked",
            f"Attention checks are chosen ({examples(unused)}), but none are asked per person. "
            "Say how many, or take them out.",
            "attention_checks",
        )


def _fair(study: Study, attention: list[CheckItem]) -> Iterator[Problem]:
    unfair = [item for item in attention if check_bank.unfair_because(item)]
    if attention and len(unfair) == len(attention):
        yield Problem(
            "error",
            "no_fair_check",
            "None of the attention checks is fair: a fair one has a right answer among its options and "
            "says in its own text which one that is. Nobody may be judged by the others; choose at least "
            "one fair item.",
            "checks",
        )
    elif unfair:
        reasons = " ".join(f"“{item.key}”: {check_bank.unfair_because(item)[0]}" for item in unfair[:3])
        yield Problem(
            "warning",
            "unfair_checks",
            f"Some attention checks are not fair and can only be a hint, never a reason to reject. {reasons}",
            "checks",
        )
    if study.attention_checks > study.tasks_per_annotator:
        yield Problem(
            "warning",
            "more_checks_than_tasks",
            f"{study.attention_checks} attention checks to {study.tasks_per_annotator} tasks: people are "
            "asked to prove their attention more often than to answer. One check in ten to twenty tasks "
            "is usual.",
            "attention_checks",
        )
    minutes = study.estimated_minutes or 0
    if study.provider == Provider.PROLIFIC and study.attention_checks == 1 and minutes >= PROLIFIC_LONG_STUDY_MINUTES:
        yield Problem(
            "warning",
            "one_check_rejects_nobody",
            "Prolific allows a rejection for failed checks only from two failed fair checks on in studies "
            "of five minutes or longer. With one check per person, nobody can be rejected for inattention.",
            "attention_checks",
        )


def _repeats(study: Study) -> Iterator[Problem]:
    if study.repeats and study.repeats >= study.tasks_per_annotator:
        yield Problem(
            "error",
            "too_many_repeats",
            f"{study.repeats} repeats do not fit {study.tasks_per_annotator} tasks: only some of a person's "
            "scenarios can be asked twice. Lower the number of repeats.",
            "repeats",
        )


def _are_shipped(bank: list[CheckItem]) -> bool:
    shipped = check_bank.shipped_keys()
    return any(item.key in shipped for item in bank)
