"""WordNet 3.1: lemmas, senses, hypernyms, synonyms and derivations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

import numpy as np

from planners.knowledge.wordnet_file import FIELDS, SenseTable, WordNetTable, read_wordnet

__all__ = ["Sense", "Speech", "WordNet", "open_wordnet"]

Speech = Literal["noun", "verb"]

_PATH: Final = Path(__file__).with_name("data") / "wordnet.npz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """One sense of a lemma."""

    synset: int
    field: str
    """Lexicographer file without the part of speech: `person`, `artifact`, `motion`…"""
    count: int
    """How often the sense is tagged in WordNet's corpus."""
    instance: bool
    """Whether the sense is an individual, such as a town or a person."""


class WordNet:
    """Look words up. Lemmas are in lower case, with spaces between words."""

    def __init__(self, table: WordNetTable) -> None:
        self._parts: dict[Speech, SenseTable] = {"noun": table.nouns, "verb": table.verbs}
        self._blobs: dict[Speech, bytes] = {speech: part.lemmas.tobytes() for speech, part in self._parts.items()}
        self._derivations = table.derivations
        self._adjectives = frozenset(table.adjectives)
        self._adverbs = frozenset(table.adverbs)

    def is_noun(self, lemma: str) -> bool:
        """Whether any noun sense is listed."""
        return self._lemma_index("noun", lemma) is not None

    def is_verb(self, lemma: str) -> bool:
        """Whether any verb sense is listed."""
        return self._lemma_index("verb", lemma) is not None

    def is_adjective(self, lemma: str) -> bool:
        """Whether the adjective is listed."""
        return lemma.replace(" ", "_") in self._adjectives

    def knows(self, lemma: str) -> bool:
        """Whether the lemma is listed with any part of speech."""
        stored = lemma.replace(" ", "_")
        return stored in self._adjectives or stored in self._adverbs or self.is_noun(lemma) or self.is_verb(lemma)

    def words(self) -> frozenset[str]:
        """All lemmas of one word, of any part of speech."""
        listed = {lemma.decode() for blob in self._blobs.values() for lemma in blob.split(b"\n")}
        return frozenset(word for word in listed | self._adjectives | self._adverbs if "_" not in word)

    def senses(self, lemma: str, speech: Speech) -> tuple[Sense, ...]:
        """Senses of a lemma, most frequent first; empty if it is not listed."""
        index = self._lemma_index(speech, lemma)
        if index is None:
            return ()
        part = self._parts[speech]
        begin, end = int(part.first_sense[index]), int(part.first_sense[index + 1])
        return tuple(
            Sense(
                synset=(synset := int(part.senses[at])),
                field=FIELDS[part.fields[synset]].partition(".")[2],
                count=int(part.counts[at]),
                instance=bool(part.instances[synset]),
            )
            for at in range(begin, end)
        )

    def lemmas(self, synset: int, speech: Speech) -> tuple[str, ...]:
        """Lemmas of a synset, in WordNet's order."""
        part = self._parts[speech]
        words = part.words[int(part.first_word[synset]) : int(part.first_word[synset + 1])]
        return tuple(self._lemma_at(speech, int(word)) for word in words)

    def ancestors(self, synset: int, speech: Speech) -> tuple[int, ...]:
        """The synset and all its hypernyms, nearest first, each once."""
        part = self._parts[speech]
        order = {synset: None}
        queue = [synset]
        for current in queue:
            parents = part.parents[int(part.first_parent[current]) : int(part.first_parent[current + 1])]
            for parent in map(int, parents):
                if parent not in order:
                    order[parent] = None
                    queue.append(parent)
        return tuple(order)

    def is_a(self, lemma: str, *types: str, senses: int = 1, speech: Speech = "noun") -> bool:
        """Whether one of the first `senses` senses of a lemma has a synset of one of the words `types` above it."""
        return any(
            not set(types).isdisjoint(self.lemmas(above, speech))
            for sense in self.senses(lemma, speech)[:senses]
            for above in self.ancestors(sense.synset, speech)
        )

    def derived_verbs(self, noun: str) -> tuple[str, ...]:
        """Verbs derived from a noun or the reverse: `arrival` has `arrive`."""
        index = self._lemma_index("noun", noun)
        if index is None:
            return ()
        begin, end = np.searchsorted(self._derivations[:, 0], [index, index + 1])
        return tuple(self._lemma_at("verb", int(verb)) for verb in self._derivations[begin:end, 1])

    def _lemma_at(self, speech: Speech, index: int) -> str:
        """The lemma with an index."""
        begin = int(self._parts[speech].offsets[index])
        blob = self._blobs[speech]
        return blob[begin : blob.index(b"\n", begin)].decode().replace("_", " ")

    def _lemma_index(self, speech: Speech, lemma: str) -> int | None:
        """The index of a lemma, by binary search."""
        encoded, blob, offsets = lemma.replace(" ", "_").encode(), self._blobs[speech], self._parts[speech].offsets
        low, high = 0, len(offsets)
        while low < high:
            middle = (low + high) // 2
            begin = int(offsets[middle])
            if blob[begin : blob.index(b"\n", begin)] < encoded:
                low = middle + 1
            else:
                high = middle
        if low == len(offsets):
            return None
        begin = int(offsets[low])
        return low if blob[begin : blob.index(b"\n", begin)] == encoded else None


@cache
def open_wordnet() -> WordNet:
    """Open the table that ships with the package, once."""
    return WordNet(read_wordnet(_PATH))
