"""What a person looks like: read from the words of a description, drawn from the seed where they name nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from episodic.looks.clothes import Clothes, Garment, clothes_for_work, clothes_in
from episodic.looks.data_files import Color, parse_color, read_pairs, read_table, read_words
from episodic.looks.words import COLORS, Draw, first_of, has, phrase_before
from memory.model.facts import FactValue

__all__ = ["hair_in", "human_look", "put_on"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Swatch:
    """Colours to draw from where a description names none."""

    colors: tuple[Color, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _SkinTone:
    """A word for a skin: `tone` is the place in the swatch."""

    tone: int


_SWATCHES: Final = read_table("people/swatches.tsv", _Swatch)


def _swatch(group: str) -> tuple[Color, ...]:
    """The colours of a group."""
    return _SWATCHES[group].colors


SKINS: Final = _swatch("skin")
HAIRS: Final = _swatch("hair")
GREYS: Final = _swatch("grey hair")
EYES: Final = _swatch("eyes")
TOPS: Final = _swatch("top")
BOTTOMS: Final = _swatch("bottom")
SHOES: Final = _swatch("shoes")

_WOMAN: Final = frozenset(read_words("people/woman.txt"))
_MAN: Final = frozenset(read_words("people/man.txt"))
_NAMES_OF_WOMEN: Final = frozenset(read_words("people/names_of_women.txt"))
_NAMES_OF_MEN: Final = frozenset(read_words("people/names_of_men.txt"))
_CHILD: Final = read_words("people/child.txt")
_OLD: Final = read_words("people/old.txt")
_SKIN_TONES: Final[Mapping[str, int]] = {word: skin.tone for word, skin in read_table("people/skin_tones.tsv", _SkinTone).items()}
_HAIR_STYLES: Final[Mapping[str, str]] = read_pairs("people/hair_styles.tsv")
_HAIR_COLORS: Final[Mapping[str, str]] = read_pairs("people/hair_colors.tsv", parse_color)
_HAIR_NOUNS: Final = frozenset(read_words("people/hair_nouns.txt"))
_EYE_COLORS: Final[Mapping[str, str]] = read_pairs("people/eye_colors.tsv", parse_color)


def human_look(words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """The look of a person of these words. What they leave open is drawn from the seed."""
    sex, age = _sex(words, draw), _age(words)
    skin_at = first_of(words, _SKIN_TONES)
    skin = SKINS[skin_at] if skin_at is not None else draw.pick("skin", SKINS)
    hair = _hair(words, draw, sex, age, SKINS.index(skin))
    look: dict[str, FactValue] = {
        "kind": "human",
        "species": "human",
        "form": "human",
        "sex": sex,
        "age": age,
        "height": _height(words, draw, sex, age),
        "build": _build(words, draw),
        "skin": skin,
        "hair": hair,
        "beard": _beard(words, draw, sex, age, str(hair["color"])),
        "eyes": _eyes(words) or draw.pick("eyes", EYES if SKINS.index(skin) < 5 else EYES[:2]),
        "face": {
            "jaw": draw.between("jaw", -1, 1) * (0.6 if sex == "woman" else 1.0) + (0.3 if sex == "man" else -0.2),
            "nose": draw.pick("nose", ("button", "straight", "round", "long")),
            "eye_size": draw.between("eye_size", 0.9, 1.12),
            "eye_gap": draw.between("eye_gap", -0.06, 0.06),
            "brow": draw.between("brow", 0.75, 1.25),
            "freckles": has(words, "freckled", "freckles") or (SKINS.index(skin) < 3 and draw.chance("freckles", 0.18)),
        },
        "shoes": draw.pick("shoes", SHOES),
        "injury": "",
    }
    look.update(_clothes(words, draw, sex, age))
    return look


def put_on(look: dict[str, FactValue], clothes: Clothes) -> None:
    """Put clothes over what a look wears already. The slot `any` recolours what shows most."""
    for slot, garment in clothes.items():
        if slot == "any":
            continue
        look[slot] = garment.to_json()
        if slot == "top" and garment.cut in ("dress", "gown", "robe", "spacesuit", "wetsuit", "jumpsuit"):
            for other in ("coat", "apron"):
                if other not in clothes:
                    look[other] = None
        if slot == "coat" and garment.cut in ("raincoat", "trench", "long", "labcoat"):
            if "apron" not in clothes:
                look["apron"] = None
            top = look.get("top")
            if isinstance(top, dict) and top.get("cut") == "spacesuit":
                look["top"] = {"cut": "sweater", "color": "#8d8f97"}
    if colored := clothes.get("any"):
        color = colored.color
        shown = "coat" if isinstance(look.get("coat"), dict) else "top"
        garment_now = look.get(shown)
        if isinstance(garment_now, dict):
            look[shown] = {**garment_now, "color": color}
        hat = look.get("hat")
        if isinstance(hat, dict) and hat.get("cut") in ("brim", "beret", "cloche"):
            look["hat"] = {**hat, "color": color}


def _sex(words: Sequence[str], draw: Draw) -> str:
    """ "woman" or "man": by the nouns, else by pronouns and first names, else drawn."""
    for word in words:
        if word in _WOMAN or word.removesuffix("s") in _WOMAN:
            return "woman"
        if word in _MAN or word.removesuffix("s") in _MAN:
            return "man"
    for word in words:
        if word in ("her", "hers", "his", "him"):
            return "woman" if word.startswith("her") else "man"
        if word in _NAMES_OF_WOMEN:
            return "woman"
        if word in _NAMES_OF_MEN:
            return "man"
    return draw.pick("sex", ("woman", "man"))


def _age(words: Sequence[str]) -> str:
    """ "child", "young", "adult" or "old"."""
    if has(words, *_OLD) and not has(words, "year old", "years old", "little old"):
        return "old"
    if has(words, "little old"):
        return "old"
    if has(words, *_CHILD) and not has(words, "bellboy", "lobby boy", "little known"):
        return "child"
    return "young" if has(words, "young", "teenage", "teenager", "student", "apprentice", "bellboy", "lobby boy") else "adult"


def _height(words: Sequence[str], draw: Draw, sex: str, age: str) -> float:
    """The height in metres, by age, sex and the words for tall and small."""
    low, high = {"child": (1.12, 1.3), "old": (1.52, 1.7), "young": (1.56, 1.76)}.get(age, (1.6, 1.82))
    if sex == "woman" and age != "child":
        low, high = low - 0.04, high - 0.08
    if has(words, "tall", "towering", "lanky", "giant"):
        return high + (0.04 if age == "child" else 0.06)
    if has(words, "short man", "short woman", "small", "tiny", "petite", "stocky", "little"):
        return low
    return draw.between("height", low, high)


def _build(words: Sequence[str], draw: Draw) -> float:
    """The build, from 0 (thin) to 1 (stout)."""
    if has(words, "thin", "slim", "slender", "lanky", "skinny", "lean", "gaunt", "wiry", "slight"):
        return 0.12
    if has(
        words, "stout", "round", "fat", "plump", "heavy", "burly", "big", "stocky", "large", "portly", "broad", "chubby", "rotund"
    ):
        return 0.92
    return draw.between("build", 0.22, 0.7)


def hair_in(words: Sequence[str]) -> dict[str, FactValue]:
    """The style and the colour that words about hair name; a key is missing if they name none."""
    hair: dict[str, FactValue] = {}
    words = [word for word in words if word != "hair"]
    style = first_of(words, {**_HAIR_STYLES, "short": "short", "long": "long", "messy": "messy"})
    color = _hair_color([*words, "hair"])
    if style is not None:
        hair["style"] = style
    if color is not None:
        hair["color"] = color
    return hair


def _hair(words: Sequence[str], draw: Draw, sex: str, age: str, skin: int) -> dict[str, FactValue]:
    """Style and colour of the hair."""
    color = _hair_color(words)
    if color is None:
        color = draw.pick("hair", GREYS) if age == "old" else draw.pick("hair", HAIRS if skin < 4 else (*HAIRS[:3], HAIRS[8]))
    style = first_of(words, _HAIR_STYLES) or _length(words)
    if style is None:
        style = draw.pick("hair style", _usual_styles(sex, age, skin))
    return {"style": style, "color": color}


def _length(words: Sequence[str]) -> str | None:
    """The length up to three words before "hair": "long blonde hair"."""
    for at, word in enumerate(words):
        if word in ("hair", "haired"):
            for near in reversed(phrase_before(words, at)):
                if near in ("long", "short", "messy", "wild"):
                    return {"wild": "messy"}.get(near, near)
    return None


def _hair_color(words: Sequence[str]) -> str | None:
    """The colour that the words give the hair; None if they give none."""
    color = first_of(words, _HAIR_COLORS)
    if color is None:
        for at, word in enumerate(words):
            if word in _HAIR_NOUNS:
                near = [before for before in phrase_before(words, at) if before in COLORS]
                if near:
                    color = {"grey": "#a9a7a8", "gray": "#a9a7a8", "red": "#b5522c", "white": "#e6e4e0"}.get(
                        near[-1], COLORS[near[-1]]
                    )
                    break
    return color


def _usual_styles(sex: str, age: str, skin: int) -> tuple[str, ...]:
    """The hair styles to draw from."""
    if sex == "woman":
        if age == "old":
            return ("bun", "bob", "curly", "braid")
        if age == "child":
            return ("pigtails", "bob", "ponytail", "braid") if skin < 5 else ("pigtails", "afro", "ponytail", "curly")
        return (
            ("long", "wavy", "bob", "ponytail", "bun", "pixie", "curly") if skin < 5 else ("afro", "locs", "bun", "curly", "wavy")
        )
    if age == "old":
        return ("fringe", "short", "bald", "slick")
    if age == "child":
        return ("messy", "short", "spiky", "curly") if skin < 5 else ("buzz", "curly", "afro", "short")
    return ("short", "parted", "quiff", "messy", "slick", "curly") if skin < 5 else ("buzz", "afro", "short", "curly", "locs")


def _beard(words: Sequence[str], draw: Draw, sex: str, age: str, hair: str) -> FactValue:
    """Style and colour of a beard; None without one."""
    style = None
    if has(words, "moustache", "mustache", "moustached", "mustached"):
        style = "moustache"
    if has(words, "goatee"):
        style = "goatee"
    if has(words, "stubble", "unshaven"):
        style = "stubble"
    if has(words, "beard", "bearded"):
        style = "long" if has(words, "long beard", "big beard", "white beard", "wizard") else "full"
    if style is None and sex == "man" and age in ("adult", "old") and not has(words, "clean shaven"):
        style = draw.pick("beard", ("none", "none", "none", "stubble", "full", "moustache", "goatee"))
    if style in (None, "none"):
        return None
    colors = (
        COLORS[words[at - 1]]
        for at, word in enumerate(words)
        if at and word in ("beard", "moustache", "mustache") and words[at - 1] in COLORS
    )
    return {"style": style, "color": next(colors, hair)}


def _eyes(words: Sequence[str]) -> str | None:
    """The colour that stands before "eyes" or "eyed"."""
    for at, word in enumerate(words):
        if word in ("eyes", "eyed") and at and words[at - 1] in _EYE_COLORS:
            return _EYE_COLORS[words[at - 1]]
    return None


def _clothes(words: Sequence[str], draw: Draw, sex: str, age: str) -> dict[str, FactValue]:
    """What a person wears: everyday clothes, working clothes over them, and over both the garments that the words name."""
    worn: dict[str, FactValue] = dict.fromkeys(("coat", "hat", "scarf", "apron", "tie", "glasses"))
    if sex == "woman":
        cuts: tuple[str, ...] = ("dress", "shirt", "sweater", "dress", "tunic")
    else:
        cuts = ("shirt", "sweater", "tshirt", "striped") if age == "child" else ("shirt", "sweater", "shirt", "tshirt")
    top = Garment(cut=draw.pick("top cut", cuts), color=draw.pick("top", TOPS))
    worn["top"] = top.to_json()
    bottom = "shorts" if age == "child" and draw.chance("shorts", 0.5) else "trousers"
    if sex == "woman" and age != "child" and draw.chance("skirt", 0.4):
        bottom = "skirt"
    worn["bottom"] = Garment(cut=bottom, color=draw.pick("bottom", BOTTOMS)).to_json()
    work = clothes_for_work(words)
    robe = work.get("top")
    if sex == "man" and robe and robe.cut in ("dress", "gown"):
        work["top"] = robe = replace(robe, cut="tunic")
    if work:
        if "apron" not in work and not (robe and robe.cut in ("dress", "gown")):
            worn["bottom"] = Garment(cut="trousers", color=draw.pick("bottom", BOTTOMS)).to_json()
        put_on(worn, work)
    else:
        worn |= _extras(draw, sex, age, top)
    named = clothes_in(words)
    colored = named.get("any")
    if colored and sex == "woman" and not {"top", "coat"} & set(named):
        put_on(worn, {"top": replace(colored, cut="dress"), "hat": replace(colored, cut="cloche")})
    put_on(worn, named)
    return worn


def _extras(draw: Draw, sex: str, age: str, top: Garment) -> dict[str, FactValue]:
    """A coat, glasses and a scarf, each by chance."""
    extras: dict[str, FactValue] = {}
    coat = draw.pick("coat cut", ("none", "none", "cardigan", "jacket", "vest" if sex == "man" else "none", "none"))
    if coat != "none" and age != "child":
        colors = tuple(color for color in TOPS if color != top.color)
        extras["coat"] = Garment(cut=coat, color=draw.pick("coat", colors)).to_json()
    if draw.chance("glasses", 0.3 if age == "old" else 0.12):
        extras["glasses"] = Garment(cut="round", color=draw.pick("frame", ("#3a3238", "#8a6a3a", "#7a2a34"))).to_json()
    if draw.chance("scarf", 0.12):
        extras["scarf"] = Garment(cut="scarf", color=draw.pick("scarf colour", TOPS)).to_json()
    return extras
