"""Who fills the roles of a family in an event of the prompt, and who minds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from planners.fabula.cast_members import Member
from planners.fabula.feelings import angers
from planners.fabula.participant import Participant
from planners.knowledge.families import Filler, RoleName, families_of, family_named, verb_families
from planners.knowledge.noun_types import PORTABLE
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent

__all__ = ["RoleFiller", "Roles"]


def _particles(event: PremiseEvent) -> list[str]:
    """Words of an event's phrase that may change what its verb means."""
    words = event.phrase.lower().split()
    known = verb_families().particles
    after = words[1:2] if words[1:2] and words[1] in known else []
    return list(dict.fromkeys([*([event.particle] if event.particle else []), *after, *(["into"] if "into" in words else [])]))


Roles = dict[RoleName, tuple[str, ...]]
"""Ids by role."""
_RETURNS: Final = frozenset({"find", "repair", "rescue", "search"})
"""Families after whose events a thing goes back to whose it is."""
_BEINGS: Final[dict[Filler, str]] = {"person": "human", "animal": "animal", "robot": "robot"}


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleFiller:
    """Fills roles from a premise and its cast."""

    premise: Premise
    cast: dict[str, tuple[Member, ...]]
    """Members by the id of their entity."""
    things: dict[str, Participant]
    places: dict[str, Participant]
    added: tuple[str, ...] = ()
    """Ids of members whom the prompt does not name: they are there to mind."""

    @property
    def members(self) -> dict[str, Member]:
        """Members by id."""
        return {member.id: member for group in self.cast.values() for member in group}

    def ids(self, entities: tuple[str, ...], *, beings: bool) -> tuple[str, ...]:
        """Ids of members for beings, or of things and places."""
        identifiers: list[str] = []
        for identifier in entities:
            if identifier in self.cast:
                identifiers += [member.id for member in self.cast[identifier]] if beings else []
            elif not beings and (identifier in self.things or identifier in self.places):
                identifiers.append(identifier)
        return tuple(dict.fromkeys(identifiers))

    def fill(self, event: PremiseEvent, place: str) -> tuple[str | None, Roles]:
        """The family of an event, None if none suits, and its roles."""
        members = self.members
        first = tuple(identifier for identifier in members if identifier not in self.added)[:1]
        agents = self.ids(event.agents, beings=True) or self.ids(event.patients, beings=True)[:1] or first
        patients = tuple(identifier for identifier in self.ids(event.patients, beings=True) if identifier not in agents)
        companions = tuple(identifier for identifier in self.ids(event.companions, beings=True) if identifier not in agents)
        recipients = tuple(identifier for identifier in self.ids(event.recipients, beings=True) if identifier not in agents)
        content = self._content_of(event)
        roles: Roles = {
            "agent": agents,
            "partner": agents[1:2] or companions[:1],
            "patient": patients
            or tuple(identifier for identifier in self.ids(content, beings=True) if identifier not in {*agents, *recipients}),
            "recipient": recipients,
            "theme": self.ids(event.patients, beings=False) or self.ids(content, beings=False),
            "source": self.ids(event.sources, beings=True) or self.ids(event.sources, beings=False),
            "goal": self.ids(event.goals, beings=False),
            "instrument": self.ids(event.instruments, beings=False),
            "topic": self.ids(event.topics, beings=False),
            "place": (place,),
        }
        roles = {role: filling for role, filling in roles.items() if filling}
        names = families_of(event.verb, _particles(event))
        name = next((family for family in names if self.fits(family, roles)), None)
        if (
            name in _RETURNS
            and "recipient" not in roles
            and (owners := [owner for owner in self._owners(roles) if owner not in agents])
        ):
            roles["recipient"] = (owners[0],)
        taking_part = {*agents, *patients, *companions, *recipients}
        opponent = self._who_minds(name, roles, taking_part)
        if opponent is not None:
            roles["opponent"] = (opponent,)
        elif "partner" not in roles and (free := [identifier for identifier in members if identifier not in taking_part]):
            roles["partner"] = (free[0],)
        return name, roles

    def _content_of(self, event: PremiseEvent) -> tuple[str, ...]:
        """Patients of what somebody refuses, fears or wants without its happening: it is what that event is about."""
        events = self.premise.events
        if event not in events:
            return ()
        at = events.index(event)
        return tuple(
            patient
            for other in events
            if other.content_of == at and (other.modality not in ENACTED or other.negated)
            for patient in other.patients
        )

    def fits(self, name: str, roles: Roles) -> bool:
        """Whether every role of a family is filled by the right type."""
        needed = verb_families().needs_one.get(name)
        if needed is not None and not any(roles.get(role) for role in needed):
            return False
        for role, rule in family_named(name).roles.items():
            filling = roles.get(role)
            if not filling:
                if not rule.optional:
                    return False
            elif not any(self._is_a(filling[0], kind) for kind in rule.is_a):
                return False
        return True

    def _who_minds(self, name: str | None, roles: Roles, taking_part: set[str]) -> str | None:
        """Who minds an event or looks on: the first whom the family lists, else somebody who takes no part and is not close to the agent."""
        free = [identifier for identifier in self.members if identifier not in taking_part]
        for reason in family_named(name).minded_by if name else ():
            if reason in {"recipient", "patient", "source"}:
                candidates = [identifier for identifier in roles.get(reason, ()) if identifier in self.members]
            elif reason == "owner":
                candidates = [identifier for identifier in self._owners(roles) if identifier in free]
            elif reason == "keeper":
                candidates = [identifier for identifier in free if self._keeps(identifier, roles)]
            elif reason == "kin":
                candidates = [identifier for identifier in free if self.members[identifier].participant.kin]
            else:
                candidates = free if angers(name) else []
            if candidates:
                return candidates[0]
        strangers = [identifier for identifier in free if not self._close(identifier, roles["agent"])]
        return strangers[0] if strangers else None

    def _close(self, identifier: str, agents: tuple[str, ...]) -> bool:
        """Whether somebody belongs to those who act: as their relative, their animal or their friend."""
        entity = self.members[identifier].entity
        owners = {self.members[agent].entity.id for agent in agents if agent in self.members}
        owned = entity.owner in owners or any(
            self.members[agent].entity.owner == entity.id for agent in agents if agent in self.members
        )
        return self.members[identifier].participant.kin or owned or bool({"friend", "best friend"} & {entity.noun, *entity.words})

    def _owners(self, roles: Roles) -> list[str]:
        """Members whose the theme is."""
        owners = [self._entity(identifier) for identifier in roles.get("theme", ())]
        return [member.id for entity in owners if entity and entity.owner for member in self.cast.get(entity.owner, ())]

    def _keeps(self, identifier: str, roles: Roles) -> bool:
        """Whether somebody works where it happens or where it is taken from."""
        job = self.members[identifier].participant.job
        nouns = {self.places[place].noun for role in ("source", "place") for place in roles.get(role, ()) if place in self.places}
        return identifier in self.added or (job is not None and job.workplace in nouns)

    def _entity(self, identifier: str) -> PremiseEntity | None:
        """The entity of a member or of a thing; None if the premise has none."""
        member = self.members.get(identifier)
        if member is not None:
            return member.entity
        return next((entity for entity in self.premise.entities if entity.id == identifier), None)

    def _is_a(self, identifier: str, kind: Filler) -> bool:
        """Whether a participant is of a type of fillers."""
        member, entity = self.members.get(identifier), self._entity(identifier)
        if kind == "any":
            return True
        if kind == "place":
            return identifier in self.places
        if kind == "being":
            return member is not None
        if kind in _BEINGS:
            return member is not None and member.entity.kind == _BEINGS[kind]
        if entity is None or member is not None:
            return False
        if kind == "thing":
            return entity.type in PORTABLE
        if kind == "portable":
            return entity.type in PORTABLE and entity.type != "vehicle"
        return entity.type == kind
