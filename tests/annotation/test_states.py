"""State machines: only the moves of the table, and the table hangs together."""

import pytest

from annotation import states
from annotation.models import Participation
from annotation.participating import STAMPS, move
from annotation.states import TransitionRefused
from tests import cast


@pytest.mark.parametrize("table", [states.STUDY_TRANSITIONS, states.PARTICIPATION_TRANSITIONS])
def test_every_state_that_can_be_reached_has_a_row(table: dict[str, frozenset[str]]) -> None:
    reached = set().union(*table.values())

    assert reached <= set(table)


def test_the_tables_name_the_states_of_the_models() -> None:
    assert {state for state, _label in states.STUDY_STATES} == set(states.STUDY_TRANSITIONS)
    assert {state for state, _label in states.PARTICIPATION_STATES} == set(states.PARTICIPATION_TRANSITIONS)
    assert set(STAMPS) <= set(states.PARTICIPATION_TRANSITIONS)


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["arrived", "trained", "active", "completed", "timed_out"])
def test_a_move_the_table_does_not_have_is_refused_and_changes_nothing(target: str) -> None:
    ann = cast.arrived(cast.make_study())

    with pytest.raises(TransitionRefused, match="From arrived"):
        move(ann, target, now=cast.NOON)

    assert Participation.objects.get(pk=ann.pk).state == "arrived"


@pytest.mark.django_db
def test_every_move_is_stamped_and_written_down() -> None:
    ann = cast.at_work(cast.make_study())

    kinds = list(ann.events.order_by("id").values_list("kind", flat=True))
    assert kinds == ["arrived", "consented", "profiled", "trained", "active"]
    assert ann.consented_at == ann.profiled_at == ann.trained_at == ann.started_at == cast.NOON
