"""What is asked: sets, scenarios, their languages, and how many of them there are for one person."""

from collections.abc import Iterator, Sequence

from annotation.models import Order, Study
from annotation.preflight.facts import EXAMPLES, Facts
from annotation.preflight.problem import Problem


def problems(study: Study, facts: Facts) -> Iterator[Problem]:
    if not facts.sets:
        yield Problem(
            "error",
            "no_sets",
            "No scenario set is chosen, so there is nothing to ask. Choose at least one.",
            "sets",
        )
        return
    yield from _sets(facts)
    if facts.scenarios:
        yield from _tasks(study, facts)
    yield from _language(study, facts)
    if study.order == Order.BLOCKED and facts.without_trait:
        yield Problem(
            "warning",
            "no_trait_to_block_by",
            f"Tasks are to be blocked by trait, but {_scenarios(facts.without_trait)} without a trait; they "
            "form a block of their own. Choose another order if that is not meant.",
            "order",
        )


def _sets(facts: Facts) -> Iterator[Problem]:
    for name, number in facts.sets:
        if number == 0:
            yield Problem(
                "error",
                "empty_set",
                f"The set “{name}” holds no scenarios. Import scenarios into it, or take it out of the study.",
                "sets",
            )
    if facts.keys_in_two_sets:
        yield Problem(
            "error",
            "key_in_two_sets",
            f"The same scenario key stands in more than one set ({examples(facts.keys_in_two_sets)}), so "
            "their answers could not be told apart in the data. Keep only one of the sets, or rename the "
            "keys.",
            "sets",
        )
    if facts.too_few_actions:
        yield Problem(
            "error",
            "too_few_actions",
            f"Scenarios need at least two actions to choose from; {examples(facts.too_few_actions)} "
            "have fewer. Import them again with all their actions.",
            "sets",
        )


def _tasks(study: Study, facts: Facts) -> Iterator[Problem]:
    if study.min_tasks > facts.scenarios:
        yield Problem(
            "error",
            "fewest_tasks_cannot_be_met",
            f"Nobody could begin: at least {study.min_tasks} tasks are asked for, and there are only "
            f"{facts.scenarios} scenarios. Lower the fewest tasks worth starting.",
            "min_tasks",
        )
    if study.tasks_per_annotator > facts.scenarios:
        yield Problem(
            "warning",
            "more_tasks_than_scenarios",
            f"{study.tasks_per_annotator} tasks per person are more than the {facts.scenarios} scenarios; "
            f"everybody gets {facts.scenarios} at most. Adjust what you tell people about time and pay.",
            "tasks_per_annotator",
        )


def _language(study: Study, facts: Facts) -> Iterator[Problem]:
    if facts.untranslated:
        yield Problem(
            "warning",
            "not_translated",
            f"The study's language is “{study.language}”, but {_scenarios(facts.untranslated)} not "
            "translated into it and would be shown in their own language. Import translations, or change "
            "the language.",
            "language",
        )


def examples(keys: Sequence[str]) -> str:
    """The first few keys, and that there are more."""
    shown = ", ".join(keys[:EXAMPLES])
    return f"{shown} and others" if len(keys) > EXAMPLES else shown


def _scenarios(number: int) -> str:
    return "1 scenario is" if number == 1 else f"{number:,} scenarios are"
