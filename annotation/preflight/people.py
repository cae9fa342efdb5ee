"""Who is asked: questions about the person, groups and their targets, the quota."""

from collections.abc import Iterator

from annotation import questionnaire, strata
from annotation.models import Provider, Stratum, Study
from annotation.preflight.facts import Facts
from annotation.preflight.problem import Problem
from annotation.questionnaire import Question


def problems(study: Study, facts: Facts) -> Iterator[Problem]:
    faults = questionnaire.validate_schema(study.about_you)
    for fault in faults:
        yield Problem("error", "about_you_invalid", fault, "about_you")
    asked = [] if faults else questionnaire.questions(study.about_you)
    yield from _must_be_told(asked)
    if not faults:
        yield from _conditions(facts.strata, asked)
    yield from _targets(study, facts.strata)
    if study.quota is None and not facts.strata and study.provider != Provider.LINK:
        yield Problem(
            "warning",
            "no_limit_for_a_recruiter",
            "Answers per scenario are unlimited, so the study never fills by itself; how many people you "
            "pay is up to the places you buy from the recruiter. Set a number if it should end.",
            "quota",
        )


def _must_be_told(asked: list[Question]) -> Iterator[Problem]:
    for question in asked:
        if not question.can_be_declined:
            yield Problem(
                "warning",
                "question_cannot_be_declined",
                f"The question “{question.key}” must be answered and has no “Prefer not to say”. Offer it "
                "as an "
                'option (value "prefer_not_to_say"), or make the question optional.',
                "about_you",
            )


def _conditions(groups: list[Stratum], asked: list[Question]) -> Iterator[Problem]:
    are_sound = True
    for group in groups:
        for fault in strata.condition_problems(group.conditions, asked):
            are_sound = False
            yield Problem("error", "group_condition_invalid", f"Group “{group.key}”: {fault}", "strata")
    if are_sound and groups:
        yield from _reachable(groups, asked)


def _reachable(groups: list[Stratum], asked: list[Question]) -> Iterator[Problem]:
    named = [(group.key, group.conditions) for group in groups]
    for key, earlier in strata.shadowed(named):
        yield Problem(
            "error",
            "group_gets_nobody",
            f"Group “{key}” would never get anybody: group “{earlier}” stands before it and takes the same "
            "people. Change the conditions, or move it up.",
            "strata",
        )
    left_out = strata.without_group(named, asked)
    if left_out is not None:
        answers = ", ".join(f"{key}: {value or 'not answered'}" for key, value in left_out.items())
        yield Problem(
            "warning",
            "people_without_a_group",
            f"No group takes some people (for example {answers}); they are turned away after the questions "
            "about themselves. Add a group without conditions at the end if everybody should be let in.",
            "strata",
        )


def _targets(study: Study, groups: list[Stratum]) -> Iterator[Problem]:
    targets = [group.target for group in groups]
    given = [target for target in targets if target is not None]
    if study.quota is None and given and len(given) < len(targets):
        open_ended = ", ".join(group.key for group in groups if group.target is None)
        yield Problem(
            "warning",
            "some_groups_are_unlimited",
            f"Some groups have a target and {open_ended} none, with an unlimited quota: it never fills. "
            "Give every group a target, or the study a number of answers per scenario.",
            "strata",
        )
    if study.quota is not None and given and len(given) == len(targets) and sum(given) != study.quota:
        total = " + ".join(str(target) for target in given)
        yield Problem(
            "warning",
            "targets_do_not_add_up",
            f"The groups ask for {total} = {sum(given)} answers per scenario, the study says {study.quota}. "
            "The groups' targets are what counts; make the two agree so that nobody is misled.",
            "quota",
        )
