"""Searching a series' memory by meaning and words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from episodic.editing.show_canon import check_known
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
    """What memory, on the branch that `series` is seen from, holds that `text` could be about, best first. `kinds`: only these; `by_words`: no language model is loaded.

    Raises InputError for an unknown kind or entity and an empty text, MemoryFault.
    """
    for one in kinds:
        if one not in HIT_KINDS:
            raise InputError(f"--kind: there is no kind {one!r}; valid: {', '.join(HIT_KINDS)}")
    if not text.strip():
        raise InputError('TEXT is empty; say what to look for, for instance: episodic memory search "the broken lamp"')
    encoder = None
    if not by_words:
        from memory.queries.embeddings import MiniLmEncoder

        encoder = MiniLmEncoder()
    wanted = cast("Sequence[HitKind]", kinds) or HIT_KINDS
    with known_memory(series) as memory:
        check_known(memory, series.branch, entity)
        return memory.search(text, encoder=encoder, kinds=wanted, entity=entity, limit=limit, branch=series.branch)
