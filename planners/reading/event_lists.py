"""Events of a list: `throws the cheese overboard, then the map, then the trousers` is three."""

from __future__ import annotations

from collections.abc import Iterator

from planners.reading.coreference.entity_table import EntityTable
from planners.reading.event_draft import EventDraft
from planners.reading.spacy_without_torch import Token
from planners.reading.syntax.clause_rules import ADVERBS_OF_ORDER
from planners.reading.verb_phrases import phrase_with_object

__all__ = ["split_list"]


def split_list(event: EventDraft, table: EntityTable) -> list[EventDraft]:
    """One event for each object of a list in order, or the event itself."""
    for noun in _objects(event.token):
        nouns = [noun, *(word for word in noun.conjuncts if word.i > noun.i)]
        if any(child.lower_ in ADVERBS_OF_ORDER for word in nouns[1:] for child in word.lefts):
            return [_event_of(event, word, table, nouns) for word in nouns]
    return [event]


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
    item = EventDraft(
        verb=event.verb,
        token=event.token,
        particle=event.particle,
        roles=roles,
        modality=event.modality,
        negated=event.negated,
        parent=event.parent,
        order=event.order + 0.01 * nouns.index(noun),
        phrase=phrase_with_object(event, noun),
    )
    item.add("patients", table.of(noun))
    return item
