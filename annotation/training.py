"""Practice before the tasks: items with feedback. They teach and never count."""

from datetime import datetime
from random import Random

from django.db import transaction

from annotation import participating
from annotation.models import CheckItem, CheckKind, Participation


def practice_items(participation: Participation) -> list[CheckItem]:
    """The items this person practises with, the same ones in the same order on every visit."""
    study = participation.study
    bank = list(study.checks.filter(kind=CheckKind.PRACTICE).order_by("key"))
    return Random(participation.seed + 2).sample(bank, min(len(bank), study.practice_items))


def next_item(participation: Participation) -> tuple[CheckItem | None, int, int]:
    """(item, its number from 1, how many there are); the item is None when practice is over."""
    items = practice_items(participation)
    done = participation.practice_done
    return (items[done] if done < len(items) else None), done + 1, len(items)


@transaction.atomic
def finish_item(participation_id: int, *, number: int) -> Participation:
    """The person has read the feedback to item `number`; sending it twice changes nothing."""
    participation = participating.lock(participation_id)
    if participation.state == "profiled" and number == participation.practice_done + 1:
        participation.practice_done = number
        participation.save(update_fields=["practice_done"])
    return participation


@transaction.atomic
def finish(participation_id: int, *, now: datetime) -> Participation:
    participation = participating.lock(participation_id)
    if participation.state == "profiled":
        participating.move(participation, "trained", now=now)
    return participation
