"""Cast the entities of a premise: members of groups, names, looks, voices."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Final, Literal

from memory.model.canon import Character, CharacterKind
from planners.data_file import DataFile, WordList, read_data_file
from planners.fabula.continuation import DEED, Continuation, noun_of
from planners.fabula.participant import Participant
from planners.knowledge.job_facts import job_facts
from planners.knowledge.place_facts import PlaceFacts, nearest_place_facts, place_facts
from planners.knowledge.thing_facts import thing_facts
from planners.knowledge.thing_uses import thing_place
from planners.plan.model import CastMember, VoiceChoice
from planners.plan.vocabulary import VoiceBase
from planners.reading.people import people
from planners.reading.premise import Gender, Premise, PremiseEntity

__all__ = ["Member", "cast_members", "thing_participant"]

MANY: Final = 3
"""Members of a group whose number the prompt leaves open."""
MOST_MEMBERS: Final = 8
Temperament = Literal["blunt", "dreamy", "formal", "playful", "shy"]


class LookTables(DataFile):
    """The tables of `data/looks.yaml`; each is described there."""

    colours: tuple[str, ...]
    furs: tuple[str, ...]
    hair: tuple[str, ...]
    hair_of_the_young: tuple[str, ...]
    hair_of_the_old: tuple[str, ...]
    clothes: dict[str, str]
    plain_clothes: tuple[str, ...]
    manners: dict[Temperament, tuple[str, ...]]
    animals: dict[str, str]
    beings: dict[str, str]
    kinds: dict[CharacterKind, tuple[str, ...]]
    vehicles: tuple[str, ...]
    names: dict[str, WordList]
    temperaments: dict[str, Temperament]
    kin: WordList


@cache
def _tables() -> LookTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "looks.yaml", LookTables)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One member of the cast."""

    participant: Participant
    entity: PremiseEntity
    temperament: Temperament
    cast: CastMember

    @property
    def id(self) -> str:
        """Id in the plan."""
        return self.participant.id


def thing_participant(entity: PremiseEntity, owner: str | None = None) -> Participant:
    """A thing or place as sentences need it. `owner`: id of the member of the cast whose it is."""
    return Participant(
        id=entity.id,
        owner=owner,
        noun=" ".join([*(word for word in entity.words if len(word.split()) == 1), entity.noun])
        if entity.type != "place"
        else entity.noun,
        name=entity.name if entity.type in {"place", "person"} else None,
        plural_noun=entity.count != 1,
        thing=thing_facts(entity.noun) if entity.type != "place" else None,
        place=_look_of_place(entity),
    )


def _look_of_place(entity: PremiseEntity) -> PlaceFacts | None:
    """Facts about an entity as a place: by a word for it and its noun (`flooded city`), by its noun, or by where an occasion takes place."""
    if entity.type not in {"place", "vehicle", "thing", "event"}:
        return None
    for word in entity.words:
        if (facts := place_facts(f"{word} {entity.noun}")) is not None:
            return facts
    if (facts := place_facts(entity.noun)) is not None or entity.type in {"vehicle", "thing"}:
        return facts
    return nearest_place_facts(entity.noun) if entity.type == "place" else place_facts(thing_place(entity.noun) or "")


