"""The words of an event as an action text."""

from __future__ import annotations

import re
from typing import Final

from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import plural, third_person, verb_form
from planners.reading.event_draft import EventDraft
from planners.reading.spacy_without_torch import Token
from planners.reading.syntax.clause_rules import ADVERBS_OF_ORDER
from planners.reading.verb_roles import INVERTED, SUBJECTS
from planners.reading.verb_tables import verb_tables

__all__ = ["action_text", "names_of", "phrase_with_object", "spell_out_it", "undergone_text", "words_of"]

_ACTION_RELATIONS: Final = frozenset({"prt", "dobj", "dative", "prep", "acomp", "attr", "npadvmod", "oprd", "obj"})


def _plain_words(token: Token) -> list[str]:
    """Words of a subtree without subordinate clauses."""
    words: list[str] = []

    def visit(word: Token) -> None:
        for child in word.lefts:
            visit_child(child)
        if not word.is_punct or word.text in "'-":
            words.append(word.text)
        for child in word.rights:
            visit_child(child)

    def visit_child(child: Token) -> None:
        if child.dep_ in {"relcl", "advcl", "ccomp", "acl", "appos", "punct", "xcomp"} and child.head.lower_ != "worth":
            return
        if (child.dep_ == "conj" and child.pos_ in {"VERB", "AUX"}) or (
            child.dep_ == "cc" and not any(other.pos_ not in {"VERB", "AUX"} for other in word_conjuncts(child))
        ):
            return
        if child.dep_ == "conj" and any(word.lower_ in ADVERBS_OF_ORDER for word in child.lefts):
            return
        visit(child)

    def word_conjuncts(child: Token) -> list[Token]:
        return [other for other in child.head.children if other.dep_ == "conj"]

    visit(token)
    return words


def action_text(event: EventDraft, idioms: dict[int, str]) -> str:
    """The verb phrase without subject, in the third person present."""
    token = event.token
    patients = event.roles.get("patients", [])
    given = [draft for draft in event.roles.get("recipients", []) if _is_passive(token) and words_of(token, {"dobj"})]
    if given:
        words = [third_person(event.verb), names_of(given), *words_of(token, {"prt", "prep", "dobj"})]
    elif patients and _is_passive(token):
        stranded = [
            child for child in token.rights if child.dep_ == "prep" and child.i == token.i + 1 and not list(child.children)
        ]
        words = [
            third_person(event.verb),
            *(child.text for child in stranded),
            names_of(patients),
            *words_of(token, {"prt", "prep", "oprd", "dobj"})[len(stranded) :],
            *_clause_words(event),
        ]
    elif event.verb in INVERTED and token.dep_ == "ROOT" and not any(child.dep_ in SUBJECTS for child in token.children):
        words = [third_person(event.verb), *(word.lower() for word in words_of(token, {"prep"}))]
    else:
        words = [*_active_words(event, idioms.get(token.idx)), *_clause_words(event)]
        if token.dep_ == "relcl" and patients and not _has_object(token):
            words[1:1] = [names_of(patients)]
    return " ".join(words).replace(" 's", "'s").replace(" n't", "n't").replace(" ,", ",")


def spell_out_it(event: EventDraft, table: EntityTable) -> str:
    """The phrase of an event in which `it` after a preposition is named if it can only mean one thing, and left out if it means nothing."""
    phrase = event.phrase
    for word in event.token.subtree:
        if word.lower_ != "it" or word.dep_ != "pobj":
            continue
        before = [draft for draft in table.drafts if min(draft.tokens) < word.i and not draft.is_being and draft.type != "time"]
        before = [draft for draft in before if draft not in event.roles.get("patients", ())]
        pattern = re.compile(rf" {re.escape(word.head.lower_)} it\b")
        if not table.of(word) and not before:
            phrase = pattern.sub("", phrase, count=1)
        elif len(before) == 1 and table.of(word) == before:
            phrase = pattern.sub(f" {word.head.lower_} {names_of(before)}", phrase, count=1)
    return phrase


def undergone_text(event: EventDraft) -> str | None:
    """What the beings undergo to whom something is done by nobody in particular: `gets promoted`; None if somebody does it."""
    patients = event.roles.get("patients", [])
    if event.roles.get("agents") or not patients or not _is_passive(event.token) or not all(draft.is_being for draft in patients):
        return None
    if event.modality != "done" or event.negated or not event.explicit or _clause_words(event):
        return None
    return " ".join(["gets", verb_form(event.verb, "VBN"), *words_of(event.token, {"prt", "prep", "oprd", "dobj"})])


