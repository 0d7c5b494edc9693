"""Everything heard in one scene, laid where its takes have it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from episodic.cut.timeline import SceneCut, Segment, Timeline, dissolve_frames, lay_out, sample_at
from episodic.production.files.take_file import ShotTake
from episodic.production.steps.parts.scene_to_mix import SceneToMix
from episodic.sound.ambience.bed import ambience_bed, room_of
from episodic.sound.ambience.effects import effects_track
from episodic.sound.audio import SAMPLE_RATE
from episodic.sound.mix.meter import block_energies
from episodic.sound.mix.mix import Placement, SceneMix, SceneSound, edged, mix_scene
from episodic.sound.music.cue import compose_cue
from episodic.sound.music.melody import series_motif
from planners.plan.model import NARRATOR

__all__ = ["mix_of_scene"]

_HALF_STAGE_M = 3.0
_TRACK_HZ = 8
"""Rate of a take's `bed_level` and `impact`."""
Track = Float32[np.ndarray, " time"]


def mix_of_scene(
    scene: SceneToMix, shots: Sequence[ShotTake], spoken: Sequence[Sequence[np.ndarray]]
) -> tuple[SceneMix, list[float]]:
    """Mix one scene: its stems and mix, and the energies of its blocks, which add up over scenes.

    `shots`: every take of the scene; `spoken`: for each of them, the samples of each line.
    """
    timeline = _timeline(scene, shots)
    length = sample_at(timeline.frames, timeline.fps)
    seconds = length / SAMPLE_RATE
    level, impact = _tracks(timeline, shots)
    bed = ambience_bed(
        place=scene.place,
        description=scene.description,
        time=scene.time,
        weather=scene.weather,
        seconds=seconds,
        seed=scene.seed,
        level=level,
    )
    motif = series_motif(scene.theme)
    music = compose_cue(mood=scene.mood, style=scene.style, seconds=seconds, seed=scene.seed, motif=motif)
    effects = effects_track(impact, seconds=seconds, place=scene.place, seed=scene.seed)
    sound = SceneSound(
        length=length,
        speech=tuple(_placements(timeline, shots, spoken)),
        ambience=bed,
        music=music,
        effects=effects,
        recorded=_recorded(timeline, shots, length),
        room=room_of(scene.place),
    )
    mixed = mix_scene(sound)
    return mixed, block_energies(mixed.mix).tolist()


def _timeline(scene: SceneToMix, shots: Sequence[ShotTake]) -> Timeline:
    """The scene by itself: transitions between its own shots count, the one into the scene does not."""
    segments = [
        Segment(
            id=request.shot_id,
            path=Path(),
            frames=request.frames,
            transition=shot.transition if number else "cut",
            transition_frames=dissolve_frames(scene.fps),
        )
        for number, ((request, _), shot) in enumerate(zip(shots, scene.shots, strict=True))
    ]
    return lay_out([SceneCut(id="scene", title="", shots=tuple(segments))], scene.fps)


def _placements(timeline: Timeline, shots: Sequence[ShotTake], spoken: Sequence[Sequence[np.ndarray]]) -> list[Placement]:
    placements = []
    for (request, _), placed, lines in zip(shots, timeline.shots, spoken, strict=True):
        begin = sample_at(placed.start, timeline.fps)
        sides = {performer.id: performer.end.x / _HALF_STAGE_M for performer in request.performers}
        for cue, samples in zip(request.speech, lines, strict=True):
            side = float(np.clip(sides.get(cue.speaker, 0.0), -1.0, 1.0))
            placements.append(
                Placement(start=begin + round(cue.start_s * SAMPLE_RATE), samples=samples, pan=side, dry=cue.speaker == NARRATOR)
            )
    return placements


def _recorded(timeline: Timeline, shots: Sequence[ShotTake], length: int) -> Float32[np.ndarray, "sample 2"] | None:
    """The production sound of the scene's takes, one after the other; None where no backbone made any."""
    heard = np.zeros((length, 2), np.float32)
    takes = [
        (take.arrays["sound"].T, placed)
        for (_, take), placed in zip(shots, timeline.shots, strict=True)
        if "sound" in take.arrays
    ]
    for sound, placed in takes:
        begin = sample_at(placed.start, timeline.fps)
        piece = edged(sound[: length - begin].copy())
        heard[begin : begin + len(piece)] += piece
    return heard if takes else None


def _tracks(timeline: Timeline, shots: Sequence[ShotTake]) -> tuple[Track | None, Track]:
    """Bed level and impacts at 8 Hz over the scene, as the takes have them; no level where no backbone sampled any."""
    ticks = -(-timeline.frames * _TRACK_HZ // timeline.fps)
    level, impact = np.full(ticks, 0.5, np.float32), np.zeros(ticks, np.float32)
    sampled = False
    for (_, take), placed in zip(shots, timeline.shots, strict=True):
        first = round(placed.start * _TRACK_HZ / timeline.fps)
        if "bed_level" in take.arrays:
            sampled = True
            bed = take.arrays["bed_level"][: ticks - first]
            level[first : first + len(bed)] = bed
        if "impact" in take.arrays:
            blows = take.arrays["impact"][: ticks - first]
            impact[first : first + len(blows)] = np.maximum(impact[first : first + len(blows)], blows)
    return (level if sampled else None), impact
