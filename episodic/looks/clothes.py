"""What clothes words mean: garments, hats and extras a text names, with their colours. No drawing here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeAlias

from episodic.looks.words import COLORS, color_before, colors_in, has

__all__ = ["OCCUPATIONS", "Clothes", "clothes_for_work", "clothes_in"]

Clothes: TypeAlias = dict[str, dict[str, str]]
"""Slot (top, bottom, coat, hat, scarf, apron, tie, glasses) to {"cut": a word, "color": "#rrggbb"}."""

GARMENTS: Final[dict[str, tuple[str, str, str]]] = {
    # word: (slot, cut, colour unless said)
    "trench coat": ("coat", "trench", "#b59a6c"), "trenchcoat": ("coat", "trench", "#b59a6c"),
    "raincoat": ("coat", "raincoat", "#f4c421"), "rain coat": ("coat", "raincoat", "#f4c421"),
    "oilskin": ("coat", "raincoat", "#e2b21f"), "slicker": ("coat", "raincoat", "#f4c421"),
    "lab coat": ("coat", "labcoat", "#eef0ee"), "labcoat": ("coat", "labcoat", "#eef0ee"),
    "overcoat": ("coat", "long", "#4a4650"), "greatcoat": ("coat", "long", "#43506b"), "coat": ("coat", "long", "#6b5a4e"),
    "parka": ("coat", "raincoat", "#5c7358"), "anorak": ("coat", "raincoat", "#c65a3a"),
    "cloak": ("coat", "cape", "#5b3a5e"), "cape": ("coat", "cape", "#8a2334"), "shawl": ("scarf", "shawl", "#a35d6a"),
    "robe": ("top", "robe", "#4c4a6e"), "gown": ("top", "gown", "#7b2f4c"), "dress": ("top", "dress", "#b8434f"),
    "jacket": ("coat", "jacket", "#4d5a6d"), "blazer": ("coat", "jacket", "#3b4664"), "cardigan": ("coat", "cardigan", "#a8705f"),
    "tuxedo": ("coat", "suit", "#26242c"), "dinner jacket": ("coat", "suit", "#26242c"),
    "space suit": ("top", "spacesuit", "#e9e9ea"), "spacesuit": ("top", "spacesuit", "#e9e9ea"),
    "astronaut suit": ("top", "spacesuit", "#e9e9ea"), "pressure suit": ("top", "spacesuit", "#e9e9ea"),
    "diving suit": ("top", "wetsuit", "#2d4654"), "wetsuit": ("top", "wetsuit", "#26343f"),
    "jumpsuit": ("top", "jumpsuit", "#c8713a"), "boiler suit": ("top", "jumpsuit", "#3f5c84"),
    "overalls": ("top", "overalls", "#3f5c84"), "dungarees": ("top", "overalls", "#3f5c84"),
    "suit": ("coat", "suit", "#454a5c"), "uniform": ("top", "uniform", "#7b2b3e"), "livery": ("top", "uniform", "#74306b"),
    "sweater": ("top", "sweater", "#b5593f"), "jumper": ("top", "sweater", "#b5593f"), "pullover": ("top", "sweater", "#b5593f"),
    "turtleneck": ("top", "sweater", "#33333d"), "hoodie": ("top", "hoodie", "#6b7c93"), "vest": ("coat", "vest", "#5d4b40"),
    "waistcoat": ("coat", "vest", "#5d4b40"), "blouse": ("top", "shirt", "#efe3d2"), "t shirt": ("top", "tshirt", "#7fa6b8"),
    "tshirt": ("top", "tshirt", "#7fa6b8"), "shirt": ("top", "shirt", "#dfe6ee"), "tunic": ("top", "tunic", "#6f8c5c"),
    "skirt": ("bottom", "skirt", "#5f4c6c"), "shorts": ("bottom", "shorts", "#8a7a5c"), "jeans": ("bottom", "trousers", "#3d557c"),
    "trousers": ("bottom", "trousers", "#4b4a55"), "pants": ("bottom", "trousers", "#4b4a55"),
    "apron": ("apron", "apron", "#f2ead9"), "scarf": ("scarf", "scarf", "#b8434f"), "bow tie": ("tie", "bow", "#8f2433"),
    "necktie": ("tie", "tie", "#7c2a3a"), "tie": ("tie", "tie", "#7c2a3a"),
    "fedora": ("hat", "fedora", "#4c4440"), "chef hat": ("hat", "toque", "#f6f3ec"), "chef's hat": ("hat", "toque", "#f6f3ec"),
    "toque": ("hat", "toque", "#f6f3ec"), "crown": ("hat", "crown", "#e3b445"), "tiara": ("hat", "crown", "#dfe3ea"),
    "sou'wester": ("hat", "souwester", "#f4c421"), "rain hat": ("hat", "souwester", "#f4c421"),
    "beret": ("hat", "beret", "#8a2334"), "beanie": ("hat", "beanie", "#4f7489"), "woolly hat": ("hat", "beanie", "#4f7489"),
    "wool cap": ("hat", "beanie", "#4f7489"), "knit cap": ("hat", "beanie", "#4f7489"), "bonnet": ("hat", "beanie", "#d8c4a0"),
    "straw hat": ("hat", "brim", "#e2c46a"), "sun hat": ("hat", "brim", "#e2c46a"), "cowboy hat": ("hat", "brim", "#8a6240"),
    "top hat": ("hat", "tophat", "#2a2730"), "bowler hat": ("hat", "bowler", "#2f2b33"), "bowler": ("hat", "bowler", "#2f2b33"),
    "wig": ("hat", "wig", "#ece6da"), "headscarf": ("hat", "headscarf", "#c1576b"), "hijab": ("hat", "headscarf", "#4d8a86"),
    "hood": ("hat", "hood", "#6b7c93"), "helmet": ("hat", "helmet", "#e9e9ea"), "hard hat": ("hat", "hardhat", "#f2b21f"),
    "cap": ("hat", "cap", "#3a5a8c"), "hat": ("hat", "brim", "#6b5340"), "turban": ("hat", "headscarf", "#d29d2b"),
    "glasses": ("glasses", "round", "#3a3238"), "spectacles": ("glasses", "round", "#8a6a3a"),
    "goggles": ("glasses", "goggles", "#6a4a34"), "sunglasses": ("glasses", "dark", "#1f1d24"), "monocle": ("glasses", "round", "#8a6a3a"),
}  # fmt: skip
"""Longer phrases come before the words they hold."""

OCCUPATIONS: Final[dict[str, Clothes]] = {
    "lighthouse keeper": {"coat": {"cut": "raincoat", "color": "#f4c421"}, "top": {"cut": "sweater", "color": "#3a4f6d"},
                          "hat": {"cut": "cap", "color": "#2f3f5c"}},
    "keeper": {"coat": {"cut": "raincoat", "color": "#e7b92c"}, "top": {"cut": "sweater", "color": "#3a4f6d"}},
    "baker": {"top": {"cut": "shirt", "color": "#e9edf0"}, "apron": {"cut": "apron", "color": "#f4ede0"},
              "hat": {"cut": "toque", "color": "#f6f3ec"}},
    "chef": {"top": {"cut": "uniform", "color": "#f2efe8"}, "hat": {"cut": "toque", "color": "#f6f3ec"}},
    "cook": {"top": {"cut": "shirt", "color": "#dfe6ee"}, "apron": {"cut": "apron", "color": "#d8c4a0"}},
    "detective": {"coat": {"cut": "trench", "color": "#b59a6c"}, "hat": {"cut": "fedora", "color": "#5a4c40"},
                  "top": {"cut": "shirt", "color": "#ece8e0"}, "tie": {"cut": "tie", "color": "#43344a"}},
    "private eye": {"coat": {"cut": "trench", "color": "#b59a6c"}, "hat": {"cut": "fedora", "color": "#4c4440"},
                    "top": {"cut": "shirt", "color": "#ece8e0"}, "tie": {"cut": "tie", "color": "#7c2a3a"}},
    "astronaut": {"top": {"cut": "spacesuit", "color": "#e9e9ea"}},
    "cosmonaut": {"top": {"cut": "spacesuit", "color": "#e3a24a"}},
    "grandmother": {"coat": {"cut": "cardigan", "color": "#a86a78"}, "top": {"cut": "dress", "color": "#6c7fa3"},
                    "glasses": {"cut": "round", "color": "#8a6a3a"}},
    "grandma": {"coat": {"cut": "cardigan", "color": "#a86a78"}, "top": {"cut": "dress", "color": "#6c7fa3"},
                "glasses": {"cut": "round", "color": "#8a6a3a"}},
    "grandfather": {"coat": {"cut": "cardigan", "color": "#6d7f5b"}, "top": {"cut": "shirt", "color": "#e8dcc4"},
                    "glasses": {"cut": "round", "color": "#4a4048"}},
    "judge": {"top": {"cut": "robe", "color": "#2b2731"}, "hat": {"cut": "wig", "color": "#ece6da"},
              "tie": {"cut": "jabot", "color": "#f4f1ea"}},
    "lawyer": {"coat": {"cut": "suit", "color": "#37405a"}, "top": {"cut": "shirt", "color": "#eef0f2"},
               "tie": {"cut": "tie", "color": "#8f2a36"}},
    "attorney": {"coat": {"cut": "suit", "color": "#4a4452"}, "top": {"cut": "shirt", "color": "#eef0f2"},
                 "tie": {"cut": "tie", "color": "#2e5c86"}},
    "prosecutor": {"coat": {"cut": "suit", "color": "#5a2f3c"}, "top": {"cut": "shirt", "color": "#f2eee6"},
                   "tie": {"cut": "tie", "color": "#2a2730"}},
    "bailiff": {"top": {"cut": "uniform", "color": "#4a5a42"}},
    "prince": {"coat": {"cut": "cape", "color": "#7d2441"}, "top": {"cut": "uniform", "color": "#ece2cc"},
               "hat": {"cut": "crown", "color": "#e3b445"}},
    "princess": {"top": {"cut": "gown", "color": "#d98aa8"}, "hat": {"cut": "crown", "color": "#e3b445"}},
    "king": {"coat": {"cut": "cape", "color": "#8a2334"}, "top": {"cut": "tunic", "color": "#d8b45c"},
             "hat": {"cut": "crown", "color": "#e3b445"}},
    "queen": {"top": {"cut": "gown", "color": "#6b2c5e"}, "hat": {"cut": "crown", "color": "#e3b445"}},
    "bellboy": {"top": {"cut": "uniform", "color": "#8a2b63"}, "hat": {"cut": "pillbox", "color": "#8a2b63"}},
    "lobby boy": {"top": {"cut": "uniform", "color": "#74306b"}, "hat": {"cut": "pillbox", "color": "#74306b"}},
    "porter": {"top": {"cut": "uniform", "color": "#a33a3f"}, "hat": {"cut": "pillbox", "color": "#a33a3f"}},
    "concierge": {"coat": {"cut": "suit", "color": "#5d3a78"}, "top": {"cut": "shirt", "color": "#f2eee6"},
                  "tie": {"cut": "bow", "color": "#2a2730"}},
    "hotel manager": {"coat": {"cut": "suit", "color": "#5d3a78"}, "top": {"cut": "shirt", "color": "#f2eee6"},
                      "tie": {"cut": "bow", "color": "#2a2730"}},
    "maid": {"top": {"cut": "dress", "color": "#3b3f52"}, "apron": {"cut": "apron", "color": "#f4f1ea"}},
    "housekeeper": {"top": {"cut": "dress", "color": "#6a7fa0"}, "apron": {"cut": "apron", "color": "#f4f1ea"}},
    "waiter": {"coat": {"cut": "vest", "color": "#2a2730"}, "top": {"cut": "shirt", "color": "#f4f1ea"},
               "tie": {"cut": "bow", "color": "#2a2730"}},
    "waitress": {"top": {"cut": "dress", "color": "#d9808e"}, "apron": {"cut": "apron", "color": "#f4f1ea"}},
    "hotel": {"top": {"cut": "uniform", "color": "#8a2b63"}},
    "diver": {"top": {"cut": "wetsuit", "color": "#2d4654"}},
    "scientist": {"coat": {"cut": "labcoat", "color": "#eef0ee"}, "top": {"cut": "shirt", "color": "#8fb0c0"},
                  "glasses": {"cut": "round", "color": "#3a3238"}},
    "biologist": {"coat": {"cut": "labcoat", "color": "#eef0ee"}, "top": {"cut": "sweater", "color": "#4f7f78"}},
    "researcher": {"coat": {"cut": "labcoat", "color": "#eef0ee"}, "top": {"cut": "sweater", "color": "#b5774a"}},
    "doctor": {"coat": {"cut": "labcoat", "color": "#eef0ee"}, "top": {"cut": "shirt", "color": "#7fb3c0"}},
    "nurse": {"top": {"cut": "tunic", "color": "#7fb3c0"}, "bottom": {"cut": "trousers", "color": "#6a9fae"}},
    "professor": {"coat": {"cut": "jacket", "color": "#7c5a3c"}, "top": {"cut": "shirt", "color": "#e8dcc4"},
                  "tie": {"cut": "bow", "color": "#8f2433"}, "glasses": {"cut": "round", "color": "#3a3238"}},
    "teacher": {"coat": {"cut": "cardigan", "color": "#4f7f78"}, "top": {"cut": "shirt", "color": "#f0e4cc"}},
    "dancer": {"top": {"cut": "dress", "color": "#d26a8d"}},
    "ballerina": {"top": {"cut": "dress", "color": "#efb4c4"}},
    "engineer": {"top": {"cut": "jumpsuit", "color": "#c8713a"}},
    "mechanic": {"top": {"cut": "overalls", "color": "#3f5c84"}},
    "technician": {"top": {"cut": "jumpsuit", "color": "#56708a"}},
    "captain": {"top": {"cut": "uniform", "color": "#2b3a5e"}, "hat": {"cut": "captain", "color": "#f2efe8"}},
    "harbour master": {"top": {"cut": "uniform", "color": "#2b3a5e"}, "hat": {"cut": "captain", "color": "#f2efe8"}},
    "sailor": {"top": {"cut": "striped", "color": "#2f4f7f"}, "hat": {"cut": "beanie", "color": "#2f3f5c"}},
    "pilot": {"coat": {"cut": "jacket", "color": "#6a4a34"}, "top": {"cut": "shirt", "color": "#ece8e0"}},
    "commander": {"top": {"cut": "uniform", "color": "#3a4a6b"}},
    "police": {"top": {"cut": "uniform", "color": "#2b3a5e"}, "hat": {"cut": "captain", "color": "#2b3a5e"}},
    "officer": {"top": {"cut": "uniform", "color": "#2b3a5e"}, "hat": {"cut": "captain", "color": "#2b3a5e"}},
    "guard": {"top": {"cut": "uniform", "color": "#3c4a58"}, "hat": {"cut": "captain", "color": "#3c4a58"}},
    "soldier": {"top": {"cut": "uniform", "color": "#5e6a44"}},
    "knight": {"top": {"cut": "tunic", "color": "#8d95a3"}, "coat": {"cut": "cape", "color": "#8a2334"}},
    "witch": {"top": {"cut": "gown", "color": "#3f2f52"}, "hat": {"cut": "pointed", "color": "#3f2f52"}},
    "wizard": {"top": {"cut": "robe", "color": "#38457c"}, "hat": {"cut": "pointed", "color": "#38457c"}},
    "farmer": {"top": {"cut": "overalls", "color": "#4a6484"}, "hat": {"cut": "brim", "color": "#e2c46a"}},
    "gardener": {"top": {"cut": "overalls", "color": "#5c7a4c"}, "hat": {"cut": "brim", "color": "#e2c46a"}},
    "fisherman": {"coat": {"cut": "raincoat", "color": "#4a7a6c"}, "top": {"cut": "sweater", "color": "#e8dcc4"},
                  "hat": {"cut": "beanie", "color": "#b5593f"}},
    "painter": {"top": {"cut": "shirt", "color": "#e8e0d0"}, "hat": {"cut": "beret", "color": "#8a2334"}},
    "artist": {"top": {"cut": "shirt", "color": "#e8e0d0"}, "hat": {"cut": "beret", "color": "#34495e"}},
    "postman": {"top": {"cut": "uniform", "color": "#3a5a8c"}, "hat": {"cut": "captain", "color": "#3a5a8c"}},
    "monk": {"top": {"cut": "robe", "color": "#7a4a2c"}},
    "nun": {"top": {"cut": "robe", "color": "#2b2a33"}, "hat": {"cut": "headscarf", "color": "#2b2a33"}},
    "butler": {"coat": {"cut": "suit", "color": "#2a2730"}, "top": {"cut": "shirt", "color": "#f4f1ea"},
               "tie": {"cut": "bow", "color": "#2a2730"}},
    "singer": {"top": {"cut": "gown", "color": "#8a2348"}},
    "businessman": {"coat": {"cut": "suit", "color": "#454a5c"}, "top": {"cut": "shirt", "color": "#eef0f2"},
                    "tie": {"cut": "tie", "color": "#2e5c86"}},
    "journalist": {"coat": {"cut": "jacket", "color": "#7a6a52"}, "top": {"cut": "shirt", "color": "#dfe6ee"}},
    "librarian": {"coat": {"cut": "cardigan", "color": "#7c6a9a"}, "top": {"cut": "shirt", "color": "#efe3d2"},
                  "glasses": {"cut": "round", "color": "#3a3238"}},
    "crew": {"top": {"cut": "jumpsuit", "color": "#4a6a7f"}},
}  # fmt: skip


def clothes_for_work(words: Sequence[str]) -> Clothes:
    """What somebody of an occupation wears; empty where the words name none. The first of the table counts."""
    for work, clothes in OCCUPATIONS.items():
        if has(words, work):
            return {slot: dict(garment) for slot, garment in clothes.items()}
    return {}


def clothes_in(words: Sequence[str]) -> Clothes:
    """Every garment the words name, in the colour they give it. "a woman in red" is a red dress or coat: slot `any`."""
    found: Clothes = {}
    taken = list(words)
    for noun, (slot, cut, usual) in GARMENTS.items():
        if slot in found or not has(taken, noun):
            continue
        found[slot] = {"cut": cut, "color": color_before(taken, noun) or usual}
        taken = _without(taken, noun)
    for at, word in enumerate(words[:-1]):
        if word in ("in", "wearing") and (colors := colors_in(words[at + 1 : at + 3])) and words[at + 1] in COLORS:
            follows = words[at + 2 : at + 4]
            if not any(noun.split()[0] in follows for noun in GARMENTS):
                found["any"] = {"cut": "", "color": colors[0]}
    return found


def _without(words: list[str], noun: str) -> list[str]:
    """The words with a phrase's last word struck out, so that "rain coat" is not read again as "coat"."""
    parts = noun.split()
    for at in range(len(words) - len(parts) + 1):
        here = words[at : at + len(parts)]
        if here == parts or here == [*parts[:-1], f"{parts[-1]}s"]:
            return [*words[:at], *(["_"] * len(parts)), *words[at + len(parts) :]]
    return words
