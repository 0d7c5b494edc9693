"""What a person looks like: read from the words of a description, the rest drawn from the seed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from episodic.looks.clothes import Clothes, clothes_for_work, clothes_in
from episodic.looks.words import COLORS, Draw, first_of, has, phrase_before
from memory.model.facts import FactValue

__all__ = ["hair_in", "human_look", "put_on"]

SKINS: Final = ("#fbe3d2", "#f3cfb3", "#e8b88f", "#dba577", "#c68a5c", "#a86f47", "#8f5b3a", "#754830", "#5e3a29")
HAIRS: Final = ("#2a2224", "#3b2a24", "#5b3a26", "#7c4a2d", "#a8683a", "#b5522c", "#d9a860", "#8c3b2a", "#1f2030")
GREYS: Final = ("#b9b6b4", "#d8d6d2", "#8f8d90")
EYES: Final = ("#5a3a24", "#3d2a20", "#4a6b3e", "#3a668c", "#6a7a86", "#7a5a2a")
TOPS: Final = (
    "#b5593f",
    "#3f6d7d",
    "#d29d2b",
    "#5c7a4c",
    "#8c4a6b",
    "#3a4f6d",
    "#c9785a",
    "#6f8f9c",
    "#a34a4a",
    "#e0c9a0",
    "#5a5378",
)
BOTTOMS: Final = ("#3d4a66", "#4b4a55", "#6b5340", "#39434a", "#7a6a52", "#4a3f4c")
SHOES: Final = ("#4a3328", "#2a2730", "#7a4a2c", "#5a5a62", "#8a3b34")

_WOMAN: Final = (
    "woman", "women", "girl", "she", "grandmother", "grandma", "granny", "mother", "mum", "mom", "sister", "daughter", "aunt",
    "queen", "princess", "lady", "waitress", "actress", "wife", "witch", "female", "ballerina", "maid", "nun", "heroine", "bride",
    "niece", "granddaughter", "madame", "mrs", "miss", "ms", "countess", "duchess", "hostess", "widow", "businesswoman",
)  # fmt: skip
_MAN: Final = (
    "man", "men", "boy", "he", "grandfather", "grandpa", "grandson", "father", "dad", "brother", "son", "uncle", "king",
    "prince", "lord", "gentleman", "waiter", "husband", "wizard", "male", "monk", "mr", "sir", "nephew", "bellboy", "lobby boy",
    "butler", "fisherman", "count", "duke", "beard", "bearded", "moustache", "mustache", "moustached", "businessman", "postman",
)  # fmt: skip
_WOMEN_NAMES: Final = (
    "mara", "anna", "emma", "lena", "nora", "ida", "ada", "ella", "mia", "zoe", "iris", "ruby", "rosa", "maya", "lily", "alice",
    "clara", "elena", "eva", "greta", "hanna", "hannah", "ines", "ingrid", "irene", "jane", "june", "kate", "laura", "lucia", "lucy",
    "maria", "marie", "martha", "mary", "mina", "nina", "olga", "petra", "rita", "sara", "sarah", "sofia", "sophie", "vera", "vivian",
    "wendy", "yuki", "aisha", "fatima", "priya", "mei", "amara", "zara", "edith", "agnes", "beth", "dora", "esther", "flora", "gloria",
    "helen", "isabel", "julia", "linda", "margot", "nadia", "odile", "pearl", "ruth", "stella", "tess", "ursula", "violet", "wilma",
    "yara", "zelda", "dolores", "lola", "celeste", "bianca", "opal", "hazel", "joan", "elsie", "mabel", "matilda", "rose", "ivy",
)  # fmt: skip
_MEN_NAMES: Final = (
    "jack", "john", "tom", "tomas", "sam", "max", "leo", "ben", "otto", "hugo", "felix", "oscar", "karl", "emil", "anton", "ivan",
    "igor", "omar", "ali", "ravi", "kenji", "hiro", "jin", "diego", "pablo", "luis", "marco", "paolo", "pierre", "jean", "henri",
    "george", "frank", "walter", "arthur", "albert", "alfred", "harold", "henry", "james", "joe", "joseph", "kurt", "lars", "lou",
    "marcus", "martin", "mick", "milo", "nils", "noah", "oleg", "olaf", "paul", "pete", "peter", "ralph", "ray", "rufus", "simon",
    "stefan", "theo", "victor", "viktor", "vincent", "will", "finn", "gus", "gustave", "eddie", "dan", "david", "bruno", "kofi",
    "kwame", "tariq", "jonas", "elias", "abel", "ezra", "silas", "jasper", "basil", "cedric", "ernest", "eli", "tim", "nick", "zero",
)  # fmt: skip
_CHILD: Final = ("child", "children", "boy", "girl", "kid", "grandson", "granddaughter", "schoolboy", "schoolgirl", "pupil", "toddler",
                 "little", "eight year old", "nine year old", "ten year old", "young prince", "young princess", "orphan")  # fmt: skip
_OLD: Final = ("old", "elderly", "grandmother", "grandma", "granny", "grandfather", "grandpa", "aged", "ancient", "retired", "veteran",
               "white haired", "grey haired", "gray haired", "weathered", "wrinkled", "wizened", "seventy", "eighty")  # fmt: skip
_SKIN_WORDS: Final = {
    "pale": 0, "fair": 1, "freckled": 1, "light skinned": 1, "olive skinned": 3, "olive skin": 3, "tanned": 3, "weathered": 3,
    "brown skinned": 5, "brown skin": 5, "dark skinned": 7, "dark skin": 7, "black skin": 7, "ebony": 8, "african": 7, "nigerian": 7,
    "kenyan": 7, "indian": 5, "mexican": 4, "arab": 4, "moroccan": 4, "chinese": 2, "japanese": 1, "korean": 1, "nordic": 0,
    "irish": 0, "scandinavian": 0,
}  # fmt: skip
_STYLES: Final = {
    "bald": "bald", "balding": "fringe", "shaved head": "buzz", "buzz cut": "buzz", "afro": "afro", "dreadlocks": "locs", "locs": "locs",
    "pigtails": "pigtails", "plaits": "pigtails", "twin braids": "pigtails", "braids": "pigtails", "braid": "braid", "plait": "braid",
    "braided": "braid", "ponytail": "ponytail", "bun": "bun", "chignon": "bun", "bob": "bob", "curly": "curly", "curls": "curly",
    "wavy": "wavy", "waves": "wavy", "long hair": "long", "long haired": "long", "spiky": "spiky", "mohawk": "spiky", "messy": "messy",
    "tousled": "messy", "unruly": "messy", "wild hair": "messy", "slicked": "slick", "slick": "slick", "quiff": "quiff",
    "pompadour": "quiff", "short hair": "short", "short haired": "short", "cropped": "buzz", "pixie": "pixie", "side part": "parted",
}  # fmt: skip
_HAIR_COLORS: Final = {
    "blond": "#dcb066", "blonde": "#dcb066", "fair haired": "#dcb066", "golden haired": "#e0b455", "redhead": "#b5522c",
    "red haired": "#b5522c", "red hair": "#b5522c", "ginger": "#c2642e", "auburn": "#8c3b2a", "brunette": "#5b3a26",
    "raven": "#1f1d28", "jet black": "#1f1d28", "white haired": "#e6e4e0", "grey haired": "#a9a7a8", "gray haired": "#a9a7a8",
    "silver haired": "#c3c6cc", "dark haired": "#33262a",
}  # fmt: skip
_HAIR_NOUNS: Final = ("hair", "braid", "braids", "bun", "ponytail", "curls", "bob", "afro", "pigtails", "plait", "plaits", "waves",
                      "locks", "quiff", "haired")  # fmt: skip


def human_look(words: Sequence[str], draw: Draw) -> dict[str, FactValue]:
    """A person of these words; what they leave open is drawn."""
    sex, age = _sex(words, draw), _age(words)
    skin_at = first_of(words, _SKIN_WORDS)
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
    """Clothes over what a look wears already. `any` recolours what shows most."""
    for slot, garment in clothes.items():
        if slot == "any":
            continue
        look[slot] = dict(garment)
        if slot == "top" and garment["cut"] in ("dress", "gown", "robe", "spacesuit", "wetsuit", "jumpsuit"):
            for other in ("coat", "apron"):
                if other not in clothes:
                    look[other] = None
        if slot == "coat" and garment["cut"] in ("raincoat", "trench", "long", "labcoat"):
            if "apron" not in clothes:
                look["apron"] = None
            top = look.get("top")
            if isinstance(top, dict) and top.get("cut") == "spacesuit":
                look["top"] = {"cut": "sweater", "color": "#8d8f97"}
    if "any" in clothes:
        color = clothes["any"]["color"]
        shown = "coat" if isinstance(look.get("coat"), dict) else "top"
        garment_now = look.get(shown)
        if isinstance(garment_now, dict):
            look[shown] = {**garment_now, "color": color}
        hat = look.get("hat")
        if isinstance(hat, dict) and hat.get("cut") in ("brim", "beret", "cloche"):
            look["hat"] = {**hat, "color": color}


def _sex(words: Sequence[str], draw: Draw) -> str:
    for word in words:
        if word in _WOMAN or word.removesuffix("s") in _WOMAN:
            return "woman"
        if word in _MAN or word.removesuffix("s") in _MAN:
            return "man"
    for word in words:
        if word in ("her", "hers", "his", "him"):
            return "woman" if word.startswith("her") else "man"
        if word in _WOMEN_NAMES:
            return "woman"
        if word in _MEN_NAMES:
            return "man"
    return draw.pick("sex", ("woman", "man"))


def _age(words: Sequence[str]) -> str:
    if has(words, *_OLD) and not has(words, "year old", "years old", "little old"):
        return "old"
    if has(words, "little old"):
        return "old"
    if has(words, *_CHILD) and not has(words, "bellboy", "lobby boy", "little known"):
        return "child"
    return "young" if has(words, "young", "teenage", "teenager", "student", "apprentice", "bellboy", "lobby boy") else "adult"


def _height(words: Sequence[str], draw: Draw, sex: str, age: str) -> float:
    low, high = {"child": (1.12, 1.3), "old": (1.52, 1.7), "young": (1.56, 1.76)}.get(age, (1.6, 1.82))
    if sex == "woman" and age != "child":
        low, high = low - 0.04, high - 0.08
    if has(words, "tall", "towering", "lanky", "giant"):
        return high + (0.04 if age == "child" else 0.06)
    if has(words, "short man", "short woman", "small", "tiny", "petite", "stocky", "little"):
        return low
    return draw.between("height", low, high)


def _build(words: Sequence[str], draw: Draw) -> float:
    """0 thin .. 1 stout."""
    if has(words, "thin", "slim", "slender", "lanky", "skinny", "lean", "gaunt", "wiry", "slight"):
        return 0.12
    if has(
        words, "stout", "round", "fat", "plump", "heavy", "burly", "big", "stocky", "large", "portly", "broad", "chubby", "rotund"
    ):
        return 0.92
    return draw.between("build", 0.22, 0.7)


def hair_in(words: Sequence[str]) -> dict[str, FactValue]:
    """The style and the colour that words about hair name; what they leave open is not there."""
    found: dict[str, FactValue] = {}
    words = [word for word in words if word != "hair"]
    style = first_of(words, {**_STYLES, "short": "short", "long": "long", "messy": "messy"})
    color = _hair_color([*words, "hair"])
    if style is not None:
        found["style"] = style
    if color is not None:
        found["color"] = color
    return found


def _hair(words: Sequence[str], draw: Draw, sex: str, age: str, skin: int) -> dict[str, FactValue]:
    color = _hair_color(words)
    if color is None:
        color = draw.pick("hair", GREYS) if age == "old" else draw.pick("hair", HAIRS if skin < 4 else (*HAIRS[:3], HAIRS[8]))
    style = first_of(words, _STYLES) or _length(words)
    if style is None:
        style = draw.pick("hair style", _usual_styles(sex, age, skin))
    return {"style": style, "color": color}


def _length(words: Sequence[str]) -> str | None:
    """ "long blonde hair": a length up to three words before the hair."""
    for at, word in enumerate(words):
        if word in ("hair", "haired"):
            for near in reversed(phrase_before(words, at)):
                if near in ("long", "short", "messy", "wild"):
                    return {"wild": "messy"}.get(near, near)
    return None


def _hair_color(words: Sequence[str]) -> str | None:
    color = first_of(words, _HAIR_COLORS)
    if color is None:
        for at, word in enumerate(words):
            if word in _HAIR_NOUNS:
                near = [w for w in phrase_before(words, at) if w in COLORS]
                if near:
                    color = {"grey": "#a9a7a8", "gray": "#a9a7a8", "red": "#b5522c", "white": "#e6e4e0"}.get(
                        near[-1], COLORS[near[-1]]
                    )
                    break
    return color


def _usual_styles(sex: str, age: str, skin: int) -> tuple[str, ...]:
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
    color = next((COLORS[words[at - 1]] for at, word in enumerate(words) if at and word in ("beard", "moustache", "mustache")
                  and words[at - 1] in COLORS), hair)  # fmt: skip
    return {"style": style, "color": color}


def _eyes(words: Sequence[str]) -> str | None:
    table = {"blue": "#3a78b0", "green": "#4f8a4a", "brown": "#5a3a24", "grey": "#75838f", "gray": "#75838f", "amber": "#b07a2a",
             "hazel": "#7a6a34", "dark": "#33241f", "violet": "#6f55a0", "golden": "#c0902e", "black": "#241f24"}  # fmt: skip
    for at, word in enumerate(words):
        if word in ("eyes", "eyed") and at and words[at - 1] in table:
            return table[words[at - 1]]
    return None


def _clothes(words: Sequence[str], draw: Draw, sex: str, age: str) -> dict[str, FactValue]:
    worn: dict[str, FactValue] = dict.fromkeys(("coat", "hat", "scarf", "apron", "tie", "glasses"))
    if sex == "woman":
        top = draw.pick("top cut", ("dress", "shirt", "sweater", "dress", "tunic"))
    else:
        top = draw.pick(
            "top cut", ("shirt", "sweater", "tshirt", "striped") if age == "child" else ("shirt", "sweater", "shirt", "tshirt")
        )
    worn["top"] = {"cut": top, "color": draw.pick("top", TOPS)}
    bottom = "shorts" if age == "child" and draw.chance("shorts", 0.5) else "trousers"
    if sex == "woman" and age != "child" and draw.chance("skirt", 0.4):
        bottom = "skirt"
    worn["bottom"] = {"cut": bottom, "color": draw.pick("bottom", BOTTOMS)}
    work = clothes_for_work(words)
    if sex == "man" and work.get("top", {}).get("cut") in ("dress", "gown"):
        work["top"]["cut"] = "tunic"
    if work:
        if work.get("top", {}).get("cut") not in ("dress", "gown") and "apron" not in work:
            worn["bottom"] = {"cut": "trousers", "color": draw.pick("bottom", BOTTOMS)}
        put_on(worn, work)
    else:
        extra = draw.pick("coat cut", ("none", "none", "cardigan", "jacket", "vest" if sex == "man" else "none", "none"))
        if extra != "none" and age != "child":
            worn["coat"] = {"cut": extra, "color": draw.pick("coat", tuple(c for c in TOPS if c != worn["top"]["color"]))}  # type: ignore[index,call-overload]
        if draw.chance("glasses", 0.3 if age == "old" else 0.12):
            worn["glasses"] = {"cut": "round", "color": draw.pick("frame", ("#3a3238", "#8a6a3a", "#7a2a34"))}
        if draw.chance("scarf", 0.12):
            worn["scarf"] = {"cut": "scarf", "color": draw.pick("scarf colour", TOPS)}
    said = clothes_in(words)
    if "any" in said and sex == "woman" and not {"top", "coat"} & set(said):
        put_on(
            worn,
            {"top": {"cut": "dress", "color": said["any"]["color"]}, "hat": {"cut": "cloche", "color": said["any"]["color"]}},
        )
    put_on(worn, said)
    return worn
