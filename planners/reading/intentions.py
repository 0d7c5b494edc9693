"""What is only intended: purposes that come to nothing, and what is to happen after the story."""

from __future__ import annotations

from typing import Final

from planners.reading.english import verb_lemma
from planners.reading.event_draft import EventDraft
from planners.reading.spacy_without_torch import Token
from planners.reading.syntax.tree import VERBAL
from planners.reading.verb_roles import SUBJECTS, governing_verb
from planners.reading.verb_tables import modality_of_verb, verb_tables

__all__ = ["settle_intentions"]

_DISCOVERIES: Final = frozenset({"find", "discover", "learn", "realise", "realize", "notice", "see"})


def settle_intentions(events: list[EventDraft]) -> None:
    """Correct how events are stated by what is told after them."""
    for event in events:
        if event.negated or event.modality not in {"done", "possible"}:
            continue
        if event.modality == "possible":
            event.modality = "done" if _is_result(event.token) else "possible"
        elif _is_purpose(event.token) and (_fails(event.token) or _outlived(event, events)):
            event.modality = "attempted"
        elif _is_after_story(event, events):
            event.modality = "told"


def _is_purpose(token: Token) -> bool:
    """Whether a verb tells what for: `rides out to slay a dragon`, `comes to rob a bank`."""
    to = token.tag_ == "VB" and any(child.lower_ == "to" and child.dep_ == "aux" for child in token.lefts)
    lemma = verb_lemma(token.head.text)
    free = lemma in {"go", "come"} or (lemma not in modality_of_verb() and lemma not in verb_tables().requests)
    return to and (token.dep_ == "advcl" or (token.dep_ == "xcomp" and free and token.head.tag_ in VERBAL))


def _fails(purpose: Token) -> bool:
    """Whether the main clause goes on with something that comes instead: `but falls asleep`, `and finds the well dry`."""
    verb = governing_verb(purpose)
    while verb.dep_ in {"xcomp", "advcl"} and verb.pos_ == "VERB" and verb.head.i != verb.i:
        verb = governing_verb(verb)
    later = [child for child in verb.rights if child.dep_ == "conj" and child.i > purpose.i]
    if not later:
        return False
    but = any(word.lower_ == "but" for word in purpose.doc[purpose.i : later[0].i])
    own = any(child.dep_ in SUBJECTS for child in later[0].lefts)
    finds = verb_lemma(later[0].text) in _DISCOVERIES and any(child.dep_ == "ccomp" for child in later[0].rights)
    instead = any(child.lower_ == "instead" for child in later[0].children)
    return (but and not own) or finds or instead


def _outlived(event: EventDraft, events: list[EventDraft]) -> bool:
    """Whether whoever is to be killed does something later."""
    patients = event.roles.get("patients", []) if event.verb in verb_tables().kills else []
    later = [other for other in events if other.order > event.order and not other.negated]
    return any(draft in other.roles.get("agents", []) for other in later for draft in patients)


def _is_result(token: Token) -> bool:
    """Whether a clause tells what something is done for: `so he can surprise his wife`."""
    can = any(child.dep_ == "aux" and child.lower_ in {"can", "could"} for child in token.lefts)
    return can and any(child.lower_ == "so" for child in token.lefts)


def _is_after_story(event: EventDraft, events: list[EventDraft]) -> bool:
    """Whether a story goes on before what is to come: `drives the tram for the last time before he retires. At each stop…`."""
    token = event.token
    before = token.dep_ == "advcl" and any(child.lower_ == "before" for child in token.lefts)
    if not before or not any(word.lower_ == "last" for word in token.doc[token.sent.start : token.i]):
        return False
    return any(other.token.i >= token.sent.end for other in events)
