"""How well the judge tells good takes from faulty ones: `python -m episodic.lab.judge_calibration`.

Good takes are those of `stage`, of a synthetic series in which people and places come back, judged against what was surveyed before.
Each fault is planted into the same takes: another character's look, another time of day, a key from the other side, a frozen or
trembling figure, somebody who walks where they should stand, shifted or foreign speech, a shut mouth, a black, burnt out or flickering
picture. Printed for each: how many were measured, median and extremes of the value, and how many pass.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from jaxtyping import UInt8

from episodic.backbones.protocol import Backbone
from episodic.backbones.request import Mark, Performer, ShotRequest, SpeechCue, Spoken
from episodic.backbones.stage.auditions import audition, audition_light
from episodic.backbones.stage.backbone import Stage
from episodic.backbones.stage.model.latent import ACTOR, ACTOR_SLOTS
from episodic.backbones.take import Sight, Take
from episodic.conditioning.cast import cast_episode
from episodic.conditioning.scene_state import states_by_scene
from episodic.conditioning.shot_brief import brief_scene
from episodic.lab.continuity_bench.series import synthetic_series
from episodic.production.steps.parts.shot_timing import time_shot
from episodic.quality.judge import Criterion, Remembered, judge_take
from episodic.quality.key_frames import candidate_frames
from episodic.quality.light import light_of_take
from episodic.quality.palette import palette_of
from episodic.quality.survey import PICTURE_PX, looks_of
from episodic.sound.audio import SAMPLE_RATE
from episodic.sound.speech.engine import HibariSpeech
from episodic.sound.speech.lips import lip_track
from memory.model.canon import empty_canon
from planners.plan.vocabulary import Key

__all__ = ["FAULTS", "Example", "Planted", "Seen", "examples", "main"]

_MOUTH: Final = [i for i, one in enumerate(ACTOR) if one.name.startswith("mouth_")]


class Seen:
    """A backbone whose sights are altered on their way to the judge; or that shows one take, whatever it is asked for."""

    def __init__(
        self,
        backbone: Backbone,
        alter: Callable[[Sight], Sight] = lambda sight: sight,
        shows: tuple[ShotRequest, Take] | None = None,
    ) -> None:
        self._backbone, self._alter, self._shows = backbone, alter, shows
        self.capabilities, self.version, self.develop_version = (
            backbone.capabilities, backbone.version, backbone.develop_version,
        )  # fmt: skip

    def shoot(self, request: ShotRequest) -> Take:
        """As the backbone does."""
        return self._backbone.shoot(request)

    def develop(self, request: ShotRequest, take: Take) -> Iterator[UInt8[np.ndarray, "height width 3"]]:
        """As the backbone does."""
        return self._backbone.develop(*self._shows or (request, take))

    def observe(self, request: ShotRequest, take: Take, frames: Sequence[int], height_px: int) -> Iterator[Sight]:
        """As the backbone does, each sight altered."""
        return map(self._alter, self._backbone.observe(*self._shows or (request, take), frames, height_px))


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A good take, what memory holds of it, and how somebody else looks."""

    request: ShotRequest
    take: Take
    memory: Remembered
    stranger: Performer
    foreign: SpeechCue | None
    """What somebody says in another shot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """One fault: what the take is filmed as (`shown`), what the judge is told it should be (`asked`), what happens to its pictures."""

    criterion: Criterion
    shown: Callable[[Example], tuple[ShotRequest, Take]] = lambda one: (one.request, one.take)
    asked: Callable[[Example], ShotRequest] = field(default=lambda one: one.request)
    alter: Callable[[Sight], Sight] = lambda sight: sight


def judged_value(one: Example, planted: Planted) -> tuple[float, bool] | None:
    """The value of the criterion with the fault planted, and whether it passes; None where it cannot be measured."""
    request, take = planted.shown(one)
    backbone = Seen(Stage(), planted.alter, shows=(request, take))
    verdict = judge_take(backbone, planted.asked(one), take, one.memory, criteria=(planted.criterion,))
    found = verdict.of(planted.criterion)
    return None if found is None else (found.value, found.passed)


def _first(request: ShotRequest, **changes: object) -> ShotRequest:
    """Everybody who is in focus, changed."""
    focus = request.focus or tuple(one.id for one in request.performers)
    people = (replace(one, **changes) if one.id in focus else one for one in request.performers)  # type: ignore[arg-type]
    return replace(request, performers=tuple(people))


def _lit(one: Example, **changes: object) -> tuple[ShotRequest, Take]:
    return replace(one.request, setting=replace(one.request.setting, **changes)), one.take  # type: ignore[arg-type]


def _time_and_light(one: Example) -> tuple[ShotRequest, Take]:
    other = replace(one.request.setting, time="night" if one.request.setting.time != "night" else "day")
    request = replace(one.request, setting=replace(other, temperature_k=7200 if other.time == "night" else 5600))
    return request, Stage().shoot(request)


def _other_side(one: Example) -> tuple[ShotRequest, Take]:
    key: Key = "right" if one.request.setting.key == "left" else "left"
    request = replace(one.request, setting=replace(one.request.setting, key=key, light=()))
    return request, Stage().shoot(request)


def _frozen(one: Example) -> tuple[ShotRequest, Take]:
    latent = one.take.arrays["latent"].copy()
    latent[:ACTOR_SLOTS] = latent[:ACTOR_SLOTS, :1]
    return one.request, replace(one.take, arrays={**one.take.arrays, "latent": latent})


def _shut(one: Example) -> tuple[ShotRequest, Take]:
    latent = one.take.arrays["latent"].copy()
    latent[:ACTOR_SLOTS, :, _MOUTH] = latent[:ACTOR_SLOTS, :1, _MOUTH]
    return one.request, replace(one.take, arrays={**one.take.arrays, "latent": latent})


def _trembling(sight: Sight) -> Sight:
    """Every figure jumps by 1.5 % of the picture's height, to and fro."""
    step = max(1, round(0.015 * sight.picture.shape[0])) * (1 if sight.frame % 2 else -1)
    picture, masks = sight.picture.copy(), {}
    for who, mask in sight.masks.items():
        masks[who] = np.roll(mask, step, axis=1)
        picture[masks[who]] = np.roll(sight.picture, step, axis=1)[masks[who]]
    return replace(sight, picture=picture, masks=masks)


