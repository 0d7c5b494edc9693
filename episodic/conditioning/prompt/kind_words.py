"""What somebody is of whom the plan gives a name and a kind only, in words for models that read. Pure.

The words are the character's own: where the painter knows no crab it draws an octopus, but nobody is told of one.
"""

from __future__ import annotations

from collections.abc import Mapping

from episodic.looks.creatures import creature_word
from episodic.looks.words import words_of
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["kind_words"]


def kind_words(kind: CharacterKind, name: str, look: Mapping[str, FactValue]) -> str:
    """Such as `old woman`, `crab`, `storm spirit`, `robot`: the creature that the name says, else the kind.

    Age and sex, which no other words say, are as they were cast; `look`: as the painter has it.
    """
    old, young = look.get("age") == "old", look.get("age") == "child"
    if kind == "human":
        what = {"woman": "girl" if young else "woman", "man": "boy" if young else "man"}.get(str(look.get("sex", "")), "person")
    elif kind == "robot":
        what = kind
    else:
        what = creature_word(kind, words_of(name), ()) or kind
        what += " spirit" if kind == "spirit" != what else ""
    return f"{'old ' if old else ''}{what}"
