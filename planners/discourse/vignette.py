"""Direct a vignette: one or two things, what somebody does with them, slow shots, no word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from planners.discourse.lesson import holding, is_carried
from planners.discourse.lesson_cast import place_description
from planners.discourse.passages import HAND_SIZE, Beat, Candidate, Ids, Passage, SceneSetting, fit_length, scenes_of
from planners.fabula.participant import refer
from planners.fabula.plot import Plot
from planners.knowledge.place_facts import place_facts
from planners.knowledge.thing_uses import thing_place
from planners.plan.model import EpisodePlan, Look
from planners.plan.vocabulary import Mood, ShotSize, Style, TimeOfDay
from planners.reading.english import third_person
from planners.reading.premise import Premise

__all__ = ["direct_vignette"]

LONGEST_STRETCH: Final = 3.2
"""Silent shots of a vignette last up to about eight seconds."""
_LEVELS: Final = 5
_HOURS: Final[tuple[TimeOfDay, ...]] = ("dawn", "day", "dusk", "night")
_SECOND_HOUR: Final = 0.9
"""Reluctance to show another time of day."""


class _Vignette:
    """One vignette with its cast and ids."""

    def __init__(self, premise: Premise, plot: Plot, uses: list[tuple[str, str]]) -> None:
        self.premise, self.plot, self.uses = premise, plot, uses
        self.performer = next(iter(plot.members.values()))
        self.ids = Ids([self.performer.id])
        noun = self._place()
        facts = place_facts(noun)
        self.place = self.ids.place(noun, facts.description if facts else place_description(noun))
        self.sounds = facts.sounds if facts else ("the silence",)
        self.stands = facts.stands if facts else ("horizon",)

    def _place(self) -> str:
        """The place of the prompt, else where its thing is met."""
        stated = [place.noun for identifier, place in self.plot.places.items() if not identifier.startswith("at_")]
        thing = self.plot.participant(self.uses[0][0]).noun
        return stated[0] if stated else thing_place(thing) or next(iter(self.plot.places.values())).noun

    def beats(self, identifier: str, use: str, level: int, hour: int) -> list[Beat]:
        """Shots of what somebody does with one thing. Another hour has another sound and another thing of the place."""
        who = self.performer.id
        thing = refer(self.plot.participant(identifier))
        verb, _, rest = use.partition(" ")
        act = f"{third_person(verb)} {rest}".strip()
        carried = is_carried(self.plot.participant(identifier).noun) and identifier in self.plot.things
        sound, stands = self.sounds[hour % len(self.sounds)], self.stands[hour % len(self.stands)]

        def beat(action: str, at: int, size: ShotSize) -> tuple[int, Beat]:
            return at, Beat(size=size, focus=(who,), action={who: action})

        approach = [
            beat(f"walks in with {thing}" if carried else f"walks to {thing}", 1, "wide"),
            beat(f"looks at {thing}", 0, "full"),
            beat(f"feels {thing} with the fingertips", 2, HAND_SIZE),
        ]
        steps = [
            *(approach if hour == 0 else [beat(f"stands with {thing}" if carried else f"stands beside {thing}", 0, "wide")]),
            beat(act, 0, "full"),
            beat(act, 3, HAND_SIZE),
            beat(f"stops and listens to {sound}", 2, "close"),
            beat(f"looks over at the {stands}", 4, "full"),
            beat(f"sits down with {thing}" if carried else f"sits down beside {thing}", 1, "wide"),
        ]
        return [shot for at, shot in steps if at <= level]

    def candidate(self, count: int, level: int, hours: int) -> Candidate:
        """The vignette with some of its things, details and times of day."""
        passages = []
        for hour in range(hours):
            for identifier, use in self.uses[:count]:
                thing = self.plot.participant(identifier)
                in_hand = (
                    holding(self.performer.id, self.ids.prop(thing.noun), thing.noun) if identifier in self.plot.things else ()
                )
                name = refer(self.performer.participant)
                verb, _, rest = use.partition(" ")
                passages.append(
                    Passage(
                        title=thing.noun.capitalize() if hours == 1 else _HOURS[hour].capitalize(),
                        beat="image",
                        place=self.place,
                        synopsis=f"{name[0].upper()}{name[1:]} {third_person(verb)} {rest}.",
                        present=(self.performer.id,),
                        beats=tuple(self.beats(identifier, use, level, hour)),
                        facts=in_hand,
                    )
                )
        return Candidate(
            passages=tuple(passages),
            reluctance=0.1 * abs(level - 2) + _SECOND_HOUR * (hours - 1) + 0.3 * (len(self.uses) - count),
        )

    def candidates(self) -> Iterator[Candidate]:
        """Every choice of things, details and times of day."""
        for hours in range(1, (1 if self.premise.setting.time else len(_HOURS)) + 1):
            for count in range(1, len(self.uses) + 1):
                for level in range(_LEVELS):
                    yield self.candidate(count, level, hours)


def direct_vignette(
    premise: Premise, plot: Plot, uses: list[tuple[str, str]], *, minutes: float, seed: int, style: Style
) -> EpisodePlan:
    """The plan of a vignette of things with their uses. Deterministic. Raises PromptError if the length cannot be filled."""
    vignette = _Vignette(premise, plot, uses)
    passages, stretch, pause = fit_length(vignette.candidates(), minutes * 60, LONGEST_STRETCH)
    mood: Mood = "sad" if "sad" in premise.tone else "playful" if "funny" in premise.tone else "wonder"
    weather = premise.setting.weather or ("rain" if any("the rain" in use for _, use in uses) else "clear")
    setting = SceneSetting(time=premise.setting.time or "day", weather=weather, mood=mood)
    scenes = scenes_of(passages, setting, stretch, pause)
    hours = {hour.capitalize(): hour for hour in _HOURS}
    scenes = tuple(scene.model_copy(update={"time": hours.get(scene.title or "", scene.time)}) for scene in scenes)
    return EpisodePlan(
        title=f"The {plot.participant(uses[0][0]).noun.title()}",
        prompt=premise.prompt,
        seed=seed,
        look=Look(style=style),
        cast={vignette.performer.id: vignette.performer.cast},
        locations=vignette.ids.places,
        props=vignette.ids.props,
        scenes=scenes,
    )
