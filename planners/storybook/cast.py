"""From the figures of a prompt to a cast: names, looks, manners, what each carries."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final, Literal

from memory.model.canon import Canon, Character, CharacterKind
from planners.data_file import DataFile, read_data_file
from planners.plan.model import CastMember, VoiceChoice
from planners.plan.vocabulary import VoiceBase
from planners.storybook.language.figures import Figure
from planners.storybook.language.inflect import article, words
from planners.storybook.language.lexicon import ABSTRACT, CARRIED, COMMON_NAMES, FEMALE, KINDS, MALE, NAMES
from planners.storybook.language.prompt_parser import Reading

__all__ = ["TEMPERAMENTS", "CastTables", "Role", "cast_figures", "known_roles", "members"]

Temperament = Literal["blunt", "dreamy", "formal", "playful", "shy"]
TEMPERAMENTS: Final[tuple[Temperament, ...]] = ("blunt", "dreamy", "formal", "playful", "shy")

MOST_PLAYERS: Final = 10
"""More than this many figures cannot each matter in one episode; the rest stay in the prompt."""

_TALKING: Final = frozenset(words("radio telephone phone gramophone jukebox television recorder piano clock computer doll robot"))
"""Things that have a voice once they are mended."""
_CALLERS: Final[tuple[tuple[str, str, CharacterKind], ...]] = (
    (r"\b(?:sea|ocean|hull|submarine|underwater|diver)", "young whale", "animal"),
    (r"\b(?:space|ship|planet|star|orbit|moon|mars)", "little probe", "robot"),
    (r"", "lost child", "human"),
)
"""Who knocks where nobody can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """One player, as sentences need them."""

    id: str
    name: str
    noun: str
    kind: CharacterKind
    gender: str
    """`female`, `male` or `it`."""
    temperament: Temperament
    description: str
    item: str
    """What they carry: `lantern`."""
    voice: VoiceChoice
    named: bool = True
    """Whether the name is a name; otherwise it is what they are, and takes `the`: the storm."""
    known: bool = False
    """Whether the series has them already."""
    unseen: bool = False
    adjective: str = ""
    """The prompt's first word about them, for when they are introduced: `shy`."""

    def slots(self) -> dict[str, str]:
        """The words a script may use of this role, by what follows the dot: `{A.his}`."""
        he, him, his, self_ = {
            "female": ("she", "her", "her", "herself"),
            "male": ("he", "him", "his", "himself"),
            "it": ("it", "it", "its", "itself"),
        }[self.gender]
        ref = self.name if self.named else f"the {self.noun}"
        a_noun = f"{article(self.noun)} {self.noun}" if self.noun.lower() not in ABSTRACT else self.noun
        full = f"{self.adjective} {self.noun}".strip()
        a_full = f"{article(full)} {full}" if self.noun.lower() not in ABSTRACT else self.noun
        same = not self.named or self.name.lower() == self.noun.lower()
        return {
            "": ref,
            "call": self.name,
            "noun": self.noun,
            "the": f"the {self.noun}",
            "a": a_noun,
            "he": he,
            "him": him,
            "his": his,
            "self": self_,
            "item": self.item,
            "an_item": f"{article(self.item)} {self.item}",
            "intro": (a_full if not self.named else self.name) if same else f"{self.name}, {a_full}",
            "a_full": a_full,
        }


class CastTables(DataFile):
    """The tables of `data/cast.yaml`; each is described there."""

    colours: tuple[str, ...]
    furs: tuple[str, ...]
    hair: tuple[str, ...]
    hair_of_the_young: tuple[str, ...]
    hair_of_the_old: tuple[str, ...]
    clothes: dict[str, str]
    plain_clothes: tuple[str, ...]
    manners: dict[Temperament, tuple[str, ...]]
    animals: dict[str, str]
    beings: dict[str, str]
    kinds: dict[str, tuple[str, ...]]
    companions: dict[str, tuple[tuple[str, CharacterKind], ...]]


_TABLES: Final = read_data_file(Path(__file__).with_name("data") / "cast.yaml", CastTables)


