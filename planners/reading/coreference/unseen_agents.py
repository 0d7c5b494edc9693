"""Who is behind what happens: passives without an agent, questions such as `who stole it?`, and who calls when `the phone rings, it's the baby`."""

from __future__ import annotations

from planners.reading.coreference.entity_table import Draft, EntityTable
from planners.reading.english import third_person
from planners.reading.event_draft import EventDraft
from planners.reading.people import people
from planners.reading.spacy_without_torch import Doc, Token
from planners.reading.verb_phrases import names_of, undergone_text
from planners.reading.verb_roles import SUBJECTS
from planners.reading.verb_tables import verb_tables

__all__ = ["add_callers", "add_inquiries", "name_undergone"]


def name_undergone(events: list[EventDraft]) -> None:
    """Say of what nobody in particular does what its patients undergo: `gets left on the building site`."""
    for event in events:
        text = undergone_text(event)
        if text is not None:
            event.phrase, event.undergone = text, True


def add_inquiries(events: list[EventDraft], table: EntityTable) -> list[EventDraft]:
    """The events with what follows a question such as `Who stole the drummer's stick?`: it is looked for, and others are questioned.

    What is asked about happened before the story begins, so nobody is seen doing it.
    """
    inquiries: list[EventDraft] = []
    for event in events:
        if not _asks_who(event.token) or event.roles.get("agents"):
            continue
        event.modality = "past"
        things = event.roles.get("patients", [])
        _bury(event)
        beings = [draft for draft in table.drafts if draft.is_being and draft not in things]
        losers = [thing.owner for thing in things if thing.owner in beings]
        seekers = [draft for draft in beings if draft.noun.rpartition(" ")[2] in people().inquirers] or losers or beings[:1]
        if not seekers or any(other.roles.get("agents") and other.verb in {"search", "question"} for other in events):
            continue
        lost = [thing for thing in things if not thing.is_being and event.verb in verb_tables().removes]
        others = [draft for draft in beings if draft not in seekers]
        for verb, particle, patients in (("search", "for", lost), ("question", "", others)):
            if patients:
                words = [third_person(verb), *([particle] if particle else []), names_of(patients)]
                inquiry = EventDraft(
                    verb=verb, token=event.token, explicit=False, order=event.order + 0.1, phrase=" ".join(words)
                )
                inquiry.add("agents", seekers)
                inquiry.add("patients", patients)
                inquiries.append(inquiry)
    return sorted([*events, *inquiries], key=lambda event: event.order)


def _asks_who(token: Token) -> bool:
    """Whether a main clause asks who did something: `Who stole the stick?`."""
    who = any(child.dep_ in SUBJECTS and child.lower_ in {"who", "what"} for child in token.lefts)
    return who and token.dep_ == "ROOT" and token.sent.text.rstrip().endswith("?")


def _bury(event: EventDraft) -> None:
    """Let whoever was killed before the story begins be no member of the cast."""
    if event.verb in verb_tables().kills:
        for draft in event.roles.get("patients", []):
            draft.types, draft.acts = ["idea", *draft.types], False


def add_callers(doc: Doc, events: list[EventDraft], table: EntityTable) -> None:
    """Add who calls or comes: `the phone rings, it's the baby`; `Somebody knocks. It is the moon.`"""
    for token in doc:
        callers = _who_it_is(token, table)
        signal = _signal_before(token, events, table) if callers else None
        if signal is None:
            continue
        for draft in callers:
            draft.acts, draft.owner = True, draft.owner if draft.owner is None or draft.owner.is_being else None
        agents = signal.roles.get("agents", [])
        strangers = [draft for draft in agents if set(people().somebody) & set(draft.extra_nouns)]
        if strangers:
            table.replace(strangers[0], callers[0])
        if strangers or not agents:
            signal.roles["agents"] = callers
            continue
        others = [draft for draft in table.drafts if draft.is_being and draft not in callers]
        events.append(_call(signal, token, callers, others))


def _who_it_is(token: Token, table: EntityTable) -> list[Draft]:
    """Whom a clause such as `it's the baby` names."""
    if token.lemma_ != "be" or not any(child.dep_ == "nsubj" and child.lower_ == "it" for child in token.lefts):
        return []
    return [draft for child in token.rights if child.dep_ == "attr" for draft in table.of(child)]


def _signal_before(token: Token, events: list[EventDraft], table: EntityTable) -> EventDraft | None:
    """The signal in the same sentence or the one before it: an event, or the new event that `a knock at the door` is."""
    sentence = table.sentence_of(token.i)
    signals = [event for event in events if event.verb in verb_tables().signals and event.token.i < token.i]
    near = [event for event in signals if sentence - table.sentence_of(event.token.i) <= 1]
    if near:
        return max(near, key=lambda event: event.token.i)
    start = token.sent.start
    sentences = (token.sent, *([token.doc[start - 1].sent] if start else []))
    knock = next((word for span in sentences for word in span if word.lower_ == "knock" and word.tag_ == "NN"), None)
    if knock is None:
        return None
    events.append(EventDraft(verb="knock", token=knock, order=knock.i, phrase="knocks at the door"))
    return events[-1]


def _call(signal: EventDraft, token: Token, callers: list[Draft], others: list[Draft]) -> EventDraft:
    """The event behind a signal: somebody is on the phone, or at the door."""
    rung = {draft.noun.rpartition(" ")[2] for draft in signal.roles.get("agents", [])}
    called = bool(rung & set(verb_tables().telephones)) or signal.verb in {"call", "phone"}
    event = EventDraft(verb="call" if called else "arrive", token=token, explicit=False, order=token.i)
    event.add("agents", callers)
    event.add("patients", others[:1] if called else [])
    event.phrase = f"calls {names_of(others[:1])}".strip() if called else "arrives at the door"
    return event
