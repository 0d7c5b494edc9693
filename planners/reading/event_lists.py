"""Events of a list: `throws the cheese overboard, then the map, then the trousers` is three."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import third_person
from planners.reading.event_draft import EventDraft
from planners.reading.spacy_without_torch import Token
from planners.reading.syntax.clause_rules import ADVERBS_OF_ORDER
from planners.reading.syntax.tree import NOMINAL
from planners.reading.verb_phrases import phrase_with_object
from planners.reading.verb_tables import role_of_preposition

__all__ = ["split_list"]

_OF_PAIRS: Final = frozenset({"to", "for", "into", "onto", "in", "on", "from"})
"""Prepositions after each object of a verb that is said once."""


def split_list(event: EventDraft, table: EntityTable) -> list[EventDraft]:
    """One event for each object of a list in order or with a receiver of its own, or the event itself."""
    pairs = _pairs(event.token)
    if len(pairs) > 1:
        return [_event_of_pair(event, pair, pairs, table) for pair in pairs]
    for noun in _objects(event.token):
        nouns = [noun, *(word for word in noun.conjuncts if word.i > noun.i)]
        if any(child.lower_ in ADVERBS_OF_ORDER for word in nouns[1:] for child in word.lefts):
            return [_event_of(event, word, table, nouns) for word in nouns]
    return [event]


@dataclass(frozen=True, slots=True)
class _Pair:
    """An object and what a preposition says of it: `his carrot to a rabbit`."""

    thing: Token
    preposition: Token
    other: Token


def _pairs(verb: Token) -> list[_Pair]:
    """Objects of a verb that is said once for all of them: `gives his scarf to the boy, his carrot to a rabbit and a nut to a squirrel`."""
    pairs: list[_Pair] = []
    at = verb.i + 1
    while (thing := _noun_phrase(verb, at)) is not None and thing.i + 1 < len(verb.doc):
        preposition = thing.nbor()
        same = not pairs or preposition.lower_ == pairs[0].preposition.lower_
        other = _noun_phrase(verb, preposition.i + 1) if preposition.lower_ in _OF_PAIRS and same else None
        if other is None:
            break
        pairs.append(_Pair(thing, preposition, other))
        at = other.i + 1
        while at < verb.sent.end and verb.doc[at].lower_ in {",", "and", "then"}:
            at += 1
    return pairs


def _noun_phrase(verb: Token, at: int) -> Token | None:
    """The noun of the plain phrase that begins at a word, if one does."""
    end = at
    while end < verb.sent.end and verb.doc[end].tag_ in {"DT", "PRP$", "CD", "JJ", *NOMINAL}:
        end += 1
    return verb.doc[end - 1] if end > at and verb.doc[end - 1].tag_ in NOMINAL else None


def _one_of(event: EventDraft, roles: dict[str, list[Draft]], at: int, phrase: str) -> EventDraft:
    """One of the events that a list stands for. `at`: its place in the list."""
    return EventDraft(
        verb=event.verb,
        token=event.token,
        particle=event.particle,
        roles=roles,
        modality=event.modality,
        negated=event.negated,
        parent=event.parent,
        order=event.order + 0.01 * at,
        phrase=phrase,
    )


def _event_of_pair(event: EventDraft, pair: _Pair, pairs: list[_Pair], table: EntityTable) -> EventDraft:
    """The event of one of several pairs. What belongs to somebody belongs to the owner of the first thing."""
    mentioned = [draft for other in pairs for word in (other.thing, other.other) for draft in table.of(word)]
    roles = {role: [draft for draft in drafts if draft not in mentioned] for role, drafts in event.roles.items()}
    first = next(iter(table.of(pairs[0].thing)), None)
    for draft in table.of(pair.thing):
        if first is not None and draft.owner is not None and any(child.dep_ == "poss" for child in pair.thing.lefts):
            draft.owner = first.owner
    words = [word.text for word in event.token.doc[_start(pair.thing) : pair.other.i + 1]]
    phrase = " ".join([third_person(event.verb), *words]).replace(" 's", "'s")
    item = _one_of(event, roles, pairs.index(pair), phrase)
    others = table.of(pair.other)
    given = pair.preposition.lower_ == "to" and bool(others) and others[0].is_being
    item.add("patients", table.of(pair.thing))
    item.add("recipients" if given else role_of_preposition().get(pair.preposition.lower_, "goals"), others)
    return item


def _start(noun: Token) -> int:
    """Where the plain phrase of a noun begins."""
    at = noun.i
    while at and noun.doc[at - 1].tag_ in {"DT", "PRP$", "CD", "JJ", *NOMINAL}:
        at -= 1
    return at


def _objects(verb: Token) -> Iterator[Token]:
    """Objects of a verb, and what is listed after them: `everything, including the cheese`, `everything: the cheese`."""
    for child in verb.rights:
        if child.dep_ == "dobj":
            yield child
            yield from (word for word in child.rights if word.dep_ == "appos")
        if child.lower_ == "including":
            yield from (word for word in child.rights if word.dep_ in {"pobj", "dobj"})


def _event_of(event: EventDraft, noun: Token, table: EntityTable, nouns: list[Token]) -> EventDraft:
    """The event of a list with one object. `nouns` are all of them."""
    others = [draft for word in nouns if word.i != noun.i for draft in table.of(word)]
    roles = {role: [draft for draft in drafts if draft not in others] for role, drafts in event.roles.items()}
    item = _one_of(event, roles, nouns.index(noun), phrase_with_object(event, noun))
    item.add("patients", table.of(noun))
    return item
