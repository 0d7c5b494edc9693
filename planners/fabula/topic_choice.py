"""Choose the topic that a prompt asks for. Only a topic that covers the whole question counts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.processes import Process
from planners.knowledge.topics import Topic, content_words
from planners.reading.english import singular, verb_lemma
from planners.reading.people import people
from planners.reading.premise import Premise
from planners.reading.request import is_request

__all__ = ["TopicChoice", "choose_topic", "plain_forms", "question_clauses"]

Subject = TypeVar("Subject", Topic, Process)
_CLAUSE: Final = re.compile(
    r"[.;:,!?()\n–—\"“”]+| (?:about|explaining|explains?|who|whose)\b"
    r"| (?:told|explained|shown|taught|seen|narrated|described|animated)\b"
    r"| (?:as|like) (?:if|an?|the)\b| (?:with|using|through|while|because)\b"
    r"| to (?:an?|the|his|her|my|our|their|two|three|some|kids|children)\b"
    r"| for (?:an?|the|his|her|my|our|their|two|three|some|kids|children|\w+-year|beginners|adults|pupils|students)\b"
    r"| in (?:\d+|one|two|three|four|five|six|ten|half)\b| by (?:an?|the|his|her|my|two|three|\w+ing)\b"
    r"| at (?:an?|the|his|her|my)\b"
)
"""Where what a lesson is about ends and how it is told begins."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChoice(Generic[Subject]):
    """The topic of a prompt; None with the nearest ones if none covers it."""

    key: str | None
    subject: Subject | None
    nearest: tuple[str, ...] = ()
    """Titles of topics that share a name with the prompt."""
    uncovered: tuple[str, ...] = ()
    """Words of the question on which the nearest topic says nothing."""


@lru_cache(maxsize=8192)
def plain_forms(word: str) -> frozenset[str]:
    """Forms under which two words count as the same: as written, as a noun in the singular and as a verb in the plain form."""
    return frozenset({word, singular(word), verb_lemma(word)})


def _forms_of(words: Iterable[str]) -> frozenset[str]:
    """Plain forms of several words."""
    return frozenset(form for word in words for form in plain_forms(word))


def question_clauses(premise: Premise) -> list[tuple[str, ...]]:
    """The clauses of a prompt, each as its words that could name or narrow a topic, in lower case."""
    words = lesson_words()
    skipped = {*words.function_words, *words.generic, *words.learners, *words.children, *words.adults}
    first_names = {*people().female_names, *people().male_names}
    speaking = {
        identifier
        for event in premise.events
        if event.verb in {*words.teach_verbs, *words.learn_verbs} and (event.recipients or event.patients or event.topics)
        for identifier in (*event.agents, *event.recipients)
        if premise.entity(identifier).type in {"animal", "robot", "spirit"}
    }
    for entity in premise.entities:
        if entity.name and entity.type == "person":
            skipped |= {*content_words(entity.name)} & first_names
        if entity.name and entity.acts and len(entity.name.split()) == 1:
            skipped.add(entity.name.lower())
        if (entity.type == "person" and not entity.name) or entity.id in speaking:
            skipped.add(entity.noun)
        if entity.acts and entity.type in {"person", "animal", "robot", "spirit"}:
            skipped |= {word for text in entity.words for word in content_words(text)}
    text = premise.prompt.lower().replace("don't", "do not").replace("wi-fi", "wifi")
    clauses = []
    for piece in _CLAUSE.split(text):
        kept = tuple(
            word
            for word in (word.removesuffix("'s").removesuffix("’s") for word in re.findall(r"[\w'’-]+", piece))
            if not plain_forms(word) & skipped and not word.isdigit() and not re.search(r"-years?-olds?$", word)
        )
        if kept:
            clauses.append(kept)
    return clauses


def _matches(name: str, forms: frozenset[str]) -> bool:
    """Whether a clause has every word of a name."""
    return all(plain_forms(word) & forms for word in name.split())


def choose_topic(
    premise: Premise, names_by_key: Mapping[str, tuple[str, ...]], load: Callable[[str], Subject]
) -> TopicChoice[Subject]:
    """The subject, loaded by its key, whose name the prompt has and which covers every other word of the clause with that name.

    Of several, the one with the longest name wins, then the one that is listed first.
    """
    clauses = question_clauses(premise)
    whole = _forms_of(word for clause in clauses for word in clause)
    best: tuple[int, str] | None = None
    near: list[tuple[int, str, tuple[str, ...]]] = []
    for key, listed in names_by_key.items():
        names = [name for name in listed if _matches(name, whole)]
        if not names:
            continue
        subject = load(key)
        length = max(len(name.split()) for name in names)
        vocabulary = _forms_of(subject.vocabulary())
        in_names = _forms_of(word for name in names for word in name.split())
        naming = [clause for clause in clauses if any(plain_forms(word) & in_names for word in clause)]
        uncovered = tuple(
            dict.fromkeys(
                word for clause in naming for word in clause if not plain_forms(word) & vocabulary and not is_request(word)
            )
        )
        if uncovered:
            near.append((len(uncovered), key, uncovered))
        elif best is None or length > best[0]:
            best = (length, key)
    if best is not None:
        return TopicChoice(key=best[1], subject=load(best[1]))
    near.sort()
    return TopicChoice(
        key=None,
        subject=None,
        nearest=tuple(load(key).title for _, key, _ in near[:3]),
        uncovered=near[0][2] if near else (),
    )
