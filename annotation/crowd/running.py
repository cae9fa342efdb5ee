"""A whole crowd: people arrive, some at the same time; the recruiter replaces those who vanish.

People who are told that the study is full stand by. When everybody else is through, those who vanished are reported
gone, their seats go back, and the people standing by (then as many new ones as vanished) fill them.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from statistics import quantiles
from time import perf_counter

import aiohttp

from annotation.crowd.behaviour import DEFAULT_MIX, Person, people, share_out
from annotation.crowd.player import Journey, Player


@dataclass(slots=True)
class CrowdReport:
    """How a crowd fared. `latencies` are seconds from sending an answer to having the next page."""

    journeys: list[Journey]
    seconds: float
    latencies: list[float] = field(default_factory=list)

    @property
    def answers(self) -> int:
        return sum(journey.answers for journey in self.journeys)

    @property
    def endings(self) -> Counter[str]:
        return Counter(journey.ending for journey in self.journeys)

    @property
    def problems(self) -> list[str]:
        return [journey.problem for journey in self.journeys if journey.problem]

    def percentile(self, percent: int) -> float:
        """Seconds below which `percent` of the answers were acknowledged; 0 without answers."""
        if len(self.latencies) < 2:
            return sum(self.latencies)
        return quantiles(self.latencies, n=100)[percent - 1]


@dataclass(frozen=True, slots=True)
class CrowdPlan:
    """Who comes where: `annotators` people in the shares of `mix`, at most `at_once` at the same time."""

    study: str
    url: str
    annotators: int
    seed: int
    mix: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_MIX))
    at_once: int = 20
    until_full: bool = False


def run(plan: CrowdPlan, *, on_answer: Callable[[], None] | None = None) -> CrowdReport:
    """Play the whole crowd and report. Raises aiohttp.ClientError only where the site cannot be reached at all."""
    return asyncio.run(_Crowd(plan, on_answer).play())


class _Crowd:
    def __init__(self, plan: CrowdPlan, on_answer: Callable[[], None] | None) -> None:
        self.plan = plan
        self.on_answer = on_answer
        self.dice = Random(plan.seed)
        self.players: list[Player] = []
        self.gate = asyncio.Semaphore(plan.at_once)

    async def play(self) -> CrowdReport:
        started = perf_counter()
        self.connector = aiohttp.TCPConnector(limit=self.plan.at_once, keepalive_timeout=30)
        try:
            await self._send(self._recruit(self.plan.annotators, self.plan.mix))
            await self._replace_vanished()
            while self._may_grow() and await self._send_more():
                await self._replace_vanished()
        finally:
            for player in self.players:
                await player.close()
            await self.connector.close()
        journeys = [player.journey for player in self.players]
        return CrowdReport(
            journeys=journeys,
            seconds=perf_counter() - started,
            latencies=[second for journey in journeys for second in journey.seconds],
        )

    def _recruit(self, number: int, mix: dict[str, float]) -> list[Player]:
        first = len(self.players)
        names = [f"crowd-{self.plan.seed}-{index}" for index in range(first, first + number)]
        persons = people(names, share_out(mix, number, dice=self.dice), seed=self.plan.seed)
        recruits = [self._player(person) for person in persons]
        self.players += recruits
        return recruits

    def _player(self, person: Person) -> Player:
        return Player(person, self.plan.url, self.plan.study, self.connector, on_answer=self.on_answer)

    async def _send(self, players: list[Player]) -> None:
        async def one(player: Player) -> None:
            async with self.gate:
                await player.take_part()

        await asyncio.gather(*(one(player) for player in players))

    async def _replace_vanished(self) -> None:
        vanished = [player for player in self.players if player.journey.ending == "vanished"]
        if not vanished:
            return
        for player in vanished:
            await player.reported_gone()
            player.journey.ending = "vanished (seats handed back)"
        standing_by = [player for player in self.players if player.journey.ending == "full"]
        for player in standing_by:
            player.person.patience = 10**9
        await self._send(standing_by)
        if not any(player.journey.ending == "full" for player in standing_by):
            await self._send(self._recruit(len(vanished), {"careful": 1.0}))

    def _may_grow(self) -> bool:
        """A study without limit never fills: ten times the people asked for is enough."""
        return self.plan.until_full and len(self.players) < 10 * self.plan.annotators

    async def _send_more(self) -> bool:
        """Recruit a few more while the study takes people; False once somebody was told that it is full."""
        recruits = self._recruit(max(2, self.plan.annotators // 10), {"careful": 1.0})
        await self._send(recruits)
        return any(player.journey.ending == "completed" for player in recruits)
