"""Text encoders, and exact search for the nearest vectors. `MiniLmEncoder` is the real encoder, `HashingEncoder` the fake."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64

from memory.errors import MemoryFault
from memory.queries.encoder_weights import REMEDY

__all__ = ["DIMENSIONS", "HashingEncoder", "MiniLmEncoder", "TextEncoder", "Vectors", "nearest"]

DIMENSIONS: Final = 384
"""The length of the vectors of both encoders."""

Vectors: TypeAlias = Float32[np.ndarray, "n d"]


@runtime_checkable
class TextEncoder(Protocol):
    """Turns texts into vectors of length 1. Texts of similar meaning are close."""

    @property
    def name(self) -> str:
        """The name stored with every vector; only vectors of one encoder can be compared."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of `DIMENSIONS` per text. Raises MemoryFault if the encoder cannot be loaded."""
        ...


class MiniLmEncoder:
    """all-MiniLM-L6-v2 from its installed package. Runs on the CPU, without network access."""

    name = "all-MiniLM-L6-v2"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of `DIMENSIONS` per text. The model loads at the first call, which takes seconds. Raises MemoryFault."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        try:
            from memory.queries.sentence_model import load_sentence_model
        except ImportError as err:
            raise MemoryFault(f"the text encoder all-MiniLM-L6-v2 is not installed ({err}); {REMEDY}") from err
        vectors = load_sentence_model().encode(
            list(texts), convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False
        )
        return np.asarray(vectors, np.float32)


class HashingEncoder:
    """Hashes the words of texts. It has no model and no notion of meaning, but shared words bring texts closer."""

    name = "hashing-words-1"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of `DIMENSIONS` per text; a text without words is a row of zeros."""
        rows = np.zeros((len(texts), DIMENSIONS), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                digest = hashlib.sha256(word.encode(errors="surrogatepass")).digest()
                row[int.from_bytes(digest[:4], "big") % DIMENSIONS] += 1.0 if digest[4] % 2 else -1.0
        return _unit(rows)


def nearest(
    query: Float32[np.ndarray, " d"], matrix: Vectors, k: int
) -> tuple[Int64[np.ndarray, " k"], Float32[np.ndarray, " k"]]:
    """The `k` rows of `matrix` most similar to `query`, best first, with their cosines; exact, ties in order of rows.

    Returns fewer than `k` if there are fewer rows. A row of zeros has cosine 0 to everything.
    """
    cosines = _unit(matrix) @ _unit(query[None])[0]
    best = np.argsort(-cosines, kind="stable")[: max(k, 0)]
    return best.astype(np.int64), cosines[best].astype(np.float32)


def _unit(rows: Vectors) -> Vectors:
    """Rows scaled to length 1; rows of zeros stay."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32)
