"""Previsualisation: a shot as `stage` would shoot it, as control video for models that take one.

A folder holds one FFV1 file per pass at the model's own size and rate (`depth.mkv`, `pose.mkv`, `masks.mkv`, `layout.mkv`), a description
(`previs.json`, format `episodic/previs@1`), and `labels.safetensors`: small label maps and key points at 8 Hz.
Everything is computed from the sampled latents through the painter's geometry; nothing is measured on painted pixels.
"""

from __future__ import annotations

import colorsys
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Final

import av
import numpy as np
from jaxtyping import Float32, UInt8
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from episodic.backbones.footage import Footage, write_footage
from episodic.backbones.request import ShotRequest
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.painter.film import Shot
from episodic.backbones.stage.painter.passes.depth import DepthPass
from episodic.backbones.stage.painter.passes.masks import entities_of, label_map
from episodic.backbones.stage.painter.passes.pose import draw_pose, key_points_of
from episodic.backbones.take import Take
from episodic.errors import BackboneError
from episodic.series.shooting_settings import CONTROLS, ControlKind
from episodic.storage.json_object import JsonObject
from memory.model.facts import FactValue

__all__ = ["LABEL_HZ", "PREVIS_FORMAT", "PREVIS_VERSION", "Previs", "make_previs", "open_previs"]

PREVIS_FORMAT: Final = "episodic/previs@1"
PREVIS_VERSION: Final = "1"
"""Changes whenever the same take of `stage` would give other passes."""
LABEL_HZ: Final = 8
"""Rate of the label maps and key points."""
_LABEL_WIDTH_PX: Final = 160
_MAX_ENTITIES: Final = 64
_MAX_SIDE_PX: Final = 4096
_MAX_FRAMES: Final = 100_000
_MAX_JSON_BYTES: Final = 1 << 20
_MAX_LABEL_BYTES: Final = 1 << 29


@dataclass(frozen=True, slots=True)
class Previs:
    """A previsualisation on disk. Made with `open_previs`."""

    folder: Path
    kinds: tuple[ControlKind, ...]
    entities: tuple[str, ...]
    """Performers in frame, then props: entity i has label i + 1."""
    colors: tuple[tuple[int, int, int], ...]
    """Each entity's colour in the pass `masks`; the background is black."""
    fps: int
    frames: int
    width: int
    height: int
    receipt: dict[str, FactValue]
    """The notes of `stage`'s take."""
    labels: UInt8[np.ndarray, "tick row column"]
    """Label maps at 8 Hz, at most 160 pixels wide: 0 background, i + 1 entity i."""
    keypoints: Float32[np.ndarray, "tick entity 17 3"]
    """COCO's 17 key points at 8 Hz: x, y in 0..1 of the picture, and 1 where it is seen, else 0."""
    _open: dict[str, Footage] = field(default_factory=dict, repr=False, compare=False)

    def control(self, kind: ControlKind, first: int = 0, last: int | None = None) -> UInt8[np.ndarray, "frame height width 3"]:
        """Frames `first` up to and without `last` of a pass. Raises BackboneError for a pass that was not made, or is damaged."""
        if kind not in self.kinds:
            raise BackboneError(f"{self.folder}: there is no pass '{kind}', only {', '.join(self.kinds)}; make the previs again")
        if kind not in self._open:
            footage = Footage.open(self.folder / f"{kind}.mkv")
            actual = (footage.frames, footage.width, footage.height, footage.fps)
            expected = (self.frames, self.width, self.height, self.fps)
            if actual != expected:
                raise _damaged(self.folder / f"{kind}.mkv", f"expected (frames, width, height, fps) {expected}, found {actual}")
            self._open[kind] = footage
        return self._read(kind, first, last)

    def _read(self, kind: ControlKind, first: int, last: int | None) -> UInt8[np.ndarray, "frame height width 3"]:
        """Frames of an open pass. Raises BackboneError where they are damaged."""
        try:
            film = self._open[kind].read(first, last)
        except (av.error.FFmpegError, ValueError) as err:
            raise _damaged(self.folder / f"{kind}.mkv", str(err)) from err
        expected = (len(range(*slice(first, last).indices(self.frames))), self.height, self.width, 3)
        if film.shape != expected:
            raise _damaged(self.folder / f"{kind}.mkv", f"expected frames {expected}, found {film.shape}")
        return film


