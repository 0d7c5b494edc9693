"""Events of a prompt: verbs with participants by role, in story order."""

from __future__ import annotations

from typing import Final

from planners.knowledge.wordnet import open_wordnet
from planners.reading.coreference.entity_table import EntityTable
from planners.reading.coreference.unseen_agents import add_callers, add_inquiries, name_undergone
from planners.reading.english import third_person, verb_lemma
from planners.reading.event_draft import EventDraft
from planners.reading.event_lists import split_list
from planners.reading.idioms import event_of_adjective
from planners.reading.implied_events import (
    imply_participants,
    nominal_events,
    note_beings,
    note_busy_things,
    note_feelings,
    settle_by_event,
)
from planners.reading.intentions import settle_intentions
from planners.reading.modality import is_negated, is_pulling, modality_of
from planners.reading.premise import Modality
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.verb_phrases import action_text, names_of, spell_out_it, words_of
from planners.reading.verb_roles import SUBJECTS, fill_roles, governing_verb, mentioned_by, subject_of
from planners.reading.verb_tables import modality_of_verb, verb_tables

__all__ = ["read_events"]

_COPULAS: Final = frozenset({"be", "become", "seem", "remain", "stay", "look", "feel", "get"})

_STATES: Final = frozenset(["want", "have", "be", "need", "like", "love", "know", "mean", "own"])
"""Verbs that show nothing by themselves."""


def _is_event_verb(token: Token) -> bool:
    """Whether a token is a verb that tells an event: no auxiliary, no adjective."""
    if token.dep_ in {"aux", "auxpass", "compound", "amod"} or (token.dep_ == "prep" and token.lower_ == "including"):
        return False
    if _describes(token):
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


def _describes(token: Token) -> bool:
    """Whether a participle only says how somebody is: `gets trapped`, which the copula tells, or `made of stars`."""
    copula = token.dep_ == "acomp" and token.head.lemma_ in _COPULAS and event_of_adjective(token.lower_) is not None
    bare = token.dep_ == "acl" and token.tag_ == "VBN" and not any(child.dep_ == "agent" for child in token.children)
    return copula or (bare and verb_lemma(token.text) in verb_tables().describes)


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
    if _is_earlier(token):
        while _follows(governor):
            governor = governing_verb(governor)
        return min(position, governor.i - 0.5)
    return position


def _is_earlier(token: Token) -> bool:
    """Whether a clause that describes a noun tells in the past what was before a story in the present: `that was eaten`, `lost years ago`."""
    if token.dep_ == "acl":
        return token.tag_ == "VBN" and any(child.lower_ == "ago" for child in token.children)
    if is_negated(token) or _lemma(token) in verb_tables().stative:
        return False
    past = token.tag_ == "VBD" or any(child.lower_ in {"was", "were"} and child.dep_ == "auxpass" for child in token.children)
    return (
        past and token.dep_ == "relcl" and any(word.tag_ in {"VBZ", "VBP"} for word in (token.sent.root, *token.sent.root.lefts))
    )


def _follows(verb: Token) -> bool:
    """Whether a verb stands in a clause with `until`, `before` or `when`."""
    return verb.dep_ == "advcl" and any(child.lower_ in {"until", "before", "when"} for child in verb.lefts)


def _copula_event(token: Token, table: EntityTable) -> EventDraft | None:
    """The event that `X is asleep`, `X is afraid of Y` or `until X is in the port` tells."""
    for child in token.children:
        if child.dep_ == "acomp" and (verb := event_of_adjective(child.lower_)) is not None:
            event = EventDraft(verb=verb, token=token, explicit=False, negated=is_negated(token), order=float(token.i))
            event.add("agents", subject_of(table, token))
            note_feelings(event)
            agents = event.roles.get("agents", [])
            if verb in verb_tables().bodily and agents and not any(draft.is_being for draft in agents):
                return None
            _add_causes(event, child, table)
            return event
    return _arrival(token, table) if _follows(token) and not is_negated(token) else None


def _event_without_verb(token: Token, table: EntityTable) -> EventDraft | None:
    """The event of a word that is no event verb: an adjective that stands for a clause, or an auxiliary `be` as the copula."""
    if token.dep_ == "ccomp" and token.tag_ in {"JJ", "RB"} and (verb := event_of_adjective(token.lower_)) is not None:
        event = EventDraft(verb=verb, token=token, explicit=False, order=float(token.i), phrase=third_person(verb))
        event.add("agents", subject_of(table, token))
        return event
    if token.lemma_ == "be" and token.pos_ == "AUX" and token.dep_ not in {"aux", "auxpass"}:
        return _copula_event(token, table)
    return None


def _add_causes(event: EventDraft, adjective: Token, table: EntityTable) -> None:
    """Add what an adjective is said of, such as what somebody is afraid of."""
    for child in list(adjective.rights)[:1]:
        role = "places" if child.lower_ in {"in", "on", "inside", "under"} else "patients"
        event.add(role, [draft for word in child.children for draft in mentioned_by(table, word) if child.dep_ == "prep"])
    event.phrase = third_person(event.verb)
    if event.verb == "fear" and event.roles.get("patients"):
        event.phrase += f" {names_of(event.roles['patients'])}"


