"""Choose exchanges: those whose guards hold for an event, unused ones first, the most special first."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from planners.discourse.realiser import realise
from planners.discourse.told_events import Roles, ToldEvent, UnfilledSlot
from planners.fabula.guards import Circumstances, holds
from planners.fabula.participant import PastDeed
from planners.fabula.plot import Plot, PlotEvent
from planners.knowledge.families import SLOT, Exchange, Phase, RoleName, family_named, family_names
from planners.plan.durations import line_seconds
from planners.reading.english import third_person, verb_lemma

__all__ = ["ANY", "DEED", "NOT_DONE", "RECALL", "USED", "Spoken", "choose_exchange", "roles_of", "told_events"]

ANY: Final = "any"
"""The family whose exchanges fit every event."""
DEED: Final = "deed"
"""The family whose exchanges say what happens, whatever it is."""
NOT_DONE: Final = "not_done"
"""The family whose exchanges speak of what somebody does not do."""
RECALL: Final = "recall"
"""The family whose exchanges speak of what somebody did in an earlier episode."""
USED: Final = "exchanges"
"""The attribute of a series that holds the keys of the exchanges it has spoken."""


_NOT: Final = "does not "
_BEFORE: Final[tuple[Phase, ...]] = ("want", "prepare")
"""Phases before an event happens."""
_AFTERWARDS: Final[tuple[Phase, ...]] = ("oppose", "after")
"""Phases after it happened."""
_LONG_WORD: Final = 5
"""Letters of a word that says something."""
_BEINGS: Final[frozenset[RoleName]] = frozenset({"agent", "partner", "patient", "recipient", "opponent"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A realised line."""

    speaker: str
    act: str
    text: str
    hearer: str | None


def roles_of(plot: Plot, event: PlotEvent) -> Roles:
    """Participants of an event by role."""
    return {role: tuple(plot.participant(identifier) for identifier in filling) for role, filling in event.roles.items()}


def told_events(plot: Plot, event: PlotEvent) -> dict[str, ToldEvent]:
    """What lines of an event may speak of: the event itself, what the prompt tells just before it, and what its agent does next."""
    happening = [
        other
        for other in plot.events
        if other.origin == "prompt" and (other.id in {event.id, event.serves} or not other.phrase.startswith(_NOT))
    ]
    at = next((number for number, other in enumerate(happening) if other.id in {event.id, event.serves}), None)
    events = {"deed": event}
    if at is not None:
        agents = event.roles.get("agent", ())[:1]
        before = [other for other in happening[:at] if not other.failed][-1:]
        later = [other for other in happening[at + 1 :] if other.roles.get("agent", ())[:1] == agents][:1]
        events |= {name: neighbour for name, some in (("before", before), ("next", later)) for neighbour in some}
    told_by_name = {name: _told(plot, other) for name, other in events.items()}
    past = _past(plot, event)
    return told_by_name | ({"past": past} if past is not None else {})


def _past(plot: Plot, event: PlotEvent) -> ToldEvent | None:
    """What somebody did in an earlier episode: with one of this event's words in it if there is such a deed, else the latest of all."""
    present = [member.participant for member in plot.members.values()]
    deeds = [*plot.past, *(PastDeed(who=who, phrase=who.earlier) for who in present if who.earlier)]
    words = {word for word in event.phrase.lower().split() if len(word) >= _LONG_WORD}
    deeds.sort(key=lambda deed: not words.isdisjoint(deed.phrase.lower().split()))
    if not deeds:
        return None
    deed = deeds[-1]
    return ToldEvent(deed.phrase, verb_lemma(deed.phrase.partition(" ")[0]), (deed.who,))


def _told(plot: Plot, event: PlotEvent) -> ToldEvent:
    """An event as lines speak of it; of what somebody does not do, what it would be."""
    phrase, verb = event.phrase, event.verb
    if phrase.startswith(_NOT):
        base, _, rest = phrase.removeprefix(_NOT).partition(" ")
        phrase = f"{third_person(base)} {rest}".strip()
    agents = event.roles.get("agent", ())
    owners = {
        plot.things[identifier].owner for filling in event.roles.values() for identifier in filling if identifier in plot.things
    }
    return ToldEvent(
        phrase, verb, tuple(plot.participant(identifier) for identifier in agents), others_own=bool(owners - {None, *agents})
    )


