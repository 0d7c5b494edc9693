"""Participants of a verb by role, from the dependency parse."""

from __future__ import annotations

from typing import Final

from planners.reading.english import verb_lemma
from planners.reading.entity_table import Draft, EntityTable
from planners.reading.event_draft import EventDraft
from planners.reading.spacy_without_torch import Token
from planners.reading.verb_tables import role_of_preposition, verb_tables

__all__ = ["INVERTED", "SUBJECTS", "fill_roles", "governing_verb", "mentioned_by", "subject_of"]

SUBJECTS: Final = frozenset({"nsubj", "nsubjpass"})


INVERTED: Final = frozenset(["sit", "stand", "lie", "hang", "live", "come", "appear", "lurk", "wait", "sleep", "rise"])
"""Verbs whose subject may follow them: `inside the clock sits a sun`."""

_WHOSE: Final = frozenset({"who", "that", "which", "whom", "whose"})


def mentioned_by(table: EntityTable, token: Token) -> list[Draft]:
    """Entities that a noun phrase names, with those joined to it by `and`."""
    drafts = list(table.of(token))
    for other in token.conjuncts:
        if other.i > token.i and other.tag_ not in {"VB", "VBZ", "VBP", "VBD", "VBG"}:
            drafts += [draft for draft in table.of(other) if draft not in drafts]
    if not drafts and token.lower_ in {"one", "some", "most", "two", "three", "all", "each", "none", "both"}:
        for child in token.children:
            if child.dep_ == "prep" and child.lower_ == "of":
                drafts += [draft for word in child.children for draft in table.of(word)]
    if token.lower_ in {
        "kilo",
        "piece",
        "bowl",
        "pot",
        "cup",
        "glass",
        "bag",
        "box",
        "lot",
        "number",
        "pair",
        "group",
        "slice",
        "bottle",
        "plate",
    }:
        drafts += [
            draft
            for child in token.children
            if child.dep_ == "prep" and child.lower_ == "of"
            for word in child.children
            for draft in table.of(word)
        ]
    return drafts


def _antecedent(token: Token) -> Token | None:
    """The noun that a relative or participle clause describes."""
    return token.head if token.dep_ in {"relcl", "acl"} else None


def subject_of(table: EntityTable, verb: Token, depth: int = 0) -> list[Draft]:
    """Who does what a verb says, over relative clauses, coordinations and complements."""
    if depth > 6:
        return []
    for child in verb.children:
        if child.dep_ in SUBJECTS:
            return _meant(table, child, verb)
    for child in verb.children:
        if child.dep_ == "agent":
            return [draft for word in child.children for draft in mentioned_by(table, word)]
    if verb.dep_ == "conj" and verb.head.pos_ in {"VERB", "AUX"}:
        return subject_of(table, verb.head, depth + 1)
    if (
        verb.dep_ == "acl"
        and verb.tag_ == "VB"
        and verb_lemma(governing_verb(verb).text) in verb_tables().requests
        and verb.head.dep_ == "dobj"
    ):
        return mentioned_by(table, verb.head)
    if verb.dep_ == "acl" and verb.tag_ != "VBN":
        described = mentioned_by(table, verb.head) if verb.tag_ == "VBG" else []
        return (
            described
            if described and described[0].type not in {"time", "event", "idea"}
            else subject_of(table, governing_verb(verb), depth + 1)
        )
    if verb.dep_ == "relcl" and not any(child.tag_ in {"WP", "WDT"} for child in verb.children):
        return subject_of(table, governing_verb(verb), depth + 1)
    if verb.dep_ in {"xcomp", "ccomp"}:
        governor = verb.head
        if verb_lemma(governor.text) in verb_tables().requests:
            objects = [
                draft
                for child in governor.children
                if child.dep_ in {"dobj", "dative"} or (child.dep_ == "nsubjpass")
                for draft in mentioned_by(table, child)
            ]
            if objects:
                return objects
        return subject_of(table, governor, depth + 1)
    if verb.dep_ in {"advcl", "pcomp", "prep"}:
        return subject_of(table, governing_verb(verb), depth + 1)
    return []


def _meant(table: EntityTable, child: Token, verb: Token) -> list[Draft]:
    """Entities that a word means; for `who` and `that` in a relative clause, those that the clause describes."""
    noun = _relative_noun(verb) if child.lower_ in _WHOSE else None
    return mentioned_by(table, child if noun is None else noun)


def _relative_noun(verb: Token) -> Token | None:
    """The noun that `who` or `that` in a clause stands for."""
    while verb.dep_ == "conj":
        verb = verb.head
    return _antecedent(verb)


def governing_verb(token: Token) -> Token:
    """The nearest verb above a token."""
    above = token.head
    while above.head.i != above.i and above.pos_ not in {"VERB", "AUX"}:
        above = above.head
    return above


def fill_roles(event: EventDraft, table: EntityTable) -> None:
    """Fill the roles from the children of the verb."""
    token, passive = event.token, any(child.dep_ in {"nsubjpass", "auxpass"} for child in event.token.children)
    participle = token.dep_ == "acl" and token.tag_ == "VBN"
    if passive or participle:
        subjects = [child for child in token.children if child.dep_ == "nsubjpass"]
        undergoing = [draft for child in subjects for draft in _meant(table, child, token)]
        if not subjects and participle:
            undergoing = mentioned_by(table, token.head)
        elif not subjects:
            undergoing = subject_of(table, token)
        event.add("patients", undergoing)
        event.add(
            "agents",
            [
                draft
                for child in token.children
                if child.dep_ == "agent"
                for word in child.children
                for draft in mentioned_by(table, word)
            ],
        )
    else:
        event.add("agents", subject_of(table, token))
    for child in token.children:
        if child.dep_ in {"dobj", "obj"} or (child.dep_ == "attr" and event.verb != "be"):
            event.add("patients", _meant(table, child, token))
        elif child.dep_ == "dative":
            event.add(
                "recipients",
                mentioned_by(table, child) or [draft for word in child.children for draft in mentioned_by(table, word)],
            )
        elif child.dep_ == "prep":
            _add_preposition(event, table, child)
    if event.verb in INVERTED and not any(child.dep_ in SUBJECTS for child in token.children) and token.dep_ == "ROOT":
        event.roles["agents"] = event.roles.pop("patients", event.roles.get("agents", []))
    if token.dep_ == "relcl" and not any(child.dep_ in {"dobj", "attr", "acomp"} for child in token.children):
        relative = [child for child in token.children if child.tag_ in {"WP", "WDT"}]
        if (not relative or relative[0].dep_ in {"dobj", "pobj"}) and any(child.dep_ in SUBJECTS for child in token.children):
            event.add("patients", mentioned_by(table, token.head))


def _add_preposition(event: EventDraft, table: EntityTable, preposition: Token) -> None:
    """Add the objects of a preposition to the role that their type suggests."""
    role = role_of_preposition().get(preposition.lower_)
    for word in preposition.children:
        if word.dep_ == "prep":
            _add_preposition(event, table, word)
            continue
        drafts = mentioned_by(table, word) if word.dep_ == "pobj" else []
        if not drafts or role is None:
            continue
        first = drafts[0]
        if role == "companions" and not first.is_being:
            event.add("instruments", drafts)
        elif (role == "goals" and first.is_being and preposition.lower_ == "to") or (
            role == "topics" and preposition.lower_ == "for" and first.is_being
        ):
            event.add("recipients", drafts)
        else:
            event.add(role, drafts)
