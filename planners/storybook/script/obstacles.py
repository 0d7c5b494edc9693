"""Obstacles: what can stand in the way between an attempt and its end, with how it is met and overcome."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Final

from planners.data_file import DataFile, read_data_file
from planners.storybook.language.inflect import article

__all__ = ["Obstacle", "ObstacleTables", "shuffled_obstacles"]


_ENCLOSED: Final = frozenset({"space", "deep sea", "hotel", "court", "plant", "school", "harbour", "house", "bakery"})


class ObstacleTables(DataFile):
    """The tables of `data/obstacles.yaml`."""

    anywhere: frozenset[str]


_ANYWHERE: Final = read_data_file(Path(__file__).with_name("data") / "obstacles.yaml", ObstacleTables).anywhere


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
        return {
            "ob": f"the {self.noun}",
            "ob.bare": self.noun,
            "ob.a": f"{article(self.noun)} {self.noun}",
            "ob.fault": self.fault,
            "ob.complaint": self.complaint,
            "ob.idea": self.idea,
            "ob.failure": self.failure,
            "ob.insight": self.insight,
            "ob.solution": self.solution,
            "ob.thanks": self.thanks,
        }


@lru_cache(maxsize=1)
def _table() -> tuple[Obstacle, ...]:
    """Read the obstacles that ship with the planner."""
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
    return [obstacle for obstacle in table if obstacle.noun in _ANYWHERE] + [
        obstacle for obstacle in table if obstacle.noun not in _ANYWHERE
    ]
