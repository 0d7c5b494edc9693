"""Describes a character that has only a name and a kind, for text-conditioned models. Pure.

The words are the character's own: where the painter draws an octopus because it knows no crab, the text still says crab.
"""

from __future__ import annotations

from collections.abc import Mapping

from episodic.looks.creatures import creature_word
from episodic.looks.words import words_of
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["kind_words"]


def kind_words(kind: CharacterKind, name: str, look: Mapping[str, FactValue]) -> str:
    """A noun such as `old woman`, `crab`, `storm spirit` or `robot`: the creature in the name, else the kind.

    Age and sex come from `look`, as they were cast: no other words state them.
    """
    old, young = look.get("age") == "old", look.get("age") == "child"
    if kind == "human":
        noun = {"woman": "girl" if young else "woman", "man": "boy" if young else "man"}.get(str(look.get("sex", "")), "person")
    elif kind == "robot":
        noun = kind
    else:
        noun = creature_word(kind, words_of(name), ()) or kind
        noun += " spirit" if kind == "spirit" != noun else ""
    return f"{'old ' if old else ''}{noun}"
