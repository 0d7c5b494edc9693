"""Direct a plot: scenes by place, shots by phase, exchanges where they fit, as long as asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from planners.discourse.exchanges import Circumstances, Spoken, choose_exchange, holds, roles_of
from planners.discourse.realiser import UnfilledSlot, realise, refer
from planners.fabula.plot import Plot, PlotEvent
from planners.knowledge.families import ACTS, Phase, Step, families
from planners.plan.durations import scene_seconds
from planners.plan.model import EpisodePlan, Line, Look, Place, PlannedProp, Scene, Shot
from planners.plan.vocabulary import Mood, ShotSize, Style
from planners.reading.english import third_person
from planners.reading.premise import Premise

__all__ = ["direct"]

_MOST_IN_FRAME: Final = 4
_SPOKEN_PHASES: Final[tuple[Phase, ...]] = ("do", "want", "prepare", "oppose", "after", "fail")
"""In the order in which dialogue is given to them when time is short."""
_SHOWN: Final[tuple[Phase, ...]] = ("want", "prepare", "do", "oppose", "after")


@dataclass(slots=True)
class _Beat:
    """One shot to be."""

    action: dict[str, str] = field(default_factory=dict)
    lines: tuple[Line, ...] = ()
    size: ShotSize = "medium"
    focus: tuple[str, ...] = ()


@dataclass(slots=True)
class _Passage:
    """The beats of one event by phase."""

    event: PlotEvent
    phases: dict[Phase, list[_Beat]] = field(default_factory=dict)

    def beats(self) -> list[_Beat]:
        """All beats in order."""
        return [beat for phase in (*_SHOWN, "fail") for beat in self.phases.get(phase, [])]


class _Director:
    def __init__(self, premise: Premise, plot: Plot, seed: int, *, plain: bool) -> None:
        self.premise, self.plot, self.seed, self.plain = premise, plot, seed, plain
        self.circumstances = Circumstances(
            plot=plot, night=premise.setting.time == "night", wet=premise.setting.weather in {"rain", "storm"}
        )
        self.used: set[str] = set()
        self.passages = [self._show(event) for event in plot.events]

    def _beings(self, event: PlotEvent) -> tuple[str, ...]:
        """Members of the cast who take part."""
        return tuple(
            dict.fromkeys(
                identifier
                for role, filling in event.roles.items()
                if role != "opponent"
                for identifier in filling
                if identifier in self.plot.members
            )
        )

    def _show(self, event: PlotEvent) -> _Passage:
        """The visible steps of an event without dialogue."""
        passage = _Passage(event)
        agents = [identifier for identifier in event.roles.get("agent", ()) if identifier in self.plot.members]
        lines: tuple[Line, ...] = ()
        if event.quoted is not None and agents and not self.premise.silent:
            lines = (Line(speaker=agents[0], text=event.quoted),)
        main = _Beat(
            action=dict.fromkeys(agents[:_MOST_IN_FRAME], event.phrase),
            lines=lines,
            size="medium_close" if lines else "full",
            focus=self._beings(event)[:_MOST_IN_FRAME],
        )
        passage.phases["do"] = [main]
        if event.family is not None and not self.plain:
            for phase in _SHOWN:
                steps = [
                    beat
                    for step in families()[event.family].shows.get(phase, ())
                    if (beat := self._step(step, event)) is not None
                ]
                if phase == "do":
                    continue
                if steps:
                    passage.phases[phase] = steps[:1]
        return passage

    def _step(self, step: Step, event: PlotEvent) -> _Beat | None:
        """A step of a family; None if its guards do not hold or nobody performs it."""
        roles = roles_of(self.plot, event)
        performers = [participant.id for participant in roles.get(step.performer, ()) if participant.id in self.plot.members]
        if not performers or not all(holds(guard, roles, self.circumstances) for guard in step.when):
            return None
        try:
            text = realise(step.text, roles, event.verb, speaker=None)
        except UnfilledSlot:
            return None
        text = text[0].lower() + text[1:]
        return _Beat(action=dict.fromkeys(performers[:2], text), focus=tuple(performers[:2]))

    def add_dialogue(self, target: float) -> None:
        """Give exchanges to events until the film is as long as asked for."""
        if self.premise.silent or self.plain:
            return
        for phase in _SPOKEN_PHASES:
            for passage in self.passages:
                if self.seconds() >= target * 0.96:
                    return
                if (lines := choose_exchange(passage.event, phase, self.circumstances, self.used, self.seed)) is not None:
                    beats = [self._spoken(line) for line in lines]
                    listed = passage.phases.setdefault(phase, [])
                    listed[:0] = beats if phase in {"do", "want"} else []
                    if phase not in {"do", "want"}:
                        listed += beats

    def _spoken(self, line: Spoken) -> _Beat:
        """A shot of somebody speaking."""
        return _Beat(
            lines=(Line(speaker=line.speaker, text=line.text, emotion=ACTS[line.act]),),
            size="medium_close",
            focus=(line.speaker,),
        )

    def seconds(self) -> float:
        """Estimated length of the film."""
        return sum(scene_seconds(scene) for scene in self.scenes())

    def scenes(self) -> list[Scene]:
        """Scenes: runs of events in one place."""
        runs: list[list[_Passage]] = []
        for passage in self.passages:
            if runs and runs[-1][-1].event.place == passage.event.place:
                runs[-1].append(passage)
            else:
                runs.append([passage])
        return [self._scene(number, run) for number, run in enumerate(runs, start=1)]

    def _unseen(self) -> tuple[str, ...]:
        """Members of the cast who take part in no event."""
        taking_part = {identifier for event in self.plot.events for filling in event.roles.values() for identifier in filling}
        return tuple(identifier for identifier in self.plot.members if identifier not in taking_part)

    def _scene(self, number: int, run: list[_Passage]) -> Scene:
        """One scene with an establishing shot."""
        setting = self.premise.setting
        beats = [beat for passage in run for beat in passage.beats()]
        present = tuple(
            dict.fromkeys(
                identifier
                for beat in beats
                for identifier in (*beat.focus, *beat.action, *(line.speaker for line in beat.lines))
                if identifier in self.plot.members
            )
        )
        if number == 1:
            present += tuple(identifier for identifier in self._unseen() if identifier not in present)
        first = beats[0]
        if not first.lines:
            first = _Beat(
                action=first.action,
                size="wide",
                focus=(*first.focus, *(other for other in present if other not in first.focus))[:_MOST_IN_FRAME],
            )
            beats = [first, *beats[1:]]
        else:
            beats = [_Beat(size="wide", focus=present[:_MOST_IN_FRAME], action={present[0]: "looks around"}), *beats]
        shots = [
            Shot(
                id=f"s{number:02d}.{at}",
                size=beat.size,
                focus=tuple(dict.fromkeys((*beat.focus, *beat.action, *(line.speaker for line in beat.lines))))[:_MOST_IN_FRAME],
                action=beat.action,
                lines=beat.lines,
            )
            for at, beat in enumerate(beats, start=1)
        ]
        return Scene(
            id=f"s{number:02d}",
            at=run[0].event.place,
            time=setting.time or "day",
            weather=setting.weather or "clear",
            mood=_scene_mood(self.premise),
            synopsis=" ".join(self._told(passage.event) for passage in run)[:1900],
            present=present,
            shots=tuple(shots),
        )

    def _told(self, event: PlotEvent) -> str:
        """An event as a sentence."""
        names = [refer(self.plot.participant(identifier)) for identifier in event.roles.get("agent", ())]
        subject = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "somebody"
        verb, _, rest = event.phrase.partition(" ")
        base = event.verb.partition(" ")[0]
        phrase = event.phrase if len(names) == 1 or verb != third_person(base) else f"{base} {rest}".strip()
        return f"{subject[0].upper()}{subject[1:]} {phrase}."


def _scene_mood(premise: Premise) -> Mood:
    """The mood of the scenes from the tone of the prompt."""
    moods: dict[str, Mood] = {
        "funny": "playful",
        "sad": "sad",
        "tense": "tense",
        "scary": "uneasy",
        "romantic": "warm",
        "warm": "warm",
        "calm": "calm",
    }
    return next((moods[tone] for tone in premise.tone if tone in moods), "calm")


def direct(premise: Premise, plot: Plot, *, minutes: float, seed: int, style: Style, plain: bool = False) -> EpisodePlan:
    """The plan of an episode. Deterministic in its arguments.

    `plain`: act out every event once, without the steps of families and without dialogue. That measures how well a prompt was read, and is
    the baseline for what plot and dialogue add.
    """
    director = _Director(premise, plot, seed, plain=plain)
    director.add_dialogue(minutes * 60)
    scenes = director.scenes()
    spoken_props = {
        identifier
        for event in plot.events
        for filling in event.roles.values()
        for identifier in filling
        if identifier in plot.things
    }
    used_places = {scene.at for scene in scenes}
    present = {identifier for scene in scenes for identifier in scene.people()}
    return EpisodePlan(
        title=_film_title(premise),
        prompt=premise.prompt,
        seed=seed,
        look=Look(style=style),
        cast={identifier: member.cast for identifier, member in plot.members.items() if identifier in present},
        locations={
            identifier: Place(
                name=place.name or place.noun, description=place.place.description if place.place else f"a {place.noun}"
            )
            for identifier, place in plot.places.items()
            if identifier in used_places
        },
        props={
            identifier: PlannedProp(name=thing.noun, description=thing.noun)
            for identifier, thing in plot.things.items()
            if identifier in spoken_props
        },
        scenes=tuple(scenes),
    )


def _film_title(premise: Premise) -> str:
    """A title from what the prompt is about."""
    beings = [entity for entity in premise.entities if entity.acts]
    things = [entity for entity in premise.entities if not entity.acts and entity.type not in {"time", "quantity"}]
    words = [(entity.name or entity.noun).title() for entity in (*beings[:1], *(things[:1] or beings[1:2]))]
    return f"{words[0]} and the {words[1]}" if len(words) == 2 else f"The {words[0]}" if words else "A Film"
