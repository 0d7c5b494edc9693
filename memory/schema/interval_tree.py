"""An interval tree inside ordinary tables: finds every span that covers a moment by a few dozen index look-ups.

Source: H.-P. Kriegel, M. Pötke, T. Seidl, "Managing Intervals Efficiently in Object-Relational Databases", VLDB 2000 (the RI-tree).
Every span hangs at one node of a virtual binary tree over the whole numbers: the one highest in the tree that lies in the span.
A moment is only covered by spans at nodes on its path from the root, so these are all that a query has to look at. Pure.
"""

from __future__ import annotations

from typing import Final

__all__ = ["LEVELS", "OPEN", "node_of", "path_to"]

OPEN: Final = -1
"""The node of all spans without an end; they need no tree, for what begins before a moment covers it."""

LEVELS: Final = 44
"""A path from the root has so many nodes: enough for every story position."""


def node_of(first: int, end: int) -> int:
    """The node of the span from `first` (inclusive, at least 1) to `end` (exclusive): of its numbers the one with most trailing zeros."""
    last = end - 1
    if not 1 <= first <= last:
        raise ValueError(f"expected a span from at least 1 to a later number, got {first} to {end}")
    shift = ((first - 1) ^ last).bit_length() - 1
    return last >> shift << shift


def path_to(moment: int) -> tuple[list[int], list[int]]:
    """The nodes whose spans may cover `moment`: those at or after it (their spans cover it if they begin by then), those before it
    (their spans cover it if they end after it).
    """
    nodes = [(moment >> level | 1) << level for level in range(LEVELS)]
    return [one for one in nodes if one >= moment], [one for one in nodes if one < moment]
