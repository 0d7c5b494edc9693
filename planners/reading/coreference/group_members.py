"""Members of a group that act apart from it: `one of them`, `the others`."""

from __future__ import annotations

from typing import Final

from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.people import people
from planners.reading.spacy_without_torch import Token

__all__ = ["member_of_group"]

_ONE: Final = frozenset({"one", "another"})
_REST: Final = frozenset({"other", "others", "rest"})
_NOUN_RELATIONS: Final = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "dative"})


def member_of_group(table: EntityTable, token: Token) -> list[Draft] | None:
    """Whom `one` or `the others` means, if a group was mentioned before; None if the word means nobody in particular."""
    low = token.lower_
    if low in people().numbers and low != "one" and token.tag_ == "CD":
        return _some_of_group(table, token, people().numbers[low])
    if low not in _ONE | _REST or token.dep_ not in _NOUN_RELATIONS:
        return None
    if low == "one" and any(
        child.lower_ == "of" and any(word.tag_ == "NNS" for word in child.children) for child in token.children
    ):
        return None
    wholes = [draft for child in token.children if child.lower_ == "of" for word in child.children for draft in table.of(word)]
    earlier = [draft for draft in (wholes or reversed(table.drafts)) if draft.is_being or draft in wholes]
    if low in _REST:
        rest = next((draft for draft in earlier if draft.split_from), None)
        return [rest] if rest is not None else None
    described = [child.lower_ for child in token.children if child.dep_ == "amod"]
    if any(child.dep_ not in {"prep", "advmod", "punct", "cc", "conj", "predet", "det", "amod"} for child in token.children):
        return None
    if described and not any(child.lower_ == "the" for child in token.children):
        return None
    if low == "another" and (rest := next((draft for draft in earlier if draft.split_from), None)) is not None:
        return [rest] if rest.count == 1 else [_split(table, rest)]
    rest = next((draft for draft in earlier if draft.split_from and draft.count == 1), None)
    group = rest if described and rest else next((draft for draft in earlier if draft.count != 1), None)
    if group is None:
        return None
    member = group if group is rest else _split(table, group)
    member.words += described
    return [member]


def _some_of_group(table: EntityTable, token: Token, number: int) -> list[Draft] | None:
    """Whom `four of them` means: a group whose number was open has this number then."""
    them = any(word.tag_ == "PRP" for child in token.children if child.lower_ == "of" for word in child.children)
    group = next((draft for draft in reversed(table.drafts) if draft.is_being and draft.count != 1), None) if them else None
    if group is None:
        return None
    group.count = group.count or number
    return [group]


def _split(table: EntityTable, group: Draft) -> Draft:
    """Take one member out of a group. What was said of the group holds for both."""
    member = Draft(
        noun=group.noun,
        types=list(group.types),
        words=list(group.words),
        gender=group.gender,
        age=group.age,
        owner=group.owner,
        acts=group.acts,
        sentence=group.sentence,
        place=group.place,
        tokens=list(group.tokens),
    )
    table.share(group, member)
    group.count = group.count - 1 if group.count else None
    group.split_from = True
    return member
