"""What animals, robots, spirits and living things look like: the form from the words, the rest drawn from the seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from episodic.looks.clothes import clothes_in
from episodic.looks.data_files import Color, read_pairs, read_table
from episodic.looks.substitutes import NEAR_ANIMALS, NEAR_SPIRITS, NEAR_THINGS
from episodic.looks.words import Draw, color_before, colors_in, first_of, has, main_word
from memory.model.canon import CharacterKind
from memory.model.facts import FactValue

__all__ = ["SPECIES", "creature_look", "creature_word", "species_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Species:
    """An animal that has a drawing. `coats` are the colours to draw from."""

    plan: str
    height_m: float
    coats: tuple[Color, ...]
    belly: Color
    accent: Color


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spirit:
    """A spirit that has a drawing."""

    form: str
    height_m: float
    body: Color
    glow: Color


@dataclass(frozen=True, slots=True, kw_only=True)
class _Thing:
    """A living thing that has a drawing."""

    form: str
    height_m: float
    body: Color
    accent: Color


SPECIES: Final[Mapping[str, _Species]] = read_table("creatures/species.tsv", _Species)
"""Species to its drawing; the first that a description names counts."""
_SPIRITS: Final[Mapping[str, _Spirit]] = read_table("creatures/spirits.tsv", _Spirit)
_THINGS: Final[Mapping[str, _Thing]] = read_table("creatures/things.tsv", _Thing)
_SPECIES_WORDS: Final = {
    **{species: species for species in SPECIES if species not in ("animal", "bird")},
    **read_pairs("creatures/aliases.tsv"),
    "bird": "bird",
}
"""Word to species, the plain words "animal" and "bird" aside and last."""
_KNOWN_AND_NEAR: Final[Mapping[CharacterKind, tuple[Mapping[str, object], Mapping[str, object]]]] = {
    "animal": (_SPECIES_WORDS, NEAR_ANIMALS),
    "spirit": (_SPIRITS, NEAR_SPIRITS),
    "thing": (_THINGS, NEAR_THINGS),
}
_ROBOT_FORMS: Final = read_pairs("creatures/robot_forms.tsv")


def creature_word(kind: CharacterKind, name: Sequence[str], about: Sequence[str]) -> str | None:
    """The word that says which animal, spirit or living thing this is; None if no word does."""
    known, near = _KNOWN_AND_NEAR[kind]
    return main_word(name, about, known, near)


def species_of(kind: CharacterKind, word: str) -> str:
    """The `species` of a look that is made from this word."""
    if kind == "animal":
        return NEAR_ANIMALS[word].species if word in NEAR_ANIMALS else _SPECIES_WORDS[word]
    return _SPIRITS[NEAR_SPIRITS.get(word, word)].form if kind == "spirit" else _THINGS[NEAR_THINGS.get(word, word)].form


def creature_look(kind: CharacterKind, name: Sequence[str], about: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """The look of an animal, robot, spirit or living thing of this name and description."""
    words = [*name, "_", *about]
    word = None if kind == "robot" else creature_word(kind, name, about)
    look = _robot(words, draw) if kind == "robot" else {"animal": _animal, "spirit": _spirit}.get(kind, _thing)(word, words, draw)
    if has(words, "small", "tiny", "little", "young", "baby"):
        _scale_height(look, 0.84)
    elif has(words, "big", "huge", "giant", "tall", "towering", "enormous", "great", "large"):
        _scale_height(look, 1.16)
    worn: dict[str, FactValue] = dict.fromkeys(("scarf", "hat", "glasses", "tie", "coat", "top", "apron", "bottom"))
    worn.update({slot: garment.to_json() for slot, garment in clothes_in(words).items() if slot in worn})
    eyes = next((color_before(words, noun) for noun in ("eyes", "eye", "eyed") if color_before(words, noun)), None)
    return {"kind": kind, **look, **worn, **({"eyes": eyes} if eyes else {}), "injury": ""}


def _scale_height(look: dict[str, FactValue], factor: float) -> None:
    """Multiply the height of a look."""
    look["height"] = round(float(str(look["height"])) * factor, 3)


def _animal(word: str | None, words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """An animal; an unknown one is a plain beast."""
    species = SPECIES[name := "animal" if word is None else species_of("animal", word)]
    height, coats, belly, accent = species.height_m, species.coats, species.belly, species.accent
    own_color = _own_color(words, name)
    if word is not None and word in NEAR_ANIMALS:
        near = NEAR_ANIMALS[word]
        own_color = color_before(words, word) or own_color
        height = height if near.height_m is None else near.height_m
        if near.coat and near.belly and near.accent:
            coats, belly, accent = (near.coat,), near.belly, near.accent
    return {
        "species": name,
        "form": species.plan,
        "height": round(height * draw.between("height", 0.95, 1.06), 3),
        "color": own_color or draw.pick("coat", coats),
        "belly": belly,
        "accent": accent,
        "eyes": draw.pick("eyes", ("#5a3a24", "#7a5a2a", "#3d5a3a", "#3a3238")),
        "pattern": draw.pick("pattern", ("plain", "plain", "socks", "patch")),
        "fluff": draw.between("fluff", 0.8, 1.2),
        "sex": _sex_of(words),
        "age": _age_of(words),
    }


def _robot(words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """A robot: its form and colour from the words, its parts by chance."""
    form = first_of(words, _ROBOT_FORMS)
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
    """A spirit; an unknown one is a ghost."""
    if word is None:
        body = Color(draw.pick("body", ("#b8d8d0", "#c8b0d8", "#a8c4e0")))
        spirit = _Spirit(form="ghost", height_m=1.6, body=body, glow=Color("#f8fff4"))
    else:
        spirit = _SPIRITS[NEAR_SPIRITS.get(word, word)]
    return {
        "species": spirit.form,
        "form": spirit.form,
        "height": round(spirit.height_m * draw.between("height", 0.96, 1.05), 3),
        "color": _own_color(words, spirit.form) or spirit.body,
        "belly": spirit.glow,
        "accent": spirit.glow,
        "eyes": draw.pick("eyes", ("#2c3450", "#3a2f4c", "#274450")),
        "puffs": draw.between("puffs", 0.0, 1.0),
    }


def _thing(word: str | None, words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """A living thing; an unknown one is a soft round thing."""
    if word is None:
        body = Color(draw.pick("body", ("#e0876a", "#6fa8b5", "#d9b24a", "#8aa86a", "#b58ac0")))
        thing = _Thing(form="blob", height_m=0.85, body=body, accent=Color("#f6ecd8"))
    else:
        thing = _THINGS[NEAR_THINGS.get(word, word)]
    return {
        "species": thing.form,
        "form": thing.form,
        "height": round(thing.height_m * draw.between("height", 0.96, 1.05), 3),
        "color": _own_color(words, thing.form) or thing.body,
        "belly": thing.accent,
        "accent": thing.accent,
        "eyes": draw.pick("eyes", ("#4a3226", "#33424f", "#3d5a3a")),
    }


def _own_color(words: Sequence[str], noun: str) -> str | None:
    """The colour that the words give the creature itself, not its scarf or its eyes."""
    for part in (noun, "fur", "feathers", "coat", "body", "skin", "petals", "shell"):
        if color := color_before(words, part):
            return color
    return next(iter(colors_in(list(words)[:4])), None)


def _sex_of(words: Sequence[str]) -> str:
    """ "woman" or "man" if the words say so, else empty."""
    if has(words, "she", "her", "vixen", "female", "mother"):
        return "woman"
    return "man" if has(words, "he", "his", "male", "father") else ""


def _age_of(words: Sequence[str]) -> str:
    """ "young", "adult" or "old"."""
    if has(words, "young", "kit", "cub", "baby", "little"):
        return "young"
    return "old" if has(words, "old", "wise") else "adult"
