"""Indefinite words for people: `everybody` in a village is its villagers, `in front of everybody` nobody in particular."""

from __future__ import annotations

from planners.knowledge.place_facts import place_facts
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.people import people
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.verb_roles import SUBJECTS

__all__ = ["read_indefinites"]


def read_indefinites(doc: Doc, table: EntityTable) -> None:
    """Let indefinite words that do something be people of the place, and all others nobody who is seen."""
    for draft in table.drafts:
        if draft.noun.lower() not in people().indefinites:
            continue
        draft.noun, draft.name = draft.noun.lower(), None
        subjects = [doc[at] for at in draft.tokens if doc[at].lower_ in people().indefinites and _acts(doc[at])]
        if not subjects and draft.noun not in people().somebody:
            draft.types, draft.acts = ["idea"], False
            continue
        several = draft.noun not in people().somebody
        places = [place for token in subjects if several for place in _places_of(table, token)]
        draft.extra_nouns.append(draft.noun)
        draft.noun = next((noun for place in places if (noun := _inhabitant(place)) is not None), "person")
        draft.count, draft.types = None if several else 1, ["person"]


def _acts(token: Token) -> bool:
    """Whether somebody does what a verb says: as its subject, or after `by`."""
    return token.dep_ in SUBJECTS or (token.dep_ == "pobj" and token.head.dep_ == "agent")


def _places_of(table: EntityTable, token: Token) -> list[Draft]:
    """Places around an indefinite word: `everyone in the street`, `a village where everybody lies`, `At school everyone whispers`."""
    verb = token.head
    nouns = [verb.head] if verb.dep_ == "relcl" else []
    nouns += [word for word in (token, verb) for child in word.children if child.dep_ == "prep" for word in child.children]
    return [draft for noun in nouns for draft in table.of(noun) if draft.type in {"place", "event", "vehicle", "group"}]


def _inhabitant(place: Draft) -> str | None:
    """The noun of those who are in a place or at an event."""
    head = place.noun.rpartition(" ")[2]
    listed = people().groups.get(place.noun) or people().groups.get(head)
    facts = place_facts(place.noun)
    return listed or (facts.people[0] if facts is not None else None)
