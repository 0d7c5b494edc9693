"""The events and the cast that a table of prompts expects, and how a premise compares with them.

A line of a table is `prompt<TAB>events<TAB>cast`, the cast left out where nothing is special about it. Events are apart by `;`:
`verb: agents > patients to recipients or goals at places with companions or instruments from sources about topics`. Agents and patients
must be exactly these; a role behind a preposition is compared only where it is written. Entities are nouns or names, apart by `+`, with
their number as `*3`; `|` separates words that are equally right. How an event is stated precedes its verb unless it is done: `refused sell`.
A member of the cast is `noun/kind` with age and gender where they count: `queen/human/female`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from planners.reading.premise import Premise, PremiseEntity, PremiseEvent

_ROLES: Final[dict[str, tuple[str, ...]]] = {
    "to": ("recipients", "goals"),
    "at": ("places", "goals"),
    "with": ("companions", "instruments"),
    "from": ("sources",),
    "about": ("topics",),
}
"""Roles that a preposition of a table stands for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedEvent:
    """An event of a table."""

    verbs: frozenset[str]
    """Verbs, each with how it is stated: `refused sell`."""
    agents: tuple[str, ...]
    patients: tuple[str, ...]
    others: dict[str, tuple[str, ...]]
    """By preposition."""

    def matches(self, premise: Premise, event: PremiseEvent) -> bool:
        """Whether an event of a premise has this verb and these participants."""
        if _stated_verb(event) not in self.verbs:
            return False
        if not (_same(premise, self.agents, event.agents) and _same(premise, self.patients, event.patients)):
            return False
        return all(
            _includes(premise, names, [identifier for role in _ROLES[preposition] for identifier in getattr(event, role)])
            for preposition, names in self.others.items()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedRow:
    """A line of a table."""

    prompt: str
    events: tuple[ExpectedEvent, ...]
    cast: tuple[str, ...]

    def hits(self, premise: Premise) -> list[bool]:
        """For each expected event whether the premise has it, every event of the premise serving one."""
        left = list(premise.events)
        results = []
        for expected in self.events:
            event = next((event for event in left if expected.matches(premise, event)), None)
            results.append(event is not None)
            if event is not None:
                left.remove(event)
        return results

    def faults(self, premise: Premise) -> list[str]:
        """What differs: events that are missing, too many or in another order, members of the cast that are not as expected."""
        expected, events = list(self.events), list(premise.events)
        while events:
            event = events[0]
            if expected and expected[0].matches(premise, event):
                expected.pop(0)
            elif event.explicit:
                return [f"not expected: {event_text(premise, event)}"]
            events.pop(0)
        return [*(f"missing: {'|'.join(sorted(event.verbs))}" for event in expected), *self.cast_faults(premise)]

    def cast_faults(self, premise: Premise) -> list[str]:
        """Members of the cast that the premise does not have as they are expected."""
        return [f"cast: {member}" for member in self.cast if not any(_is_member(entity, member) for entity in premise.entities)]


def read_rows(path: Path) -> list[ExpectedRow]:
    """The lines of a table."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("# ") or not line:
            continue
        prompt, events, cast = [*line.split("\t"), "", ""][:3]
        rows.append(
            ExpectedRow(
                prompt=prompt,
                events=tuple(_read_event(text) for text in events.split(";") if text.strip()),
                cast=tuple(member.strip() for member in cast.split(";") if member.strip()),
            )
        )
    return rows


def _read_event(text: str) -> ExpectedEvent:
    verbs, _, participants = text.strip().partition(":")
    agents, _, rest = participants.partition(">")
    patients, *pieces = re.split(rf"(?:^| )({'|'.join(_ROLES)}) ", rest.strip())
    return ExpectedEvent(
        verbs=frozenset(verbs.split("|")),
        agents=_names(agents),
        patients=_names(patients),
        others={preposition: _names(names) for preposition, names in zip(pieces[::2], pieces[1::2], strict=True)},
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split("+") if name.strip())


def _stated_verb(event: PremiseEvent) -> str:
    return " ".join([*([] if event.modality == "done" else [event.modality]), *(["not"] if event.negated else []), event.verb])


def _is(entity: PremiseEntity, name: str) -> bool:
    """Whether an entity is meant by a name of a table."""
    words, _, count = name.partition("*")
    if (entity.count or 1) != int(count or 1):
        return False
    names = (entity.name or "").lower().replace(".", "").split()
    noun = f" {entity.noun.lower()}"
    return any(noun.endswith(f" {word.lower()}") or word.lower() in names for word in words.split("|"))


def _includes(premise: Premise, names: tuple[str, ...], identifiers: list[str]) -> bool:
    return all(any(_is(premise.entity(identifier), name) for identifier in identifiers) for name in names)


def _same(premise: Premise, names: tuple[str, ...], identifiers: tuple[str, ...]) -> bool:
    return len(names) == len(identifiers) and _includes(premise, names, list(identifiers))


def _is_member(entity: PremiseEntity, member: str) -> bool:
    description, _, count = member.partition("*")
    noun, kind, *traits = description.split("/")
    traits_of_entity = {entity.age, entity.gender}
    return (
        entity.acts
        and entity.kind == kind
        and _is(entity, f"{noun}*{count}" if count else noun)
        and traits_of_entity.issuperset(traits)
    )


def event_text(premise: Premise, event: PremiseEvent) -> str:
    """An event as a table writes it."""

    def words(identifiers: tuple[str, ...]) -> str:
        entities = [premise.entity(identifier) for identifier in identifiers]
        return "+".join(
            (entity.name or entity.noun) + (f"*{entity.count}" if entity.count and entity.count > 1 else "")
            for entity in entities
        )

    text = f"{_stated_verb(event)}: {words(event.agents)} > {words(event.patients)}".strip()
    for preposition, roles in _ROLES.items():
        identifiers = tuple(dict.fromkeys(name for role in roles for name in getattr(event, role)))
        if preposition == "at":
            identifiers = event.places
        text += f" {preposition} {words(identifiers)}" if identifiers else ""
    return text
