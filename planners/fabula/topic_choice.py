"""Choose the topic that a prompt asks for. The subject of the request decides; what surrounds it is reported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar

from planners.knowledge.lesson_words import lesson_words
from planners.knowledge.processes import Process
from planners.knowledge.topics import Topic, content_words
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, verb_lemma
from planners.reading.people import people
from planners.reading.premise import Premise
from planners.reading.request import is_request

__all__ = ["TopicChoice", "choose_topic", "plain_forms", "question_clauses"]

Subject = TypeVar("Subject", Topic, Process)
_CLAUSE: Final = re.compile(
    r"[.;:,!?()\n–—\"“”]+"
    r"| (?:told|explained|shown|taught|seen|narrated|described|animated|played|sung|staged)\b"
    r"|(?:^| )(?:as|like) (?:if|though|an?|the|simply|something|someone|somebody)\b| (?:with|using|through|while|because)\b"
    r"| to (?:an?|the|his|her|my|our|their|two|three|some|kids|children)\b"
    r"| for (?:an?|the|his|her|my|our|their|two|three|some|kids|children|\w+-year|beginners|adults|pupils|students)\b"
    r"| in (?:\d+|one|two|three|four|five|six|ten|half|under|verse|rhyme|song)\b| in (?:the|an?) (?:\w+ )?(?:style|manner|form|voice|language|tone|way)\b"
    r"| by (?:an?|the|his|her|my|two|three|\w+ing)\b"
    r"| at (?:an?|the|his|her|my)\b"
)
"""Where what a lesson is about ends and how it is told begins."""
_PUNCTUATION: Final = re.compile(r"^[^\w ]")
_ANALOGY: Final = re.compile(r" ?(?:as|like) ")
_PHRASE: Final = re.compile(
    r" (?:in|on|at|for|from|of|during|inside|into|onto|to|under|over|between|within|across|around|near|against|without|until|since|by|than"
    r"|and|or|but|so|when|if|after|before|where|that|who|whom|whose|which)(?= )"
)
"""Where a phrase of a clause ends and the next begins."""
_RELATIVE: Final = re.compile(r" (?:that|who|whom|whose|which)$")
_QUESTION_WORD: Final = re.compile(r"(?<!\band)(?<!\bor)(?:^| )(?:about|how|why|what)(?= )")
_LEARNER: Final = re.compile(r" (?:my|his|her|our|their|your) [\w-]+(?= )")
_WORD: Final = re.compile(r"[\w'’-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicChoice(Generic[Subject]):
    """The topic of a prompt; None with the nearest ones if none covers it."""

    key: str | None
    subject: Subject | None
    nearest: tuple[str, ...] = ()
    """Titles of topics that share a name with the prompt."""
    uncovered: tuple[str, ...] = ()
    """Words of the question on which the topic, or the nearest one, says nothing."""

    length: int = 0
    """Words of the topic's name in the prompt: more of them name it more closely."""

    @property
    def covers_all(self) -> bool:
        """Whether a topic was found that covers every word of the question."""
        return self.key is not None and not self.uncovered


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """How a topic fits one clause."""

    refused: tuple[str, ...]
    """Uncovered words of the subject. Any of them rules the topic out."""
    reported: tuple[str, ...]
    """Uncovered words around the subject."""
    free: int
    """Uncovered words that name the cast or the form of the film."""
    length: int
    """Words of the longest name in the clause."""
    phrase: int
    """Index of the phrase with the first word of that name."""

    def rank(self) -> tuple[int, int, int, int]:
        """Sort key: the smallest fits best."""
        return len(self.refused), -self.length, len(self.reported) + self.free, self.phrase


@lru_cache(maxsize=8192)
def plain_forms(word: str) -> frozenset[str]:
    """Forms under which two words count as the same: as written, as a noun in the singular and as a verb in the plain form."""
    return frozenset({word, singular(word), verb_lemma(word)})


def _forms_of(words: Iterable[str]) -> frozenset[str]:
    """Plain forms of several words."""
    return frozenset(form for word in words for form in plain_forms(word))


def _cast_words(premise: Premise) -> frozenset[str]:
    """Words for those who teach, learn or act in a prompt. They name a topic only where it is the subject of the request."""
    words = lesson_words()
    first_names = {*people().female_names, *people().male_names}
    speaking = {
        identifier
        for event in premise.events
        if event.verb in {*words.teach_verbs, *words.learn_verbs} and (event.recipients or event.patients or event.topics)
        for identifier in (*event.agents, *event.recipients)
        if premise.entity(identifier).type in {"animal", "robot", "spirit"}
    }
    cast: set[str] = set()
    for entity in premise.entities:
        if entity.name and entity.type == "person":
            cast |= {*content_words(entity.name)} & first_names
        if entity.name and entity.acts and len(entity.name.split()) == 1:
            cast.add(entity.name.lower())
        if (entity.type == "person" and not entity.name) or entity.id in speaking:
            cast.add(entity.noun)
        if entity.acts and entity.type in {"person", "animal", "robot", "spirit"}:
            cast |= {word for text in entity.words for word in content_words(text)}
    return frozenset(cast)


def _skipped_words() -> frozenset[str]:
    """Words that neither name nor narrow a topic."""
    words = lesson_words()
    return frozenset({*words.function_words, *words.generic, *words.learners, *words.children, *words.adults})


def _kept_words(text: str, skipped: frozenset[str]) -> tuple[str, ...]:
    """Words of a text that could name or narrow a topic."""
    manner = lesson_words().manner
    words = (word.removesuffix("'s").removesuffix("’s") for word in _WORD.findall(text))
    return tuple(
        word
        for word in words
        if not plain_forms(word) & skipped and not {word, singular(word)} & {*manner} and not word.isdigit()
    )


