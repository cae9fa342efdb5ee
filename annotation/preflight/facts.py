"""What the pre-flight must know from the database, read once in a fixed number of queries."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from annotation.models import CheckItem, Stratum, Study
from scenarios.models import Action, Scenario, Translation

EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Facts:
    """`sets`: name and number of scenarios of each set; `examples` of trouble are at most EXAMPLES keys."""

    sets: list[tuple[str, int]]
    keys_in_two_sets: list[str]
    too_few_actions: list[str]
    untranslated: int
    without_trait: int
    strata: list[Stratum]
    checks: list[CheckItem]
    code_is_used_by: str

    @property
    def scenarios(self) -> int:
        return sum(number for _name, number in self.sets)


def facts_of(study: Study) -> Facts:
    asked = Scenario.objects.latest_versions().filter(set__in=study.sets.values("id"))
    return Facts(
        sets=list(
            study.sets.annotate(asked=Count("scenarios", filter=Q(scenarios__is_latest=True)))
            .order_by("slug")
            .values_list("name", "asked")
        ),
        keys_in_two_sets=_keys_in_two_sets(study),
        too_few_actions=list(
            asked.filter(~Exists(Action.objects.filter(scenario=OuterRef("pk"), position__gte=1)))
            .order_by("key")
            .values_list("key", flat=True)[: EXAMPLES + 1]
        ),
        untranslated=asked.exclude(language=study.language)
        .exclude(Exists(Translation.objects.filter(scenario=OuterRef("pk"), language=study.language)))
        .count(),
        without_trait=asked.filter(trait=None).count() if study.order == "blocked" else 0,
        strata=list(study.strata.all()),
        checks=list(study.checks.all()),
        code_is_used_by=_other_study_with_code(study),
    )


def _keys_in_two_sets(study: Study) -> list[str]:
    return list(
        Scenario.objects.latest_versions()
        .filter(set__in=study.sets.values("id"))
        .order_by("key")
        .values("key")
        .annotate(times=Count("id"))
        .filter(times__gt=1)
        .values_list("key", flat=True)[: EXAMPLES + 1]
    )


def _other_study_with_code(study: Study) -> str:
    if not study.completion_code:
        return ""
    others = Study.objects.filter(completion_code=study.completion_code).exclude(pk=study.pk)
    return others.values_list("title", flat=True).first() or ""
