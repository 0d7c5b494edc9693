"""What a prop looks like: its form from its name, else from its description; its colours from the words, else those of the form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.looks.data_files import Color, read_table
from episodic.looks.substitutes import NEAR_PROPS
from episodic.looks.words import Draw, colors_in, has, main_word
from memory.model.facts import FactValue

__all__ = ["PROP_FORMS", "form_of_prop", "prop_word", "read_prop"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prop:
    """A prop that has a drawing."""

    form: str
    height_m: float
    color: Color
    accent: Color


_PROPS: Final[Mapping[str, _Prop]] = read_table("props/props.tsv", _Prop)
PROP_FORMS: Final = tuple(sorted({prop.form for prop in _PROPS.values()}))
"""Every form a prop can have."""


def prop_word(name: Sequence[str], words: Sequence[str]) -> str | None:
    """The word that says what a prop is: from its name if that does, else from all its words. None if no word does."""
    return next((word for word in _PROPS if has(name, word)), None) or main_word(name, words, _PROPS, NEAR_PROPS)


def form_of_prop(word: str) -> str:
    """The form of a prop that this word names."""
    return _PROPS[NEAR_PROPS.get(word, word)].form


def read_prop(name: Sequence[str], words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """The look of a prop of this name and description. An unknown prop is a box, with its colour drawn from the seed."""
    word = prop_word(name, words)
    prop = None if word is None else _PROPS[NEAR_PROPS.get(word, word)]
    colors = colors_in([*name, "_", *words])
    usual = prop.color if prop else draw.pick("color", ("#b58a54", "#6f8f9c", "#a5573a", "#7f9a5c"))
    return {
        "form": prop.form if prop else "box",
        "height": prop.height_m if prop else 0.3,
        "color": colors[0] if colors else usual,
        "accent": colors[1] if len(colors) > 1 else prop.accent if prop else "#c8303f",
        "wear": draw.between("wear", 0, 1),
    }
