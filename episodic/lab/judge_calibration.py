"""How well the judge tells good takes from faulty takes: `python -m episodic.lab.judge_calibration`.

The good takes are shot by `stage` for a synthetic series in which characters and places recur, and judged against surveys of earlier
takes. Each fault is planted into the same takes: another character's look, another time of day, a key light from the other side, a
frozen or trembling figure, a character that walks instead of standing, shifted speech or speech of another line, a shut mouth, a black,
burnt out or flickering picture. Each fault is printed with the number of measured takes, the median and extremes of the value, and the
number of takes that pass.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import Mark, Performer, ShotRequest
from episodic.backbones.speech_cue import SpeechCue, Spoken
from episodic.backbones.stage.auditions import audition, audition_light
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import ACTOR, ACTOR_SLOTS
from episodic.backbones.take import Sight, Take
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.scene_state import states_by_scene
from episodic.conditioning.shot_brief import brief_scene
from episodic.lab.continuity_bench.series import synthetic_series
from episodic.production.steps.parts.shot_timing import time_shot
from episodic.quality.judge import Criterion, PlaceSurvey, Remembered, judge_take
from episodic.quality.key_frames import candidate_frames
from episodic.quality.light import light_of_take
from episodic.quality.palette import palette_of
from episodic.quality.survey import PICTURE_PX, looks_of
from episodic.sound.audio import SAMPLE_RATE
from episodic.sound.speech.engine import HibariSpeech
from episodic.sound.speech.lips import lip_track
from memory.model.canon import empty_canon
from planners.plan.vocabulary import Key

__all__ = ["FAULTS", "Example", "PlantedFault", "Seen", "examples", "judged_value", "main"]

_LATENT: Final = "latent"
_MOUTH: Final = [index for index, channel in enumerate(ACTOR) if channel.name.startswith("mouth_")]


class Seen:
    """A backbone whose sights are altered on their way to the judge, or that shows the same take for every request."""

    def __init__(
        self,
        backbone: Backbone,
        alter: Callable[[Sight], Sight] = lambda sight: sight,
        shows: tuple[ShotRequest, Take] | None = None,
    ) -> None:
        self._backbone, self._alter, self._shows = backbone, alter, shows
        self.capabilities = backbone.capabilities
        self.version = backbone.version
        self.develop_version = backbone.develop_version

    def shoot(self, request: ShotRequest) -> Take:
        """Shoot with the backbone."""
        return self._backbone.shoot(request)

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """Develop with the backbone."""
        return self._backbone.develop(*self._shows or (request, take))

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        """Observe with the backbone and alter each sight."""
        return map(self._alter, self._backbone.observe(*self._shows or (request, take), frames, height_px))


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A good take, the contents of memory to judge it by, and a character with another look."""

    request: ShotRequest
    take: Take
    memory: Remembered
    stranger: Performer
    foreign: SpeechCue | None
    """Speech of another shot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedFault:
    """A fault planted into the film, the request or the pictures of a good take."""

    criterion: Criterion
    """The criterion that must detect the fault."""
    film: Callable[[Example], tuple[ShotRequest, Take]] = lambda example: (example.request, example.take)
    """The request and take that are filmed."""
    request: Callable[[Example], ShotRequest] = lambda example: example.request
    """The request that the judge compares the film with."""
    alter: Callable[[Sight], Sight] = lambda sight: sight
    """The change of each picture."""


def judged_value(example: Example, fault: PlantedFault) -> tuple[float, bool] | None:
    """The value of the fault's criterion, and whether it passes; None where it cannot be measured."""
    request, take = fault.film(example)
    backbone = Seen(Stage(), fault.alter, shows=(request, take))
    verdict = judge_take(backbone, fault.request(example), take, example.memory, criteria=(fault.criterion,))
    result = verdict.of(fault.criterion)
    return None if result is None else (result.value, result.passed)


def _change_focus(request: ShotRequest, change: Callable[[Performer], Performer]) -> ShotRequest:
    """Change every performer in focus; all performers where the focus is empty."""
    focus = request.focus or tuple(performer.id for performer in request.performers)
    performers = (change(performer) if performer.id in focus else performer for performer in request.performers)
    return replace(request, performers=tuple(performers))


def _with_look_of_stranger(example: Example) -> tuple[ShotRequest, Take]:
    stranger = example.stranger
    request = _change_focus(example.request, lambda performer: replace(performer, kind=stranger.kind, look=stranger.look))
    return request, example.take


