"""How a story's shots are joined beside the plain cut: where film grammar asks for more, and seldom.

An L cut lets a strong line go on over the face of whoever hears it; a J cut lets the answer to a question be heard before its
speaker is seen; a match cut goes nearer to the same person, or back, without losing them in the picture.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Final

from planners.plan.model import NARRATOR, Scene, Shot
from planners.plan.vocabulary import CameraMove, Emotion, ShotSize

__all__ = ["join_shots"]

_SELDOM: Final = 5
"""At most one join in so many is more than a cut."""
_STRONG: Final[frozenset[Emotion]] = frozenset({"sad", "afraid", "angry", "surprised", "tender"})
_NEAR: Final[frozenset[ShotSize]] = frozenset({"medium", "medium_close", "close", "extreme_close"})
_STILL: Final[frozenset[CameraMove]] = frozenset({"static", "push_in", "handheld"})
"""A picture that finds its own framing after a match cut has no other way to go."""
_WORDS: Final = 4
"""A line with fewer words is over before it crosses a cut."""
_Change = dict[str, str]


def join_shots(scenes: Sequence[Scene], seed: int) -> tuple[Scene, ...]:
    """The scenes with a few of their cuts made L cuts, J cuts and match cuts, never two in a row. Deterministic in its arguments."""
    shots = [(number, index) for number, scene in enumerate(scenes) for index, _ in enumerate(scene.shots)]
    by_kind: dict[str, list[tuple[int, _Change]]] = {}
    for place, (number, index) in enumerate(shots):
        pair = scenes[number].shots[max(0, index - 1) : index + 1]
        for change in _changes(*pair) if len(pair) == 2 and pair[1].transition == "cut" else ():
            by_kind.setdefault(str(*change.values()), []).append((place, change))
    chosen = _choose(by_kind, (len(shots) - 1) // _SELDOM, Random(f"{seed}/joins"))
    places = {shots[place]: change for place, change in chosen.items()}
    return tuple(
        scene.model_copy(
            update={"shots": tuple(shot.model_copy(update=places.get((at, index), {})) for index, shot in enumerate(scene.shots))}
        )
        for at, scene in enumerate(scenes)
    )


def _choose(by_kind: dict[str, list[tuple[int, _Change]]], most: int, rng: Random) -> dict[int, _Change]:
    """One of every kind in turn, as long as any is left that is no neighbour of another."""
    chosen: dict[int, _Change] = {}
    kinds = sorted(by_kind)
    rng.shuffle(kinds)
    left = {kind: rng.sample(by_kind[kind], len(by_kind[kind])) for kind in kinds}
    while any(left.values()):
        for kind in kinds:
            free = [join for join in left[kind] if not {join[0] - 1, join[0], join[0] + 1} & chosen.keys()]
            left[kind] = free[1:]
            if free and len(chosen) < most:
                chosen[free[0][0]] = free[0][1]
    return chosen


def _changes(before: Shot, shot: Shot) -> Iterator[_Change]:
    """What the cut between two shots could be."""
    if before.lines and _long_enough(before.lines[-1].text) and before.lines[-1].speaker != NARRATOR:
        last_line = before.lines[-1]
        if last_line.emotion in _STRONG and shot.size in _NEAR and last_line.speaker not in shot.focus:
            yield {"sound": "l_cut"}
        answered = shot.lines and shot.lines[0].speaker not in (NARRATOR, last_line.speaker, *before.focus)
        if answered and last_line.text.endswith("?") and _long_enough(shot.lines[0].text):
            yield {"sound": "j_cut"}
    spoken = before.lines and shot.lines and shot.lines[0].speaker != NARRATOR
    same = before.focus[:1] == shot.focus[:1] and before.size != shot.size
    if spoken and same and shot.size in (*_NEAR, "full") and shot.camera in _STILL:
        yield {"transition": "match_cut"}


def _long_enough(text: str) -> bool:
    return len(text.split()) >= _WORDS
