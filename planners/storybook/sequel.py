"""The next episode's premise: who and what memory holds, and a new want that arises from what has been."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Final

from memory.model.canon import Canon, Location
from planners.storybook.cast import Role, cast_figures, known_roles
from planners.storybook.language.figures import Figure
from planners.storybook.language.prompt_parser import Reading, read_prompt
from planners.storybook.premise import Premise, make_premise
from planners.storybook.script.places import Spot

__all__ = ["next_premise"]

_WANTS: Final = (
    "keep a promise",
    "find out what is missing",
    "bring something back",
    "show everybody what they have learned",
    "say thank you",
    "find out who left the light on",
    "make room for somebody new",
)


def _quiet_reading(canon: Canon, rng: Random) -> Reading:
    """What is read where the user asks for nothing but more: the open thread, or a want that follows."""
    places = " ".join(f"{place.name} {place.description}" for place in canon.locations.values())
    return Reading(
        prompt=places,
        figures=(),
        places=(),
        things=(),
        want=rng.choice(_WANTS),
        genre="sequel",
        topic=None,
        style="storybook",
        time=rng.choice(["dawn", "day", "dusk"]),
        weather="clear",
        heads=(),
    )


def _spot(place: Location) -> Spot:
    name = place.name or place.id.replace("_", " ")
    spoken = name if name[:1].isupper() else f"the {name}"
    open_air = (
        "shore",
        "pier",
        "street",
        "roof",
        "bridge",
        "path",
        "garden",
        "yard",
        "square",
        "hill",
        "beach",
        "market",
        "steps",
    )
    outdoors = any(word in name.lower() for word in open_air)
    return Spot(id=place.id, name=spoken, where=f"{'on' if outdoors else 'in'} {spoken}", description="", indoors=not outdoors)


def _is_known(figure: Figure, roles: list[Role]) -> bool:
    if figure.name:
        return any(figure.name.lower() in {role.name.lower(), role.id} for role in roles)
    return any(figure.noun and figure.noun.rsplit(" ", 1)[-1] == role.noun.rsplit(" ", 1)[-1] for role in roles)


def _newcomer(reading: Reading, roles: list[Role], rng: Random) -> list[Role]:
    """Whom the prompt brings in; at most one, and with an id of their own."""
    figures = tuple(figure for figure in reading.figures if not _is_known(figure, roles))[:1]
    if not figures:
        return []
    cast = cast_figures(replace(reading, figures=figures, genre="sequel"), rng)[:1]
    taken = {role.id for role in roles} | {role.name.lower() for role in roles}
    return [
        role
        if role.id not in taken and role.name.lower() not in taken
        else replace(role, id=f"{role.id}_too", name=f"{role.name} the Younger")
        for role in cast
    ]


def _asked(roles: list[Role], reading: Reading) -> list[Role]:
    """The series' people, those whom the prompt speaks of first."""
    low = reading.prompt.lower().split()
    spoken = [role for role in roles if role.name.lower() in low or role.noun.rsplit(" ", 1)[-1] in low]
    return [*spoken, *[role for role in roles if role not in spoken]]


def next_premise(prompt: str, canon: Canon, episode: int, seed: int) -> Premise:
    """The premise of the next episode. An empty prompt takes up an open thread, or follows from the end of the last one."""
    rng = Random(f"{seed}/sequel")
    reading = replace(read_prompt(prompt), genre="sequel", topic=None) if prompt else _quiet_reading(canon, rng)
    roles = known_roles(canon, Random(f"{seed}/manner"))
    new = _newcomer(reading, roles, rng) if prompt else []
    ordered = _asked(roles, reading) if prompt else roles
    if len(ordered) + len(new) < 2:
        new += [
            role
            for role in cast_figures(replace(reading, figures=(), genre="longing"), rng)[:1]
            if role.id not in canon.characters
        ]
    premise = make_premise(reading, [*ordered, *new], rng, episode)
    known = [_spot(place) for place in canon.locations.values()]
    ids = {spot.id for spot in known}
    own = [spot for spot in premise.spots if spot.id not in ids]
    first = own[:1] if reading.places and own else []
    mixed = [spot for pair in zip(known[1:], own[len(first) :], strict=False) for spot in pair]
    rest = [spot for spot in [*known, *own] if spot not in mixed and spot not in known[:1] and spot not in first]
    threads = [thread for thread in canon.threads if not thread.closed]
    return replace(
        premise,
        spots=tuple(dict.fromkeys([*known[:1], *first, *mixed, *rest])),
        past=canon.synopses[-1] if canon.synopses else "",
        thread=threads[-1].text if threads else "",
        thread_id=threads[-1].id if threads else "",
    )
