"""Somebody or something that takes part in the story, with what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planners.knowledge.job_facts import JobFacts
from planners.knowledge.place_facts import PlaceFacts
from planners.knowledge.thing_facts import ThingFacts
from planners.reading.english import plural

__all__ = ["Participant", "PastDeed", "joined", "name_together", "refer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """Somebody or something as sentences need it."""

    id: str
    noun: str
    name: str | None = None
    gender: Literal["female", "male", "neuter"] = "neuter"
    count: int = 1
    plural_noun: bool = False
    """Whether the noun stands for several at once, as `shoes` do, without being split into members."""
    thing: ThingFacts | None = None
    job: JobFacts | None = None
    place: PlaceFacts | None = None
    owner: str | None = None
    """Id of whose it is."""
    kin: bool = False
    """Whether it is somebody's relative by its noun: `daughter`."""
    earlier: str | None = None
    """What it did in an earlier episode, a verb phrase in the third person present."""
    mute: bool = False
    """Whether it cannot speak."""

    @property
    def many(self) -> bool:
        """Whether verbs agree with it in the plural."""
        return self.count > 1 or self.plural_noun


@dataclass(frozen=True, slots=True, kw_only=True)
class PastDeed:
    """What somebody who is not in this episode did in an earlier one."""

    who: Participant
    phrase: str
    """Verb phrase in the third person present."""


def refer(participant: Participant) -> str:
    """The name, or the noun with `the`."""
    if participant.name:
        return participant.name
    return f"the {plural(participant.noun) if participant.many else participant.noun}"


def joined(names: list[str]) -> str:
    """Names joined by commas and `and`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def name_together(filling: tuple[Participant, ...]) -> str:
    """Names joined; `the hens` for several of a kind without names."""
    if (
        len(filling) > 1
        and not any(participant.name for participant in filling)
        and len({participant.noun for participant in filling}) == 1
    ):
        return f"the {plural(filling[0].noun)}"
    return joined([refer(participant) for participant in filling])
