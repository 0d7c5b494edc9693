"""What a prompt implies: beings, participants and events that it does not spell out."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from planners.knowledge.noun_types import BEINGS, PORTABLE, noun_types
from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import parse, plural, third_person, verb_lemma
from planners.reading.event_draft import EventDraft
from planners.reading.idioms import event_of_adjective, event_of_noun
from planners.reading.people import people
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.verb_phrases import names_of
from planners.reading.verb_roles import mentioned_by
from planners.reading.verb_tables import verb_tables

_ONE_OF_TWO: Final = frozenset(
    {"ask", "tell", "hire", "invite", "order", "teach", "challenge", "summon", "call", "accuse", "arrest", "warn"}
)
"""Verbs of which, in the passive, the other one who is there is the agent: `An usher is asked…`."""

__all__ = [
    "add_ending",
    "fill_ellipsis",
    "imply_participants",
    "is_driven",
    "nominal_events",
    "note_beings",
    "note_busy_things",
    "note_feelings",
    "settle_by_event",
]


def nominal_events(doc: Doc, table: EntityTable) -> list[EventDraft]:
    """Events of a text without verbs: its event nouns, and adjectives that show as an action. Those who are there do them."""
    events = []
    beings = [draft for draft in table.drafts if draft.is_being]
    for token in doc:
        named = table.of(token)
        verb = event_of_noun(named[0].noun) if named else None
        if verb is None and token.pos_ in {"ADJ", "NOUN", "VERB", "PROPN"} and (named or token.head.i == token.i):
            verb = event_of_adjective(token.lower_)
        if verb is None:
            continue
        event = EventDraft(verb=verb.partition(" ")[0], token=token, explicit=False, order=float(token.i))
        patients = (
            [draft for draft in beings if {"buried", "lost", "trapped", "missing", "kidnapped"} & set(draft.words)]
            if verb in {"rescue", "search", "dig"}
            else []
        )
        event.add("agents", _sides(token, table) or [draft for draft in beings if draft not in patients])
        event.add("patients", patients)
        event.phrase = " ".join([third_person(event.verb), *verb.split()[1:], *([names_of(patients)] if patients else [])])
        events.append(event)
    return events


def _sides(noun: Token, table: EntityTable) -> list[Draft]:
    """Who takes part in what a noun names: `the war between the kettles and the mugs`."""
    words = [word for child in noun.rights if child.lower_ == "between" for word in child.children]
    sides = [draft for word in words for draft in mentioned_by(table, word)]
    for draft in sides:
        draft.acts = True
    return sides


def add_ending(doc: Doc, table: EntityTable, events: list[EventDraft]) -> None:
    """Add the event that a stated ending names, unless its sentence, the last one, has a verb: `it ends with a kiss`."""
    start = list(doc.sents)[-1].start
    if any(event.token.i >= start for event in events):
        return
    events += [event for event in nominal_events(doc, table) if event.token.i >= start]


def fill_ellipsis(events: list[EventDraft], quotes: tuple[str, ...]) -> None:
    """Give `Then he does` its verb: the last of the quoted line before it, or that of the event before it."""
    for before, event in pairwise(events):
        if event.verb != "do" or any(drafts for role, drafts in event.roles.items() if role != "agents"):
            continue
        if event.token.dep_ == "advcl" and any(child.lower_ in {"before", "than", "as"} for child in event.token.lefts):
            event.modality = "told"
        verb = before.verb
        if before.quote is not None:
            verbs = [token for token in parse(quotes[before.quote]) if token.pos_ == "VERB"]
            verb = verb_lemma(verbs[-1].text) if verbs else verb
        event.verb, event.phrase = verb, third_person(verb)


def settle_by_event(event: EventDraft, table: EntityTable) -> None:
    """Let an event be that by which something is settled: those who `settle it with a pie contest` eat pies in one."""
    if event.verb not in verb_tables().settles:
        return
    for child in event.token.rights:
        noun = next((word for word in child.children if child.dep_ == "prep" and word.dep_ == "pobj"), None)
        means = table.of(noun) if noun is not None and child.lower_ in {"with", "in", "by", "at", "over", "through"} else []
        verb = event_of_noun(means[0].noun) if means else None
        if noun is None or verb is None:
            continue
        event.verb = verb.partition(" ")[0]
        words = _plain_words(noun)
        event.phrase = " ".join([third_person(event.verb), *([] if event.verb == "play" else ["in"]), *words])
        food = next(
            (word.lower_ for word in noun.lefts if word.dep_ == "compound" and noun_types(word.lower_)[:1] == ("food",)), None
        )
        event.roles["patients"] = []
        if food is not None and event.verb == "compete":
            eaten = Draft(noun=food, types=["food"], count=None, implied=True, tokens=[noun.i])
            table.drafts.append(eaten)
            event.verb, event.phrase = "eat", f"eats {plural(food)} in {' '.join(words)}"
            event.add("patients", [eaten])
        return


def _plain_words(noun: Token) -> list[str]:
    """The words of a noun phrase."""
    return [word.text for word in noun.subtree if not word.is_punct]


def note_beings(event: EventDraft, table: EntityTable) -> None:
    """Note which participants must be beings for this to happen."""
    tables = verb_tables()
    comes_alive = any(child.lower_ == "alive" or child.lower_ == "life" for child in event.token.subtree)
    if event.verb in tables.animate or (event.verb in {"come", "return"} and comes_alive):
        for draft in event.roles.get("agents", ()):
            if not _does_as_thing(draft, event, table):
                draft.acts |= not event.negated or draft.types[0] in BEINGS
    for draft in event.roles.get("agents", ()):
        draft.acts |= event.verb not in tables.stative and not event.negated and _is_called(draft, table)
    if event.verb in tables.social:
        patients = event.roles.get("patients", ()) if event.verb not in tables.handles else ()
        for draft in (*event.roles.get("agents", ()), *patients):
            draft.acts |= draft.type not in {"place", "event", "idea", "feeling"} or draft.types[0] in BEINGS
    if event.verb in tables.addressees:
        _address(event.roles.get("patients", []))
    if any(child.dep_ == "dative" for child in event.token.children):
        _address(event.roles.get("recipients", []))
    if event.verb in {"talk", "speak", "argue", "chat"}:
        addressed = any(child.dep_ in {"prep", "dative"} and child.lower_ in {"to", "with"} for child in event.token.children)
        event.add("recipients", [*event.roles.pop("goals", []), *event.roles.pop("instruments", [])] if addressed else [])
        for draft in event.roles.get("recipients", ()):
            draft.acts = True


def note_feelings(event: EventDraft) -> None:
    """Make a being of a thing that is said to feel something: `A drop of rain is afraid of falling`."""
    if event.verb in verb_tables().felt:
        for draft in event.roles.get("agents", ()):
            settled = draft.noun.rpartition(" ")[2] in people().settlements
            draft.acts |= draft.type in {*PORTABLE, "weather", "shape"} or (draft.type == "place" and not settled)


def _does_as_thing(draft: Draft, event: EventDraft, table: EntityTable) -> bool:
    """Whether an animate verb only says what a thing does by its nature: a letter says, a taxi waits for somebody."""
    if draft.types[0] == "document":
        return event.verb in verb_tables().says
    purpose = event.verb in verb_tables().says and event.token.tag_ == "VB" and event.token.dep_ in {"advcl", "xcomp"}
    return is_driven(draft, table) and (purpose or event.verb in verb_tables().mechanical)


def _is_called(draft: Draft, table: EntityTable) -> bool:
    """Whether a thing has a name of its own, as only characters have, and no being was named before it: `a snowplough called Otto`."""
    named = draft.name is not None and draft.noun != draft.name and draft.types[0] in {*PORTABLE, "weather"}
    return named and not any(other.is_being and min(other.tokens) < min(draft.tokens) for other in table.drafts)


def is_driven(draft: Draft, table: EntityTable) -> bool:
    """Whether a vehicle is only one of somebody's who was named before it, not the hero."""
    if draft.types[0] != "vehicle" or draft.name is not None or draft.acts:
        return False
    return any(other.is_being and not other.speaker and min(other.tokens) < min(draft.tokens) for other in table.drafts)


