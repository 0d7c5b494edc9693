"""The plot: events with participants, causes and places, in the order in which they happen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from planners.fabula.cast_members import Member
from planners.fabula.participant import Participant
from planners.knowledge.families import RoleName
from planners.reading.premise import PremiseEvent

__all__ = ["Plot", "PlotEvent"]

Origin = Literal["prompt", "needed", "opposition", "consequence", "ending"]
"""Why an event is in the plot: the prompt says it, a later event needs it, somebody minds, it follows, it closes the story."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotEvent:
    """One event of the plot."""

    id: str
    origin: Origin
    verb: str
    phrase: str
    """Verb phrase in the third person present."""
    family: str | None
    """None: no family of verbs lists it; it is acted out as it stands."""
    roles: dict[RoleName, tuple[str, ...]]
    """Ids of members of the cast, things and places."""
    place: str
    quoted: str | None = None
    """A quoted line that is spoken here."""
    because: tuple[str, ...] = ()
    """Ids of earlier events that cause or motivate it."""
    source: PremiseEvent | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A whole story."""

    events: tuple[PlotEvent, ...]
    members: dict[str, Member]
    """By id."""
    things: dict[str, Participant]
    places: dict[str, Participant]

    def participant(self, identifier: str) -> Participant:
        """A member of the cast, a thing or a place. Raises KeyError."""
        if identifier in self.members:
            return self.members[identifier].participant
        return self.things[identifier] if identifier in self.things else self.places[identifier]
