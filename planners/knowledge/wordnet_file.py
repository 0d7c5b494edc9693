"""The packed WordNet table: its format, and how it is written and read.

The table is one compressed NumPy archive. For each part of speech `n` (noun) and `v` (verb) it holds

    P.lemmas       uint8    all lemmas, sorted, in UTF-8, each followed by a line feed; an underscore joins words
    P.offsets      uint32   where each lemma begins in P.lemmas
    P.first_sense  uint32   where the senses of each lemma begin in P.senses; one more entry than lemmas
    P.senses       uint32   synsets of each lemma, most frequent first
    P.counts       uint16   how often each sense is tagged in the semantic concordance
    P.fields       uint8    lexicographer file of each synset
    P.instances    bool     whether a synset is an individual, such as a town or a person
    P.first_parent uint32   where the hypernyms of each synset begin in P.parents; one more entry than synsets
    P.parents      uint32   hypernyms of each synset
    P.first_word   uint32   where the lemmas of each synset begin in P.words; one more entry than synsets
    P.words        uint32   lemmas of each synset

and besides them `derivations` (uint32, pairs of a noun lemma and a verb lemma derived from one another), and `a.lemmas` and `r.lemmas`, the
lemmas of adjectives and adverbs. `tools/wordnet_table.py` makes it from the files of WordNet 3.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

__all__ = ["FIELDS", "WORDNET_FORMAT", "SenseTable", "WordNetTable", "read_wordnet", "write_wordnet"]

WORDNET_FORMAT: Final = "episodic/wordnet@1"

_FIELD_NAMES: Final = (
    "adj.all adj.pert adv.all noun.tops noun.act noun.animal noun.artifact noun.attribute noun.body noun.cognition noun.communication "
    "noun.event noun.feeling noun.food noun.group noun.location noun.motive noun.object noun.person noun.phenomenon noun.plant "
    "noun.possession noun.process noun.quantity noun.relation noun.shape noun.state noun.substance noun.time verb.body verb.change "
    "verb.cognition verb.communication verb.competition verb.consumption verb.contact verb.creation verb.emotion verb.motion "
    "verb.perception verb.possession verb.social verb.stative verb.weather adj.ppl"
)
FIELDS: Final[tuple[str, ...]] = tuple(_FIELD_NAMES.split())
"""Names of WordNet's lexicographer files by their number."""

_ARRAYS: Final[dict[str, type[np.generic]]] = {
    "lemmas": np.uint8,
    "offsets": np.uint32,
    "first_sense": np.uint32,
    "senses": np.uint32,
    "counts": np.uint16,
    "fields": np.uint8,
    "instances": np.bool_,
    "first_parent": np.uint32,
    "parents": np.uint32,
    "first_word": np.uint32,
    "words": np.uint32,
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SenseTable:
    """Lemmas, senses and hypernyms of one part of speech. The arrays are described at the head of the module."""

    lemmas: NDArray[np.uint8]
    offsets: NDArray[np.uint32]
    first_sense: NDArray[np.uint32]
    senses: NDArray[np.uint32]
    counts: NDArray[np.uint16]
    fields: NDArray[np.uint8]
    instances: NDArray[np.bool_]
    first_parent: NDArray[np.uint32]
    parents: NDArray[np.uint32]
    first_word: NDArray[np.uint32]
    words: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WordNetTable:
    """The whole table."""

    nouns: SenseTable
    verbs: SenseTable
    derivations: NDArray[np.uint32]
    """Shape (pairs, 2): noun lemma, verb lemma."""
    adjectives: tuple[str, ...]
    adverbs: tuple[str, ...]


def write_wordnet(path: Path, table: WordNetTable) -> None:
    """Write the table. The bytes depend on the table alone."""
    arrays: dict[str, NDArray[np.generic]] = {
        "format": np.frombuffer(WORDNET_FORMAT.encode(), np.uint8),
        "derivations": table.derivations,
    }
    for prefix, part in (("n", table.nouns), ("v", table.verbs)):
        arrays |= {f"{prefix}.{name}": getattr(part, name) for name in _ARRAYS}
    for prefix, lemmas in (("a", table.adjectives), ("r", table.adverbs)):
        arrays[f"{prefix}.lemmas"] = np.frombuffer("".join(f"{lemma}\n" for lemma in lemmas).encode(), np.uint8)
    np.savez_compressed(path, **arrays)  # type: ignore[arg-type]  # the stub takes the keyword `allow_pickle` for one of the arrays


def read_wordnet(path: Path) -> WordNetTable:
    """Read a table. Raises ValueError naming the file if it is not one."""
    try:
        with np.load(path, allow_pickle=False) as archive:
            return _unpack(archive)
    except (BadZipFile, KeyError, OSError, ValueError) as err:
        raise ValueError(f"{path}: not a WordNet table of the format {WORDNET_FORMAT}: {err}") from err


def _unpack(archive: Mapping[str, NDArray[np.generic]]) -> WordNetTable:
    """The table in an archive. Raises KeyError or ValueError if it is not one."""
    if archive["format"].tobytes().decode() != WORDNET_FORMAT:
        raise ValueError("it has another format")
    nouns, verbs = (
        SenseTable(**{name: np.asarray(archive[f"{prefix}.{name}"], kind) for name, kind in _ARRAYS.items()}) for prefix in "nv"
    )
    adjectives, adverbs = (tuple(archive[f"{prefix}.lemmas"].tobytes().decode().split("\n")[:-1]) for prefix in "ar")
    derivations = np.asarray(archive["derivations"], np.uint32)
    return WordNetTable(nouns=nouns, verbs=verbs, derivations=derivations, adjectives=adjectives, adverbs=adverbs)