def _at_another_time(example: Example) -> tuple[ShotRequest, Take]:
    setting = replace(example.request.setting, time="night" if example.request.setting.time != "night" else "day")
    temperature_k = 7200 if setting.time == "night" else 5600
    request = replace(example.request, setting=replace(setting, temperature_k=temperature_k))
    return request, Stage().shoot(request)


def _lit_from_other_side(example: Example) -> tuple[ShotRequest, Take]:
    key: Key = "right" if example.request.setting.key == "left" else "left"
    request = replace(example.request, setting=replace(example.request.setting, key=key, light=()))
    return request, Stage().shoot(request)


def _frozen(example: Example) -> tuple[ShotRequest, Take]:
    latent = example.take.arrays[_LATENT].copy()
    latent[:ACTOR_SLOTS] = latent[:ACTOR_SLOTS, :1]
    return example.request, _with_latent(example.take, latent)


def _with_shut_mouth(example: Example) -> tuple[ShotRequest, Take]:
    latent = example.take.arrays[_LATENT].copy()
    latent[:ACTOR_SLOTS, :, _MOUTH] = latent[:ACTOR_SLOTS, :1, _MOUTH]
    return example.request, _with_latent(example.take, latent)


def _with_latent(take: Take, latent: np.ndarray) -> Take:
    return replace(take, arrays={**take.arrays, _LATENT: latent})


def _trembling(sight: Sight) -> Sight:
    """Move every figure up and down by 1.5 % of the picture's height, from frame to frame."""
    step = max(1, round(0.015 * sight.picture.shape[0])) * (1 if sight.frame % 2 else -1)
    picture, masks = sight.picture.copy(), {}
    for entity, mask in sight.masks.items():
        masks[entity] = np.roll(mask, step, axis=1)
        picture[masks[entity]] = np.roll(sight.picture, step, axis=1)[masks[entity]]
    return replace(sight, picture=picture, masks=masks)


def _shaken(sight: Sight) -> Sight:
    """Move the whole picture by the same amount."""
    step = max(1, round(0.015 * sight.picture.shape[0])) * (1 if sight.frame % 2 else -1)
    masks = {entity: np.roll(mask, step, axis=1) for entity, mask in sight.masks.items()}
    return replace(sight, picture=np.roll(sight.picture, step, axis=1), masks=masks)


def _scaled(factor: float) -> Callable[[Sight], Sight]:
    """Multiply the values of a picture."""

    def alter(sight: Sight) -> Sight:
        return replace(sight, picture=np.clip(sight.picture * factor, 0, 255).astype(np.uint8))

    return alter


def _flickering(sight: Sight) -> Sight:
    return _scaled(1.06 if sight.frame % 2 else 0.94)(sight)


def _crossing_request(example: Example) -> ShotRequest:
    start, end = Mark(x=-1.5, z=2.2), Mark(x=1.5, z=2.2)
    return _change_focus(example.request, lambda performer: replace(performer, action="walk", start=start, end=end))


def _crossing(example: Example) -> tuple[ShotRequest, Take]:
    request = _crossing_request(example)
    return request, Stage().shoot(request)


def _speech_earlier(seconds: float) -> Callable[[Example], ShotRequest]:
    """Move the speech before the movement of the lips."""
    return lambda example: replace(
        example.request, speech=tuple(replace(cue, start_s=cue.start_s - seconds) for cue in example.request.speech)
    )


def _lips_of_another_line(example: Example) -> ShotRequest:
    if example.foreign is None:
        return example.request
    lips = example.foreign.lips
    return replace(example.request, speech=tuple(replace(cue, lips=lips) for cue in example.request.speech))


