"""The judge of a take: compares it with memory and with its request, criterion by criterion. Format `episodic/verdict@1`.

| criterion | compared with | measured by |
|---|---|---|
| identity | look vectors of verified references of every character in the shot | `look`, identified among all as in `verify` |
| light | earlier surveys of the place at the same time of day in the same weather: light and palette | `light`, `palette` |
| motion | the movement in the previsualisation, or the marks | `motion_agreement` |
| sync | the movement of the jaw in the request's speech | `sync` |
| technical | nothing: NaN, black, burnt out, frozen and flickering pictures | `technical` |

A criterion that cannot be measured is absent, with the reason; it never counts as passed.

Thresholds and limits were set by hand on takes of `stage` with planted faults (`judge_calibration --seed 1`), and then measured on
another series (`--shots 14 --seed 3`). Of 14 good takes, identity passed 14, light 14, motion 14 (12 where characters cross the set),
technical 14, sync 12 (lips are lost on heads that turn, or that walk through a close shot). Of 14 takes with a fault, these passed: another
character's look 1, another time of day 0, key from the other side 0, frozen 0, trembling 0, shaken camera 0, walks instead of staying 3
(close shots that follow), stays instead of crossing 1, lips 170 ms late 1, 330 ms late 0, another line 2, shut mouth 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
from pydantic import BaseModel, Field, JsonValue

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Sight, Take
from episodic.quality.key_frames import candidate_frames
from episodic.quality.light import MeasuredLight, ambient_difference, direction_difference, light_of_take
from episodic.quality.look import LOOK_ENCODER
from episodic.quality.motion_agreement import (
    MOTION_PX,
    Agreement,
    Movement,
    agreement_with_marks,
    agreement_with_movement,
    moments,
    movements_of,
)
from episodic.quality.palette import Palette, palette_difference, palette_of
from episodic.quality.survey import PICTURE_PX, looks_of
from episodic.quality.sync import SYNC_PX, jaw_movement, lip_sync, speech_frames
from episodic.quality.technical import Fault, faults_of
from episodic.quality.verify import LOOK_THRESHOLD, TWINS, References
from memory.model.facts import FactValue
from memory.model.records import EmbeddingRecord

__all__ = [
    "BROKEN",
    "CRITERIA",
    "JUDGE_VERSION",
    "VERDICT_FORMAT",
    "Criterion",
    "CriterionResult",
    "PlaceSurvey",
    "Remembered",
    "Verdict",
    "judge_take",
]

VERDICT_FORMAT: Final = "episodic/verdict@1"
JUDGE_VERSION: Final = "2"
"""Changes whenever the same take and memory would be judged differently."""
Criterion = Literal["identity", "light", "motion", "sync", "technical"]
CRITERIA: Final[tuple[Criterion, ...]] = get_args(Criterion)
FLOOR: Final = 0.35
"""The score below which a take fails."""
BROKEN: Final = 0.2
"""The level below which a single criterion makes a take fail."""
_AMBIENT: Final = 5.0
"""Limit of the difference in ambient light at one place and time of day, CIEDE2000."""
_DIRECTION_DEG: Final = 25.0
"""Limit of the difference in the direction of the key light."""
_PALETTE: Final = 16.0
"""Limit of the difference between palettes, CIEDE2000; wide, as other characters and another framing change a palette too."""
_SYNC_GAIN: Final = 0.5
"""Correlation beyond chance that counts as perfect sync."""
_IN_SYNC: Final = 0.4
"""The least value that passes as sync."""
_OUT_OF_TIME: Final = 0.3
"""Factor on the value of sync if the speech fits better with a shift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceSurvey:
    """The light and palette of a place as an earlier take showed it, in the JSON of its survey."""

    at: str
    """Story position and shot of the take."""
    light: Mapping[str, FactValue]
    """JSON of a `MeasuredLight`."""
    palette: Sequence[FactValue]
    """JSON of a `Palette`."""

    def to_json(self) -> dict[str, FactValue]:
        """The survey as JSON."""
        return {"at": self.at, "light": dict(self.light), "palette": list(self.palette)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """The contents of memory that a judge compares a take of a shot with."""

    encoder: str = LOOK_ENCODER
    """The encoder of the look vectors."""
    looks: Mapping[str, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    """Verified look vectors by entity: of the entities in the shot, and of others that they could be mistaken for."""
    changed: tuple[str, ...] = ()
    """Entities whose look the story has changed since memory last saw them."""
    lights: tuple[PlaceSurvey, ...] = ()
    """Surveys of the place at this time of day in this weather."""

    def to_json(self) -> dict[str, FactValue]:
        """The contents as JSON."""
        return {
            "encoder": self.encoder,
            "looks": {entity: [list(vector) for vector in vectors] for entity, vectors in self.looks.items()},
            "changed": list(self.changed),
            "lights": [survey.to_json() for survey in self.lights],
        }

    @classmethod
    def from_json(cls, data: object) -> Remembered:
        """Inverse of `to_json`. Raises ValueError for a value of another shape."""
        stored = _StoredMemory.model_validate(data)
        return cls(
            encoder=stored.encoder,
            looks=stored.looks,
            changed=stored.changed,
            lights=tuple(PlaceSurvey(at=survey.at, light=survey.light, palette=survey.palette) for survey in stored.lights),
        )


class _StoredPlaceSurvey(BaseModel):
    """The JSON of `PlaceSurvey`."""

    at: str
    light: dict[str, JsonValue]
    palette: list[JsonValue]


class _StoredMemory(BaseModel):
    """The JSON of `Remembered`."""

    encoder: str
    looks: dict[str, tuple[tuple[float, ...], ...]]
    changed: tuple[str, ...]
    lights: tuple[_StoredPlaceSurvey, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """The result of one criterion of a verdict."""

    criterion: Criterion
    value: float
    """0..1, in the criterion's own measure."""
    threshold: float
    """The least value that passes."""
    against: str
    """The reference that the take was compared with, in words."""
    measured: str = ""
    """The measurement in words; `found` in JSON."""

    @property
    def passed(self) -> bool:
        """Whether the value reaches the threshold."""
        return self.value >= self.threshold

    @property
    def level(self) -> float:
        """The value on a scale common to all criteria: 0.5 at the threshold, at most 1."""
        if self.value < self.threshold:
            return 0.5 * max(self.value, 0.0) / self.threshold
        return 0.5 + 0.5 * (min(self.value, 1.0) - self.threshold) / (1 - self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judge's verdict on one take."""

    shot_id: str
    seed: int
    results: tuple[CriterionResult, ...]
    """The criteria that could be measured; `judged` in JSON."""
    absent: Mapping[Criterion, str] = field(default_factory=dict)
    """The criteria that could not be measured, each with the reason."""

    @property
    def score(self) -> float:
        """The geometric mean of all levels, so that a good criterion cannot compensate for a bad one; 0 if nothing was measured."""
        levels = [max(result.level, 0.02) for result in self.results]
        return math.exp(sum(math.log(level) for level in levels) / len(levels)) if levels else 0.0

    @property
    def passed(self) -> bool:
        """Whether every measured criterion passed; False if none was measured."""
        return bool(self.results) and all(result.passed for result in self.results)

    @property
    def failure(self) -> str:
        """The reason not to use the take if there is another; empty if the judge has none."""
        worst = min(self.results, key=lambda result: result.level, default=None)
        broken = next((result for result in self.results if result.criterion == "technical" and not result.passed), None)
        if broken is None and worst is not None and (worst.level < BROKEN or self.score < FLOOR):
            broken = worst
        return "" if broken is None else f"{broken.criterion}: {broken.measured}, compared with {broken.against}"

    def of(self, criterion: Criterion) -> CriterionResult | None:
        """The result of one criterion; None if it is absent."""
        return next((result for result in self.results if result.criterion == criterion), None)

    def to_json(self) -> dict[str, FactValue]:
        """The verdict as JSON, with the score."""
        return {
            "format": VERDICT_FORMAT,
            "shot_id": self.shot_id,
            "seed": self.seed,
            "score": round(self.score, 4),
            "judged": {
                result.criterion: {
                    "value": round(result.value, 4),
                    "threshold": result.threshold,
                    "against": result.against,
                    "found": result.measured,
                }
                for result in self.results
            },
            "absent": {str(criterion): reason for criterion, reason in self.absent.items()},
        }

    @classmethod
    def from_json(cls, data: object) -> Verdict:
        """Inverse of `to_json`. Raises ValueError for another format or a value of another shape."""
        name = data.get("format") if isinstance(data, dict) else data
        if name != VERDICT_FORMAT:
            raise ValueError(f"expected {VERDICT_FORMAT}, found {name!r}")
        stored = _StoredVerdict.model_validate(data)
        results = {
            criterion: CriterionResult(
                criterion=criterion,
                value=result.value,
                threshold=result.threshold,
                against=result.against,
                measured=result.measured,
            )
            for criterion, result in stored.judged.items()
        }
        return cls(
            shot_id=stored.shot_id,
            seed=stored.seed,
            results=tuple(results[criterion] for criterion in CRITERIA if criterion in results),
            absent=stored.absent,
        )


class _StoredResult(BaseModel):
    """One judged criterion in the JSON of a verdict."""

    value: float
    threshold: float
    against: str
    measured: str = Field(alias="found", default="")


class _StoredVerdict(BaseModel):
    """The JSON of a verdict, without its score, which follows from the rest."""

    shot_id: str
    seed: int
    judged: dict[Criterion, _StoredResult]
    absent: dict[Criterion, str]


def judge_take(
    backbone: Backbone,
    request: ShotRequest,
    take: Take,
    memory: Remembered,
    previs: Take | None = None,
    *,
    criteria: Collection[Criterion] = CRITERIA,
) -> Verdict:
    """Judge one take by its pictures. Deterministic.

    `request`: as the take was shot. `previs`: the previsualisation, a take of `stage` for the same request. `criteria`: the criteria to
    judge by; the verdict omits the others. Raises BackboneError if the take cannot be developed.
    """
    watch = _Watch(backbone, request, take)
    stills: list[Sight] = []
    close: dict[int, Sight] = {}
    if "identity" in criteria or "light" in criteria:
        stills += map(
            _with_located_masks, backbone.observe(request, take, candidate_frames(request.frames, request.fps), PICTURE_PX)
        )
    if "motion" in criteria or "technical" in criteria:
        close |= watch.moments()
    measures: Mapping[Criterion, Callable[[], CriterionResult | str]] = {
        "identity": lambda: _identity(stills, memory),
        "light": lambda: _light(stills, memory),
        "motion": lambda: _motion(watch, close, previs),
        "sync": lambda: _sync(watch),
        "technical": lambda: _technical(watch, close),
    }
    outcomes = {criterion: measures[criterion]() for criterion in CRITERIA if criterion in criteria}
    return Verdict(
        shot_id=request.shot_id,
        seed=request.seed,
        results=tuple(outcome for outcome in outcomes.values() if isinstance(outcome, CriterionResult)),
        absent={criterion: outcome for criterion, outcome in outcomes.items() if isinstance(outcome, str)},
    )


class _Watch:
    """Observes the frames of a take at the rate at which it was sampled, which may be lower than that of the film."""

    def __init__(self, backbone: Backbone, request: ShotRequest, take: Take, like: _Watch | None = None) -> None:
        self._backbone, self.request, self.take = backbone, request, take
        sampled = request.fps if take.footage is None else take.footage.fps
        self.fps: int = min(request.fps, sampled) if like is None else like.fps
        self.frames = request.frames * self.fps // request.fps

    def observe(self, frames: Iterable[int], height_px: int) -> list[Sight]:
        """Sights of frames, numbered as sampled."""
        in_film = [min(self.request.frames - 1, round(frame * self.request.fps / self.fps)) for frame in frames]
        return [_with_located_masks(sight) for sight in self._backbone.observe(self.request, self.take, in_film, height_px)]

    def moments(self) -> dict[int, Sight]:
        """The sights that movement is measured on, by frame."""
        frames = sorted({frame for moment in moments(self.frames) for frame in moment})
        return dict(zip(frames, self.observe(frames, MOTION_PX), strict=True))


def _with_located_masks(sight: Sight) -> Sight:
    """Drop masks that cover the whole frame; they carry no position."""
    return replace(sight, masks={entity: mask for entity, mask in sight.masks.items() if not mask.all()})


class _Likeness(NamedTuple):
    """How like its own references an entity is. The least of several is the worst."""

    value: float
    """0..1; below the threshold if the entity is more like another."""
    entity: str
    words: str


def _identity(stills: Sequence[Sight], memory: Remembered) -> CriterionResult | str:
    """The least likeness of a visible entity to its own references."""
    looks = {record.entity: record for record in looks_of(stills)}
    if not looks:
        return "no character is visible well enough"
    if memory.encoder != LOOK_ENCODER:
        return f"memory's vectors were written by {memory.encoder}, the take's by {LOOK_ENCODER}"
    references = References()
    for entity, vectors in memory.looks.items():
        references.add("look", LOOK_ENCODER, [entity] * len(vectors), vectors)
    known = [entity for entity in looks if entity in memory.looks and entity not in memory.changed]
    if not known:
        changed = [entity for entity in looks if entity in memory.changed]
        return (
            f"{', '.join(changed)}: changed by the story since" if changed else "memory has not seen anybody in this shot before"
        )
    least = min(_likeness(looks[entity], references) for entity in known)
    return CriterionResult(
        criterion="identity",
        value=least.value,
        threshold=LOOK_THRESHOLD,
        against=f"the looks of {least.entity} in memory",
        measured=least.words,
    )


def _likeness(record: EmbeddingRecord, references: References) -> _Likeness:
    likenesses = references.likenesses(record)
    own = likenesses.pop(record.entity)
    nearest = max(likenesses, key=lambda entity: (likenesses[entity], entity), default="")
    if nearest and likenesses[nearest] > own + TWINS:
        # an entity that is mistaken for another fails, by the more the more it is like the other
        return _Likeness(
            max(0.0, LOOK_THRESHOLD - (likenesses[nearest] - own)),
            record.entity,
            f"more like {nearest} ({likenesses[nearest]:.2f}) than {own:.2f}",
        )
    return _Likeness(max(0.0, own), record.entity, f"likeness {own:.2f}")


def _light(stills: Sequence[Sight], memory: Remembered) -> CriterionResult | str:
    """The agreement with the most similar survey of the place."""
    if not memory.lights:
        return "memory has no survey of this place at this time of day"
    light, palette = light_of_take(stills), palette_of([sight.picture for sight in stills])
    agreements = []
    for survey in memory.lights:
        before = MeasuredLight.from_json(survey.light)
        if before.from_probe != light.from_probe:
            continue
        ambient = ambient_difference(light, before)
        turn = direction_difference(light, before) if light.from_probe else abs(light.azimuth_deg - before.azimuth_deg)
        colours = palette_difference(palette, Palette.from_json(survey.palette))
        value = min(_closeness(ambient / _AMBIENT), _closeness(turn / _DIRECTION_DEG), _closeness(colours / _PALETTE))
        words = f"ambient {ambient:.1f} dE00, key {turn:.0f} degrees, palette {colours:.1f} dE00 away"
        agreements.append((value, survey.at, words))
    if not agreements:
        return "the earlier surveys of the place were measured by another method"
    value, at, words = max(agreements)
    return CriterionResult(
        criterion="light", value=value, threshold=0.5, against=f"the survey of the place in {at}", measured=words
    )


def _closeness(ratio: float) -> float:
    """1 without a difference, 0.5 at the limit. `ratio`: difference to limit."""
    return 1 / (1 + ratio * ratio)


def _motion(watch: _Watch, close: Mapping[int, Sight], previs: Take | None) -> CriterionResult | str:
    """The least agreement of a visible performer."""
    request = watch.request
    movements = movements_of(close, watch.frames, watch.fps)
    if not movements:
        return "nobody is visible for long enough, or it is not known who is where"
    planned = _movements_of_previs(watch, previs)
    performers = {performer.id: performer for performer in request.performers}
    agreements: dict[str, Agreement] = {}
    for entity, movement in movements.items():
        if entity in planned:
            agreements[entity] = agreement_with_movement(movement, planned[entity], request)
        elif entity in performers:
            agreements[entity] = agreement_with_marks(movement, performers[entity], request)
    if not agreements:
        return "nobody who is visible is in the request"
    entity = min(agreements, key=lambda entity: (agreements[entity].value, entity))
    worst = agreements[entity]
    return CriterionResult(
        criterion="motion", value=worst.value, threshold=0.5, against=f"{entity}: {worst.against}", measured=worst.measured
    )


def _movements_of_previs(watch: _Watch, previs: Take | None) -> dict[str, Movement]:
    if previs is None:
        return {}
    from episodic.backbones.stage.backbone import Stage

    previs_watch = _Watch(Stage(), watch.request, previs, like=watch)
    return movements_of(previs_watch.moments(), previs_watch.frames, previs_watch.fps)


def _sync(watch: _Watch) -> CriterionResult | str:
    """The sync of the speaker whose lips follow the speech worst."""
    request = watch.request
    performers = {performer.id for performer in request.performers}
    speakers = dict.fromkeys(cue.speaker for cue in request.speech if cue.speaker in performers)
    if not speakers:
        return "nobody in the shot speaks"
    results: list[CriterionResult] = []
    reason = "the speech is too short to judge"
    for speaker in speakers:
        frames = speech_frames(request.speech, speaker, watch.frames, watch.fps)
        if not frames:
            continue
        jaw = jaw_movement(request.speech, speaker, frames, watch.fps)
        sync = lip_sync(watch.observe(frames, SYNC_PX), speaker, jaw, watch.fps)
        if isinstance(sync, str):
            reason = sync
            continue
        words = f"correlation {sync.near:.2f}, by chance {sync.chance:.2f}; fits best {sync.offset_s * 1000:+.0f} ms"
        value = float(np.clip(sync.gain / _SYNC_GAIN, 0, 1)) * (1 if sync.in_time else _OUT_OF_TIME)
        results.append(
            CriterionResult(criterion="sync", value=value, threshold=_IN_SYNC, against=f"the speech of {speaker}", measured=words)
        )
    return min(results, key=lambda result: result.value) if results else reason


def _technical(watch: _Watch, close: Mapping[int, Sight]) -> CriterionResult | str:
    """The worst technical fault."""
    faults = list(_faults(watch, close))
    if not faults:
        return "the take is too short"
    worst = min(faults, key=lambda fault: fault.value)
    return CriterionResult(
        criterion="technical", value=worst.value, threshold=0.5, against="a faultless picture", measured=worst.measured
    )


def _faults(watch: _Watch, close: Mapping[int, Sight]) -> Iterator[Fault]:
    for name, array in sorted(watch.take.arrays.items()):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            share = float(np.mean(~np.isfinite(array)))
            yield Fault(kind="not a number", value=0.0, measured=f"{share:.1%} of the take's {name} is not a number")
    yield from faults_of([[close[frame].picture for frame in moment] for moment in moments(watch.frames)])
