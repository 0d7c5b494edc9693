"""What the embedded painter draws instead, where it cannot draw what the words say. Pure.

The delivery record notes it for every shot; a run reports it once for every character, location and prop.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from episodic.conditioning.cast import CastCharacter, CastEntity, CastLocation, EpisodeCast
from episodic.conditioning.delivery import Delivery
from episodic.looks.explain import Understanding, understood_character, understood_place, understood_prop

__all__ = ["drawn_otherwise", "seen_as"]


def seen_as(member: CastEntity) -> Understanding:
    """How the painter understands the words about one of the cast, and so what it draws."""
    if isinstance(member, CastCharacter):
        return understood_character(kind=member.kind, name=member.name, description=member.description, look=member.look)
    understood = understood_place if isinstance(member, CastLocation) else understood_prop
    return understood(name=member.name, description=member.description, look=member.look)


def drawn_otherwise(cast: EpisodeCast, requested: Mapping[str, Iterable[Delivery]]) -> dict[str, str]:
    """A sentence about everything in these shots that is drawn as something else, by entity, in the order of the cast.

    `requested`: the deliveries of each shot.
    """
    drawn = {delivery.name for deliveries in requested.values() for delivery in deliveries if delivery.form == "drawn"}
    return {
        member.id: f"{member.name} is drawn {understanding}"
        for member in cast.members
        if _drawn_name(member) in drawn and not (understanding := seen_as(member)).exact
    }


def _drawn_name(member: CastEntity) -> str:
    """The name under which a take's receipt lists a drawing."""
    if isinstance(member, CastCharacter):
        return f"look:{member.id}"
    return f"layout:{member.id}" if isinstance(member, CastLocation) else f"prop:{member.id}"
