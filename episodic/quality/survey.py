"""The survey of a take: what it shows and lets hear, measured, before memory takes it in. Format `episodic/survey@1`.

Per visible performer how it looks and moves, per speaker how the voice sounds, how the place is lit; key frames; light and palette.
"""

from __future__ import annotations

import itertools
import json
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float, Float32, UInt8

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Sight, Take
from episodic.quality.key_frames import KEY_FRAME_METHOD, boxes_of, candidate_frames, choose_key_frames
from episodic.quality.light import LIGHT_METHOD, light_of_take, white_of
from episodic.quality.look import LOOK_ENCODER, load_look_encoder
from episodic.quality.palette import PALETTE_METHOD, palette_of
from memory.model.facts import FactValue
from memory.model.records import EmbeddingRecord, KeyFrame, Sighting, TakeRecord
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
PICTURE_PX: Final = 480
"""Height of a key frame."""
_SURVEY_VERSION: Final = "3"
_LEAST_SHARE: Final = 0.15
"""A frame in which a performer fills less than this share of what it fills at most says little of its look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SurveyedFrame:
    """A key frame of a surveyed take. `file` lies beside the survey."""

    frame: int
    file: str
    quality: float
    novelty: float
    shows: Mapping[str, tuple[float, float, float, float]]
    """Who is where: left, top, right, bottom as shares of the picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What was measured on one take."""

    shot_id: str
    embeddings: tuple[EmbeddingRecord, ...] = ()
    key_frames: tuple[SurveyedFrame, ...] = ()
    measures: Mapping[str, FactValue]

    def record(self, *, take: str, survey: str, seed: int) -> TakeRecord:
        """What memory keeps of it, not yet verified. `take` and `survey` are the keys of the two artifacts."""
        return TakeRecord(
            shot_id=self.shot_id,
            artifact=take,
            seed=seed,
            embeddings=self.embeddings,
            key_frames=tuple(
                KeyFrame(
                    frame=one.frame,
                    artifact=survey,
                    file=one.file,
                    quality=one.quality,
                    novelty=one.novelty,
                    shows={who: Sighting(box=box) for who, box in one.shows.items()},
                )
                for one in self.key_frames
            ),
            measures=self.measures,
        )

    def to_json(self) -> dict[str, Any]:
        """The survey as JSON."""
        return {
            "format": SURVEY_FORMAT,
            "shot_id": self.shot_id,
            "embeddings": [
                {"kind": one.kind, "entity": one.entity, "encoder": one.encoder, "vector": [round(v, 6) for v in one.vector]}
                for one in self.embeddings
            ],
            "key_frames": [
                {
                    "frame": one.frame,
                    "file": one.file,
                    "quality": round(one.quality, 4),
                    "novelty": round(one.novelty, 4),
                    "shows": {who: {"box": [round(v, 4) for v in box]} for who, box in one.shows.items()},
                }
                for one in self.key_frames
            ],
            "measures": dict(self.measures),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Survey:
        """Inverse of `to_json`. Raises ValueError for another format, KeyError for a damaged one."""
        if data.get("format") != SURVEY_FORMAT:
            raise ValueError(f"expected {SURVEY_FORMAT}, found {data.get('format')!r}")
        frames = []
        for one in data["key_frames"]:
            shows = {who: tuple(float(v) for v in seen["box"]) for who, seen in one["shows"].items()}
            boxes = {who: (box[0], box[1], box[2], box[3]) for who, box in shows.items()}
            rest = {name: one[name] for name in ("frame", "file", "quality", "novelty")}
            frames.append(SurveyedFrame(**rest, shows=boxes))
        return cls(
            shot_id=data["shot_id"],
            embeddings=tuple(EmbeddingRecord(**{**one, "vector": tuple(one["vector"])}) for one in data["embeddings"]),
            key_frames=tuple(frames),
            measures=data["measures"],
        )


def survey_version() -> str:
    """Changes whenever the same take and speech would be surveyed otherwise."""
    from episodic.quality.voice import VOICE_ENCODER

    return "+".join([_SURVEY_VERSION, LOOK_ENCODER, VOICE_ENCODER, LIGHT_METHOD, PALETTE_METHOD, KEY_FRAME_METHOD])


def survey_take(
    backbone: Backbone,
    request: ShotRequest,
    take: Take,
    speech: Sequence[tuple[str, Float32[np.ndarray, " _"]]],
    folder: Path,
) -> Survey:
    """Measure one take. `speech`: each line's speaker and samples at 48 kHz, in the order of the request's cues. Key frames are
    written into `folder` as PNG.

    Raises OSError where a picture cannot be written.
    """
    frames = candidate_frames(request.frames, request.fps)
    sights = list(backbone.observe(request, take, frames, PICTURE_PX))
    measures: dict[str, FactValue] = {
        "light": light_of_take(sights).to_json(),
        "palette": palette_of([one.picture for one in sights]).to_json(),
    }
    return Survey(
        shot_id=request.shot_id,
        embeddings=(*looks_of(sights), *_of_backbone(request, take, sights), *_voices(request, speech)),
        key_frames=tuple(_key_frames(sights, folder)),
        measures=measures,
    )


def _record(kind: Any, entity: str, vector: Float[np.ndarray, " number"], encoder: str) -> EmbeddingRecord:
    return EmbeddingRecord(kind=kind, entity=entity, vector=tuple(round(float(v), 6) for v in vector), encoder=encoder)


def looks_of(sights: Sequence[Sight]) -> list[EmbeddingRecord]:
    """One vector for everybody who can be seen: the mean of the frames that show enough of them. Whose mask is the whole picture may be
    anywhere in it or nowhere, and has none."""
    encoder = load_look_encoder()
    found = []
    for who in dict.fromkeys(name for one in sights for name in one.masks):
        areas = [0 if who not in one.masks or one.masks[who].all() else int(one.masks[who].sum()) for one in sights]
        enough = [one for one, area in zip(sights, areas, strict=True) if area > 0 and area >= _LEAST_SHARE * max(areas)]
        vectors = [encoder.encode(one.picture, one.masks[who], white_of(one)) for one in enough]
        known = [one for one in vectors if one is not None]
        if known:
            mean = np.mean(known, axis=0)
            found.append(_record("look", who, mean / max(float(np.linalg.norm(mean)), 1e-9), LOOK_ENCODER))
    return found


def _of_backbone(request: ShotRequest, take: Take, sights: Sequence[Sight]) -> list[EmbeddingRecord]:
    """How performers move and how the place is lit, where the backbone has an eye for it."""
    encoder = str(take.notes.get("encoder", ""))
    if not encoder:
        return []
    visible = {who for one in sights for who, mask in one.masks.items() if mask.any()}
    rows = take.arrays.get("motion_embedding", np.zeros((0, 0), np.float32))
    found = [
        _record("motion", one.id, row, f"{encoder}-motion")
        for one, row in zip(request.performers, rows, strict=False)
        if one.id in visible
    ]
    light = take.arrays.get("light_embedding")
    if light is not None:
        found.append(_record("light", request.setting.location, light, f"{encoder}-light"))
    return found


def _voices(request: ShotRequest, speech: Sequence[tuple[str, Float32[np.ndarray, " _"]]]) -> list[EmbeddingRecord]:
    """One vector per speaker, of all that is said in the take. The narrator is nobody in the story."""
    from episodic.quality.voice import VOICE_ENCODER, voice_of_lines

    lines: dict[str, list[tuple[Float32[np.ndarray, " _"], Emotion | None]]] = {}
    for (who, samples), cue in itertools.zip_longest(speech, request.speech[: len(speech)]):
        if who != NARRATOR and np.abs(samples).max(initial=0) > _SILENT:
            emotion = cue.emotion if cue is not None and cue.speaker == who else None
            lines.setdefault(who, []).append((samples, emotion))
    return [_record("voice", who, voice_of_lines(spoken), VOICE_ENCODER) for who, spoken in lines.items()]


def _key_frames(sights: Sequence[Sight], folder: Path) -> list[SurveyedFrame]:
    found = []
    for chosen in choose_key_frames(sights):
        sight = sights[chosen.index]
        name = f"frame-{sight.frame:05d}.png"
        (folder / name).write_bytes(_png(sight.picture))
        found.append(
            SurveyedFrame(frame=sight.frame, file=name, quality=chosen.quality, novelty=chosen.novelty, shows=boxes_of(sight))
        )
    return found


def _png(picture: UInt8[np.ndarray, "height width 3"]) -> bytes:
    """PNG (ISO 15948), every row stored as its difference to the one above and deflated quickly: four times as fast as skia's."""
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
    """Read a stored survey. Raises ValueError for another format."""
    return Survey.from_json(json.loads((folder / SURVEY_FILE).read_text("utf-8")))
