"""Going on with a series: who of the cast, the places and the things of a premise memory knows already, and what could happen next."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final, Literal

from memory.model.canon import STORY, Canon, Character
from planners.data_file import DataFile, read_data_file
from planners.fabula.participant import Participant, PastDeed
from planners.knowledge.noun_types import BEINGS
from planners.plan.model import NARRATOR
from planners.reading.english import third_person
from planners.reading.premise import Gender, Premise, PremiseEntity, PremiseEvent

__all__ = ["DEED", "Continuation", "continuation_of", "follow_up_prompt", "noun_of", "past_deeds", "with_known"]

DEED: Final = "deed"
"""The attribute of a character that holds its latest deed, a verb phrase in the third person."""
_ARTICLE: Final = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Continuation:
    """A premise, and whom of its entities memory knows."""

    premise: Premise
    characters: dict[str, tuple[Character, ...]] = field(default_factory=dict)
    """Known characters by the id of the entity."""
    places: frozenset[str] = frozenset()
    """Ids of places that memory knows."""
    things: frozenset[str] = frozenset()
    """Ids of props that memory knows."""
    taken: frozenset[str] = frozenset()
    """Ids that memory uses, which nobody and nothing new may have."""


def continuation_of(premise: Premise, canon: Canon) -> Continuation:
    """What memory knows of a premise. A definite noun means the character, place or thing of the series that it describes."""
    free = dict(canon.characters)
    characters: dict[str, tuple[Character, ...]] = {}
    entities = list(premise.entities)
    doubles: dict[str, str] = {}
    names = {character.name.lower() for character in canon.characters.values()}
    for at, entity in enumerate(entities):
        if entity.acts or entity.type in BEINGS or _is_called(entity, names):
            if (same := _named_before(entity, characters)) is not None:
                doubles[entity.id] = same
                continue
            known = _known_characters(entity, free.values())
            if known:
                characters[entity.id] = known
                entities[at] = replace(entity, acts=True, count=len(known), kind=known[0].kind, gender=_gender_of(known[0]))
                for character in known:
                    del free[character.id]
    entities = [entity for entity in entities if entity.id not in doubles]
    premise = renamed(premise, doubles)
    if not any(entity.acts for entity in entities) and canon.characters:
        # A prompt that names nobody goes on with those whom the series began with.
        first = tuple(canon.characters.values())[:2]
        entities.append(
            PremiseEntity(
                id="cast_so_far", noun=noun_of(first[0]), type="person", acts=True, kind=first[0].kind, count=len(first)
            )
        )
        characters["cast_so_far"] = first
    others = [entity for entity in entities if entity.id not in characters and not entity.acts]
    places = _known(others, {place.id: place.name for place in canon.locations.values()})
    things = _known(
        [entity for entity in others if entity.id not in places], {prop.id: prop.name for prop in canon.props.values()}
    )
    taken = frozenset({*canon.characters, *canon.locations, *canon.props, STORY, NARRATOR})
    renames = places | things
    for entity in entities:
        if entity.id not in renames and entity.id in taken:
            renames[entity.id] = next(f"{entity.id}_{at}" for at in range(2, 99) if f"{entity.id}_{at}" not in taken)
    premise = renamed(replace(premise, entities=tuple(entities)), renames)
    return Continuation(
        premise=premise,
        characters={renames.get(identifier, identifier): known for identifier, known in characters.items()},
        places=frozenset(places.values()),
        things=frozenset(things.values()),
        taken=taken,
    )


def _is_called(entity: PremiseEntity, names: set[str]) -> bool:
    """Whether an entity has one of some names, whatever the parser took it for."""
    return bool({(entity.name or "").lower(), entity.noun.lower()} & names)


def _named_before(entity: PremiseEntity, characters: dict[str, tuple[Character, ...]]) -> str | None:
    """Id of an earlier entity that is the same known character, of the same name; None if there is none."""
    words = {(entity.name or "").lower(), entity.noun.lower()} - {""}
    return next(
        (identifier for identifier, known in characters.items() if len(known) == 1 and known[0].name.lower() in words), None
    )


def past_deeds(canon: Canon, present: Collection[str]) -> tuple[PastDeed, ...]:
    """What characters who are not `present` did in earlier episodes, as far as memory knows it."""
    deeds = []
    for character in canon.characters.values():
        deed = character.state.get(DEED)
        if character.id not in present and isinstance(deed, str) and deed:
            noun = noun_of(character).lower().rpartition(" ")[2] or character.name
            name = character.name if character.name[:1].isupper() else None
            who = Participant(id=character.id, noun=noun, name=name, gender=_gender_of(character) or "neuter")
            deeds.append(PastDeed(who=who, phrase=deed))
    return tuple(deeds)


def noun_of(character: Character) -> str:
    """What a character is, from the beginning of its description."""
    return character.description.partition(",")[0].strip() or character.name


def _gender_of(character: Character) -> Gender | None:
    """The gender that a description tells."""
    words = set(re.findall(r"[a-z]+", character.description.lower()))
    if words & {"woman", "girl"}:
        return "female"
    return "male" if words & {"man", "boy"} else None


def with_known(continuation: Continuation, entity: PremiseEntity, canon: Canon) -> Continuation:
    """A continuation in which one more entity is somebody whom memory knows, if there is such a one who has no part yet."""
    busy = {character.id for known in continuation.characters.values() for character in known}
    known = _known_characters(entity, [character for character in canon.characters.values() if character.id not in busy])
    return replace(continuation, characters={**continuation.characters, entity.id: known[:1]}) if known else continuation


def _known_characters(entity: PremiseEntity, free: Iterable[Character]) -> tuple[Character, ...]:
    """Characters whom an entity means: by name, else by what they are, as many as the entity counts."""
    listed = list(free)
    if entity.name:
        named = [
            character
            for character in listed
            if entity.name.lower() in {character.name.lower(), character.id, character.name.lower().partition(" ")[0]}
        ]
        return tuple(named[:1])
    head = entity.noun.rpartition(" ")[2]
    alike = [
        character for character in listed if head in noun_of(character).lower().split() or entity.noun == character.name.lower()
    ]
    return tuple(alike[: entity.count] if entity.count else alike)


def _known(entities: list[PremiseEntity], names: dict[str, str]) -> dict[str, str]:
    """Known places or props by the entities that mean them."""
    known_ids: dict[str, str] = {}
    for entity in entities:
        own_names = {entity.id.replace("_", " "), entity.noun, (entity.name or "").lower()} - {""}
        match = next(
            (
                identifier
                for identifier, name in names.items()
                if identifier not in known_ids.values()
                and ((known := _ARTICLE.sub("", name).lower()) in own_names or known.endswith(f" {entity.noun}"))
            ),
            None,
        )
        if match is not None:
            known_ids[entity.id] = match
    return known_ids


class FollowUpRule(DataFile):
    """One rule of `data/follow_ups.yaml`."""

    when: tuple[Literal["two", "kept", "hidden", "broken", "thing"], ...]
    texts: tuple[str, ...]


class FollowUpTables(DataFile):
    """The tables of `data/follow_ups.yaml`."""

    rules: tuple[FollowUpRule, ...]


def follow_up_prompt(canon: Canon, seed: int) -> str:
    """A sentence that goes on with a series: what an open thread asks, else a consequence of what its characters did and have."""
    if (answer := _answer_to_a_thread(canon)) is not None:
        return answer
    rng = Random(f"{seed}/follow-up")
    people = [character.name for character in canon.characters.values()]
    props = [prop for prop in canon.props.values() if _ARTICLE.sub("", prop.name)]
    kept = [prop for prop in props if prop.state.get("kept_by") in people]
    prop = rng.choice(kept or props) if props else None
    holder = str(prop.state["kept_by"]) if prop in kept and prop is not None else people[0]
    others = [name for name in people if name != holder]
    true = {
        "two": bool(others),
        "thing": prop is not None,
        "kept": bool(kept),
        "hidden": prop is not None and prop.state.get("state") == "hidden",
        "broken": prop is not None and prop.state.get("state") == "broken",
    }
    rules = read_data_file(Path(__file__).with_name("data") / "follow_ups.yaml", FollowUpTables).rules
    texts = next(rule.texts for rule in rules if all(true[condition] for condition in rule.when))
    places = [place.name for place in canon.locations.values()]
    other = rng.choice(others) if others else ""
    filled = [
        text.format(
            a=holder,
            b=other,
            t=f"the {_ARTICLE.sub('', prop.name)}" if prop else "",
            p=f"the {_ARTICLE.sub('', places[0])}" if places else "the street",
        )
        for text in rng.sample(texts, len(texts))
    ]
    synopses = " ".join(canon.synopses)
    return next((text for text in filled if text.partition(".")[0].partition(",")[0] not in synopses), filled[0])


def _answer_to_a_thread(canon: Canon) -> str | None:
    """The oldest open question `Does Tam sell his boat?` as a sentence in which it happens; None if there is none of this form."""
    for thread in canon.threads:
        for character in canon.characters.values():
            start = f"Does {character.name} "
            if not thread.closed and thread.text.startswith(start) and thread.text.endswith("?"):
                verb, _, rest = thread.text[len(start) : -1].partition(" ")
                return f"{character.name} {third_person(verb)} {rest}".strip() + "."
    return None


def renamed(premise: Premise, names: dict[str, str]) -> Premise:
    """A premise with other ids of some entities."""

    def renamed_id(identifier: str | None) -> str | None:
        return names.get(identifier, identifier) if identifier is not None else None

    def every(identifiers: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(names.get(identifier, identifier) for identifier in identifiers)

    def event_renamed(event: PremiseEvent) -> PremiseEvent:
        return replace(
            event,
            agents=every(event.agents),
            patients=every(event.patients),
            recipients=every(event.recipients),
            sources=every(event.sources),
            goals=every(event.goals),
            instruments=every(event.instruments),
            companions=every(event.companions),
            topics=every(event.topics),
            places=every(event.places),
        )

    return replace(
        premise,
        entities=tuple(
            replace(entity, id=names.get(entity.id, entity.id), owner=renamed_id(entity.owner), place=renamed_id(entity.place))
            for entity in premise.entities
        ),
        events=tuple(event_renamed(event) for event in premise.events),
        quotes=tuple(replace(quote, speaker=renamed_id(quote.speaker)) for quote in premise.quotes),
        setting=replace(premise.setting, places=every(premise.setting.places)),
    )