def _fraction(*parts: object) -> float:
    """A number from 0 to 1 that depends on its arguments only."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:4], "big") / 2**32


def _realised(
    exchange: Exchange, roles: Roles, event: PlotEvent, events: Mapping[str, ToldEvent], choice: int
) -> tuple[Spoken, ...] | None:
    """The lines of an exchange; None if two of its roles are one person or a slot cannot be filled."""
    speakers = {turn.speaker: roles[turn.speaker][0] for turn in exchange.turns}
    speaker_ids = {participant.id for participant in speakers.values()}
    if len(speaker_ids) < len(speakers) or any(participant.mute for participant in speakers.values()):
        return None
    spoken_of = {match[1] for turn in exchange.turns for text in turn.texts() for match in SLOT.finditer(text)} - speakers.keys()
    if any(participant.id in speaker_ids for role, filling in roles.items() if role in spoken_of for participant in filling):
        return None
    lines = []
    for at, turn in enumerate(exchange.turns):
        other = next(
            (
                speakers[later.speaker]
                for later in (*exchange.turns[at + 1 :], *reversed(exchange.turns[:at]))
                if later.speaker != turn.speaker
            ),
            None,
        )
        single = {**roles, turn.speaker: roles[turn.speaker][:1]}
        hearer = other.id if other else None
        try:
            text = realise(
                turn.texts()[int(_fraction(choice, at) * (1 + len(turn.ways)))],
                single,
                event.verb,
                events=events,
                speaker=speakers[turn.speaker].id,
                hearer=hearer,
                choice=choice,
            )
        except UnfilledSlot:
            return None
        lines.append(Spoken(speaker=speakers[turn.speaker].id, act=turn.act, text=text, hearer=hearer))
    return tuple(lines)


def _key(exchange: Exchange) -> str:
    """A short key of an exchange, which stays the same when others are added or taken away."""
    return hashlib.sha256("\n".join(turn.text for turn in exchange.turns).encode()).hexdigest()[:6]


def _candidates(names: tuple[str | None, ...], phase: Phase) -> Iterator[tuple[int, str, Exchange]]:
    """Exchanges of families for a phase: the place of the family in the list, a key, the exchange."""
    for place, name in enumerate(names):
        if name is not None and name in family_names():
            for exchange in family_named(name).exchanges:
                if exchange.phase == phase:
                    yield place, _key(exchange), exchange


def choose_exchange(
    plot: Plot,
    event: PlotEvent,
    phase: Phase,
    circumstances: Circumstances,
    used: set[str],
    seed: int,
    names: tuple[str | None, ...],
    *,
    alone: bool = True,
    stating: bool = False,
    longest: float = math.inf,
) -> tuple[Spoken, ...] | None:
    """An exchange for a phase of an event; None if none fits. Its key and its lines are added to `used`: nothing is said twice.

    `names`: the families to choose from, the best first. `alone`: whether somebody may talk to themselves.
    `stating`: only exchanges that say what happens. `longest`: seconds that it may take.
    """
    roles, events = _speaking_roles(plot, event), told_events(plot, event)
    if "agent" not in roles:
        return None
    others = [participant for participant in roles["agent"][1:] if roles.get("partner")]
    if others:
        roles = {**roles, "partner": (others[int(_fraction(seed, event.id, phase, len(used)) * len(others))],)}
    scored: list[tuple[float, str, Exchange]] = []
    for place, key, exchange in _candidates(names, phase):
        guards = exchange.guards()
        speakers = {turn.speaker for turn in exchange.turns}
        if key in used or (exchange.verbs and event.verb not in exchange.verbs) or (stating and not _states(exchange)):
            continue
        if not all(holds(guard, roles, circumstances) for guard in guards):
            continue
        if (
            names[place] == DEED
            and phase in _BEFORE
            and events["deed"].names({roles[speaker][0].id for speaker in speakers}, roles)
        ):
            continue
        monologue = len(speakers) == 1
        if any(_is_silent(plot, event, phase, roles[speaker][0].id) for speaker in speakers) or (monologue and not alone):
            continue
        special = 0.25 * sum(not guard.negated for guard in guards) + 2.0 * bool(exchange.verbs)
        chance = 4.0 * _fraction(seed, event.id, key)
        scored.append((2.0 * place + 5.0 * monologue - special - chance, key, exchange))
    for _, key, exchange in sorted(scored, key=lambda row: (row[0], row[1])):
        lines = _realised(exchange, roles, event, events, int(_fraction(seed, event.id, plot.events[0].phrase, key) * 6000))
        if lines is None or sum(line_seconds(line.text) for line in lines) > longest:
            continue
        if used.isdisjoint(line.text for line in lines):
            used.update([key, *(line.text for line in lines)])
            return lines
    return None


def _is_silent(plot: Plot, event: PlotEvent, phase: Phase, identifier: str) -> bool:
    """Whether something says nothing in a phase of an event: a thing, or somebody who is dead by then."""
    dead = ("dead", identifier)
    return identifier not in plot.members or dead in event.before or (phase in _AFTERWARDS and dead in event.adds)


def _states(exchange: Exchange) -> bool:
    """Whether one of its lines says what the event is."""
    return any(all("{deed" in text for text in turn.texts()) for turn in exchange.turns)


def _speaking_roles(plot: Plot, event: PlotEvent) -> Roles:
    """Participants by role, where only beings are in the roles of those who act and speak."""
    roles = {
        role: tuple(participant for participant in filling if role not in _BEINGS or participant.id in plot.members)
        for role, filling in roles_of(plot, event).items()
    }
    return {role: filling for role, filling in roles.items() if filling}
