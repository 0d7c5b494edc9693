"""What animals, robots, spirits and living things look like: the form from the words, the rest from the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from episodic.looks.clothes import clothes_in
from episodic.looks.substitutes import NEAR_ANIMALS, NEAR_SPIRITS, NEAR_THINGS
from episodic.looks.words import Draw, color_before, colors_in, first_of, has, meant
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["creature_look", "creature_word", "species_of"]

SPECIES: Final[dict[str, tuple[str, float, tuple[str, ...], str, str]]] = {
    # species: (body plan, height, coats, belly, accent)
    "fox": ("beast", 0.84, ("#d9692b", "#cf5f2a", "#e07d35"), "#fbeedd", "#4a2a22"),
    "parrot": ("bird", 0.52, ("#d63a3a", "#2f9c5a", "#2f74c0"), "#f4c421", "#3a3238"),
    "owl": ("bird", 0.58, ("#8a6a4c", "#a58a68", "#6f6258"), "#ecdcc0", "#e2a030"),
    "bird": ("bird", 0.46, ("#3f86c0", "#c0563a", "#6a9a4a", "#8a6aa8"), "#f3e3c4", "#e2a030"),
    "penguin": ("bird", 0.62, ("#2f3444",), "#f4f1ea", "#eea23a"),
    "duck": ("bird", 0.48, ("#f2e6c8", "#6f8c5c"), "#fbf3e0", "#ee9a2e"),
    "chicken": ("bird", 0.5, ("#c8763a", "#f1e8d8"), "#f8ead0", "#e0a030"),
    "crow": ("bird", 0.5, ("#2c2c38",), "#3c3c4a", "#4a4650"),
    "cat": ("beast", 0.62, ("#e09a4a", "#5a5a66", "#33303a", "#e8dcc8", "#a58a6c"), "#f8efe0", "#d98a94"),
    "dog": ("beast", 0.78, ("#b0804e", "#e2c698", "#6a4a38", "#8d8378"), "#f6ead6", "#3a2a28"),
    "bear": ("beast", 1.55, ("#7a5236", "#5a3d2c", "#a5754a"), "#c8a074", "#2e2222"),
    "rabbit": ("beast", 0.66, ("#cdbfae", "#a58d78", "#f0ebe4", "#8f8a8c"), "#faf4ea", "#e8a0a4"),
    "mouse": ("beast", 0.42, ("#a59c9a", "#8a7468", "#cbb9a4"), "#f3e6da", "#e8a0a4"),
    "wolf": ("beast", 1.02, ("#6f7683", "#4f5563", "#8a8a8e"), "#dcdde0", "#2a2730"),
    "badger": ("beast", 0.74, ("#5d6068", "#4a4a52"), "#f1ece2", "#26242a"),
    "raccoon": ("beast", 0.7, ("#85817f",), "#dcd4c8", "#2e2a30"),
    "squirrel": ("beast", 0.5, ("#b5602c", "#7d6a5c"), "#f8e8d2", "#3a2622"),
    "hedgehog": ("beast", 0.44, ("#7a5c46",), "#ecd6b4", "#2e2222"),
    "lion": ("beast", 1.2, ("#dba552",), "#f6e4bc", "#8a4a24"),
    "tiger": ("beast", 1.15, ("#e28a34",), "#fbf0de", "#2e2622"),
    "monkey": ("beast", 0.8, ("#7d5a40", "#96683f"), "#e8c49a", "#3a2a24"),
    "pig": ("beast", 0.7, ("#eea9a8",), "#f8cdc6", "#d9808a"),
    "cow": ("beast", 1.3, ("#f1ece4",), "#fbf6ee", "#3a3236"),
    "sheep": ("beast", 0.85, ("#f1ebdf",), "#f8f2e6", "#4a4046"),
    "goat": ("beast", 0.9, ("#e4dccc", "#9a8268"), "#f6efe0", "#5a4a42"),
    "deer": ("beast", 1.3, ("#b57a46", "#a3683c"), "#f3e2c6", "#4a3226"),
    "horse": ("beast", 1.5, ("#8a5836", "#4f3a32", "#c8b090"), "#d8b890", "#2e2420"),
    "elephant": ("beast", 1.7, ("#8f959f",), "#a8adb5", "#5c6068"),
    "whale": ("swimmer", 1.9, ("#3f6a96", "#4a7f9c"), "#cfe0e6", "#27455f"),
    "dolphin": ("swimmer", 1.1, ("#5f8aa8",), "#dfeaee", "#3f6480"),
    "shark": ("swimmer", 1.3, ("#6d7f8c",), "#e3e8ea", "#46545f"),
    "fish": ("swimmer", 0.5, ("#ee8a34", "#3fa0b0", "#d95a6a", "#e2b83a"), "#fbe3b8", "#f6f1e6"),
    "octopus": ("octopus", 0.9, ("#c25a6a", "#8a5aa0", "#d97a4a"), "#f1bcae", "#7a2f4a"),
    "squid": ("octopus", 1.0, ("#b5607a",), "#eebcc4", "#6f2f4a"),
    "jellyfish": ("octopus", 0.8, ("#a58ad0",), "#dccff0", "#6f56a8"),
    "frog": ("beast", 0.42, ("#5f9a48", "#7fae3e"), "#e6ecb4", "#3a5c2c"),
    "turtle": ("beast", 0.5, ("#7a9a5a",), "#e2dca8", "#5a6a38"),
    "dragon": ("beast", 1.3, ("#4f9a6c", "#8a4aa0", "#b53f3f"), "#f1dca0", "#2f5c44"),
    "bee": ("bird", 0.42, ("#f2c232",), "#fbe9b0", "#2e2a26"),
    "animal": ("beast", 0.78, ("#a5805c", "#8a8a94", "#c29a68"), "#f1e3cc", "#3a2c2a"),
}  # fmt: skip
_ALIASES: Final = {
    "vixen": "fox", "macaw": "parrot", "cockatoo": "parrot", "parakeet": "parrot", "budgie": "parrot", "robin": "bird",
    "sparrow": "bird", "finch": "bird", "seagull": "bird", "gull": "bird", "pigeon": "bird", "goose": "duck",
    "raven": "crow", "magpie": "crow", "eagle": "owl", "hawk": "owl", "rooster": "chicken", "hen": "chicken", "kitten": "cat",
    "puppy": "dog", "hound": "dog", "terrier": "dog", "bear cub": "bear", "cub": "bear", "hare": "rabbit", "bunny": "rabbit",
    "rat": "mouse", "hamster": "mouse", "stag": "deer", "fawn": "deer", "doe": "deer", "reindeer": "deer", "pony": "horse",
    "donkey": "horse", "mare": "horse", "toad": "frog", "tortoise": "turtle", "lizard": "dragon", "snake": "dragon", "ape": "monkey",
    "chimpanzee": "monkey", "gorilla": "monkey", "lamb": "sheep", "calf": "cow", "piglet": "pig", "salmon": "fish", "crab": "octopus",
    "seal": "dolphin", "kraken": "octopus", "butterfly": "bee", "beaver": "bear",
    # kinds, sexes and young of what is known above
    "lion cub": "lion", "tomcat": "cat", "tabby": "cat", "poodle": "dog", "bulldog": "dog", "corgi": "dog", "dachshund": "dog", "greyhound": "dog",
    "sheepdog": "dog", "collie": "dog", "spaniel": "dog", "beagle": "dog", "labrador": "dog", "husky": "dog", "retriever": "dog", "pup": "dog", "mutt": "dog",
    "dingo": "dog", "stallion": "horse", "foal": "horse", "filly": "horse", "colt": "horse", "steed": "horse", "bull": "cow", "ox": "cow", "oxen": "cow",
    "heifer": "cow", "sow": "pig", "hog": "pig", "swine": "pig", "ewe": "sheep", "ram": "sheep", "buck": "deer", "roe": "deer", "wyvern": "dragon",
    "bonobo": "monkey", "chimp": "monkey", "macaque": "monkey", "capuchin": "monkey", "cockerel": "chicken", "duckling": "duck", "mallard": "duck", "drake": "duck",
    "gander": "duck", "gosling": "duck", "goldfish": "fish", "trout": "fish", "cod": "fish", "carp": "fish", "koi": "fish", "tuna": "fish", "herring": "fish",
    "minnow": "fish", "guppy": "fish", "sardine": "fish", "clownfish": "fish", "mackerel": "fish", "bullfrog": "frog", "terrapin": "turtle", "owlet": "owl",
    "wolves": "wolf", "mice": "mouse", "geese": "duck", "calves": "cow", "puppies": "dog", "bunnies": "rabbit", "ponies": "horse", "butterflies": "bee",
}  # fmt: skip
_SPIRITS: Final[dict[str, tuple[str, float, str, str]]] = {
    # word: (form, height, body, glow)
    "thunderstorm": ("cloud", 2.2, "#5b6f9a", "#c9e2ff"), "storm": ("cloud", 2.2, "#5b6f9a", "#c9e2ff"),
    "thunder": ("cloud", 2.2, "#565f8c", "#d9d6ff"), "cloud": ("cloud", 1.7, "#cfdcec", "#fff3d6"), "rain": ("cloud", 1.7, "#7f9cc0", "#cfe6ff"),
    "moon": ("moon", 1.5, "#efe6c8", "#fff6d2"), "sun": ("star", 1.6, "#f6c244", "#fff0b0"), "star": ("star", 1.2, "#f6dc82", "#fff6cf"),
    "fire": ("fire", 1.5, "#f08a2c", "#ffe08a"), "flame": ("fire", 1.2, "#f08a2c", "#ffe08a"), "ember": ("fire", 0.9, "#e2602a", "#ffcf7a"),
    "snow": ("snow", 1.6, "#dfeaf6", "#ffffff"), "winter": ("snow", 1.9, "#cfe0f2", "#ffffff"), "frost": ("snow", 1.6, "#cfe6f2", "#ffffff"),
    "ice": ("snow", 1.6, "#bfe0ee", "#ffffff"), "sea": ("wave", 2.0, "#2f7f9c", "#a8f0e6"), "ocean": ("wave", 2.2, "#2a6a96", "#9ae6ee"),
    "river": ("wave", 1.7, "#4a9ab0", "#c4f4ee"), "water": ("wave", 1.6, "#4a9ac0", "#c4f0f6"), "wave": ("wave", 1.8, "#2f7f9c", "#a8f0e6"),
    "tide": ("wave", 1.9, "#2f7590", "#a8f0e6"), "wind": ("wind", 1.9, "#a9cfc9", "#f0fff6"), "breeze": ("wind", 1.6, "#b5d9c4", "#f4fff0"),
    "echo": ("voice", 1.3, "#8a7ac0", "#e6d8ff"), "voice": ("voice", 1.3, "#8a7ac0", "#ffe4c0"), "song": ("voice", 1.3, "#c07aa8", "#ffe0ee"),
    "music": ("voice", 1.3, "#c07aa8", "#ffe0ee"), "shadow": ("ghost", 1.7, "#4a4466", "#b8a8e8"), "night": ("ghost", 1.9, "#3a3f6c", "#c8c4ff"),
    "darkness": ("ghost", 1.9, "#38345a", "#b8a8e8"), "memory": ("ghost", 1.6, "#c8b0d8", "#fff0e0"), "dream": ("ghost", 1.6, "#b8a4dc", "#ffe8f4"),
    "fog": ("cloud", 1.7, "#b5bec8", "#f4f6f8"), "mist": ("cloud", 1.7, "#b5c4c8", "#f4f8f8"), "ghost": ("ghost", 1.6, "#dfe6ee", "#f6fbff"),
    "light": ("star", 1.2, "#f6e2a0", "#fff8d8"), "time": ("ghost", 1.7, "#8fa4b8", "#fff0c8"), "spirit": ("ghost", 1.6, "#b8d8d0", "#f4fff4"),
}  # fmt: skip
_THINGS: Final[dict[str, tuple[str, float, str, str]]] = {
    # word: (form, height, body, accent)
    "leaf": ("leaf", 0.9, "#6fae3f", "#4a8030"), "fern": ("leaf", 0.95, "#5a9e44", "#3f7834"), "sunflower": ("flower", 1.0, "#f2c232", "#6a4426"),
    "flower": ("flower", 0.95, "#ec8fae", "#f4c421"), "rose": ("flower", 0.95, "#cf3a52", "#8a2034"), "daisy": ("flower", 0.9, "#f6f1e6", "#f2c232"),
    "tulip": ("flower", 0.95, "#e0563f", "#f4c421"), "tree": ("tree", 1.7, "#5c9a4a", "#7d5a3c"), "plant": ("plant", 0.9, "#5f9e4c", "#b5633f"),
    "seed": ("bean", 0.6, "#b58a54", "#7a5a34"), "acorn": ("bean", 0.6, "#b07a3e", "#6a4a2c"), "bean": ("bean", 0.6, "#8fae5a", "#5c7a34"),
    "radio": ("radio", 0.75, "#b0663a", "#f0dcb0"), "heart": ("heart", 0.9, "#d8404f", "#8a2036"), "lamp": ("lamp", 0.95, "#dca832", "#5a4a40"),
    "lantern": ("lamp", 0.85, "#dca832", "#4a3a34"), "lighthouse": ("lighthouse", 1.8, "#f1ece0", "#c8303a"), "ship": ("ship", 1.0, "#b0492f", "#f1e8d4"),
    "boat": ("ship", 0.9, "#3f7a96", "#f1e8d4"), "ferry": ("ship", 1.1, "#3f7a96", "#f1e8d4"), "book": ("book", 0.75, "#8a3b4a", "#f1e6cc"),
    "cup": ("cup", 0.65, "#6a9ab5", "#f4efe4"), "mug": ("cup", 0.65, "#c8703f", "#f4efe4"), "teapot": ("cup", 0.7, "#7fa68c", "#f4efe4"),
    "clock": ("clock", 0.95, "#9c6a3c", "#f6edd6"), "watch": ("clock", 0.7, "#dca832", "#f6edd6"), "car": ("car", 0.9, "#d0493f", "#bfe0ea"),
    "truck": ("car", 1.1, "#d09a2f", "#bfe0ea"), "bus": ("car", 1.1, "#e2a52f", "#bfe0ea"), "taxi": ("car", 0.9, "#f2c232", "#bfe0ea"),
    "stone": ("stone", 0.65, "#8f8f94", "#6a9a5a"), "rock": ("stone", 0.7, "#85807f", "#6a9a5a"), "pebble": ("stone", 0.6, "#a09a94", "#7a8a6a"),
    "mountain": ("stone", 1.4, "#7f8796", "#f1f3f6"), "bread": ("bread", 0.65, "#c98a44", "#f0cf94"), "oven": ("radio", 1.0, "#5c5a64", "#f0a040"),
    "cake": ("bread", 0.7, "#e8b0a8", "#fbf0e0"), "sugar": ("box", 0.6, "#f4efe6", "#d8cfc0"), "box": ("box", 0.75, "#b58a54", "#e8d0a0"),
    "candle": ("candle", 0.8, "#f1e4c8", "#f6b040"), "star": ("starfish", 0.9, "#f6d25a", "#f09a3a"), "sun": ("starfish", 1.0, "#f6c244", "#f09a3a"),
    "drop": ("drop", 0.7, "#5aa8d8", "#d6f0fa"), "water": ("drop", 0.75, "#5aa8d8", "#d6f0fa"), "cell": ("blob", 0.8, "#e07a72", "#8a3a5a"),
    "blood": ("blob", 0.7, "#d04a4a", "#8a2034"), "oxygen": ("blob", 0.65, "#6ab8e0", "#e6f6fc"), "carbon": ("blob", 0.7, "#5c6470", "#c8d0d8"),
    "brain": ("blob", 0.85, "#eba4a8", "#b5606f"), "door": ("box", 1.4, "#8a5836", "#dca832"), "phone": ("box", 0.7, "#33343c", "#7fd0e0"),
    "computer": ("radio", 0.8, "#c8c4b8", "#6ad0b0"), "television": ("radio", 0.85, "#7a5a44", "#a8d8d0"), "ball": ("blob", 0.65, "#e0563f", "#f6e6c8"),
    "mushroom": ("mushroom", 0.8, "#cf4a3f", "#f6ecd8"), "pumpkin": ("blob", 0.75, "#e6842f", "#5a8a3a"), "apple": ("blob", 0.65, "#d0403f", "#5a8a3a"),
    "house": ("box", 1.3, "#d8b48a", "#b0493a"), "pencil": ("candle", 0.85, "#f2c232", "#e0867f"), "umbrella": ("mushroom", 0.95, "#c8303a", "#5a4a40"),
}  # fmt: skip


_ANIMALS: Final[dict[str, str]] = {one: one for one in SPECIES if one not in ("animal", "bird")} | _ALIASES | {"bird": "bird"}
_TABLES: Final[dict[CharacterKind, tuple[Mapping[str, object], Mapping[str, object]]]] = {
    "animal": (_ANIMALS, NEAR_ANIMALS),
    "spirit": (_SPIRITS, NEAR_SPIRITS),
    "thing": (_THINGS, NEAR_THINGS),
}


def creature_word(kind: CharacterKind, name: Sequence[str], about: Sequence[str]) -> str | None:
    """The word that says which animal, spirit or living thing this is; None where nobody knows one."""
    known, near = _TABLES[kind]
    return meant(name, about, known, near)


def species_of(kind: CharacterKind, word: str) -> str:
    """The `species` that a look has that is made from this word."""
    if kind == "animal":
        return NEAR_ANIMALS[word][0] if word in NEAR_ANIMALS else _ANIMALS[word]
    return _SPIRITS[NEAR_SPIRITS.get(word, word)][0] if kind == "spirit" else _THINGS[NEAR_THINGS.get(word, word)][0]


def creature_look(kind: CharacterKind, name: Sequence[str], about: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """An animal, robot, spirit or living thing of this name and description."""
    words = [*name, "_", *about]
    word = None if kind == "robot" else creature_word(kind, name, about)
    look = _robot(words, draw) if kind == "robot" else {"animal": _animal, "spirit": _spirit}.get(kind, _thing)(word, words, draw)
    if has(words, "small", "tiny", "little", "young", "baby"):
        look["height"] = round(float(str(look["height"])) * 0.84, 3)
    elif has(words, "big", "huge", "giant", "tall", "towering", "enormous", "great", "large"):
        look["height"] = round(float(str(look["height"])) * 1.16, 3)
    worn: dict[str, FactValue] = dict.fromkeys(("scarf", "hat", "glasses", "tie", "coat", "top", "apron", "bottom"))
    worn.update({slot: dict(garment) for slot, garment in clothes_in(words).items() if slot in worn})
    eyes = next((color_before(words, noun) for noun in ("eyes", "eye", "eyed") if color_before(words, noun)), None)
    return {"kind": kind, **look, **worn, "eyes": eyes or look["eyes"], "injury": ""}


def _animal(word: str | None, words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    species = "animal" if word is None else species_of("animal", word)
    plan, height, coats, belly, accent = SPECIES[species]
    said = _own_color(words, species)
    if word in NEAR_ANIMALS:
        said = color_before(words, word) or said
        _, *own = NEAR_ANIMALS[word]
        height = float(own[0]) if own else height
        coats, belly, accent = ((own[1],), own[2], own[3]) if len(own) > 1 else (coats, belly, accent)
    return {
        "species": species,
        "form": plan,
        "height": round(height * draw.between("height", 0.95, 1.06), 3),
        "color": said or draw.pick("coat", coats),
        "belly": belly,
        "accent": accent,
        "eyes": draw.pick("eyes", ("#5a3a24", "#7a5a2a", "#3d5a3a", "#3a3238")),
        "pattern": draw.pick("pattern", ("plain", "plain", "socks", "patch")),
        "fluff": draw.between("fluff", 0.8, 1.2),
        "sex": _sex_of(words),
        "age": "young"
        if has(words, "young", "kit", "cub", "baby", "little")
        else "old"
        if has(words, "old", "wise")
        else "adult",
    }


def _robot(words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    form = first_of(words, {"boxy": "box", "square": "box", "old": "box", "rusty": "box", "round": "round", "ball": "round", "egg": "round",
                            "tall": "tall", "slender": "tall", "thin": "tall", "android": "tall", "tin": "box", "drone": "hover",
                            "floating": "hover", "hovering": "hover"})  # fmt: skip
    body = _own_color(words, "robot") or draw.pick("body", ("#6fa8b5", "#d8a24a", "#c8cdd4", "#c9785a", "#8a94b8", "#88a878"))
    return {
        "species": "robot",
        "form": form or draw.pick("form", ("box", "round", "tall", "round", "box")),
        "height": draw.between("height", 1.05, 1.4) + (0.25 if has(words, "tall", "towering", "giant") else 0.0),
        "color": body,
        "belly": draw.pick("panel", ("#e6e8e6", "#3f4656", "#f0dcb0", "#55606e")),
        "accent": draw.pick("accent", ("#e2603f", "#f2b632", "#3f4656", "#7a4a8a")),
        "eyes": draw.pick("eyes", ("#7fe6e0", "#ffd36a", "#9af07f", "#ff9a7a")),
        "antenna": draw.pick("antenna", ("ball", "pair", "dish", "ball")),
        "limbs": draw.pick("limbs", ("hose", "rod")),
        "base": "wheel" if has(words, "wheel", "wheeled", "rolling") else draw.pick("base", ("legs", "legs", "legs", "wheel")),
        "mouth": draw.pick("mouth", ("bar", "grille", "wave")),
        "rust": has(words, "rusty", "old", "rust", "battered", "worn"),
    }


def _spirit(word: str | None, words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    unknown = ("ghost", 1.6, draw.pick("body", ("#b8d8d0", "#c8b0d8", "#a8c4e0")), "#f8fff4")
    form, height, body, glow = unknown if word is None else _SPIRITS[NEAR_SPIRITS.get(word, word)]
    said = _own_color(words, form)
    return {
        "species": form,
        "form": form,
        "height": round(height * draw.between("height", 0.96, 1.05), 3),
        "color": said or body,
        "belly": glow,
        "accent": glow,
        "eyes": draw.pick("eyes", ("#2c3450", "#3a2f4c", "#274450")),
        "puffs": draw.between("puffs", 0.0, 1.0),
    }


def _thing(word: str | None, words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    colors = ("#e0876a", "#6fa8b5", "#d9b24a", "#8aa86a", "#b58ac0")
    unknown = ("blob", 0.85, draw.pick("body", colors), "#f6ecd8")
    form, height, body, accent = unknown if word is None else _THINGS[NEAR_THINGS.get(word, word)]
    said = _own_color(words, form)
    return {
        "species": form,
        "form": form,
        "height": round(height * draw.between("height", 0.96, 1.05), 3),
        "color": said or body,
        "belly": accent,
        "accent": accent,
        "eyes": draw.pick("eyes", ("#4a3226", "#33424f", "#3d5a3a")),
    }


def _own_color(words: Sequence[str], noun: str) -> str | None:
    """The colour the words give the creature itself, not its scarf or its eyes."""
    return color_before(words, noun) or next(
        (color_before(words, part) for part in ("fur", "feathers", "coat", "body", "skin", "petals", "shell") if color_before(words, part)),
        None,
    ) or next((color for color in colors_in(list(words)[:4])), None)  # fmt: skip


def _sex_of(words: Sequence[str]) -> str:
    return (
        "woman"
        if has(words, "she", "her", "vixen", "female", "mother")
        else "man"
        if has(words, "he", "his", "male", "father")
        else ""
    )
