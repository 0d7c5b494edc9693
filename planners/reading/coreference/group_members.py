"""Members of a group that act apart from it: `one of them`, `the others`."""

from __future__ import annotations

from typing import Final

from planners.knowledge.noun_types import PORTABLE, noun_types
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import singular
from planners.reading.mentions import read_age
from planners.reading.people import people
from planners.reading.spacy_without_torch import Token

__all__ = ["kind_of_members", "member_of_group", "members_in_all"]

_ONE: Final = frozenset({"one", "another"})
_REST: Final = frozenset({"other", "others", "rest"})
_NOUN_RELATIONS: Final = frozenset({"nsubj", "nsubjpass", "dobj", "pobj", "dative"})


def kind_of_members(token: Token) -> Token | None:
    """The word before a noun for several that says of which beings: `otter` of `cute otter family`; None if there is none."""
    before = token.nbor(-1) if token.i else token
    if singular(token.text) not in people().companies or before.head.i != token.i or before.text[:1].isupper():
        return None
    return before if noun_types(before.lower_)[:1] in {("animal",), ("robot",), ("spirit",), ("person",)} else None


def members_in_all(token: Token, count: int | None) -> int | None:
    """How many beings `two penguin couples` are. `count`: how many groups."""
    if token.tag_ != "NNS" or kind_of_members(token) is None:
        return count
    of_each = people().members.get(singular(token.text))
    return count * of_each if count is not None and of_each is not None else None


def member_of_group(table: EntityTable, token: Token) -> list[Draft] | None:
    """Whom `one` or `the others` means, if a group was mentioned before; None if the word means nobody in particular."""
    low = token.lower_
    if token.tag_ == "JJS" and token.dep_ in _NOUN_RELATIONS:
        return _distinguished(table, token)
    if low in people().numbers and low != "one" and token.tag_ == "CD":
        return _some_of_group(table, token, people().numbers[low])
    if low not in _ONE | _REST or token.dep_ not in _NOUN_RELATIONS:
        return None
    if any(child.lower_ in {"every", "each"} for child in token.lefts):
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
    if not wholes and token.dep_ in {"dobj", "pobj"} and _is_one_of_things(table, token):
        return None
    described = [child.lower_ for child in token.children if child.dep_ == "amod"]
    if any(child.dep_ not in {"prep", "advmod", "punct", "cc", "conj", "predet", "det", "amod"} for child in token.children):
        return None
    if described and not any(child.lower_ == "the" for child in token.children):
        return None
    if low == "another" and (rest := next((draft for draft in earlier if draft.split_from), None)) is not None:
        return [rest] if rest.count == 1 else [_split(table, rest)]
    if low == "one" and not wholes and (things := _last_things(table, token)):
        return things
    rest = next((draft for draft in earlier if draft.split_from and draft.count == 1), None)
    group = rest if described and rest else next((draft for draft in earlier if draft.count != 1), None)
    if group is None:
        return None
    member = group if group is rest else _split(table, group)
    member.words += described
    return [member]


def _is_one_of_things(table: EntityTable, token: Token) -> bool:
    """Whether several things were named after all groups of beings: `Pirates find a chest full of books. The captain reads one.`"""
    several = [draft for draft in table.drafts if draft.count != 1 and draft.type not in {"time", "quantity"}]
    last = max(several, key=lambda draft: max(at for at in draft.tokens if at < token.i), default=None)
    return last is not None and not last.is_being


def _distinguished(table: EntityTable, token: Token) -> list[Draft] | None:
    """The member of a group that a superlative alone names: `the youngest`."""
    definite = any(child.lower_ == "the" for child in token.lefts)
    beings = [draft for draft in reversed(table.drafts) if draft.is_being and draft.noun not in people().indefinites]
    groups = [draft for draft in beings if draft.count != 1 or draft.split_from]
    if not definite or not groups:
        return None
    alike = [draft for draft in table.drafts if draft.noun == groups[0].noun]
    if (known := next((draft for draft in alike if token.lower_ in draft.words), None)) is not None:
        return [known]
    member = _split(table, groups[0])
    member.words.append(token.lower_)
    member.age = member.age or read_age(member.noun, [token.lower_])
    return [member]


def _last_things(table: EntityTable, token: Token) -> list[Draft]:
    """Which things `one` or `eight of them` means where it is an object: those mentioned after all groups of beings.

    One that somebody cannot choose or does not find stands for all: `can't choose an instrument so she plays eight of them`.
    """
    if token.dep_ not in {"dobj", "pobj"}:
        return []
    groups = [draft for draft in table.drafts if _precedes(draft, token) and (draft.count != 1 or _is_any(draft, token))]
    latest = max(groups, key=lambda draft: max(at for at in draft.tokens if at < token.i), default=None)
    return [latest] if latest is not None and not latest.is_being and latest.type in PORTABLE else []


def _precedes(draft: Draft, token: Token) -> bool:
    return min(draft.tokens) < token.i


def _is_any(draft: Draft, token: Token) -> bool:
    """Whether a thing stands for any of its kind: the object of what is not done, with `a`."""
    word = token.doc[min(draft.tokens)]
    indefinite = any(child.lower_ in {"a", "an", "any"} for child in word.lefts)
    return indefinite and word.dep_ == "dobj" and any(child.dep_ == "neg" for child in word.head.children)


def _some_of_group(table: EntityTable, token: Token, number: int) -> list[Draft] | None:
    """Whom `four of them` means: a group whose number was open has this number then."""
    things = _last_things(table, token)
    if things:
        return things
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
