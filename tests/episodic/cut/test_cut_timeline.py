"""`lay_out` places shots, transitions and scenes on the timeline of the film."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from episodic.cut.timeline import (
    SceneCut,
    Segment,
    Timeline,
    dissolve_frames,
    keyframes_for,
    lay_out,
    sample_at,
)
from planners.plan.vocabulary import Transition

TRANSITIONS: tuple[Transition, ...] = ("cut", "dissolve", "fade")


@st.composite
def films(draw: st.DrawFn) -> Timeline:
    shapes = draw(
        st.lists(
            st.tuples(st.integers(1, 60), st.sampled_from(TRANSITIONS), st.integers(0, 40), st.booleans()),
            min_size=1,
            max_size=14,
        )
    )
    scenes: list[list[Segment]] = []
    for number, (frames, how, length, opens) in enumerate(shapes):
        shot = Segment(id=f"s{number}", path=Path("x"), frames=frames, transition=how, transition_frames=length)
        if opens or not scenes:
            scenes.append([])
        scenes[-1].append(shot)
    cuts = [SceneCut(id=str(i), title=str(i), shots=tuple(shots)) for i, shots in enumerate(scenes)]
    return lay_out(cuts, draw(st.sampled_from([12, 24, 25, 30, 50, 60])), closing_fade=draw(st.integers(0, 30)))


@settings(derandomize=True, database=None)
@given(films())
def test_spans_cover_every_film_frame_exactly_once(film: Timeline) -> None:
    assert film.spans[0].start == 0
    assert all(a.start + a.frames == b.start for a, b in pairwise(film.spans))
    assert film.spans[-1].start + film.spans[-1].frames == film.frames
    assert all(span.frames > 0 for span in film.spans)


@settings(derandomize=True, database=None)
@given(films())
def test_every_frame_of_every_shot_is_shown_once_at_its_position(film: Timeline) -> None:
    shown: dict[tuple[int, int], int] = {}
    for span in film.spans:
        for offset in range(span.frames):
            assert (span.shot, span.first + offset) not in shown
            shown[span.shot, span.first + offset] = span.start + offset
            if span.kind == "dissolve":
                assert (span.under, span.under_first + offset) not in shown
                shown[span.under, span.under_first + offset] = span.start + offset
    expected = {(n, f): shot.start + f for n, shot in enumerate(film.shots) for f in range(shot.segment.frames)}
    assert shown == expected


@settings(derandomize=True, database=None)
@given(films())
def test_only_dissolves_shorten_the_film(film: Timeline) -> None:
    shared = sum(span.frames for span in film.spans if span.kind == "dissolve")
    assert film.frames == sum(shot.segment.frames for shot in film.shots) - shared


@settings(derandomize=True, database=None)
@given(films())
def test_consecutive_scenes_share_nothing_but_a_dissolve(film: Timeline) -> None:
    assert film.scenes[0].start == 0
    assert film.scenes[-1].end == film.frames
    for before, after in pairwise(film.scenes):
        assert before.end - after.start == after.overlap >= 0
        assert before.start < after.start
    assert sum(sample_at(s.end, film.fps) - sample_at(s.start, film.fps) for s in film.scenes) - film.samples == sum(
        sample_at(a.end, film.fps) - sample_at(b.start, film.fps) for a, b in pairwise(film.scenes)
    )


@settings(derandomize=True, database=None)
@given(films())
def test_forced_keyframes_bound_the_copied_part_of_a_shot(film: Timeline) -> None:
    segments = [shot.segment for shot in film.shots]
    for number, shot in enumerate(film.shots[:-1]):
        keys = keyframes_for(segments[number], segments[number + 1], previous=segments[number - 1] if number else None)
        assert keys == {shot.head, shot.segment.frames - shot.tail} - {0, shot.segment.frames}


@settings(derandomize=True, database=None)
@given(st.integers(0, 10**6), st.integers(1, 240))
def test_a_frame_begins_at_the_nearest_sample(frame: int, fps: int) -> None:
    assert abs(sample_at(frame, fps) - Fraction(frame * 48_000, fps)) <= Fraction(1, 2)


def shot(name: str, frames: int, transition: Transition = "cut", length: int = 12) -> Segment:
    return Segment(id=name, path=Path(name), frames=frames, transition=transition, transition_frames=length)


def test_a_transition_never_takes_more_than_half_of_either_shot() -> None:
    film = lay_out([SceneCut(id="s", title="", shots=(shot("a", 10), shot("b", 100, "dissolve")))], 24)
    assert film.frames == 105
    assert [span.kind for span in film.spans] == ["copy", "dissolve", "copy"]
    assert film.spans[1].frames == 5


def test_a_shot_of_one_frame_is_always_joined_by_a_cut() -> None:
    film = lay_out([SceneCut(id="s", title="", shots=(shot("a", 10), shot("b", 1, "dissolve"), shot("c", 1, "fade")))], 24)
    assert [span.kind for span in film.spans] == ["copy", "copy", "copy"]


def test_a_fade_divides_its_frames_between_both_shots_and_opens_the_film_from_black() -> None:
    film = lay_out([SceneCut(id="s", title="", shots=(shot("a", 48, "fade"), shot("b", 48, "fade", 13)))], 24)
    assert [(span.kind, span.frames) for span in film.spans] == [
        ("fade_in", 12),
        ("copy", 30),
        ("fade_out", 6),
        ("fade_in", 7),
        ("copy", 41),
    ]
    assert film.frames == 96


def test_a_dissolve_lasts_half_a_second() -> None:
    assert [dissolve_frames(fps) for fps in (1, 12, 24, 25, 60)] == [1, 6, 12, 13, 30]


def test_duplicate_ids_and_empty_scenes_are_refused() -> None:
    with pytest.raises(ValueError, match=r"twice: \['a'\]"):
        lay_out([SceneCut(id="s", title="", shots=(shot("a", 4), shot("a", 4)))], 24)
    with pytest.raises(ValueError, match="without shots"):
        lay_out([SceneCut(id="s", title="", shots=())], 24)
