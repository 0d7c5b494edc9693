"""Questions about parsed tokens that several rules of the grammar checks ask."""

from __future__ import annotations

from typing import Final

from planners.plan_checks.grammar_words import grammar_words
from planners.reading.english import plural, singular
from planners.reading.spacy_without_torch import Token

__all__ = [
    "SINGULAR_VERB",
    "SUBJECTS",
    "has_child",
    "is_compound_part",
    "is_several",
    "is_single",
    "joined_text",
    "leading_verb",
    "neighbour",
]

SUBJECTS: Final = frozenset({"nsubj", "nsubjpass"})
SINGULAR_VERB: Final = frozenset({"is", "was", "has", "does", "'s", "’s"})


def neighbour(token: Token, by: int = 1) -> Token | None:
    """The token that follows, or precedes with -1, in the text."""
    at = token.i + by
    return token.doc[at] if 0 <= at < len(token.doc) else None


def joined_text(*tokens: Token | None) -> str:
    """Tokens as text."""
    return " ".join(token.text for token in tokens if token is not None)


def has_child(token: Token, *dependencies: str) -> bool:
    """Whether a token has a child with one of the dependencies."""
    return any(child.dep_ in dependencies for child in token.children)


def leading_verb(verb: Token) -> Token:
    """What agrees with the subject: the first auxiliary, or the verb."""
    auxiliaries = [child for child in verb.children if child.dep_ in {"aux", "auxpass"} and child.tag_ != "TO"]
    return auxiliaries[0] if auxiliaries else verb


def is_compound_part(noun: Token) -> bool:
    """Whether a noun only qualifies another one."""
    beyond = neighbour(noun)
    return noun.dep_ in {"compound", "nmod", "poss"} or (beyond is not None and beyond.tag_ in {"NN", "NNS", "POS"})


def is_several(noun: Token) -> bool:
    """Whether a noun is certainly plural."""
    words, low = grammar_words(), noun.lower_
    if (
        low in words.collective | words.singular_with_s | words.amount_nouns | words.invariant
        or singular(low) in words.amount_nouns
    ):
        return False
    return noun.tag_ == "NNS" and (low in words.plural_only or (singular(low) != low and plural(singular(low)) == low))


def is_single(noun: Token) -> bool:
    """Whether a noun with its determiner is certainly singular."""
    words, low = grammar_words(), noun.lower_
    if noun.tag_ != "NN" or low in words.collective | words.invariant | words.plural_only:
        return False
    determiners = [child for child in noun.children if child.dep_ in {"det", "poss"}]
    if not determiners or has_child(noun, "nummod", "cc", "conj", "appos"):
        return False
    return determiners[0].lower_ not in {"all", "both", "these", "those", "no", "what", "half"}