def _address(drafts: list[Draft]) -> None:
    """Make a being of what there is one of, such as the moon, if somebody speaks to it or gives it something."""
    for draft in drafts:
        if draft.noun in people().unique:
            draft.acts, draft.types = True, ["spirit", *draft.types]


def note_busy_things(events: list[EventDraft], table: EntityTable) -> None:
    """A thing that does several things is a being, too, unless it is a vehicle of somebody's or a text."""
    busy: dict[int, set[str]] = {}
    for event in events:
        for draft in event.roles.get("agents", ()):
            if (
                event.verb not in verb_tables().stative
                and not event.roles.get("instruments")
                and event.modality in {"done", "attempted", "wanted"}
            ):
                busy.setdefault(id(draft), set()).add(event.verb)
                lifeless = draft.type in {"place", "time", "document"} or is_driven(draft, table)
                draft.acts |= len(busy[id(draft)]) > 1 and not lifeless


def _is_apart(draft: Draft, event: EventDraft) -> bool:
    """Whether an entity is not who does what somebody undergoes: `an orchestra of frogs is invited`, `is called to a barn, where a cow…`."""
    first = event.token.doc[min(draft.tokens)]
    if first.dep_ == "pobj" and first.head.lower_ == "of" and first.head.head.dep_ == "nsubjpass":
        return True
    return first.i > event.token.i and first.dep_ in {"nsubj", "nsubjpass"} and first.head.dep_ in {"relcl", "advcl"}