def _arrival(token: Token, table: EntityTable) -> EventDraft | None:
    """The event that ends a wait: `until the last boat is in the port`."""
    places = [child for child in token.rights if child.dep_ == "prep" and child.lower_ in {"in", "at", "on", "inside", "aboard"}]
    drafts = [draft for child in places for word in child.children for draft in mentioned_by(table, word)]
    home = next((child for child in token.rights if child.lower_ in {"home", "back", "there", "here"}), None)
    agents = subject_of(table, token)
    if not agents or (home is None and not any(draft.type in {"place", "vehicle"} for draft in drafts)):
        return None
    event = EventDraft(verb="arrive", token=token, explicit=False, order=_order(token))
    event.add("agents", agents)
    event.add("goals", drafts)
    where = [home.text] if home is not None else [word.text for child in places for word in child.subtree if not word.is_punct]
    event.phrase = " ".join(["arrives", *where])
    return event


def _adjective_clause(token: Token, table: EntityTable) -> EventDraft | None:
    """The event of a clause without a verb: `two pilots in a lift, both afraid of the dark`."""
    verb = event_of_adjective(token.lower_)
    first = token.head if token.dep_ == "conj" else token
    if verb is None or first.dep_ != "advcl" or token.tag_ not in {"JJ", "VBN", "VBD"}:
        return None
    if any(child.dep_ in {"aux", "auxpass", "dobj", "mark", "agent"} for child in token.children):
        return None
    event = EventDraft(verb=verb, token=token, explicit=False, order=float(token.i))
    subjects = [draft for child in first.children if child.dep_ in SUBJECTS for draft in mentioned_by(table, child)]
    event.add("agents", subjects or subject_of(table, governing_verb(first)))
    _add_causes(event, token, table)
    return event


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
    """The event that a participle tells that only says how somebody is: `are stuck in a cable car`, `a cub stuck in a pipe`."""
    verb = event_of_adjective(token.lower_)
    children = {child.dep_ for child in token.children}
    described = mentioned_by(table, token.head) if token.dep_ == "acl" else []
    if token.lower_ == "missing" and {"aux", "dobj"} & children == {"aux"}:
        event = EventDraft(verb=str(verb), token=token, explicit=False, negated=is_negated(token), order=float(token.i))
        event.add("agents", subject_of(table, token))
        event.phrase = third_person(event.verb)
        return event
    if verb is None or token.tag_ not in {"VBN", "VBD"} or "agent" in children:
        return None
    if "auxpass" not in children and not (described and all(draft.is_being for draft in described)):
        return None
    subjects = [draft for child in token.children if child.dep_ in SUBJECTS for draft in mentioned_by(table, child)] or described
    event = EventDraft(verb=verb, token=token, explicit=False, negated=is_negated(token), order=float(token.i))
    event.order = min(event.order, governing_verb(token).i - 0.5) if described else event.order
    fill_roles(event, table)
    event.roles["agents"], event.roles["patients"] = subjects or subject_of(table, token), []
    event.phrase = " ".join([third_person(verb), *words_of(token, {"prep"})])
    return event


def read_events(doc: Doc, table: EntityTable, idioms: dict[int, str]) -> list[EventDraft]:
    """All events of a parse, in story order."""
    events: dict[int, EventDraft] = {}
    helpers: set[int] = set()
    for token in doc:
        if (event := _adjective_clause(token, table)) is not None:
            events[token.i] = event
            continue
        if not _is_event_verb(token):
            if (event := _event_without_verb(token, table)) is not None:
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
        event.verb = "pull" if is_pulling(token) else event.verb
        events[token.i] = event
        helpers |= {token.i} if _only_governs(token, lemma) else set()
        note_beings(event, table)
        event.phrase = action_text(event, idioms)
        event.phrase = spell_out_it(event, table)
        settle_by_event(event, table)
    helpers |= {index for index, event in events.items() if _is_order(event)}
    helpers |= {index for index, event in events.items() if _is_text(event, table)}
    shown = [event for index, event in events.items() if index not in helpers]
    ordered = sorted((part for event in shown for part in split_list(event, table)), key=lambda event: event.order)
    if not any(event.modality == "done" and not event.negated and event.verb not in _STATES for event in ordered):
        ordered += nominal_events(doc, table)
    add_callers(doc, ordered, table)
    note_busy_things(ordered, table)
    imply_participants(ordered, table)
    settle_intentions(ordered)
    name_undergone(ordered)
    return add_inquiries(ordered, table)


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
    if event.verb == "say" and agents and event.token.tag_ == "VB" and not any(draft.is_being for draft in agents):
        return True
    return event.verb in {"say", "read", "tell", "state"} and clause and bool(agents) and agents[0].types[0] == "document"


def _goes_somewhere(token: Token, lemma: str) -> bool:
    """Whether `go` tells where somebody goes to do something: `goes back to the stop to wait`, but not `goes to sleep`."""
    clause = next((child for child in token.rights if child.dep_ == "xcomp"), None)
    if lemma not in {"go", "come"} or clause is None or clause.tag_ != "VB":
        return False
    return any(
        child.dep_ == "prep" and any(word.dep_ == "pobj" for word in child.children)
        for adverb in token.rights
        if adverb.i < clause.i
        for child in (adverb, *adverb.children)
    )


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
    if lemma in verb_tables().shown or _goes_somewhere(token, lemma):
        return False
    if lemma in {"spend", "waste"} and any(child.dep_ in {"xcomp", "advcl"} and child.tag_ == "VBG" for child in token.rights):
        return True
    if (
        lemma == "end"
        and any(child.dep_ == "prt" for child in token.children)
        and any(child.dep_ == "advcl" for child in token.rights)
    ):
        return True
    if lemma == "have" and any(child.dep_ == "ccomp" and child.tag_ in {"VBN", "VBD"} for child in token.children):
        return True
    return (
        (stated in {"done", "attempted", "wanted", "possible"} or token.lower_ == "used")
        and any(child.dep_ == "xcomp" for child in token.children)
        and not any(child.dep_ in {"dobj", "dative"} for child in token.children)
    )
