"""The loudness of a scene's mix on disk. Format `episodic/loudness@1`: energies of blocks, which add up over scenes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from episodic.production.files.names import LOUDNESS_FILE

__all__ = ["LOUDNESS_FORMAT", "read_energies", "write_energies"]

LOUDNESS_FORMAT: Final = "episodic/loudness@1"


def write_energies(folder: Path, energies: Sequence[float]) -> None:
    """Write the energies of a mix's blocks into an artifact's folder."""
    (folder / LOUDNESS_FILE).write_text(json.dumps({"format": LOUDNESS_FORMAT, "energies": list(energies)}), "utf-8")


def read_energies(folder: Path) -> list[float]:
    """Read the energies of a mix's blocks."""
    return [float(energy) for energy in json.loads((folder / LOUDNESS_FILE).read_text("utf-8"))["energies"]]
