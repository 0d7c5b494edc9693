"""Changes to a text before it is parsed: ages as one word, a comma after a phrase that begins a sentence."""

from __future__ import annotations

import re
from typing import Final

from planners.knowledge.noun_types import noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular, third_person, verb_lemma
from planners.reading.people import people
from planners.reading.texts.language_test import english_stop_words

__all__ = ["complete_groups", "hyphenate_ages", "separate_fronted_phrases"]

_AGE: Final = re.compile(
    r"\b(?P<single>[Aa]n? )?(?P<years>\d{1,3}|[A-Za-z]+(?:-[a-z]+)?)[ -]years?[ -]old(?P<many>s)?\b(?P<next>(?: [\w'-]+)?)"
)
_AGE_AFTER_NAME: Final = re.compile(r"\b(?P<name>[A-Z][a-z]+),(?: aged?)? (?P<years>\d{1,2}),(?= [a-z])")
_AGE_IN_CLAUSE: Final = re.compile(
    r"(?:\b(?P<article>[Tt]he|[Aa]n?|[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Tt]heir) )?(?P<noun>\b(?:(?!(?:and|or|but|with|of|for|to|in|on|at|the|an?|my|our|his|her|their)\b)[\w'-]+ ){0,3}?[\w'-]+)"
    r"(?:, who(?: is|'s|’s| was| has just turned| just turned| turned) (?:only |just |about |nearly |almost )?(?P<clause>\d{1,3}|[a-z]+)(?: years old)?(?: today| now)?,"
    r"| who(?: is|'s|’s) (?:only |just )?(?P<bare>\d{1,3}|[a-z]+)(?: years old)?(?=[,.;:!?]|$)"
    r"|,? aged? (?P<aged>\d{1,3}|[a-z]+)\b,?| of (?P<of>[a-z]+|\d{1,2})(?= (?:who|with|finds|is|has|wants)\b|[,.])| \((?:aged? )?(?P<bracket>\d{1,3})\))"
)
"""`the ring bearer, who is five,`, `a girl aged nine`, `Mia (7)`."""
_FRONTED: Final = re.compile(
    r"(?:(?<=[.!?] )|^)(?:(?:high|deep|far|somewhere|late|early) )?"
    r"(?:in|on|at|inside|under|underneath|above|below|behind|near|outside|aboard|between|beneath|across|over|among|during)(?: [\w'’-]+){2,10}",
    re.IGNORECASE,
)
"""A preposition that begins a sentence, and the words after it up to the next mark."""
_GROUP_OF: Final = re.compile(r"\b(?P<group>family|crew|band|gang|team|party) of (?P<number>[a-z]+|\d+)\b(?P<next>(?: [\w'-]+)?)")
_BEGINS_SUBJECT: Final = frozenset({"a", "an", "the", "his", "her", "their", "my", "our"})
_PERSON_ENDINGS: Final = ("er", "or", "ist", "man", "woman", "girl", "boy")
_CHILD_UNTIL: Final = 13
_TEENAGER_UNTIL: Final = 19


def hyphenate_ages(text: str) -> str:
    """The text with `9-year-old child` for `9 year old`, and `34-year-old Rosa` for `Rosa, 34,`."""
    text = _AGE_IN_CLAUSE.sub(_age_before_noun, text)
    text = _AGE_AFTER_NAME.sub(r"\g<years>-year-old \g<name>", text)
    return _AGE.sub(_hyphenated_age, text)


def _age_before_noun(match: re.Match[str]) -> str:
    """`the five-year-old ring bearer` for `the ring bearer, who is five,`; unchanged if no being or no age is named."""
    article, noun, *ages = match.groups(default="")
    years = next(filter(None, ages))
    head = noun.rpartition(" ")[2]
    being = head[0].isupper() or noun_types(head.lower())[:1] in {("person",), ("animal",)} or head.endswith(_PERSON_ENDINGS)
    if not (years.isdigit() or years in people().numbers) or years == "one" or not being or not (article or head[0].isupper()):
        return match.group()
    article = {"an": "a", "An": "A"}.get(article, article)
    return " ".join([*([article] if article else []), f"{years}-year-old", noun])


def _hyphenated_age(match: re.Match[str]) -> str:
    article, written, many, after = match.groups(default="")
    first = written.split("-")[0].lower()
    if not first.isdigit() and first not in people().numbers:
        return match.group()
    years = int(first) if first.isdigit() else people().numbers[first]
    age = f"{article}{written}-year-old"
    if not many and _continues_phrase(after.strip(), single=bool(article)):
        return f"{age}{after}"
    noun = "child" if years <= _CHILD_UNTIL else "teenager" if years <= _TEENAGER_UNTIL else "person"
    plural = {"child": "children", "person": "people"}.get(noun, f"{noun}s")
    return f"{age} {plural if many else noun}{after}"


def _continues_phrase(word: str, *, single: bool) -> bool:
    """Whether a word after an age belongs to the same noun phrase: `boy`, `deaf`, `Mia`, but not `hires`."""
    if not word or word.lower() in english_stop_words():
        return False
    if word[0].isupper():
        return True
    lemma = verb_lemma(word)
    verb = open_wordnet().is_verb(lemma) and word in {third_person(lemma), f"{lemma}ed"} and word != lemma
    return not (verb and (single or not noun_types(singular(word)))) and (
        bool(noun_types(singular(word))) or open_wordnet().is_adjective(word) or "-" in word
    )


def complete_groups(text: str) -> str:
    """The text with `a family of five people` for `a family of five`."""
    return _GROUP_OF.sub(_with_people, text)


def _with_people(match: re.Match[str]) -> str:
    group, number, after = match.groups()
    following = after.strip()
    counted = number.isdigit() or number in people().numbers
    beings = following and noun_types(singular(following))[:1] in {("animal",), ("robot",), ("spirit",), ("person",)}
    if not counted or beings or open_wordnet().is_adjective(following):
        return match.group()
    return f"{group} of {number} people{after}"


def separate_fronted_phrases(text: str) -> str:
    """The text with a comma between a phrase at the beginning of a sentence and the noun phrase after it: `On Mars, a rover`."""
    return _FRONTED.sub(_with_comma, text)


def _with_comma(match: re.Match[str]) -> str:
    words = match.group().split(" ")
    for at in range(2, len(words) - 1):
        begins = words[at] in _BEGINS_SUBJECT or words[at] in people().numbers or words[at].isdigit()
        if begins and _ends_phrase(words[at - 1]):
            return f"{' '.join(words[:at])}, {' '.join(words[at:])}"
    return match.group()


def _ends_phrase(word: str) -> bool:
    """Whether a word may be the noun at the end of a phrase; not `sits` in `On the roof sits a cat`."""
    low = word.lower()
    if low in english_stop_words() or not word[-1].isalpha():
        return False
    lemma = verb_lemma(low)
    verb = open_wordnet().is_verb(lemma) and low == third_person(lemma)
    return word[0].isupper() or (not verb and bool(noun_types(singular(low))))