def make_previs(
    request: ShotRequest,
    folder: Path,
    *,
    kinds: Sequence[ControlKind],
    fps: int,
    width: int,
    height: int,
    frames: int,
    before: Take | None = None,
) -> Take:
    """Shoot `request` with `stage`, write the passes `kinds` into `folder`, and return the take that they show.

    Each pass has `frames` frames at `fps`, `width` x `height` pixels. Motion, light and speech are the request's. The take that the
    request continues is another backbone's; `before`, a take of `stage`, is continued instead. A size of another shape than the film's
    shows the same height of the set. Past the shot's end its last moment stays. Deterministic. Raises BackboneError for a pass, size or
    length out of range, and as `Stage.shoot`.
    """
    _check(request, kinds, fps, width, height, frames)
    take = Stage().shoot(replace(request, continues=before))
    latent = take.arrays["latent"]
    folder.mkdir(parents=True, exist_ok=True)
    shot = Shot.of(replace(request, width=width, height=height), latent, [number / fps for number in range(frames)])
    entities = entities_of(shot)
    colors = _colors(len(entities))
    small_size = (_LABEL_WIDTH_PX, max(2, round(_LABEL_WIDTH_PX * height / width)))
    for kind in kinds:
        pictures = _PASSES[kind](shot, entities)
        write_footage(folder / f"{kind}.mkv", _Drawn(pictures, frames=frames, height=height, width=width, fps=fps))
    ticks = max(1, -(-frames * LABEL_HZ // fps))
    small = Shot.of(
        replace(request, width=small_size[0], height=small_size[1]), latent, [tick / LABEL_HZ for tick in range(ticks)]
    )
    labels, points = _labels_and_points(small, entities)
    save_file({"labels": labels, "keypoints": points}, folder / "labels.safetensors")
    note = {
        "format": PREVIS_FORMAT,
        "shot": request.shot_id,
        "kinds": list(kinds),
        "entities": list(entities),
        "colors": [list(color) for color in colors],
        "fps": fps,
        "frames": frames,
        "width": width,
        "height": height,
        "receipt": dict(take.notes),
    }
    (folder / "previs.json").write_text(json.dumps(note, sort_keys=True, indent=1) + "\n", encoding="utf-8")
    return take


class _Drawn(Footage):
    """Frames that are drawn as they are written; once."""

    def __init__(self, pictures: Iterator[np.ndarray], *, frames: int, height: int, width: int, fps: int) -> None:
        super().__init__(frames=frames, height=height, width=width, fps=fps, source=Path())
        self._pictures = pictures

    def __iter__(self) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """Every frame in order."""
        return self._pictures


def _check(request: ShotRequest, kinds: Sequence[ControlKind], fps: int, width: int, height: int, frames: int) -> None:
    """Raise BackboneError for an unknown or repeated pass, and for a size, rate or length out of range."""
    where = f"shot {request.shot_id}"
    if any(kind not in CONTROLS for kind in kinds) or len(set(kinds)) != len(kinds):
        raise BackboneError(f"{where}: expected passes out of {', '.join(CONTROLS)}, each once, found {', '.join(kinds)}")
    if not (2 <= width <= _MAX_SIDE_PX and 2 <= height <= _MAX_SIDE_PX):
        raise BackboneError(f"{where}: expected a previs of 2..{_MAX_SIDE_PX} pixels a side, found {width}x{height}")
    if not (1 <= frames <= _MAX_FRAMES and 1 <= fps <= 240):
        raise BackboneError(f"{where}: expected 1..{_MAX_FRAMES} frames at 1..240 a second for a previs, found {frames} at {fps}")


def _depth(shot: Shot, entities: Sequence[str]) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    del entities
    depth = DepthPass(shot)
    for frame in range(len(shot.times_s)):
        yield np.repeat(depth.grey(frame)[..., None], 3, axis=2)


def _pose(shot: Shot, entities: Sequence[str]) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    for points in key_points_of(shot, entities):
        yield draw_pose(points, shot.request.width, shot.request.height)


def _masks(shot: Shot, entities: Sequence[str]) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    """Each entity as a flat colour of its own."""
    table = np.array([(0, 0, 0), *_colors(len(entities))], np.uint8)
    for frame in range(len(shot.times_s)):
        yield table[label_map(shot, frame, entities)]


def _layout(shot: Shot, entities: Sequence[str]) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
    del entities
    for frame in range(len(shot.times_s)):
        yield shot.paint(frame)


_PASSES: Final[dict[ControlKind, Callable[[Shot, Sequence[str]], Iterator[np.ndarray]]]] = {
    "depth": _depth,
    "pose": _pose,
    "masks": _masks,
    "layout": _layout,
}


def _labels_and_points(
    shot: Shot, entities: Sequence[str]
) -> tuple[UInt8[np.ndarray, "tick row column"], Float32[np.ndarray, "tick entity 17 3"]]:
    labels = [label_map(shot, frame, entities) for frame in range(len(shot.times_s))]
    return np.stack(labels), np.stack(list(key_points_of(shot, entities)))


@lru_cache(maxsize=8)
def _colors(count: int) -> tuple[tuple[int, int, int], ...]:
    """Flat colours far apart in hue (golden angle), none of them dark."""
    colors = []
    for number in range(count):
        red, green, blue = colorsys.hsv_to_rgb(number * 0.61803398875 % 1.0, 0.85 if number % 2 == 0 else 0.6, 1.0)
        colors.append((round(255 * red), round(255 * green), round(255 * blue)))
    return tuple(colors)


def open_previs(folder: Path) -> Previs:
    """Open a previsualisation that `make_previs` wrote. Raises BackboneError for a folder without one, or a damaged one."""
    path = folder / "previs.json"
    note = _read_previs_note(path)
    try:
        entities, names = note.texts("entities"), note.texts("kinds")
        colors = tuple(_stored_color(color) for color in note.entries("colors"))
        kinds = tuple(kind for kind in CONTROLS if kind in names)
        fps, frames, width, height = (note.integer(name) for name in ("fps", "frames", "width", "height"))
        receipt = note.values("receipt")
    except ValueError as err:
        raise _damaged(path, f"expected the fields of {PREVIS_FORMAT}, found {err!r}") from err
    in_range = (
        len(entities) <= _MAX_ENTITIES
        and len(colors) == len(entities)
        and len(kinds) == len(names)
        and 1 <= fps <= 240
        and 1 <= frames <= _MAX_FRAMES
        and 2 <= width <= _MAX_SIDE_PX
        and 2 <= height <= _MAX_SIDE_PX
    )
    if not in_range:
        raise _damaged(path, "sizes, counts or passes are out of range")
    labels, points = _read_arrays(folder / "labels.safetensors", len(entities), -(-frames * LABEL_HZ // fps))
    return Previs(folder, kinds, entities, colors, fps, frames, width, height, receipt, labels, points)


def _stored_color(color: object) -> tuple[int, int, int]:
    """Return red, green and blue. Raises ValueError for anything else."""
    match color:
        case [int(red), int(green), int(blue)]:
            return red, green, blue
    raise ValueError(f"expected red, green and blue, found {color!r}")


def _read_previs_note(path: Path) -> JsonObject:
    """Read `previs.json`. Raises BackboneError for a damaged one, or one of another format."""
    try:
        if path.stat().st_size > _MAX_JSON_BYTES:
            raise _damaged(path, f"it is larger than {_MAX_JSON_BYTES} bytes")
        note = JsonObject.parse(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as err:
        raise _damaged(path, str(err)) from err
    if note.get("format") != PREVIS_FORMAT:
        raise _damaged(path, f"expected {PREVIS_FORMAT}, found {note.get('format')!r}")
    return note


def _read_arrays(
    path: Path, entities: int, ticks: int
) -> tuple[UInt8[np.ndarray, "tick row column"], Float32[np.ndarray, "tick entity 17 3"]]:
    try:
        if path.stat().st_size > _MAX_LABEL_BYTES:
            raise _damaged(path, f"it is larger than {_MAX_LABEL_BYTES} bytes")
        arrays = load_file(path)
    except (OSError, SafetensorError, ValueError) as err:
        raise _damaged(path, str(err)) from err
    labels, points = arrays.get("labels"), arrays.get("keypoints")
    if labels is None or labels.dtype != np.uint8 or labels.ndim != 3 or len(labels) != max(1, ticks):
        raise _damaged(path, f"expected labels uint8 [{max(1, ticks)}, row, column]")
    if labels.shape[2] > _LABEL_WIDTH_PX or labels.max(initial=0) > entities:
        raise _damaged(path, f"expected labels of {entities} entities, at most {_LABEL_WIDTH_PX} pixels wide")
    if (
        points is None
        or points.dtype != np.float32
        or points.shape != (len(labels), entities, 17, 3)
        or not np.isfinite(points).all()
    ):
        raise _damaged(path, f"expected key points float32 [{len(labels)}, {entities}, 17, 3]")
    return labels, points


def _damaged(path: Path, why: str) -> BackboneError:
    """The error for a previsualisation that cannot be read."""
    return BackboneError(f"{path}: not readable as a previsualisation ({why}); delete the artifact, and it is made again")
