"""What a study asks, in a few words: its traits, its strata, and what the two sides of a figure are called."""

from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count, Exists, Max, OuterRef

from analysis.models import Freshness
from analysis.readings import FIRST_ACTION, FIRST_OF_MANY, MIXED, SHOWS_TRAIT, SideNames
from analysis.slices import EVERYBODY
from annotation.models import Quota, Study
from scenarios.models import Action, Scenario, Trait

# What a study asks is frozen from its first answer on; until then a page may be this far behind.
KEPT_SECONDS = 300
LAST_POSITION_OF_A_PAIR = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Traits and strata as (key, name); strata only where there are others than everybody."""

    traits: tuple[tuple[str, str], ...]
    strata: tuple[tuple[str, str], ...]
    sides: SideNames
    sides_by_trait: tuple[tuple[str, SideNames], ...] = ()

    def sides_for(self, trait: str) -> SideNames:
        """The words that fit the scenarios of one trait; without a trait those that fit all."""
        return dict(self.sides_by_trait).get(trait, self.sides) if self.sides == SHOWS_TRAIT else self.sides

    def stratum(self, key: str) -> str:
        """`key` if it is one of the strata, else everybody."""
        return key if key in dict(self.strata) else EVERYBODY

    def trait(self, key: str) -> str:
        """`key` if it is one of the traits, else nothing."""
        return key if key in dict(self.traits) else ""


def contents_of(study: Study) -> Contents:
    """Read once per study and state of its ledger, then kept: it looks at every scenario."""
    ledger = Freshness.objects.filter(study=study).values_list("cells", "newest_cell").first() or (0, 0)
    key = f"contents:{study.pk}:{study.created_at.timestamp()}:{ledger[0]}:{ledger[1]}"
    found: Contents | None = cache.get(key)
    if found is None:
        found = _read(study)
        cache.set(key, found, KEPT_SECONDS)
    return found


def side_names(scenario: Scenario) -> SideNames:
    """The sides of one scenario (with its actions and trait at hand), in its trait's own words if it has some."""
    poles = [action.pole for action in scenario.actions.all()]
    if len(set(poles)) <= 1:
        return FIRST_ACTION if len(poles) <= LAST_POSITION_OF_A_PAIR + 1 else FIRST_OF_MANY
    return (scenario.trait and _own_words(scenario.trait)) or SHOWS_TRAIT


def _read(study: Study) -> Contents:
    seats = Quota.objects.filter(study=study)
    asked = Scenario.objects.filter(Exists(seats.filter(scenario=OuterRef("pk"))))
    traits = list(Trait.objects.filter(pk__in=asked.order_by().values("trait")))
    strata = study.strata.exclude(key=EVERYBODY)
    return Contents(
        traits=tuple((trait.key, trait.name) for trait in traits),
        strata=tuple((stratum.key, stratum.label or stratum.key) for stratum in strata),
        sides=_sides(study, traits=traits),
        sides_by_trait=tuple((trait.key, named) for trait in traits if (named := _own_words(trait))),
    )


def _sides(study: Study, *, traits: list[Trait]) -> SideNames:
    """The words that fit all scenarios at once; those of the trait only where there is one trait."""
    seats = Quota.objects.filter(study=study, scenario=OuterRef("scenario_id"))
    found = Action.objects.filter(Exists(seats)).aggregate(
        actions=Count("id"), with_pole=Count("pole"), last=Max("position")
    )
    if not found["with_pole"]:
        is_pairs = (found["last"] or 0) <= LAST_POSITION_OF_A_PAIR
        return FIRST_ACTION if is_pairs else FIRST_OF_MANY
    if found["with_pole"] < found["actions"]:
        return MIXED
    return (len(traits) == 1 and _own_words(traits[0])) or SHOWS_TRAIT


def _own_words(trait: Trait) -> SideNames | None:
    """What the trait itself calls its sides, if it names both."""
    if not (trait.positive_label and trait.negative_label):
        return None
    return SideNames(positive=trait.positive_label, negative=trait.negative_label)