def phrase_with_object(event: EventDraft, noun: Token) -> str:
    """The action text of an event with one of the objects of a list: `throws the map overboard`."""
    adverbs = [child.text for child in event.token.rights if child.dep_ in {"advmod", "prt"} and not list(child.children)]
    item = [word for word in _plain_words(noun) if word.lower() not in {*verb_tables().adverbs_left_out, "first", "next"}]
    return " ".join([third_person(event.verb), *item, *adverbs]).replace(" 's", "'s")


def _has_object(token: Token) -> bool:
    """Whether an object, or an adverb that stands for one, follows a verb."""
    return any(child.dep_ in {"dobj", "attr", "acomp", "oprd"} for child in token.rights)


def _is_passive(token: Token) -> bool:
    """Whether a verb stands in the passive or is a past participle after its noun."""
    return any(child.dep_ in {"nsubjpass", "auxpass"} for child in token.children) or (
        token.dep_ == "acl" and token.tag_ == "VBN"
    )


def words_of(token: Token, relations: set[str]) -> list[str]:
    """Words of what follows a verb in some relations."""
    return [word for child in token.children if child.i > token.i and child.dep_ in relations for word in _plain_words(child)]


def _active_words(event: EventDraft, idiom: str | None) -> list[str]:
    """The verb, or the idiom that it stands for, with its objects and adverbs."""
    token, tables = event.token, verb_tables()
    if idiom and idiom.split()[0] in tables.light_verbs:
        idiom = None
    words = [third_person(idiom.split()[0]), *idiom.split()[1:]] if idiom else [third_person(event.verb)]
    own = set(idiom.lower().split()) if idiom else set()
    adverbs = [child for child in token.lefts if child.dep_ == "advmod" and _belongs_to_action(child, token)]
    children = sorted(token.rights, key=lambda word: word.i)
    at = next((place for place, child in enumerate(children) if child.dep_ == "prep"), len(children))
    for child in (*children[:at], *adverbs, *children[at:]):
        if not _belongs_to_action(child, token):
            continue
        following = _plain_words(child)
        if own and following and {word.lower() for word in following} <= own:
            continue
        doubled = bool(own) and child.dep_ in {"prep", "dative"} and words[-1] in {"with", "to", "of"}
        words += following[1:] if doubled else following
    return words


def _belongs_to_action(child: Token, verb: Token) -> bool:
    """Whether a dependent of a verb is part of the action that is shown."""
    if child.dep_ == "advmod":
        return child.lower_ not in verb_tables().adverbs_left_out
    if child.dep_ == "npadvmod" and _is_frequency(child):
        return False
    if child.i < verb.i or child.dep_ not in _ACTION_RELATIONS:
        return False
    return not (
        child.dep_ == "prep" and child.lower_ in {"during", "after", "before", "until", "till", "since", "including"}
    ) and not _governs_clause(child)


def _is_frequency(noun: Token) -> bool:
    """Whether a phrase says how often something happens: `every evening`."""
    return any(child.lower_ in {"every", "each"} for child in noun.lefts)


def _clause_words(event: EventDraft) -> list[str]:
    """The beginning of the clause that says what is found, learnt or refused."""
    tables, token = verb_tables(), event.token
    clauses = [child for child in token.children if child.dep_ in {"ccomp", "xcomp"} and child.i > token.i]
    if event.verb not in {*tables.content, *tables.shown}:
        clauses = [
            child
            for child in clauses
            if (event.verb in tables.requests and child.tag_ in {"VB", "VBG", "JJ"})
            or any(word.lower_ == "how" for word in child.lefts)
        ]
    words = [
        word
        for clause in clauses
        for word in [part.text for part in clause.subtree if not part.is_punct or part.text in "'-"][:14]
    ]
    while words and words[-1] in {"and", "but", "or", "so", "then"}:
        words.pop()
    return words


def _governs_clause(preposition: Token) -> bool:
    """Whether a preposition governs a clause that is no part of the action: `for who has to tell…`."""
    return (
        preposition.dep_ == "prep"
        and preposition.lower_ not in {"about", "over"}
        and any(child.dep_ == "pcomp" for child in preposition.children)
    )


def _are_many(draft: Draft) -> bool:
    """Whether an entity is several, not one group of many."""
    return draft.count != 1 and not (draft.count is None and draft.type == "group")


def names_of(drafts: list[Draft]) -> str:
    """Names or nouns of entities, joined by `and`."""
    names = [draft.name or f"the {plural(draft.noun) if _are_many(draft) else draft.noun}" for draft in drafts]
    return " and ".join([text for text in (", ".join(names[:-1]), *names[-1:]) if text])
