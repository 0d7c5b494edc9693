"""What the surveys of an episode's takes hold for its report: key frames as small pictures, light, and who wrote which vectors."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from episodic.production.graph.graph import ProductionGraph
    from episodic.storage.artifacts import ArtifactStore

__all__ = ["SURVEY_FILE", "ShotSurvey", "chosen_pictures", "read_surveys", "small_picture"]

SURVEY_FILE: Final = "survey.json"
_WIDTH_PX: Final = 320
_QUALITY: Final = 72
_MOST_PICTURES: Final = 32
"""More would make the page slow to write and heavy to open: then the shots with the best key frames stand for their scenes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotSurvey:
    """What was measured on one shot's take."""

    key: str
    """Of the survey's artifact."""
    picture: Path | None
    """The best key frame; None: the take has none."""
    quality: float
    light: Mapping[str, Any]
    encoders: Mapping[str, str]
    """Kind of vector -> which encoder wrote it."""


def read_surveys(graph: ProductionGraph, artifacts: ArtifactStore, shots: Sequence[str]) -> dict[str, ShotSurvey]:
    """The surveys of those shots that have one, by shot id."""
    found = {}
    for shot in shots:
        key = graph.keys.get(f"survey:{shot}")
        path = artifacts.folder(key) / SURVEY_FILE if key else None
        if key and path is not None and path.is_file():
            found[shot] = _survey(key, path)
    return found


def _survey(key: str, path: Path) -> ShotSurvey:
    data = json.loads(path.read_text("utf-8"))
    frames = [one for one in data.get("key_frames", []) if (path.parent / Path(str(one["file"])).name).is_file()]
    best = max(frames, key=lambda one: (float(one.get("quality", 0.0)), -int(one.get("frame", 0))), default=None)
    return ShotSurvey(
        key=key,
        picture=None if best is None else path.parent / Path(str(best["file"])).name,
        quality=0.0 if best is None else float(best.get("quality", 0.0)),
        light=data.get("measures", {}).get("light") or {},
        encoders={str(one["kind"]): str(one["encoder"]) for one in data.get("embeddings", [])},
    )


def chosen_pictures(surveys: Mapping[str, ShotSurvey], scenes: Sequence[Sequence[str]]) -> list[str]:
    """The shots whose key frames the report shows: all, or where they are too many, each scene's best in turn until it is enough."""
    ranked = [
        sorted((one for one in shots if one in surveys and surveys[one].picture), key=lambda one: (-surveys[one].quality, one))
        for shots in scenes
    ]
    rounds = range(max(map(len, ranked), default=0))
    return [shots[number] for number in rounds for shots in ranked if number < len(shots)][:_MOST_PICTURES]


def small_picture(path: Path) -> str:
    """A picture file as a small one, in a `data:` address; the same file gives the same bytes. Empty for what is no picture."""
    import skia

    image = skia.Image.open(str(path))
    if image is None:
        return ""
    height = max(1, round(image.height() * _WIDTH_PX / image.width()))
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    small = image.resize(_WIDTH_PX, height, sampling) if image.width() > _WIDTH_PX else image
    data = small.encodeToData(skia.EncodedImageFormat.kJPEG, _QUALITY)
    return "" if data is None else "data:image/jpeg;base64," + base64.b64encode(bytes(data)).decode("ascii")
