"""Seeds derived from names."""

from __future__ import annotations

import hashlib

__all__ = ["derive_seed"]


def derive_seed(seed: int, *names: str) -> int:
    """Derive the seed of a named thing from the seed of its whole: the first 63 bits of a SHA-256."""
    text = "/".join([str(seed), *names])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
