"""How simulated people decide. Pure: a person is a profile and a generator of their own.

- careful: reads; answers as the scenario divides people, a little in a direction of their own; passes checks
- hasty: answers at once and at random; misses about half of the checks
- one_sided: takes whatever stands first, nearly always
- vanishing: careful, until they close the tab somewhere in the middle
"""

import json
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from random import Random

PROFILES = ("careful", "hasty", "one_sided", "vanishing")
DEFAULT_MIX = {"careful": 0.8, "hasty": 0.1, "one_sided": 0.05, "vanishing": 0.05}
CHECKS = Path(__file__).resolve().parents[2] / "scenarios" / "packs" / "checks.json"


class BadMix(Exception):
    """The shares of the profiles cannot be used; the message says why."""


def read_mix(text: str) -> dict[str, float]:
    """`careful=.8,hasty=.2` as shares that add up to one. Raises BadMix."""
    mix: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, share = part.partition("=")
        if name.strip() not in PROFILES:
            raise BadMix(f"There is no profile {name.strip()!r}; choose among {', '.join(PROFILES)}.")
        try:
            mix[name.strip()] = float(share)
        except ValueError:
            raise BadMix(f"The share of {name.strip()} must be a number, not {share!r}.") from None
    total = sum(mix.values())
    if not mix or total <= 0 or min(mix.values()) < 0:
        raise BadMix("Give at least one profile a share above zero.")
    return {name: share / total for name, share in mix.items()}


def share_out(mix: dict[str, float], people: int, *, dice: Random) -> list[str]:
    """One profile for each of `people`, in the mix's shares as exactly as whole people allow, shuffled."""
    exact = {name: share * people for name, share in mix.items()}
    counts = {name: int(value) for name, value in exact.items()}
    by_remainder = sorted(exact, key=lambda name: counts[name] - exact[name])
    for name in by_remainder[: people - sum(counts.values())]:
        counts[name] += 1
    profiles = [name for name, count in counts.items() for _ in range(count)]
    dice.shuffle(profiles)
    return profiles


@dataclass(slots=True)
class Person:
    """Somebody who takes part. `leaning` moves their answers a little towards one side."""

    name: str
    profile: str
    dice: Random
    leaning: float
    uses_script: bool
    patience: int

    def decides(self, text: str, shown: list[str], extras: list[str]) -> str:
        """The option they choose: `shown` in the order on the page, `extras` neutral and not_applicable."""
        expected = _expected(text)
        if self.profile == "one_sided":
            return shown[0] if self.dice.random() < 0.95 else self.dice.choice(shown)
        if self.profile == "hasty":
            knows = expected in shown and self.dice.random() < 0.5
            return expected if knows and expected else self.dice.choice(shown)
        if expected in shown and expected:
            return expected
        return self._considers(text, shown, extras)

    def _considers(self, text: str, shown: list[str], extras: list[str]) -> str:
        draw = self.dice.random()
        if "not_applicable" in extras and draw < 0.01:
            return "not_applicable"
        if "neutral" in extras and draw < 0.08:
            return "neutral"
        first, *others = sorted(shown)
        likely = min(0.99, max(0.01, divide(text) + self.leaning))
        return first if self.dice.random() < likely or not others else self.dice.choice(others)

    def takes_ms(self, text: str) -> int:
        """Milliseconds from seeing to choosing that this person's page reports (nobody waits for them)."""
        if self.profile == "hasty":
            return int(self.dice.uniform(300, 1_500))
        return int(1_500 + len(text) * self.dice.uniform(15, 35))


def people(names: list[str], profiles: list[str], *, seed: int) -> list[Person]:
    return [_person(name, profile, seed=seed) for name, profile in zip(names, profiles, strict=True)]


def _person(name: str, profile: str, *, seed: int) -> Person:
    dice = Random(f"{seed}/{name}")
    return Person(
        name=name,
        profile=profile,
        dice=dice,
        leaning=dice.gauss(0, 0.06),
        uses_script=dice.random() < 0.8,
        patience=dice.randint(0, 8) if profile == "vanishing" else 10**9,
    )


@cache
def divide(text: str) -> float:
    """How likely people are to take a scenario's first action, from its words: many agree, some are divided."""
    dice = Random(blake2b(text.encode(), digest_size=8).digest())
    alpha, beta = dice.choice([(9, 2), (2, 9), (5, 2), (2, 5), (6, 6)])
    return dice.betavariate(alpha, beta)


@cache
def _bank() -> dict[str, str]:
    """Opening words of every shipped check -> its right answer. The crowd has read the shipped checks."""
    items = json.loads(CHECKS.read_text(encoding="utf-8")) if CHECKS.exists() else []
    return {_opening(item["text"]): item["expected"] for item in items if item.get("expected")}


def _expected(text: str) -> str:
    return next((key for opening, key in _bank().items() if opening in text), "")


def _opening(text: str) -> str:
    return " ".join(text.split())
