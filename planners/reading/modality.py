"""How an event is stated: done, tried, wanted, refused, feared, only told of; and whether it is negated."""

from __future__ import annotations

from typing import Final

from planners.reading.english import verb_lemma
from planners.reading.event_draft import EventDraft
from planners.reading.premise import Modality
from planners.reading.spacy_without_torch import Token
from planners.reading.verb_roles import SUBJECTS, governing_verb
from planners.reading.verb_tables import modality_of_noun, modality_of_verb, object_control, verb_tables

__all__ = ["is_negated", "is_pulling", "modality_of"]

_MODALS: Final[dict[str, Modality]] = {
    **dict.fromkeys(("can", "ca", "could", "may", "might"), "possible"),
    **dict.fromkeys(("would", "should"), "wanted"),
    "must": "done",
}
_CLAUSES: Final = frozenset({"xcomp", "ccomp", "pcomp", "acl", "relcl", "advcl"})
_NOBODY: Final = frozenset({"nobody", "nothing", "none", "neither"})
_Statement = tuple[Modality, EventDraft | None]


def modality_of(token: Token, events: dict[int, EventDraft]) -> _Statement:
    """How an event is stated, and the event whose content it is."""
    if token.dep_ == "relcl" and _is_death(token):
        return "past", None
    if token.dep_ == "xcomp" and token.head.lower_ == "used":
        return "past", None
    own: Modality = "attempted" if _fails(token) else _own_modality(token)
    if token.dep_ not in _CLAUSES:
        depends = token.dep_ == "conj" and token.tag_ in {"VB", "VBG"} and own == "done" and not _contrasts(token)
        joined = events.get(token.head.i) if depends else None
        return (joined.modality, joined.parent) if joined else (own, None)
    governor = token.head if token.dep_ in {"xcomp", "ccomp"} else governing_verb(token)
    if token.dep_ == "advcl" and any(child.dep_ == "mark" and child.lower_ in {"if", "unless"} for child in token.lefts):
        return ("told" if any(child.lower_ == "as" for child in token.lefts) else "possible"), None
    if token.dep_ == "pcomp" and token.head.lower_ in {"over", "about", "of"} and _is_question(token):
        return ("past" if token.tag_ in {"VBD", "VBN"} else "told"), None
    if token.dep_ == "pcomp" and (statement := _after_preposition(token, events)) is not None:
        return statement
    if token.dep_ == "ccomp" and token.i < governor.i and any(child.dep_ in SUBJECTS for child in token.children):
        return own, None
    if _exceeds(token):
        return "attempted", None
    parent = events.get(governor.i)
    if (intended := _intention(token)) is not None:
        return intended, parent
    if token.dep_ in {"xcomp", "ccomp"} or (token.dep_ == "acl" and token.tag_ == "VB"):
        return _complement_modality(token, governor, own, parent), parent
    return own, None


def _intention(token: Token) -> Modality | None:
    """The modality of what a noun is said to be for: `works up the courage to ask`, but `finds the courage to ask`."""
    noun = token.head
    if token.tag_ != "VB" or token.dep_ not in {"acl", "relcl"} or noun.dep_ not in {"dobj", "pobj", "attr"}:
        return None
    gained = verb_lemma(governing_verb(noun).text) in verb_tables().gaining
    return None if gained else modality_of_noun().get(noun.lower_)


def _fails(token: Token) -> bool:
    """Whether a verb says that somebody tries in vain: `cannot lift the stone`."""
    verb = "pull" if is_pulling(token) else verb_lemma(token.text)
    unable = any(child.dep_ == "aux" and child.lower_ in {"can", "ca", "could"} for child in token.children)
    return unable and any(child.dep_ == "neg" for child in token.children) and verb in verb_tables().efforts


def _exceeds(token: Token) -> bool:
    """Whether an adjective says that somebody cannot do it: `too light to slide`, `too shy to sing`."""
    return (
        token.tag_ == "VB"
        and token.dep_ in {"xcomp", "advcl", "ccomp"}
        and token.head.tag_ in {"JJ", "RB"}
        and any(child.lower_ == "too" for child in token.head.lefts)
    )


def is_pulling(token: Token) -> bool:
    """Whether `get` means to pull: `gets the cork out of the bottle`."""
    return (
        verb_lemma(token.text) == "get"
        and any(child.dep_ == "dobj" for child in token.rights)
        and any(child.dep_ in {"prt", "prep", "advmod"} and child.lower_ in {"out", "off", "down"} for child in token.rights)
    )


