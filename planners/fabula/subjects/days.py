"""A common day of somebody: what a prompt that names an animal or a trade, and nothing that happens, lets us see."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from planners.data_file import DataFile, WordList, read_data_file
from planners.knowledge.job_facts import job_facts
from planners.knowledge.wordnet import open_wordnet
from planners.plan.vocabulary import Mood, TimeOfDay
from planners.reading.premise import PremiseEntity
from planners.reading.texts.imperatives import as_action

__all__ = ["Day", "animal_days", "day_of"]


class Day(DataFile):
    """What somebody does in a day, and where."""

    classes: WordList = ()
    """Classes of animals that do so."""
    acts: tuple[str, ...]
    place: str
    time: TimeOfDay
    mood: Mood


class DayTables(DataFile):
    """The tables of `data/days.yaml`."""

    animals: tuple[Day, ...]


@cache
def animal_days() -> dict[str, Day]:
    """The days of animals by class."""
    days = read_data_file(Path(__file__).parents[1] / "data" / "days.yaml", DayTables).animals
    return {name: day for day in days for name in day.classes}


def _animal_day(noun: str) -> Day | None:
    """The day of an animal: by its noun, else by the nearest class above it."""
    head, wordnet, days = noun.rpartition(" ")[2], open_wordnet(), animal_days()
    if head in days:
        return days[head]
    for sense in wordnet.senses(head, "noun")[:3]:
        above = [lemma for ancestor in wordnet.ancestors(sense.synset, "noun") for lemma in wordnet.lemmas(ancestor, "noun")]
        if "animal" in above:
            return next((days[lemma] for lemma in above if lemma in days), None)
    return None


def day_of(entity: PremiseEntity) -> Day | None:
    """What is seen of an animal, or of somebody with a trade, on a common day; None if no list knows it."""
    if entity.kind == "animal" and (day := _animal_day(entity.noun)) is not None:
        return day
    job = job_facts(entity.noun) if entity.kind == "human" else None
    if job is None:
        return None
    return Day(acts=tuple(as_action(act) for act in (job.act, *job.duties)), place=job.workplace, time="day", mood="calm")
