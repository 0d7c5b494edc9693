"""The premise: everything a story's scenes draw their words from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Final

from planners.plan import PlannedProp
from planners.storybook.casting import Role
from planners.storybook.inflect import article, gerund, plural
from planners.storybook.reading import Reading, Thing
from planners.storybook.world import PLACE_NOUNS, Region, Spot, find_region, prompt_spot

__all__ = ["Premise", "make_premise"]

_WANTS: Final[dict[str, str]] = {
    "befriend": "make a friend", "learn": "learn something new", "rivalry": "win, just once", "mystery": "find out the truth",
    "quest": "find the way", "explainer": "understand", "survival": "get home", "hiding": "keep a secret", "trial": "find out the truth",
    "signal": "find out who is calling", "repair": "make it whole again", "longing": "be understood",
}  # fmt: skip
_GENRE_THING: Final[dict[str, tuple[str, ...]]] = {
    "rivalry": ("prize", "table", "bench"), "mystery": ("notebook", "letter", "key"), "survival": ("radio", "rope"), "trial": ("silver spoon", "ring"),
    "repair": ("clock", "music box"), "signal": ("radio", "old telephone"), "hiding": ("trunk",), "quest": ("map",), "learn": ("music box",),
    "befriend": ("lantern",), "longing": ("letter", "red kite", "old photograph"), "explainer": ("model",),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Premise:
    """Who, what, where of one episode."""

    reading: Reading
    roles: tuple[Role, ...]
    thing: str
    thing_plural: bool
    thing_words: str
    want: str
    region: Region
    spots: tuple[Spot, ...]
    """The first is home."""
    episode: int

    def slots(self) -> dict[str, str]:
        """The words every script may use."""
        found: dict[str, str] = {}
        for letter, role in zip("ABCDEF", self.roles, strict=False):
            for word, value in role.slots().items():
                found[f"{letter}.{word}" if word else letter] = value
        bare = self.thing
        found |= {
            "thing": f"the {bare}", "thing.bare": bare, "a_thing": bare if self.thing_plural else f"{article(bare)} {bare}",
            "thing.it": "them" if self.thing_plural else "it", "thing.is": "are" if self.thing_plural else "is",
            "want": self.want, "my_want": self._mine(self.want), "wanting": self._wanting(), "my_wanting": self._mine(self._wanting()),
            "home": self.spots[0].name, "in_home": self.spots[0].where,
        }  # fmt: skip
        topic = self.reading.topic
        if topic:
            found |= {"topic": topic.subject, "question": topic.question}
        return found

    def _wanting(self) -> str:
        verb, _, rest = self.want.partition(" ")
        return f"{gerund(verb)} {rest}".strip()

    def _mine(self, phrase: str) -> str:
        his = self.roles[0].slots()["his"]
        return re.sub(rf"\b(?:{his}|their)\b", "my", phrase)


def _home(reading: Reading, region: Region) -> list[Spot]:
    """The prompt's own places first: as the region has them, or in the prompt's words."""
    found: list[Spot] = []
    for preposition, phrase in reading.places:
        head = phrase.split()[-1].lower()
        match = next((spot for spot in region.spots if re.search(rf"\b{re.escape(head)}\b", spot.name)), None)
        if match is None and head in region.cues:
            continue
        if match is None and not (head in PLACE_NOUNS or phrase[:1].isupper() or phrase.split()[-1][:1].isupper()):
            continue
        if match is None:
            match = prompt_spot(phrase, preposition)
        if match not in found:
            found.append(match)
    return found


def _thing(reading: Reading, rng: Random) -> Thing:
    if reading.things:
        return reading.things[0]
    return Thing(noun=rng.choice(_GENRE_THING[reading.genre]))


def _want_of(reading: Reading, roles: list[Role]) -> str:
    if reading.topic:
        return f"understand {reading.topic.subject}"
    want = reading.want
    if want is None:
        return _WANTS[reading.genre]
    return want


def make_premise(reading: Reading, roles: list[Role], rng: Random, episode: int) -> Premise:
    """Settle who, what and where. The first role is whose story it is."""
    region = find_region(reading.prompt, rng, heads=reading.heads)
    own = _home(reading, region)
    rest = [spot for spot in region.spots if spot not in own]
    # A place named only as where the story goes to (an oasis) comes later; the region's first place is home then.
    spots = own + rest if own and (own[0] in region.spots or len(reading.places) == 1 or not rest) else rest[:1] + own + rest[1:]
    thing = _thing(reading, rng)
    return Premise(
        reading=reading, roles=tuple(roles), thing=plural(thing.noun) if thing.plural else thing.noun, thing_plural=thing.plural,
        thing_words=" ".join(thing.words), want=_want_of(reading, roles), region=region, spots=tuple(dict.fromkeys(spots)), episode=episode)  # fmt: skip


def prop_of(premise: Premise) -> dict[str, PlannedProp]:
    """The thing the story turns on."""
    slug = re.sub(r"[^a-z0-9]+", "_", premise.thing.lower()).strip("_")[:38]
    words = f"{premise.thing_words} {premise.thing}".strip()
    taken = {role.id for role in premise.roles} | {spot.id for spot in premise.spots}
    while slug in taken or not slug[:1].isalpha():
        slug = f"thing_{slug}"[:38]
    return {slug: PlannedProp(name=premise.thing, description=words if premise.thing_plural else f"{article(words)} {words}")}
