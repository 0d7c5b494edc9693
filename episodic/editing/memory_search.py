"""Search the memory of a series by meaning and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from episodic.editing.show_canon import check_known_entity
from episodic.errors import InputError
from episodic.series.memory_access import known_memory
from episodic.series.series import Series
from memory.queries.text_search import HIT_KINDS, HitKind, SearchResults

__all__ = ["search_memory"]


def search_memory(
    series: Series,
    text: str,
    *,
    kinds: Sequence[str] = (),
    entity: str | None = None,
    limit: int = 10,
    by_words: bool = False,
) -> SearchResults:
    """Search the branch of `series` for `text`, best match first.

    `kinds` limits the result to these kinds. `by_words` searches without the language model.
    Raises InputError for an unknown kind or entity and for an empty text, MemoryFault.
    """
    for kind in kinds:
        if kind not in HIT_KINDS:
            raise InputError(f"--kind: there is no kind {kind!r}; valid: {', '.join(HIT_KINDS)}")
    if not text.strip():
        raise InputError('TEXT is empty; name what to look for, for instance: episodic memory search "the broken lamp"')
    encoder = None
    if not by_words:
        from memory.queries.embeddings import MiniLmEncoder  # loads a language model

        encoder = MiniLmEncoder()
    valid_kinds = cast("Sequence[HitKind]", kinds) or HIT_KINDS
    with known_memory(series) as memory:
        check_known_entity(memory, series.branch, entity)
        return memory.search(text, encoder=encoder, kinds=valid_kinds, entity=entity, limit=limit, branch=series.branch)