class _Caster:
    def __init__(self, premise: Premise, seed: int, taken: frozenset[str]) -> None:
        self._rng = Random(f"{seed}/cast")
        self._taken = {word.strip(".,:;!?'\"").lower() for word in premise.prompt.split()}
        self._colours = list(_tables().colours)
        self._rng.shuffle(self._colours)
        self._ids = {"narrator", "story", *taken, *(entity.id for entity in premise.entities if not entity.acts)}
        self._temperaments: list[Temperament] = []

    def cast(self, entity: PremiseEntity, number: int, of: int) -> Member:
        """Cast one member of an entity."""
        rng = self._rng
        entity = replace(entity, noun="person") if entity.noun in people().anybody else entity
        drawn: Gender = "neuter" if entity.kind in {"thing", "spirit"} and not entity.name else rng.choice(("female", "male"))
        gender: Gender = drawn if entity.gender is None else entity.gender
        named = entity.kind in {"human", "animal", "robot"}
        name = entity.name or (self._draw_name(entity, gender) if named else entity.noun.capitalize())
        identifier = self._slug(name if of == 1 or named else f"{entity.noun}_{number}")
        temperament = self._choose_temperament(entity)
        young = entity.age in {"child", "young"}
        participant = Participant(
            id=identifier,
            noun=entity.noun,
            name=name if named or entity.name else None,
            gender=gender,
            kin=entity.noun.rpartition(" ")[2] in _tables().kin,
            job=next((job for word in (entity.noun, *entity.words) if (job := job_facts(word)) is not None), None),
            thing=thing_facts(entity.noun) if entity.kind in {"thing", "animal"} else None,
        )
        colour = self._colours[len(self._temperaments) % len(self._colours)]
        member = CastMember(
            name=name if named or entity.name else entity.noun,
            kind=entity.kind or "human",
            description=self._describe(entity, gender, colour, temperament, young=young, of=of),
            voice=self._voice(entity, gender),
        )
        return Member(participant=participant, entity=entity, temperament=temperament, cast=member)

    def known(self, entity: PremiseEntity, character: Character) -> Member:
        """A member whom memory knows: nothing about them is decided again."""
        self._taken.add(character.name.lower())
        temperament = self._choose_temperament(entity)
        deed = character.state.get(DEED)
        participant = Participant(
            id=character.id,
            noun=noun_of(character).lower().rpartition(" ")[2] or entity.noun,
            name=character.name if character.name[:1].isupper() else None,
            gender=entity.gender or "neuter",
            kin=entity.noun.rpartition(" ")[2] in _tables().kin,
            job=job_facts(noun_of(character).lower()),
            thing=thing_facts(noun_of(character).lower()) if character.kind in {"thing", "animal"} else None,
            earlier=deed if isinstance(deed, str) and deed else None,
        )
        cast = CastMember(name=character.name, kind=character.kind, description=character.description)
        return Member(participant=participant, entity=entity, temperament=temperament, cast=cast)

    def _draw_name(self, entity: PremiseEntity, gender: str) -> str:
        pools = [gender] if entity.kind == "human" else [entity.kind or "animal", "animal", gender]
        for pool in pools:
            free = [name for name in _tables().names.get(pool, ()) if name.lower() not in self._taken]
            if free:
                name = self._rng.choice(free)
                self._taken.add(name.lower())
                return name
        return entity.noun.capitalize()

    def _slug(self, name: str) -> str:
        """An id made of a name, that nobody has yet."""
        slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:36] or "someone"
        slug = slug if slug[0].isalpha() else f"n_{slug}"
        identifier, number = slug, 2
        while identifier in self._ids:
            identifier, number = f"{slug}_{number}", number + 1
        self._ids.add(identifier)
        return identifier

    def _choose_temperament(self, entity: PremiseEntity) -> Temperament:
        """The manner of somebody: from a word of the prompt, else one that is free."""
        hints = _tables().temperaments
        hinted: Temperament | None = next((hints[word] for word in entity.words if word in hints), None)
        every: tuple[Temperament, ...] = ("blunt", "dreamy", "formal", "playful", "shy")
        free = [temperament for temperament in every if temperament not in self._temperaments] or list(every)
        chosen = self._rng.choice(free) if hinted is None else hinted
        self._temperaments.append(chosen)
        return chosen

    def _describe(
        self, entity: PremiseEntity, gender: str, colour: str, temperament: Temperament, *, young: bool, of: int
    ) -> str:
        """What somebody is, then how they look."""
        rng, tables = self._rng, _tables()
        head = entity.noun.rpartition(" ")[2]
        words = [word for word in entity.words if len(word.split()) == 1]
        extras = [word for word in entity.words if len(word.split()) > 1]
        age = {"child": "young", "young": "young", "old": "old"}.get(entity.age or "", "")
        noun = people().groups.get(head, entity.noun) if entity.type == "group" else entity.noun
        body = " ".join(dict.fromkeys([*([age] if age and age not in words else []), *words, noun]))

        def fill(pattern: str) -> str:
            return pattern.replace("{c}", colour).replace("{f}", rng.choice(tables.furs)).replace("{r}", "red")

        if entity.kind == "human":
            sex = {"female": "a girl" if young else "a woman", "male": "a boy" if young else "a man"}[gender]
            styles = tables.hair_of_the_old if age == "old" else tables.hair_of_the_young if young else tables.hair
            hair = rng.choice([style for style in styles if gender == "male" or not {"beard", "bald"} & set(style.split())])
            job = job_facts(entity.noun) if entity.age != "adult" or entity.noun not in people().children else None
            dress = (
                job.dress
                if job
                else tables.clothes.get(entity.noun)
                or tables.clothes.get(head)
                or rng.choice([garment for garment in tables.plain_clothes if gender == "female" or "dress" not in garment])
            )
            worn = [fill(dress), *([f"{colour} scarf"] if of > 1 and "{c}" not in dress else [])]
            return ", ".join(
                [
                    body,
                    *([sex] if sex.split()[-1] not in body.split() else []),
                    *extras,
                    hair,
                    *worn,
                    rng.choice(tables.manners[temperament]),
                ]
            )
        species = next(
            (tables.animals[word] for word in (*reversed(entity.noun.split()), *words) if word in tables.animals), None
        )
        looks = tables.vehicles if entity.type == "vehicle" else tables.kinds[entity.kind or "thing"]
        animal = species if entity.kind == "animal" else tables.animals.get(head)
        pattern = animal or tables.beings.get(head) or rng.choice(looks)
        return ", ".join([body, *extras, fill(pattern)])

    def _voice(self, entity: PremiseEntity, gender: str) -> VoiceChoice:
        """A voice that fits kind, age and gender."""
        bases: tuple[VoiceBase, ...]
        if entity.kind == "robot":
            bases = ("metal",)
        elif entity.kind == "spirit":
            bases = ("airy", "deep")
        elif entity.age == "child":
            bases = ("child", "young")
        elif entity.age == "old":
            bases = ("old", "warm-low")
        elif entity.kind in {"animal", "thing"}:
            bases = ("tiny", "bright", "young")
        elif gender == "male":
            bases = ("warm-low", "deep", "gravel", "crisp")
        else:
            bases = ("warm", "bright", "soft", "crisp")
        return VoiceChoice(base=self._rng.choice(bases), rate=round(self._rng.uniform(0.92, 1.1), 2))


def cast_members(continuation: Continuation, seed: int) -> dict[str, tuple[Member, ...]]:
    """Members of the cast by the id of the entity that they belong to; those whom memory knows as it knows them."""
    premise = continuation.premise
    caster = _Caster(premise, seed, continuation.taken)
    cast: dict[str, tuple[Member, ...]] = {}
    for entity in premise.entities:
        if (known := continuation.characters.get(entity.id)) is not None:
            cast[entity.id] = tuple(caster.known(entity, character) for character in known)
        elif entity.acts:
            count = min(entity.count or MANY, MOST_MEMBERS)
            cast[entity.id] = tuple(caster.cast(entity, number, count) for number in range(1, count + 1))
    return cast
