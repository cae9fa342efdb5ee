"""One thing that is wrong with a study's configuration."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Problem:
    """`message` says what is wrong and what to do; `field` names the field it is about, if any."""

    level: Level
    code: str
    message: str
    field: str = ""


def errors(found: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in found if problem.level == "error"]
