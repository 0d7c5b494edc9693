"""Everything heard in one scene, laid where its takes have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from episodic.backbones.request import ShotRequest
from episodic.backbones.take import Take
from episodic.cut.timeline import SceneCut, Segment, Timeline, dissolve_frames, lay_out, sample_at
from episodic.sound.ambience.bed import ambience_bed, room_of
from episodic.sound.ambience.effects import effects_track
from episodic.sound.mix.loudness import block_energies
from episodic.sound.mix.mix import Placement, SceneMix, SceneSound, edged, mix_scene
from episodic.sound.music.cue import compose_cue
from episodic.sound.music.melody import series_motif
from planners.plan.model import NARRATOR

__all__ = ["mix_of_scene"]

_HALF_STAGE_M = 3.0
_TRACK_HZ = 8
"""Rate of a take's `bed_level` and `impact`."""
Shot = tuple[ShotRequest, Take]
Track = Float32[np.ndarray, " time"]


def mix_of_scene(
    inputs: Mapping[str, Any], shots: Sequence[Shot], spoken: Sequence[Sequence[np.ndarray]]
) -> tuple[SceneMix, dict[str, Any]]:
    """The scene's stems and mix, and its loudness in blocks that add up over scenes. `spoken`: per shot, each line's samples."""
    timeline = _timeline(inputs, shots)
    length = sample_at(timeline.frames, timeline.fps)
    seconds = length / 48_000
    level, impact = _tracks(timeline, shots)
    look = inputs["place"]
    bed = ambience_bed(
        place=look,
        description=inputs["description"],
        time=inputs["time"],
        weather=inputs["weather"],
        seconds=seconds,
        seed=inputs["seed"],
        level=level,
    )
    motif = series_motif(inputs["theme"])
    music = compose_cue(mood=inputs["mood"], style=inputs["style"], seconds=seconds, seed=inputs["seed"], motif=motif)
    effects = effects_track(impact, seconds=seconds, place=look, seed=inputs["seed"])
    sound = SceneSound(
        length=length,
        speech=tuple(_placements(timeline, shots, spoken)),
        ambience=bed,
        music=music,
        effects=effects,
        recorded=_recorded(timeline, shots, length),
        room=room_of(look),
    )
    mixed = mix_scene(sound)
    return mixed, {"energies": block_energies(mixed.mix).tolist()}


def _timeline(inputs: Mapping[str, Any], shots: Sequence[Shot]) -> Timeline:
    """The scene by itself: transitions between its own shots count, the one into the scene does not."""
    fps = inputs["fps"]
    segments = [
        Segment(
            id=request.shot_id,
            path=Path(),
            frames=request.frames,
            transition=transition if number else "cut",
            transition_frames=dissolve_frames(fps),
        )
        for number, ((request, _), transition) in enumerate(zip(shots, inputs["transitions"], strict=True))
    ]
    return lay_out([SceneCut(id="scene", title="", shots=tuple(segments))], fps)


def _placements(timeline: Timeline, shots: Sequence[Shot], spoken: Sequence[Sequence[np.ndarray]]) -> list[Placement]:
    found = []
    for (request, _), placed, lines in zip(shots, timeline.shots, spoken, strict=True):
        begin = sample_at(placed.start, timeline.fps)
        where = {one.id: one.end.x / _HALF_STAGE_M for one in request.performers}
        for cue, samples in zip(request.speech, lines, strict=True):
            side = float(np.clip(where.get(cue.speaker, 0.0), -1.0, 1.0))
            found.append(
                Placement(start=begin + round(cue.start_s * 48_000), samples=samples, pan=side, dry=cue.speaker == NARRATOR)
            )
    return found


def _recorded(timeline: Timeline, shots: Sequence[Shot], length: int) -> Float32[np.ndarray, "sample 2"] | None:
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


def _tracks(timeline: Timeline, shots: Sequence[Shot]) -> tuple[Track | None, Track]:
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
