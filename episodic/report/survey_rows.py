"""Surveys of an episode's takes for its report: key frames as small pictures, light, and the encoders of the vectors."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import BaseModel, JsonValue

from episodic.production.graph.graph import ProductionGraph
from episodic.quality.light import MeasuredLight
from episodic.quality.survey import SURVEY_FILE
from episodic.storage.artifacts import ArtifactStore

__all__ = ["ShotSurvey", "chosen_pictures", "read_surveys", "small_picture"]

_WIDTH_PX: Final = 320
_QUALITY: Final = 72
_MAX_PICTURES: Final = 32
"""More would make the page slow to write and to open. Beyond that, the shots with the best key frames represent their scenes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotSurvey:
    """Measurements of one shot's take."""

    key: str
    """Key of the survey's artifact."""
    picture: Path | None
    """The best key frame, if the take has any."""
    quality: float
    light: MeasuredLight | None
    """The measured light, if the survey has it."""
    encoders: Mapping[str, str]
    """The encoder of each kind of vector."""
    vectors: Mapping[str, int] = field(default_factory=dict)
    """The number of measured vectors of each kind, including those that memory did not verify."""


def read_surveys(graph: ProductionGraph, artifacts: ArtifactStore, shots: Sequence[str]) -> dict[str, ShotSurvey]:
    """Read the surveys of the shots that have one, by shot id."""
    surveys = {}
    for shot in shots:
        key = graph.keys.get(f"survey:{shot}")
        path = artifacts.folder(key) / SURVEY_FILE if key else None
        if key and path is not None and path.is_file():
            surveys[shot] = _read_survey(key, path)
    return surveys


class _Frame(BaseModel):
    """A key frame in the stored survey."""

    file: str
    quality: float = 0.0
    frame: int = 0


class _Embedding(BaseModel):
    """A vector in the stored survey."""

    kind: str
    encoder: str


class _Measures(BaseModel):
    """Measures in the stored survey."""

    light: JsonValue = None


class _Survey(BaseModel):
    """The stored survey, as far as the report shows it. A part that is missing counts as empty."""

    key_frames: list[_Frame] = []
    embeddings: list[_Embedding] = []
    measures: _Measures = _Measures()


def _read_survey(key: str, path: Path) -> ShotSurvey:
    survey = _Survey.model_validate_json(path.read_bytes())
    frames = [frame for frame in survey.key_frames if (path.parent / Path(frame.file).name).is_file()]
    best = max(frames, key=lambda frame: (frame.quality, -frame.frame), default=None)
    light = survey.measures.light
    return ShotSurvey(
        key=key,
        picture=None if best is None else path.parent / Path(best.file).name,
        quality=0.0 if best is None else best.quality,
        light=MeasuredLight.from_json(light) if light else None,
        encoders={embedding.kind: embedding.encoder for embedding in survey.embeddings},
        vectors=Counter(embedding.kind for embedding in survey.embeddings),
    )


def chosen_pictures(surveys: Mapping[str, ShotSurvey], scenes: Sequence[Sequence[str]]) -> list[str]:
    """Choose the shots whose key frames the report shows: all, or if there are too many, the best of each scene in turn."""
    ranked = [
        sorted(
            (shot for shot in shots if shot in surveys and surveys[shot].picture),
            key=lambda shot: (-surveys[shot].quality, shot),
        )
        for shots in scenes
    ]
    rounds = range(max(map(len, ranked), default=0))
    return [shots[number] for number in rounds for shots in ranked if number < len(shots)][:_MAX_PICTURES]


def small_picture(path: Path) -> str:
    """Scale a picture file down to a `data:` URL. The same file gives the same bytes. Empty if the file is not a picture."""
    import skia  # needs system libraries that reading a series does not

    image = skia.Image.open(str(path))
    if image is None:
        return ""
    height = max(1, round(image.height() * _WIDTH_PX / image.width()))
    sampling = skia.SamplingOptions(skia.FilterMode.kLinear, skia.MipmapMode.kLinear)
    small = image.resize(_WIDTH_PX, height, sampling) if image.width() > _WIDTH_PX else image
    data = small.encodeToData(skia.EncodedImageFormat.kJPEG, _QUALITY)
    return "" if data is None else "data:image/jpeg;base64," + base64.b64encode(bytes(data)).decode("ascii")
