"""Build the plot of a premise."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from planners.fabula.cast_members import Member, cast_members, thing_participant
from planners.fabula.participant import Participant
from planners.fabula.plot import Plot, PlotEvent
from planners.knowledge.families import Family, Filler, RoleName, families, family_of
from planners.knowledge.job_facts import job_facts
from planners.knowledge.noun_types import PORTABLE
from planners.knowledge.place_facts import place_facts
from planners.reading.english import plural, third_person
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent

__all__ = ["build_plot"]

_NO_PROPS: Final = frozenset({"place", "time", "quantity", "idea", "feeling", "event", "weather"})


class _Builder:
    def __init__(self, premise: Premise, seed: int) -> None:
        premise = _with_somebody(premise)
        self.premise = premise
        self.cast = cast_members(premise, seed)
        self.members: dict[str, Member] = {member.id: member for group in self.cast.values() for member in group}
        self.places = self._places()
        self.things = {
            entity.id: thing_participant(entity)
            for entity in premise.entities
            if not entity.acts and entity.id not in self.places and entity.type not in _NO_PROPS
        }
        self.current = next(iter(self.places))

    def _places(self) -> dict[str, Participant]:
        """Places of the prompt; without any, the workplace of somebody's job, or a street."""
        premise = self.premise
        settings = {identifier for event in premise.events for identifier in event.places}
        settings |= {entity.place for entity in premise.entities if entity.place and entity.acts}
        listed = [
            entity
            for entity in premise.entities
            if not entity.acts
            and (entity.type == "place" or (entity.id in settings and entity.type in {"vehicle", "event", "thing"}))
        ]
        listed.sort(key=lambda entity: (entity.type != "place" or entity.implied, entity.implied))
        if listed:
            return {entity.id: thing_participant(entity) for entity in listed}
        jobs = [job for entity in premise.entities if entity.acts and (job := job_facts(entity.noun))]
        noun = jobs[0].workplace if jobs else "street"
        identifier = noun.replace(" ", "_").replace("-", "_")
        return {f"at_{identifier}": Participant(id=f"at_{identifier}", noun=noun, place=place_facts(noun))}

    def ids(self, entities: tuple[str, ...], *, beings: bool) -> tuple[str, ...]:
        """Ids of members for beings, or of things and places."""
        identifiers: list[str] = []
        for identifier in entities:
            if identifier in self.cast:
                identifiers += [member.id for member in self.cast[identifier]] if beings else []
            elif not beings and (identifier in self.things or identifier in self.places):
                identifiers.append(identifier)
        return tuple(dict.fromkeys(identifiers))

    def place_of(self, event: PremiseEvent) -> str:
        """Where an event happens; it becomes the current place."""
        standing = [place for identifier in event.agents if (place := self.premise.entity(identifier).place)]
        for identifier in (*event.places, *standing, *event.goals, *event.patients):
            if identifier in self.places:
                self.current = identifier
                break
        return self.current

    def roles_of(self, event: PremiseEvent, place: str) -> dict[RoleName, tuple[str, ...]]:
        """Roles of families from the participants of an event of the prompt."""
        agents = self.ids(event.agents, beings=True) or self.ids(event.patients, beings=True)[:1] or tuple(self.members)[:1]
        patients = tuple(identifier for identifier in self.ids(event.patients, beings=True) if identifier not in agents)
        companions = tuple(identifier for identifier in self.ids(event.companions, beings=True) if identifier not in agents)
        recipients = tuple(identifier for identifier in self.ids(event.recipients, beings=True) if identifier not in agents)
        partner = agents[1:2] or companions[:1]
        others = [identifier for identifier in self.members if identifier not in {*agents, *patients, *recipients, *companions}]
        roles: dict[RoleName, tuple[str, ...]] = {
            "agent": agents,
            "partner": partner,
            "patient": patients,
            "recipient": recipients,
            "theme": self.ids(event.patients, beings=False),
            "source": self.ids(event.sources, beings=True) or self.ids(event.sources, beings=False),
            "goal": self.ids(event.goals, beings=False),
            "instrument": self.ids(event.instruments, beings=False),
            "topic": self.ids(event.topics, beings=False),
            "opponent": tuple(others[:1]),
            "place": (place,),
        }
        return {role: filling for role, filling in roles.items() if filling}

    def fits(self, family: Family, roles: dict[RoleName, tuple[str, ...]]) -> bool:
        """Whether every role of a family is filled by the right type."""
        for role, rule in family.roles.items():
            filling = roles.get(role)
            if not filling:
                if not rule.optional:
                    return False
                continue
            if not any(self._is_a(filling[0], kind) for kind in rule.is_a):
                return False
        return True

    def _is_a(self, identifier: str, kind: Filler) -> bool:
        """Whether a participant is of a type of fillers."""
        member = self.members.get(identifier)
        entity = member.entity if member else next((entity for entity in self.premise.entities if entity.id == identifier), None)
        if kind == "any":
            return True
        if kind == "place":
            return identifier in self.places
        if kind == "being":
            return member is not None
        if kind in {"person", "animal", "robot"}:
            return member is not None and member.entity.kind == {"person": "human"}.get(kind, kind)
        if entity is None or member is not None:
            return False
        return _thing_is(entity, kind)

    def build(self) -> Plot:
        """Turn the events of the premise into events of the plot."""
        events: list[PlotEvent] = []
        for event in self.premise.events:
            if event.modality not in ENACTED or event.negated or not self.members:
                continue
            place = self.place_of(event)
            roles = self.roles_of(event, place)
            name = family_of(event.verb, event.particle)
            if name is not None and not self.fits(families()[name], roles):
                name = None
            events.append(
                PlotEvent(
                    id=f"e{len(events) + 1}",
                    origin="prompt",
                    verb=f"{event.verb} {event.particle}".strip(),
                    phrase=event.phrase,
                    family=name,
                    roles=roles,
                    place=place,
                    quoted=self.premise.quotes[event.quote].text if event.quote is not None else None,
                    because=(events[-1].id,) if events else (),
                    source=event,
                )
            )
        if not events:
            events = self._vignette()
        return Plot(events=(*self._introductions(events), *events), members=self.members, things=self.things, places=self.places)

    def _vignette(self) -> list[PlotEvent]:
        """What a prompt without events shows: somebody there, doing what their job does or looking around."""
        first = next(iter(self.members.values()))
        job = first.participant.job
        verb, _, rest = (job.act if job else "look around").partition(" ")
        place = self.current
        return [
            PlotEvent(
                id="e1",
                origin="consequence",
                verb=verb,
                phrase=f"{third_person(verb)} {rest}".strip(),
                family=None,
                roles={"agent": (first.id,), "place": (place,)},
                place=place,
            )
        ]

    def _introductions(self, events: list[PlotEvent]) -> list[PlotEvent]:
        """Events that show each thing which no other event uses, in the hands or before the eyes of somebody it concerns."""
        used = {identifier for event in events for filling in event.roles.values() for identifier in filling}
        shown: list[PlotEvent] = []
        for identifier, thing in self.things.items():
            if identifier in used or not self.members or not events:
                continue
            entity = self.premise.entity(identifier)
            owners = self.cast.get(entity.owner or "", ())
            performer = owners[0].id if owners else next(iter(self.members))
            carried = thing.thing is None or thing.thing.size in {"finger", "hand", "arm"}
            verb = "hold" if carried and entity.type in PORTABLE and entity.type not in {"vehicle", "body"} else "look at"
            noun = plural(thing.noun) if thing.many else thing.noun
            shown.append(
                PlotEvent(
                    id=f"i{len(shown) + 1}",
                    origin="needed",
                    verb=verb,
                    phrase=f"{third_person(verb.split()[0])}{' at' if ' ' in verb else ''} the {noun}",
                    family=None,
                    roles={"agent": (performer,), "theme": (identifier,), "place": (events[0].place,)},
                    place=events[0].place,
                )
            )
        return shown


def _with_somebody(premise: Premise) -> Premise:
    """The premise with one person more if it has nobody who could act: who makes, shows or looks at what it is about."""
    if any(entity.acts for entity in premise.entities):
        return premise
    food = any(entity.type == "food" for entity in premise.entities)
    noun = {"process": "cook" if food else "worker", "lesson": "teacher"}.get(premise.form, "child")
    somebody = PremiseEntity(
        id="somebody", noun=noun, type="person", acts=True, kind="human", age="child" if noun == "child" else None
    )
    return replace(premise, entities=(*premise.entities, somebody))


def _thing_is(entity: PremiseEntity, kind: Filler) -> bool:
    """Whether a thing or an idea is of a type of fillers."""
    if kind == "thing":
        return entity.type in PORTABLE
    if kind == "portable":
        return entity.type in PORTABLE and entity.type != "vehicle"
    if kind in {"vehicle", "food", "idea", "event"}:
        return entity.type == kind
    return False


def build_plot(premise: Premise, seed: int) -> Plot:
    """The plot of a premise. Deterministic in its arguments."""
    return _Builder(premise, seed).build()