def _shaken(sight: Sight) -> Sight:
    """The whole picture does."""
    step = max(1, round(0.015 * sight.picture.shape[0])) * (1 if sight.frame % 2 else -1)
    masks = {who: np.roll(mask, step, axis=1) for who, mask in sight.masks.items()}
    return replace(sight, picture=np.roll(sight.picture, step, axis=1), masks=masks)


def _scaled(share: float) -> Callable[[Sight], Sight]:
    def alter(sight: Sight) -> Sight:
        return replace(sight, picture=np.clip(sight.picture * share, 0, 255).astype(np.uint8))

    return alter


def _flickering(sight: Sight) -> Sight:
    return _scaled(1.06 if sight.frame % 2 else 0.94)(sight)


def _crossing(one: Example) -> ShotRequest:
    return _first(one.request, action="walk", start=Mark(x=-1.5, z=2.2), end=Mark(x=1.5, z=2.2))


def _walking(one: Example) -> tuple[ShotRequest, Take]:
    request = _crossing(one)
    return request, Stage().shoot(request)


def _late(seconds: float) -> Callable[[Example], ShotRequest]:
    """The speech comes earlier than the lips move."""
    return lambda one: replace(
        one.request, speech=tuple(replace(cue, start_s=cue.start_s - seconds) for cue in one.request.speech)
    )


def _foreign(one: Example) -> ShotRequest:
    if one.foreign is None:
        return one.request
    lips = one.foreign.lips
    return replace(one.request, speech=tuple(replace(cue, lips=lips) for cue in one.request.speech))


