"""Moments: what is seen where a prompt names a feeling, a season or a situation, and nobody who does anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.fabula.subjects.days import day_of
from planners.knowledge.noun_types import PORTABLE
from planners.knowledge.wordnet import open_wordnet
from planners.plan.vocabulary import Mood, TimeOfDay, Weather
from planners.reading.english import verb_lemma
from planners.reading.premise import ENACTED, Premise, PremiseEntity, PremiseEvent

__all__ = ["Moment", "moment_of", "moments", "with_moment"]


class Moment(DataFile):
    """What one being does in a moment, and when and where."""

    acts: tuple[str, ...]
    """Verb phrases in the third person, in order."""
    place: str
    """A noun that `places` knows."""
    time: TimeOfDay
    mood: Mood
    weather: Weather | None = None
    also: WordList = ()
    """Other words for it."""


class MomentTables(DataFile):
    """The tables of `data/moments.yaml`."""

    moments: dict[str, Moment]


@cache
def moments() -> dict[str, Moment]:
    """All moments by each of their names."""
    listed = read_data_file(Path(__file__).with_name("data") / "moments.yaml", MomentTables).moments
    names = {name: moment for moment in listed.values() for name in moment.also}
    return names | listed


def _parts(text: str) -> Iterator[str]:
    """All runs of words of a text, the longest first."""
    words = re.findall(r"[a-z'’-]+", text.lower())
    for length in range(min(4, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])


def moment_of(premise: Premise) -> tuple[str, Moment] | None:
    """The moment that a prompt without events names, and its name; None if things happen in it or no list knows it."""
    if any(event.modality in ENACTED and event.explicit for event in premise.events):
        return None
    if premise.form == "advert" and not any(not entity.acts and entity.type in PORTABLE for entity in premise.entities):
        return None
    table = moments()
    for part in _parts(premise.prompt):
        for name in (part, part.removesuffix("s")):
            if name in table and not _names_another(premise, name):
                return name, table[name]
    return None


def _names_another(premise: Premise, name: str) -> bool:
    """Whether a name is only part of a known compound that means something else: `return` of a tax return."""
    compounds = [entity.noun for entity in premise.entities if name in entity.noun.split()[-1:] and " " in entity.noun]
    return any(open_wordnet().is_noun(noun) and noun not in moments() for noun in compounds)


def _common_day(premise: Premise) -> Moment | None:
    """A common day of the only one whom a prompt names; None if it says what happens, what there is, or where an animal is."""
    beings = [entity for entity in premise.entities if entity.acts]
    others = [entity for entity in premise.entities if not entity.acts and not entity.implied]
    places = [entity for entity in others if entity.type == "place"]
    if (
        len(beings) != 1
        or len(others) > len(places)
        or premise.events
        or premise.quotes
        or premise.form not in {"vignette", "story"}
    ):
        return None
    if places and beings[0].kind == "animal":
        return None
    day = day_of(beings[0])
    return Moment(acts=day.acts, place=day.place, time=day.time, mood=day.mood) if day else None


def with_moment(premise: Premise) -> Premise:
    """The premise with what is seen of the moment that it names, and with its hour, weather and place where it says none."""
    named = moment_of(premise) if premise.form != "monologue" else None
    name, moment = named or ("", _common_day(premise))
    if moment is None:
        return premise
    entities = [entity for entity in premise.entities if entity.acts or entity.noun not in name or entity.type == "place"]
    if not any(entity.type == "place" for entity in entities):
        place = re.sub(r"[^a-z0-9]+", "_", moment.place).strip("_")
        entities.append(PremiseEntity(id=f"at_{place}", noun=moment.place, type="place", implied=True))
    if not any(entity.acts for entity in entities):
        entities.append(PremiseEntity(id="somebody", noun="person", type="person", acts=True, kind="human", age="adult"))
    kept = {entity.id for entity in entities}
    agents = tuple(entity.id for entity in entities if entity.acts)[:1]
    events = tuple(
        PremiseEvent(verb=verb_lemma(act.partition(" ")[0]), phrase=act, agents=agents, explicit=False) for act in moment.acts
    )
    setting = premise.setting
    return replace(
        premise,
        entities=tuple(entities),
        events=events,
        silent=True,
        tone=premise.tone or (moment.mood,),
        setting=replace(
            setting,
            places=tuple(place for place in setting.places if place in kept),
            time=setting.time or moment.time,
            weather=setting.weather or moment.weather,
        ),
    )
