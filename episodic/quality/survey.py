"""The survey of a take: measurements of its picture and sound, for memory. Format `episodic/survey@1`.

It has a look and a movement vector for each visible performer, a voice vector for each speaker, a light vector for the place, key frames,
and the measured light and palette.
"""

from __future__ import annotations

import itertools
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import Float, Float32, UInt8
from pydantic import BaseModel, JsonValue

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Sight, Take
from episodic.quality.key_frames import KEY_FRAME_METHOD, boxes_of, candidate_frames, choose_key_frames
from episodic.quality.light import LIGHT_METHOD, light_of_take, white_of
from episodic.quality.look import LOOK_ENCODER, load_look_encoder
from episodic.quality.palette import PALETTE_METHOD, palette_of
from memory.model.facts import FactValue
from memory.model.records import EmbeddingKind, EmbeddingRecord, KeyFrame, Sighting, TakeRecord
from planners.plan.model import NARRATOR
from planners.plan.vocabulary import Emotion

__all__ = [
    "SURVEY_FILE",
    "SURVEY_FORMAT",
    "Survey",
    "SurveyedFrame",
    "looks_of",
    "read_survey",
    "survey_take",
    "survey_version",
    "write_survey",
]

SURVEY_FORMAT: Final = "episodic/survey@1"
SURVEY_FILE: Final = "survey.json"
_SILENT: Final = 1e-4
"""Largest sample of a line that counts as silent."""
PICTURE_PX: Final = 480
"""Height of a key frame."""
_SURVEY_VERSION: Final = "3"
_LEAST_SHARE: Final = 0.15
"""A frame counts for a performer's look if the performer covers at least this share of its largest area in the take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedFrame:
    """A key frame of a surveyed take. `file` is in the folder of the survey."""

    frame: int
    file: str
    quality: float
    novelty: float
    shows: Mapping[str, tuple[float, float, float, float]]
    """Box of each entity: left, top, right, bottom as shares of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """The measurements of one take."""

    shot_id: str
    embeddings: tuple[EmbeddingRecord, ...] = ()
    key_frames: tuple[SurveyedFrame, ...] = ()
    measures: Mapping[str, FactValue]
    """`light` and `palette` as JSON."""

    def record(self, *, take: str, survey: str, seed: int) -> TakeRecord:
        """The record for memory, not yet verified. `take` and `survey` are the keys of the two artifacts."""
        return TakeRecord(
            shot_id=self.shot_id,
            artifact=take,
            seed=seed,
            embeddings=self.embeddings,
            key_frames=tuple(
                KeyFrame(
                    frame=frame.frame,
                    artifact=survey,
                    file=frame.file,
                    quality=frame.quality,
                    novelty=frame.novelty,
                    shows={entity: Sighting(box=box) for entity, box in frame.shows.items()},
                )
                for frame in self.key_frames
            ),
            measures=self.measures,
        )

    def to_json(self) -> dict[str, FactValue]:
        """The survey as JSON."""
        return {
            "format": SURVEY_FORMAT,
            "shot_id": self.shot_id,
            "embeddings": [
                {
                    "kind": embedding.kind,
                    "entity": embedding.entity,
                    "encoder": embedding.encoder,
                    "vector": [round(number, 6) for number in embedding.vector],
                }
                for embedding in self.embeddings
            ],
            "key_frames": [
                {
                    "frame": frame.frame,
                    "file": frame.file,
                    "quality": round(frame.quality, 4),
                    "novelty": round(frame.novelty, 4),
                    "shows": {entity: {"box": [round(edge, 4) for edge in box]} for entity, box in frame.shows.items()},
                }
                for frame in self.key_frames
            ],
            "measures": dict(self.measures),
        }

    @classmethod
    def from_json(cls, data: object) -> Survey:
        """Inverse of `to_json`. Raises ValueError for another format or a value of another shape."""
        name = data.get("format") if isinstance(data, dict) else data
        if name != SURVEY_FORMAT:
            raise ValueError(f"expected {SURVEY_FORMAT}, found {name!r}")
        stored = _StoredSurvey.model_validate(data)
        return cls(
            shot_id=stored.shot_id,
            embeddings=tuple(
                EmbeddingRecord(kind=row.kind, entity=row.entity, encoder=row.encoder, vector=row.vector)
                for row in stored.embeddings
            ),
            key_frames=tuple(
                SurveyedFrame(
                    frame=row.frame,
                    file=row.file,
                    quality=row.quality,
                    novelty=row.novelty,
                    shows={entity: sighting.box for entity, sighting in row.shows.items()},
                )
                for row in stored.key_frames
            ),
            measures=stored.measures,
        )


class _StoredEmbedding(BaseModel):
    """A vector in the JSON of a survey."""

    kind: EmbeddingKind
    entity: str
    encoder: str
    vector: tuple[float, ...]


class _StoredSighting(BaseModel):
    """The place of an entity in a key frame in the JSON of a survey."""

    box: tuple[float, float, float, float]


class _StoredFrame(BaseModel):
    """A key frame in the JSON of a survey."""

    frame: int
    file: str
    quality: float
    novelty: float
    shows: dict[str, _StoredSighting]


class _StoredSurvey(BaseModel):
    """The JSON of a survey."""

    shot_id: str
    embeddings: list[_StoredEmbedding]
    key_frames: list[_StoredFrame]
    measures: dict[str, JsonValue]


def survey_version() -> str:
    """The version of surveys. Changes whenever the same take and speech would be surveyed differently."""
    from episodic.quality.voice import VOICE_ENCODER

    return "+".join([_SURVEY_VERSION, LOOK_ENCODER, VOICE_ENCODER, LIGHT_METHOD, PALETTE_METHOD, KEY_FRAME_METHOD])


