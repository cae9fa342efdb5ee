"""The seat ledger: the one module that writes `reserved`, `accepted` and `revision` (beside `quick_answers`).

What is scarce: the seats of a scenario in a stratum. The promise: `reserved + accepted <= target` at every commit,
and open + reserved + accepted = target always.

The one allowed pattern: inside a transaction, the participation's row is locked first, then quota rows, always in
the order of their ids. Planning takes what nobody else holds (SKIP LOCKED) and waits only while it holds no other
quota row. A conditional UPDATE does every change, so that the ledger is right even where a caller is wrong; the
database's CHECK is the last word.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import TypeVar

from django.db import connection, transaction
from django.db.models import Count, F, QuerySet

from annotation.models import Quota, Stratum, Study
from annotation.models.seats import FULL, SHUFFLE_RANGE
from scenarios.models import Scenario

T = TypeVar("T")

BATCH = 2_000
# Levels of fill with more rows than this are sampled by index instead of being read whole.
READ_WHOLE = 4_000
WINDOWS = 8
SKIPPING_ROUNDS = 3
WAITING_ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in the ledger that somebody may take."""

    quota_id: int
    scenario_id: int


class LedgerMismatch(Exception):
    """A seat was to be moved that the ledger does not know: a bug, and nothing was written."""


# --- Creating the ledger -------------------------------------------------------------------------------------------


def ensure(study: Study, *, now: datetime) -> None:
    """Create the quota rows of `study` that are missing and pin the scenarios' versions.

    Until the first answer the ledger follows the study's sets; afterwards it never loses a row, and a scenario
    that it already pins stays at its version.
    """
    with transaction.atomic():
        # no_key: answers that are given meanwhile refer to the study's row and must not wait for this.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        strata = _strata(study)
        wanted = scenarios_to_ask(study)
        if not study.is_frozen:
            study.quotas.filter(reserved=0, accepted=0, revision=0).exclude(scenario_id__in=wanted).delete()
        _create_missing(study, strata, wanted)
        Scenario.objects.filter(pk__in=study.quotas.values("scenario_id"), locked_at=None).update(locked_at=now)
        set_targets(study)


@transaction.atomic
def set_targets(study: Study) -> dict[str, int]:
    """Bring every target in line with the study; never below what is taken already.

    Returns `{"kept_above": n}`: rows whose answers and reserved seats exceed the new target, which therefore stays
    where they are until seats come back.
    """
    kept = 0
    for stratum in _strata(study):
        target = stratum.target if stratum.target is not None else study.quota
        rows = Quota.objects.filter(study=study, stratum=stratum)
        if target is None:
            rows.exclude(target=None).update(target=None)
            continue
        ids = list(rows.exclude(target=target).order_by("id").values_list("id", flat=True))
        for batch in _batches(ids):
            lock_rows(study.pk, batch)
            Quota.objects.filter(pk__in=batch, reserved__lte=target - F("accepted")).update(target=target)
            over = Quota.objects.filter(pk__in=batch, reserved__gt=target - F("accepted"))
            kept += over.update(target=F("reserved") + F("accepted"))
    return {"kept_above": kept}


def _strata(study: Study) -> list[Stratum]:
    strata = list(study.strata.all())
    return strata or [Stratum.objects.create(study=study, key="all", label="everybody")]


def scenarios_to_ask(study: Study) -> list[int]:
    """Ids of the scenarios the study asks, in its list's order: pinned versions first, else the latest."""
    latest = Scenario.objects.latest_versions().filter(set__studies=study)
    pinned = {
        (row[0], row[1]): row[2]
        for row in study.quotas.values_list("scenario__set_id", "scenario__key", "scenario_id")
    }
    ordered = latest.order_by("set__slug", "id").values_list("set_id", "key", "id")
    return [pinned.get((set_id, key), pk) if study.is_frozen else pk for set_id, key, pk in ordered.iterator()]


def _create_missing(study: Study, strata: list[Stratum], scenario_ids: list[int]) -> None:
    present = set(study.quotas.values_list("scenario_id", "stratum_id"))
    rows = (
        Quota(
            study=study,
            scenario_id=scenario_id,
            stratum=stratum,
            position=position,
            target=stratum.target if stratum.target is not None else study.quota,
        )
        for position, scenario_id in enumerate(scenario_ids)
        for stratum in strata
        if (scenario_id, stratum.pk) not in present
    )
    for batch in _batches(list(rows)):
        Quota.objects.bulk_create(batch)


# --- Planning: seats become reserved -------------------------------------------------------------------------------


