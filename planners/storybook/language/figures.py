"""Characters that a prompt speaks of, read from its dependency parse."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from memory.model.canon import CharacterKind
from planners.storybook.language.inflect import words
from planners.storybook.language.lexicon import CREWS, FEMALE, FORMS, GROUPS, KINDS, MALE, NUMBERS, YOUNG
from planners.storybook.script.places import is_place

if TYPE_CHECKING:
    from spacy.tokens import Doc, Token

__all__ = [
    "NO_NAME_ENTITIES",
    "Figure",
    "compound_noun",
    "guess_genders",
    "noun_lemma",
    "read_bare_names",
    "read_figures",
    "read_only_word",
]

NO_NAME_ENTITIES: Final = frozenset(
    {"DATE", "TIME", "CARDINAL", "ORDINAL", "GPE", "LOC", "MONEY", "PERCENT", "QUANTITY", "LANGUAGE"}
)
"""spaCy entity types that are not names of characters."""
_RELATING: Final = frozenset(
    words(
        "befriend love meet fight save marry race fear hate help find follow hide rescue chase teach visit raise adopt protect kill want "
        "hunt confront defend betray invite trick steal miss seek hear see haunt free serve join convince kiss thank tame ride"
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Somebody the prompt speaks of."""

    noun: str
    """What they are, with compounds: `lighthouse keeper`. Empty where only a name is known."""
    kind: CharacterKind
    name: str | None = None
    words: tuple[str, ...] = ()
    """What the prompt says of their look and manner: `shy`, `in red`."""
    gender: str | None = None
    young: bool = False
    subject: bool = False
    unseen: bool = False
    """`somebody`, `something`: who it is comes out at the end."""
    at: int = 0
    """Where in the prompt, to keep the order of appearance."""


def gender_of(head: str, words: tuple[str, ...]) -> str | None:
    if head in FEMALE or "female" in words:
        return "female"
    return "male" if head in MALE or "male" in words else None


def compound_noun(token: Token) -> str:
    """`lighthouse keeper`, with the noun in the singular."""
    before = [child for child in token.lefts if child.dep_ == "compound" and child.pos_ != "PROPN" and child.is_alpha]
    return " ".join([child.text.lower() for child in before] + [noun_lemma(token)])


def noun_lemma(token: Token) -> str:
    low = token.lemma_.lower()
    return low if low.isalpha() else token.text.lower()


def describing_words(token: Token) -> tuple[str, ...]:
    """The adjectives before a noun and the short phrase behind it that says how somebody looks."""
    # Never "two" or "last": numbers say how many, and superlatives belong to one sentence only.
    words = [
        child.text.lower()
        for child in token.lefts
        if child.dep_ == "amod" and child.is_alpha and child.text.lower() not in NUMBERS
    ]
    for child in token.rights:
        if child.dep_ == "prep" and child.text.lower() in {"in", "with"}:
            phrase = " ".join(word.text for word in child.subtree if not word.is_punct)
            if len(phrase.split()) <= 4 and not any(is_place(noun_lemma(word)) or word.ent_type_ for word in child.subtree):
                words.append(phrase.lower())
    return tuple(words)


def is_name(token: Token) -> bool:
    if token.pos_ != "PROPN" or not token.text[:1].isupper() or not token.text.isalpha():
        return False
    if token.ent_type_ in NO_NAME_ENTITIES or is_place(token.text.lower()):
        return False
    return token.text.lower() not in KINDS or token.dep_ in {"appos", "oprd"}


def read_given_name(token: Token) -> str | None:
    """The given name that stands beside a noun: `his dog Max`, `a leaf called Fern`, `Captain Lee`."""
    for child in token.children:
        if child.dep_ == "appos" and is_name(child):
            return child.text
        if child.dep_ == "acl" and child.lemma_ in {"name", "call"}:
            named = [word.text for word in child.subtree if is_name(word) or (word.i > child.i and word.text[:1].isupper())]
            if named:
                return named[0]
    return None


def character_kind(noun: str, head: str) -> CharacterKind | None:
    return KINDS.get(noun) or KINDS.get(head)


def is_agent(token: Token) -> bool:
    """Whether the noun does something in the sentence, or is all there is."""
    if token.dep_ in {"nsubj", "nsubjpass", "agent"} and token.head.pos_ in {"VERB", "AUX"}:
        return token.head.dep_ not in {"ccomp", "pcomp"}
    if token.dep_ == "conj":
        return is_agent(token.head)
    return token.dep_ == "ROOT"