def _add_groups(event: EventDraft, table: EntityTable) -> None:
    """Let a group named before do what nobody is said to do: the company promotes who `gets promoted`."""
    patients = event.roles.get("patients", [])
    if event.verb not in verb_tables().by_groups or event.roles.get("agents") or event.negated or not patients:
        return
    groups = [
        draft
        for draft in table.drafts
        if draft.type == "group" and "event" not in draft.types and min(draft.tokens) < event.token.i
    ]
    event.add("agents", [draft for draft in groups if draft not in patients][-1:])


def imply_participants(events: list[EventDraft], table: EntityTable) -> None:
    """Add who must be meant: the owner of what somebody is hired for, whom somebody notices."""
    beings = [draft for draft in table.drafts if draft.is_being]
    for at, event in enumerate(events):
        patients = event.roles.get("patients", [])
        _add_groups(event, table)
        if (
            event.verb in _ONE_OF_TWO
            and not event.negated
            and event.token.dep_ != "relcl"
            and not event.particle
            and not event.roles.get("agents")
            and patients
            and all(draft.is_being for draft in patients)
        ):
            owners = [
                draft.owner
                for later in events[at : at + 2]
                for draft in later.roles.get("patients", ())
                if draft.owner and draft.owner.is_being
            ]
            others = [draft for draft in (*owners, *beings) if draft not in patients and not _is_apart(draft, event)]
            event.add("agents", others[:1])
            forbidden = any(word.dep_ == "neg" for child in event.token.rights if child.dep_ == "xcomp" for word in child.lefts)
            if forbidden and not others and event.verb in verb_tables().commands:
                event.modality = "past"
        if (
            event.verb in verb_tables().perception
            and not patients
            and event.token.i > 0
            and at
            and not any(child.dep_ in {"ccomp", "xcomp"} for child in event.token.children)
        ):
            seen = [draft for draft in events[at - 1].roles.get("agents", ()) if draft not in event.roles.get("agents", ())]
            event.add("patients", seen)
            if seen:
                event.phrase += f" {names_of(seen)}"