def _slug(name: str) -> str:
    """An entity id made from a name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:32].strip("_")
    return slug if slug[:1].isalpha() else f"one_{slug}".rstrip("_")


def _fill(pattern: str, rng: Random, colour: str) -> str:
    """Fill the colour placeholders of a description."""
    fur = rng.choice(_TABLES.furs)
    return pattern.replace("{c}", colour).replace("{f}", fur).replace("{r}", "red")


def _human_look(figure: Figure, rng: Random, colour: str, temperament: Temperament, gender: str) -> tuple[str, str]:
    head = figure.noun.rsplit(" ", 1)[-1]
    old = (
        head
        in {
            "grandmother",
            "grandfather",
            "grandma",
            "grandpa",
            "granny",
            "elder",
            "keeper",
            "hermit",
            "widow",
            "widower",
            "wizard",
        }
        or "old" in figure.words
    )
    age = (
        "young"
        if figure.young
        else "old"
        if old
        else rng.choice(["young", "middle-aged", "middle-aged", "tall", "stout", "lanky"])
    )
    hair = rng.choice(_TABLES.hair_of_the_old if old else _TABLES.hair_of_the_young if figure.young else _TABLES.hair)
    worn = next((word for word in figure.words if word.startswith("in ")), None)
    pattern = (
        _TABLES.clothes.get(figure.noun)
        or _TABLES.clothes.get(head)
        or rng.choice([garment for garment in _TABLES.plain_clothes if gender == "female" or "dress" not in garment])
    )
    for word in _TABLES.colours:
        if worn and word in worn.split():
            colour = word
    clothes = _fill(pattern, rng, colour)
    return f"{hair}, {clothes}, {rng.choice(_TABLES.manners[temperament])}", age


def _describe(figure: Figure, rng: Random, colour: str, temperament: Temperament, gender: str) -> str:
    """Describe a character's appearance and manner in one phrase."""
    words = [word for word in figure.words if " " not in word]
    extras = [word for word in figure.words if " " in word]
    head = figure.noun.rsplit(" ", 1)[-1]
    noun = figure.noun or ("woman" if gender == "female" else "man")
    if figure.kind == "human":
        look, age = _human_look(figure, rng, colour, temperament, gender)
        if not {"young", "old", "little", "small"} & set(words) and not (figure.young and head in {"boy", "girl", "child"}):
            words = [age, *words]
        sexes = {"female": "girl", "male": "boy"} if figure.young else {"female": "woman", "male": "man"}
        sex = sexes.get(gender, "") if noun not in {"woman", "man"} and figure.gender is None else ""
        body = f"{' '.join(dict.fromkeys(words))} {noun}".strip() + (f", a {sex}" if sex else "")
        return ", ".join([body, *extras, look])
    pattern = _TABLES.animals.get(head) or _TABLES.beings.get(head) or rng.choice(_TABLES.kinds[figure.kind])
    return ", ".join(
        [
            f"{' '.join(dict.fromkeys(words))} {noun}".strip(),
            *extras,
            _fill(pattern, rng, colour),
            rng.choice(_TABLES.manners[temperament]),
        ]
    )


def _voice(figure: Figure, rng: Random, gender: str) -> VoiceChoice:
    """Choose a voice for a character."""
    head = figure.noun.rsplit(" ", 1)[-1]
    bases: tuple[VoiceBase, ...]
    if figure.kind == "robot":
        bases = ("metal",)
    elif figure.kind == "spirit":
        bases = ("airy", "deep")
    elif figure.young:
        bases = ("child", "young")
    elif head in {"grandmother", "grandfather", "keeper", "elder", "wizard", "hermit"} or "old" in figure.words:
        bases = ("old", "warm-low")
    elif figure.kind in {"animal", "thing"}:
        bases = ("tiny", "bright", "young")
    elif gender == "male":
        bases = ("warm-low", "deep", "gravel", "crisp")
    else:
        bases = ("warm", "bright", "soft", "crisp")
    return VoiceChoice(base=rng.choice(bases), rate=round(rng.uniform(0.92, 1.1), 2))


class _Names:
    """A pool nobody is drawn from twice."""

    def __init__(self, rng: Random, taken: set[str]) -> None:
        self._rng = rng
        self._taken = {name.lower() for name in taken}

    def draw(self, kind: CharacterKind, gender: str) -> str:
        pools = [gender] if kind == "human" else [kind, "animal", gender]
        for pool in [*pools, "female", "male", "animal", "robot", "thing"]:
            free = [name for name in NAMES.get(pool, ()) if name.lower() not in self._taken]
            if free:
                name = self._rng.choice(free)
                self.take(name)
                return name
        return f"Nobody {len(self._taken)}"

    def take(self, name: str) -> None:
        self._taken.add(name.lower())


