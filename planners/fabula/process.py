"""What a film on a process shows: steps that the prompt states, or of a text, or of a process that ships."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from planners.fabula.topic_choice import TopicChoice, choose_topic
from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.noun_types import NounType
from planners.knowledge.processes import Process, process, process_names
from planners.reading.premise import ENACTED, Premise, PremiseEvent
from planners.reading.request import is_request
from planners.reading.texts.imperatives import StatedStep, as_action, stated_steps
from planners.reading.texts.source_text import read_source, source_steps

__all__ = ["ProcessContent", "ShownStep", "known_process", "process_from_source", "stated_process", "told_process"]

FEWEST_STATED: Final = 2
_DOERS: Final[frozenset[NounType]] = frozenset({"person", "animal", "robot", "spirit"})
"""Who can do a step."""
_FRAME_VERBS: Final = frozenset({"make", "produce", "get", "become", "be", "have"})
"""Verbs of `how cheese is made`, which name a process and are no step of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownStep:
    """One step."""

    do: str
    """As an imperative: `cut the curd into cubes`."""
    phrase: str
    """As an action in the third person."""
    thing: str | None
    tool: str | None
    see: str | None
    """What changes, as it follows `watches`."""
    performers: tuple[str, ...] = ()
    """Ids of entities of the premise who do it; empty: the maker."""
    source: str | None = None
    """None: the prompt states it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessContent:
    """What a film on a process shows."""

    key: str
    title: str | None
    """None: made from the prompt."""
    product: str | None
    maker: str
    place: str | None
    steps: tuple[ShownStep, ...]
    wrong: tuple[int, ShownStep] | None = None
    """Index of a step and what a beginner does instead."""
    uncovered: tuple[str, ...] = ()
    """Words of the prompt's question of which the film shows nothing."""


def _shown(step: StatedStep, source: str | None = None) -> ShownStep:
    """A stated step."""
    return ShownStep(do=step.do, phrase=step.phrase, thing=step.thing, tool=step.tool, see=None, source=source)


def _from_process(key: str, known: Process, uncovered: tuple[str, ...]) -> ProcessContent:
    """Steps of a process that ships."""
    steps = tuple(
        ShownStep(do=step.do, phrase=as_action(step.do), thing=step.thing, tool=step.tool, see=step.see, source=known.source)
        for step in known.steps
    )
    wrong = known.wrong
    spoilt = ShownStep(
        do=wrong.do, phrase=as_action(wrong.do), thing=steps[wrong.step - 1].thing, tool=None, see=wrong.see, source=known.source
    )
    return ProcessContent(
        key=key,
        title=known.title,
        product=known.product,
        maker=known.maker,
        place=known.place,
        steps=steps,
        wrong=(wrong.step - 1, spoilt),
        uncovered=uncovered,
    )


def _told_step(premise: Premise, event: PremiseEvent) -> ShownStep:
    """A step that somebody in the prompt does."""
    things = [premise.entity(identifier).noun for identifier in event.patients if not premise.entity(identifier).acts]
    tools = [premise.entity(identifier).noun for identifier in event.instruments]
    _, _, rest = event.phrase.partition(" ")
    return ShownStep(
        do=f"{event.verb} {rest}".strip(),
        phrase=event.phrase,
        thing=things[0] if things else None,
        tool=tools[0] if tools else None,
        see=None,
        performers=tuple(identifier for identifier in event.agents if premise.entity(identifier).acts),
    )


def stated_process(premise: Premise) -> ProcessContent | None:
    """Steps that the prompt states as imperatives; None if it states fewer than two."""
    steps = tuple(_shown(step) for step in stated_steps(premise.prompt) if not _is_no_step(step))
    return _from_prompt(premise, steps)


def told_process(premise: Premise) -> ProcessContent | None:
    """Steps that the prompt's cast does; None if there are fewer than two."""
    steps = tuple(
        _told_step(premise, event)
        for event in premise.events
        if event.modality in ENACTED
        and not event.negated
        and event.explicit
        and event.verb not in _no_steps()
        and any(premise.entity(identifier).type in _DOERS for identifier in event.agents)
    )
    return _from_prompt(premise, steps)


def _is_no_step(step: StatedStep) -> bool:
    """Whether an imperative names a process or only says how the film is to be: `Keep it simple, grade 4`."""
    wish = is_request(step.do) and (len(step.do.split()) > 2 or any(map(str.isdigit, step.do)))
    return step.do.split()[0] in _no_steps() or wish


def _no_steps() -> frozenset[str]:
    """Verbs that name or teach a process and are no step of it."""
    return frozenset({*lesson_words().teach_verbs, *lesson_words().learn_verbs, *_FRAME_VERBS})


def _from_prompt(premise: Premise, steps: tuple[ShownStep, ...]) -> ProcessContent | None:
    """Steps of the prompt as content; None if there are fewer than two."""
    if len(steps) < FEWEST_STATED:
        return None
    maker = "cook" if any(entity.type == "food" for entity in premise.entities) else "worker"
    return ProcessContent(key="steps", title=None, product=None, maker=maker, place=None, steps=steps)


def process_from_source(path: Path) -> ProcessContent | None:
    """Steps of a text; None if it lists fewer than two. Raises PromptError if it cannot be read."""
    text = read_source(path)
    steps = tuple(
        _shown(listed.step, f"{text.name}, line {listed.sentence.line}: {listed.sentence.text}") for listed in source_steps(text)
    )
    if len(steps) < FEWEST_STATED:
        return None
    return ProcessContent(key="source", title=text.title, product=None, maker="worker", place=None, steps=steps)


def known_process(premise: Premise) -> tuple[ProcessContent | None, TopicChoice[Process]]:
    """The process that ships and covers the prompt, and how it was chosen."""
    choice = choose_topic(premise, process_names(), process)
    if choice.key is None or choice.subject is None:
        return None, choice
    return _from_process(choice.key, choice.subject, choice.uncovered), choice
