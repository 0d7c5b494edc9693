"""Direct a plot: scenes by place, shots by film grammar, exchanges where they fit, as long as asked for."""

from __future__ import annotations

import re
from typing import Final

from planners.discourse.coverage import film_grammar, shots_of
from planners.discourse.cut_joins import join_shots
from planners.discourse.event_beats import passages_of
from planners.discourse.length import Selection, select_beats
from planners.discourse.scene_events import EventLog
from planners.fabula.continuation import DEED
from planners.fabula.participant import Participant, name_together, refer
from planners.fabula.plot import Plot, PlotEvent
from planners.plan.durations import shot_seconds
from planners.plan.model import EpisodePlan, FactText, Look, Place, PlannedProp, Relation, Scene, Shot
from planners.plan.vocabulary import Mood, Style
from planners.reading.english import plain_form, plural, third_person
from planners.reading.premise import Premise, PremiseEntity, PremiseEvent

__all__ = ["direct"]

_LONGEST_SCENE: Final = 24.0
"""Seconds after which the next event in the same place begins a scene of its own."""
_TITLE_WORDS: Final = 6
_SHORTEST_SHOT: Final = 1.4
_STRETCH: Final = 2.0
"""How much longer than by itself a shot without words may be, to hold the length."""


class _Director:
    def __init__(
        self,
        premise: Premise,
        plot: Plot,
        seed: int,
        target: float,
        used: set[str],
        *,
        plain: bool,
        open_threads: tuple[str, ...],
    ) -> None:
        self.premise, self.plot, self.seed, self.target = premise, plot, seed, target
        grammar = film_grammar()
        tone = next((grammar.tones[tone] for tone in premise.tone if tone in grammar.tones), None)
        passages = passages_of(premise, plot, grammar.reactions, grammar.faces[tone] if tone else None, plain=plain)
        self.selections = select_beats(premise, plot, passages, target, seed, used, plain=plain)
        self.open_threads = open_threads
        self.runs: list[list[Selection]] = []
        self.log = EventLog(self._told, lambda identifier: refer(plot.participant(identifier)))

    def scenes(self) -> list[Scene]:
        """Scenes: runs of events in one place."""
        runs = self.runs = []
        for selection in self.selections:
            if runs and runs[-1][-1].passage.event.place == selection.passage.event.place and not self._too_long(runs[-1]):
                runs[-1].append(selection)
            else:
                runs.append([selection])
        return [self._scene(number, run, last=number == len(runs)) for number, run in enumerate(runs, start=1)]

    def _too_long(self, run: list[Selection]) -> bool:
        """Whether a scene is as long as a scene should be."""
        shots = [
            Shot(id="s", focus=beat.people(), action=beat.action, lines=beat.lines)
            for selection in run
            for beat in selection.beats()
        ]
        return sum(shot_seconds(shot) for shot in shots) > _LONGEST_SCENE

    def _unseen(self) -> tuple[str, ...]:
        """Members of the cast who take part in no event."""
        taking_part = {identifier for event in self.plot.events for filling in event.roles.values() for identifier in filling}
        return tuple(identifier for identifier in self.plot.members if identifier not in taking_part)

    def _scene(self, number: int, run: list[Selection], *, last: bool) -> Scene:
        """One scene."""
        setting, name = self.premise.setting, f"s{number:02d}"
        beats = [beat for selection in run for beat in selection.beats()]
        events = [selection.passage.event for selection in run]
        present = tuple(dict.fromkeys(identifier for beat in beats for identifier in beat.people()))
        if number == 1:
            present += tuple(identifier for identifier in self._unseen() if identifier not in present)
        before = self.runs[number - 2][-1].passage.event.place if number > 1 else None
        agents = [identifier for identifier in events[0].roles.get("agent", ()) if identifier in present]
        present = tuple(dict.fromkeys((*agents, *present)))
        shots = shots_of(
            name,
            beats,
            present,
            self._opening(present[0], events[0], first=number == 1),
            place="new" if before != events[0].place else "same",
            last=last,
        )
        shown, reasons = self.log.scene(run)
        return Scene(
            id=name,
            beat=self._beat(events, last=last),
            at=events[0].place,
            time=setting.time or "day",
            weather=setting.weather or "clear",
            mood=self._mood(events[-1], last=last),
            goal=self._goal(next((event for event in events if event.origin == "prompt"), events[0])),
            synopsis=" ".join(self._told(event) for event in events)[:1900],
            events=shown,
            because=reasons,
            present=present,
            shots=shots,
            relations=self._relations(events),
            facts=self._facts(events),
            opens=self._opened() if number == 1 else {},
            closes=tuple(self._closed() if last else ()),
        )

    def _question(self, event: PremiseEvent | PlotEvent, agents: tuple[str, ...]) -> tuple[str, str] | None:
        """Id and text of the question whether something happens; None if it cannot be asked in one sentence."""
        plain = plain_form(event.phrase)
        if plain is None or not agents or agents[0] not in self.plot.members:
            return None
        subject, many = self._subject(agents)
        slug = re.sub(r"[^a-z0-9]+", "_", f"{agents[0]} {plain}".lower())[:34].strip("_")
        return slug, f"{'Do' if many else 'Does'} {subject} {plain}?"

    def _closed(self) -> list[str]:
        """Ids of the questions that the film answers: whether its last event happens, and what earlier episodes left open."""
        last = self.selections[-1].passage.event
        question_of_film = self._question(last, last.roles.get("agent", ()))
        done = [self._question(event, event.roles.get("agent", ())) for event in self.plot.events if event.origin == "prompt"]
        left = [thread for thread in self.open_threads for question in done if question and question[0].startswith(thread)]
        return list(dict.fromkeys([*([question_of_film[0]] if question_of_film else []), *left]))

    def _opened(self) -> dict[str, str]:
        """Questions that the film asks: whether its last event happens, and whether what is only wished, refused or feared ever does."""
        last = self.selections[-1].passage.event
        questions = [self._question(last, last.roles.get("agent", ()))]
        for event in self.premise.events:
            if event.modality in {"refused", "possible"} or (event.modality in {"wanted", "attempted"} and event.negated):
                agents = tuple(member.id for member in self.plot.members.values() if member.entity.id in event.agents)
                questions.append(self._question(event, agents))
        return dict(question for question in questions if question is not None and question[0] not in self.open_threads)

    def _opening(self, who: str, event: PlotEvent, *, first: bool) -> str:
        """What somebody does when a scene begins: their trade when the film begins, later a look at what the scene is about."""
        job = self.plot.members[who].participant.job
        if first and job is not None:
            verb, _, rest = job.act.partition(" ")
            return f"{third_person(verb)} {rest}".strip()
        about = [
            identifier
            for role in ("theme", "patient", "recipient", "goal", "opponent")
            for identifier in event.roles.get(role, ())
            if identifier != who
        ]
        return f"looks at {refer(self.plot.participant(about[0]))}" if about else "looks around"

    def _beat(self, events: list[PlotEvent], *, last: bool) -> str:
        """The change of a scene in a word."""
        ids = {event.id for event in events}
        if any(event.serves in ids and event.origin == "complication" for event in self.plot.events):
            return "obstacle"
        return "outcome" if last else "attempt" if events[0].id != "e1" else "want"

    def _mood(self, event: PlotEvent, *, last: bool) -> Mood:
        """The mood of a scene: the tone that the prompt names, that of its genre, or what its last event makes its agent feel."""
        grammar = film_grammar()
        named = next((grammar.tones[tone] for tone in self.premise.tone if tone in grammar.tones), None)
        feeling = event.feelings.get(event.roles.get("agent", ("",))[0], "neutral")
        genre = grammar.genres.get(self.premise.genre or "")
        if named or (genre and feeling in {"neutral", "happy", "surprised"}):
            return named or genre or "calm"
        return "warm" if last and feeling == "happy" else grammar.moods[feeling]

    def _goal(self, event: PlotEvent) -> str:
        """What the first agent of a scene is after."""
        agents = event.roles.get("agent", ())
        if not agents:
            return ""
        plain = plain_form(event.phrase)
        subject, many = self._subject(agents)
        return f"{subject} {'mean' if many else 'means'} to {plain}" if plain else ""

    def _relations(self, events: list[PlotEvent]) -> tuple[Relation, ...]:
        """Relations that begin in the events of a scene."""
        facts = [fact for event in events for fact in sorted(event.adds) if fact[0] in {"likes", "trusts", "angry"}]
        words = {"angry": "is angry with"}
        unique = dict.fromkeys((subject, words.get(relation, relation), other) for relation, subject, other in facts)
        return tuple(Relation(*triple) for triple in unique)

    def _facts(self, events: list[PlotEvent]) -> tuple[FactText, ...]:
        """What is so after the events of a scene: who owns what now, and what somebody knows."""
        stated: dict[tuple[str, str], str] = {}
        for event in events:
            if event.source is not None:
                stated |= {
                    (identifier, DEED): event.phrase
                    for identifier in event.roles.get("agent", ())
                    if identifier in self.plot.members
                }
            for fact in sorted(event.adds):
                if fact[0] == "has" and fact[2] in self.plot.things:
                    stated[fact[2], "kept_by"] = refer(self.plot.participant(fact[1]))
                elif fact[0] == "knows":
                    stated[fact[1], "knows"] = refer(self.plot.participant(fact[2]))
                elif fact[0] in {"broken", "hidden"} and fact[1] in self.plot.things:
                    stated[fact[1], "state"] = fact[0]
        return tuple(FactText(entity=entity, attribute=attribute, value=value) for (entity, attribute), value in stated.items())

    def _told(self, event: PlotEvent) -> str:
        """An event as a sentence."""
        subject, many = self._subject(event.roles.get("agent", ()))
        phrase = event.phrase
        if many and (plain := plain_form(event.phrase)) is not None:
            phrase = plain
        return f"{subject[0].upper()}{subject[1:]} {phrase}."

    def _subject(self, agents: tuple[str, ...]) -> tuple[str, bool]:
        """Who does something, in words, and whether they are several."""
        if not agents:
            return "somebody", False
        return name_together(tuple(self.plot.participant(agent) for agent in agents)), len(agents) > 1


