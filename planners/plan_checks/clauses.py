"""Verbs of a text with what they are done to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from planners.plan_checks.plan_texts import TextKind
from planners.reading.english import language, singular, verb_lemma
from planners.reading.spacy_without_torch import Doc, Token

__all__ = ["Clause", "read_clauses"]

_MAIN: Final = frozenset({"ROOT", "conj"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Clause:
    """A verb and what it is done to. Nouns are singular, in lower case, with their compounds: `church bell`."""

    verb: str
    particle: str
    main: bool
    """Whether it happens as the text says: False inside `tries to …`, `that …`, `because …`, a negation or a question."""
    objects: tuple[str, ...]
    others: tuple[tuple[str, str], ...]
    """Prepositions and their nouns. An indirect object has the preposition `to`."""


def read_clauses(texts: Iterable[tuple[TextKind, str]]) -> dict[tuple[TextKind, str], tuple[Clause, ...]]:
    """Clauses of lines and of actions, which are verb phrases without a subject."""
    pairs = list(dict.fromkeys(texts))
    whole = [text if kind == "line" else f"She {text}" for kind, text in pairs]
    docs = language().pipe(whole, batch_size=64, disable=["ner"])
    return {pair: tuple(_clauses(doc)) for pair, doc in zip(pairs, docs, strict=True)}


def _clauses(doc: Doc) -> Iterator[Clause]:
    """All verbs of a text in order."""
    question = doc.text.rstrip().endswith("?")
    for token in doc:
        if token.pos_ != "VERB":
            continue
        objects = [noun for child in token.children if child.dep_ == "dobj" for noun in _nouns(child)]
        others = [("to", noun) for child in token.children if child.dep_ == "dative" for noun in _nouns(_object_of(child))]
        others += [
            (preposition.lower_, noun)
            for preposition in token.children
            if preposition.dep_ == "prep"
            for child in preposition.children
            if child.dep_ == "pobj"
            for noun in _nouns(child)
        ]
        negated = any(child.dep_ == "neg" or child.lower_ in {"nobody", "nothing", "never"} for child in token.children)
        happens = token.dep_ in _MAIN and not any(child.tag_ == "MD" for child in token.children)
        yield Clause(
            verb=verb_lemma(token.lower_),
            particle=next((child.lower_ for child in token.children if child.dep_ == "prt"), ""),
            main=happens and not negated and not question,
            objects=tuple(objects),
            others=tuple(others),
        )


def _object_of(token: Token) -> Token:
    """The noun of `to her mother`; any other token as it is."""
    return next((child for child in token.children if child.dep_ == "pobj"), token)


def _nouns(token: Token) -> Iterator[str]:
    """A noun with its compounds, and those that are joined to it. Pronouns are left out."""
    if token.pos_ in {"NOUN", "PROPN"}:
        before = [child.lower_ for child in token.children if child.dep_ == "compound" and child.i < token.i]
        yield " ".join([*before, singular(token.lower_) if token.pos_ == "NOUN" else token.lower_])
    for child in token.children:
        if child.dep_ == "conj":
            yield from _nouns(child)