def _is_death(token: Token) -> bool:
    """Whether a clause tells that somebody had died before the story: `my cat, who passed away in March`."""
    away = any(child.dep_ in {"prt", "advmod"} and child.lower_ == "away" for child in token.rights)
    return token.tag_ in {"VBD", "VBN"} and (token.lower_ == "died" or (token.lower_ == "passed" and away))


def _contrasts(token: Token) -> bool:
    """Whether `follow` in `Four friends cannot find the way and follow a firefly` is no more what they cannot do."""
    plural = any(child.dep_ in SUBJECTS and child.tag_ in {"NNS", "NNPS"} for child in token.head.children)
    return plural and any(child.dep_ == "neg" for child in token.head.children)


def _own_modality(token: Token) -> Modality:
    """The modality that the auxiliaries of a verb tell."""
    modality: Modality = "done"
    for child in token.children:
        if child.dep_ == "aux" and child.lower_ in _MODALS:
            modality = _MODALS[child.lower_]
    return "wanted" if any(child.lower_ == "rather" for child in token.children) else modality


def _after_preposition(token: Token, events: dict[int, EventDraft]) -> _Statement | None:
    """The modality of `stealing` in `dreams of stealing` and `accuses him of stealing`; None if the verb before tells none."""
    preposition, governor = token.head, governing_verb(token)
    receiver = any(child.dep_ in {"dobj", "nsubjpass"} for child in governor.children)
    if preposition.lower_ in {"of", "for", "from"} and receiver:
        controlled = object_control().get(verb_lemma(governor.text))
        if controlled is not None:
            return controlled, events.get(governor.i)
    if preposition.lower_ in {"of", "about", "on", "against"}:
        stated = modality_of_verb().get(preposition.head.lemma_)
        if stated is not None:
            return stated, events.get(preposition.head.i)
    return None


def _complement_modality(token: Token, governor: Token, own: Modality, parent: EventDraft | None) -> Modality:
    """The modality of what is wanted, tried, said or asked."""
    lemma = verb_lemma(governor.text)
    if token.dep_ == "ccomp" and lemma in verb_tables().asks and _is_question(token):
        perfect = any(child.lower_ == "been" and child.dep_ == "aux" for child in token.lefts)
        return "past" if perfect or token.tag_ in {"VBD", "VBN"} else "told"
    if token.dep_ == "xcomp" and any(child.dep_ == "xcomp" and child.i < token.i for child in governor.children):
        return own
    stated = modality_of_verb().get(lemma)
    if token.dep_ == "xcomp" and lemma in verb_tables().commands and any(child.dep_ == "neg" for child in token.lefts):
        return "told"
    if token.dep_ == "ccomp" and lemma in verb_tables().says and stated is None:
        return own if lemma in verb_tables().finds_true else "told"
    if any(child.dep_ == "neg" for child in governor.children) and stated in {"wanted", "attempted"}:
        return "refused"
    if stated == "refused" and lemma in {"stop", "quit", "cease", "forget", "fail"} and is_negated(governor):
        return own
    if stated is not None and not (stated == "done" and parent is not None and parent.modality != "done"):
        return stated
    return parent.modality if parent is not None else own


def _is_question(clause: Token) -> bool:
    """Whether a clause is a question that somebody asks: `who broke the vase`."""
    first = next(iter(clause.lefts), clause)
    return first.lower_ in {"who", "what", "where", "when", "why", "which", "whom", "whose", "if", "whether"} or (
        first.lower_ == "how" and clause.tag_ != "VB"
    )


def is_negated(token: Token) -> bool:
    """Whether a verb is negated. A try in vain is none."""
    if _fails(token):
        return False
    if token.dep_ == "xcomp" and any(child.dep_ == "nsubj" and child.lower_ in _NOBODY for child in token.head.children):
        return True
    return any(
        child.dep_ == "neg"
        or (child.dep_ == "dobj" and any(word.lower_ == "no" and word.dep_ == "det" for word in child.children))
        or (child.dep_ == "agent" and any(word.lower_ in _NOBODY for word in child.children))
        or (child.lower_ in {"never", "no longer", "hardly"} | _NOBODY and child.dep_ in {"advmod", "neg", "nsubj", "dobj"})
        for child in token.children
    ) or (token.dep_ == "pcomp" and (token.head.lower_ == "without" or token.head.head.lower_ == "instead"))
