"""Direct a process: one step is one shot of hands with thing and tool, few words, no opponent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from planners.discourse.lesson import holding, is_carried, left_out
from planners.discourse.lesson_cast import added_person, cast_beings, place_description, stated_place
from planners.discourse.passages import (
    HAND_SIZE,
    Beat,
    Candidate,
    Ids,
    Passage,
    SceneSetting,
    fit_length,
    scenes_of,
    without_speech,
)
from planners.fabula.cast_members import Member
from planners.fabula.participant import refer
from planners.fabula.places.default_place import ANYWHERE, default_place
from planners.fabula.process import ProcessContent, ShownStep
from planners.knowledge.job_facts import job_facts
from planners.knowledge.lesson_words import lesson_words
from planners.plan.model import NARRATOR, EpisodePlan, FactText, Line, Look
from planners.plan.vocabulary import Style
from planners.reading.english import article, is_mass, plural
from planners.reading.premise import Premise, PremiseEntity
from planners.reading.request import is_request

__all__ = ["direct_process"]

_LEVELS: Final = (0.2, 0.0, 0.05, 0.1, 0.3)
"""Reluctance of a level of detail: 0 the steps; 1 what changes; 2 taking up the tool; 3 the beginner's mistake; 4 each step from farther off."""
LONGEST_STRETCH: Final = 3.2
"""Shots of hands at work last up to about eight seconds."""
_NO_TITLES: Final = frozenset({"step by step", "how to"})
_DROPPED: Final = 0.35
"""Reluctance to leave out a step."""
SECONDS_BETWEEN_NARRATION: Final = 30.0
_MOST_NARRATED: Final = 12


