"""Events of a prompt: verbs with participants by role, in story order."""

from __future__ import annotations

from typing import Final

from planners.knowledge.wordnet import open_wordnet
from planners.reading.coreference.entity_table import EntityTable
from planners.reading.english import third_person, verb_lemma
from planners.reading.event_draft import EventDraft
from planners.reading.idioms import event_of_adjective
from planners.reading.implied_events import imply_participants, nominal_events, note_beings, note_busy_things
from planners.reading.modality import is_negated, modality_of
from planners.reading.premise import Modality
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.verb_phrases import action_text
from planners.reading.verb_roles import SUBJECTS, fill_roles, governing_verb, mentioned_by, subject_of
from planners.reading.verb_tables import modality_of_verb, verb_tables

__all__ = ["read_events"]

_COPULAS: Final = frozenset({"be", "become", "seem", "remain", "stay", "look", "feel", "get"})

_STATES: Final = frozenset(["want", "have", "be", "need", "like", "love", "know", "mean", "own"])
"""Verbs that show nothing by themselves."""


def _is_event_verb(token: Token) -> bool:
    """Whether a token is a verb that tells an event: no auxiliary, no adjective."""
    if token.dep_ in {"aux", "auxpass", "compound", "amod"}:
        return False
    if token.text[:1].isupper() and not token.is_sent_start and token.i and not token.nbor(-1).is_punct:
        return False
    if token.pos_ == "VERB" or (
        token.tag_ in {"VB", "VBZ", "VBP", "VBD", "VBG", "VBN"}
        and token.dep_ not in {"nmod", "pobj", "nsubj", "dobj", "det", "attr", "prep"}
    ):
        return verb_lemma(token.text) not in _COPULAS or any(
            child.dep_ in {"attr", "acomp", "dobj", "prep", "xcomp"} for child in token.children
        )
    return False


def _lemma(token: Token) -> str:
    """The plain form of a verb. After `to` it stands in it already: `to saw`."""
    plain = token.tag_ == "VB" and open_wordnet().is_verb(token.lower_)
    return token.lower_ if plain else verb_lemma(token.text)


def _order(token: Token) -> float:
    """The place of an event in story time: that of its clause, moved by conjunctions and tense."""
    position = float(token.i)
    mark = next(
        (
            child.lower_
            for child in token.children
            if child.dep_ in {"mark", "advmod"}
            and child.i < token.i
            and child.lower_ in {"after", "because", "before", "until", "since", "once"}
        ),
        "",
    )
    past = any(child.lower_ in {"had", "has", "have"} and child.dep_ == "aux" for child in token.children) and token.tag_ == "VBN"
    governor = governing_verb(token)
    if token.dep_ in {"advcl", "pcomp"} or mark:
        word = mark or (token.head.lower_ if token.dep_ == "pcomp" else "")
        if word in {"after", "because", "since", "once"}:
            return min(position, governor.i - 0.5)
        if word in {"before", "until"}:
            return max(position, governor.i + 0.5)
    if past and token.dep_ in {"relcl", "ccomp", "advcl"}:
        return min(position, governor.i - 0.5)
    return position


def _copula_event(token: Token, table: EntityTable) -> EventDraft | None:
    """The event that `X is asleep` or `X is afraid of Y` tells."""
    for child in token.children:
        if child.dep_ == "acomp" and (verb := event_of_adjective(child.lower_)) is not None:
            event = EventDraft(verb=verb, token=token, explicit=False, negated=is_negated(token), order=float(token.i))
            event.add("agents", subject_of(table, token))
            for preposition in child.children:
                if preposition.dep_ == "prep":
                    event.add("patients", [draft for word in preposition.children for draft in mentioned_by(table, word)])
            event.phrase = third_person(verb)
            return event
    return None


def _aspiration(token: Token, table: EntityTable, modality: Modality, idioms: dict[int, str]) -> EventDraft | None:
    """The event that `wants to be a pirate` tells: becoming one."""
    if modality not in {"wanted", "attempted", "refused"} or not any(child.dep_ == "attr" for child in token.children):
        return None
    event = EventDraft(verb="become", token=token, modality=modality, negated=is_negated(token), order=float(token.i))
    event.add("agents", subject_of(table, token))
    phrase = action_text(event, idioms).partition(" ")[2]
    event.phrase = f"{third_person('become')} {phrase}"
    return event


