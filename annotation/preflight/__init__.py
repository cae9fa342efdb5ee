"""What stands between a study and its first participant: every problem at once, in words one can act on.

Errors keep a study from opening, warnings do not. Invariant: a study without errors can be taken from its
first page to its last; nothing here changes anything. Costs a fixed number of queries, whatever the study's
size.
"""

from annotation.models import Study
from annotation.preflight import checks, content, people, promises
from annotation.preflight.facts import facts_of
from annotation.preflight.problem import Level, Problem, errors

__all__ = ["Level", "Problem", "errors", "problems"]


def problems(study: Study) -> list[Problem]:
    """Every problem of `study`, errors first, otherwise in the order of the study's form."""
    facts = facts_of(study)
    found = [
        *promises.invalid_values(study),
        *content.problems(study, facts),
        *people.problems(study, facts),
        *checks.problems(study, facts),
        *promises.problems(study, facts),
    ]
    return sorted(found, key=lambda problem: problem.level != "error")
