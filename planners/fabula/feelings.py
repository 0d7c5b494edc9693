"""What events make their participants feel, by the family of their verb, and what is seen of what somebody does not do."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.families import RoleName
from planners.plan.vocabulary import Emotion

__all__ = ["NotDone", "angers", "feelings_of", "not_done"]


class NotDone(DataFile):
    """What is seen of somebody who does not do something."""

    verbs: WordList
    shown: str
    absent: bool = False
    """Whether it is others who are seen, because whoever does not come is not there."""


class FeelingTables(DataFile):
    """The tables of `data/feelings.yaml`; each is described there."""

    families: dict[str, dict[RoleName, Emotion]]
    not_done: tuple[NotDone, ...]


@cache
def _tables() -> FeelingTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "feelings.yaml", FeelingTables)


def not_done(verb: str) -> NotDone:
    """What is seen where a verb is negated."""
    rules = _tables().not_done
    return next((rule for rule in rules if verb in rule.verbs), rules[-1])


def feelings_of(family: str | None) -> dict[RoleName, Emotion]:
    """What participants of an event feel by role; of an event without a family: it pleases who does it and surprises who looks on."""
    table: dict[RoleName, Emotion] = {"opponent": "surprised", "agent": "happy"}
    return table | _tables().families.get(family or "", {})


def angers(family: str | None) -> bool:
    """Whether events of a family anger who minds them."""
    return feelings_of(family).get("opponent") == "angry"
