"""An interval tree in ordinary tables: finds every span that covers a moment with a few dozen index look-ups.

Source: H.-P. Kriegel, M. Pötke, T. Seidl, "Managing Intervals Efficiently in Object-Relational Databases", VLDB 2000 (the RI-tree).
Every span is stored at one node of a virtual binary tree over the whole numbers: the highest node that lies in the span. Only
spans at nodes on the path from the root to a moment can cover the moment, so a query looks at no others. Pure: no database.
"""

from __future__ import annotations

from typing import Final

from memory.model.facts import StoryPosition

__all__ = ["LEVELS", "OPEN", "node_of", "node_of_span", "path_to"]

OPEN: Final = -1
"""The node of all spans without an end. They need no tree: each one that begins before a moment covers it."""

LEVELS: Final = 44
"""The length of a path from the root, in nodes: enough for every story position."""


def node_of(first: int, end: int) -> int:
    """The node of the span from `first` (inclusive, at least 1) to `end` (exclusive): its number with the most trailing zeros."""
    last = end - 1
    if not 1 <= first <= last:
        raise ValueError(f"expected a span from at least 1 to a later number, got {first} to {end}")
    shift = ((first - 1) ^ last).bit_length() - 1
    return last >> shift << shift


def node_of_span(since: StoryPosition, ends: StoryPosition | None) -> int:
    """The node of a span of story time; numbers in the tree begin at 1."""
    return OPEN if ends is None else node_of(since.number + 1, ends.number + 1)


def path_to(moment: int) -> tuple[list[int], list[int]]:
    """The nodes whose spans may cover `moment`.

    The first list holds the nodes at or after it: their spans cover it if they begin by then. The second list holds the nodes
    before it: their spans cover it if they end after it.
    """
    nodes = [(moment >> level | 1) << level for level in range(LEVELS)]
    return [node for node in nodes if node >= moment], [node for node in nodes if node < moment]
