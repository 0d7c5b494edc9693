"""Events of a prompt: verbs with participants by role, in story order."""

from __future__ import annotations

from typing import Final

from planners.reading.english import third_person, verb_lemma
from planners.reading.entity_table import EntityTable
from planners.reading.event_draft import EventDraft
from planners.reading.idioms import event_of_adjective
from planners.reading.implied_events import imply_participants, nominal_events, note_beings, note_busy_things
from planners.reading.premise import Modality
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.verb_phrases import action_text
from planners.reading.verb_roles import SUBJECTS, fill_roles, governing_verb, mentioned_by, subject_of
from planners.reading.verb_tables import modality_of_verb, verb_tables

__all__ = ["read_events"]

_COPULAS: Final = frozenset({"be", "become", "seem", "remain", "stay", "look", "feel", "get"})

_MODALS: Final[dict[str, Modality]] = {
    "can": "possible",
    "could": "possible",
    "may": "possible",
    "might": "possible",
    "would": "wanted",
    "must": "done",
    "should": "wanted",
}

_STATES: Final = frozenset(["want", "have", "be", "need", "like", "love", "know", "mean", "own"])
"""Verbs that show nothing by themselves."""


def _is_event_verb(token: Token) -> bool:
    """Whether a token is a verb that tells an event: no auxiliary, no adjective."""
    if token.dep_ in {"aux", "auxpass", "compound", "amod"}:
        return False
    if token.pos_ == "VERB" or (
        token.tag_ in {"VB", "VBZ", "VBP", "VBD", "VBG", "VBN"}
        and token.dep_ not in {"nmod", "pobj", "nsubj", "dobj", "det", "attr", "prep"}
    ):
        return verb_lemma(token.text) not in _COPULAS or any(
            child.dep_ in {"attr", "acomp", "dobj", "prep", "xcomp"} for child in token.children
        )
    return False


def _modality(token: Token, events: dict[int, EventDraft]) -> tuple[Modality, EventDraft | None]:
    """How an event is stated, and the event whose content it is."""
    modality: Modality = "done"
    if token.dep_ == "xcomp" and token.head.lower_ == "used":
        return "past", None
    for child in token.children:
        if child.dep_ == "aux" and child.lower_ in _MODALS:
            modality = _MODALS[child.lower_]
    if any(child.lower_ == "rather" for child in token.children):
        modality = "wanted"
    if token.dep_ not in {"xcomp", "ccomp", "pcomp", "acl", "relcl", "advcl"}:
        if token.dep_ == "conj" and token.head.i in events:
            return (events[token.head.i].modality if token.tag_ in {"VB", "VBG"} else modality), events[
                token.head.i
            ].parent if token.tag_ in {"VB", "VBG"} else None
        return modality, None
    governor = token.head if token.dep_ in {"xcomp", "ccomp"} else governing_verb(token)
    if token.dep_ == "ccomp" and token.i < governor.i and any(child.dep_ in SUBJECTS for child in token.children):
        return modality, None
    parent = events.get(governor.i)
    lemma = verb_lemma(governor.text)
    if token.dep_ in {"xcomp", "ccomp"} or (token.dep_ == "acl" and token.tag_ == "VB"):
        stated = modality_of_verb().get(lemma)
        if token.dep_ == "ccomp" and lemma in verb_tables().says and stated is None:
            return modality if lemma in {
                "discover",
                "find",
                "notice",
                "see",
                "hear",
                "learn",
                "realise",
                "realize",
            } else "told", parent
        if stated is not None and not (stated == "done" and parent is not None and parent.modality != "done"):
            modality = stated
        elif parent is not None:
            modality = parent.modality
        if any(child.dep_ == "neg" for child in governor.children) and stated in {"wanted", "attempted"}:
            modality = "refused"
        return modality, parent
    return modality, None


def _negated(token: Token) -> bool:
    """Whether a verb is negated."""
    return any(
        child.dep_ == "neg"
        or (
            child.lower_ in {"never", "no longer", "hardly", "nothing", "nobody"}
            and child.dep_ in {"advmod", "neg", "nsubj", "dobj"}
        )
        for child in token.children
    ) or (token.dep_ == "pcomp" and token.head.lower_ == "without")


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
            event = EventDraft(verb=verb, token=token, explicit=False, negated=_negated(token), order=float(token.i))
            event.add("agents", subject_of(table, token))
            for preposition in child.children:
                if preposition.dep_ == "prep":
                    event.add("patients", [draft for word in preposition.children for draft in mentioned_by(table, word)])
            event.phrase = third_person(verb)
            return event
    return None


def read_events(doc: Doc, table: EntityTable, idioms: dict[int, str]) -> list[EventDraft]:
    """All events of a parse, in story order."""
    events: dict[int, EventDraft] = {}
    helpers: set[int] = set()
    for token in doc:
        if not _is_event_verb(token):
            if (
                token.lemma_ == "be"
                and token.pos_ == "AUX"
                and token.dep_ not in {"aux", "auxpass"}
                and (event := _copula_event(token, table))
            ):
                events[token.i] = event
            continue
        lemma = verb_lemma(token.text)
        if lemma == "be" or (lemma in _COPULAS and any(child.dep_ == "acomp" for child in token.children)):
            event = _copula_event(token, table)
            if event:
                events[token.i] = event
            continue
        modality, parent = _modality(token, events)
        event = EventDraft(
            verb=lemma,
            token=token,
            particle=" ".join(child.lower_ for child in token.children if child.dep_ == "prt"),
            modality=modality,
            negated=_negated(token),
            parent=parent,
            order=_order(token),
        )
        fill_roles(event, table)
        events[token.i] = event
        if _only_governs(token, lemma):
            helpers.add(token.i)
        note_beings(event)
        event.phrase = action_text(event, idioms)
    ordered = sorted((event for index, event in events.items() if index not in helpers), key=lambda event: event.order)
    if not any(event.modality == "done" and not event.negated and event.verb not in _STATES for event in ordered):
        ordered += nominal_events(doc, table)
    note_busy_things(ordered)
    imply_participants(ordered, table)
    return ordered


def _only_governs(token: Token, lemma: str) -> bool:
    """Whether a verb only says how another one stands: `tries to`, `keeps`, `ends up`."""
    stated = modality_of_verb().get(lemma)
    if lemma in verb_tables().shown:
        return False
    return (
        (stated in {"done", "attempted", "wanted", "possible"} or token.lower_ == "used")
        and any(child.dep_ == "xcomp" for child in token.children)
        and not any(child.dep_ in {"dobj", "dative"} for child in token.children)
    )