FAULTS: Final[Mapping[str, PlantedFault]] = {
    "identity: good": PlantedFault(criterion="identity"),
    "identity: another character's look": PlantedFault(criterion="identity", film=_with_look_of_stranger),
    "light: good": PlantedFault(criterion="light"),
    "light: another time of day": PlantedFault(criterion="light", film=_at_another_time),
    "light: key from the other side": PlantedFault(criterion="light", film=_lit_from_other_side),
    "motion: good": PlantedFault(criterion="motion"),
    "motion: good, crossing": PlantedFault(criterion="motion", film=_crossing, request=_crossing_request),
    "motion: frozen": PlantedFault(criterion="motion", film=_frozen),
    "motion: trembling": PlantedFault(criterion="motion", alter=_trembling),
    "motion: shaken camera": PlantedFault(criterion="motion", alter=_shaken),
    "motion: walks, should not": PlantedFault(criterion="motion", film=_crossing),
    "motion: stays, should cross": PlantedFault(criterion="motion", request=_crossing_request),
    "sync: good": PlantedFault(criterion="sync"),
    "sync: lips 170 ms late": PlantedFault(criterion="sync", request=_speech_earlier(0.17)),
    "sync: lips 330 ms late": PlantedFault(criterion="sync", request=_speech_earlier(0.33)),
    "sync: another line": PlantedFault(criterion="sync", request=_lips_of_another_line),
    "sync: shut mouth": PlantedFault(criterion="sync", film=_with_shut_mouth),
    "technical: good": PlantedFault(criterion="technical"),
    "technical: black": PlantedFault(criterion="technical", alter=_scaled(0.02)),
    "technical: burnt out": PlantedFault(criterion="technical", alter=_scaled(6.0)),
    "technical: flicker of 6 %": PlantedFault(criterion="technical", alter=_flickering),
}
"""Good takes and planted faults of every criterion, by the name that the table prints."""


def examples(shots: int, seed: int) -> Iterator[Example]:
    """Takes by `stage` of characters and places that earlier takes have shown. Deterministic."""
    backbone, engine = Stage(), HibariSpeech()
    looks: dict[str, list[tuple[float, ...]]] = {}
    lights: dict[tuple[str, str, str], list[PlaceSurvey]] = {}
    performers: dict[str, Performer] = {}
    previous_speech: SpeechCue | None = None
    count = 0
    (plan,) = synthetic_series(6, 1, shots, seed)
    cast = cast_episode(plan, empty_canon(), seed)
    for scene, state in zip(plan.scenes, states_by_scene(plan, cast, (), 1), strict=True):
        briefs = brief_scene(plan, scene, cast, state, backbone, size=(640, 360), fps=24)
        for shot, brief in zip(scene.shots, briefs, strict=True):
            utterances = [engine.say(line.text, cast.voice(line.speaker), line.emotion) for line in shot.lines]
            durations_s = [len(utterance.samples) / SAMPLE_RATE for utterance in utterances]
            timing = time_shot(durations_s, fps=24, moves=brief.moves)
            place = cast.locations[scene.at]
            place_light = audition_light(f"{place.name}, {place.description}", place.seed)
            members = [cast.characters[entity] for entity in brief.on_stage]
            motions = {member.id: audition(member.kind, member.description, member.seed) for member in members}
            speech = [Spoken(samples=utterance.samples, lips=lip_track(utterance)) for utterance in utterances]
            draft = brief.request.auditioned(motions, place_light)
            request = draft.timed(timing.frames, timing.starts_s, speech)
            take = backbone.shoot(request)
            sky = (scene.at, request.setting.time, request.setting.weather)
            memory = Remembered(
                looks={entity: tuple(vectors[-3:]) for entity, vectors in looks.items()}, lights=tuple(lights.get(sky, [])[-3:])
            )
            present = {performer.id for performer in request.performers}
            strangers = [performer for entity, performer in sorted(performers.items()) if entity not in present]
            if strangers and not present.isdisjoint(looks):
                stranger = strangers[count % len(strangers)]
                yield Example(request=request, take=take, memory=memory, stranger=stranger, foreign=previous_speech)
                count += 1
                if count == shots:
                    return
            sights = list(backbone.observe(request, take, candidate_frames(request.frames, request.fps), PICTURE_PX))
            for record in looks_of(sights):
                looks.setdefault(record.entity, []).append(record.vector)
            palette = palette_of([sight.picture for sight in sights])
            lights.setdefault(sky, []).append(
                PlaceSurvey(at=shot.id, light=light_of_take(sights).to_json(), palette=palette.to_json())
            )
            performers |= {performer.id: performer for performer in request.performers}
            previous_speech = request.speech[0] if request.speech else previous_speech


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every fault and print the table."""
    parser = argparse.ArgumentParser(description="Measure how well the judge tells good takes from faulty takes.")
    parser.add_argument("--shots", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    takes = list(examples(options.shots, options.seed))
    sys.stdout.write(f"{'fault':38} measured  median    least     most   pass\n")
    for name, fault in FAULTS.items():
        results = [result for example in takes if (result := judged_value(example, fault)) is not None]
        values = [value for value, _ in results] or [float("nan")]
        passed = sum(passes for _, passes in results)
        row = f"{np.median(values):8.2f} {min(values):8.2f} {max(values):8.2f}  {passed:3d}/{len(results)}"
        sys.stdout.write(f"{name:38} {len(results):5d}/{len(takes):<3d}{row}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
