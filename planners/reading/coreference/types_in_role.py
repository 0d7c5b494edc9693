"""What a noun is by its role in the sentence: what is carried off is a thing, what is carved no animal, what is compared to not there."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import NounType
from planners.reading.english import verb_lemma
from planners.reading.people import people
from planners.reading.spacy_without_torch import Token
from planners.reading.verb_tables import verb_tables

__all__ = ["types_in_role"]

_WHERE: Final = frozenset({"at", "in", "inside", "into", "from"})
"""Before a group that is a place as well, these mean the place."""


def types_in_role(token: Token, name: str | None, types: list[NounType]) -> list[NounType]:
    """The types of a noun with that first which its role asks for: what is carried off is a thing, who is dead only a thought."""
    if not name and (_is_comparison(token) or _is_depicted(token)):
        return ["idea", *types]
    if not name and token.dep_ in {"dobj", "pobj", "attr"} and any(child.lower_ == "no" for child in token.lefts):
        return ["idea", *types]
    verb = verb_lemma(token.head.text) if token.dep_ == "dobj" else ""
    if not name and verb and (made := _made_by(verb, token, types)) is not None:
        return [made, *types]
    if types[:1] == ["group"] and "place" in types and token.dep_ == "pobj" and token.head.lower_ in _WHERE:
        return ["place", *types]
    if types[:1] == ["place"] and verb in verb_tables().removes:
        return ["thing", *types]
    if name and types == ["person"] and verb in verb_tables().performs:
        return ["idea"]
    if types[:1] == ["animal"] and any(
        child.dep_ in {"amod", "compound"} and child.lower_ in people().materials for child in token.lefts
    ):
        return ["thing", *types]
    if types[:1] == ["person"] and not name and _is_office(token):
        return ["idea"]
    dead = any(child.dep_ == "amod" and child.lower_ in people().dead_words for child in token.lefts)
    if types[:1] == ["person"] and dead and token.dep_ != "nsubj":
        return ["idea", "person"]
    if (
        types[:1] == ["person"]
        and token.dep_ == "pobj"
        and token.head.lower_ in {"on", "aboard", "onto", "off"}
        and "vehicle" in types
    ):
        return ["vehicle", *types]
    return types


def _is_office(token: Token) -> bool:
    """Whether a bare noun is what somebody is to become: `runs for mayor`, `elects him captain`."""
    verb = verb_lemma(token.head.text) if token.dep_ in {"dobj", "oprd"} else ""
    bare = token.tag_ == "NN" and not any(child.dep_ in {"det", "poss", "amod", "nummod"} for child in token.lefts)
    return bare and (
        verb in {"seek", "elect", "appoint", "crown", "become"} or (token.dep_ == "pobj" and token.head.lower_ == "for")
    )


def _is_comparison(token: Token) -> bool:
    """Whether somebody only does something as what a noun names would: `follows you around like a puppy`."""
    definite = any(child.dep_ == "poss" or child.lower_ in {"the", "this", "that"} for child in token.lefts)
    return token.dep_ == "pobj" and token.head.lower_ in {"like", "unlike"} and not definite


def _is_depicted(token: Token) -> bool:
    """Whether only a likeness of what a noun names is there: `a statue of a general`."""
    of = token.dep_ == "pobj" and token.head.lower_ == "of"
    return of and token.head.head.lower_ in {*people().likenesses, *people().depictions}


def _made_by(verb: str, token: Token, types: list[NounType]) -> NounType | None:
    """What a being is that somebody makes: a cat that is carved is a thing, a friend that is built a robot."""
    definite = any(child.dep_ == "poss" or child.lower_ in {"the", "this", "that"} for child in token.lefts)
    if types[:1] in (["animal"], ["spirit"], ["vehicle"]) and verb in verb_tables().depicts and not definite:
        return "thing"
    if types[:1] == ["person"] and verb in verb_tables().constructs and not definite:
        return "robot"
    return None
