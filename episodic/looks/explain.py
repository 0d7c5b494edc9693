"""What the painter understood of a description: whether it draws what the words say, and what it draws if not.

Loads no drawing library. A look is judged as it is stored: a look cast before a word was known still shows what it showed then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from episodic.looks.clothes import clothes_for_work, clothes_in
from episodic.looks.creatures import creature_word, species_of
from episodic.looks.data_files import read_pairs, read_rows
from episodic.looks.places import read_place
from episodic.looks.props import form_of_prop, prop_word
from episodic.looks.substitutes import LOOSE_PLACES, NEAR_ANIMALS, NEAR_PLACES, NEAR_PROPS, NEAR_SPIRITS, NEAR_THINGS, PERSONS
from episodic.looks.words import has, heads_of, words_of
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["Understanding", "understood_character", "understood_clothes", "understood_place", "understood_prop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """What is drawn for a description."""

    as_what: str
    """With its article: "a bear"."""
    exact: bool
    """True if a viewer would call it what the words say."""
    why: str = ""
    """Why the picture is only near; empty if it is exact."""

    def __str__(self) -> str:
        return f"as {self.as_what}" + (f": {self.why}" if self.why else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _LooseWord:
    word: str


_LOOSE: Final = frozenset((kind, row.word) for kind, row in read_rows("explain/loose_words.tsv", _LooseWord))
"""(Kind, word) of the catalogues' own words that are drawn with the picture of something else."""
_NOTHING_NEARER: Final = "its words name nothing nearer that the painter knows"
_SHOWN_NAMES: Final = read_pairs("explain/shown_names.tsv")
"""Names for readers of the species and forms whose stored name would mislead."""
_PLACE_NAMES: Final = read_pairs("explain/place_names.tsv")
"""Names for readers of the kinds of place whose stored name would mislead."""


@lru_cache(maxsize=4096)
def _creature(kind: CharacterKind, name: str, description: str) -> tuple[str | None, bool]:
    """The word that says what a creature is, and whether it belongs to the name or to a head of the description."""
    name_words, about = words_of(name), words_of(description)
    word = creature_word(kind, name_words, about)
    return word, word is not None and has([*name_words, "_", *heads_of(about)], word)


def understood_character(*, kind: CharacterKind, name: str, description: str, look: Mapping[str, FactValue]) -> Understanding:
    """What is drawn of a character that is cast as `kind` and has this look."""
    if kind == "robot":
        return Understanding(as_what="a robot", exact=True)
    if kind == "human":
        return _person(description)
    word, main = _creature(kind, name, description)
    shown = str(look.get("species", ""))
    what = _with_article(_SHOWN_NAMES.get(shown, shown.replace("_", " ")))
    if word is None:
        if kind == "spirit" and has(words_of(f"{name} {description}"), "spirit", "ghost", "phantom", "soul"):
            return Understanding(as_what=what, exact=True)
        noun = kind if kind in ("animal", "spirit") else "thing"
        return Understanding(as_what=what, exact=False, why=f"its words name no kind of {noun} that the painter knows")
    near: Mapping[str, object] = NEAR_ANIMALS if kind == "animal" else NEAR_SPIRITS if kind == "spirit" else NEAR_THINGS
    if word in near or (kind, word) in _LOOSE:
        return Understanding(as_what=what, exact=False, why=f"the painter knows no {word}")
    if species_of(kind, word) != shown:
        return Understanding(as_what=what, exact=False, why=f"it was cast so, and its words say {word}")
    return Understanding(as_what=what, exact=main, why="" if main else _NOTHING_NEARER)


def _person(description: str) -> Understanding:
    """A character cast as a human is drawn as one, even a mermaid, or a heron whose kind the plan left out."""
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
    """Kind of place, the word that says so, and whether it belongs to the name or to a head of the description."""
    place, word = read_place(name=name, description=description)
    about = [*words_of(name.replace("_", " ")), "_", *heads_of(words_of(description))]
    return place, word, word is not None and has(about, " ".join(words_of(word)))


def understood_place(*, name: str, description: str, look: Mapping[str, FactValue]) -> Understanding:
    """What is drawn of a location that has this look."""
    place, word, main = _place(name, description)
    shown = str(look.get("place", ""))
    what = _with_article(_PLACE_NAMES.get(shown, shown.replace("_", " ")))
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
    what = _with_article(_SHOWN_NAMES.get(shown, shown))
    if word is None:
        return Understanding(as_what=what, exact=False, why=f"the painter knows no {name}")
    if word in NEAR_PROPS or ("prop", word) in _LOOSE:
        return Understanding(as_what=what, exact=False, why=f"the painter knows no {word}")
    if form_of_prop(word) != shown:
        return Understanding(as_what=what, exact=False, why=f"it was cast so, and its words say {word}")
    return Understanding(as_what=what, exact=True)


def understood_clothes(text: str) -> Understanding:
    """What is drawn for the words of a `wearing` fact. An unknown garment becomes a coat."""
    words = words_of(text)
    if clothes_for_work(words) | clothes_in(words) or has(words, "nothing", "none", "no coat"):
        return Understanding(as_what=text, exact=True)
    return Understanding(as_what="a coat", exact=False, why="the painter knows no such garment")


def _with_article(noun: str) -> str:
    """The noun with the article that readers expect."""
    if noun.startswith(("space full", "snowy land", "inside")):
        return noun if not noun.startswith("inside") else f"the {noun}"
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"
