"""The premise: everything a story's scenes draw their words from."""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import Final

from planners.plan.model import PlannedProp
from planners.storybook.cast import Role
from planners.storybook.language.inflect import article, gerund, plural, words
from planners.storybook.language.prompt_parser import Reading, Thing
from planners.storybook.phrases import PHRASES
from planners.storybook.script.places import PLACE_NOUNS, Region, Spot, find_region, prompt_spot
from planners.storybook.script.topics import facts_about

__all__ = ["Premise", "make_premise", "prop_of"]

_WEATHERLY: Final = frozenset(
    words("storm thunderstorm hurricane tornado wind breeze gale cloud raincloud rain snow snowstorm blizzard thunder")
)


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
    past: str = ""
    """What happened last, where the series has begun."""
    thread: str = ""
    """The open question this episode takes up, and its id."""
    thread_id: str = ""

    def letters(self) -> dict[str, Role]:
        """Who plays which part of a script. A to F are the players in order; the other letters have a part of their own."""
        genre, roles = self.reading.genre, list(self.roles)
        special: dict[str, Role] = {}

        def take(letter: str, role: Role | None, *, keep: bool = False) -> None:
            if role is not None:
                special[letter] = role
                if not keep:
                    roles.remove(role)

        def by_noun(*nouns: str) -> Role | None:
            return next((role for role in roles if role.noun in nouns), None)

        if genre == "trial" and len(roles) >= 4:
            take("W", next((role for role in roles if role.noun not in {"judge", "lawyer"}), None), keep=True)
            for letter, nouns in (("J", ("judge",)), ("L", ("lawyer", "attorney", "prosecutor"))):
                take(letter, by_noun(*nouns), keep=True)
            take("X", next((role for role in roles if role not in special.values()), None), keep=True)
        elif genre == "hiding" and len(roles) >= 3:
            take("S", by_noun("inspector"))
            take("H", roles[-1] if len(roles) > 1 else None)
        elif genre == "signal":
            take("U", next((role for role in roles if role.unseen), None))
        elif genre == "repair":
            take("V", next((role for role in roles[2:] if role.kind == "thing"), None))
        return dict(zip("ABCDEF", roles, strict=False)) | special

    def slots(self) -> dict[str, str]:
        """The words every script may use."""
        slots: dict[str, str] = {}
        for letter, role in self.letters().items():
            for word, value in role.slots().items():
                slots[f"{letter}.{word}" if word else letter] = value
        if "D" not in self.letters():
            slots["D"] = slots.get("C", slots["B"])
        bare = self.thing
        slots |= {
            "thing": f"the {bare}",
            "thing.bare": bare,
            "a_thing": bare if self.thing_plural else f"{article(bare)} {bare}",
            "thing.full": f"{self.thing_words} {bare}".strip(),
            "thing.it": "them" if self.thing_plural else "it",
            "thing.is": "are" if self.thing_plural else "is",
            "want": self.want,
            "my_want": self._mine(self.want),
            "wanting": self._wanting(),
            "my_wanting": self._mine(self._wanting()),
            "home": self.spots[0].name,
            "in_home": self.spots[0].where,
            "past": self.past,
            "past.said": self._past_said(),
            "thread": self.thread,
        }
        topic = self.reading.topic
        if topic:
            slots |= {"topic": topic.subject, "question": topic.question} | (facts_about(topic) or {})
        return slots

    def offers(self) -> set[str]:
        """What a card may need and this premise has: roles, their kinds, a book, facts."""
        tags = {"thing"}
        for letter, role in self.letters().items():
            tags |= {letter, f"{letter}-{role.kind}", f"{letter}-{role.gender}"}
            if role.noun in _WEATHERLY:
                tags.add(f"{letter}-weather")
        if self.thing.rsplit(" ", 1)[-1] in {"notebook", "diary", "book", "letter", "list", "ledger", "journal"}:
            tags.add("thing-book")
        if re.search(r"\bwhere\b.*\b(?:snow|water|river|rain)\b", self.want):
            tags.add("goes")
        if self.reading.topic and facts_about(self.reading.topic):
            tags.add("facts")
        if self.thread:
            tags.add("thread")
        return tags

    def _past_said(self) -> str:
        """The end of the last episode in the narrator's words, where memory has it and it is short enough to be said."""
        text = self.past.strip()
        return text if text and len(text.split()) <= 24 else "Last time, everything ended well."

    def _wanting(self) -> str:
        verb, _, rest = self.want.partition(" ")
        return f"{gerund(verb)} {rest}".strip()

    def _mine(self, phrase: str) -> str:
        his = self.roles[0].slots()["his"]
        return re.sub(rf"\b(?:{his}|their)\b", "my", phrase)


