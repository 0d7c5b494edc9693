"""Beats to shots: sizes, camera moves and establishing shots by film grammar."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, Literal

from planners.data_file import DataFile, read_data_file
from planners.discourse.event_beats import MOST_IN_FRAME, Beat
from planners.plan.actions import read_action
from planners.plan.model import Shot
from planners.plan.vocabulary import CameraMove, Emotion, Mood, ShotSize

__all__ = ["FilmGrammar", "film_grammar", "shots_of"]

_STRONG: Final[frozenset[Emotion]] = frozenset({"sad", "afraid", "angry", "surprised"})


class FilmGrammar(DataFile):
    """The tables of `data/film_grammar.yaml`; each is described there."""

    reactions: dict[Emotion, tuple[str, ...]]
    faces: dict[Mood, Emotion]
    moods: dict[Emotion, Mood]
    tones: dict[str, Mood]
    genres: dict[str, Mood]


@cache
def film_grammar() -> FilmGrammar:
    """The tables, read once."""
    return read_data_file(Path(__file__).with_name("data") / "film_grammar.yaml", FilmGrammar)


def _size(beat: Beat, before: Beat | None) -> ShotSize:
    """How near the camera is: far for deeds, near for faces, and never the same twice for one person."""
    if beat.kind == "deed":
        return "medium_close" if beat.lines else "full"
    if beat.kind == "introduction":
        return "medium"
    if beat.kind == "reaction":
        return "close"
    if beat.kind == "step":
        return "medium" if before is None or before.kind != "step" else "full"
    if beat.first and len(beat.focus) > 1:
        return "medium"
    strong = bool(beat.lines) and beat.lines[-1].emotion in _STRONG
    return "close" if strong and before is not None and before.kind == "line" else "medium_close"


def _camera(beat: Beat, *, last: bool) -> CameraMove:
    """How the camera moves: along with who moves, nearer at the end."""
    if beat.kind == "deed":
        if any(read_action(text).moves != "none" for text in beat.action.values()):
            return "track"
        return "push_in" if last else "static"
    return "push_in" if beat.kind == "reaction" else "static"


def shots_of(
    scene: str, beats: list[Beat], present: tuple[str, ...], opening: str, *, place: Literal["new", "same"], last: bool
) -> tuple[Shot, ...]:
    """The shots of a scene. Its first shot shows everybody there, and the whole place if it is `new`.

    `opening`: what the first who is present does there if nothing else is shown before the first line. `last`: it is the last scene.
    """
    shots: list[Shot] = []
    if beats[0].lines:
        beats = [Beat("step", action={present[0]: opening}, focus=present[:MOST_IN_FRAME]), *beats]
    for at, beat in enumerate(beats):
        focus = beat.people()
        size = _size(beat, beats[at - 1] if at else None)
        camera = _camera(beat, last=last and at == len(beats) - 1)
        if at == 0:
            size, camera = "wide" if place == "new" else "full", "static"
            focus = tuple(dict.fromkeys((*focus, *present)))[:MOST_IN_FRAME]
        shots.append(
            Shot(
                id=f"{scene}.{at + 1}",
                size=size,
                camera=camera,
                focus=focus,
                action=beat.action,
                lines=beat.lines,
                seconds=None if beat.lines else beat.seconds(),
                transition="dissolve" if at == 0 and place == "same" else "cut",
            )
        )
    return tuple(shots)
