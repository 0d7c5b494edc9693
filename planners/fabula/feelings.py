"""What events make their participants feel, by the family of their verb."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, read_data_file
from planners.knowledge.families import RoleName
from planners.plan.vocabulary import Emotion

__all__ = ["angers", "feelings_of"]


class FeelingTables(DataFile):
    """The tables of `data/feelings.yaml`; it is described there."""

    families: dict[str, dict[RoleName, Emotion]]


@cache
def _families() -> dict[str, dict[RoleName, Emotion]]:
    """The table, read once."""
    return read_data_file(Path(__file__).with_name("data") / "feelings.yaml", FeelingTables).families


def feelings_of(family: str | None) -> dict[RoleName, Emotion]:
    """What participants of an event feel by role; of an event without a family: it pleases who does it and surprises who looks on."""
    table: dict[RoleName, Emotion] = {"opponent": "surprised", "agent": "happy"}
    return table | _families().get(family or "", {})


def angers(family: str | None) -> bool:
    """Whether events of a family anger who minds them."""
    return feelings_of(family).get("opponent") == "angry"
