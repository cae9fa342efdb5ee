"""A study's life: draft, open, paused, closed, archived. Opening checks everything and creates the seats."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.models import User
from annotation import consent, events, quotas, states
from annotation.models import Study
from annotation.preflight import Problem, problems


class NotReady(Exception):
    """The study cannot open; `problems` lists everything that stands in the way."""

    def __init__(self, found: Sequence[Problem]) -> None:
        self.problems = list(found)
        super().__init__("; ".join(problem.message for problem in found))


def open_study(study: Study, *, now: datetime, actor: User | None = None) -> None:
    """Let annotators in. Raises NotReady with every error of the pre-flight, or states.TransitionRefused."""
    with transaction.atomic():
        locked = _lock(study)
        states.check_transition(states.STUDY_TRANSITIONS, current=locked.state, target="open")
        errors = [problem for problem in problems(locked) if problem.level == "error"]
        if errors:
            raise NotReady(errors)
        quotas.ensure(locked, now=now)
        consent.current_version(locked, now=now)
        locked.opened_at = locked.opened_at or now
        locked.closed_at = None
        _move(locked, "open", now=now, actor=actor)
    study.refresh_from_db()


def pause_study(study: Study, *, now: datetime, actor: User | None = None) -> None:
    """Let nobody new in; whoever is working may finish."""
    _change(study, "paused", now=now, actor=actor)


def resume_study(study: Study, *, now: datetime, actor: User | None = None) -> None:
    open_study(study, now=now, actor=actor)


def close_study(study: Study, *, now: datetime, actor: User | None = None) -> None:
    """End recruiting; whoever is working may still finish, and answers that arrive are kept."""
    with transaction.atomic():
        locked = _lock(study)
        locked.closed_at = now
        _move(locked, "closed", now=now, actor=actor)
    study.refresh_from_db()


def archive_study(study: Study, *, now: datetime, actor: User | None = None) -> None:
    """Put a closed study away; its data stay readable."""
    _change(study, "archived", now=now, actor=actor)


def _change(study: Study, target: str, *, now: datetime, actor: User | None) -> None:
    with transaction.atomic():
        _move(_lock(study), target, now=now, actor=actor)
    study.refresh_from_db()


def _lock(study: Study) -> Study:
    return Study.objects.select_for_update(no_key=True).get(pk=study.pk)


def _move(study: Study, target: str, *, now: datetime, actor: User | None) -> None:
    states.check_transition(states.STUDY_TRANSITIONS, current=study.state, target=target)
    before, study.state = study.state, target
    study.save()
    events.record(
        f"study_{target}",
        study_id=study.pk,
        now=now,
        actor_id=actor.pk if actor else None,
        data={"from": before},
    )
