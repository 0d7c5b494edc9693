"""The WordNet table: look-ups, and its file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from planners.knowledge.compound_nouns import compound_types
from planners.knowledge.noun_types import noun_types
from planners.knowledge.wordnet import open_wordnet
from planners.knowledge.wordnet_file import SenseTable, WordNetTable, read_wordnet, write_wordnet


def _part(lemmas: list[str]) -> SenseTable:
    """A part of speech in which every lemma has one sense, and each sense the one before it as its hypernym."""
    count = len(lemmas)
    encoded = [f"{lemma}\n".encode() for lemma in lemmas]
    return SenseTable(
        lemmas=np.frombuffer(b"".join(encoded), np.uint8),
        offsets=np.cumsum([0, *map(len, encoded[:-1])]).astype(np.uint32),
        first_sense=np.arange(count + 1, dtype=np.uint32),
        senses=np.arange(count, dtype=np.uint32),
        counts=np.ones(count, np.uint16),
        fields=np.full(count, 6, np.uint8),
        instances=np.zeros(count, np.bool_),
        first_parent=np.array([0, *range(count)], np.uint32),
        parents=np.arange(count - 1, dtype=np.uint32),
        first_word=np.arange(count + 1, dtype=np.uint32),
        words=np.arange(count, dtype=np.uint32),
    )


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = WordNetTable(
        nouns=_part(["bell", "church_bell"]),
        verbs=_part(["ring", "toll"]),
        derivations=np.array([[0, 1]], np.uint32),
        adjectives=("loud",),
        adverbs=(),
    )
    write_wordnet(tmp_path / "small.npz", table)
    again = read_wordnet(tmp_path / "small.npz")
    assert again.adjectives == ("loud",)
    assert again.adverbs == ()
    assert again.nouns.lemmas.tobytes() == b"bell\nchurch_bell\n"
    assert again.derivations.tolist() == [[0, 1]]


def test_the_same_table_gives_the_same_bytes(tmp_path: Path) -> None:
    table = WordNetTable(
        nouns=_part(["a"]), verbs=_part(["b"]), derivations=np.zeros((0, 2), np.uint32), adjectives=(), adverbs=()
    )
    for name in ("one.npz", "two.npz"):
        write_wordnet(tmp_path / name, table)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()


def test_a_file_that_is_no_table_is_named_in_the_error(tmp_path: Path) -> None:
    path = tmp_path / "broken.npz"
    path.write_bytes(b"not an archive")
    with pytest.raises(ValueError, match=r"broken\.npz"):
        read_wordnet(path)


def test_senses_come_most_frequent_first() -> None:
    wordnet = open_wordnet()
    counts = [sense.count for sense in wordnet.senses("bell", "noun")]
    assert counts == sorted(counts, reverse=True)
    assert wordnet.senses("no such noun", "noun") == ()


@pytest.mark.parametrize(
    ("noun", "above"), [("violin", "musical instrument"), ("heron", "bird"), ("sandwich", "food"), ("librarian", "person")]
)
def test_nouns_have_their_hypernyms(noun: str, above: str) -> None:
    assert open_wordnet().is_a(noun, above, senses=3)


def test_verbs_are_derived_from_nouns() -> None:
    assert "arrive" in open_wordnet().derived_verbs("arrival")


@pytest.mark.parametrize(
    ("noun", "expected"),
    [
        ("librarian", "person"),
        ("moth", "animal"),
        ("ghost", "spirit"),
        ("printer", "thing"),
        ("ship", "vehicle"),
        ("trench", "place"),
        ("vending machine", "thing"),
        ("moon base", "place"),
        ("sous-chef", "person"),
        ("wedding", "event"),
        ("monday", "time"),
        ("bread roll", "food"),
    ],
)
def test_nouns_have_the_type_that_a_story_takes_them_for(noun: str, expected: str) -> None:
    assert compound_types(noun)[:1] == (expected,)


def test_a_noun_that_no_list_knows_has_no_type() -> None:
    assert compound_types("qwertzu") == ()
    assert noun_types("qwertzu") == ()
