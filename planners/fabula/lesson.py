"""What a lesson teaches: claims of a topic that ships, or of a text that the user gives. Nothing is taught without a source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from planners.errors import PromptError
from planners.fabula.topic_choice import TopicChoice, choose_topic, plain_forms, question_clauses
from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.place_facts import place_facts
from planners.knowledge.topics import Analogy, Level, Topic, lesson_topic, topic_names
from planners.reading.premise import Premise
from planners.reading.texts.source_text import SourceClaim, SourceText, read_source, source_claims

__all__ = [
    "LessonContent",
    "TaughtClaim",
    "analogy_place",
    "audience_level",
    "known_lesson",
    "lesson_from_source",
    "requested_analogy",
]

FEWEST_CLAIMS: Final = 2
"""A source with fewer claims teaches nothing."""
MOST_CLAIMS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class TaughtClaim:
    """One claim as the film teaches it."""

    claim: str
    more: str | None
    wrong: str
    """What the learner asks or believes before it."""
    hand: str
    thing: str
    ask: str
    answer: str
    source: str
    """Where it comes from, for readers of the plan."""
    key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonContent:
    """What a lesson teaches, in order, and what it is told as."""

    key: str
    """Id from which facts are named: `volcano`."""
    title: str
    question: str
    teacher: str
    place: str
    claims: tuple[TaughtClaim, ...]
    analogy: Analogy | None = None
    """The topic's own analogy."""
    names: frozenset[str] = frozenset()
    """Words for the topic itself, which are nobody of the cast."""
    uncovered: tuple[str, ...] = ()
    """Words of the prompt's question on which the lesson says nothing."""


_AGE: Final = re.compile(r"\b(\d{1,2}|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|sixteen)[- ]years?[- ]olds?\b")
_GROWN: Final = frozenset({"fifteen", "sixteen"})
_COMPARISON: Final = re.compile(r"\b(?:as|like)(?: if it were)? ((?:an?|the) [^.,;:]+)", re.IGNORECASE)
"""An analogy without the verb by which `Premise.analogy` is read: `Explain the heart as a harbour`."""
CHILD_AGE: Final = 13


def audience_level(premise: Premise) -> Level | None:
    """For whom the film is, from an age or a word of the prompt; None if it does not say."""
    low = premise.prompt.lower()
    if match := _AGE.search(low):
        grown = match[1] in _GROWN or (match[1].isdigit() and int(match[1]) >= CHILD_AGE)
        return "adult" if grown else "child"
    words = set(re.findall(r"[\w'-]+", f"{premise.audience or ''} {low}".replace("little ones", "little_ones")))
    if words & set(lesson_words().children):
        return "child"
    return "adult" if words & set(lesson_words().adults) else None


def requested_analogy(premise: Premise) -> str | None:
    """What the prompt wants the lesson told as: `a night shift in a harbour`."""
    if premise.analogy is not None:
        return premise.analogy.partition(",")[0].strip()
    match = _COMPARISON.search(premise.prompt)
    return match[1].strip() if match else None


def _from_topic(key: str, topic: Topic, level: Level | None, uncovered: tuple[str, ...]) -> LessonContent:
    """Claims of a topic for an audience."""
    claims = [claim for claim in topic.claims if level != "child" or claim.level == "child"]
    return LessonContent(
        key=key,
        title=topic.title,
        question=topic.question,
        teacher=topic.teacher,
        place=topic.place,
        claims=tuple(
            TaughtClaim(
                claim=claim.claim,
                more=claim.more,
                wrong=claim.wrong,
                hand=claim.hand,
                thing=claim.thing,
                ask=claim.ask,
                answer=claim.answer,
                source=topic.sources[claim.source],
                key=claim.key,
            )
            for claim in claims
        ),
        analogy=topic.analogy,
        names=frozenset(form for name in topic.names for word in name.split() for form in plain_forms(word)),
        uncovered=uncovered,
    )


def _from_source_claim(claim: SourceClaim, name: str) -> TaughtClaim:
    """A claim of a source: drawn on the board if it names a thing, else shown in the book."""
    drawn = claim.kind in {"definition", "name"}
    return TaughtClaim(
        claim=claim.claim,
        more=None,
        wrong=claim.question,
        hand=f"draws {claim.subject} on the board" if drawn else "points at a line in the open book",
        thing="board" if drawn else "book",
        ask=claim.question,
        answer=claim.answer,
        source=f"{name}, line {claim.sentence.line}: {claim.sentence.text}",
        key=claim.kind == "cause",
    )


def _from_source(premise: Premise, source: SourceText) -> LessonContent:
    """Claims of a text. Raises PromptError if it teaches nothing, or nothing on what the prompt asks."""
    topic_words = {form for clause in question_clauses(premise) for word in clause for form in plain_forms(word)}
    text = " ".join([source.title or "", *(sentence.text for sentence in source.sentences)]).lower()
    known = {form for word in re.findall(r"[\w'-]+", text) for form in plain_forms(word)}
    if topic_words and not topic_words & known:
        raise PromptError(
            f"{source.name}: the source says nothing on {', '.join(sorted(topic_words)[:5])}; give a text on what the prompt asks"
        )
    claims = source_claims(source, MOST_CLAIMS)
    if len(claims) < FEWEST_CLAIMS:
        raise PromptError(
            f"{source.name}: {len(claims)} of its {len(source.sentences)} sentences could be taught; expected at least {FEWEST_CLAIMS} short sentences "
            "that say what something is, why it is so, or what happens if (“… is …”, “… because …”, “If …, …”)"
        )
    return LessonContent(
        key="source",
        title=source.title or "A Lesson",
        question=f"What is there to know about {claims[0].subject}?",
        teacher="teacher",
        place="school",
        claims=tuple(_from_source_claim(claim, source.name) for claim in claims),
        names=frozenset(topic_words),
    )


def lesson_from_source(premise: Premise, path: Path) -> LessonContent:
    """What a text teaches. Raises PromptError if it cannot be read, or teaches nothing on what the prompt asks."""
    return _from_source(premise, read_source(path))


def known_lesson(premise: Premise) -> tuple[LessonContent | None, TopicChoice[Topic]]:
    """The lesson on the topic that ships and covers the prompt, and how it was chosen."""
    choice = choose_topic(premise, topic_names(), lesson_topic)
    if choice.key is None or choice.subject is None:
        return None, choice
    return _from_topic(choice.key, choice.subject, audience_level(premise), choice.uncovered), choice


def analogy_place(premise: Premise) -> str | None:
    """The place of the prompt's analogy; None if it names none that is known."""
    text = requested_analogy(premise) or ""
    words = re.findall(r"[\w'-]+", text.lower())
    for length in (2, 1):
        for at in range(len(words) - length + 1):
            name = " ".join(words[at : at + length])
            if words[at] not in lesson_words().function_words and place_facts(name) is not None:
                return name
    return None
