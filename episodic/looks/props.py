"""What a prop looks like: its form from its name, then from its description; colours said, or the form's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from episodic.looks.substitutes import NEAR_PROPS
from episodic.looks.words import Draw, colors_in, has, meant
from memory.model.facts import FactValue

__all__ = ["PROP_FORMS", "form_of_prop", "prop_word", "read_prop"]

_PROPS: Final[dict[str, tuple[str, float, str, str]]] = {
    # word: (form, height in metres, colour, accent)
    "notebook": ("book", 0.24, "#7c2a34", "#f1e6cc"), "diary": ("book", 0.24, "#4a5a44", "#f1e6cc"), "book": ("book", 0.28, "#34588a", "#f1e6cc"),
    "ledger": ("book", 0.3, "#5a3d2c", "#f1e6cc"), "map": ("letter", 0.26, "#e6d0a0", "#a5573a"), "lantern": ("lantern", 0.34, "#4a3a34", "#ffd36a"),
    "great lamp": ("lamp", 1.5, "#c8a04a", "#fff0b8"), "lamp": ("lamp", 0.5, "#c8a04a", "#ffe6a0"), "torch": ("tool", 0.28, "#3a3f4a", "#ffe6a0"),
    "candle": ("candle", 0.22, "#f1e4c8", "#ffc65a"), "radio": ("radio", 0.34, "#9c5a34", "#f0dcb0"), "transmitter": ("radio", 0.34, "#55606e", "#d8e0e0"),
    "letter": ("letter", 0.2, "#f4ead2", "#b03a3a"), "message": ("letter", 0.2, "#f4ead2", "#b03a3a"), "note": ("letter", 0.18, "#f4ead2", "#8a7a5c"),
    "envelope": ("letter", 0.2, "#f1e2bc", "#b03a3a"), "photograph": ("letter", 0.2, "#efe6d4", "#6a5a4a"), "ticket": ("letter", 0.14, "#e8c46a", "#7a3a3a"),
    "contract": ("letter", 0.24, "#f6f0e2", "#34588a"), "key": ("key", 0.2, "#d0a23a", "#8a6a24"), "bread": ("bread", 0.24, "#c98a44", "#f0cf94"),
    "loaf": ("bread", 0.24, "#c98a44", "#f0cf94"), "dough": ("bread", 0.24, "#ecd8b0", "#f8ecd0"), "cake": ("cake", 0.34, "#f0b8b8", "#fbf3e6"),
    "pastry": ("bread", 0.2, "#d89a4a", "#f4d8a0"), "cup": ("cup", 0.16, "#6a9ab5", "#f4efe4"), "mug": ("cup", 0.18, "#c8703f", "#f4efe4"),
    "teapot": ("cup", 0.24, "#7fa68c", "#f4efe4"), "tea": ("cup", 0.16, "#6a9ab5", "#f4efe4"), "bottle": ("bottle", 0.32, "#4a7f5c", "#f1e6cc"),
    "space suit": ("suit", 1.5, "#e9e9ea", "#e2603f"), "spacesuit": ("suit", 1.5, "#e9e9ea", "#e2603f"), "suit": ("suit", 1.5, "#e9e9ea", "#e2603f"),
    "helmet": ("helmet", 0.38, "#e9e9ea", "#5a7a94"), "flower": ("flower", 0.36, "#e0567a", "#f4c421"), "rose": ("flower", 0.36, "#c8303f", "#8a2034"),
    "umbrella": ("umbrella", 0.85, "#b03040", "#5a4a40"), "hammer": ("tool", 0.36, "#8a5836", "#7f8796"), "wrench": ("tool", 0.34, "#8d95a3", "#5c6470"),
    "screwdriver": ("tool", 0.3, "#d0493f", "#9aa0aa"), "tool": ("tool", 0.34, "#8d95a3", "#b0492f"), "gavel": ("tool", 0.32, "#7a4a2c", "#8a5836"),
    "sword": ("tool", 0.8, "#c8ced6", "#8a6a24"), "wand": ("tool", 0.4, "#4a3a34", "#f6dc82"), "telephone": ("phone", 0.26, "#2f2b33", "#d8c4a0"),
    "phone": ("phone", 0.2, "#2f2b33", "#7fd0e0"), "crown": ("crown", 0.22, "#e3b445", "#c8303f"), "ball": ("ball", 0.26, "#d9523f", "#f6e6c8"),
    "oven": ("oven", 1.1, "#55555f", "#f08a34"), "stove": ("oven", 1.0, "#55555f", "#f08a34"), "chest": ("box", 0.5, "#8a5836", "#dca832"),
    "suitcase": ("box", 0.45, "#96603a", "#e0b860"), "trunk": ("box", 0.5, "#6a4a34", "#dca832"), "bag": ("box", 0.36, "#7a5a3c", "#d8b070"),
    "box": ("box", 0.36, "#b58a54", "#e8d0a0"), "crate": ("box", 0.55, "#a57a48", "#7a5a34"), "parcel": ("box", 0.32, "#b58a54", "#c8303f"),
    "stone": ("stone", 0.22, "#8f8f94", "#c8c8cc"), "gem": ("gem", 0.18, "#4fb8c8", "#dff8fa"), "jewel": ("gem", 0.18, "#c83a6a", "#ffe0ea"),
    "diamond": ("gem", 0.18, "#bfe6ee", "#ffffff"), "ring": ("key", 0.14, "#e3b445", "#dff8fa"), "clock": ("clock", 0.36, "#8a5836", "#f6edd6"),
    "watch": ("clock", 0.18, "#dca832", "#f6edd6"), "mirror": ("clock", 0.6, "#a57a3c", "#cfe0e6"), "bell": ("bell", 0.28, "#dca832", "#8a6a24"),
    "snow": ("ball", 0.22, "#eef4fa", "#ffffff"), "snowball": ("ball", 0.2, "#eef4fa", "#ffffff"), "seed": ("stone", 0.12, "#8a5a34", "#c89a64"),
    "camera": ("radio", 0.22, "#3a3a44", "#cfe0e6"), "computer": ("radio", 0.4, "#c8c4b8", "#6ad0b0"), "rope": ("ball", 0.3, "#c8a468", "#9a7a44"),
    "hat": ("crown", 0.2, "#6b5340", "#3a2c24"), "machine": ("oven", 1.0, "#6f8796", "#f2b632"), "engine": ("oven", 1.0, "#6f7683", "#e2603f"),
}  # fmt: skip
PROP_FORMS: Final = tuple(sorted({form for form, *_ in _PROPS.values()}))
"""Every form a prop can have."""


def prop_word(name: Sequence[str], words: Sequence[str]) -> str | None:
    """The word that says what a prop is: by its name where that does, else by all its words."""
    return next((one for one in _PROPS if has(name, one)), None) or meant(name, words, _PROPS, NEAR_PROPS)


def form_of_prop(word: str) -> str:
    """The form that a prop of this word has."""
    return _PROPS[NEAR_PROPS.get(word, word)][0]


def read_prop(name: Sequence[str], words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """A prop of this name; all its words are read for the form where the name says none, and for the colour."""
    word = prop_word(name, words)
    form, height, color, accent = ("box", 0.3, "", "#c8303f") if word is None else _PROPS[NEAR_PROPS.get(word, word)]
    said = colors_in([*name, "_", *words])
    usual = color or draw.pick("color", ("#b58a54", "#6f8f9c", "#a5573a", "#7f9a5c"))
    return {
        "form": form,
        "height": height,
        "color": said[0] if said else usual,
        "accent": said[1] if len(said) > 1 else accent,
        "wear": draw.between("wear", 0, 1),
    }