def is_met(token: Token) -> bool:
    """Whether a verb that needs somebody takes the noun as its object."""
    if token.dep_ == "conj":
        return is_met(token.head)
    if token.dep_ in {"dobj", "dative"}:
        return token.head.lemma_ in _RELATING
    return token.dep_ == "pobj" and token.head.lemma_ in {"with", "against"} and token.head.head.pos_ == "VERB"


def read_figure(token: Token) -> Figure | None:
    """The figure a noun stands for, if it can be somebody here."""
    noun, head = compound_noun(token), noun_lemma(token)
    if head in FORMS or head in GROUPS:
        return None
    words = describing_words(token)
    acts = is_agent(token)
    kind = character_kind(noun, head)
    if kind is None:
        person = (
            acts
            and token.pos_ == "NOUN"
            and re.search(r"(?:[^aeiou]er|or|ist|ian|eer|man|woman|ess)$", head)
            and token.dep_ != "ROOT"
        )
        kind = "human" if person and not is_place(head) else None
    if kind is None:
        return None
    if kind in {"spirit", "thing"} and not acts and not is_met(token) and not read_given_name(token):
        return None
    if is_place(head) and not acts:
        return None
    return Figure(
        noun=noun,
        kind=kind,
        name=read_given_name(token),
        words=words,
        gender=gender_of(head, words),
        young=head in YOUNG or bool({"young", "little", "small", "baby"} & set(words)),
        subject=acts,
        at=token.i,
    )


def read_named_figure(token: Token) -> Figure | None:
    """A figure of whom the prompt gives the name, with what it says they are."""
    apposed = next((child for child in token.children if child.dep_ == "appos" and child.pos_ == "NOUN"), None)
    title = next((child for child in token.lefts if child.dep_ == "compound" and child.text.lower() in KINDS), None)
    noun, words = "", describing_words(token)
    kind: CharacterKind = "human"
    if apposed is not None:
        noun, words = compound_noun(apposed), describing_words(apposed)
        kind = character_kind(noun, noun_lemma(apposed)) or "human"
    elif title is not None:
        noun = title.text.lower()
        kind = KINDS[noun]
    head = noun.rsplit(" ", 1)[-1]
    return Figure(
        noun=noun,
        kind=kind,
        name=token.text,
        words=words,
        gender=gender_of(head, words),
        young=head in YOUNG,
        subject=is_agent(token),
        at=token.i,
    )


def read_group(token: Token) -> list[Figure]:
    """The members of `two rival bakers`, `the staff of a hotel`, `three astronauts`."""
    head = noun_lemma(token)
    count = next((NUMBERS[child.text.lower()] for child in token.lefts if child.text.lower() in NUMBERS), 0)
    many = token.tag_ == "NNS" and (is_agent(token) or is_met(token))
    if head in GROUPS:
        works_at = [
            noun_lemma(noun) for child in token.rights if child.dep_ == "prep" for noun in child.children if noun.dep_ == "pobj"
        ]
        works_at += [child.text.lower() for child in token.lefts if child.dep_ == "compound"]
        roles = next((CREWS[where] for where in works_at if where in CREWS), GROUPS[head])
        return [
            Figure(
                noun=role,
                kind=KINDS.get(role, "human"),
                subject=is_agent(token),
                at=token.i,
                gender=gender_of(role.rsplit(" ", 1)[-1], ()),
                young=role in YOUNG,
            )
            for role in roles
        ]
    figure = read_figure(token)
    if figure is None or (count < 2 and not many):
        return []
    return [replace(figure, name=None)] * (count or 2)


def read_unseen(doc: Doc) -> list[Figure]:
    return [
        Figure(noun="stranger", kind="human", unseen=True, at=token.i)
        for token in doc
        if token.text.lower() in {"somebody", "someone", "something"} and token.dep_ in {"dobj", "nsubj"}
    ][:1]


