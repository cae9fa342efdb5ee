"""A rebuild changes nothing that was up to date, whatever happened to the answers before."""

from io import StringIO
from random import Random

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from analysis import aggregation, rebuilding
from analysis.models import Agreement, Distribution
from annotation.models import Response, Study
from scenarios.models import ScenarioSet
from tests.analysis import factories
from tests.analysis.factories import NOON

LATER = NOON.replace(hour=18)

pytestmark = pytest.mark.django_db


def live_through(study: Study, *, steps: int, seed: int) -> None:
    """A random history of answers, exclusions, revoked exclusions and refreshes."""
    dice = Random(seed)
    cells = list(study.quotas.select_related("scenario", "stratum").order_by("id"))
    counted: list[Response] = []
    excluded: list[Response] = []
    for _ in range(steps):
        what = dice.choice(["answer", "answer", "answer", "exclude", "restore", "refresh"])
        if what == "answer":
            cell = dice.choice(cells)
            choice = dice.choice(["a", "a", "b", "neutral", "not_applicable"])
            ms = dice.choice([None, dice.randrange(500, 9000)])
            counted.append(
                factories.answer(study, cell.scenario.key, choice, stratum=cell.stratum.key, response_ms=ms)
            )
        elif what == "exclude" and counted:
            excluded.append(counted.pop(dice.randrange(len(counted))))
            factories.exclude(excluded[-1])
        elif what == "restore" and excluded:
            counted.append(excluded.pop(dice.randrange(len(excluded))))
            factories.restore(counted[-1])
        elif what == "refresh":
            aggregation.refresh(study.pk, now=NOON)
    aggregation.refresh(study.pk, now=NOON)


@pytest.mark.parametrize("seed", range(8))
def test_rebuilding_gives_the_digest_of_the_tables_kept_up_step_by_step(seed: int) -> None:
    strata = [("all",), ("young", "old")][seed % 2]
    study = factories.make_study(scenarios=4, strata=strata, traits=("empathy", ""))
    live_through(study, steps=60, seed=seed)

    report = rebuilding.rebuild(study.pk, now=LATER)

    assert report.after == report.before
    assert (report.scenarios, report.was_stale, report.is_surprising) == (4, False, False)
    assert report.ledger_faults == []
    assert set(Distribution.objects.values_list("updated_at", flat=True)) == {LATER}


def test_the_digest_does_not_depend_on_ids_or_on_when_it_was_computed() -> None:
    first, second = factories.make_study("first"), factories.make_study("second")
    for study, now in ((second, NOON), (first, LATER)):
        factories.vote(study, "s2", "aab")
        aggregation.refresh(study.pk, now=now)
    digest_of_first = rebuilding.digests(first.pk)

    ScenarioSet.objects.filter(slug="first-set").update(slug="elsewhere")
    ScenarioSet.objects.filter(slug="second-set").update(slug="first-set")

    assert rebuilding.digests(second.pk) == digest_of_first


def test_any_change_of_a_row_changes_the_digest() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "ab")
    aggregation.refresh(study.pk, now=NOON)
    before = rebuilding.digests(study.pk)

    Distribution.objects.filter(scenario__key="s1").update(entropy_bits=0.5)
    Agreement.objects.filter(coefficient="gwet_ac1").update(n_responses=3)

    after = rebuilding.digests(study.pk)
    assert after.distributions != before.distributions
    assert after.agreement != before.agreement


def test_a_row_changed_by_hand_is_repaired_and_reported() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "ab")
    aggregation.refresh(study.pk, now=NOON)
    right = rebuilding.digests(study.pk)
    Distribution.objects.filter(scenario__key="s1").update(n=99)

    report = rebuilding.rebuild(study.pk, now=LATER)

    assert report.is_surprising
    assert report.after == right


def test_answers_nobody_aggregated_yet_are_no_surprise() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "ab")

    report = rebuilding.rebuild(study.pk, now=NOON)

    assert (report.was_stale, report.is_surprising) == (True, False)
    assert aggregation.stale_studies() == []


def test_a_ledger_that_disagrees_with_the_log_is_reported() -> None:
    study = factories.make_study()
    factories.vote(study, "s1", "ab")
    study.quotas.filter(scenario__key="s1").update(accepted=F("accepted") + 1)

    faults = rebuilding.rebuild(study.pk, now=NOON).ledger_faults

    assert faults == [("s1", "all", 3, 2)]


def test_the_command_prints_digests_and_succeeds() -> None:
    study = factories.make_study("pilot")
    factories.vote(study, "s1", "ab")
    aggregation.refresh(study.pk, now=NOON)
    out = StringIO()

    call_command("rebuild", "--study", "pilot", stdout=out)

    digests = rebuilding.digests(study.pk)
    assert "pilot: 2 scenarios" in out.getvalue()
    assert f"{digests.distributions}  unchanged" in out.getvalue()
    assert f"{digests.agreement}  unchanged" in out.getvalue()
    assert "every accepted seat is one counted answer" in out.getvalue()


def test_the_command_fails_where_the_ledger_is_wrong() -> None:
    study = factories.make_study("pilot")
    study.quotas.filter(scenario__key="s1").update(accepted=1)
    out = StringIO()

    with pytest.raises(CommandError, match="pilot"):
        call_command("rebuild", stdout=out)

    assert "scenario s1, stratum all: 1 seats accepted, 0 answers counted" in out.getvalue()


def test_the_command_names_a_study_that_does_not_exist() -> None:
    with pytest.raises(CommandError, match="no study with the short name 'nowhere'"):
        call_command("rebuild", "--study", "nowhere")