def _temperament(figure: Figure, rng: Random, used: list[Temperament]) -> Temperament:
    hints: dict[str, Temperament] = {
        "shy": "shy",
        "quiet": "shy",
        "lonely": "shy",
        "timid": "shy",
        "grumpy": "blunt",
        "angry": "blunt",
        "rival": "blunt",
        "proud": "formal",
        "strict": "formal",
        "noble": "formal",
        "young": "playful",
        "funny": "playful",
        "curious": "playful",
        "little": "playful",
        "wise": "dreamy",
        "old": "dreamy",
    }
    for word in figure.words:
        if word in hints and hints[word] not in used:
            return hints[word]
    nouns: dict[str, Temperament] = {
        "judge": "formal",
        "manager": "formal",
        "detective": "blunt",
        "prince": "formal",
        "storm": "blunt",
    }
    if figure.noun in nouns and nouns[figure.noun] not in used:
        return nouns[figure.noun]
    free = [temperament for temperament in TEMPERAMENTS if temperament not in used] or list(TEMPERAMENTS)
    return rng.choice(free)


def _companion(genre: str, rng: Random, figures: list[Figure], at: int) -> Figure:
    options = [
        companion for companion in _TABLES.companions[genre] if companion[0] not in {figure.noun for figure in figures}
    ] or [("friend", "human")]
    noun, kind = rng.choice(options)
    return Figure(noun=noun, kind=kind, young=noun in {"child", "pupil", "apprentice"}, subject=True, at=at)


def _fill_out(reading: Reading, rng: Random) -> list[Figure]:
    """The prompt's figures, and those without whom its kind of story cannot be told."""
    figures = list(reading.figures)
    if reading.genre == "explainer":
        figures = [figure for figure in figures if figure.name or figure.kind in {"human", "animal", "robot"}] or figures[:1]
        if not figures:
            figures = [_subject_of(reading)]
        if not any(figure.young for figure in figures[1:]):
            figures.append(Figure(noun="pupil", kind="human", young=True, at=900))
    if not figures:
        figures = [Figure(noun=rng.choice(["clerk", "gardener", "postman", "child"]), kind="human", subject=True)]
    if len(figures) < 2:
        figures.append(_companion(reading.genre, rng, figures, 901))
    figures = [figure for figure in figures if not figure.unseen]
    if len(figures) < 2:
        figures.append(_companion(reading.genre, rng, figures, 901))
    if reading.genre == "hiding" and len(figures) == 2 and not figures[1].subject:
        figures.insert(1, _companion(reading.genre, rng, figures, 902))
    return figures[:MOST_PLAYERS] + _needed(reading, figures)


def _subject_of(reading: Reading) -> Figure:
    """What an explainer is about tells it itself, if it can be somebody."""
    key = reading.topic.key if reading.topic else ""
    for noun in (key, key.removesuffix("s"), key.removesuffix("es")):
        if noun in KINDS:
            return Figure(noun=noun, kind=KINDS[noun], name=None, subject=True)
    return Figure(noun="teacher", kind="human", subject=True)


def _needed(reading: Reading, figures: list[Figure]) -> list[Figure]:
    """Those without whom this kind of story cannot be told: a judge, somebody who searches, somebody who knocks."""
    have = {figure.noun for figure in figures}
    if reading.genre == "trial":
        return [
            Figure(noun=noun, kind="human", at=910 + at)
            for at, noun in enumerate(("judge", "lawyer", "baker"))
            if noun not in have
        ]
    if reading.genre == "hiding":
        hidden = (
            []
            if any(not figure.subject for figure in figures[1:])
            else [Figure(noun="runaway", kind="human", young=True, at=905)]
        )
        return [*hidden, Figure(noun="inspector", kind="human", at=906)]
    if reading.genre == "signal":
        noun, kind = next((noun, kind) for cue, noun, kind in _CALLERS if re.search(cue, reading.prompt.lower()))
        return [Figure(noun=noun, kind=kind, unseen=True, young=True, at=907)]
    if reading.genre == "repair" and reading.things and reading.things[0].noun in _TALKING and reading.things[0].noun not in have:
        return [Figure(noun=reading.things[0].noun, kind="thing", words=reading.things[0].words, at=908)]
    return []


def _gender_of_name(name: str | None) -> str | None:
    return next((gender for gender in ("female", "male") if name and name in (*NAMES[gender], *COMMON_NAMES[gender])), None)


