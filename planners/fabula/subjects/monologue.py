"""A monologue: somebody or something says what it is and what it has seen, and little else happens."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from string import Formatter

from planners.data_file import DataFile, read_data_file
from planners.fabula.cast_members import Member
from planners.fabula.plot import Link, Plot, PlotEvent
from planners.reading.premise import Premise

__all__ = ["MonologueLine", "MonologueTables", "as_monologue", "monologue_tables"]


class MonologueLine(DataFile):
    """A line, and what its speaker does meanwhile."""

    act: str
    say: str


class MonologueTables(DataFile):
    """The tables of `data/monologues.yaml`."""

    thing: tuple[MonologueLine, ...]
    being: tuple[MonologueLine, ...]
    animal: tuple[MonologueLine, ...]


@cache
def monologue_tables() -> MonologueTables:
    """The tables, read once."""
    return read_data_file(Path(__file__).parents[1] / "data" / "monologues.yaml", MonologueTables)


def _facts(premise: Premise, plot: Plot, speaker: Member) -> dict[str, str]:
    """What is known of who speaks, by the slot of a line."""
    participant = speaker.participant
    subject = premise.speaker or f"the {participant.noun}"
    facts = {"subject": re.sub(r"^(?:my|our)\b", "your", subject, flags=re.IGNORECASE)}
    if participant.thing is not None:
        facts["use"] = participant.thing.use
    if participant.job is not None:
        facts |= {"act": participant.job.act, "duty": participant.job.duties[0], "value": participant.job.values[0]}
    place = next(iter(plot.places.values()), None)
    if place is not None:
        facts["place"] = place.name or f"the {place.noun}"
    return facts


def _fits(line: MonologueLine, facts: dict[str, str]) -> bool:
    """Whether every slot of a line is filled."""
    return all(slot is None or slot in facts for _, slot, _, _ in Formatter().parse(line.say))


def as_monologue(premise: Premise, plot: Plot) -> Plot:
    """The lines of whoever speaks: those that the prompt quotes, else what is known of it."""
    speaker = next(iter(plot.members.values()), None)
    if speaker is None:
        return plot
    kind = speaker.cast.kind
    tables, facts = monologue_tables(), _facts(premise, plot, speaker)
    lines = tables.animal if kind == "animal" else tables.being if kind in {"human", "robot"} else tables.thing
    lines = tuple(line for line in lines if _fits(line, facts))
    if premise.quotes:
        own = (line.act for line in lines)
        lines = tuple(MonologueLine(act=next(own, "looks up"), say=quote.text) for quote in premise.quotes)
    place = plot.events[0].place if plot.events else next(iter(plot.places))
    events: list[PlotEvent] = []
    for number, line in enumerate(lines, 1):
        events.append(
            PlotEvent(
                id=f"said_{number}",
                origin="needed",
                verb=line.act.partition(" ")[0],
                phrase=line.act,
                family=None,
                roles={"agent": (speaker.id,), "place": (place,)},
                place=place,
                quoted=line.say if premise.quotes else line.say.format_map(facts),
                because=(Link(event=events[-1].id, kind="precedes"),) if events else (),
            )
        )
    stated = [event for event in plot.events if event.origin == "prompt"]
    return replace(plot, events=(*events[:1], *stated, *events[1:]) if stated else tuple(events))
