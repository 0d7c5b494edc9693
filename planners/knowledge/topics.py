"""Topics that lessons can be given on: claims in teaching order, each with its source, the wrong idea that it answers and what shows it.

Each file of `topics/` is one topic. A claim is a short spoken sentence. Every claim names one of the topic's sources, and what a learner
answers in the recap must be said by the claim, so that nothing in a lesson comes from nowhere.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.lesson_words import lesson_words

__all__ = [
    "Analogy",
    "AnalogyAct",
    "Claim",
    "Level",
    "Topic",
    "content_words",
    "lesson_topic",
    "lesson_topics",
    "listed_names",
    "topic_names",
]

Level = Literal["child", "adult"]
"""Whom a claim is for: `child` claims suit everybody."""
MOST_WORDS: Final = 24
"""In one spoken sentence."""

_WORD: Final = re.compile(r"[\w'’]+")
Sentence = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9“].*[.!?]$", max_length=160)]
ActionPhrase = Annotated[str, StringConstraints(pattern=r"^[a-z]+s [a-z0-9].*[^.]$", max_length=90)]
"""A verb phrase in the third person present."""
Noun = Annotated[str, StringConstraints(pattern=r"^[a-z][a-zé' -]*$", max_length=40)]
"""A noun in the singular without article."""


def content_words(text: str) -> tuple[str, ...]:
    """Words of a text in lower case."""
    return tuple(word.lower() for word in _WORD.findall(text))


class Claim(DataFile):
    """One thing to learn."""

    claim: Sentence
    more: Sentence
    """One sentence of detail that is true on the same source."""
    wrong: Sentence
    """A wrong idea as a child says it: a question or a belief. The claim is the answer."""
    hand: ActionPhrase
    """What a hand does to show it: `presses the wax down with a spoon`."""
    thing: Noun
    """What it is done to."""
    ask: Annotated[str, StringConstraints(pattern=r"^[A-Z].*\?$", max_length=110)]
    """The recap's question."""
    answer: str
    """The learner's answer: words that the claim or its detail says."""
    source: str
    """Key of one of the topic's sources."""
    level: Level = "child"
    key: bool = False
    """Whether it answers the topic's question, so that the shortest lesson has it."""

    @model_validator(mode="after")
    def _check_answer(self) -> Self:
        """Raise ValueError if an answer says what the claim does not, or a sentence is too long to speak."""
        known = {*lesson_words().function_words, *content_words(self.claim), *content_words(self.more)}
        if strange := [word for word in content_words(self.answer) if word not in known]:
            raise ValueError(f"the answer {self.answer!r} says {', '.join(strange)}, which neither the claim nor its detail says")
        if self.thing.rpartition(" ")[2] not in self.hand:
            raise ValueError(f"no hand does anything to the {self.thing} in {self.hand!r}")
        for text in (self.claim, self.more, self.wrong):
            if len(text.split()) > MOST_WORDS:
                raise ValueError(f"more than {MOST_WORDS} words in one sentence: {text!r}")
        return self


class AnalogyAct(DataFile):
    """One part of the topic, played by somebody in the place of the analogy."""

    part: str
    """The part of the topic: `valve`."""
    stands_for: str
    """What plays it: `lock gate`."""
    who: Literal[1, 2]
    """Which of the analogy's two roles acts."""
    does: ActionPhrase
    says: Sentence


class Analogy(DataFile):
    """A topic told as something else: a place, two roles, and what stands for what."""

    place: Noun
    roles: tuple[Noun, Noun]
    acts: Annotated[tuple[AnalogyAct, ...], Field(min_length=3, max_length=5)]


class Topic(DataFile):
    """What a lesson on one subject needs."""

    title: str
    subject: str
    """As a noun phrase in a sentence: `how a volcano erupts`."""
    names: tuple[str, ...]
    """What a prompt calls it: words that must all occur, in their plain forms: `moon phase`."""
    words: WordList = ()
    """Other words that a question on the topic may have: verbs and parts that the claims cover."""
    question: Annotated[str, StringConstraints(pattern=r"^[A-Z].*\?$")]
    teacher: Noun
    place: Noun
    sources: dict[str, str]
    """Textbook chapters, encyclopaedia articles or pages of agencies by key."""
    claims: Annotated[tuple[Claim, ...], Field(min_length=4, max_length=8)]
    """In teaching order."""
    analogy: Analogy

    @model_validator(mode="after")
    def _check_sources(self) -> Self:
        """Raise ValueError if a claim has no source, or no claim answers the topic's question."""
        for claim in self.claims:
            if claim.source not in self.sources:
                raise ValueError(
                    f"unknown source {claim.source!r} of {claim.claim!r}; expected one of: {', '.join(self.sources)}"
                )
        if not any(claim.key for claim in self.claims):
            raise ValueError("no claim has `key: true`; mark the one that answers the topic's question")
        return self

    def vocabulary(self) -> frozenset[str]:
        """Every word that the topic has something to say on."""
        texts = [self.title, self.question, self.subject, *self.names, *self.words]
        texts += [text for claim in self.claims for text in (claim.claim, claim.more, claim.thing)]
        return frozenset(word for text in texts for word in content_words(text))


_FOLDER: Final = Path(__file__).with_name("topics")


def listed_names(folder: Path) -> dict[str, tuple[str, ...]]:
    """Names of every subject of a folder by the name of its file. Reads one line of each file, because most prompts need one subject or none."""
    names = {}
    for path in sorted(folder.glob("*.yaml")):
        line = next((line for line in path.read_text("utf-8").splitlines() if line.startswith("names: [")), "")
        names[path.stem] = tuple(name.strip() for name in line.removeprefix("names: [").removesuffix("]").split(","))
    return names


@cache
def topic_names() -> dict[str, tuple[str, ...]]:
    """Names of all topics by the name of their file."""
    return listed_names(_FOLDER)


@cache
def lesson_topic(key: str) -> Topic:
    """A topic by the name of its file."""
    return read_data_file(_FOLDER / f"{key}.yaml", Topic)


def lesson_topics() -> dict[str, Topic]:
    """All topics by the name of their file."""
    return {key: lesson_topic(key) for key in topic_names()}