def cast_figures(reading: Reading, rng: Random) -> list[Role]:
    """Give every figure a name, a look and a manner. The first is whose story it is."""
    figures = _fill_out(reading, rng)
    taken = {figure.name for figure in figures if figure.name} | {word.strip(".,:;") for word in reading.prompt.split()}
    names = _Names(rng, taken)
    colours = list(_TABLES.colours)
    rng.shuffle(colours)
    roles: list[Role] = []
    ids: set[str] = {"narrator"}
    tempers: list[Temperament] = []
    for at, figure in enumerate(figures):
        temperament = _temperament(figure, rng, tempers)
        tempers.append(temperament)
        gender = (
            figure.gender
            or _gender_of_name(figure.name)
            or ("it" if figure.kind == "spirit" and not figure.name else rng.choice(["female", "male"]))
        )
        named = bool(figure.name) or figure.kind != "spirit"
        name = figure.name or (names.draw(figure.kind, gender) if named else figure.noun.capitalize())
        if figure.kind == "spirit" and figure.noun in ABSTRACT:
            named = True
        if figure.at == 908:
            named, name = False, figure.noun.capitalize()
        noun = figure.noun or {"human": "traveller", "animal": "animal"}.get(figure.kind, figure.kind)
        slug = _slug(name)
        while slug in ids:
            slug = f"{slug}_{len(ids)}"
        ids.add(slug)
        roles.append(
            Role(
                id=slug,
                name=name,
                noun=noun,
                kind=figure.kind,
                gender=gender,
                temperament=temperament,
                description=_describe(figure, rng, colours[at % len(colours)], temperament, gender),
                item=CARRIED.get(noun)
                or CARRIED.get(noun.rsplit(" ", 1)[-1])
                or rng.choice(["lantern", "satchel", "umbrella", "pocket watch", "whistle"]),
                voice=_voice(figure, rng, gender),
                named=named,
                unseen=figure.unseen,
                adjective=next((word for word in figure.words if word.isalpha()), ""),
            )
        )
    return roles


def _known_noun(character: Character) -> str:
    """What a character of the series is, out of the description that memory keeps: `old lighthouse keeper, a man, …`."""
    words = re.findall(r"[a-z-]+", character.description.split(",")[0].lower())
    for size in (2, 1):
        if len(words) >= size and " ".join(words[-size:]) in KINDS:
            return " ".join(words[-size:])
    return words[-1] if words else {"human": "traveller", "thing": "thing"}.get(character.kind, character.kind)


def _known_gender(character: Character, noun: str) -> str:
    pronoun = str(character.state.get("pronoun", ""))
    if pronoun in {"she", "he", "it"}:
        return {"she": "female", "he": "male", "it": "it"}[pronoun]
    head = noun.rsplit(" ", 1)[-1]
    if head in FEMALE or re.search(r"\b(?:she|her|woman|girl)\b", character.description):
        return "female"
    if head in MALE or re.search(r"\b(?:he|his|man|boy)\b", character.description):
        return "male"
    return "it" if character.kind in {"spirit", "thing", "robot"} else "female" if len(character.id) % 2 else "male"


def _known_role(character: Character, rng: Random, used: list[Temperament]) -> Role:
    noun = _known_noun(character)
    named = character.name.lower().removeprefix("the ") != noun.lower() or noun in ABSTRACT
    manner = character.state.get("manner")
    temperament = next((option for option in TEMPERAMENTS if option == manner), None) or _temperament(
        Figure(noun=noun, kind=character.kind), rng, used
    )
    holding = character.state.get("holding")
    item = (
        str(holding) if holding and holding != "nothing" else CARRIED.get(noun) or CARRIED.get(noun.rsplit(" ", 1)[-1], "lantern")
    )
    return Role(
        id=character.id,
        name=character.name,
        noun=noun,
        kind=character.kind,
        gender=_known_gender(character, noun),
        temperament=temperament,
        description="",
        item=item,
        voice=VoiceChoice(),
        named=named,
        known=True,
    )


def known_roles(canon: Canon, rng: Random) -> list[Role]:
    """The series' characters, in the order memory has them. Their looks and voices stay with memory."""
    roles: list[Role] = []
    tempers: list[Temperament] = []
    for character in canon.characters.values():
        role = _known_role(character, rng, tempers)
        tempers.append(role.temperament)
        roles.append(role)
    return roles


def members(roles: list[Role]) -> Mapping[str, CastMember]:
    """The cast as the plan writes it. Whom the series knows already is named and nothing else."""
    return {
        role.id: CastMember(name=role.name)
        if role.known
        else CastMember(name=role.name, kind=role.kind, description=role.description, voice=role.voice)
        for role in roles
    }
