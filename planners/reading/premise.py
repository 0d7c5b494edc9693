"""The premise: what a prompt states. Entities, events with participants by role, constraints, form and tone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from memory.model.canon import CharacterKind
from planners.knowledge.noun_types import NounType
from planners.plan.vocabulary import Style, TimeOfDay, Weather

__all__ = ["ENACTED", "Form", "Gender", "Modality", "Premise", "PremiseEntity", "PremiseEvent", "Quote", "Setting"]

Form = Literal["story", "lesson", "process", "vignette", "advert", "trailer", "monologue"]
Modality = Literal["done", "attempted", "wanted", "possible", "refused", "feared", "told", "past", "habit"]
"""How an event is stated.

`done` it happens; `attempted` somebody tries or plans it; `wanted` somebody wishes or needs it; `possible` it can or may happen;
`refused` somebody will not do it; `feared`; `told` it is only spoken of; `past` it happened before the story; `habit` it happens again and again.
"""
ENACTED: Final[frozenset[Modality]] = frozenset({"done", "attempted", "wanted", "habit"})
"""Modalities of events that a film shows."""
Gender = Literal["female", "male", "neuter"]
Age = Literal["child", "young", "adult", "old"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiseEntity:
    """Somebody or something that the prompt names."""

    id: str
    noun: str
    """What it is, singular, with compounds: `lighthouse keeper`. For a bare name: the name."""
    type: NounType
    name: str | None = None
    words: tuple[str, ...] = ()
    """What the prompt says of it: `shy`, `retired`."""
    count: int | None = 1
    """None: many."""
    gender: Gender | None = None
    age: Age | None = None
    owner: str | None = None
    """Id of the entity whose it is."""
    place: str | None = None
    """Id of the entity in, on or under which it is said to be."""
    acts: bool = False
    """Whether an event needs it as a being: it does, says, feels or is befriended."""
    kind: CharacterKind | None = None
    """Kind of a character; None: not a being."""
    sentence: int = 0
    implied: bool = False
    """Whether the prompt only implies it: the hotel of a `hotel wall`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PremiseEvent:
    """Something that happens, or is wanted, refused or feared. Participants are ids of entities."""

    verb: str
    """Lemma."""
    particle: str = ""
    phrase: str
    """The verb phrase as an action text without its subject, third person present: `steals the bell from the museum`."""
    agents: tuple[str, ...] = ()
    patients: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    instruments: tuple[str, ...] = ()
    companions: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    modality: Modality = "done"
    negated: bool = False
    explicit: bool = True
    """False: derived from an adjective, a noun or a wish."""
    content_of: int | None = None
    """Index of the event whose content this is: what is asked, told, planned."""
    reason_for: int | None = None
    """Index of the event that this one explains."""
    quote: int | None = None
    """Index of the quoted line that is spoken here."""
    undergone: bool = False
    """Whether nobody is said to do it and the phrase tells what its patients undergo: `gets promoted`."""

    def participants(self) -> tuple[str, ...]:
        """Ids of all participants, each once, agents first."""
        roles = (
            self.agents,
            self.patients,
            self.recipients,
            self.companions,
            self.topics,
            self.sources,
            self.goals,
            self.instruments,
        )
        return tuple(dict.fromkeys(identifier for role in roles for identifier in role))


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A line that the prompt quotes."""

    text: str
    speaker: str | None = None
    """Id of the entity that says it; None: not said who."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """Where and when the story plays, besides places of single events."""

    places: tuple[str, ...] = ()
    """Ids of entities, most general last."""
    time: TimeOfDay | None = None
    weather: Weather | None = None
    date: str | None = None
    """A year, century or holiday: `1947`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """A prompt, understood."""

    prompt: str
    form: Form
    style: Style | None
    """None: the prompt names no look."""
    tone: tuple[str, ...]
    genre: str | None
    minutes: float | None
    """Length that the prompt asks for."""
    silent: bool
    """Whether nobody may speak."""
    few_words: bool = False
    """Whether little may be spoken."""
    narrated: bool | None
    """Whether the prompt wants a narrator; None: not said."""
    banned: tuple[str, ...]
    """Nouns of what must not appear."""
    audience: str | None
    analogy: str | None
    """What the story is to be told as: `the kitchen were a battlefield`."""
    entities: tuple[PremiseEntity, ...]
    events: tuple[PremiseEvent, ...]
    """In story order."""
    quotes: tuple[Quote, ...]
    setting: Setting
    speaker: str | None = None
    """Who speaks a monologue, in the prompt's words: `the last payphone in the city`."""
    facts: tuple[str, ...] = ()
    """Fragments that say something of what is advertised: `founded 1911`."""
    unused: tuple[str, ...]
    """Words of the prompt that nothing in the premise stands for."""

    def entity(self, identifier: str) -> PremiseEntity:
        """The entity with an id. Raises KeyError."""
        for entity in self.entities:
            if entity.id == identifier:
                return entity
        raise KeyError(identifier)
