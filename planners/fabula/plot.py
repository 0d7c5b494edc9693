"""The plot: events with participants, causes and places, in the order in which they happen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from planners.fabula.cast_members import Member
from planners.fabula.participant import Participant, PastDeed
from planners.fabula.search import Fact, State
from planners.knowledge.families import RoleName, Step
from planners.plan.vocabulary import Emotion
from planners.reading.premise import PremiseEvent

if TYPE_CHECKING:
    import networkx as nx

__all__ = ["Link", "LinkKind", "Origin", "Plot", "PlotEvent"]

Origin = Literal["prompt", "introduction", "needed", "complication", "remedy", "consequence", "ending"]
"""Why an event is in the plot: the prompt says it; it shows somebody or something that will matter; a later event needs it; something goes
wrong; that is put right; it follows; it closes the film."""
LinkKind = Literal["enables", "causes", "motivates", "precedes"]
"""How an earlier event leads to a later one: it makes true what the later one needs; it brings it about; it is somebody's reason for it; it
only comes before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One reason for an event."""

    event: str
    """Id of the earlier event."""
    kind: LinkKind
    fact: Fact | None = None
    """What the earlier event made true and this one needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlotEvent:
    """One event of the plot."""

    id: str
    origin: Origin
    verb: str
    phrase: str
    """Verb phrase in the third person present."""
    shown: str | None = None
    """What is seen of it where that is not its phrase: of what somebody does not do."""
    failed: bool = False
    """Whether somebody only tries it."""
    family: str | None
    """None: no family of verbs lists it; it is acted out as it stands."""
    roles: dict[RoleName, tuple[str, ...]]
    """Ids of members of the cast, things and places."""
    place: str
    quoted: str | None = None
    """A quoted line that is spoken here."""
    because: tuple[Link, ...] = ()
    source: PremiseEvent | None = None
    serves: str | None = None
    """Id of the event of the prompt for whose sake it is there."""
    steps: tuple[Step, ...] = ()
    """What is seen of it, for complications and remedies."""
    needs: State = frozenset()
    adds: State = frozenset()
    removes: State = frozenset()
    before: State = frozenset()
    """The facts that hold when it begins."""
    feelings: dict[str, Emotion] = field(default_factory=dict)
    """What it makes beings feel, by id."""

    def beings(self) -> tuple[str, ...]:
        """Ids in the roles of those who take part, agents first, without who minds."""
        return tuple(
            dict.fromkeys(identifier for role, filling in self.roles.items() if role != "opponent" for identifier in filling)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A whole story."""

    events: tuple[PlotEvent, ...]
    members: dict[str, Member]
    """By id."""
    things: dict[str, Participant]
    places: dict[str, Participant]
    added: tuple[str, ...] = ()
    """Ids of members of the cast whom the prompt does not name."""
    past: tuple[PastDeed, ...] = ()
    """What those who are not in this one did in earlier episodes, the latest last."""

    def participant(self, identifier: str) -> Participant:
        """A member of the cast, a thing or a place. Raises KeyError."""
        if identifier in self.members:
            return self.members[identifier].participant
        return self.things[identifier] if identifier in self.things else self.places[identifier]

    def event(self, identifier: str) -> PlotEvent:
        """The event with an id. Raises KeyError."""
        for event in self.events:
            if event.id == identifier:
                return event
        raise KeyError(identifier)

    def graph(self) -> nx.DiGraph:
        """The events as a graph: an edge leads from a reason to what it is a reason for, with its `kind` and `fact`."""
        import networkx as nx  # takes a quarter of a second, and only drawings need it

        graph = nx.DiGraph()
        for event in self.events:
            graph.add_node(event.id, phrase=event.phrase, origin=event.origin, place=event.place)
        for event in self.events:
            for link in event.because:
                graph.add_edge(link.event, event.id, kind=link.kind, fact=link.fact)
        return graph

    def problems(self) -> list[str]:
        """What is wrong with the plot, a sentence each; empty if it is sound."""
        return [*self._unknown_ids(), *self._order_problems(), *self._unmet_needs(), *self._orphans()]

    def _unknown_ids(self) -> Iterator[str]:
        known = {*self.members, *self.things, *self.places}
        for event in self.events:
            for identifier in {name for filling in event.roles.values() for name in filling} - known:
                yield f"{event.id} ({event.phrase}): nobody and nothing has the id {identifier}"
            if event.place not in self.places:
                yield f"{event.id} ({event.phrase}): {event.place} is no place"

    def _order_problems(self) -> Iterator[str]:
        number = {event.id: at for at, event in enumerate(self.events)}
        if len(number) < len(self.events):
            yield "two events have the same id"
        for event in self.events:
            for link in event.because:
                if number.get(link.event, len(number)) >= number[event.id]:
                    yield f"{event.id} ({event.phrase}) comes before its reason {link.event}"

    def _unmet_needs(self) -> Iterator[str]:
        for event in self.events:
            for fact in sorted(event.needs - event.before):
                yield f"{event.id} ({event.phrase}) needs {' '.join(fact)}, which does not hold"

    def _orphans(self) -> Iterator[str]:
        """Events that lead to nothing and follow from nothing, in a plot of several."""
        if len(self.events) > 1:
            reasons = {link.event for event in self.events for link in event.because}
            for event in self.events:
                if not event.because and event.id not in reasons:
                    yield f"{event.id} ({event.phrase}) belongs to nothing"