def claim(
    *, study_id: int, stratum_id: int, wanted: int, seen: Collection[int], seed: int, may_wait: bool = True
) -> list[Seat]:
    """Reserve up to `wanted` seats in the least filled scenarios outside `seen`, ties drawn by `seed`.

    Runs inside the caller's transaction. Returns fewer only when no further open seat was left in the stratum.
    A caller that already holds quota rows must pass `may_wait=False` and gets what nobody else is just taking.
    """
    search = _Search(study_id, stratum_id, frozenset(seen), Random(seed))
    for _round in range(WAITING_ROUNDS):
        before = transaction.savepoint()
        seats, is_settled = _claim_free(search, wanted)
        if len(seats) == wanted or is_settled or not may_wait:
            transaction.savepoint_commit(before)
            return seats
        # Somebody else holds rows that we need. Let go of ours before waiting, or two planners could
        # wait for each other.
        transaction.savepoint_rollback(before)
        before = transaction.savepoint()
        seats, is_settled = _claim_waiting(search, wanted)
        if len(seats) == wanted or is_settled:
            transaction.savepoint_commit(before)
            return seats
        transaction.savepoint_rollback(before)
    return _claim_in_order(search, wanted)


def reclaim(quota_ids: Iterable[int]) -> set[int]:
    """Reserve a seat in each of these rows where one is open; returns the ids that worked."""
    ids = sorted(quota_ids)
    _lock(ids)
    free = set(Quota.objects.filter(pk__in=ids, fill__lt=FULL).values_list("id", flat=True))
    Quota.objects.filter(pk__in=free).update(reserved=F("reserved") + 1)
    return free


def has_open_seats(study_id: int, *, at_least: int = 1) -> bool:
    """Whether some stratum still has open seats in `at_least` scenarios."""
    rows = Quota.objects.filter(study_id=study_id, fill__lt=FULL).order_by()
    if at_least == 1:
        return rows.exists()
    per_stratum = rows.values("stratum_id").annotate(rows=Count("id"))
    return any(row["rows"] >= at_least for row in per_stratum)


@dataclass(frozen=True, slots=True)
class _Search:
    """Where seats are looked for, which scenarios are out of the question, and the draw that breaks ties."""

    study_id: int
    stratum_id: int
    seen: frozenset[int]
    dice: Random

    def open_rows(self) -> QuerySet[Quota]:
        return Quota.objects.filter(study_id=self.study_id, stratum_id=self.stratum_id, fill__lt=FULL)

    def has_more(self, known: Collection[int]) -> bool:
        """Whether open rows exist beyond `known` ones: another planner may have moved them under our eyes."""
        return self.open_rows().exclude(scenario_id__in=self.seen).exclude(pk__in=known).exists()


def _claim_free(search: _Search, wanted: int) -> tuple[list[Seat], bool]:
    """Take what nobody else holds. Settled: what is missing does not exist."""
    taken: list[Seat] = []
    tried: set[int] = set()
    is_settled = True
    for _round in range(SKIPPING_ROUNDS):
        chosen = _least_filled(search, wanted - len(taken), tried)
        tried.update(seat.quota_id for seat in chosen)
        got = _reserve([seat.quota_id for seat in chosen], skip_locked=True)
        is_settled &= len(got) == len(chosen)
        taken += [seat for seat in chosen if seat.quota_id in got]
        if len(taken) == wanted or not chosen:
            break
    if len(taken) < wanted and is_settled:
        is_settled = not search.has_more(tried)
    return taken, is_settled


def _claim_waiting(search: _Search, wanted: int) -> tuple[list[Seat], bool]:
    """Wait for the chosen rows in the order of their ids; some may have filled up meanwhile."""
    chosen = _least_filled(search, wanted, set())
    ids = [seat.quota_id for seat in chosen]
    got = _reserve(ids, skip_locked=False)
    seats = [seat for seat in chosen if seat.quota_id in got]
    return seats, len(got) == len(chosen) and not search.has_more(ids)


def _claim_in_order(search: _Search, wanted: int) -> list[Seat]:
    """The last resort under heavy contention: the first open rows by id, waiting for each."""
    rows = search.open_rows().exclude(scenario_id__in=search.seen).order_by("id")
    locked = rows.select_for_update(of=("self",)).values_list("id", "scenario_id")[:wanted]
    seats = [Seat(*row) for row in locked]
    Quota.objects.filter(pk__in=[seat.quota_id for seat in seats]).update(reserved=F("reserved") + 1)
    return seats


def _reserve(quota_ids: list[int], *, skip_locked: bool) -> set[int]:
    rows = Quota.objects.filter(pk__in=quota_ids, fill__lt=FULL).order_by("id")
    locked = set(rows.select_for_update(skip_locked=skip_locked, of=("self",)).values_list("id", flat=True))
    if locked:
        Quota.objects.filter(pk__in=locked).update(reserved=F("reserved") + 1)
    return locked