def _home(reading: Reading, region: Region) -> list[Spot]:
    """The prompt's own places first: as the region has them, or in the prompt's words."""
    spots: list[Spot] = []
    for preposition, phrase in reading.places:
        head = phrase.split()[-1].lower()
        match = next((spot for spot in region.spots if re.search(rf"\b{re.escape(head)}\b", spot.name)), None)
        if match is None and head in region.cues:
            continue
        if match is None and not (head in PLACE_NOUNS or phrase[:1].isupper() or phrase.split()[-1][:1].isupper()):
            continue
        if match is None:
            match = prompt_spot(phrase, preposition)
        if match not in spots:
            spots.append(match)
    return spots


def _thing(reading: Reading, rng: Random) -> Thing:
    """The object the story turns on: from the prompt, else one that fits the genre."""
    if reading.things:
        return reading.things[0]
    return Thing(noun=rng.choice(PHRASES.things[reading.genre]))


_LONGINGS: Final = ("be understood", "begin again", "find a friend", "be seen, just once", "come home")
_TURNED: Final = {
    "hate": "make peace with",
    "fear": "stop fearing",
    "lose": "find",
    "miss": "see",
    "forget": "remember",
    "dislike": "make peace with",
}
_NO_WANT: Final = frozenset(
    words("be have get hear live die go come happen seem become stand sit say tell know think feel look wake")
)


def _want_of(reading: Reading, roles: list[Role], rng: Random) -> str:
    """The want, as a verb phrase. Some stories know it better than the prompt's main verb does: who follows wants the truth."""
    if reading.topic:
        return f"understand {reading.topic.clause}"
    other = roles[1].slots()[""] if len(roles) > 1 else "it"
    if reading.genre == "mystery":
        return f"find out the truth about {other}"
    if reading.genre == "signal":
        return "find out who is knocking" if "knock" in reading.prompt.lower() else "find out who is calling"
    default = rng.choice(_LONGINGS) if reading.genre == "longing" else PHRASES.wants[reading.genre]
    if reading.genre in {"survival", "trial"} or reading.want is None:
        return default
    verb, _, rest = reading.want.partition(" ")
    if verb in _TURNED:
        return f"{_TURNED[verb]} {rest}"
    if verb in _NO_WANT:
        return default
    return reading.want


def make_premise(reading: Reading, roles: list[Role], rng: Random, episode: int) -> Premise:
    """Settle who, what and where. The first role is whose story it is."""
    region = find_region(reading.prompt, rng, heads=reading.heads)
    own = _home(reading, region)
    rest = [spot for spot in region.spots if spot not in own]
    # A place named only as where the story goes to (an oasis) comes later; the region's first place is home then.
    spots = own + rest if own and (own[0] in region.spots or len(reading.places) == 1 or not rest) else rest[:1] + own + rest[1:]
    thing = _thing(reading, rng)
    return Premise(
        reading=reading,
        roles=tuple(roles),
        thing=plural(thing.noun) if thing.plural else thing.noun,
        thing_plural=thing.plural,
        thing_words=" ".join(thing.words),
        want=_want_of(reading, roles, rng),
        region=region,
        spots=tuple(dict.fromkeys(spots)),
        episode=episode,
    )


def prop_of(premise: Premise) -> dict[str, PlannedProp]:
    """The thing the story turns on, unless it is one of the cast."""
    if any(role.noun == premise.thing for role in premise.roles):
        return {}
    slug = re.sub(r"[^a-z0-9]+", "_", premise.thing.lower()).strip("_")[:38]
    words = f"{premise.thing_words} {premise.thing}".strip()
    taken = {role.id for role in premise.roles} | {spot.id for spot in premise.spots}
    while slug in taken or not slug[:1].isalpha():
        slug = f"thing_{slug}"[:38]
    return {slug: PlannedProp(name=premise.thing, description=words if premise.thing_plural else f"{article(words)} {words}")}
