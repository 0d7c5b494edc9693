"""What is shown and said of each event of a plot, by phase, before a length is chosen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Literal

from planners.discourse.exchanges import ANY
from planners.discourse.realiser import realise
from planners.discourse.told_events import UnfilledSlot
from planners.fabula.guards import Circumstances, all_hold
from planners.fabula.plot import Plot, PlotEvent
from planners.knowledge.families import SLOT, Phase, RoleName, Step, family_named
from planners.plan.durations import SHORTEST_SECONDS, line_seconds
from planners.plan.model import Line
from planners.plan.vocabulary import Emotion
from planners.reading.premise import Premise

__all__ = ["MOST_IN_FRAME", "Beat", "Passage", "circumstances_of", "passages_of"]

MOST_IN_FRAME: Final = 4
BeatKind = Literal["deed", "step", "line", "reaction", "introduction"]
_SECONDS: Final[dict[BeatKind, float]] = {"deed": 3.0, "step": 2.75, "line": 2.5, "reaction": 2.5, "introduction": 2.75}
"""Seconds of a beat without words, before they are stretched to the length of the film. A deed is what a viewer has to see."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One shot to be."""

    kind: BeatKind
    action: dict[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    focus: tuple[str, ...] = ()
    first: bool = False
    """Whether it is the first line of an exchange."""

    def seconds(self) -> float:
        """Estimated length."""
        if self.lines:
            return max(SHORTEST_SECONDS, sum(line_seconds(line.text) for line in self.lines))
        return _SECONDS[self.kind]

    def people(self) -> tuple[str, ...]:
        """Who is in the frame: in focus first, then who acts and speaks."""
        return tuple(dict.fromkeys((*self.focus, *self.action, *(line.speaker for line in self.lines))))[:MOST_IN_FRAME]


@dataclass(slots=True)
class Passage:
    """An event of the prompt with the events that serve it."""

    event: PlotEvent
    before: tuple[PlotEvent, ...]
    """What it needs, complications and remedies, in their order."""
    deed: tuple[Beat, ...]
    errands: tuple[Beat, ...] = ()
    troubles: tuple[tuple[Beat, ...], ...] = ()
    """Each complication with its remedy."""
    steps: dict[Phase, tuple[Beat, ...]] = field(default_factory=dict)
    spare_steps: dict[Phase, tuple[Beat, ...]] = field(default_factory=dict)
    """Steps that fit every event, for films that nothing else fills."""
    reaction: Beat | None = None
    face: Beat | None = None
    """The face of who did it, for films that nothing else fills."""

    def steps_of(self, phase: Phase) -> tuple[Beat, ...]:
        """All steps of a phase, its own first."""
        return (*self.steps.get(phase, ()), *self.spare_steps.get(phase, ()))


def circumstances_of(premise: Premise, plot: Plot, event: PlotEvent) -> Circumstances:
    """What guards need at an event."""
    return Circumstances(
        members=plot.members,
        night=premise.setting.time == "night",
        wet=premise.setting.weather in {"rain", "storm"},
        state=event.before,
        tried=any(other.serves == event.id and other.origin == "complication" for other in plot.events),
    )


class _Shower:
    def __init__(self, premise: Premise, plot: Plot) -> None:
        self.premise, self.plot = premise, plot

    def beings(self, event: PlotEvent) -> tuple[str, ...]:
        """Members of the cast who take part, without who minds."""
        return tuple(identifier for identifier in event.beings() if identifier in self.plot.members)

    def deed(self, event: PlotEvent) -> Beat:
        """The event itself."""
        agents = [identifier for identifier in event.roles.get("agent", ()) if identifier in self.plot.members]
        lines: tuple[Line, ...] = ()
        if event.quoted is not None and agents and not self.premise.silent:
            lines = (Line(speaker=agents[0], text=event.quoted),)
        kind: BeatKind = "introduction" if event.origin == "introduction" else "deed"
        return Beat(
            kind,
            action=dict.fromkeys(agents[:MOST_IN_FRAME], event.shown or event.phrase),
            lines=lines,
            focus=self.beings(event)[:MOST_IN_FRAME],
        )

    def deeds(self, event: PlotEvent) -> tuple[Beat, ...]:
        """The event itself, in as many shots as hold all who do it."""
        agents = event.roles.get("agent", ())
        later = (agents[at : at + MOST_IN_FRAME] for at in range(MOST_IN_FRAME, len(agents), MOST_IN_FRAME))
        action = event.shown or event.phrase
        return (self.deed(event), *(Beat("deed", action=dict.fromkeys(some, action), focus=some) for some in later))

    def step(self, step: Step, event: PlotEvent) -> Beat | None:
        """A step of a family; None if its guards do not hold or nobody performs it."""
        roles = {
            role: tuple(self.plot.participant(identifier) for identifier in filling) for role, filling in event.roles.items()
        }
        named = {match[1] for match in SLOT.finditer(step.text)} - {step.performer}
        others = {participant.id for role, filling in roles.items() if role in named for participant in filling}
        performers = [
            participant.id
            for participant in roles.get(step.performer, ())
            if participant.id in self.plot.members
            and participant.id not in others
            and ("dead", participant.id) not in event.before
        ][:2]
        if step.verbs and event.verb not in step.verbs:
            return None
        if not performers or not all_hold(step.guards(), roles, circumstances_of(self.premise, self.plot, event)):
            return None
        try:
            text = realise(step.text, roles, event.verb)
        except UnfilledSlot:
            return None
        return Beat("step", action=dict.fromkeys(performers, text[0].lower() + text[1:]), focus=tuple(performers))

    def steps(self, event: PlotEvent, name: str | None) -> dict[Phase, tuple[Beat, ...]]:
        """The visible steps of an event by phase, as a family has them."""
        return {
            phase: tuple(beat for step in steps if (beat := self.step(step, event)) is not None)
            for phase, steps in (family_named(name).shows if name is not None else {}).items()
        }

    def trouble(self, event: PlotEvent) -> tuple[Beat, ...]:
        """What is seen of a complication or a remedy."""
        return tuple(beat for step in event.steps if (beat := self.step(step, event)) is not None)

    def reaction(self, event: PlotEvent, reactions: dict[Emotion, tuple[str, ...]], number: int) -> Beat | None:
        """The face of the one whom an event moves most, other than its first agent."""
        first = event.roles.get("agent", ("",))[0]
        order: tuple[RoleName, ...] = ("patient", "recipient", "source", "opponent", "partner")
        for role in order:
            for identifier in event.roles.get(role, ()):
                emotion = event.feelings.get(identifier)
                if identifier != first and identifier in self.plot.members and emotion in reactions:
                    texts = reactions[emotion]
                    return Beat("reaction", action={identifier: texts[number % len(texts)]}, focus=(identifier,))
        return None

    def face(
        self, event: PlotEvent, reactions: dict[Emotion, tuple[str, ...]], feeling: Emotion | None, number: int
    ) -> Beat | None:
        """The face of who did something. `feeling`: what the tone of the film makes everybody feel."""
        agents = [identifier for identifier in event.roles.get("agent", ()) if identifier in self.plot.members]
        texts = reactions[feeling or (event.feelings.get(agents[0], "neutral") if agents else "neutral")]
        return Beat("reaction", action={agents[0]: texts[number % len(texts)]}, focus=(agents[0],)) if agents else None


def passages_of(
    premise: Premise, plot: Plot, reactions: dict[Emotion, tuple[str, ...]], feeling: Emotion | None, *, plain: bool
) -> list[Passage]:
    """A passage for every event of the prompt and every introduction, in order.

    `reactions`: what is seen of a feeling. `feeling`: what the tone of the film makes everybody feel. `plain`: the deeds alone.
    """
    shower = _Shower(premise, plot)
    return [_passage(shower, event, reactions, feeling, number, plain=plain) for number, event in enumerate(_led(plot))]


def _led(plot: Plot) -> Iterator[PlotEvent]:
    """Events that serve no other."""
    yield from (event for event in plot.events if event.serves is None)


def _passage(
    shower: _Shower,
    event: PlotEvent,
    reactions: dict[Emotion, tuple[str, ...]],
    feeling: Emotion | None,
    number: int,
    *,
    plain: bool,
) -> Passage:
    """The passage of one event."""
    before = tuple(other for other in shower.plot.events if other.serves == event.id)
    passage = Passage(event, before, shower.deeds(event))
    if plain or event.origin == "introduction":
        return passage
    passage.face = shower.face(event, reactions, feeling, number)
    if shower.premise.silent and event.source is not None and not event.source.explicit:
        return passage
    passage.errands = tuple(shower.deed(other) for other in before if other.origin == "needed")
    complications = [other for other in before if other.origin == "complication"]
    for trouble in complications:
        remedies = [
            other for other in before if other.origin == "remedy" and any(link.event == trouble.id for link in other.because)
        ]
        beats = (*shower.trouble(trouble), *(beat for remedy in remedies for beat in shower.trouble(remedy)))
        passage.troubles += (beats,) if beats else ()
    passage.steps = shower.steps(event, event.family)
    passage.spare_steps = shower.steps(event, ANY)
    passage.reaction = shower.reaction(event, reactions, number)
    return passage