def _least_filled(search: _Search, wanted: int, tried: set[int]) -> list[Seat]:
    """Choose `wanted` open rows, least filled first; within a level of fill, a draw of the search's dice.

    A proposal, not a promise: rows are read without locks and may move meanwhile, so fewer may come back.
    """
    open_rows = search.open_rows()
    levels = open_rows.order_by("fill").values("fill").annotate(rows=Count("id")).values_list("fill", "rows")
    chosen: list[Seat] = []
    for fill, rows in levels:
        candidates = _candidates(search, open_rows.filter(fill=fill), rows, wanted - len(chosen), tried)
        search.dice.shuffle(candidates)
        chosen += candidates[: wanted - len(chosen)]
        if len(chosen) >= wanted:
            break
    return list({seat.quota_id: seat for seat in chosen}.values())


def _candidates(search: _Search, level: QuerySet[Quota], rows: int, wanted: int, tried: set[int]) -> list[Seat]:
    """Open seats of one level: all of it while it is small, else windows at random places of the index."""
    if rows <= READ_WHOLE + len(search.seen):
        found = list(level.order_by("shuffle").values_list("id", "scenario_id"))
    else:
        found = _windows(level, wanted // WINDOWS + len(search.seen) // WINDOWS + 8, search.dice)
    return [Seat(*row) for row in found if row[1] not in search.seen and row[0] not in tried]


def _windows(level: QuerySet[Quota], width: int, dice: Random) -> list[tuple[int, int]]:
    """WINDOWS stretches of `width` rows each, from random places of the level, as (id, scenario id)."""
    rows: dict[int, int] = {}
    ordered = level.order_by("shuffle").values_list("id", "scenario_id")
    for _window in range(WINDOWS):
        stretch = list(ordered.filter(shuffle__gte=dice.randrange(SHUFFLE_RANGE))[:width])
        rows.update(stretch or ordered[:width])
    return list(rows.items())


# --- Answers and their end: seats are accepted, handed back, revoked -----------------------------------------------


def accept_reserved(quota_id: int) -> None:
    """A reserved seat is answered: it becomes accepted."""
    changed = Quota.objects.filter(pk=quota_id, reserved__gte=1).update(
        reserved=F("reserved") - 1, accepted=F("accepted") + 1, revision=F("revision") + 1
    )
    if changed != 1:
        raise LedgerMismatch(f"Quota row {quota_id} has no reserved seat to accept.")


def accept_open(quota_id: int) -> bool:
    """An answer without a seat takes an open one if there is one; False means it is surplus."""
    changed = Quota.objects.filter(pk=quota_id, fill__lt=FULL).update(
        accepted=F("accepted") + 1, revision=F("revision") + 1
    )
    return changed == 1


def accept_open_many(quota_ids: Iterable[int]) -> set[int]:
    """As accept_open for several rows, locked in order; returns the ids that had an open seat."""
    ids = sorted(quota_ids)
    _lock(ids)
    free = set(Quota.objects.filter(pk__in=ids, fill__lt=FULL).values_list("id", flat=True))
    Quota.objects.filter(pk__in=free).update(accepted=F("accepted") + 1, revision=F("revision") + 1)
    return free


def release(quota_ids: Iterable[int]) -> None:
    """Reserved seats go back to open, one per id."""
    ids = sorted(quota_ids)
    if not ids:
        return
    _lock(ids)
    changed = Quota.objects.filter(pk__in=ids, reserved__gte=1).update(reserved=F("reserved") - 1)
    if changed != len(ids):
        raise LedgerMismatch(f"{len(ids) - changed} of {len(ids)} seats to hand back were not reserved.")


def revoke_many(counts: Mapping[int, int]) -> None:
    """Accepted answers stop counting: `{quota id: how many}`; their seats are open again."""
    _move_accepted({quota_id: -count for quota_id, count in counts.items()})


def accept_recorded(*, study_id: int, counts: Mapping[int, int]) -> None:
    """Recorded answers from elsewhere fill seats: `{quota id: how many}`, decided under `lock_rows`."""
    _move_accepted(counts)


def lock_rows(study_id: int, quota_ids: Iterable[int]) -> dict[int, Quota]:
    """Lock these rows of the study in the order of their ids and return them as they now are."""
    rows = Quota.objects.filter(study_id=study_id, pk__in=list(quota_ids)).order_by("id")
    return {row.pk: row for row in rows.select_for_update(of=("self",))}


def _move_accepted(counts: Mapping[int, int]) -> None:
    ids = sorted(counts)
    for batch in _batches(ids):
        _lock(batch)
        by_count: dict[int, list[int]] = {}
        for quota_id in batch:
            by_count.setdefault(counts[quota_id], []).append(quota_id)
        for count, rows in by_count.items():
            changed = Quota.objects.filter(pk__in=rows, accepted__gte=-count).update(
                accepted=F("accepted") + count, revision=F("revision") + 1
            )
            if changed != len(rows):
                raise LedgerMismatch("More answers were to be revoked than the ledger has accepted.")


def _lock(quota_ids: Collection[int]) -> None:
    if connection.features.has_select_for_update:
        list(Quota.objects.filter(pk__in=quota_ids).order_by("id").select_for_update(of=("self",)).values_list("id"))


def _batches(items: list[T], size: int = BATCH) -> Iterable[list[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))
