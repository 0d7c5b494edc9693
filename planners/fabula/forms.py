"""Forms of film that are no whole story: advert, trailer, vignette. Each reorders, limits or adds to the events of any plot."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from planners.fabula.participant import Participant
from planners.fabula.plot import Link, Plot, PlotEvent
from planners.fabula.subjects.monologue import as_monologue
from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.families import RoleName
from planners.knowledge.noun_types import PORTABLE
from planners.knowledge.place_facts import place_facts
from planners.knowledge.thing_uses import thing_place, thing_use
from planners.reading.english import article, is_mass, plural, third_person
from planners.reading.premise import Premise

__all__ = ["arrange_form", "as_advert", "as_trailer", "is_image", "vignette_uses"]

_ADVERT_FOR: Final = re.compile(r"\b(?:advert(?:isement)?|commercial|ad|promo|jingle|spot) for ([^.,:;]+)")
TRAILER_LANDMARKS: Final = 3
IMAGE_WORDS: Final = 12
"""Longest prompt, in words, that counts as an image if nothing happens in it."""


def arrange_form(premise: Premise, plot: Plot) -> tuple[Premise, Plot]:
    """The plot in the form that the prompt asks for, and the premise, made silent if the prompt is an image."""
    if premise.form == "advert":
        return replace(premise, few_words=True), as_advert(premise, plot)
    if premise.form == "monologue":
        return replace(premise, few_words=True), as_monologue(premise, plot)
    if premise.form == "trailer":
        return premise, as_trailer(plot)
    if premise.form == "vignette":
        return replace(premise, silent=premise.silent or (is_image(premise) and not premise.quotes)), plot
    return premise, plot


def is_image(premise: Premise) -> bool:
    """Whether a prompt is a word or an image: short, and it does not say that anything happens."""
    return len(premise.prompt.split()) <= IMAGE_WORDS and not any(event.explicit for event in premise.events)


def _the(thing: Participant) -> str:
    """A thing with `the`."""
    return f"the {plural(thing.noun) if thing.many else thing.noun}"


def _a(thing: Participant) -> str:
    """A thing without knowing which: `an umbrella`, `shoes`, `bread`."""
    if thing.many:
        return plural(thing.noun)
    return thing.noun if is_mass(thing.noun) else f"{article(thing.noun)} {thing.noun}"


def _event(
    name: str, phrase: str, agents: tuple[str, ...], place: str, theme: str | None = None, quoted: str | None = None
) -> PlotEvent:
    """An event that the form needs. `phrase` is in the plain form."""
    verb, _, rest = phrase.partition(" ")
    roles: dict[RoleName, tuple[str, ...]] = {"agent": agents, "place": (place,)}
    if theme is not None:
        roles["theme"] = (theme,)
    return PlotEvent(
        id=name,
        origin="needed" if quoted is None else "ending",
        verb=verb,
        phrase=f"{third_person(verb)} {rest}".strip(),
        family=None,
        roles=roles,
        place=place,
        quoted=quoted,
    )


def _takes_part(event: PlotEvent, identifier: str) -> bool:
    """Whether somebody or something takes part in an event."""
    return any(identifier in filling for filling in event.roles.values())


def _uses(event: PlotEvent, identifier: str) -> bool:
    """Whether an event has to do with a thing, by its roles or by a pronoun that no role stands for."""
    return _takes_part(event, identifier) or bool(re.search(r"\b(?:it|them)\b", event.phrase) and "theme" not in event.roles)


def _product(premise: Premise, plot: Plot) -> str | None:
    """Id of the thing or place that an advert is for: the one of `advert for …`, else the first thing that can be handled."""
    handled = [
        entity
        for entity in premise.entities
        if entity.id in plot.things
        and not PORTABLE.isdisjoint(compound_types(entity.noun)[:1])
        and thing_use(entity.noun) is not None
    ]
    after = _ADVERT_FOR.search(premise.prompt.lower())
    places = [entity for entity in premise.entities if entity.id in plot.places and not entity.implied]
    named = [entity.id for entity in (*handled, *places) if after is not None and entity.noun.split()[-1] in after[1]]
    return next(iter([*named, *(entity.id for entity in handled)]), None)


def _use_phrase(thing: Participant) -> str | None:
    """What one does with a thing, in the plain form."""
    use = thing_use(thing.noun)
    return use.replace("{}", _the(thing)) if use else None


def as_advert(premise: Premise, plot: Plot) -> Plot:
    """Lack, thing or place, effect on people, and the quoted line or what the prompt says of the product last."""
    product = _product(premise, plot)
    if product is None or not plot.members or not plot.events:
        return plot
    first = next(iter(plot.members))
    is_place = product in plot.places
    thing = plot.places[product] if is_place else plot.things[product]
    plot = plot if is_place else _where_met(premise, plot, thing)
    place = plot.events[0].place
    stated = [event for event in plot.events if event.origin == "prompt"]
    quoted = next((event for event in stated if event.quoted is not None), None)
    stated = [replace(event, quoted=None) if event is quoted else event for event in stated]
    stated = [
        event for event in stated if not (quoted is not None and event.id == quoted.id and event.verb in {"say", "speak", "call"})
    ]
    at = next((number for number, event in enumerate(stated) if _uses(event, product)), len(stated))
    lack, effect = stated[:at], stated[at:]
    line = quoted.quoted if quoted is not None else premise.quotes[-1].text if premise.quotes else None
    if is_place:
        return replace(plot, events=_chained(_visit(premise, plot, product, stated, line)))
    if not lack:
        lack = [_event("lack", f"look around in vain for {_a(thing)}", (first,), place)]
    shown = _event("shown", f"hold up {_the(thing)}", (first,), place, theme=product, quoted=_praise(premise, thing))
    if not effect and (use := _use_phrase(thing)) is not None:
        effect = [_event("effect", use, tuple(plot.members)[:2], place, theme=product)]
    effect = [*effect, _event("relief", "laugh out loud", tuple(plot.members)[:2], place)]
    ending = _event("ending", f"point at {_the(thing)} with a smile", (first,), place, theme=product, quoted=line)
    return replace(plot, events=_chained([*lack, shown, *effect, ending]))


def _visit(premise: Premise, plot: Plot, product: str, stated: list[PlotEvent], line: str | None) -> list[PlotEvent]:
    """An advert for a place: somebody opens it, what is done there, the sign, and the line or what the prompt says of it."""
    place, first = plot.places[product], next(iter(plot.members))
    praise = _praise(premise, place)
    opened = _event("opened", f"unlock the door of {_the(place)}", (first,), product, quoted=praise if line else None)
    work = [_event("effect", act, (first,), product) for act in _done_there(place, plot.members[first].participant)]
    sign = _event("shown", "hang a sign over the door", (first,), product)
    ending = _event("ending", "point at the sign with a smile", (first,), product, quoted=line or praise)
    return [*(stated or [opened, *work]), sign, ending]


def _done_there(place: Participant, somebody: Participant) -> list[str]:
    """What is done in a place, in the plain form: with the thing that its name begins with, else by the trade of who is there."""
    first, _, more = place.noun.partition(" ")
    use = thing_use(first) if more and compound_types(first)[:1] in {("thing",), ("clothing",)} else None
    if use is not None:
        return [use.replace("{}", f"{article(first)} {first}")]
    return [somebody.job.act] if somebody.job is not None else []


def _praise(premise: Premise, thing: Participant) -> str | None:
    """What the prompt says of a product, as a line: `Shoe repair shop. Founded 1911. Third generation.`"""
    if not premise.facts:
        return None
    return " ".join(f"{piece[0].upper()}{piece[1:]}." for piece in (thing.noun, *premise.facts))


def _chained(events: list[PlotEvent]) -> tuple[PlotEvent, ...]:
    """Events with the reasons that are among them; what has none follows the one before."""
    kept = {event.id for event in events}
    chained: list[PlotEvent] = []
    for event in events:
        because = tuple(link for link in event.because if link.event in kept)
        if not because and chained:
            because = (Link(event=chained[-1].id, kind="precedes"),)
        chained.append(replace(event, because=because, needs=event.needs & event.before))
    return tuple(chained)


def _where_met(premise: Premise, plot: Plot, thing: Participant) -> Plot:
    """The plot in a place where the thing is met, if neither the prompt nor its moment names one."""
    noun, place = thing_place(thing.noun), plot.events[0].place
    if (
        any(entity.type == "place" for entity in premise.entities)
        or noun is None
        or not place.startswith("at_")
        or len(plot.places) > 1
    ):
        return plot
    moved = Participant(id=place, noun=noun, place=place_facts(noun))
    return replace(plot, places={place: moved})


def as_trailer(plot: Plot) -> Plot:
    """What the prompt tells, with who is who before it, at most three landmarks of its first half if it tells more, and no ending."""
    landmarks = [event for event in plot.events if event.origin == "prompt"]
    if len(landmarks) > TRAILER_LANDMARKS:
        half = landmarks[: max(TRAILER_LANDMARKS, (len(landmarks) + 1) // 2)]
        landmarks = [half[round(number * (len(half) - 1) / (TRAILER_LANDMARKS - 1))] for number in range(TRAILER_LANDMARKS)]
    kept = {event.id for event in landmarks}
    seen = {identifier for event in landmarks for identifier in event.beings()}
    shown = [
        event
        for event in plot.events
        if event.id in kept or event.serves in kept or (event.origin == "introduction" and seen & set(event.beings()))
    ]
    return replace(plot, events=_chained(shown)) if landmarks else plot


def vignette_uses(plot: Plot) -> list[tuple[str, str]]:
    """Things and places of a plot in which nothing happens by the prompt, each with what one does with it, in the plain form.

    Empty if the prompt states events, or if there are several beings, who have to do with one another.
    """
    if len(plot.members) > 1 or any(event.origin == "prompt" for event in plot.events):
        return []
    things = [(identifier, use) for identifier, thing in plot.things.items() if (use := _use_phrase(thing)) is not None]
    places = [(identifier, use) for identifier, place in plot.places.items() if (use := _use_phrase(place)) is not None]
    return (things or places)[:2]
