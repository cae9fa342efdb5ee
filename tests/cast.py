"""The fixed cast of the tests: one small study everybody knows, and people who walk through it.

Scenarios `s1`, `s2` ... each have the actions `a` (pole +1) and `b` (pole -1); answers are quick and deliberate.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from annotation import arrival, flow, quotas, submission
from annotation.arrival import Entry
from annotation.models import Assignment, CheckItem, Participation, Quota, Study
from annotation.submission import Outcome, Submission
from scenarios.models import Action, Scenario, ScenarioSet, Trait, content_hash

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def minutes(n: float) -> timedelta:
    return timedelta(minutes=n)


def make_set(slug: str = "everyday", *, scenarios: int = 4, trait: str = "") -> ScenarioSet:
    home, _ = ScenarioSet.objects.get_or_create(slug=slug, defaults={"name": slug.title()})
    shown = Trait.objects.get_or_create(key=trait, defaults={"name": trait})[0] if trait else None
    for number in range(1, scenarios + 1):
        blocks = [{"type": "text", "text": f"Situation {number} of {slug}."}]
        scenario = Scenario.objects.create(
            set=home,
            key=f"s{number}",
            blocks=blocks,
            trait=shown,
            content_hash=content_hash({"blocks": blocks}),
        )
        Action.objects.create(scenario=scenario, key="a", position=0, text=f"You help ({number}).", pole=1)
        Action.objects.create(scenario=scenario, key="b", position=1, text=f"You wait ({number}).", pole=-1)
    return home


def make_study(slug: str = "pilot", *, scenarios: int = 4, is_open: bool = True, **fields: Any) -> Study:
    """An open study over `scenarios` scenarios, three answers each, all tasks for everybody."""
    defaults = {"title": slug.title(), "quota": 3, "tasks_per_annotator": scenarios, "seed": 7}
    study = Study.objects.create(slug=slug, **{**defaults, **fields})
    study.sets.add(make_set(f"{slug}-set", scenarios=scenarios))
    if is_open:
        quotas.ensure(study, now=NOON)
        Study.objects.filter(pk=study.pk).update(state="open", opened_at=NOON)
        study.refresh_from_db()
    return study


def make_check(key: str = "read-this", *, kind: str = "instructed", expected: str = "a") -> CheckItem:
    options = [{"key": "a", "text": "You read this."}, {"key": "b", "text": "You do not."}]
    return CheckItem.objects.create(
        key=key, kind=kind, text=f"Please choose “You read this.” ({key})", options=options, expected=expected
    )


def arrived(study: Study, who: str = "ann", *, now: datetime = NOON) -> Participation:
    entry = Entry(provider="panel", person_id=who, session_id=who, parameters=(("participant", who),))
    return arrival.arrive(study, entry, held=None, now=now)


def at_work(study: Study, who: str = "ann", *, now: datetime = NOON) -> Participation:
    """Somebody who arrived, agreed, and has tasks in front of them (or found the study full)."""
    from annotation import consent

    participation = arrived(study, who, now=now)
    consent.agree(participation.pk, version=None, now=now)
    participation.refresh_from_db()
    flow.advance(participation, now=now)
    participation.refresh_from_db()
    return participation


def next_task(participation: Participation, *, now: datetime = NOON) -> Assignment | None:
    """The task in front of somebody, marked as shown."""
    current = participation.assignments.filter(answered_at=None, is_dropped=False).order_by("position").first()
    if current is not None and current.served_at is None:
        current.served_at = now
        current.save(update_fields=["served_at"])
    return current


def answer(
    participation: Participation, choice: str = "a", *, now: datetime = NOON, task: Assignment | None = None
) -> Outcome:
    current = task or next_task(participation, now=now)
    assert current is not None, "nothing is left to answer"
    receipt = submission.submit(participation.pk, Submission(token=current.token, choice=choice), now=now)
    participation.refresh_from_db()
    return receipt.outcome


def answer_everything(participation: Participation, choice: str = "a", *, now: datetime = NOON) -> int:
    """Answer until nothing is left; returns how many answers that took."""
    answers = 0
    while participation.state == "active" and (task := next_task(participation, now=now)) is not None:
        answer(participation, choice, now=now, task=task)
        answers += 1
    return answers


def ledger(study: Study) -> list[tuple[int, int]]:
    """(reserved, accepted) of every quota row, in the study's order."""
    return list(Quota.objects.filter(study=study).order_by("position").values_list("reserved", "accepted"))


def assert_ledger_is_sound(study: Study) -> None:
    """Every counter equals what the plans and the log say, and no quota is exceeded."""
    for quota in Quota.objects.filter(study=study):
        held = Assignment.objects.filter(quota=quota, holds_seat=True).count()
        counted = study.responses.filter(quota=quota, standing="counted").count()
        assert (quota.reserved, quota.accepted) == (held, counted), quota
        assert quota.target is None or quota.reserved + quota.accepted <= quota.target, quota
