"""Sheets on disk: a folder with a PNG per picture and `sheet.json`, format `episodic/sheet@1`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from episodic.backbones.keyframes.keyframer import Sheet, SheetPicture
from episodic.errors import BackboneError
from episodic.storage.json_object import JsonObject
from memory.model.facts import FactValue
from planners.plan.vocabulary import STYLES, Style

__all__ = ["MAX_PX", "SHEET_FORMAT", "SHEET_VERSION", "open_sheet", "write_sheet"]

SHEET_FORMAT: Final = "episodic/sheet@1"
SHEET_VERSION: Final = "2"
"""Changes whenever the same look would give another sheet."""
MAX_PX: Final = 4096
"""Longest side of a picture of a sheet, in pixels."""
_MAX_JSON_BYTES: Final = 1 << 18


def write_sheet(
    folder: Path,
    style: Style,
    drawn: Mapping[str, tuple[UInt8[np.ndarray, "_ _ 3"], tuple[int, int, int, int]]],
    *,
    left_out: Mapping[str, str] | None = None,
    made: Mapping[str, FactValue] | None = None,
) -> Sheet:
    """Write pictures with the boxes of what they show, by view, as a sheet into `folder`.

    `left_out`: unfit views and why; `made`: JSON, how the pictures came about.
    """
    pictures = {}
    for view, (picture, box) in drawn.items():
        Image.fromarray(picture).save(folder / f"{view}.png", compress_level=6)
        pictures[view] = SheetPicture(file=f"{view}.png", width=picture.shape[1], height=picture.shape[0], box=box)
    note: dict[str, FactValue] = {
        "format": SHEET_FORMAT,
        "style": style,
        "pictures": {
            view: {"file": shown.file, "width": shown.width, "height": shown.height, "box": [*shown.box]}
            for view, shown in pictures.items()
        },
        **({"left_out": dict(left_out)} if left_out else {}),
        **({"made": dict(made)} if made else {}),
    }
    (folder / "sheet.json").write_text(json.dumps(note, indent=1) + "\n", encoding="utf-8")
    return Sheet(folder=folder, style=style, pictures=pictures, left_out=dict(left_out or {}))


def open_sheet(folder: Path) -> Sheet:
    """A sheet that was drawn before. Raises BackboneError where it is none, or is damaged."""
    path = folder / "sheet.json"
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            raise _damaged(path, f"it is larger than {_MAX_JSON_BYTES} bytes")
        note = JsonObject.parse(path.read_text(encoding="utf-8"))
        if note.get("format") != SHEET_FORMAT:
            raise _damaged(path, f"expected {SHEET_FORMAT}")
        pictures = {view: _stored_picture(path, entry) for view, entry in note.named_objects("pictures").items()}
        left_out = {view: str(why) for view, why in note.values("left_out", optional=True).items()}
        return Sheet(folder=folder, style=note.choice("style", STYLES), pictures=pictures, left_out=left_out)
    except (OSError, ValueError, RecursionError) as err:
        raise _damaged(path, repr(err)) from err


def _stored_picture(path: Path, note: JsonObject) -> SheetPicture:
    """One picture of a sheet. Raises BackboneError where its file is missing or its box lies outside."""
    left, top, right, bottom = (int(edge) for edge in note.numbers("box"))
    picture = SheetPicture(
        file=note.text("file"), width=note.integer("width"), height=note.integer("height"), box=(left, top, right, bottom)
    )
    if Path(picture.file).name != picture.file or not (path.parent / picture.file).is_file():
        raise _damaged(path, f"expected a picture beside it, found '{picture.file}'")
    if not (0 <= left < right <= picture.width <= MAX_PX and 0 <= top < bottom <= picture.height <= MAX_PX):
        raise _damaged(path, f"the box of '{picture.file}' lies outside of it")
    return picture


def _damaged(path: Path, why: str) -> BackboneError:
    """The error for a sheet that cannot be read."""
    return BackboneError(f"{path}: not readable as a character sheet ({why}); delete the artifact, and it is drawn again")