def _held_to_length(scenes: list[Scene], target: float) -> list[Scene]:
    """Scenes whose shots without words are a little longer or shorter, so that the film is as long as asked for."""
    silent = sum(shot_seconds(shot) for scene in scenes for shot in scene.shots if not shot.lines)
    total = sum(shot_seconds(shot) for scene in scenes for shot in scene.shots)
    if silent == 0 or abs(total - target) <= target * 0.02:
        return scenes
    factor = min(_STRETCH, max(0.5, 1 + (target - total) / silent))
    return [
        scene.model_copy(
            update={
                "shots": tuple(
                    shot
                    if shot.lines
                    else shot.model_copy(update={"seconds": round(max(_SHORTEST_SHOT, shot_seconds(shot) * factor), 1)})
                    for shot in scene.shots
                )
            }
        )
        for scene in scenes
    ]


def direct(
    premise: Premise,
    plot: Plot,
    *,
    minutes: float,
    seed: int,
    style: Style,
    plain: bool = False,
    used: set[str] | None = None,
    open_threads: tuple[str, ...] = (),
) -> EpisodePlan:
    """The plan of an episode. Deterministic in its arguments.

    `plain`: act out every event once, without the steps of families and without dialogue. That measures how well a prompt was read, and is
    the baseline for what plot and dialogue add. `used`: keys of exchanges that the series has spoken; those of this episode are added.
    `open_threads`: ids of the questions that earlier episodes left open.
    """
    director = _Director(
        premise, plot, seed, minutes * 60, set() if used is None else used, plain=plain, open_threads=open_threads
    )
    scenes = director.scenes()
    if not plain:
        scenes = list(join_shots(_held_to_length(scenes, minutes * 60), seed))
    plan = EpisodePlan(
        title=_film_title(premise, plot),
        prompt=premise.prompt,
        seed=seed,
        look=Look(style=style),
        cast={},
        locations={scene.at: _place(plot, scene.at) for scene in scenes},
        props={identifier: PlannedProp(name=thing.noun, description=thing.noun) for identifier, thing in _used_things(plot)},
        scenes=tuple(scenes),
    )
    present = {identifier for scene in plan.scenes for identifier in scene.people()}
    there = {*present, *plan.locations, *plan.props}
    kept = tuple(
        scene.model_copy(
            update={
                "facts": tuple(fact for fact in scene.facts if fact.entity in there),
                "relations": tuple(relation for relation in scene.relations if {relation.subject, relation.object} <= there),
            }
        )
        for scene in plan.scenes
    )
    cast = {identifier: member.cast for identifier, member in plot.members.items() if identifier in present}
    return plan.model_copy(update={"cast": cast, "scenes": kept})


