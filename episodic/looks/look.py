"""Looks: what the painter draws for a character or a prop, as JSON values that memory keeps.

Made once when a character is cast, from the description's words first and the seed for the rest; canon facts are put on with
`dress` for the story position a shot is taken at. Importing this module loads no drawing library.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping

from episodic.looks.clothes import Clothes, clothes_for_work, clothes_in
from episodic.looks.creatures import creature_look
from episodic.looks.people import hair_in, human_look, put_on
from episodic.looks.props import read_prop
from episodic.looks.words import Draw, colors_in, has, words_of
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["character_look", "dress", "prop_look"]


def character_look(*, kind: CharacterKind, name: str, description: str, seed: int) -> dict[str, FactValue]:
    """The look of a character: JSON, the same for the same arguments.

    Always holds `kind`, `height` (metres), `species` and `form`; the rest depends on the kind. Colours are `#rrggbb`.
    """
    called, about = words_of(name), words_of(description)
    draw = Draw(seed, kind, name, description)
    if kind == "human":
        return human_look([*called, "_", *about], draw)
    return creature_look(kind, called, about, draw)


def dress(look: Mapping[str, FactValue], state: Mapping[str, FactValue]) -> dict[str, FactValue]:
    """A look with the canon's facts put on: `wearing`, `hair`, `injury` and `color`. Facts of other names change nothing.

    `wearing` may be a text or a list of texts. A garment nobody knows becomes a coat in the colour the text names.
    """
    dressed = copy.deepcopy(dict(look))
    wearing = _text(state.get("wearing") or state.get("clothes") or "")
    if wearing:
        _wear(dressed, wearing)
    hair = words_of(_text(state.get("hair") or ""))
    if hair and isinstance(dressed.get("hair"), dict):
        dressed["hair"] = {**dressed["hair"], **hair_in(hair)}  # type: ignore[dict-item]
    if injury := _text(state.get("injury") or state.get("wound") or ""):
        dressed["injury"] = injury
    color = colors_in(words_of(_text(state.get("color") or state.get("colour") or "")))
    if color and "color" in dressed:
        dressed["color"] = color[0]
    return dressed


def prop_look(*, name: str, description: str, seed: int) -> dict[str, FactValue]:
    """The look of a prop: JSON with `form`, `height` (metres), `color` and `accent`, the same for the same arguments."""
    return read_prop(words_of(name), words_of(description), Draw(seed, "prop", name, description))


def _text(value: FactValue) -> str:
    if isinstance(value, list):
        return " and ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return " and ".join(_text(one) for one in value.values())
    return "" if value is None or isinstance(value, bool) else str(value)


def _wear(look: dict[str, FactValue], text: str) -> None:
    words = words_of(text)
    clothes: Clothes = clothes_for_work(words) | clothes_in(words)
    if not clothes and has(words, "nothing", "none", "no coat"):
        return
    if not clothes:
        colors = colors_in(words)
        clothes = {"coat": {"cut": "long", "color": colors[0] if colors else "#6b5a4e"}}
    put_on(look, clothes)
