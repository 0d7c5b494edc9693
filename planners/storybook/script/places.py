"""Where a story can happen: regions of places that belong together, found by the prompt's words."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Final

from planners.data_file import DataFile, WordList, read_data_file
from planners.storybook.language.inflect import article

__all__ = [
    "PLACE_NOUNS",
    "REGIONS",
    "PlaceTables",
    "Region",
    "Spot",
    "find_region",
    "is_place",
    "prompt_spot",
    "read_regions",
    "spot_of",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One place. `where` is how a sentence puts somebody there: `in the lamp room`."""

    id: str
    name: str
    where: str
    description: str
    indoors: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Places that belong together."""

    name: str
    cues: tuple[str, ...]
    spots: tuple[Spot, ...] = field(default=())


def _slug(name: str) -> str:
    """A location id made from a name."""
    name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def spot_of(phrase: str, description: str, *, indoors: bool | None = None, prefix: str = "") -> Spot:
    """A spot from `PREPOSITION NAME`, such as `on rocky shore`."""
    preposition, _, name = phrase.partition(" ")
    bare = name.removeprefix("the ")
    proper = bare[:1].isupper()
    slug = (_slug(prefix + bare) or "place")[:38].strip("_")
    if not slug[:1].isalpha():
        slug = "place_" + slug
    spoken = bare if proper else f"the {bare}"
    return Spot(
        id=slug,
        name=spoken,
        where=f"{preposition} {spoken}",
        description=description,
        indoors=preposition == "in" if indoors is None else indoors,
    )


def read_regions(text: str) -> dict[str, Region]:
    """Read regions by name from the text of `data/places.txt`."""
    regions: dict[str, Region] = {}
    name, spots = "", list[Spot]()
    cues: tuple[str, ...] = ()
    for row in text.strip().splitlines():
        if row.startswith("#"):
            continue
        if not row.startswith("  "):
            if name:
                regions[name] = Region(name=name, cues=cues, spots=tuple(spots))
            name, _, rest = row.partition(":")
            cues, spots = tuple(cue.strip() for cue in rest.split(",")), []
            continue
        place = row.strip()
        outdoors = place.startswith("!")
        phrase, _, description = place.lstrip("! ").partition("|")
        spots.append(spot_of(phrase.strip(), description.strip(), indoors=not outdoors))
    regions[name] = Region(name=name, cues=cues, spots=tuple(spots))
    return regions


class PlaceTables(DataFile):
    """The tables of `data/places.yaml`."""

    place_nouns: WordList


_DATA: Final = Path(__file__).with_name("data")
REGIONS: Final = read_regions((_DATA / "places.txt").read_text("utf-8"))
PLACE_NOUNS: Final = frozenset(read_data_file(_DATA / "places.yaml", PlaceTables).place_nouns)


def is_place(noun: str) -> bool:
    """Whether a noun names somewhere one can be."""
    return noun in PLACE_NOUNS


def find_region(text: str, rng: Random, *, heads: tuple[str, ...] = ()) -> Region:
    """The region whose cue words the prompt uses most; without any, somewhere ordinary."""
    low = text.lower()
    scores: dict[str, float] = {}
    for region in REGIONS.values():
        for rank, cue in enumerate(region.cues):
            if re.search(rf"(?<![\w]){re.escape(cue)}(?:s|es|y)?(?![\w])", low):
                scores[region.name] = (
                    scores.get(region.name, 0) + 1.5 - rank * 0.02 + (1.0 if cue in heads else 0) + cue.count(" ")
                )
    if not scores:
        return REGIONS[rng.choice(["street", "house", "street", "garden"])]
    best = max(scores.values())
    return REGIONS[next(name for name in REGIONS if scores.get(name) == best)]


def prompt_spot(phrase: str, preposition: str) -> Spot:
    """A place the table does not hold, in the prompt's own words: `a busy harbour`."""
    bare = phrase.removeprefix("the ")
    kind = f"{article(bare)} {bare}" if not bare[:1].isupper() else bare
    on = preposition if preposition in {"in", "on", "at", "under", "by"} else "in"
    return spot_of(f"{on} {bare}", f"{kind}, seen wide, with sky above and a path through it", indoors=False)
