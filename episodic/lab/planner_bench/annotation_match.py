"""How much of an annotated prompt a plan shows, by comparing words. Simpler than an outside checker, and there for everybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from episodic.lab.planner_bench.prompt_files import AnnotatedEvent, AnnotatedItem, AnnotatedPrompt
from planners.plan.model import EpisodePlan
from planners.plan_checks.clauses import Clause, read_clauses
from planners.plan_checks.plan_texts import PlanText, action_texts, spoken_texts
from planners.reading.english import singular

__all__ = ["PromptMatch", "match_prompt"]

_WORD: Final = re.compile(r"[a-z0-9]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptMatch:
    """Shares from 0 to 1; None where the prompt has nothing of the kind."""

    cast: float | None
    things: float | None
    places: float | None
    explicit: float | None
    """Of the events that the prompt states, those that somebody right enacts."""
    implied: float | None
    order: float | None
    """Share of pairs of enacted events that are in the prompt's order."""


def _words(text: str) -> frozenset[str]:
    """Words, their singulars, and neighbours joined: `tree house` has `treehouse`."""
    listed = [singular(word) for word in _WORD.findall(text.lower())]
    plain = _WORD.findall(text.lower())
    return frozenset((*listed, *plain, *("".join(pair) for pair in zip(plain, listed[1:], strict=False))))


def _has_word(item: AnnotatedItem, text: str) -> bool:
    """Whether a text has one of an item's words."""
    words = _words(text)
    return any(_words(word) <= words or "".join(word.lower().split()) in words for word in item.words)


def _mean(values: list[float]) -> float | None:
    """The mean; None without values."""
    return sum(values) / len(values) if values else None


class _Match:
    def __init__(self, prompt: AnnotatedPrompt, plan: EpisodePlan) -> None:
        self.prompt, self.plan = prompt, plan
        seen = {identifier for scene in plan.scenes for identifier in scene.people()}
        self.called = {
            key: f"{key.replace('_', ' ')} {member.name or ''} {member.description.partition(', ')[0]}"
            for key, member in plan.cast.items()
            if key in seen
        }
        self.members = {item.id: {key for key, text in self.called.items() if _has_word(item, text)} for item in prompt.cast}
        self.actions: list[PlanText] = action_texts(plan)
        self.clauses: Mapping[tuple[str, str], tuple[Clause, ...]] = {
            (kind, text): clauses
            for (kind, text), clauses in read_clauses((text.kind, text.text) for text in self.actions).items()
        }

    def cast(self, item: AnnotatedItem) -> float:
        """How far a member of the cast is there: in number, and half of it in kind."""
        members = self.members[item.id]
        number = 2 if item.count == "many" else item.count
        there = min(len(members), number) / number
        right = not item.kind or any(self.plan.cast[key].kind in item.kind for key in members)
        return there if right else there / 2

    def thing(self, item: AnnotatedItem) -> float:
        """Whether a thing is a prop, in an action, or where it may be, in the cast or in a line."""
        texts = [f"{key.replace('_', ' ')} {prop.name or ''}" for key, prop in self.plan.props.items()]
        texts += [action.text for action in self.actions]
        texts += list(self.called.values()) if item.alive else []
        texts += [line.text for line in spoken_texts(self.plan)] if item.heard else []
        return float(any(_has_word(item, text) for text in texts))

    def place(self, item: AnnotatedItem) -> float:
        """Whether a scene plays there, or then, or in that weather."""
        if item.time or item.weather:
            return float(any(scene.time in item.time or scene.weather in item.weather for scene in self.plan.scenes))
        used = {scene.at for scene in self.plan.scenes}
        texts = [f"{key.replace('_', ' ')} {place.name or ''}" for key, place in self.plan.locations.items() if key in used]
        return float(any(_has_word(item, text) for text in texts))

    def enacted(self, event: AnnotatedEvent, taken: set[int]) -> int | None:
        """The number of the first free action that enacts an event; None if none does."""
        who = None if "any" in event.who else set().union(*(self.members.get(name, set()) for name in event.who))
        items = [item for item in (*self.prompt.cast, *self.prompt.things, *self.prompt.places) if item.id in event.what]
        for number, action in enumerate(self.actions):
            if number in taken or (who is not None and action.who not in who):
                continue
            if any(clause.main and clause.verb in event.verbs for clause in self.clauses["action", action.text]) and (
                not items or any(self._is_there(item, action) for item in items)
            ):
                return number
        return None

    def _is_there(self, item: AnnotatedItem, action: PlanText) -> bool:
        """Whether an action is done to an item, by its words or by the name of the member of the cast that it is."""
        names = [self.plan.cast[key].name or key for key in self.members.get(item.id, ())]
        return _has_word(item, action.text) or any(name.lower() in action.text.lower() for name in names)


def match_prompt(prompt: AnnotatedPrompt, plan: EpisodePlan) -> PromptMatch:
    """Compare a plan with its prompt's annotation. Every action counts for one event only."""
    match = _Match(prompt, plan)
    taken: set[int] = set()
    at: dict[str, int] = {}
    for event in prompt.events:
        number = match.enacted(event, taken)
        if number is not None:
            taken.add(number)
            at[event.id] = number
    ordered = [at[event.id] for event in prompt.events if event.id in at and not event.free]
    pairs = [float(first < second) for first, second in combinations(ordered, 2)]
    return PromptMatch(
        cast=_mean([match.cast(item) for item in prompt.cast]),
        things=_mean([match.thing(item) for item in prompt.things]),
        places=_mean([match.place(item) for item in prompt.places]),
        explicit=_mean([float(event.id in at) for event in prompt.events if event.explicit]),
        implied=_mean([float(event.id in at) for event in prompt.events if not event.explicit]),
        order=_mean(pairs),
    )