def _clauses(premise: Premise) -> list[str]:
    """The clauses of a prompt in lower case, without what it is told as."""
    text = premise.prompt.lower().replace("don't", "do not").replace("wi-fi", "wifi")
    clauses, start, in_analogy = [], 0, False
    for end in _CLAUSE.finditer(text):
        if not in_analogy:
            clauses.append(text[start : end.start()])
        start = end.end()
        in_analogy = bool(_ANALOGY.match(end[0])) or (in_analogy and not _PUNCTUATION.match(end[0]))
    if not in_analogy:
        clauses.append(text[start:])
    return clauses


def question_clauses(premise: Premise) -> list[tuple[str, ...]]:
    """The clauses of a prompt, each as its words that could name or narrow a topic, in lower case."""
    skipped = _skipped_words() | _cast_words(premise)
    return [kept for clause in _clauses(premise) if (kept := _kept_words(clause, skipped))]


def _requested(clause: str, skipped: frozenset[str]) -> str:
    """The part of a clause after `about`, `how`, `why`, `what` or a verb of teaching, if anything is left there."""
    starts = [match.end() for match in _QUESTION_WORD.finditer(clause)][:1]
    if not starts:
        verbs = {*lesson_words().teach_verbs, *lesson_words().learn_verbs}
        starts = [match.end() for match in _WORD.finditer(clause) if verb_lemma(match[0]) in verbs][:1]
        starts = [start + len(learner[0]) for start in starts if (learner := _LEARNER.match(clause[start:]))] + starts
    return next((clause[start:] for start in starts if _kept_words(clause[start:], skipped)), clause)


def _phrases(clause: str, skipped: frozenset[str]) -> list[tuple[str, ...]]:
    """The phrases of the requested part of a clause. A relative clause is empty, because it names no topic."""
    text = _requested(f" {clause}", skipped)
    phrases, start, relative = [], 0, False
    for match in [*_PHRASE.finditer(text), None]:
        end = match.start() if match else len(text)
        phrases.append(() if relative else _kept_words(text[start:end], skipped))
        if match is None:
            break
        start, relative = match.end(), bool(_RELATIVE.match(match[0])) and any(phrases)
    return [phrase for phrase in phrases if phrase]


def _match(phrases: list[tuple[str, ...]], names: tuple[str, ...], vocabulary: frozenset[str], cast: frozenset[str]) -> _Match:
    """How a topic with names in a clause fits it: its words up to the last one of a name are the subject, later ones surround it."""
    longest = max(names, key=lambda name: len(name.split()))
    in_names = _forms_of(word for name in names for word in name.split())
    in_longest = _forms_of(longest.split())
    naming = [at for at, phrase in enumerate(phrases) if any(plain_forms(word) & in_longest for word in phrase)]
    refused: dict[str, None] = {}
    reported: dict[str, None] = {}
    free = 0
    for at, phrase in enumerate(phrases):
        is_subject = at <= naming[-1] and (at <= naming[0] or any(plain_forms(word) & in_names for word in phrase))
        for word in phrase:
            if plain_forms(word) & vocabulary:
                continue
            if word in cast or word.endswith("ly") or is_request(word):
                free += 1
                continue
            (refused if is_subject else reported)[word] = None
    return _Match(refused=tuple(refused), reported=tuple(reported), free=free, length=len(longest.split()), phrase=naming[0])


def _compound_words(premise: Premise) -> frozenset[str]:
    """Words that a prompt has only at the beginning of a known compound, where they name something else: `bow` of a bow tie."""
    compounds = [entity.noun for entity in premise.entities if " " in entity.noun]
    return frozenset(word for noun in compounds if open_wordnet().is_noun(noun) for word in noun.split()[:-1])


def choose_topic(
    premise: Premise, names_by_key: Mapping[str, tuple[str, ...]], load: Callable[[str], Subject]
) -> TopicChoice[Subject]:
    """The subject, loaded by its key, whose name is what the request is about.

    A clause about the topic holds every word of one of its names, and the topic covers the other words of the same phrase and of those before it.
    Later phrases narrow the question: what the topic does not say on them is reported. Other clauses say how the film is made and do not count.
    Of several topics, the one with the longest name wins, then the one that leaves the fewest words out, then the one that is named first.
    """
    skipped, cast = _skipped_words(), _cast_words(premise)
    texts = [clause for clause in _clauses(premise) if _phrases(clause, skipped)]
    clauses = [_phrases(clause, skipped) for clause in texts]
    inside = _compound_words(premise)
    framing = skipped | {*lesson_words().manner}
    forms = [
        _forms_of(word for phrase in phrases for word in phrase) | _forms_of(_WORD.findall(clause)) & framing
        for clause, phrases in zip(texts, clauses, strict=True)
    ]
    fits: list[tuple[tuple[int, int, int, int], int, str, _Match]] = []
    for key, listed in names_by_key.items():
        for at, phrases in enumerate(clauses):
            names = tuple(
                name for name in listed if name not in inside and all(plain_forms(word) & forms[at] for word in name.split())
            )
            if not names:
                continue
            match = _match(phrases, names, _forms_of(load(key).vocabulary()), cast)
            fits.append((match.rank(), at, key, match))
    fits.sort(key=lambda fit: fit[:2])
    if not fits:
        return TopicChoice(key=None, subject=None)
    _, _, key, best = fits[0]
    if not best.refused:
        return TopicChoice(key=key, subject=load(key), uncovered=best.reported, length=best.length)
    nearest = tuple(dict.fromkeys(load(key).title for _, _, key, _ in fits))
    return TopicChoice(key=None, subject=None, nearest=nearest[:3], uncovered=best.refused)