def _used_things(plot: Plot) -> list[tuple[str, Participant]]:
    """Things with a part in an event."""
    used = {identifier for event in plot.events for filling in event.roles.values() for identifier in filling}
    return [(identifier, thing) for identifier, thing in plot.things.items() if identifier in used]


def _place(plot: Plot, identifier: str) -> Place:
    """A place as the plan describes it."""
    place = plot.places[identifier]
    return Place(name=place.name or place.noun, description=place.place.description if place.place else f"a {place.noun}")


def _film_title(premise: Premise, plot: Plot) -> str:
    """A title from what the prompt is about; a prompt of a few words that tells nothing is a title itself."""
    small = {"a", "an", "the", "of", "and", "for", "to", "in", "on", "at"}
    prompt = re.sub(r"[^\w\s'’-]", "", premise.prompt).split()
    if 1 <= len(prompt) <= _TITLE_WORDS and not any(event.explicit for event in premise.events):
        return " ".join(word if at and word in small else word[:1].upper() + word[1:] for at, word in enumerate(prompt))
    beings = [entity for entity in premise.entities if entity.acts]
    things = [entity for entity in premise.entities if not entity.acts and entity.type not in {"time", "quantity"}]
    words = [_title_words(entity, plot) for entity in (*beings[:1], *(things[:1] or beings[1:2]))]
    title = " and ".join(words) or "A film"
    return " ".join(word if at and word in small else word[:1].upper() + word[1:] for at, word in enumerate(title.split()))


def _title_words(entity: PremiseEntity, plot: Plot) -> str:
    """Somebody or something in a title: the name, else the noun with `the`."""
    known = next(
        (member.cast.name for member in plot.members.values() if (member.cast.name or "").lower() == entity.noun.lower()), None
    )
    return entity.name or known or f"the {plural(entity.noun) if entity.count != 1 else entity.noun}"
