"""What the embedded painter draws for the cast, where that is not what the words say. Pure.

The delivery record says it of every shot, and a run tells it once of everybody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from episodic.conditioning.cast import CastCharacter, CastLocation, CastProp, EpisodeCast
from episodic.conditioning.delivery import Delivery
from episodic.looks.explain import Understanding, understood_character, understood_place, understood_prop

__all__ = ["drawn_otherwise", "seen_as"]


def seen_as(one: CastCharacter | CastLocation | CastProp) -> Understanding:
    """What the painter draws of one of the cast."""
    if isinstance(one, CastCharacter):
        return understood_character(kind=one.kind, name=one.name, description=one.description, look=one.look)
    understood = understood_place if isinstance(one, CastLocation) else understood_prop
    return understood(name=one.name, description=one.description, look=one.look)


def drawn_otherwise(cast: EpisodeCast, requested: Mapping[str, Iterable[Delivery]]) -> dict[str, str]:
    """A sentence about everybody and everything that these shots draw as something else, by id, in the order of the cast."""
    drawn = {one.name for deliveries in requested.values() for one in deliveries if one.form == "drawn"}
    return {
        one.id: f"{one.name} is drawn {understanding}"
        for name, one in _all(cast)
        if name in drawn and not (understanding := seen_as(one)).exact
    }


def _all(cast: EpisodeCast) -> Iterator[tuple[str, CastCharacter | CastLocation | CastProp]]:
    yield from ((f"look:{one.id}", one) for one in cast.characters.values())
    yield from ((f"layout:{one.id}", one) for one in cast.locations.values())
    yield from ((f"prop:{one.id}", one) for one in cast.props.values())