FAULTS: Final[Mapping[str, Planted]] = {
    "identity: good": Planted(criterion="identity"),
    "identity: another character's look": Planted(
        criterion="identity", shown=lambda one: (_first(one.request, kind=one.stranger.kind, look=one.stranger.look), one.take)
    ),
    "light: good": Planted(criterion="light"),
    "light: another time of day": Planted(criterion="light", shown=_time_and_light),
    "light: key from the other side": Planted(criterion="light", shown=_other_side),
    "motion: good": Planted(criterion="motion"),
    "motion: good, crossing": Planted(criterion="motion", shown=_walking, asked=_crossing),
    "motion: frozen": Planted(criterion="motion", shown=_frozen),
    "motion: trembling": Planted(criterion="motion", alter=_trembling),
    "motion: shaken camera": Planted(criterion="motion", alter=_shaken),
    "motion: walks, should not": Planted(criterion="motion", shown=_walking),
    "motion: stays, should cross": Planted(criterion="motion", asked=_crossing),
    "sync: good": Planted(criterion="sync"),
    "sync: lips 170 ms late": Planted(criterion="sync", asked=_late(0.17)),
    "sync: lips 330 ms late": Planted(criterion="sync", asked=_late(0.33)),
    "sync: another line": Planted(criterion="sync", asked=_foreign),
    "sync: shut mouth": Planted(criterion="sync", shown=_shut),
    "technical: good": Planted(criterion="technical"),
    "technical: black": Planted(criterion="technical", alter=_scaled(0.02)),
    "technical: burnt out": Planted(criterion="technical", alter=_scaled(6.0)),
    "technical: flicker of 6 %": Planted(criterion="technical", alter=_flickering),
}


def examples(shots: int, seed: int) -> Iterator[Example]:
    """Takes of `stage` of people and places who have been seen before. Deterministic."""
    backbone, engine = Stage(), HibariSpeech()
    looks: dict[str, list[tuple[float, ...]]] = {}
    lights: dict[tuple[str, str, str], list[dict[str, object]]] = {}
    performers: dict[str, Performer] = {}
    spoken_before: SpeechCue | None = None
    made = 0
    (plan,) = synthetic_series(6, 1, shots, seed)
    cast = cast_episode(plan, empty_canon(), seed)
    for scene, state in zip(plan.scenes, states_by_scene(plan, cast, (), 1), strict=True):
        briefs = brief_scene(plan, scene, cast, state, backbone.capabilities, size=(640, 360), fps=24)
        for shot, brief in zip(scene.shots, briefs, strict=True):
            spoken = [engine.say(line.text, cast.voice(line.speaker), line.emotion) for line in shot.lines]
            timing = time_shot([len(one.samples) / SAMPLE_RATE for one in spoken], fps=24, moves=brief.moves)
            place = cast.locations[scene.at]
            place_light = audition_light(f"{place.name}, {place.description}", place.seed)
            members = [cast.characters[entity] for entity in brief.on_stage]
            motions = {member.id: audition(member.kind, member.description, member.seed) for member in members}
            heard = [Spoken(samples=utterance.samples, lips=lip_track(utterance)) for utterance in spoken]
            draft = brief.request.auditioned(motions, place_light)
            request = draft.timed(timing.frames, timing.starts_s, heard)
            take = backbone.shoot(request)
            sky = (scene.at, request.setting.time, request.setting.weather)
            memory = Remembered(
                looks={who: tuple(rows[-3:]) for who, rows in looks.items()}, lights=tuple(lights.get(sky, [])[-3:])
            )
            strangers = [one for who, one in sorted(performers.items()) if who not in {each.id for each in request.performers}]
            if strangers and any(one.id in looks for one in request.performers):
                yield Example(
                    request=request, take=take, memory=memory, stranger=strangers[made % len(strangers)], foreign=spoken_before
                )
                made += 1
                if made == shots:
                    return
            sights = list(backbone.observe(request, take, candidate_frames(request.frames, request.fps), PICTURE_PX))
            for record in looks_of(sights):
                looks.setdefault(record.entity, []).append(record.vector)
            palette = palette_of([one.picture for one in sights])
            lights.setdefault(sky, []).append(
                {"at": shot.id, "light": light_of_take(sights).to_json(), "palette": palette.to_json()}
            )
            performers |= {one.id: one for one in request.performers}
            spoken_before = request.speech[0] if request.speech else spoken_before


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How well the judge tells good takes from faulty ones.")
    parser.add_argument("--shots", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    every = list(examples(options.shots, options.seed))
    sys.stdout.write(f"{'fault':38} measured  median    least     most   pass\n")
    for name, planted in FAULTS.items():
        found = [value for one in every if (value := judged_value(one, planted)) is not None]
        values = [value for value, _ in found] or [float("nan")]
        passed = sum(ok for _, ok in found)
        row = f"{np.median(values):8.2f} {min(values):8.2f} {max(values):8.2f}  {passed:3d}/{len(found)}"
        sys.stdout.write(f"{name:38} {len(found):5d}/{len(every):<3d}{row}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