@dataclass(slots=True)
class _Process:
    """One process with its cast and ids."""

    premise: Premise
    content: ProcessContent
    makers: dict[str, tuple[Member, ...]]
    """By entity; the first is who does the steps that name nobody."""
    teacher: Member | None
    """Who speaks the steps; None: nobody does."""
    place: str
    ids: Ids
    narrated: int
    """Number of steps that the narrator names."""

    @property
    def maker(self) -> Member:
        """Who does the steps that name nobody."""
        return next(iter(self.makers.values()))[0]

    def members(self) -> tuple[Member, ...]:
        """Everybody."""
        makers = [member for group in self.makers.values() for member in group]
        return (*([self.teacher] if self.teacher else []), *makers)

    def performer(self, step: ShownStep) -> Member:
        """Who does a step."""
        return next((self.makers[identifier][0] for identifier in step.performers if identifier in self.makers), self.maker)

    def at(self) -> str:
        """Id of the place."""
        return self.ids.place(self.place, place_description(self.place))

    def opening(self) -> Passage:
        """The maker in the workplace."""
        job = job_facts(self.maker.participant.noun)
        first = self.content.steps[0]
        action = f"looks over the {first.tool or first.thing or (job.tools[0] if job else 'table')}"
        people = tuple(dict.fromkeys(member.id for member in (*([self.teacher] if self.teacher else []), self.maker)))
        return Passage(
            title=self.content.title or "The beginning",
            beat="opening",
            place=self.at(),
            synopsis=f"{_name(self.maker)} begins{f' {self.content.product}' if self.content.product else ''}.",
            present=people,
            beats=(Beat(size="wide", focus=people, action={self.maker.id: action}),),
            facts=left_out(self.content.uncovered),
        )

    def step(self, number: int, step: ShownStep, level: int, narrated: bool) -> Passage:
        """One step: taking up the tool, the act of the hands, what changes."""
        performer = self.performer(step)
        beats: list[Beat] = []
        if self.teacher is not None and self.teacher is not performer:
            order = f"{step.do[0].upper()}{step.do[1:]}."
            beats.append(
                Beat(
                    size="medium",
                    focus=(self.teacher.id, performer.id),
                    action={},
                    lines=(Line(speaker=self.teacher.id, text=order),),
                )
            )
        if level >= 2 and step.tool is not None and is_carried(step.tool):
            beats.append(Beat(size="full", focus=(performer.id,), action={performer.id: f"takes {_a(step.tool)}"}))
        if level >= 3 and self.content.wrong is not None and self.content.wrong[0] == number:
            spoilt = self.content.wrong[1]
            beats.append(Beat(size=HAND_SIZE, focus=(performer.id,), action={performer.id: spoilt.phrase}))
            beats.append(
                Beat(size="medium_close", focus=(performer.id,), action={performer.id: f"stares at {_bare(spoilt.see)}"})
            )
        if level >= 4:
            beats.append(Beat(size="full", focus=(performer.id,), action={performer.id: step.phrase}))
        lines = (Line(speaker=NARRATOR, text=f"{step.do[0].upper()}{step.do[1:]}."),) if narrated else ()
        beats.append(
            Beat(size=HAND_SIZE, focus=(performer.id,), action={performer.id: step.phrase}, lines=lines, camera="push_in")
        )
        if level >= 1 and step.see is not None:
            beats.append(Beat(size="medium_close", focus=(performer.id,), action={performer.id: f"watches {step.see}"}))
        if level >= 4 and step.see is None:
            result = f"looks at the {step.thing or 'work'}"
            beats.append(Beat(size="medium_close", focus=(performer.id,), action={performer.id: result}))
        people = tuple(dict.fromkeys(member.id for member in (*([self.teacher] if self.teacher else []), performer)))
        name = f"{self.content.key}_{number + 1}"
        facts = [FactText(entity="story", attribute=name, value=step.do)]
        if step.source is not None:
            facts.append(FactText(entity="story", attribute=f"{name}_source", value=step.source))
        tool = step.tool or step.thing
        in_hand = holding(performer.id, self.ids.prop(tool), tool) if tool else ()
        if step.thing:
            self.ids.prop(step.thing)
        return Passage(
            title=f"{number + 1}. {step.do[0].upper()}{step.do[1:]}",
            beat="step",
            place=self.at(),
            synopsis=f"{_name(performer)} {step.phrase}.",
            present=people,
            beats=tuple(beats),
            facts=(*facts, *in_hand),
        )

    def ending(self) -> Passage:
        """The finished thing."""
        noun = self.content.product or f"the {self.content.steps[-1].thing or 'work'}"
        people = tuple(member.id for member in self.members())[:4]
        return Passage(
            title="Done",
            beat="result",
            place=self.at(),
            synopsis=f"{_name(self.maker)} shows {noun}.",
            present=people,
            beats=(Beat(size="wide", focus=people, action={self.maker.id: f"holds up {noun}"}),),
        )

    def candidate(self, numbers: tuple[int, ...], level: int) -> Candidate:
        """The process with some of its steps and details."""
        narrated = set(numbers[:: max(1, -(-len(numbers) // max(self.narrated, 1)))]) if self.narrated else set()
        passages = [
            self.opening(),
            *(self.step(number, self.content.steps[number], level, number in narrated) for number in numbers),
            self.ending(),
        ]
        if self.premise.silent:
            passages = list(without_speech(passages))
        dropped = len(self.content.steps) - len(numbers)
        return Candidate(passages=tuple(passages), reluctance=_LEVELS[level] + _DROPPED * dropped)

    def candidates(self) -> Iterator[Candidate]:
        """Every level of detail, with all steps and, for very short films, with fewer."""
        total = len(self.content.steps)
        for level in range(len(_LEVELS)):
            for count in range(min(2, total), total + 1):
                numbers = tuple(sorted({round(at * (total - 1) / max(count - 1, 1)) for at in range(count)}))
                yield self.candidate(numbers, level)


def _name(member: Member) -> str:
    """The name of somebody in a synopsis."""
    name = refer(member.participant)
    return f"{name[0].upper()}{name[1:]}"


def _a(noun: str) -> str:
    """A noun with its article, also if it is a plural."""
    return f"the {noun}" if is_mass(noun) or plural(noun) == noun or noun.endswith("s") else f"{article(noun)} {noun}"


def _bare(see: str | None) -> str:
    """What a beginner sees of a mistake."""
    return see or "the mistake"


def _cast_process(premise: Premise, content: ProcessContent, seed: int) -> tuple[dict[str, tuple[Member, ...]], Member | None]:
    """Makers by entity, and who teaches if the prompt has somebody teach somebody."""
    beings = [entity for entity in premise.entities if entity.acts and entity.kind is not None and entity.type != "thing"]
    words = lesson_words()
    teaching = {
        identifier
        for event in premise.events
        if event.verb in words.teach_verbs and (event.recipients or event.patients)
        for identifier in event.agents
    }
    performing = [entity for entity in beings if any(entity.id in step.performers for step in content.steps)]
    teacher = next((entity for entity in beings if entity.id in teaching), None)
    makers = performing or [entity for entity in beings if entity is not teacher][:1]
    if not makers:
        makers = [teacher] if teacher else [added_person("the_maker", content.maker)]
        teacher = None
    listed: list[PremiseEntity] = [*([teacher] if teacher else []), *makers]
    groups = cast_beings(premise, listed, seed)
    by_id = {entity.id: group for entity, group in zip(listed, groups, strict=True)}
    return {entity.id: by_id[entity.id] for entity in makers}, by_id[teacher.id][0] if teacher else None


def _process_title(premise: Premise, content: ProcessContent) -> str:
    """The title: of the process, or what the prompt says before its steps."""
    if content.title:
        return content.title
    head = premise.prompt.partition(":")[0].strip()
    if 1 < len(head.split()) <= 8 and ":" in premise.prompt and not is_request(head) and head.lower() not in _NO_TITLES:
        return f"{head[0].upper()}{head[1:]}"
    things = [step.thing for step in content.steps if step.thing]
    return f"The {things[0].title()}" if things else "Step by Step"


def _workplace(premise: Premise, maker: str) -> str:
    """Where something is made whose place neither the prompt nor the facts name: where a trade works, else where such a thing is done."""
    job, implied = job_facts(maker), default_place(premise)
    if job is not None and maker != "worker":
        return job.workplace
    return implied if implied != ANYWHERE else "workshop"


def direct_process(
    premise: Premise, content: ProcessContent, *, minutes: float, seed: int, cast_seed: int, style: Style
) -> EpisodePlan:
    """The plan of a film on a process. Deterministic in its arguments. Raises PromptError if the steps do not fill the length asked for."""
    makers, teacher = _cast_process(premise, content, cast_seed)
    stated = stated_place(premise, frozenset())
    maker = next(iter(makers.values()))[0]
    place = stated.noun if stated else content.place or _workplace(premise, maker.participant.noun)
    silent = premise.silent or premise.narrated is False or teacher is not None
    narrated = 0 if silent else min(int(minutes * 60 // SECONDS_BETWEEN_NARRATION), _MOST_NARRATED)
    members = [*([teacher] if teacher else []), *(member for group in makers.values() for member in group)]
    process = _Process(
        premise=premise,
        content=content,
        makers=makers,
        teacher=teacher,
        place=place,
        ids=Ids(member.id for member in members),
        narrated=narrated,
    )
    passages, stretch, pause = fit_length(process.candidates(), minutes * 60, LONGEST_STRETCH)
    setting = SceneSetting(time=premise.setting.time or "day", weather=premise.setting.weather or "clear", mood="calm")
    scenes = scenes_of(passages, setting, stretch, pause)
    present = {identifier for scene in scenes for identifier in scene.people()}
    return EpisodePlan(
        title=_process_title(premise, content),
        prompt=premise.prompt,
        seed=seed,
        look=Look(style=style),
        cast={member.id: member.cast for member in members if member.id in present},
        locations=process.ids.places,
        props=process.ids.props,
        scenes=scenes,
    )
