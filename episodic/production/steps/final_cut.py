"""The last task: pictures, sound, subtitles and chapters become the film, at the loudness viewers expect."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float32

from episodic.backbones.request import LIP_HZ, ShotRequest
from episodic.cut.assemble import Chapter, assemble
from episodic.cut.soundtrack import soundtrack
from episodic.cut.subtitles import SpokenLine, subtitles_of, to_srt, to_vtt
from episodic.cut.timeline import SAMPLE_RATE, SceneCut, Segment, Timeline, dissolve_frames, lay_out
from episodic.production.files.stem_file import read_stem, write_stem
from episodic.production.work import CLOSING_FADE_S, FILM_FILE, LOUDNESS_FILE, MIX_FILE, MOST_GAIN_DB, PICTURE_FILE, STEMS
from episodic.sound.mix.limiter import master
from episodic.sound.mix.loudness import gain_to_target
from planners.plan.model import NARRATOR

__all__ = ["cut_episode"]

Inputs = Mapping[str, Any]


def cut_episode(
    inputs: Inputs, requests: Sequence[ShotRequest], pictures: Sequence[Path], mixes: Sequence[Path], folder: Path
) -> None:
    """Write the film, its subtitles and its stems into `folder`. `pictures` per shot and `mixes` per scene are artifact folders."""
    timeline = _timeline(inputs, requests, pictures)
    subtitles = subtitles_of(_spoken(inputs, requests, timeline), timeline.seconds(timeline.frames))
    (folder / "episode.srt").write_text(to_srt(subtitles), "utf-8")
    (folder / "episode.vtt").write_text(to_vtt(subtitles), "utf-8")
    mix_of = {scene["id"]: path for scene, path in zip(inputs["scenes"], mixes, strict=True)}
    gain_db = min(_gain_db(mixes), MOST_GAIN_DB)
    mastered = master(soundtrack(timeline, partial(_open_stem, mix_of, MIX_FILE)), gain_db)
    chapters = [
        Chapter(start_s=timeline.seconds(placed.start), title=scene["title"])
        for placed, scene in zip(timeline.scenes, inputs["scenes"], strict=True)
    ]
    sound = _faded_out(mastered, timeline.samples)
    assemble(folder / FILM_FILE, timeline, sound, subtitles, chapters, title=inputs["title"], comment=inputs["prompt"])
    for name in STEMS:
        write_stem(folder / f"{name}.flac", soundtrack(timeline, partial(_open_stem, mix_of, f"{name}.flac")))


def _open_stem(mix_of: Mapping[str, Path], name: str, scene: str) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    return read_stem(mix_of[scene] / name)


def _timeline(inputs: Inputs, requests: Sequence[ShotRequest], pictures: Sequence[Path]) -> Timeline:
    fps = inputs["fps"]
    rest = iter(zip(requests, pictures, strict=True))
    scenes = []
    for scene in inputs["scenes"]:
        shots = []
        for shot in scene["shots"]:
            request, picture = next(rest)
            shots.append(
                Segment(
                    id=request.shot_id,
                    path=picture / PICTURE_FILE,
                    frames=request.frames,
                    transition=shot["transition"],
                    transition_frames=dissolve_frames(fps),
                )
            )
        scenes.append(SceneCut(id=scene["id"], title=scene["title"], shots=tuple(shots)))
    return lay_out(scenes, fps, closing_fade=round(CLOSING_FADE_S * fps))


def _spoken(inputs: Inputs, requests: Sequence[ShotRequest], timeline: Timeline) -> list[SpokenLine]:
    lines = []
    texts = [shot["lines"] for scene in inputs["scenes"] for shot in scene["shots"]]
    for request, said in zip(requests, texts, strict=True):
        start = timeline.seconds(timeline.shot(request.shot_id).start)
        for cue, (speaker, text) in zip(request.speech, said, strict=True):
            begin = start + cue.start_s
            seen = cue.speaker in request.focus and cue.speaker != NARRATOR
            end = begin + len(cue.lips) / LIP_HZ
            lines.append(SpokenLine(start_s=begin, end_s=end, speaker=speaker, text=text, on_screen=seen))
    return lines


def _gain_db(mixes: Sequence[Path]) -> float:
    """What brings the whole episode to its target loudness, from what each scene's mix noted."""
    noted = [json.loads((path / LOUDNESS_FILE).read_text("utf-8")) for path in mixes]
    return gain_to_target(np.array(one["energies"]) for one in noted)


def _faded_out(blocks: Iterator[Float32[np.ndarray, "sample 2"]], samples: int) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    """The sound goes with the picture's closing fade."""
    fade = min(samples, round(CLOSING_FADE_S * SAMPLE_RATE))
    at = 0
    for block in blocks:
        place = np.arange(at, at + len(block))
        gain = np.clip((samples - place) / fade, 0.0, 1.0).astype(np.float32)
        at += len(block)
        yield block * gain[:, None]
