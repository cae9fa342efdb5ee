"""Studies with answers already in them, written straight to the tables.

What is derived from answers does not care how they came in, so nobody walks through the pages here. The
ledger is kept as `annotation.quotas` keeps it: whatever changes what counts raises the cell's revision in
the same UPDATE.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any

from django.db.models import F

from annotation.models import Participation, Person, Quota, Response, Stratum, Study
from scenarios.models import Action, Scenario, ScenarioSet, Trait

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
PAIR = {"a": 1, "b": -1}

_numbers = count(1)


def make_study(
    slug: str = "pilot",
    *,
    scenarios: int = 2,
    strata: Sequence[str] = ("all",),
    poles: Mapping[str, int | None] | None = None,
    traits: Sequence[str] = ("",),
    **fields: Any,
) -> Study:
    """A study over scenarios `s1`, `s2` ... without seat limit; traits go round, `poles` serves all."""
    study = Study.objects.create(slug=slug, **{"title": slug, "quota": None, "seed": 7, **fields})
    for position, key in enumerate(strata):
        Stratum.objects.create(study=study, key=key, position=position)
    keys = [f"s{number}" for number in range(1, scenarios + 1)]
    add_scenarios(study, keys, poles=PAIR if poles is None else poles, traits=traits)
    return study


def add_scenarios(
    study: Study,
    keys: Sequence[str],
    *,
    poles: Mapping[str, int | None] = PAIR,
    traits: Sequence[str] = ("",),
) -> list[Scenario]:
    """Put scenarios into the study's set, each with one action per entry of `poles`, and open their seats."""
    home, _ = ScenarioSet.objects.get_or_create(slug=f"{study.slug}-set", defaults={"name": study.slug})
    known = {key: Trait.objects.get_or_create(key=key, defaults={"name": key})[0] for key in traits if key}
    made = Scenario.objects.bulk_create(
        Scenario(set=home, key=key, blocks=[], trait=known.get(traits[i % len(traits)])) for i, key in enumerate(keys)
    )
    Action.objects.bulk_create(
        Action(scenario=scenario, key=key, position=position, text=key, pole=pole)
        for scenario in made
        for position, (key, pole) in enumerate(poles.items())
    )
    add_seats(study, made, strata=study.strata.all())
    return made


def add_seats(study: Study, scenarios: Iterable[Scenario], *, strata: Iterable[Stratum]) -> None:
    strata = list(strata)
    Quota.objects.bulk_create(
        Quota(study=study, scenario=scenario, stratum=stratum, position=position)
        for position, scenario in enumerate(scenarios)
        for stratum in strata
    )


def cell(study: Study, scenario: str = "s1", *, stratum: str = "all") -> Quota:
    return study.quotas.get(scenario__key=scenario, stratum__key=stratum)


def answer(study: Study, scenario: str = "s1", choice: str = "a", *, stratum: str = "all", **fields: Any) -> Response:
    """A counted answer by somebody new."""
    quota = cell(study, scenario, stratum=stratum)
    response = counted(quota, make_participation(study), choice, **fields)
    response.save()
    Quota.objects.filter(pk=quota.pk).update(accepted=F("accepted") + 1, revision=F("revision") + 1)
    return response


def vote(study: Study, scenario: str, choices: str, *, stratum: str = "all") -> list[Response]:
    """Several answers in one word: `a` and `b` are actions, `n` is neutral, `x` not applicable."""
    words = {"n": "neutral", "x": "not_applicable"}
    return [answer(study, scenario, words.get(letter, letter), stratum=stratum) for letter in choices]


def exclude(response: Response) -> None:
    """Take a counted answer out of the aggregates."""
    _move(response, standing="excluded", by=-1)


def restore(response: Response) -> None:
    """Let an excluded answer count again."""
    _move(response, standing="counted", by=1)


def fill(study: Study, *, per_cell: int, seed: int = 1) -> None:
    """Many counted answers at once: `per_cell` more for every cell, each scenario leaning its own way."""
    dice = Random(seed)
    strata = list(study.strata.values_list("id", flat=True))
    people = {stratum: [make_participation(study) for _ in range(per_cell)] for stratum in strata}
    leanings: dict[int, float] = {}
    responses = []
    for quota in study.quotas.order_by("id"):
        lean = leanings.setdefault(quota.scenario_id, dice.random())
        for participation in people[quota.stratum_id]:
            choice = "neutral" if dice.random() < 0.1 else "a" if dice.random() < lean else "b"
            responses.append(counted(quota, participation, choice, response_ms=dice.randrange(800, 20_000)))
    Response.objects.bulk_create(responses, batch_size=5_000)
    study.quotas.update(accepted=F("accepted") + per_cell, revision=F("revision") + per_cell)


def make_participation(study: Study) -> Participation:
    number = next(_numbers)
    return Participation.objects.create(
        study=study,
        person=Person.objects.create(digest=f"person-{number}"),
        arrival_digest=f"arrival-{number}",
        seed=number,
        arrived_at=NOON,
        last_seen_at=NOON,
    )


def counted(quota: Quota, participation: Participation, choice: str, **fields: Any) -> Response:
    """An answer that fills a seat of `quota`; neither stored nor counted in the ledger yet."""
    return Response(
        **{
            "study_id": quota.study_id,
            "participation": participation,
            "person_id": participation.person_id,
            "quota": quota,
            "scenario_id": quota.scenario_id,
            "stratum_id": quota.stratum_id,
            "standing": "counted",
            "choice": choice,
            "answered_at": NOON,
            **fields,
        }
    )


def _move(response: Response, *, standing: str, by: int) -> None:
    Response.objects.filter(pk=response.pk).update(standing=standing)
    assert response.quota is not None
    Quota.objects.filter(pk=response.quota.pk).update(accepted=F("accepted") + by, revision=F("revision") + 1)
