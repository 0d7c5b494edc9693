"""Looks: what the painter draws for a character or a prop, as JSON values that memory keeps.

A look is made once, when a character is cast: from the words of the description, and from the seed where they name nothing. `dress` puts
the canon facts of a story position on it. Importing this module loads no drawing library.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

from episodic.looks.clothes import Clothes, Garment, clothes_for_work, clothes_in
from episodic.looks.creatures import creature_look
from episodic.looks.people import hair_in, human_look, put_on
from episodic.looks.props import read_prop
from episodic.looks.words import Draw, colors_in, has, words_of
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["character_look", "dress", "prop_look"]


def character_look(*, kind: CharacterKind, name: str, description: str, seed: int) -> dict[str, FactValue]:
    """The look of a character as JSON, the same for the same arguments.

    Every look has `kind`, `height` (metres), `species` and `form`; its other keys depend on the kind. Colours are `#rrggbb`.
    """
    name_words, about = words_of(name), words_of(description)
    draw = Draw(seed, kind, name, description)
    if kind == "human":
        return human_look([*name_words, "_", *about], draw)
    return creature_look(kind, name_words, about, draw)


def dress(look: Mapping[str, FactValue], state: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """Put the canon facts `wearing`, `hair`, `injury` and `color` on a copy of a look. Facts of other names change nothing.

    `wearing` may be a text or a list of texts. An unknown garment becomes a coat in the colour that the text names.
    """
    dressed = copy.deepcopy(dict(look))
    wearing = _joined(state.get("wearing") or state.get("clothes") or "")
    if wearing:
        _wear(dressed, wearing)
    hair = words_of(_joined(state.get("hair") or ""))
    if hair and isinstance(dressed.get("hair"), dict):
        dressed["hair"] = {**dressed["hair"], **hair_in(hair)}  # type: ignore[dict-item]
    if injury := _joined(state.get("injury") or state.get("wound") or ""):
        dressed["injury"] = injury
    color = colors_in(words_of(_joined(state.get("color") or state.get("colour") or "")))
    if color and "color" in dressed:
        dressed["color"] = color[0]
    return dressed


def prop_look(*, name: str, description: str, seed: int) -> dict[str, FactValue]:
    """The look of a prop as JSON with `form`, `height` (metres), `color` and `accent`, the same for the same arguments."""
    return read_prop(words_of(name), words_of(description), Draw(seed, "prop", name, description))


def _joined(value: FactValue) -> str:
    """The value of a fact as one text. True, False and None are no text."""
    if isinstance(value, list):
        return " and ".join(_joined(item) for item in value)
    if isinstance(value, dict):
        return " and ".join(_joined(item) for item in value.values())
    return "" if value is None or isinstance(value, bool) else str(value)


def _wear(look: dict[str, FactValue], text: str) -> None:
    """Put on the garments that a text names."""
    words = words_of(text)
    clothes: Clothes = clothes_for_work(words) | clothes_in(words)
    if not clothes and has(words, "nothing", "none", "no coat"):
        return
    if not clothes:
        colors = colors_in(words)
        clothes = {"coat": Garment(cut="long", color=colors[0] if colors else "#6b5a4e")}
    put_on(look, clothes)
