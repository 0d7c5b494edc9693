"""Noun phrases: what they name, how many, of which age and gender, and how they are described."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from planners.knowledge.noun_types import BEINGS, noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.reading.english import singular
from planners.reading.people import people
from planners.reading.premise import Age, Gender
from planners.reading.spacy_without_torch import Token

__all__ = ["describing_words", "is_mention", "noun_of", "read_age", "read_count", "read_gender"]

_NOMINAL_TAGS: Final = frozenset({"NN", "NNS", "NNP", "NNPS"})


def _compounds(token: Token) -> list[Token]:
    """Words of a compound before its head, in order."""
    compounds = [
        child
        for child in token.lefts
        if child.dep_ in {"compound", "nmod"} or (child.dep_ == "amod" and child.tag_ == "NN" and child.i == token.i - 1)
    ]
    words = [word for child in compounds for word in (*_compounds(child), child)]
    return [word for word in words if not _describes(word, token) and not _is_age(word)]


def _is_age(word: Token) -> bool:
    """Whether a word tells an age: `nine-year-old`."""
    return word.lower_.endswith(("-year-old", "-years-old"))


def _describes(word: Token, noun: Token) -> bool:
    """Whether a participle before a noun describes it: `melting ice cream`, but `washing machine`."""
    return word.tag_ == "VBG" and word.dep_ != "nmod" and not open_wordnet().is_noun(f"{word.lower_} {singular(noun.lower_)}")


def noun_of(token: Token, known: Collection[str] = ()) -> tuple[str, str | None]:
    """The singular noun with its compounds, and a name if one stands in it. `known` are words of names."""
    if token.lower_ == "something":
        return token.lower_, None
    compounds = _compounds(token)
    if compounds and token.lower_ == "number":
        return singular(compounds[-1].text), None
    if compounds and token.text.lower() in people().colours:
        return singular(compounds[-1].text), None
    low = singular(token.text) if token.tag_ in {"NNS", "NNPS"} and not _is_single(token) else token.text.lower()
    names = [
        word
        for word in (*compounds, token)
        if word.text[:1].isupper() and (word.text in known or _given_name(word) or _is_name(word))
    ]
    if names and names[-1].i == token.i:
        compounds = [word for word in compounds if word.lower_ not in people().epithets]
        before = [at for at, word in enumerate(compounds) if word.text.islower()]
        starts = {word.i for word in compounds[: before[-1] if before else 0] if _common(word)}
        compounds = [word for word in compounds if not word.text[0].isdigit()]
        nouns = [
            singular(word.text) if _is_plural(word) else word.text.lower().rstrip(".")
            for word in compounds
            if word not in names
            or word.i in starts
            or (word.text[:1].isupper() and (_is_plural(word) or _is_title(word.text.lower().rstrip("."))))
        ]
        name = " ".join(
            word.text
            for word in (*compounds, token)
            if (word in names or word.text[:1].isupper()) and word.i not in starts and (word.i == token.i or not _is_plural(word))
        )
        return " ".join(nouns) or name, name
    return " ".join([*(word.text.lower() for word in compounds), low]), None


def _is_single(token: Token) -> bool:
    """Whether a word that looks like a plural names one thing: `mars`, `musical-chairs`, `thermos`."""
    sibilant = token.lower_.endswith(("os", "us", "ss", "is")) and singular(token.text) == token.lower_
    if sibilant or ("-" in token.text and noun_types(token.lower_)):
        return True
    senses = open_wordnet().senses(token.lower_, "noun")
    return bool(senses) and senses[0].instance and senses[0].field in {"location", "object"}


def _is_plural(word: Token) -> bool:
    """Whether a word is the plural of a noun for people: `brothers Aldo and Remy`."""
    noun = singular(word.text)
    return noun != word.lower_ and noun_types(noun)[:1] == ("person",)


def _is_title(noun: str) -> bool:
    types = noun_types(noun)
    return bool(types) and (types[0] in BEINGS or types[0] in {"place", "vehicle"})


def _is_name(word: Token) -> bool:
    """Whether a capitalised word is a name: the tagger says so, or no list knows the word."""
    low = word.text.lower()
    if word.tag_ in {"NNP", "NNPS"}:
        return not _common(word)
    wordnet = open_wordnet()
    return word.tag_ in _NOMINAL_TAGS and not wordnet.knows(low) and not wordnet.knows(singular(low)) and low.isalpha()


def _given_name(token: Token) -> bool:
    return token.lower_ in {*people().female_names, *people().male_names}


def _common(token: Token) -> bool:
    """Whether a capitalised word is a common noun: all of the prompt is in capitals, it begins a sentence, or the tagger errs."""
    low = token.text.lower()
    known = bool(noun_types(low)) or bool(noun_types(singular(low)))
    starts = token.is_sent_start or token.i == 0 or not token.text[:1].isupper()
    instance = all(sense.instance for sense in open_wordnet().senses(low, "noun"))
    return known and not instance and (starts or token.text.isupper())


def describing_words(token: Token) -> list[str]:
    """Adjectives and participles that stand before a noun, and short phrases after it."""
    compounds = _compounds(token)
    words = [word.lower_ for child in token.lefts if child.dep_ == "compound" for word in child.lefts if _is_age(word)]
    words += [
        child.text.lower()
        for child in token.lefts
        if (child.dep_ in {"amod", "nmod"} and child.text.lower() not in people().no_words and child not in compounds)
        or child.lower_ in people().epithets
        or _is_age(child)
    ]
    for child in token.rights:
        if child.dep_ == "prep" and child.text.lower() in {"with", "in"} and token.pos_ == "NOUN" and not _names_place(child):
            phrase = [word.text for word in child.subtree if not word.is_punct]
            if len(phrase) <= 5:
                words.append(" ".join(phrase).lower())
        if child.dep_ == "amod" and child.text.isalpha():
            words.append(child.text.lower())
    return words


def _names_place(preposition: Token) -> bool:
    """Whether a place follows a preposition: `in Lisbon` is no trait."""
    objects = [child for child in preposition.children if child.dep_ == "pobj"]
    return any(word.ent_type_ in {"GPE", "LOC", "FAC"} or "place" in noun_types(singular(word.text))[:1] for word in objects)


def read_count(token: Token, noun: str) -> int | None:
    """How many; None for many."""
    tables = people()
    for child in token.lefts:
        low = child.text.lower()
        if child.dep_ in {"nummod", "det", "amod", "predet"} and low in tables.numbers:
            return tables.numbers[low]
        if child.dep_ == "nummod" and low.isdecimal():
            return int(low)
    head = noun.rpartition(" ")[2]
    if token.tag_ in {"NNS", "NNPS"} and not _is_single(token):
        return tables.members.get(token.lower_)
    head = token.lower_ if token.lower_ in tables.companies else head
    return tables.members.get(head, None if head in tables.many or head in tables.companies else 1)


def read_age(noun: str, words: list[str]) -> Age | None:
    """The age that words and noun tell."""
    tables, head = people(), noun.rpartition(" ")[2]
    years = next((int(match[1]) for word in words if (match := re.match(r"(\d+)-years?-old", word))), None)
    spelled = next((tables.numbers.get(word.split("-")[0]) for word in words if word.endswith(("year-old", "years-old"))), None)
    years = years if years is not None else spelled
    if years is not None:
        return "child" if years < 14 else "young" if years < 25 else "old" if years >= 65 else "adult"
    if set(words) & set(tables.young_words):
        return "young"
    if set(words) & set(tables.old_words) or head in tables.old:
        return "old"
    return "child" if head in tables.children else None


def read_gender(noun: str, name: str | None, words: list[str]) -> Gender | None:
    """The gender that noun, name and words tell."""
    tables, head = people(), noun.rpartition(" ")[2]
    given = (name or "").split()[0].lower().rstrip(".") if name else ""
    head = given if given in tables.titles else head
    if head in tables.female or given in tables.female_names or "female" in words or head.endswith("woman"):
        return "female"
    man = head.endswith("man") and head not in {"human", "snowman"}
    return "male" if head in tables.male or given in tables.male_names or "male" in words or man else None


def is_mention(token: Token) -> bool:
    """Whether a token is the head of a noun phrase that may name an entity."""
    if token.dep_ in {"compound", "nmod"} and token.head.tag_ in _NOMINAL_TAGS and token.head.i > token.i:
        return False
    if (
        token.tag_ == "JJ"
        and token.dep_ in {"nsubj", "nsubjpass", "dobj", "pobj", "conj"}
        and noun_types(token.text.lower())
        and token.text.lower() not in {*people().colours, "own"}
    ):
        return token.nbor(-1).tag_ in {"DT", "JJ", "PRP$", "POS"} if token.i else True
    if token.lower_ in people().parts and any(child.lower_ == "of" for child in token.rights):
        return False
    if token.lower_ in people().no_entities or (token.lower_ == "one" and any(child.lower_ == "of" for child in token.rights)):
        return False
    if token.tag_ in _NOMINAL_TAGS:
        return not (token.dep_ == "amod" and token.head.i == token.i + 1)
    low = token.text.lower()
    if low == "own":
        return False
    return low in {"somebody", "someone", "everybody", "everyone", "something"} or (
        token.tag_ in {"VBG", "JJ", "VB", "VBP", "VBD", "VBN", "CD"}
        and token.dep_ in {"dobj", "nsubj", "pobj"}
        and any(child.dep_ in {"det", "poss"} for child in token.lefts)
    )
