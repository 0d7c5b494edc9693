"""Pack the tables of an installed lemminflect into the table that ships with the planner.

    python -m tools.word_forms_table planners/knowledge/data/word_forms.npz

A line is packed for each form that lemminflect's tables know; what its models would guess is left to them.
"""

from __future__ import annotations

import argparse
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import lemminflect

from planners.knowledge.word_forms import pack_lines, write_word_forms

__all__ = ["inflection_entries", "lemma_entries", "main", "table_words"]

_SPEECHES: Final = ("VERB", "NOUN")
_TAGS: Final = ("VBZ", "VBD", "VBG", "VBN", "NNS")
_RESOURCES: Final = Path(lemminflect.__file__).parent / "resources"


def table_words(name: str) -> Iterator[str]:
    """The words of lemminflect's table `lemma` or `infl` and of its corrections, in lower case. lemminflect looks no others up."""
    with gzip.open(_RESOURCES / f"{name}_lu.csv.gz", "rt", encoding="utf-8") as table:
        lines = [*table, *(_RESOURCES / f"{name}_overrides.csv").read_text("utf-8").splitlines()]
    modals = ("can", "may", "will", "shall", "must", "ought", "dare", "be")
    words = {line.partition(",")[0] for line in lines if line.strip() and not line.startswith("#")} | set(modals)
    return (word for word in sorted(words) if word == word.lower())


def lemma_entries() -> dict[tuple[str, str], tuple[str, ...]]:
    """The lemmas of each listed word as a verb and as a noun."""
    entries = {
        (word, speech): lemminflect.getLemma(word, speech, lemmatize_oov=False)
        for word in table_words("lemma")
        for speech in _SPEECHES
    }
    return {key: forms for key, forms in entries.items() if forms}


def inflection_entries() -> dict[tuple[str, str], tuple[str, ...]]:
    """The forms of each listed word."""
    entries = {
        (word, tag): lemminflect.getInflection(word, tag, inflect_oov=False) for word in table_words("infl") for tag in _TAGS
    }
    return {key: forms for key, forms in entries.items() if forms}


def main() -> None:
    """Write the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("table", type=Path, help="file to write")
    write_word_forms(parser.parse_args().table, pack_lines(lemma_entries()), pack_lines(inflection_entries()))


if __name__ == "__main__":
    main()
