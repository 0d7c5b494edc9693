"""Nouns that say what somebody is, is to be or belongs to: `works as a clown`, `wants to be a pirate`, `a family of hedgehogs`."""

from __future__ import annotations

from planners.knowledge.noun_types import BEINGS, noun_types
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import singular, verb_lemma
from planners.reading.people import people
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.syntax.tree import names_being
from planners.reading.verb_roles import SUBJECTS, mentioned_by, subject_of
from planners.reading.verb_tables import verb_tables

__all__ = ["absent_owners", "add_inhabitants", "grow_up", "join_members", "join_roles", "share_plural_titles", "share_species"]


def absent_owners(table: EntityTable, doc: Doc) -> None:
    """Let relatives of whom a text only names what they have be nobody who is seen: the dad of `their dad's boat`, the patient of `the patient's father`."""
    for draft in table.drafts:
        if draft.types[:1] != ["person"] or draft.name is not None or draft.acts or draft.speaker:
            continue
        if not any(other.is_being or other.subject for other in table.drafts if other is not draft):
            continue
        mentions = [doc[at] for at in draft.tokens]
        hosts = any(drafts and drafts[0].type in {"event", "place"} for word in mentions for drafts in [table.of(word.head)])
        known = draft.owner is not None or not any(child.dep_ == "det" for word in mentions for child in word.lefts)
        relative = not hosts and known and draft.noun.rpartition(" ")[2] in people().relatives
        of_relative = any(singular(word.head.lower_) in people().relatives for word in mentions)
        if all(word.dep_ == "poss" for word in mentions) and (relative or of_relative):
            draft.types = ["idea", *draft.types]


def share_species(table: EntityTable) -> None:
    """Let relatives of an animal be of its kind: the mother of a bear cub is a bear."""
    for draft in table.drafts:
        owner = draft.owner
        if owner is None or draft.types[:1] != ["person"] or owner.types[0] != "animal":
            continue
        if draft.noun.rpartition(" ")[2] in people().relatives:
            words = owner.noun.split()
            draft.types = ["animal", *draft.types]
            draft.words.append(words[-2] if len(words) > 1 and words[-1] in people().children else words[-1])


def grow_up(table: EntityTable, doc: Doc) -> None:
    """Let sons and daughters be grown up where a text says something that only grown-ups have or do, or their parent is old."""
    grown = any(token.lower_ in people().grown for token in doc)
    for draft in table.drafts:
        stated = any("year-old" in word or word in people().young_words or word == "little" for word in draft.words)
        if draft.noun in people().offspring and not stated and (grown or (draft.owner is not None and draft.owner.age == "old")):
            draft.age = "adult"


def add_inhabitants(doc: Doc, table: EntityTable) -> None:
    """Let the monkeys do what `a monkey village that pays in bananas` does, and the villagers what `the village` does."""
    for token in doc:
        place = next(iter(table.of(token)), None)
        if place is None or place.type != "place" or place.name is not None:
            continue
        verbs = [token.head] if token.dep_ == "nsubj" else [child for child in token.rights if child.dep_ == "relcl"]
        beings = [child for child in token.lefts if child.dep_ == "compound" and names_being(child)]
        definite = token.dep_ == "nsubj" and any(child.lower_ in {"the", "whole", "entire"} for child in token.lefts)
        settled = people().groups.get(place.noun) if definite and place.noun in people().settlements else None
        if not (beings or settled) or not any(verb_lemma(verb.text) in verb_tables().animate for verb in verbs):
            continue
        noun = beings[-1].lower_ if beings else str(settled)
        inhabitants = Draft(
            noun=noun, types=list(noun_types(noun)) or ["person"], count=None, acts=True, subject=True, sentence=place.sentence
        )
        inhabitants.place = place
        table.drafts.append(inhabitants)
        table.bind(token, inhabitants)


def share_plural_titles(doc: Doc, table: EntityTable) -> None:
    """Let all names after a plural be what it says: `brothers Aldo and Remy` are two brothers."""
    for token in doc:
        first = next(iter(table.of(token)), None)
        plural = any(child.dep_ in {"compound", "nmod"} and child.tag_ in {"NNS", "NNPS"} for child in token.lefts)
        if first is None or first.name is None or not plural or first.noun == first.name:
            continue
        for other in (draft for word in token.conjuncts for draft in table.of(word)):
            if other.name is not None and other.noun == other.name:
                other.noun, other.types, other.gender = first.noun, list(first.types), other.gender or first.gender


def join_members(doc: Doc, table: EntityTable) -> None:
    """Make one entity of `a family of hedgehogs`: several hedgehogs."""
    for token in doc:
        group = next(iter(table.of(token)), None)
        if group is None or not _names_group(group, token):
            continue
        members = [
            draft
            for child in token.rights
            if child.dep_ == "prep" and child.lower_ == "of"
            for word in child.children
            if word.dep_ == "pobj" and (word.tag_ in {"NNS", "NNPS"} or word.lower_ == "fish")
            for draft in table.of(word)
        ]
        if len(members) != 1 or members[0] is group or members[0].name is not None:
            continue
        (member,) = members
        if group.type != "group" and token.lower_ not in people().members and member.type not in BEINGS:
            continue
        member.count = people().members.get(token.lower_, member.count)
        member.extra_nouns.append(group.noun)
        group.words = []
        table.replace(group, member)


def _names_group(draft: Draft, token: Token) -> bool:
    """Whether a noun before `of` names several: a group, a pair, a swarm."""
    head = draft.noun.rpartition(" ")[2]
    return draft.type == "group" or head in people().many or head in people().members or token.lower_ in people().collections


def join_roles(doc: Doc, table: EntityTable) -> None:
    """Join what somebody works as, or is or wants to be under another verb, to whoever it is said of."""
    for token in doc:
        role = next(iter(table.of(token)), None)
        if role is None or role.name is not None or role.type not in BEINGS or len(role.tokens) > 1:
            continue
        if token.dep_ == "attr" and not any(child.dep_ in SUBJECTS for child in token.head.children):
            holders = subject_of(table, token.head)
        elif token.dep_ == "pobj" and token.head.lower_ == "as" and token.head.dep_ == "prep" and not _is_definite(token):
            holders = _said_of(table, token.head.head)
        else:
            continue
        if (
            len(holders) == 1
            and holders[0] is not role
            and holders[0].count == role.count
            and holders[0].type in BEINGS | {"thing"}
        ):
            (holder,) = holders
            holder.acts = holder.acts or holder.type not in BEINGS
            holder.extra_nouns.append(role.noun)
            role.words, role.gender, role.age, role.owner = [], None, None, None
            if token.dep_ == "pobj":
                holder.words.append(role.noun)
            table.replace(role, holder)


def _is_definite(token: Token) -> bool:
    return any(child.dep_ == "det" and child.lower_ in {"the", "this", "that"} for child in token.lefts)


def _said_of(table: EntityTable, verb: Token) -> list[Draft]:
    """Whom a phrase with `as` describes: who is hired, or who works."""
    passive = any(child.dep_ in {"nsubjpass", "auxpass"} for child in verb.children)
    if verb.dep_ == "acl" and verb.tag_ == "VBN":
        return mentioned_by(table, verb.head)
    objects = [draft for child in verb.children if child.dep_ == "dobj" for draft in table.of(child) if draft.is_being]
    if not passive and objects and verb_lemma(verb.text) in verb_tables().appoints:
        return objects
    return subject_of(table, verb)