def merge_roles(doc: Doc, figures: list[Figure]) -> list[Figure]:
    """`the only witness is a parrot`: one figure, not two."""
    merged = list(figures)
    for token in doc:
        if token.dep_ != "attr" or token.head.lemma_ != "be":
            continue
        subject = next((child for child in token.head.children if child.dep_ == "nsubj"), None)
        if subject is None:
            continue
        role = next((figure for figure in merged if figure.at == subject.i), None)
        being = next((figure for figure in merged if figure.at == token.i), None)
        if being is None:
            being = next((figure for figure in [read_figure(token) or read_loose_figure(token)] if figure), None)
        if role is not None and being is not None and role is not being:
            merged = [figure for figure in merged if figure is not role and figure.at != being.at]
            merged.append(
                replace(being, subject=True, name=being.name or role.name, words=(*being.words, f"the {role.noun}"), at=role.at)
            )
    return merged


def read_loose_figure(token: Token) -> Figure | None:
    kind = character_kind(compound_noun(token), noun_lemma(token))
    return Figure(noun=compound_noun(token), kind=kind, words=describing_words(token), at=token.i) if kind else None


def read_figures(doc: Doc) -> list[Figure]:
    figures: list[Figure] = []
    taken: set[int] = set()
    for token in doc:
        if token.i in taken or token.dep_ == "compound" or (token.dep_ == "poss" and token.pos_ == "PRON"):
            continue
        if token.pos_ == "PROPN" and is_name(token):
            if token.dep_ in {"appos", "oprd"} and is_figure(token.head):
                continue
            named = read_named_figure(token)
            if named is not None:
                figures.append(named)
                taken.update(child.i for child in token.children if child.dep_ == "appos")
        elif token.pos_ in {"NOUN", "PROPN"}:
            several = read_group(token)
            figure = read_figure(token)
            figures += several or ([figure] if figure else [])
    figures += read_unseen(doc)
    return without_repeats(merge_roles(doc, figures))


def is_figure(token: Token) -> bool:
    return token.pos_ == "NOUN" and read_figure(token) is not None


def without_repeats(figures: list[Figure]) -> list[Figure]:
    """A second mention of the same one is nobody new; a group's members stay apart."""
    kept: list[Figure] = []
    for figure in figures:
        again = [
            earlier
            for earlier in kept
            if earlier.at != figure.at
            and (
                (figure.name and earlier.name and earlier.name.lower() == figure.name.lower())
                or (not figure.name and earlier.noun == figure.noun)
            )
        ]
        if not again:
            kept.append(figure)
    return kept


def guess_genders(doc: Doc, figures: list[Figure]) -> list[Figure]:
    """`a detective … his own name`: the first who could be meant is he, unless another man is there."""
    known = {figure.gender for figure in figures}
    for pronouns, gender in ((("his", "he", "him", "himself"), "male"), (("her", "she", "herself", "hers"), "female")):
        if gender in known or not any(token.text.lower() in pronouns for token in doc):
            continue
        for at, figure in enumerate(figures):
            if figure.gender is None and figure.kind in {"human", "animal", "robot"}:
                figures[at] = replace(figure, gender=gender)
                break
    return figures


def read_bare_names(doc: Doc) -> list[Figure]:
    """Words in a language or an order that cannot be parsed: the capitalised ones are names."""
    words = [token.text for token in doc if token.is_alpha and len(token.text) > 1]
    if len(words) < 3 or any(
        token.is_stop or token.pos_ in {"VERB", "AUX", "PUNCT"} or character_kind(noun_lemma(token), noun_lemma(token))
        for token in doc
        if token.i < len(doc) - 2
    ):
        return []
    return [
        Figure(noun="", kind="human", name=word[:24], subject=True, at=at)
        for at, word in enumerate(words)
        if word[:1].isupper() and at > 0
    ][:3]


def read_only_word(doc: Doc) -> list[Figure]:
    """A prompt of a word or two that names nobody is about that word: `7`, `Quux`, `nostalgia`."""
    words = [
        token for token in doc if not token.is_punct and not token.is_space and any(letter.isalnum() for letter in token.text)
    ]
    if not words or len(words) > 2 or words[-1].pos_ in {"VERB", "ADP"} or is_place(words[-1].text.lower()):
        return []
    text = re.sub(r"[^\w .-]+", " ", " ".join(token.text for token in words))[:24].strip()
    if not text or not any(letter.isalnum() for letter in text):
        return []
    if text[0].isdigit():
        return [Figure(noun="number", kind="thing", name=text, subject=True)]
    if text.isascii() and words[-1].pos_ in {"NOUN", "ADJ", "ADV"} and text.isalpha():
        return [Figure(noun=text.lower(), kind="spirit", subject=True)]
    return [Figure(noun="stranger", kind="human", name=text, subject=True)]
