"""The final cut: pictures, sound, subtitles and chapters become the film, at the loudness viewers expect."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float32

from episodic.backbones.request import ShotRequest
from episodic.backbones.speech_cue import LIP_HZ
from episodic.cut.assemble import Chapter, assemble
from episodic.cut.soundtrack import soundtrack
from episodic.cut.subtitles import SpokenLine, subtitles_of, to_srt, to_vtt
from episodic.cut.timeline import SAMPLE_RATE, SceneCut, Segment, Timeline, dissolve_frames, lay_out
from episodic.production.files.loudness_file import read_energies
from episodic.production.files.names import FILM_FILE, MIX_FILE, PICTURE_FILE, STEMS, SUBTITLE_FILES, TAKE_FILE, stem_file
from episodic.production.files.stem_file import read_stem, write_stem
from episodic.production.files.take_file import read_take
from episodic.production.steps.parts.film_timeline import CLOSING_FADE_S, MOST_GAIN_DB, CutShot, Film
from episodic.sound.mix.limiter import master
from episodic.sound.mix.loudness import gain_to_target
from planners.plan.model import NARRATOR

__all__ = ["cut_episode"]

Folders = Mapping[str, Path]


def cut_episode(film: Film, takes: Folders, pictures: Folders, mixes: Folders, folder: Path) -> None:
    """Write the film, its subtitles and its stems into `folder`.

    `takes` and `pictures`: the folders of the artifacts by shot id; `mixes`: by scene id.
    """
    requests = [read_take(takes[shot.id] / TAKE_FILE)[0] for shot in film.shots]
    timeline = _timeline(film, requests, pictures)
    subtitles = subtitles_of(_spoken(film, requests, timeline), timeline.seconds(timeline.frames))
    for name, text in zip(SUBTITLE_FILES, (to_srt(subtitles), to_vtt(subtitles)), strict=True):
        (folder / name).write_text(text, "utf-8")
    gain_db = min(_gain_db([mixes[scene.id] for scene in film.scenes]), MOST_GAIN_DB)
    mastered = master(soundtrack(timeline, partial(_open_stem, mixes, MIX_FILE)), gain_db)
    chapters = [
        Chapter(start_s=timeline.seconds(placed.start), title=scene.title)
        for placed, scene in zip(timeline.scenes, film.scenes, strict=True)
    ]
    sound = _faded_out(mastered, timeline.samples)
    assemble(folder / FILM_FILE, timeline, sound, subtitles, chapters, title=film.title, comment=film.prompt)
    for stem in STEMS:
        write_stem(folder / stem_file(stem), soundtrack(timeline, partial(_open_stem, mixes, stem_file(stem))))


def _open_stem(mixes: Folders, name: str, scene: str) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    return read_stem(mixes[scene] / name)


def _timeline(film: Film, requests: Sequence[ShotRequest], pictures: Folders) -> Timeline:
    """Where every picture lies on the film."""
    frames = {request.shot_id: request.frames for request in requests}

    def segment(shot: CutShot) -> Segment:
        return Segment(
            id=shot.id,
            path=pictures[shot.id] / PICTURE_FILE,
            frames=frames[shot.id],
            transition=shot.transition,
            transition_frames=dissolve_frames(film.fps),
        )

    scenes = [SceneCut(id=scene.id, title=scene.title, shots=tuple(map(segment, scene.shots))) for scene in film.scenes]
    return lay_out(scenes, film.fps, closing_fade=round(CLOSING_FADE_S * film.fps))


def _spoken(film: Film, requests: Sequence[ShotRequest], timeline: Timeline) -> list[SpokenLine]:
    """Every line of the film with its times, for subtitles."""
    lines = []
    for shot, request in zip(film.shots, requests, strict=True):
        start = timeline.seconds(timeline.shot(request.shot_id).start)
        for cue, line in zip(request.speech, shot.lines, strict=True):
            begin = start + cue.start_s
            seen = cue.speaker in request.focus and cue.speaker != NARRATOR
            end = begin + len(cue.lips) / LIP_HZ
            lines.append(SpokenLine(start_s=begin, end_s=end, speaker=line.speaker, text=line.text, on_screen=seen))
    return lines


def _gain_db(mixes: Sequence[Path]) -> float:
    """The gain that brings the whole episode to its target loudness, from the loudness of each scene's mix."""
    return gain_to_target(np.array(read_energies(folder)) for folder in mixes)


def _faded_out(blocks: Iterator[Float32[np.ndarray, "sample 2"]], samples: int) -> Iterator[Float32[np.ndarray, "sample 2"]]:
    """Fade the sound out with the picture."""
    fade = min(samples, round(CLOSING_FADE_S * SAMPLE_RATE))
    at = 0
    for block in blocks:
        place = np.arange(at, at + len(block))
        gain = np.clip((samples - place) / fade, 0.0, 1.0).astype(np.float32)
        at += len(block)
        yield block * gain[:, None]
