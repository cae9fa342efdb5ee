"""Plans as laid out: every task once, checks spread, repeats far behind, all of it from the seed."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from annotation.allocation import REPEAT_DISTANCE, Slot, Task, lay_out


def plan(n: int, *, checks: int = 0, repeats: int = 0, order: str = "random", seed: int = 1) -> list[Slot[int, str]]:
    tasks = [Task(scenario=number, listed=number, block="xyz"[number % 3]) for number in range(n)]
    names = [f"check{number}" for number in range(checks)]
    return lay_out(tasks, checks=names, repeats=repeats, order=order, randomise_sides=True, seed=seed)


@given(n=st.integers(1, 60), checks=st.integers(0, 5), repeats=st.integers(0, 6), seed=st.integers(0, 10**6))
def test_every_task_check_and_repeat_is_planned_exactly_once(n: int, checks: int, repeats: int, seed: int) -> None:
    slots = plan(n, checks=checks, repeats=repeats, seed=seed)

    assert sorted(s.scenario for s in slots if s.kind == "task" and s.scenario is not None) == list(range(n))
    assert sorted(s.check for s in slots if s.check) == [f"check{number}" for number in range(checks)]
    assert len([s for s in slots if s.kind == "repeat"]) == min(repeats, n)
    assert slots[0].kind == "task"


@given(n=st.integers(12, 60), repeats=st.integers(1, 6), seed=st.integers(0, 10**6))
def test_a_repeat_swaps_the_sides_and_keeps_its_distance_or_stands_at_the_end(
    n: int, repeats: int, seed: int
) -> None:
    slots = plan(n, repeats=repeats, seed=seed)

    for place, slot in enumerate(slots):
        if slot.kind != "repeat":
            continue
        original = next(i for i, s in enumerate(slots) if s.kind == "task" and s.scenario == slot.scenario)
        assert slots[original].flipped != slot.flipped
        assert place - original >= REPEAT_DISTANCE or all(s.kind == "repeat" for s in slots[place:])


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert plan(20, checks=2, repeats=2, seed=5) == plan(20, checks=2, repeats=2, seed=5)
    assert plan(20, seed=5) != plan(20, seed=6)


def test_blocks_stay_together() -> None:
    blocks = ["xyz"[s.scenario % 3] for s in plan(30, order="blocked") if s.scenario is not None]

    changes = sum(first != second for first, second in pairwise(blocks))
    assert changes == 2


def test_each_stretch_of_the_plan_has_its_check() -> None:
    slots = plan(40, checks=4)

    places = [index for index, slot in enumerate(slots) if slot.kind == "check"]
    for stretch, place in enumerate(places):
        assert stretch * 10 <= place <= (stretch + 1) * 10 + stretch + 1


def test_sides_are_drawn_evenly() -> None:
    flipped = [slot.flipped for seed in range(50) for slot in plan(40, seed=seed)]

    assert 0.46 < sum(flipped) / len(flipped) < 0.54
