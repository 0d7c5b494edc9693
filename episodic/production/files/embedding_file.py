"""Embeddings on disk: JSON, rounded to six decimals."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from episodic.production.files.names import EMBEDDING_FILE

__all__ = ["read_embedding", "read_embeddings", "write_embedding", "write_embeddings"]


def write_embedding(folder: Path, values: Iterable[float]) -> None:
    """Write one vector into an artifact's folder."""
    (folder / EMBEDDING_FILE).write_text(json.dumps(_rounded(values)), "utf-8")


def read_embedding(folder: Path) -> list[float]:
    """Read the vector in an artifact's folder."""
    return [float(value) for value in json.loads((folder / EMBEDDING_FILE).read_text("utf-8"))]


def write_embeddings(folder: Path, rows: Iterable[Iterable[float]]) -> None:
    """Write several vectors into an artifact's folder."""
    (folder / EMBEDDING_FILE).write_text(json.dumps([_rounded(row) for row in rows]), "utf-8")


def read_embeddings(folder: Path) -> list[list[float]]:
    """Read the vectors in an artifact's folder."""
    return [[float(value) for value in row] for row in json.loads((folder / EMBEDDING_FILE).read_text("utf-8"))]


def _rounded(values: Iterable[float]) -> list[float]:
    """Values to six decimals."""
    return [round(float(value), 6) for value in values]
