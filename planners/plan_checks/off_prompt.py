"""Members of the cast, places and props that the prompt neither names nor implies."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from planners.knowledge.job_facts import job_facts
from planners.knowledge.place_facts import place_facts
from planners.knowledge.thing_facts import thing_facts
from planners.knowledge.wordnet import open_wordnet
from planners.plan.model import EpisodePlan
from planners.plan_checks.line_reuse import content_forms
from planners.reading.english import parse, singular
from planners.reading.premise import Premise

__all__ = ["OffPrompt", "find_off_prompt", "implied_words"]

_WORD: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")
_SENSES: Final = 2
_LEVELS: Final = 3
"""Of the hierarchy of nouns, the noun itself among them."""
_TOO_GENERAL: Final = frozenset(
    {"person", "thing", "object", "place", "being", "organism", "entity", "artifact", "whole", "location"}
)
_PRONOUNS: Final = re.compile(
    r"\b(?:he|she|him|her|his|they|we|you|i|somebody|someone|anyone|everyone|nobody|who)\b", re.IGNORECASE
)
_ANYBODY: Final = frozenset({"man", "woman", "boy", "girl", "child", "person"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OffPrompt:
    """Something of a plan that the prompt does not ask for."""

    kind: Literal["cast", "place", "prop"]
    id: str
    text: str


def implied_words(prompt: str, premise: Premise | None) -> frozenset[str]:
    """Nouns that a prompt names or implies: its words, workplaces and tools of its jobs, who and what is at its places, parts of its things."""
    words = set(content_forms(prompt, ()))
    nouns = {token.lemma_.lower() for token in parse(prompt) if token.pos_ in {"NOUN", "PROPN"}}
    if premise is not None:
        nouns |= {entity.noun.lower() for entity in premise.entities}
        words |= {word for entity in premise.entities for word in _WORD.findall(f"{entity.noun} {entity.name or ''}".lower())}
    for noun in sorted(nouns):
        job, place, thing = job_facts(noun), place_facts(noun), thing_facts(noun)
        implied = [noun]
        if job is not None:
            implied += [job.workplace, *job.tools]
        if place is not None:
            implied += [*place.stands, *place.people]
        if thing is not None:
            implied += [thing.part, thing.container]
        words |= {form for text in implied for word in _WORD.findall(text.lower()) for form in (word, singular(word))}
    if _PRONOUNS.search(prompt) or not any(job_facts(noun) for noun in nouns):
        words |= _ANYBODY
    return frozenset(words)


def find_off_prompt(plan: EpisodePlan, prompt: str, premise: Premise | None) -> list[OffPrompt]:
    """Everything that a scene uses and the prompt neither names nor implies."""
    words = implied_words(prompt, premise)
    used = {identifier for scene in plan.scenes for identifier in scene.people()}
    places = {scene.at for scene in plan.scenes}
    rows: list[OffPrompt] = []
    for key, member in plan.cast.items():
        what = f"{member.name or ''} {key.replace('_', ' ')} {member.description.partition(',')[0]}"
        if key in used and not _is_implied(what, words):
            rows.append(OffPrompt(kind="cast", id=key, text=what))
    for key, place in plan.locations.items():
        what = f"{place.name or ''} {key.replace('_', ' ')}"
        if key in places and not _is_implied(what, words):
            rows.append(OffPrompt(kind="place", id=key, text=what))
    for key, prop in plan.props.items():
        what = f"{prop.name or ''} {key.replace('_', ' ')}"
        if not _is_implied(what, words):
            rows.append(OffPrompt(kind="prop", id=key, text=what))
    return rows


def _is_implied(text: str, words: frozenset[str]) -> bool:
    """Whether one of the words of a text is asked for, or means the same as one that is, or is a kind of it."""
    candidates = {form for word in _WORD.findall(text.lower()) for form in (word, singular(word))}
    if candidates & words:
        return True
    return any(not _meanings(candidate).isdisjoint(words) for candidate in candidates)


@lru_cache(maxsize=8192)
def _meanings(noun: str) -> frozenset[str]:
    """Synonyms of a noun and what is right above it."""
    wordnet = open_wordnet()
    lemmas = {
        lemma
        for sense in wordnet.senses(noun, "noun")[:_SENSES]
        for synset in wordnet.ancestors(sense.synset, "noun")[:_LEVELS]
        for lemma in wordnet.lemmas(synset, "noun")
    }
    return frozenset(lemmas) - _TOO_GENERAL
