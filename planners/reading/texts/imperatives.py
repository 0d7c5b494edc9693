"""Read steps that a text states as imperatives: `boil the water, warm the pot, add the leaves`."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, third_person, verb_lemma

__all__ = ["StatedStep", "as_action", "is_imperative", "read_step", "stated_steps"]

MOST_STEP_WORDS: Final = 16
_PIECE: Final = re.compile(
    r"[.;:,!?\n]+|\bthen\b|\band (?=\w+ (?:the|an?|it|them|until|for|in|into|on|off|out|up|down|over)\b)", re.IGNORECASE
)
_MARKERS: Final = re.compile(
    r"^(?:(?:first|then|next|now|finally|lastly|last|second|third|and|after that|afterwards|to begin|at the end|step \w+|\d+[.)]?)\b[ ,:]*)+",
    re.IGNORECASE,
)
_NOUN_PHRASE: Final = re.compile(r"^(?:the|an?|your|some|all|both|each|two|three|four|five|six|several|\d+)\b")
_TOOL: Final = re.compile(r"\bwith (?:the |an? |your )((?:[\w-]+ ){0,2}?[\w-]+)(?=$| (?:and|until|in|on|for|from|to)\b)")


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedStep:
    """One step of a text."""

    do: str
    """The imperative, without its marker: `boil the water`."""
    phrase: str
    """As an action in the third person: `boils the water`."""
    thing: str | None
    """The noun of what it is done to."""
    tool: str | None


def is_imperative(piece: str) -> bool:
    """Whether a piece of text, without markers of order, begins with a verb in its plain form and has an object or a circumstance."""
    words = re.findall(r"[\w'-]+", piece.lower())
    if len(words) < 2 or len(words) > MOST_STEP_WORDS:
        return False
    first, second = words[0], words[1]
    wordnet = open_wordnet()
    if (
        not wordnet.senses(first, "verb")
        or verb_lemma(first) != first
        or first in {"be", "do", "have", "can", "will", "must", "may"}
    ):
        return False
    if _NOUN_PHRASE.match(second) or second in {"it", "them"} or second in lesson_words().phrase_ends:
        return True
    followed_by_verb = second.endswith("s") and bool(wordnet.senses(verb_lemma(second), "verb")) and singular(second) == second
    return not wordnet.senses(first, "noun") and not followed_by_verb


def as_action(imperative: str) -> str:
    """An imperative as an action in the third person: `lifts the lid and looks in`."""
    verb, _, rest = imperative.partition(" ")

    def second(match: re.Match[str]) -> str:
        is_verb = open_wordnet().senses(match[1], "verb") and verb_lemma(match[1]) == match[1]
        if match.start() and match.end() == len(rest) and open_wordnet().senses(match[1], "noun"):
            is_verb = ()
        return f"and {third_person(match[1])}" if is_verb else match[0]

    rest = re.sub(r"\band (\w+)(?=$| (?:the|an?|it|them|both|each|two|three|into|in|on|off|out|up|down|away)\b)", second, rest)
    return f"{third_person(verb)} {rest}".strip()


def _object(words: list[str]) -> str | None:
    """The head of the noun phrase at the beginning of some words; None if there is none."""
    phrase: list[str] = []
    if words and words[0] in lesson_words().phrase_ends:
        words = words[1:]
    for word in words:
        if word in lesson_words().phrase_ends:
            break
        if not _NOUN_PHRASE.match(word):
            phrase.append(word)
    if not phrase or phrase[0] in {"it", "them"}:
        return None
    head = singular(phrase[-1])
    return head if open_wordnet().senses(head, "noun") and compound_types(head)[:1] != ("time",) else None


def _is_bare_verb(piece: str) -> bool:
    """Whether a piece could be an imperative among others, though its first word could be a noun as well: `mix flour and milk`, `pour`."""
    words = re.findall(r"[\w'-]+", piece.lower())
    return (
        bool(words)
        and len(words) <= MOST_STEP_WORDS
        and bool(open_wordnet().senses(words[0], "verb"))
        and verb_lemma(words[0]) == words[0]
    )


def read_step(piece: str, *, among_steps: bool = False) -> StatedStep | None:
    """A step from a piece of text; None if it is no imperative. `among_steps`: other steps surround it, so that it may be less plain."""
    text = _MARKERS.sub("", piece.strip()).strip()
    if not is_imperative(text) and not (among_steps and _is_bare_verb(text)):
        return None
    text = text[0].lower() + text[1:]
    rest = text.partition(" ")[2]
    tool = _TOOL.search(text.lower())
    return StatedStep(
        do=text,
        phrase=as_action(re.sub(r"\byour\b", "the", text)),
        thing=_object(re.findall(r"[\w'-]+", rest.lower())),
        tool=tool[1] if tool else None,
    )


def stated_steps(text: str) -> list[StatedStep]:
    """The steps of a text in order. `it` and `them` stand for the thing of the step before. Text before a colon is a title."""
    title, colon, rest = text.partition(":")
    if colon and len(stated_steps(rest)) > 1 and not stated_steps(title)[1:]:
        return stated_steps(rest)
    pieces = [piece for piece in _PIECE.split(text) if piece.strip()]
    plain = [at for at, piece in enumerate(pieces) if read_step(piece) is not None]
    steps: list[StatedStep] = []
    for at, piece in enumerate(pieces):
        among = len(plain) > 1 and plain[0] - 1 <= at
        step = read_step(piece, among_steps=among)
        if step is not None:
            if step.thing is None and steps:
                step = replace(step, thing=steps[-1].thing)
            steps.append(step)
    return steps