def _state_event(token: Token, table: EntityTable) -> EventDraft | None:
    """The event that a participle tells that only says how somebody is: `are stuck in a cable car`."""
    verb = event_of_adjective(token.lower_)
    children = {child.dep_ for child in token.children}
    if verb is None or token.tag_ != "VBN" or "auxpass" not in children or "agent" in children:
        return None
    subjects = [draft for child in token.children if child.dep_ in SUBJECTS for draft in mentioned_by(table, child)]
    event = EventDraft(
        verb=verb, token=token, explicit=False, negated=is_negated(token), order=float(token.i), phrase=third_person(verb)
    )
    event.add("agents", subjects or subject_of(table, token))
    return event


def read_events(doc: Doc, table: EntityTable, idioms: dict[int, str]) -> list[EventDraft]:
    """All events of a parse, in story order."""
    events: dict[int, EventDraft] = {}
    helpers: set[int] = set()
    for token in doc:
        if not _is_event_verb(token):
            if token.dep_ == "ccomp" and token.tag_ in {"JJ", "RB"} and (verb := event_of_adjective(token.lower_)) is not None:
                events[token.i] = EventDraft(
                    verb=verb, token=token, explicit=False, order=float(token.i), phrase=third_person(verb)
                )
                events[token.i].add("agents", subject_of(table, token))
            elif (
                token.lemma_ == "be"
                and token.pos_ == "AUX"
                and token.dep_ not in {"aux", "auxpass"}
                and (event := _copula_event(token, table))
            ):
                events[token.i] = event
            continue
        lemma = _lemma(token)
        if lemma == "be" or (lemma in _COPULAS and any(child.dep_ == "acomp" for child in token.children)):
            event = _copula_event(token, table) or _aspiration(token, table, modality_of(token, events)[0], idioms)
            if event:
                events[token.i] = event
            continue
        if (event := _state_event(token, table)) is not None:
            events[token.i] = event
            continue
        modality, parent = modality_of(token, events)
        event = EventDraft(
            verb=lemma,
            token=token,
            particle=" ".join(child.lower_ for child in token.children if child.dep_ == "prt"),
            modality=modality,
            negated=is_negated(token),
            parent=parent,
            order=_order(token),
        )
        fill_roles(event, table)
        events[token.i] = event
        if _only_governs(token, lemma):
            helpers.add(token.i)
        note_beings(event)
        event.phrase = action_text(event, idioms)
    helpers |= {index for index, event in events.items() if _is_order(event)}
    helpers |= {index for index, event in events.items() if _is_text(event, table)}
    ordered = sorted((event for index, event in events.items() if index not in helpers), key=lambda event: event.order)
    if not any(event.modality == "done" and not event.negated and event.verb not in _STATES for event in ordered):
        ordered += nominal_events(doc, table)
    note_busy_things(ordered)
    imply_participants(ordered, table)
    return ordered


def _is_order(event: EventDraft) -> bool:
    """Whether an imperative tells who makes the film what to do: `Show the sand`, `Explain gravity`."""
    token = event.token
    return (
        event.verb in verb_tables().orders
        and token.tag_ in {"VB", "VBP"}
        and token.dep_ == "ROOT"
        and not event.roles.get("agents")
    )


def _is_text(event: EventDraft, table: EntityTable) -> bool:
    """Whether an event only tells what is written somewhere: `the letter says that…`."""
    agents = subject_of(table, event.token)
    clause = any(child.dep_ == "ccomp" for child in event.token.children)
    return event.verb in {"say", "read", "tell", "state"} and clause and bool(agents) and agents[0].types[0] == "document"


def _only_governs(token: Token, lemma: str) -> bool:
    """Whether a verb only says how another one stands: `tries to`, `keeps`, `ends up`."""
    stated = modality_of_verb().get(lemma)
    if any(child.dep_ == "xcomp" and child.lemma_ == "be" for child in token.children) and lemma in {
        "prove",
        "seem",
        "appear",
        "happen",
    }:
        return True
    if lemma in verb_tables().shown:
        return False
    if lemma == "have" and any(child.dep_ == "ccomp" and child.tag_ in {"VBN", "VBD"} for child in token.children):
        return True
    return (
        (stated in {"done", "attempted", "wanted", "possible"} or token.lower_ == "used")
        and any(child.dep_ == "xcomp" for child in token.children)
        and not any(child.dep_ in {"dobj", "dative"} for child in token.children)
    )
