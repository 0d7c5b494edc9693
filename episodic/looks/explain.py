"""What the painter understood of the words that a look is made from: whether what it draws is what they say, and if not, what it is.

Pure, and loads no drawing library. A look is judged as it is stored: one cast before a word was known still shows what it showed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from episodic.looks.clothes import clothes_for_work, clothes_in
from episodic.looks.creatures import creature_word, species_of
from episodic.looks.place_substitutes import LOOSE_PLACES, NEAR_PLACES
from episodic.looks.places import read_place
from episodic.looks.props import form_of_prop, prop_word
from episodic.looks.substitutes import NEAR_ANIMALS, NEAR_PROPS, NEAR_SPIRITS, NEAR_THINGS, PERSONS
from episodic.looks.words import has, heads_of, words_of
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["Understanding", "understood_character", "understood_clothes", "understood_place", "understood_prop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What is drawn for some words."""

    as_what: str
    """With its article: "a bear"."""
    exact: bool
    """Whether somebody who sees it would call it what the words say."""
    why: str = ""
    """Why it is no more than near; empty where it is exact."""

    def __str__(self) -> str:
        return f"as {self.as_what}" + (f": {self.why}" if self.why else "")


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


_LOOSE: Final[Mapping[CharacterKind, frozenset[str]]] = {
    "animal": _set("robin sparrow finch seagull gull pigeon cockatoo magpie eagle hawk rat hamster donkey toad lizard snake gorilla crab seal "
                   "butterfly butterflies beaver bee squid jellyfish"),
    "spirit": _set("memory dream time night darkness"),
    "thing": _set("oven door house phone computer umbrella pencil cake sugar mountain truck bus watch water teapot brain pumpkin apple blood oxygen carbon"),
}  # fmt: skip
"""Words of the painter's own tables that it draws with the picture of something else."""
_LOOSE_PROPS: Final = _set(
    "map torch photograph ticket contract suitcase trunk bag ring mirror snow seed camera computer rope hat machine engine sword wand screwdriver "
    "wrench teapot dough pastry"
)
_NOTHING_NEARER: Final = "its words name nothing nearer that the painter knows"
_SHOWN: Final = {
    "bee": "bird", "jellyfish": "octopus", "squid": "octopus", "animal": "plain animal", "blob": "soft round thing", "drop": "water drop",
    "voice": "glowing voice", "wind": "gust of wind", "snow": "flurry of snow", "fire": "flame", "bean": "seed", "letter": "envelope",
    "tool": "hammer", "suit": "space suit", "starfish": "star",
}  # fmt: skip
"""Species and forms that are called otherwise than they are stored."""
_ROOMS: Final = {
    "room": "plain room", "landscape": "plain landscape", "deck": "ship's deck", "snow": "snowy land", "space": "space full of stars", "body": "inside of a body",
    "leaf": "inside of a leaf", "planet": "strange planet", "sea_lab": "deep-sea lab", "lab": "laboratory", "underwater": "sea floor", "detective_office": "detective's office",
    "train": "train carriage",
}  # fmt: skip


@lru_cache(maxsize=4096)
def _creature(kind: CharacterKind, name: str, description: str) -> tuple[str | None, bool]:
    called, about = words_of(name), words_of(description)
    word = creature_word(kind, called, about)
    return word, word is not None and has([*called, "_", *heads_of(about)], word)


def understood_character(*, kind: CharacterKind, name: str, description: str, look: Mapping[str, FactValue]) -> Understanding:
    """What is drawn of a character that is cast as `kind`, and wears `look`."""
    if kind == "robot":
        return Understanding(as_what="a robot", exact=True)
    if kind == "human":
        return _person(description)
    word, main = _creature(kind, name, description)
    shown = str(look.get("species", ""))
    what = _a(_SHOWN.get(shown, shown.replace("_", " ")))
    if word is None:
        if kind == "spirit" and has(words_of(f"{name} {description}"), "spirit", "ghost", "phantom", "soul"):
            return Understanding(as_what=what, exact=True)
        many = {"animal": "an animal", "spirit": "a spirit"}.get(kind, "a thing")
        return Understanding(as_what=what, exact=False, why=f"its words name no kind of {many.split()[1]} that the painter knows")
    near: Mapping[str, object] = NEAR_ANIMALS if kind == "animal" else NEAR_SPIRITS if kind == "spirit" else NEAR_THINGS
    if word in near or word in _LOOSE[kind]:
        return Understanding(as_what=what, exact=False, why=f"the painter knows no {word}")
    if species_of(kind, word) != shown:
        return Understanding(as_what=what, exact=False, why=f"it was cast so, and its words say {word}")
    return Understanding(as_what=what, exact=main, why="" if main else _NOTHING_NEARER)


def _person(description: str) -> Understanding:
    """Who is cast as a human is drawn as one, even a mermaid, or a heron whose kind nobody gave."""
    first, *_ = " ".join(words_of(description)).split("_")
    last = heads_of(first.split())[-1:]
    if last and last[0] in PERSONS:
        return Understanding(as_what="a person", exact=False, why=f"the painter knows no {last[0]}")
    animal = creature_word("animal", (), last)
    if animal is not None:
        return Understanding(as_what="a person", exact=False, why=f"it is cast as a human, and its words say {animal}")
    return Understanding(as_what="a person", exact=True)


@lru_cache(maxsize=4096)
def _place(name: str, description: str) -> tuple[str, str | None, bool]:
    place, word = read_place(name=name, description=description)
    about = [*words_of(name.replace("_", " ")), "_", *heads_of(words_of(description))]
    return place, word, word is not None and has(about, " ".join(words_of(word)))


def understood_place(*, name: str, description: str, look: Mapping[str, FactValue]) -> Understanding:
    """What is drawn of a location that has this look."""
    place, word, main = _place(name, description)
    shown = str(look.get("place", ""))
    what = _a(_ROOMS.get(shown, shown.replace("_", " ")))
    if word is None:
        return Understanding(as_what=what, exact=False, why="its words name no kind of place that the painter knows")
    if word in NEAR_PLACES or word in LOOSE_PLACES:
        return Understanding(as_what=what, exact=False, why=f"the painter knows no {word}")
    if place != shown:
        return Understanding(as_what=what, exact=False, why=f"it was cast so, and its words say {word}")
    return Understanding(as_what=what, exact=main, why="" if main else _NOTHING_NEARER)


def understood_prop(*, name: str, description: str, look: Mapping[str, FactValue]) -> Understanding:
    """What is drawn of a prop that has this look."""
    word = prop_word(words_of(name), words_of(description))
    shown = str(look.get("form", ""))
    what = _a(_SHOWN.get(shown, shown))
    if word is None:
        return Understanding(as_what=what, exact=False, why=f"the painter knows no {name}")
    if word in NEAR_PROPS or word in _LOOSE_PROPS:
        return Understanding(as_what=what, exact=False, why=f"the painter knows no {word}")
    if form_of_prop(word) != shown:
        return Understanding(as_what=what, exact=False, why=f"it was cast so, and its words say {word}")
    return Understanding(as_what=what, exact=True)


def understood_clothes(text: str) -> Understanding:
    """What is put on for the words of a `wearing` fact: a garment that nobody knows becomes a coat."""
    words = words_of(text)
    if clothes_for_work(words) | clothes_in(words) or has(words, "nothing", "none", "no coat"):
        return Understanding(as_what=text, exact=True)
    return Understanding(as_what="a coat", exact=False, why="the painter knows no such garment")


def _a(noun: str) -> str:
    if noun.startswith(("space full", "snowy land", "inside")):
        return noun if not noun.startswith("inside") else f"the {noun}"
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
