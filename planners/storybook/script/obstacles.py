"""Obstacles: what can stand in the way between an attempt and its end, with how it is met and overcome."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from random import Random
from typing import Final

from planners.storybook.language.inflect import article

__all__ = ["Obstacle", "shuffled_obstacles"]


_ENCLOSED: Final = frozenset({"space", "deep sea", "hotel", "court", "plant", "school", "harbour", "house", "bakery"})
_ANYWHERE: Final = frozenset({"locked gate", "empty lamp", "torn rope", "missing key", "stuck door", "empty pantry", "old quarrel", "wrong time",
                              "leaking roof", "shadow on the wall", "bad news", "strict rule", "talkative clerk", "too many cooks", "sleeping guard",
                              "lost voice", "high shelf", "paper mountain", "dark cellar", "cracked mirror", "broken promise", "tired legs",
                              "stolen lunch", "false friend", "mirror maze", "heavy stone"})  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Obstacle:
    """One thing in the way. The sentences are somebody's words, said once in an episode."""

    noun: str
    fault: str
    """What is wrong, as the narrator says it: `the bridge ended in the middle`."""
    complaint: str
    idea: str
    failure: str
    insight: str
    solution: str
    thanks: str

    def slots(self) -> dict[str, str]:
        """The words a card may use."""
        return {"ob": f"the {self.noun}", "ob.bare": self.noun, "ob.a": f"{article(self.noun)} {self.noun}", "ob.fault": self.fault,
                "ob.complaint": self.complaint, "ob.idea": self.idea, "ob.failure": self.failure, "ob.insight": self.insight,
                "ob.solution": self.solution, "ob.thanks": self.thanks}  # fmt: skip


@lru_cache(maxsize=1)
def _table() -> tuple[Obstacle, ...]:
    path = files("planners.storybook") / "scripts" / "obstacles.tsv"
    if not path.is_file():
        return ()
    rows = [row for row in path.read_text(encoding="utf-8").splitlines() if row.strip() and not row.startswith("#")]
    return tuple(
        Obstacle(**dict(zip(Obstacle.__slots__, (cell.strip() for cell in row.split("|")), strict=True))) for row in rows
    )


def shuffled_obstacles(region: str, rng: Random) -> list[Obstacle]:
    """What can stand in the way in a region, first those that fit it: no goose in a spaceship."""
    table = rng.sample(_table(), len(_table()))
    if region not in _ENCLOSED:
        return table
    return [one for one in table if one.noun in _ANYWHERE] + [one for one in table if one.noun not in _ANYWHERE]