def survey_take(
    backbone: Backbone,
    request: ShotRequest,
    take: Take,
    speech: Sequence[tuple[str, Float32[np.ndarray, " _"]]],
    folder: Path,
) -> Survey:
    """Measure one take and write its key frames into `folder` as PNG.

    `speech`: the speaker and samples (48 kHz) of each line, in the order of the request's cues. Raises OSError if a picture cannot be written.
    """
    frames = candidate_frames(request.frames, request.fps)
    sights = list(backbone.observe(request, take, frames, PICTURE_PX))
    measures: dict[str, FactValue] = {
        "light": light_of_take(sights).to_json(),
        "palette": palette_of([sight.picture for sight in sights]).to_json(),
    }
    return Survey(
        shot_id=request.shot_id,
        embeddings=(*looks_of(sights), *_backbone_embeddings(request, take, sights), *_voices(request, speech)),
        key_frames=tuple(_key_frames(sights, folder)),
        measures=measures,
    )


def _embedding(kind: EmbeddingKind, entity: str, vector: Float[np.ndarray, " number"], encoder: str) -> EmbeddingRecord:
    """The vector as a record, to six decimals."""
    return EmbeddingRecord(kind=kind, entity=entity, vector=tuple(round(float(number), 6) for number in vector), encoder=encoder)


def looks_of(sights: Sequence[Sight]) -> list[EmbeddingRecord]:
    """One look vector for each visible entity: the mean over the frames that show enough of it.

    A mask that covers the whole picture says nothing about where its entity is, so the entity has no vector from it.
    """
    encoder = load_look_encoder()
    records = []
    for entity in dict.fromkeys(name for sight in sights for name in sight.masks):
        areas = [_located_area(sight, entity) for sight in sights]
        enough = [sight for sight, area in zip(sights, areas, strict=True) if area > 0 and area >= _LEAST_SHARE * max(areas)]
        encoded = [encoder.encode(sight.picture, sight.masks[entity], white_of(sight)) for sight in enough]
        vectors = [vector for vector in encoded if vector is not None]
        if vectors:
            mean = np.mean(vectors, axis=0)
            records.append(_embedding("look", entity, mean / max(float(np.linalg.norm(mean)), 1e-9), LOOK_ENCODER))
    return records


def _located_area(sight: Sight, entity: str) -> int:
    """The number of pixels of an entity; 0 for one that is not in the picture or whose mask covers all of it."""
    mask = sight.masks.get(entity)
    return 0 if mask is None or mask.all() else int(mask.sum())


def _backbone_embeddings(request: ShotRequest, take: Take, sights: Sequence[Sight]) -> list[EmbeddingRecord]:
    """Vectors of movement and of the place's light, if the backbone has an encoder for them."""
    encoder = str(take.notes.get("encoder", ""))
    if not encoder:
        return []
    visible = {entity for sight in sights for entity, mask in sight.masks.items() if mask.any()}
    rows = take.arrays.get("motion_embedding", np.zeros((0, 0), np.float32))
    records = [
        _embedding("motion", performer.id, row, f"{encoder}-motion")
        for performer, row in zip(request.performers, rows, strict=False)
        if performer.id in visible
    ]
    light = take.arrays.get("light_embedding")
    if light is not None:
        records.append(_embedding("light", request.setting.location, light, f"{encoder}-light"))
    return records


def _voices(request: ShotRequest, speech: Sequence[tuple[str, Float32[np.ndarray, " _"]]]) -> list[EmbeddingRecord]:
    """One vector for each speaker, over all its lines in the take. The narrator is not a character and has none."""
    from episodic.quality.voice import VOICE_ENCODER, voice_of_lines

    lines: dict[str, list[tuple[Float32[np.ndarray, " _"], Emotion | None]]] = {}
    for (speaker, samples), cue in itertools.zip_longest(speech, request.speech[: len(speech)]):
        if speaker != NARRATOR and np.abs(samples).max(initial=0) > _SILENT:
            emotion = cue.emotion if cue is not None and cue.speaker == speaker else None
            lines.setdefault(speaker, []).append((samples, emotion))
    return [_embedding("voice", speaker, voice_of_lines(spoken), VOICE_ENCODER) for speaker, spoken in lines.items()]


def _key_frames(sights: Sequence[Sight], folder: Path) -> list[SurveyedFrame]:
    """Choose the key frames and write their pictures into `folder`."""
    frames = []
    for chosen in choose_key_frames(sights):
        sight = sights[chosen.index]
        name = f"frame-{sight.frame:05d}.png"
        (folder / name).write_bytes(_png(sight.picture))
        frames.append(
            SurveyedFrame(frame=sight.frame, file=name, quality=chosen.quality, novelty=chosen.novelty, shows=boxes_of(sight))
        )
    return frames


def _png(picture: UInt8[np.ndarray, "height width 3"]) -> bytes:
    """Encode a picture as PNG (ISO 15948) with row differences and fast compression: four times as fast as Skia."""
    height, width = picture.shape[:2]
    rows = np.empty((height, 1 + 3 * width), np.uint8)
    rows[:, 0] = 2
    flat = picture.reshape(height, -1)
    rows[0, 1:] = flat[0]
    np.subtract(flat[1:], flat[:-1], out=rows[1:, 1:])
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 1)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in parts
    )


def write_survey(folder: Path, survey: Survey) -> None:
    """Store a survey beside its key frames."""
    (folder / SURVEY_FILE).write_text(json.dumps(survey.to_json(), indent=1) + "\n", "utf-8")


def read_survey(folder: Path) -> Survey:
    """Read a stored survey. Raises ValueError for another format, OSError if there is none."""
    return Survey.from_json(json.loads((folder / SURVEY_FILE).read_text("utf-8")))
