"""The judge of a take: how well it keeps to memory and to what was asked, criterion by criterion. Format `episodic/verdict@1`.

| criterion | held against | measured by |
|---|---|---|
| identity | look vectors of verified references of everybody in the shot | `look`, right person among all as in `verify` |
| light | the light and palette of the place, as surveyed before at the same time and in the same weather | `light`, `palette` |
| motion | the previsualisation's movement, or the marks | `motion_agreement` |
| sync | the jaw's movement in the speech that was handed over | `sync` |
| technical | nothing: NaN, black, burnt out, frozen and flickering pictures | `technical` |

A criterion that cannot be measured is absent, with the reason; it is never taken to be good.

Thresholds and limits were set by hand on takes of `stage` with planted faults (`judge_calibration --seed 1`), and then measured on
another series (`--shots 14 --seed 3`): of 14 good takes identity passed 14, light 14, motion 14 (12 where they cross the set), technical
14, sync 12 (lips are lost on heads that turn or walk through a close shot). Of 14 takes with a fault these passed: another
character's look 1, another time of day 0, key from the other side 0, frozen 0, trembling 0, shaken camera 0, walks where it should
stay 3 (close shots that follow), stays where it should cross 1, lips 170 ms late 1, 330 ms late 0, another line 2, shut mouth 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, get_args

import numpy as np

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
from episodic.quality.verify import THRESHOLDS, TWINS, References
from memory.model.records import EmbeddingRecord

__all__ = [
    "BROKEN",
    "CRITERIA",
    "JUDGE_VERSION",
    "VERDICT_FORMAT",
    "Criterion",
    "Judged",
    "Remembered",
    "Verdict",
    "judge_take",
]

VERDICT_FORMAT: Final = "episodic/verdict@1"
JUDGE_VERSION: Final = "2"
"""Changes whenever the same take and memory would be judged otherwise."""
Criterion = Literal["identity", "light", "motion", "sync", "technical"]
CRITERIA: Final[tuple[Criterion, ...]] = get_args(Criterion)
FLOOR: Final = 0.35
"""A score below which a take has failed."""
BROKEN: Final = 0.2
"""A level below which one criterion alone makes a take fail."""
_AMBIENT: Final = 5.0
"""CIEDE2000 by which the ambient light of one place at one time of day may differ."""
_DIRECTION_DEG: Final = 25.0
_PALETTE: Final = 16.0
"""CIEDE2000 between palettes: other people and another framing change it too."""
_SYNC_GAIN: Final = 0.5
"""Correlation beyond chance that counts as perfect sync."""
_IN_SYNC: Final = 0.4
_OUT_OF_TIME: Final = 0.3
"""What is left of it where another shift fits better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What memory holds of who and what is in a shot, as far as a judge needs it."""

    encoder: str = LOOK_ENCODER
    """Who wrote the vectors."""
    looks: Mapping[str, tuple[tuple[float, ...], ...]] = field(default_factory=dict)
    """Verified look vectors by entity, of those in the shot and of those they might be taken for."""
    changed: tuple[str, ...] = ()
    """Whose look the story has changed since."""
    lights: tuple[Mapping[str, Any], ...] = ()
    """Surveys of the place at this time of day and in this weather: `light`, `palette`, and `at`, where in the story."""

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "encoder": self.encoder,
            "looks": {who: [list(one) for one in rows] for who, rows in self.looks.items()},
            "changed": list(self.changed),
            "lights": [dict(one) for one in self.lights],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Remembered:
        """Inverse of `to_json`. Raises KeyError for what is not one."""
        return cls(
            encoder=str(data["encoder"]),
            looks={who: tuple(tuple(float(v) for v in one) for one in rows) for who, rows in data["looks"].items()},
            changed=tuple(data["changed"]),
            lights=tuple(data["lights"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One criterion of a verdict."""

    criterion: Criterion
    value: float
    """0..1, in the criterion's own measure."""
    threshold: float
    """The least value that passes."""
    against: str
    """What it was held against."""
    found: str = ""
    """What was measured, in words."""

    @property
    def passed(self) -> bool:
        """Whether it is good enough."""
        return self.value >= self.threshold

    @property
    def level(self) -> float:
        """The value on a scale that all criteria share: 0.5 at the threshold."""
        if self.value < self.threshold:
            return 0.5 * max(self.value, 0.0) / self.threshold
        return 0.5 + 0.5 * (min(self.value, 1.0) - self.threshold) / (1 - self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the judge says of one take."""

    shot_id: str
    seed: int
    judged: tuple[Judged, ...]
    absent: Mapping[Criterion, str] = field(default_factory=dict)
    """Criteria that could not be measured, and why."""

    @property
    def score(self) -> float:
        """The geometric mean of all levels, none of which makes up for another that is missing; 0 where nothing was measured."""
        levels = [max(one.level, 0.02) for one in self.judged]
        return math.exp(sum(math.log(one) for one in levels) / len(levels)) if levels else 0.0

    @property
    def passed(self) -> bool:
        """Whether everything that could be measured is good enough; False where nothing could."""
        return bool(self.judged) and all(one.passed for one in self.judged)

    @property
    def failure(self) -> str:
        """Why the take must not be used if there is another; empty: it may, or nothing is known against it."""
        worst = min(self.judged, key=lambda one: one.level, default=None)
        broken = next((one for one in self.judged if one.criterion == "technical" and not one.passed), None)
        if broken is None and worst is not None and (worst.level < BROKEN or self.score < FLOOR):
            broken = worst
        return "" if broken is None else f"{broken.criterion}: {broken.found}, held against {broken.against}"

    def of(self, criterion: Criterion) -> Judged | None:
        """One criterion; None where it is absent."""
        return next((one for one in self.judged if one.criterion == criterion), None)

    def to_json(self) -> dict[str, Any]:
        """As JSON, with the score."""
        return {
            "format": VERDICT_FORMAT,
            "shot_id": self.shot_id,
            "seed": self.seed,
            "score": round(self.score, 4),
            "judged": {
                one.criterion: {
                    "value": round(one.value, 4), "threshold": one.threshold, "against": one.against, "found": one.found,
                }
                for one in self.judged
            },
            "absent": dict(self.absent),
        }  # fmt: skip

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Verdict:
        """Inverse of `to_json`. Raises ValueError for another format, KeyError for a damaged one."""
        if data.get("format") != VERDICT_FORMAT:
            raise ValueError(f"expected {VERDICT_FORMAT}, found {data.get('format')!r}")
        judged = tuple(Judged(criterion=name, **data["judged"][name]) for name in CRITERIA if name in data["judged"])
        return cls(shot_id=data["shot_id"], seed=int(data["seed"]), judged=judged, absent=dict(data["absent"]))


def judge_take(
    backbone: Backbone,
    request: ShotRequest,
    take: Take,
    memory: Remembered,
    previs: Take | None = None,
    *,
    criteria: Collection[Criterion] = CRITERIA,
) -> Verdict:
    """Judge one take by what it shows. `request` as the take was shot. Deterministic.

    `previs`: the previsualisation, a take of `stage` for the same request. `criteria`: those to judge by; of the others nothing is
    said. Raises BackboneError where the take cannot be developed.
    """
    watch = _Watch(backbone, request, take)
    stills: list[Sight] = []
    close: dict[int, Sight] = {}
    if "identity" in criteria or "light" in criteria:
        stills += map(_told_apart, backbone.observe(request, take, candidate_frames(request.frames, request.fps), PICTURE_PX))
    if "motion" in criteria or "technical" in criteria:
        close |= watch.moments()
    every: Mapping[Criterion, Callable[[], Judged | str]] = {
        "identity": lambda: _identity(stills, memory),
        "light": lambda: _light(stills, memory),
        "motion": lambda: _motion(watch, close, previs),
        "sync": lambda: _sync(watch),
        "technical": lambda: _technical(watch, close),
    }
    found = {name: every[name]() for name in CRITERIA if name in criteria}
    return Verdict(
        shot_id=request.shot_id,
        seed=request.seed,
        judged=tuple(one for one in found.values() if isinstance(one, Judged)),
        absent={name: why for name, why in found.items() if isinstance(why, str)},
    )


class _Watch:
    """Looks at the frames of a take as it was sampled, which may be fewer than those of the film."""

    def __init__(self, backbone: Backbone, request: ShotRequest, take: Take, like: _Watch | None = None) -> None:
        self._backbone, self.request, self.take = backbone, request, take
        sampled = request.fps if take.footage is None else take.footage.fps
        self.fps: int = min(request.fps, sampled) if like is None else like.fps
        self.frames = request.frames * self.fps // request.fps

    def observe(self, frames: Iterable[int], height_px: int) -> list[Sight]:
        """Sights of frames, numbered as sampled."""
        wanted = [min(self.request.frames - 1, round(one * self.request.fps / self.fps)) for one in frames]
        return [_told_apart(one) for one in self._backbone.observe(self.request, self.take, wanted, height_px)]

    def moments(self) -> dict[int, Sight]:
        """All that movement is measured on."""
        wanted = sorted({frame for moment in moments(self.frames) for frame in moment})
        return dict(zip(wanted, self.observe(wanted, MOTION_PX), strict=True))


def _told_apart(sight: Sight) -> Sight:
    """Without masks that are all of the picture: they say that nobody knows who is where."""
    return replace(sight, masks={who: mask for who, mask in sight.masks.items() if not mask.all()})


def _identity(stills: Sequence[Sight], memory: Remembered) -> Judged | str:
    """The least likeness of anybody to their own references; less where somebody else is more like them."""
    seen = {one.entity: one for one in looks_of(stills)}
    if not seen:
        return "nobody can be seen well enough"
    if memory.encoder != LOOK_ENCODER:
        return f"memory's vectors were written by {memory.encoder}, the take's by {LOOK_ENCODER}"
    references = References()
    for who, rows in memory.looks.items():
        references.add("look", LOOK_ENCODER, [who] * len(rows), rows)
    known = [who for who in seen if who in memory.looks and who not in memory.changed]
    if not known:
        changed = [who for who in seen if who in memory.changed]
        return (
            f"{', '.join(changed)}: changed by the story since" if changed else "memory has not seen anybody in this shot before"
        )
    value, who, words = min(_likeness(seen[one], references) for one in known)
    return Judged(
        criterion="identity", value=value, threshold=THRESHOLDS["look"], against=f"what memory holds of {who}", found=words
    )


def _likeness(record: EmbeddingRecord, references: References) -> tuple[float, str, str]:
    found = references.likenesses(record)
    own = found.pop(record.entity)
    other = max(found, key=lambda one: (found[one], one), default="")
    if other and found[other] > own + TWINS:
        # whoever is taken for somebody else fails, the more the more like the other they are
        return (
            max(0.0, THRESHOLDS["look"] - (found[other] - own)),
            record.entity,
            f"more like {other} ({found[other]:.2f}) than {own:.2f}",
        )
    return max(0.0, own), record.entity, f"likeness {own:.2f}"


def _light(stills: Sequence[Sight], memory: Remembered) -> Judged | str:
    """The nearest of the place's surveys."""
    if not memory.lights:
        return "memory has no survey of this place at this time of day"
    light, palette = light_of_take(stills), palette_of([one.picture for one in stills])
    found = []
    for one in memory.lights:
        before = MeasuredLight.from_json(one["light"])
        if before.from_probe != light.from_probe:
            continue
        ambient = ambient_difference(light, before)
        turned = direction_difference(light, before) if light.from_probe else abs(light.azimuth_deg - before.azimuth_deg)
        apart = palette_difference(palette, Palette.from_json(one["palette"]))
        value = min(_near(ambient / _AMBIENT), _near(turned / _DIRECTION_DEG), _near(apart / _PALETTE))
        words = f"ambient {ambient:.1f} dE00, key {turned:.0f} degrees, palette {apart:.1f} dE00 away"
        found.append((value, str(one.get("at", "")), words))
    if not found:
        return "the place's earlier surveys were measured in another way"
    value, at, words = max(found)
    return Judged(criterion="light", value=value, threshold=0.5, against=f"the place's survey in {at}", found=words)


def _near(ratio: float) -> float:
    """1 at no difference, 0.5 at the limit."""
    return 1 / (1 + ratio * ratio)


def _motion(watch: _Watch, close: Mapping[int, Sight], previs: Take | None) -> Judged | str:
    """The least agreement of anybody who can be seen."""
    request = watch.request
    found = movements_of(close, watch.frames, watch.fps)
    if not found:
        return "nobody can be seen for long enough, or it is not known who is where"
    wanted = _movements_of_previs(watch, previs)
    people = {one.id: one for one in request.performers}
    said: list[tuple[str, Agreement]] = []
    for who, movement in found.items():
        if who in wanted:
            said.append((who, agreement_with_movement(movement, wanted[who], request)))
        elif who in people:
            said.append((who, agreement_with_marks(movement, people[who], request)))
    if not said:
        return "nobody who can be seen was asked for"
    who, worst = min(said, key=lambda one: (one[1].value, one[0]))
    return Judged(criterion="motion", value=worst.value, threshold=0.5, against=f"{who}: {worst.against}", found=worst.found)


def _movements_of_previs(watch: _Watch, previs: Take | None) -> dict[str, Movement]:
    if previs is None:
        return {}
    from episodic.backbones.stage.backbone import Stage

    rehearsed = _Watch(Stage(), watch.request, previs, like=watch)
    return movements_of(rehearsed.moments(), rehearsed.frames, rehearsed.fps)


def _sync(watch: _Watch) -> Judged | str:
    """The speaker whose lips follow the least well."""
    request = watch.request
    speakers = dict.fromkeys(cue.speaker for cue in request.speech if any(cue.speaker == one.id for one in request.performers))
    if not speakers:
        return "nobody in the shot speaks"
    found: list[Judged] = []
    why = "what is said is too short to tell"
    for who in speakers:
        frames = speech_frames(request.speech, who, watch.frames, watch.fps)
        if not frames:
            continue
        jaw = jaw_movement(request.speech, who, frames, watch.fps)
        measured = lip_sync(watch.observe(frames, SYNC_PX), who, jaw, watch.fps)
        if isinstance(measured, str):
            why = measured
            continue
        words = f"correlation {measured.near:.2f}, by chance {measured.chance:.2f}; fits best {measured.offset_s * 1000:+.0f} ms"
        value = float(np.clip(measured.gain / _SYNC_GAIN, 0, 1)) * (1 if measured.in_time else _OUT_OF_TIME)
        found.append(Judged(criterion="sync", value=value, threshold=_IN_SYNC, against=f"the speech of {who}", found=words))
    return min(found, key=lambda one: one.value) if found else why


def _technical(watch: _Watch, close: Mapping[int, Sight]) -> Judged | str:
    faults = list(_faults(watch, close))
    if not faults:
        return "the take is too short"
    worst = min(faults, key=lambda one: one.value)
    return Judged(criterion="technical", value=worst.value, threshold=0.5, against="a sound picture", found=worst.found)


def _faults(watch: _Watch, close: Mapping[int, Sight]) -> Iterator[Fault]:
    for name, array in sorted(watch.take.arrays.items()):
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            share = float(np.mean(~np.isfinite(array)))
            yield Fault(kind="not a number", value=0.0, found=f"{share:.1%} of the take's {name} is not a number")
    yield from faults_of([[close[frame].picture for frame in moment] for moment in moments(watch.frames)])
